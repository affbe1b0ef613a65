// The rules of a registration: all problems of a request at once, or particulars that passed every one of them.

/// Never empty.
public struct RegistrationProblems: Error, Hashable, Sendable {
    public var problems: [FieldProblem]

    public init(_ problems: [FieldProblem]) {
        self.problems = problems
    }
}

public enum RegistrationRules {
    /// Wishes of one kind: three occupations, three places, three skills.
    public static let wishesMax = 3
    public static let wishCodePointsMax = 30
    public static let relationCodePointsMax = 20
    public static let payYuanMonthMax = 200_000
    /// Nobody who looks for work is older, in years.
    public static let ageYearsMax = 130
    /// RFC 5646, section 4.4.1: room for the longest language tag in use, in characters.
    public static let languageCharactersMax = 35

    /// - Parameters:
    ///   - day: the open fair day; ages are judged at it.
    ///   - noticeVersion: of the notice that is shown now.
    ///   - keyGroupCodes: of the fair's list.
    public static func check(
        _ form: RegistrationForm, on day: CalendarDate, noticeVersion: String, keyGroupCodes: Set<String>
    ) -> Result<Registration, RegistrationProblems> {
        var check = FormCheck(day: day)
        let document = check.document(form)
        let name = check.name(form.name, in: "name")
        let phone = check.ownPhone(form)
        let contactPhone = check.phone(form.contactPhone, in: "contactPhone")
        let birthDate = check.birthDate(form.birthDate, document: document)
        let band = check.ageBand(birthDate: birthDate, isOfDocument: document?.birthDate != nil)
        let keyGroups = check.keyGroups(form, codes: keyGroupCodes)
        check.notice(form.noticeVersion, shown: noticeVersion)
        let proxy = check.proxy(form)
        let wishes = check.wishes(form.wishes)
        let language = check.language(form.language)
        guard check.problems.isEmpty else { return .failure(RegistrationProblems(check.problems)) }
        return .success(
            Registration(
                document: document, name: name, phone: phone, contactPhone: contactPhone, birthDate: birthDate,
                ageBand: band, keyGroups: keyGroups, keyGroupConsent: form.keyGroupConsent,
                noticeVersion: noticeVersion, proxyName: proxy.name, proxyRelation: proxy.relation,
                proxyPhone: proxy.phone, wishes: wishes, language: language))
    }
}

/// Walks through one form and collects what is wrong, in the order of its fields.
private struct FormCheck {
    let day: CalendarDate
    var problems: [FieldProblem] = []

    mutating func add(_ code: ProblemCode, _ field: String) {
        problems.append(code.problem(in: field))
    }

    /// The value, or nil and its problem.
    mutating func take<Value>(_ result: Result<Value, ProblemCode>, _ field: String) -> Value? {
        switch result {
        case .success(let value): return value
        case .failure(let code):
            add(code, field)
            return nil
        }
    }

    mutating func document(_ form: RegistrationForm) -> Document? {
        var kind: DocumentKind?
        if let chosen = form.documentKind, !PlainText.isBlank(chosen) {
            kind = DocumentKind(rawValue: chosen)
            if kind == nil { add(.documentKindUnknown, "document.kind") }
        }
        guard let number = form.documentNumber, !PlainText.isBlank(number) else { return nil }
        return take(DocumentRules.check(number: number, kind: kind, on: day), "document.number")
    }

    mutating func name(_ text: String?, in field: String) -> PersonName? {
        guard let text, !PlainText.isBlank(text) else { return nil }
        return take(NameRules.check(text), field)
    }

    mutating func phone(_ text: String?, in field: String) -> String? {
        guard let text, !PlainText.isBlank(text) else { return nil }
        return take(PhoneRules.check(text), field)?.number
    }

