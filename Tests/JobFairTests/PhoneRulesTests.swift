// Phones as people write them.

import JobFair
import Testing

@Suite struct PhoneRulesTests {
    @Test(arguments: [
        ("15400000001", "15400000001", PhoneNumber.Kind.mobile),
        ("13000000000", "13000000000", .mobile),
        ("19900000000", "19900000000", .mobile),
        ("154 0000 0001", "15400000001", .mobile),
        ("154-0000-0001", "15400000001", .mobile),
        ("154－0000－0001", "15400000001", .mobile),
        ("+8615400000001", "15400000001", .mobile),
        ("+86 154 0000 0001", "15400000001", .mobile),
        ("＋８６１５４００００００００１".replacing("００００００００", with: "０００００００"), "15400000001", .mobile),
        ("008615400000001", "15400000001", .mobile),
        ("0086-154-0000-0001", "15400000001", .mobile),
        ("8615400000001", "15400000001", .mobile),
        ("(+86)15400000001", "15400000001", .mobile),
        ("１５４０００００００１", "15400000001", .mobile),
        ("154OOOOOOO1", "15400000001", .mobile),
        ("\u{202D}15400000001\u{202C}", "15400000001", .mobile),
        ("14000000001", "14000000001", .machine),
        ("14900000001", "14900000001", .machine),
        ("1064800000001", "1064800000001", .machine),
        ("1440000000001", "1440000000001", .machine),
        ("010-12345678", "01012345678", .landline),
        ("0571-1234567", "05711234567", .landline),
        ("0571 12345678", "057112345678", .landline),
        ("（010）12345678", "01012345678", .landline),
        ("0201234567", "0201234567", .landline),
    ])
    func accepted(typed: String, number: String, kind: PhoneNumber.Kind) throws {
        let phone = try PhoneRules.check(typed).get()
        #expect(phone.number == number)
        #expect(phone.kind == kind)
    }

    @Test(arguments: [
        ("", ProblemCode.phoneInvalid),
        ("1", .phoneInvalid),
        ("1540000000", .phoneInvalid),
        ("154000000012", .phoneInvalid),
        ("12000000001", .phoneInvalid),
        ("11000000001", .phoneInvalid),
        ("25400000001", .phoneInvalid),
        ("1540000000a", .phoneInvalid),
        ("15400000001/15400000002", .phoneInvalid),
        ("+85291234567", .phoneInvalid),
        ("+1 202 555 0100", .phoneInvalid),
        ("12345678", .phoneInvalid),
        ("010-123456", .phoneInvalid),
        ("00112345678", .phoneInvalid),
        ("0571123456789", .phoneInvalid),
        ("1.54E+10", .phoneInvalid),
        ("١٥٤٠٠٠٠٠٠٠١", .phoneInvalid),
        ("微信同号", .phoneInvalid),
        (String(repeating: "1", count: 41), .phoneTooLong),
    ])
    func refused(typed: String, problem: ProblemCode) {
        #expect(throws: problem) { try PhoneRules.check(typed).get() }
    }
}
