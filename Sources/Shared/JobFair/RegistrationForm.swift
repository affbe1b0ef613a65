// What a seeker typed, before any rule has looked at it.

/// The raw request: every field as it was typed. `RegistrationRules.check` turns it into a `Registration` or into
/// all its problems at once.
public struct RegistrationForm: Hashable, Sendable {
    /// The kind the seeker chose; nil lets the number decide.
    public var documentKind: String?
    /// Nil or empty: none at hand.
    public var documentNumber: String?
    /// Nil or empty: left open (待补).
    public var name: String?
    public var phone: String?
    /// The seeker has no phone; `contactPhone` may say somebody else's.
    public var hasNoPhone: Bool
    public var contactPhone: String?
    /// `YYYY-MM-DD`, where the document has no birth date.
    public var birthDate: String?
    public var keyGroups: [String]
    public var keyGroupConsent: Bool
    public var noticeVersion: String?
    public var proxyName: String?
    public var proxyRelation: String?
    public var proxyPhone: String?
    public var wishes: Wishes
    public var language: String?

    public init(
        documentKind: String? = nil, documentNumber: String? = nil, name: String? = nil, phone: String? = nil,
        hasNoPhone: Bool = false, contactPhone: String? = nil, birthDate: String? = nil, keyGroups: [String] = [],
        keyGroupConsent: Bool = false, noticeVersion: String? = nil, proxyName: String? = nil,
        proxyRelation: String? = nil, proxyPhone: String? = nil, wishes: Wishes = Wishes(), language: String? = nil
    ) {
        self.documentKind = documentKind
        self.documentNumber = documentNumber
        self.name = name
        self.phone = phone
        self.hasNoPhone = hasNoPhone
        self.contactPhone = contactPhone
        self.birthDate = birthDate
        self.keyGroups = keyGroups
        self.keyGroupConsent = keyGroupConsent
        self.noticeVersion = noticeVersion
        self.proxyName = proxyName
        self.proxyRelation = proxyRelation
        self.proxyPhone = proxyPhone
        self.wishes = wishes
        self.language = language
    }
}

/// One thing wrong with one field: a stable code for programs, a sentence in Chinese and in English for people.
/// Neither sentence repeats what was typed.
public struct FieldProblem: Hashable, Sendable, Codable {
    public var code: String
    /// The JSON field, with dots: `document.number`.
    public var field: String
    public var zh: String
    public var en: String

    public init(code: String, field: String, zh: String, en: String) {
        self.code = code
        self.field = field
        self.zh = zh
        self.en = en
    }
}