    mutating func ownPhone(_ form: RegistrationForm) -> String? {
        let hasPhone = !PlainText.isBlank(form.phone)
        if hasPhone, form.hasNoPhone { add(.phoneGivenAndDenied, "phone") }
        let canBeReached = hasPhone || !PlainText.isBlank(form.contactPhone)
        if !canBeReached, PlainText.isBlank(form.documentNumber) { add(.seekerDocumentOrPhone, "document.number") }
        return phone(form.phone, in: "phone")
    }

    /// That of the document, else as said.
    mutating func birthDate(_ text: String?, document: Document?) -> CalendarDate? {
        guard let text, !PlainText.isBlank(text) else { return document?.birthDate }
        let typed = text.unicodeScalars.prefix(PhoneRules.typedCodePointsMax)
            .filter { !PlainText.isSpace($0) }.map(PlainText.halfWidth)
        guard let said = CalendarDate(PlainText.string(typed)) else {
            add(.birthDateInvalid, "birthDate")
            return document?.birthDate
        }
        if said > day {
            add(.birthDateInFuture, "birthDate")
        } else if said.years(until: day) > RegistrationRules.ageYearsMax {
            add(.birthDateTooEarly, "birthDate")
        } else if let known = document?.birthDate {
            if known != said { add(.birthDateContradictsDocument, "birthDate") }
            return known
        } else {
            return said
        }
        return document?.birthDate
    }

    mutating func ageBand(birthDate: CalendarDate?, isOfDocument: Bool) -> AgeBand {
        let band = AgeBand(birthDate: birthDate, on: day)
        if band == .under14 { add(.seekerUnder14, isOfDocument ? "document.number" : "birthDate") }
        return band
    }

    mutating func keyGroups(_ form: RegistrationForm, codes: Set<String>) -> [String] {
        guard !form.keyGroups.isEmpty else { return [] }
        guard form.keyGroups.count <= KeyGroups.declaredMax else {
            add(.keyGroupsTooMany, "keyGroups")
            return []
        }
        if !codes.isSuperset(of: form.keyGroups) { add(.keyGroupsUnknown, "keyGroups") }
        if !form.keyGroupConsent { add(.keyGroupsConsentMissing, "keyGroupConsent") }
        var seen: Set<String> = []
        return form.keyGroups.filter { seen.insert($0).inserted }
    }

    mutating func notice(_ confirmed: String?, shown: String) {
        guard let confirmed, !PlainText.isBlank(confirmed) else { return add(.noticeNotConfirmed, "noticeVersion") }
        if confirmed != shown { add(.noticeOutdated, "noticeVersion") }
    }

    mutating func proxy(_ form: RegistrationForm) -> (name: String?, relation: String?, phone: String?) {
        let isMeant = !PlainText.isBlank(form.proxyRelation) || !PlainText.isBlank(form.proxyPhone)
        if isMeant, PlainText.isBlank(form.proxyName) { add(.proxyNameMissing, "proxy.name") }
        let name = name(form.proxyName, in: "proxy.name")?.normalised
        var relation: String?
        if let text = form.proxyRelation, !PlainText.isBlank(text) {
            relation = PlainText.short(text, codePointsMax: RegistrationRules.relationCodePointsMax)
            if relation == nil { add(.proxyRelationInvalid, "proxy.relation") }
        }
        return (name, relation, phone(form.proxyPhone, in: "proxy.phone"))
    }

    mutating func wishes(_ wishes: Wishes) -> Wishes {
        switch RegistrationRules.check(wishes) {
        case .success(let checked): return checked
        case .failure(let found):
            problems += found.problems
            return wishes
        }
    }

    mutating func language(_ text: String?) -> String {
        guard let text, !PlainText.isBlank(text) else { return "zh-Hans" }
        let isTag = text.utf8.allSatisfy { byte in
            switch UInt8(byte) {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
            default: false
            }
        }
        if !isTag || text.utf8.count > RegistrationRules.languageCharactersMax { add(.languageInvalid, "language") }
        return text
    }
}
