// Logins of the desk, their sessions, and the audit: what is asked of the store.

public import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Who somebody at the desk is.
public enum LoginRole: String, Sendable, CaseIterable {
    /// Of the bureau: sees and changes everything of the desk.
    case clerk
    /// Of one or a few employers: sees only what is theirs.
    case employer
}

/// What is kept of a password: scrypt over it (RFC 7914), with the parameters that were in force when it was set.
public struct PasswordHash: Hashable, Sendable {
    /// 16 random bytes.
    public var salt: Data
    /// 32 bytes.
    public var key: Data
    /// N, r and p of RFC 7914.
    public var rounds: Int
    public var blockSize: Int
    public var parallelism: Int

    public init(salt: Data, key: Data, rounds: Int, blockSize: Int, parallelism: Int) {
        self.salt = salt
        self.key = key
        self.rounds = rounds
        self.blockSize = blockSize
        self.parallelism = parallelism
    }
}

/// A login without its password.
public struct Login: Hashable, Sendable {
    /// As `LoginName.folded` made it; one login has it, for ever.
    public var name: String
    public var role: LoginRole
    /// Employers that were named one by one; empty for clerks.
    public var employerIDs: Set<EmployerID>
    /// 统一社会信用代码: stands for every employer, of every fair, that a clerk verified under this code. So a company finds
    /// its list at the next fair too.
    public var creditCodes: Set<String>
    public var isDisabled: Bool

    public init(
        name: String, role: LoginRole, employerIDs: Set<EmployerID> = [], creditCodes: Set<String> = [],
        isDisabled: Bool = false
    ) {
        self.name = name
        self.role = role
        self.employerIDs = employerIDs
        self.creditCodes = creditCodes
        self.isDisabled = isDisabled
    }
}

/// Who a running session belongs to.
public struct LoginSession: Hashable, Sendable {
    public var name: String
    public var role: LoginRole
    /// Codes looked up: the employers as they are at this moment. Empty for clerks.
    public var employerIDs: Set<EmployerID>

    public init(name: String, role: LoginRole, employerIDs: Set<EmployerID>) {
        self.name = name
        self.role = role
        self.employerIDs = employerIDs
    }
}

/// An employer at a fair, as the desk lists it.
public struct DeskEmployer: Hashable, Sendable {
    public var id: EmployerID
    public var name: String
    public var fairID: FairID
    public var fairName: String

    public init(id: EmployerID, name: String, fairID: FairID, fairName: String) {
        self.id = id
        self.name = name
        self.fairID = fairID
        self.fairName = fairName
    }
}

/// Who did what an audit line says.
public enum AuditActor: Hashable, Sendable {
    case login(name: String, role: LoginRole)
    /// Somebody with a shell on headquarters' machine, by `headquartersd`.
    case terminal
    /// Nobody who had logged in.
    case unknown
}

/// What can stand in the audit: a closed list; its words are in `DeskWords`.
public enum AuditAction: String, Sendable, CaseIterable {
    case loggedIn = "login.ok"
    case loginFailed = "login.failed"
    case loggedOut = "login.ended"
    case loginAdded = "login.added"
    case loginDisabled = "login.disabled"
    case passwordSet = "login.passwordSet"
    case loginEmployersSet = "login.employersSet"
    case vacanciesImported = "vacancies.imported"
    case vacancyReleased = "vacancy.released"
    case vacancyRejected = "vacancy.rejected"
    case vacancyFilled = "vacancy.filled"
    case vacancyOpened = "vacancy.opened"
    case vacancyWithdrawn = "vacancy.withdrawn"
    case boothChanged = "booth.changed"
    case headcountChanged = "headcount.changed"
    case employerVerified = "employer.verified"
    case employerUnverified = "employer.unverified"
    /// An employer's list, with names and telephone numbers.
    case listSeen = "list.seen"
    case listExported = "list.exported"
    case intentSigned = "intent.signed"
    case intentUnsigned = "intent.unsigned"
    case personErased = "person.erased"
    case kioskRevoked = "kiosk.revoked"
    case kioskReinstated = "kiosk.reinstated"
    case lineageOrdered = "kiosk.newLineage"
    case dayOrdered = "kiosk.dayOrdered"
    /// Somebody has seen a fork, a conflict or a rollback of a kiosk.
    case alarmSeen = "kiosk.alarmSeen"
    case stickImported = "stick.imported"
    case backupMade = "backup.made"
    case databaseRestored = "database.restored"
    case recordsWiped = "records.wiped"
}

