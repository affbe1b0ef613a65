// A registration that passed every rule.

/// Documents a seeker may show. The raw values travel and are stored.
public enum DocumentKind: String, Codable, Sendable, CaseIterable {
    /// Resident ID, 18 digits (GB 11643-1999), also when it was typed with 15.
    case residentID
    /// 港澳台居民居住证: 18 digits, prefix 81, 82 or 83.
    case residencePermit
    /// 外国人永久居留身份证: three letters and 12 digits, or since December 2023 18 digits beginning with 9.
    case permanentResident
    case passport
}

/// A document whose number passed its rules.
public struct Document: Hashable, Sendable {
    public var kind: DocumentKind
    /// Normalised: half width, upper case, without spaces; 15 digits converted to 18.
    public var number: String
    /// What was typed, normalised but not converted.
    public var typed: String
    /// The number came with 15 digits.
    public var isConverted: Bool
    /// Nil where the number holds none.
    public var birthDate: CalendarDate?

    public init(kind: DocumentKind, number: String, typed: String, isConverted: Bool, birthDate: CalendarDate?) {
        self.kind = kind
        self.number = number
        self.typed = typed
        self.isConverted = isConverted
        self.birthDate = birthDate
    }
}

/// What the law asks of an age (劳动法 15, 58; 禁止使用童工规定; PIPL 28, 31), judged at the date of the open fair day.
public enum AgeBand: String, Codable, Sendable {
    /// Never registered: a nameless entry only.
    case under14
    /// Registered, no intents.
    case from14to15
    /// Registered and marked (未成年工).
    case from16to17
    case adult
    /// No birth date: no intents until one is given.
    case unknown

    public init(birthDate: CalendarDate?, on day: CalendarDate) {
        guard let birthDate else {
            self = .unknown
            return
        }
        switch birthDate.years(until: day) {
        case ..<14: self = .under14
        case 14...15: self = .from14to15
        case 16...17: self = .from16to17
        default: self = .adult
        }
    }

    /// Whether the slip may lead to intents.
    public var allowsIntents: Bool { self == .adult || self == .from16to17 }
}

/// Particulars that passed every rule of `RegistrationRules`.
public struct Registration: Hashable, Sendable {
    public var document: Document?
    /// Nil: left open, to be completed before any intent.
    public var name: PersonName?
    public var phone: String?
    public var contactPhone: String?
    public var birthDate: CalendarDate?
    public var ageBand: AgeBand
    public var keyGroups: [String]
    public var keyGroupConsent: Bool
    public var noticeVersion: String
    public var proxyName: String?
    public var proxyRelation: String?
    public var proxyPhone: String?
    public var wishes: Wishes
    public var language: String

    public init(
        document: Document?, name: PersonName?, phone: String?, contactPhone: String?, birthDate: CalendarDate?,
        ageBand: AgeBand, keyGroups: [String], keyGroupConsent: Bool, noticeVersion: String, proxyName: String?,
        proxyRelation: String?, proxyPhone: String?, wishes: Wishes, language: String
    ) {
        self.document = document
        self.name = name
        self.phone = phone
        self.contactPhone = contactPhone
        self.birthDate = birthDate
        self.ageBand = ageBand
        self.keyGroups = keyGroups
        self.keyGroupConsent = keyGroupConsent
        self.noticeVersion = noticeVersion
        self.proxyName = proxyName
        self.proxyRelation = proxyRelation
        self.proxyPhone = proxyPhone
        self.wishes = wishes
        self.language = language
    }

    /// The four digits that open the slip's form: the last four of the phone, else of the document (X counts), else
    /// nil: then only a clerk can do it.
    public var slipDigits: String? {
        if let phone { return String(phone.suffix(4)) }
        if let document { return String(document.number.suffix(4)) }
        return nil
    }
}

/// A name as people have it: 1 to 50 code points.
public struct PersonName: Hashable, Sendable {
    /// Normalised for comparing: one kind of dot (U+00B7), single spaces.
    public var normalised: String
    /// As typed.
    public var typed: String

    public init(normalised: String, typed: String) {
        self.normalised = normalised
        self.typed = typed
    }
}
