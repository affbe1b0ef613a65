// What phones post, as tables.

import JobFair
import Testing

@testable import HeadquartersCore

@Suite struct IntentFieldsTests {
    @Test(arguments: [
        ("5678", "5678"), (" 56 78 ", "5678"), ("５６７８", "5678"), ("123x", "123X"), ("123Ｘ", "123X"), ("123Ⅹ", "123X"),
        ("12-34", "1234"), ("0000", "0000"),
    ])
    func digitsAreReadAsTheyAreTyped(_ typed: String, _ digits: String) {
        #expect(IntentDigits.read(typed) == digits)
    }

    @Test(arguments: ["", "567", "56789", "X567", "56X8", "5678x", "abcd", "五六七八", "٥٦٧٨", "567\u{0}", "-----"])
    func otherDigitsAreRefused(_ typed: String) {
        #expect(IntentDigits.read(typed) == nil)
    }

    @Test(arguments: [("7", "AB0237"), ("７", "ａｂ０２３７"), (" 0007 ", "ab 0237"), ("7", "AB-0237")])
    func handTypedNumbersAreRead(_ fair: String, _ ticket: String) {
        let number = IntentHandNumber(fair: fair, ticket: ticket)
        #expect(number?.fairKeyNumber == 7)
        #expect(number?.ticket.description == "AB0237")
    }

    @Test(arguments: [
        ("", "AB0237"), ("0", "AB0237"), ("16777216", "AB0237"), ("-1", "IO0237"), ("7", ""), ("7", "AB0000"),
        ("7", "AI0237"),
        ("7", "AB237"), ("七", "AB0237"), ("999999999", "AB0237"),
    ])
    func otherNumbersAreRefused(_ fair: String, _ ticket: String) {
        #expect(IntentHandNumber(fair: fair, ticket: ticket) == nil)
    }

    @Test func fieldsKeepTheirOrderAndRepeat() throws {
        let fields = try #require(IntentFields("a=1&b=%E5%BC%A0+x&a=2&c&d=".utf8))
        #expect(fields.all("a") == ["1", "2"])
        #expect(fields.first("b") == "张 x")
        #expect(fields.first("c") == nil && fields.first("d") == nil && fields.first("e") == nil)
    }

    @Test(arguments: ["a=%", "a=%4", "a=%GG", "a=%FF", "%C0%80=1"])
    func brokenBodiesAreRefused(_ body: String) {
        #expect(IntentFields(body.utf8) == nil)
    }

    @Test func limitsHold() {
        let most = String(repeating: "a=1&", count: IntentFields.fieldsMax)
        #expect(IntentFields(most.utf8) != nil)
        #expect(IntentFields((most + "a=1").utf8) == nil)
        let longest = String(repeating: "x", count: IntentFields.valueBytesMax)
        #expect(IntentFields("a=\(longest)".utf8) != nil)
        #expect(IntentFields("a=\(longest)x".utf8) == nil)
    }

    static let one = "01234567-89ab-7def-8123-456789abcdef"
    static let two = "11234567-89ab-7def-8123-456789abcdef"

    @Test(arguments: [
        ("digits=5678", false, [IntentProblem.noVacancyChosen]),
        ("vacancy=\(one)", false, [.digitsMissing]),
        ("", false, [.noVacancyChosen, .digitsMissing]),
        ("", true, [.noVacancyChosen, .digitsMissing, .nameMissing]),
        ("vacancy=\(one)&digits=12&name=!", true, [.digitsInvalid, .nameInvalid]),
        ("vacancy=nonsense&digits=1234", false, [.unreadable]),
    ])
    func allProblemsAreSaidAtOnce(_ body: String, _ isNameOpen: Bool, _ problems: [IntentProblem]) throws {
        let fields = try #require(IntentFields(body.utf8))
        let result = IntentSubmission.read(fields, isNameOpen: isNameOpen) { try? NameRules.check($0).get() }
        #expect(result == .failure(IntentProblems(problems)))
    }

    @Test func aGoodPostIsReadWithoutRepeats() throws {
        let post = String(repeating: "0f", count: 16)
        let body =
            "vacancy=\(Self.two)&vacancy=\(Self.one)&vacancy=\(Self.two)&withhold=\(Self.one)"
            + "&digits=5678&post=\(post)&name=x"
        let fields = try #require(IntentFields(body.utf8))
        let submission = try IntentSubmission.read(fields, isNameOpen: false) { _ in nil }.get()
        #expect(submission.vacancies.map(\.description) == [Self.two, Self.one])
        #expect(submission.withheld.map(\.description) == [Self.one])
        #expect(submission.digits == "5678" && submission.name == nil && submission.postID == post)
    }
}

@Suite struct IntentCalendarTests {
    @Test(arguments: [
        (Int64(0), "1970-01-01", "08:00"), (57_599_000, "1970-01-01", "23:59"), (57_600_000, "1970-01-02", "00:00"),
        (1_769_911_200_000, "2026-02-01", "10:00"), (1_709_164_800_000, "2024-02-29", "08:00"),
        (4_102_444_799_000, "2100-01-01", "07:59"),
    ])
    func beijingIsEightHoursAhead(_ milliseconds: Int64, _ day: String, _ clock: String) {
        let time = BeijingTime(milliseconds: milliseconds)
        #expect(time?.day.description == day)
        #expect(time?.clock == clock)
    }

    @Test func timesBefore1970AndAfter9999AreNone() {
        #expect(BeijingTime(milliseconds: -1) == nil)
        #expect(BeijingTime(milliseconds: .max) == nil)
        #expect(UTCText.text(milliseconds: -1) == nil)
    }

    @Test func dayNumbersRoundTrip() {
        for days in stride(from: 0, through: 2_932_896, by: 311) {
            #expect(CalendarDate(daysSince1970: days)?.daysSince1970 == days)
        }
    }

    @Test func utcTextHasMilliseconds() {
        #expect(UTCText.text(milliseconds: 1_769_911_200_007) == "2026-02-01T02:00:00.007Z")
    }

    @Test(arguments: [
        ("2026-01-20", true), ("2026-02-01", true), ("2026-02-02", true), ("2026-02-09", true), ("2026-02-10", false),
        ("2027-01-01", false),
    ])
    func aFormIsOpenSomeDaysAfterTheLastDay(_ today: String, _ isOpen: Bool) throws {
        let days = try ["2026-02-02", "2026-02-01"].map { try #require(CalendarDate($0)) }
        let today = try #require(CalendarDate(today))
        #expect(IntentPeriod.isOpen(fairDays: days, openDaysAfter: 7, today: today) == isOpen)
    }
}
