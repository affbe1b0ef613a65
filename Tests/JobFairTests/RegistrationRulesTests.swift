// A registration as a whole: all problems at once, ages at their boundaries, consents.

import JobFair
import Testing

private func form(_ change: (inout RegistrationForm) -> Void = { _ in }) -> RegistrationForm {
    var form = RegistrationForm(
        documentNumber: "000001199001010014", name: "张三", phone: "15400000001", noticeVersion: "n1")
    change(&form)
    return form
}

private func result(
    _ form: RegistrationForm, on day: String = "2027-02-08"
) throws -> Result<Registration, RegistrationProblems> {
    RegistrationRules.check(
        form, on: try #require(CalendarDate(day)), noticeVersion: "n1", keyGroupCodes: ["graduate", "woman"])
}

private func problems(_ form: RegistrationForm, on day: String = "2027-02-08") throws -> [String] {
    guard case .failure(let failure) = try result(form, on: day) else { return [] }
    return failure.problems.map { "\($0.field) \($0.code)" }
}

@Suite struct RegistrationRulesTests {
    @Test func aPlainRegistrationPasses() throws {
        let registration = try result(form()).get()
        #expect(registration.document?.number == "000001199001010014")
        #expect(registration.name?.normalised == "张三")
        #expect(registration.birthDate == CalendarDate("1990-01-01"))
        #expect(registration.ageBand == .adult)
        #expect(registration.language == "zh-Hans")
        #expect(registration.slipDigits == "0001")
    }

    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var expected: [String]
        var change: @Sendable (inout RegistrationForm) -> Void

        init(_ name: String, _ expected: [String], _ change: @escaping @Sendable (inout RegistrationForm) -> Void) {
            (testDescription, self.expected, self.change) = (name, expected, change)
        }
    }

    @Test(arguments: personCases + consentCases + otherCases)
    func problemsOf(_ row: Case) throws {
        #expect(try problems(form(row.change)) == row.expected)
    }

    static let personCases = [
        Case("name left open", []) { $0.name = nil },
        Case("blank name is left open", []) { $0.name = " \u{3000}" },
        Case("phone only", []) { $0.documentNumber = nil },
        Case("document only", []) { $0.phone = nil },
        Case("document and no phone", []) { ($0.phone, $0.hasNoPhone) = (nil, true) },
        Case("no phone, somebody else's", []) {
            ($0.phone, $0.hasNoPhone, $0.contactPhone) = (nil, true, "0571-1234567")
        },
        Case("no document, only somebody else's phone", []) {
            ($0.documentNumber, $0.phone, $0.hasNoPhone, $0.contactPhone) = (nil, nil, true, "0571-1234567")
        },
        Case("neither document nor phone", ["document.number seeker.documentOrPhone"]) {
            ($0.documentNumber, $0.phone) = (nil, " ")
        },
        Case("no document, no phone said", ["document.number seeker.documentOrPhone"]) {
            ($0.documentNumber, $0.phone, $0.hasNoPhone) = ("", nil, true)
        },
        Case("a wrong phone is a phone", ["phone phone.invalid"]) { ($0.documentNumber, $0.phone) = (nil, "123") },
        Case("a wrong document is a document", ["document.number document.length"]) {
            ($0.documentNumber, $0.phone) = ("1", nil)
        },
        Case("no phone, and one given", ["phone phone.givenAndDenied"]) { $0.hasNoPhone = true },
        Case("wrong contact phone", ["contactPhone phone.invalid"]) { $0.contactPhone = "x" },
        Case("kind unknown", ["document.kind document.kindUnknown"]) { $0.documentKind = "driving" },
        Case("blank kind lets the number decide", []) { $0.documentKind = "" },
        Case("kind and number differ", ["document.number document.kindMismatch"]) {
            $0.documentKind = "residencePermit"
        },
        Case("birth date said twice alike", []) { $0.birthDate = "1990-01-01" },
        Case("birth date in full width", []) { $0.birthDate = "１９９０－０１－０１" },
        Case("birth date contradicts", ["birthDate birthDate.contradictsDocument"]) { $0.birthDate = "1990-01-02" },
        Case("birth date no date", ["birthDate birthDate.invalid"]) { $0.birthDate = "1990-02-30" },
        Case("birth date in words", ["birthDate birthDate.invalid"]) { $0.birthDate = "昨天" },
        Case("birth date ahead", ["birthDate birthDate.inFuture"]) { $0.birthDate = "2027-02-09" },
        Case("birth date too early", ["birthDate birthDate.tooEarly"]) {
            ($0.documentNumber, $0.birthDate) = ("E12345678", "1890-01-01")
        },
        Case("passport with birth date", []) { ($0.documentNumber, $0.birthDate) = ("E12345678", "1990-01-01") },
    ]

    static let consentCases = [
        Case("notice not confirmed", ["noticeVersion notice.notConfirmed"]) { $0.noticeVersion = nil },
        Case("blank notice", ["noticeVersion notice.notConfirmed"]) { $0.noticeVersion = "" },
        Case("notice of yesterday", ["noticeVersion notice.outdated"]) { $0.noticeVersion = "n0" },
        Case("key groups with consent", []) { ($0.keyGroups, $0.keyGroupConsent) = (["woman", "woman"], true) },
        Case("consent without groups", []) { $0.keyGroupConsent = true },
        Case("refusing consent blocks nothing", []) { ($0.keyGroups, $0.keyGroupConsent) = ([], false) },
        Case("key groups without consent", ["keyGroupConsent keyGroups.consentMissing"]) { $0.keyGroups = ["woman"] },
        Case("unknown key group", ["keyGroups keyGroups.unknown"]) {
            ($0.keyGroups, $0.keyGroupConsent) = (["woman", "astronaut"], true)
        },
        Case("too many key groups", ["keyGroups keyGroups.tooMany"]) {
            ($0.keyGroups, $0.keyGroupConsent) = (Array(repeating: "woman", count: 17), true)
        },
    ]

    static let otherCases = [
        Case("proxy", []) { ($0.proxyName, $0.proxyRelation, $0.proxyPhone) = ("李四", "父亲", "15400000002") },
        Case("proxy by name only", []) { $0.proxyName = "李四" },
        Case("proxy without a name", ["proxy.name proxy.nameMissing"]) { $0.proxyRelation = "父亲" },
        Case(
            "proxy all wrong",
            [
                "proxy.name name.withoutLetter", "proxy.relation proxy.relationInvalid", "proxy.phone phone.invalid",
            ]
        ) { ($0.proxyName, $0.proxyRelation, $0.proxyPhone) = ("1", String(repeating: "父", count: 21), "1") },
        Case("wishes", []) { $0.wishes = Wishes(occupations: ["焊工", "电工", "普工"], lowestPayYuanMonth: 5000) },
        Case("too many wishes", ["wishes.occupations wishes.tooMany", "wishes.places wishes.tooMany"]) {
            let four = ["1", "2", "3", "4"]
            $0.wishes = Wishes(occupations: four, places: four)
        },
        Case("wish too long", ["wishes.occupations wishes.text"]) {
            $0.wishes.occupations = [String(repeating: "焊", count: 31)]
        },
        Case("invisible wish", ["wishes.places wishes.text"]) { $0.wishes.places = ["\u{202E}杭州"] },
        Case("blank wish", ["wishes.places wishes.text"]) { $0.wishes.places = ["  "] },
        Case("every wish", []) {
            $0.wishes = Wishes(
                home: "990121", workForms: [.byTheDay], board: true, nightShifts: false, skills: ["叉车证"], travel: true)
        },
        Case("a home turned round", ["wishes.home wishes.text"]) { $0.wishes.home = "青\u{202E}禾" },
        Case("four skills", ["wishes.skills wishes.tooMany"]) { $0.wishes.skills = ["焊", "电", "钳", "铆"] },
        Case("pay below nothing", ["wishes.lowestPayYuanMonth wishes.pay"]) { $0.wishes.lowestPayYuanMonth = -1 },
        Case("pay beyond reason", ["wishes.lowestPayYuanMonth wishes.pay"]) { $0.wishes.lowestPayYuanMonth = 200_001 },
        Case("language", []) { $0.language = "ug-Arab" },
        Case("no language tag", ["language language.invalid"]) { $0.language = "<zh>" },
        Case(
            "everything at once",
            [
                "document.number document.checkDigit", "name name.invisible", "phone phone.invalid",
                "contactPhone phone.invalid", "birthDate birthDate.invalid", "keyGroups keyGroups.unknown",
                "keyGroupConsent keyGroups.consentMissing", "noticeVersion notice.outdated",
                "proxy.name proxy.nameMissing",
                "proxy.phone phone.invalid", "wishes.occupations wishes.text", "language language.invalid",
            ]
        ) {
            $0 = RegistrationForm(
                documentNumber: "000001199001010015", name: "张\u{200B}三", phone: "1", contactPhone: "2",
                birthDate: "x", keyGroups: ["nobody"], noticeVersion: "n0", proxyPhone: "3",
                wishes: Wishes(occupations: [""]), language: "中文")
        },
    ]

    @Test(arguments: [
        // Born, fair day, band. Born on 29 February, a person is a year older on 1 March of ordinary years.
        ("2013-02-08", "2027-02-08", AgeBand.from14to15), ("2013-02-09", "2027-02-08", .under14),
        ("2013-02-09", "2027-02-09", .from14to15), ("2011-02-09", "2027-02-08", .from14to15),
        ("2011-02-08", "2027-02-08", .from16to17), ("2009-02-09", "2027-02-08", .from16to17),
        ("2009-02-08", "2027-02-08", .adult), ("2012-02-29", "2026-02-28", .under14),
        ("2012-02-29", "2026-03-01", .from14to15), ("2012-02-29", "2028-02-28", .from14to15),
        ("2012-02-29", "2028-02-29", .from16to17), ("2008-02-29", "2026-02-28", .from16to17),
        ("2008-02-29", "2026-03-01", .adult), ("2010-12-31", "2026-12-30", .from14to15),
        ("2010-12-31", "2026-12-31", .from16to17), ("2027-02-08", "2027-02-08", .under14),
        ("1897-02-08", "2027-02-08", .adult),
    ])
    func ageAtTheFairDay(born: String, day: String, band: AgeBand) throws {
        let form = form { ($0.documentNumber, $0.birthDate) = (nil, born) }
        if band == .under14 {
            #expect(try problems(form, on: day) == ["birthDate seeker.under14"])
        } else {
            #expect(try result(form, on: day).get().ageBand == band)
        }
        #expect(band.allowsIntents == (band == .adult || band == .from16to17))
    }

    @Test func underFourteenByDocument() throws {
        // 2014-03-02 of a region that was never issued.
        let seventeen = "00000120140302001"
        let check = try #require(DocumentRules.checkDigit(of: seventeen))
        #expect(
            try problems(form { $0.documentNumber = seventeen + String(check) }) == ["document.number seeker.under14"])
    }

    @Test func withoutBirthDateTheAgeIsNotKnown() throws {
        let registration = try result(form { $0.documentNumber = nil }).get()
        #expect(registration.ageBand == .unknown)
        #expect(!registration.ageBand.allowsIntents)
    }

    @Test func keyGroupsCountOnceAndZeroPayIsNone() throws {
        let registration = try result(
            form {
                ($0.keyGroups, $0.keyGroupConsent) = (["woman", "graduate", "woman"], true)
                $0.wishes = Wishes(occupations: [" 焊工 "], lowestPayYuanMonth: 0)
            }
        ).get()
        #expect(registration.keyGroups == ["woman", "graduate"])
        #expect(registration.wishes == Wishes(occupations: ["焊工"]))
    }

    @Test func digitsOfTheSlip() throws {
        #expect(try result(form { $0.phone = nil }).get().slipDigits == "0014")
        #expect(
            try result(form { ($0.phone, $0.documentNumber) = (nil, "00000119900101009x") }).get().slipDigits == "009X")
    }

    /// Sentences are there, differ, and never repeat what was typed.
    @Test func sentencesAreForPeople() {
        for code in ProblemCode.allCases {
            #expect(code.zh.hasSuffix("。"), "\(code)")
            #expect(code.en.hasSuffix(".") || code.en.hasSuffix("?"), "\(code)")
            #expect(!code.en.contains("invalid"), "\(code): say what to do")
            #expect(code.rawValue.split(separator: ".").count == 2, "\(code)")
        }
        #expect(Set(ProblemCode.allCases.map(\.zh)).count == ProblemCode.allCases.count)
        #expect(Set(ProblemCode.allCases.map(\.en)).count == ProblemCode.allCases.count)
    }
}
