// Health is a closed list of named problems (docs/operations.md has the same list by symptom).

/// One thing that is wrong now. `detail` never holds personal data.
public struct HealthProblem: Hashable, Sendable, Codable {
    public enum Severity: String, Sendable, Codable { case notice, warning, critical }

    /// The closed list. The raw value is what status, metrics and hello carry.
    public enum Code: String, Sendable, Codable, CaseIterable {
        case notEnrolled
        case fairNotOpen
        case dayNotConfirmed
        case clockNotTrusted
        case printerFailing
        case printOutcomeUnknown
        case glyphMissing
        case headquartersUnreachable
        case headquartersRefuses
        case ticketsRunningOut
        case ticketsExhausted
        case diskAlmostFull
        case diskFull
        case diskReadOnly
        case recordsSetAside
        case storeFailed
        case catalogueMissing
        case grantMissing
        case recordQuarantined
        case recordsMissing
        case kioskRevoked
        case lineageLeft
        case runtimeFolderLost
        case stickMissing
        case stickFull
        case stickFailed
    }

    public var code: Code
    public var severity: Severity
    /// What it means and what to do, for the technician, in Chinese.
    public var zh: String
    public var en: String
    public var detail: String

    public init(code: Code, severity: Severity, zh: String, en: String, detail: String = "") {
        self.code = code
        self.severity = severity
        self.zh = zh
        self.en = en
        self.detail = detail
    }
}
