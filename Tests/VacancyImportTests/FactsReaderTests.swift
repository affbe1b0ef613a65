// Headcount, meals and beds, shifts, forms of work, ages, codes, regions.

import JobFair
import Testing

@testable import VacancyImport

@Suite struct FactsReaderTests {
    @Test(arguments: [
        ("20", HeadcountReading.count(20)), ("20人", .count(20)), ("２０名", .count(20)), ("20.0", .count(20)),
        ("1,200", .count(1200)),
        ("约20人", .count(20)), ("20人左右", .count(20)), ("20+", .count(20)), ("20余人", .count(20)), ("二十人", .count(20)),
        ("十人", .count(10)),
        ("1", .count(1)), ("2+3", .count(5)), ("5-8人", .lowerBound(5)), ("5～8", .lowerBound(5)),
        ("8至10", .lowerBound(8)),
        ("男5女3", .sum(8)), ("女2人，男1人", .sum(3)), ("男女不限20人", .count(20)), ("若干", .open), ("若干名", .open), ("不限", .open),
        ("多名", .open), ("", .open), ("-", .open), ("长期招聘", .open), ("大量", .open), ("男女不限", .open), ("0", .zero),
        ("0人", .zero), ("零", .invalid),
        ("-3", .invalid), ("2.5", .invalid), ("十几个", .invalid), ("见附件", .invalid), ("各2名", .invalid),
        ("2026-05-08", .invalid),
        ("100001", .tooLarge), ("99999999999999999999", .tooLarge), ("100000", .count(100_000)),
    ])
    func headcounts(_ text: String, _ reading: HeadcountReading) { #expect(HeadcountReader.read(text) == reading) }

    @Test(
        arguments: [
            ("包吃包住", "", true, true), ("包吃住", "", true, true), ("提供食宿", "", true, true), ("管吃管住", "", true, true),
            ("免费食宿", "", true, true),
            ("不包吃住", "", false, false), ("食宿自理", "", false, false), ("不提供食宿", "", false, false), ("包住", "", nil, true),
            ("包住不包吃", "", false, true),
            ("不包住，包中餐", "", true, false), ("餐补15元/天，包住", "", false, true), ("提供住宿和工作餐", "", true, true),
            ("包三餐", "", true, nil),
            ("免费住宿", "", nil, true), ("房补200", "", nil, false), ("有夫妻房", "", nil, true), ("是", "是否包吃住", true, true),
            ("√", "食宿", true, true),
            ("否", "是否包吃住", false, false), ("有", "住宿", nil, true), ("不包", "包吃", false, nil), ("包", "食宿情况", true, true),
            ("", "食宿", nil, nil),
            ("面议", "食宿", nil, nil), ("无", "食宿", false, false), ("包 吃 包 住", "", true, true), ("自理", "食宿", false, false),
        ] as [(String, String, Bool?, Bool?)])
    func boardAndLodging(_ text: String, _ title: String, _ board: Bool?, _ lodging: Bool?) {
        let facts = FactsReader.boardAndLodging(text, columnTitle: title)
        #expect(facts.offersBoard == board)
        #expect(facts.offersLodging == lodging)
    }

    @Test(
        arguments: [
            ("两班倒", true), ("三班倒，每班8小时", true), ("22:00-次日6:00", true), ("18:00-次日2:00", true), ("20:00-8:00", true),
            ("需上夜班", true),
            ("24小时轮班", true), ("长白班", false), ("不上夜班", false), ("白班8小时", false), ("8:00-17:30", false),
            ("8：00—17：30", false),
            ("无夜班，月休4天", false), ("每天8小时", nil), ("", nil), ("早晚班轮换", nil), ("3:00-7:00", true),
        ] as [(String, Bool?)])
    func nightShifts(_ hours: String, _ expected: Bool?) { #expect(FactsReader.nightShifts(hours: hours) == expected) }

    @Test func nightShiftsInTitle() {
        #expect(FactsReader.nightShifts(hours: "", title: "夜班保安") == true)
        #expect(FactsReader.nightShifts(hours: "", title: "操作工", requirements: "能适应两班倒") == true)
        #expect(FactsReader.nightShifts(hours: "长白班", requirements: "能适应两班倒") == false)
    }

    @Test(
        arguments: [
            ("全职", .form(.fullTime)), ("全日制", .form(.fullTime)), ("长期工", .form(.fullTime)), ("劳动合同", .form(.fullTime)),
            ("短期工", .form(.shortTerm)), ("寒假工", .form(.shortTerm)), ("季节性用工", .form(.shortTerm)),
            ("日结", .form(.byTheDay)), ("零工", .form(.byTheDay)),
            ("兼职", .form(.byTheDay)), ("劳务派遣", .open), ("不限", .open), ("", .open), ("看情况", .unknown),
        ] as [(String, FactsReader.WorkFormReading)])
    func workForms(_ text: String, _ reading: FactsReader.WorkFormReading) {
        #expect(FactsReader.workForm(text) == reading)
    }

    @Test(
        arguments: [
            ("18-45岁", 18), ("18一45周岁", 18), ("年满18周岁", 18), ("18岁以上", 18), ("16-45岁", 16), ("45岁以下", nil), ("不限", nil),
            ("20至50", 20),
            ("月休4天，18～55周岁", 18), ("工作10-12小时", nil), ("8人一间", nil),
        ] as [(String, Int?)])
    func lowestAges(_ text: String, _ age: Int?) { #expect(FactsReader.lowestAge(text) == age) }

    @Test func creditCodes() throws {
        #expect(try CreditCodeReader.read(" 91990121ma9006010y ") == "91990121MA9006010Y")
        #expect(try CreditCodeReader.read("９１９９０１２１MA9006010Y") == "91990121MA9006010Y")
        #expect(throws: CreditCodeReader.Failure.floatingPoint) {
            try CreditCodeReader.read("913301001234567890", isNumber: true)
        }
        #expect(throws: CreditCodeReader.Failure.floatingPoint) { try CreditCodeReader.read("9.133E+17") }
        #expect(throws: CreditCodeReader.Failure.check) { try CreditCodeReader.read("91990121MA9006010Z") }
    }

    @Test(arguments: ["9.1330100E+17", "1.38E+10", "9.13301E17", "１．３８Ｅ＋１０", "1E+05"])
    func lostDigitsAreSeen(_ text: String) { #expect(LostDigits.isFloatingPoint(text)) }

    @Test(arguments: ["91990121MA9006010Y", "E12", "1E5", "A1E5", "", "13800000000", "2E座"])
    func otherTextsLoseNothing(_ text: String) { #expect(!LostDigits.isFloatingPoint(text)) }

    // MARK: - Regions

    static let regions = RegionFinder([
        Region(code: "330000", name: "浙江省"), Region(code: "331000", name: "台州市"), Region(code: "331003", name: "黄岩区"),
        Region(code: "331021", name: "玉环市"), Region(code: "330300", name: "温州市"), Region(code: "320000", name: "江苏省"),
        Region(code: "320100", name: "南京市"), Region(code: "320106", name: "鼓楼区"), Region(code: "320300", name: "徐州市"),
        Region(code: "320302", name: "鼓楼区"), Region(code: "430000", name: "湖南省"), Region(code: "430100", name: "长沙市"),
        Region(code: "430121", name: "长沙县"), Region(code: "650000", name: "新疆维吾尔自治区"),
        Region(code: "650100", name: "乌鲁木齐市"),
        Region(code: "650121", name: "乌鲁木齐县"), Region(code: "130102", name: "和平区"),
    ])

    @Test(arguments: [
        ("浙江省台州市黄岩区东城街道", "331003"), ("台州黄岩", "331003"), ("黄岩区模具城", "331003"), ("黄岩模具城", "331003"), ("玉环", "331021"),
        ("浙江", "330000"),
        ("南京市鼓楼区", "320106"), ("徐州鼓楼区", "320302"), ("鼓楼区", ""), ("湖南省长沙", "430100"), ("长沙县星沙", "430121"),
        ("新疆乌鲁木齐", "650100"),
        ("新城路和平大厦", ""), ("本地", ""), ("", ""), ("浙江省　温州市", "330300"),
    ])
    func regionsOfPlaces(_ place: String, _ code: String) { #expect(Self.regions.code(ofPlace: place) == code) }

    // MARK: - Within a row

    @Test func benefitsGiveMealsBedsAndInsurance() throws {
        let row = try VacancyReaderTests.row(["福利待遇": "五险一金、包吃住、年终奖；带薪年假"]).rows[0]
        #expect(row.vacancy.insurance == "五险一金")
        #expect(row.vacancy.boardAndLodging == "包吃住")
        #expect(row.vacancy.offersBoard == true && row.vacancy.offersLodging == true)
        #expect(row.posting[.remarks] == "五险一金、包吃住、年终奖；带薪年假")
    }

    @Test func bareAnswersAreSpelledOut() throws {
        let vacancy = try VacancyReaderTests.row(["是否包吃": "是", "是否包住": "否", "是否缴纳五险一金": "√"]).rows[0].vacancy
        #expect(vacancy.boardAndLodging == "包吃，不包住")
        #expect(vacancy.insurance == "五险一金")
    }

    /// What may not be shown still reaches the lint.
    @Test func sexIsForTheLintAlone() throws {
        let row = try VacancyReaderTests.row(["性别": "男", "年龄": "18-45", "学历": "初中", "岗位要求": "能吃苦", "工作经验": "不限"]).rows[
            0]
        #expect(row.posting[.sex] == "男")
        #expect(row.posting[.age] == "18-45")
        #expect(row.vacancy.requirements == "学历：初中；年龄：18-45；能吃苦")
        #expect(row.vacancy.isNotUnder18)
    }

    @Test func occupationComesFromTheClosure() throws {
        let reader = VacancyReader(occupation: { $0.contains("焊") ? .welder : $0 == "缝纫" ? .sewing : nil })
        let text = "单位名称,岗位名称,工种\n甲厂,氩弧焊工,\n甲厂,车位,缝纫\n甲厂,其他,\n"
        #expect(try reader.read(Array(text.utf8)).rows.map(\.vacancy.occupation) == [.welder, .sewing, nil])
    }

    @Test(arguments: [
        ("19900000001", "19900000001"), ("199 0000 0001", "19900000001"), ("王经理 19900000001（微信同号）", "19900000001"),
        ("0571-88000001", "057188000001"),
        ("19900000001/19900000002", "19900000001"), ("'19900000001", "19900000001"),
    ])
    func phones(_ text: String, _ number: String) throws {
        #expect(try VacancyReaderTests.row(["联系电话": text]).rows[0].employer.phone == number)
    }

    @Test func namesBrokenToFitAreJoined() throws {
        let row = try VacancyReaderTests.row(["单位名称": "青禾县恒达机械制造\n有限公司", "岗位名称": " CNC\n操作工 ", "岗位要求": "能吃苦\n会开车"])
            .rows[0]
        #expect(row.employer.name == "青禾县恒达机械制造有限公司")
        #expect(row.vacancy.title == "CNC 操作工")
        #expect(row.vacancy.requirements == "能吃苦\n会开车")
    }
}
