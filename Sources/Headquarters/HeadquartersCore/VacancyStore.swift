// Vacancies and employers at the desk: imports, decisions about words, verification, the morning of the fair.

public import JobFair
import VacancyImport

/// Limits of the desk's vacancy pages, each with its unit and reason.
public enum VacancyLimits {
    /// Vacancies or employers on one page: a few screens, and no answer above some 500 KiB.
    public static let pageRows = 100
    /// Characters of a reason, a licence, a search: a sentence; as in an audit line.
    public static let textCharactersMax = LoginLimits.auditTextCharactersMax
    /// Characters of a booth, as in sheet and fair file.
    public static let boothCharactersMax = 20
    /// People of one vacancy, as in a sheet.
    public static let headcountMax = HeadcountReader.headcountMax
    /// As in a fair file: GB/T 2260 has some 3200 codes.
    public static let regionsMax = 4000
}

/// Who does something at the desk: for the audit, and as the name that stays with a decision.
public struct DeskAuthor: Hashable, Sendable {
    public var actor: AuditActor
    /// Of the login, or of the account at the terminal.
    public var name: String

    public init(actor: AuditActor, name: String) {
        self.actor = actor
        self.name = name
    }

    /// Stands where a fair's file says that an employer is verified.
    public static let fairFile = "fair file"
}

/// That somebody saw an employer's code and licence.
public struct EmployerCheck: Hashable, Sendable {
    public var creditCode: String
    /// What was seen: 营业执照, a licence number.
    public var licence: String
    public var by: String
    /// Milliseconds since 1970 by headquarters' clock.
    public var at: Int64

    public init(creditCode: String, licence: String, by: String, at: Int64) {
        self.creditCode = creditCode
        self.licence = licence
        self.by = by
        self.at = at
    }
}

/// An employer as clerks see it.
public struct EmployerEntry: Hashable, Sendable {
    public var employer: Employer
    /// Nil: not verified.
    public var check: EmployerCheck?
    public var vacancies: Int

    public init(employer: Employer, check: EmployerCheck?, vacancies: Int) {
        self.employer = employer
        self.check = check
        self.vacancies = vacancies
    }
}

/// A vacancy as clerks see it.
public struct VacancyEntry: Hashable, Sendable {
    public var vacancy: Vacancy
    public var employer: Employer
    public var review: VacancyReview
    /// Changes with the words: a decision says which ones it is about.
    public var wordsDigest: String

    public init(vacancy: Vacancy, employer: Employer, review: VacancyReview, wordsDigest: String) {
        self.vacancy = vacancy
        self.employer = employer
        self.review = review
        self.wordsDigest = wordsDigest
    }

    public var isShown: Bool { employer.isVerified && review.standing.isShown }
}

/// Which part of a list a page shows.
public struct DeskQuery: Hashable, Sendable {
    public enum Part: String, Sendable, CaseIterable {
        case all
        /// Vacancies: held. Employers: not verified.
        case waiting
        /// Vacancies the lint flagged, and that no clerk has decided about.
        case flagged
    }

    public var part: Part
    /// Within title or employer's name; empty: everything.
    public var text: String
    public var offset: Int

    public init(part: Part = .all, text: String = "", offset: Int = 0) {
        self.part = part
        self.text = text
        self.offset = offset
    }
}

/// One page of a list.
public struct DeskPage<Entry: Sendable>: Sendable {
    /// That match the query.
    public var total: Int
    public var entries: [Entry]

    public init(total: Int, entries: [Entry]) {
        self.total = total
        self.entries = entries
    }
}

/// How many vacancies and employers wait for a clerk.
public struct DeskBacklog: Hashable, Sendable {
    public var vacancies: Int
    public var held: Int
    public var flagged: Int
    public var employers: Int
    public var unverified: Int

    public init(vacancies: Int, held: Int, flagged: Int, employers: Int, unverified: Int) {
        self.vacancies = vacancies
        self.held = held
        self.flagged = flagged
        self.employers = employers
        self.unverified = unverified
    }
}

/// What the morning of a fair brings.
public enum VacancyChange: Hashable, Sendable {
    /// All places are taken.
    case filled
    /// Neither filled nor withdrawn any longer.
    case open
    case withdrawn
    case booth(String)
    /// People wanted; nil: 若干, nobody said how many.
    case headcount(Int?)
}

/// Vacancies of a fair, behind the catalogue. Every change is one transaction with its audit line, and takes the next
/// version of the catalogue when, and only when, kiosks would see a difference. A change that changes nothing writes
/// nothing. Errors are `HeadquartersStoreError`.
public protocol VacancyStore: Sendable {
    // MARK: Import

    /// What `applyImport` would do at this moment; changes nothing. Throws `fairUnknown`.
    func previewImport(_ batch: ImportBatch, into fair: FairID) async throws -> ImportOutcome
    /// Adds and updates, never doubles, and withdraws nothing. With a refusal in the outcome nothing was changed.
    ///
    /// Reading and planning hold up no other call. Throws `importOutdated`, and nothing was changed, where employers or
    /// vacancies of the fair were changed meanwhile.
    ///
    /// - Parameter previewed: `plannedOn` of the preview that somebody agreed to; nil: there was none.
    func applyImport(
        _ batch: ImportBatch, into fair: FairID, previewed: Int64?, by author: DeskAuthor, at: Int64
    ) async throws -> ImportOutcome
    /// The regions a fair knows by name, by code.
    func regions(of fair: FairID) async throws -> [Region]

    // MARK: Vacancies

    func backlog(of fair: FairID) async throws -> DeskBacklog
    /// Held ones first, else by employer, in order; `VacancyLimits.pageRows` at most.
    func vacancies(of fair: FairID, _ query: DeskQuery) async throws -> DeskPage<VacancyEntry>
    func vacancy(_ vacancy: VacancyID) async throws -> VacancyEntry?
    /// Releases or rejects, whatever was decided before.
    ///
    /// - Parameter words: the digest of the words that were read; nil: whatever they are. Throws `wordsChanged` where they
    ///   are others now, and `vacancyUnknown`.
    func decide(
        _ vacancy: VacancyID, releases: Bool, reason: String, words: String?, by author: DeskAuthor, at: Int64
    ) async throws
    /// Throws `vacancyUnknown`.
    func change(_ vacancy: VacancyID, _ change: VacancyChange, by author: DeskAuthor, at: Int64) async throws

    // MARK: Employers

    /// Not verified ones first, then in order; `VacancyLimits.pageRows` at most.
    func employers(of fair: FairID, _ query: DeskQuery) async throws -> DeskPage<EmployerEntry>
    func employer(_ employer: EmployerID) async throws -> EmployerEntry?
    /// Throws `employerUnknown`, `creditCodeInvalid`, and `creditCodeTaken` where another employer of the fair has it.
    func verify(
        _ employer: EmployerID, creditCode: String, licence: String, by author: DeskAuthor, at: Int64
    ) async throws
    /// Kiosks, slips and the form show nothing of it any longer.
    func unverify(_ employer: EmployerID, reason: String, by author: DeskAuthor, at: Int64) async throws
    /// Its vacancies that stand at its booth move with it; those with a booth of their own stay.
    func moveEmployer(_ employer: EmployerID, to booth: String, by author: DeskAuthor, at: Int64) async throws
}