/// One line of the audit. Never personal data of a seeker: ids and counts instead.
public struct AuditLine: Hashable, Sendable {
    /// Milliseconds since 1970 by headquarters' clock.
    public var at: Int64
    public var actor: AuditActor
    public var action: AuditAction
    /// What it was done to, where that is neither fair nor employer: a login's name, a vacancy's id.
    public var subject: String?
    public var fairID: FairID?
    public var employerID: EmployerID?
    /// In the words of who did it; cut at `LoginLimits.auditTextCharactersMax`.
    public var reason: String?
    /// How many rows were seen, changed or handed out.
    public var rows: Int?

    public init(
        at: Int64, actor: AuditActor, action: AuditAction, subject: String? = nil, fairID: FairID? = nil,
        employerID: EmployerID? = nil, reason: String? = nil, rows: Int? = nil
    ) {
        self.at = at
        self.actor = actor
        self.action = action
        self.subject = subject
        self.fairID = fairID
        self.employerID = employerID
        self.reason = reason
        self.rows = rows
    }
}

/// An audit line with its number and the names of what its ids mean.
public struct AuditEntry: Hashable, Sendable {
    /// Ascending, never used twice.
    public var id: Int64
    public var line: AuditLine
    public var fairName: String?
    public var employerName: String?

    public init(id: Int64, line: AuditLine, fairName: String?, employerName: String?) {
        self.id = id
        self.line = line
        self.fairName = fairName
        self.employerName = employerName
    }
}

/// Logins, sessions and audit. Every call is one transaction, audit line included. Session tokens come in as SHA-256
/// (32 bytes): the store never sees one. Errors are `HeadquartersStoreError`.
public protocol LoginStore: Sendable {
    /// Throws `loginExists`, and `employerUnknown` for an employer id that no fair has.
    func addLogin(_ login: Login, password: PasswordHash, by actor: AuditActor, at: Int64) async throws
    /// By name, disabled ones too.
    func logins() async throws -> [Login]
    /// The login's own change: false, and nothing changes, where it was disabled or its password changed since `checked`
    /// was compared.
    func changePassword(
        _ password: PasswordHash, of name: String, checked: PasswordHash, by actor: AuditActor, at: Int64
    ) async throws -> Bool
    /// Sets a password, enables the login and ends its sessions. Throws `loginUnknown`.
    func setPassword(_ password: PasswordHash, of name: String, by actor: AuditActor, at: Int64) async throws
    /// Ends its sessions at once; nobody can log in with it until it gets a new password. Throws `loginUnknown`.
    func disableLogin(_ name: String, by actor: AuditActor, at: Int64) async throws
    /// Puts these in the place of everything an employer's login stood for; its running sessions see it with their next
    /// page. Throws `loginUnknown`, `loginNotOfEmployer`, and `employerUnknown` for an employer id that no fair has.
    func setEmployers(
        _ employerIDs: Set<EmployerID>, creditCodes: Set<String>, of name: String, by actor: AuditActor, at: Int64
    ) async throws

    /// Nil: there is no such login, or it is disabled.
    func password(of name: String) async throws -> PasswordHash?
    /// One audit line with the name where a login of that name exists. False, and nothing is written, where none does:
    /// people type passwords into name fields, and anybody can invent names without end. Count those.
    func noteFailedLogin(_ name: String, at: Int64) async throws -> Bool
    /// Opens a session, and ends the one of `replacing`. False, and nothing changed: the password is no longer the one
    /// that was checked, or the login was disabled meanwhile.
    func openSession(
        _ token: Data, of name: String, checked password: PasswordHash, replacing old: Data?, at: Int64
    ) async throws -> Bool
    /// Who the session belongs to; nil: it was never opened, has ended, or its login was disabled. Counts as use.
    func session(_ token: Data, at: Int64) async throws -> LoginSession?
    /// Logs out. Nothing where the session has ended already.
    func endSession(_ token: Data, at: Int64) async throws

    /// The employers of a session, by fair (the newest first) and name; unknown ids are left out.
    func employers(_ employers: Set<EmployerID>) async throws -> [DeskEmployer]

    /// For what is only looked at. Whatever changes something adds its line in its own transaction.
    func addAuditLine(_ line: AuditLine) async throws
    /// Newest first, at most `limit`; `before`: the number of the last one seen.
    func auditEntries(before: Int64?, limit: Int) async throws -> [AuditEntry]
}
