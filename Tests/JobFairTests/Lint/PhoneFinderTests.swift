// Numbers in free text, as people hide and space them.

import JobFair
import Testing

@Suite struct PhoneFinderTests {
    @Test(arguments: [
        ("打13000000001张经理", FoundPhone.Kind.mobile, "13000000001", "13000000001"),
        ("130 0000 0002", .mobile, "13000000002", "130 0000 0002"),
        ("1 3 0 0 0 0 0 0 0 0 2", .mobile, "13000000002", "1 3 0 0 0 0 0 0 0 0 2"),
        ("130-0000-0003", .mobile, "13000000003", "130-0000-0003"),
        ("130.0000.0003", .mobile, "13000000003", "130.0000.0003"),
        ("１３０－００００－０００５", .mobile, "13000000005", "１３０－００００－０００５"),
        ("+86 13000000006", .mobile, "13000000006", "86 13000000006"),
        ("打一三零零零零零零零零三", .mobile, "13000000003", "一三零零零零零零零零三"),
        ("壹叁零零零零零零零壹叁", .mobile, "13000000013", "壹叁零零零零零零零壹叁"),
        ("130零零零零0004", .mobile, "13000000004", "130零零零零0004"),
        ("工资5000 13000000007", .mobile, "13000000007", "13000000007"),
        ("电话：0571-88000001", .landline, "057188000001", "0571-88000001"),
        ("(010)88000001", .landline, "01088000001", "010)88000001"),
        ("023-6262 0001", .landline, "02362620001", "023-6262 0001"),
        ("电话：62000001", .landline, "62000001", "62000001"),
        ("热线400-000-0001", .service, "4000000001", "400-000-0001"),
        ("微信：jobfair_2026", .weChat, "JOBFAIR_2026", "jobfair_2026"),
        ("加v：abc_138hr", .weChat, "ABC_138HR", "abc_138hr"),
        ("vx hr000001", .weChat, "HR000001", "hr000001"),
        ("扣扣1000000001", .qq, "1000000001", "1000000001"),
        ("QQ：100001", .qq, "100001", "100001"),
    ])
    func found(text: String, kind: FoundPhone.Kind, number: String, quote: String) throws {
        let phones = PhoneFinder.phones(in: text)
        let phone = try #require(phones.first)
        #expect(phones.count == 1)
        #expect(phone.kind == kind)
        #expect(phone.number == number)
        #expect(String(Array(text)[phone.range]) == quote)
    }

    @Test(arguments: [
        "", "月薪5000-7000元", "6000一9000", "13000一18000", "10000-15000", "2026-11-21 09:00", "订单202611210001234567",
        "91330000MA27U0000X", "ISO9001、OHSAS18001", "熟悉微信小程序开发", "微信JavaScript开发", "会QQ和微信", "62000001", "wxPython",
        "99900019900101000X",
    ])
    func notFound(text: String) {
        #expect(PhoneFinder.phones(in: text).isEmpty)
    }

    @Test func several() {
        let phones = PhoneFinder.phones(in: "13000000001/13000000002，微信13000000003，0571-88000001")
        #expect(phones.map(\.number) == ["13000000001", "13000000002", "13000000003", "057188000001"])
    }

    @Test func masks() {
        #expect(PhoneFinder.masked("找张经理130-0000-0001，包住") == "找张经理***-****-****，包住")
        #expect(PhoneFinder.masked("打一三零零零零零零零零三") == "打***********")
        #expect(PhoneFinder.masked("微信：jobfair_2026") == "微信：*******_****")
        #expect(PhoneFinder.masked("月薪5000-7000元") == "月薪5000-7000元")
    }
}
