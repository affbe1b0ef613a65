// What an employer may see of seekers: the store's part. Names and phones stay sealed here.

public import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

public enum EmployerListLimits {
    /// Lines of one list: the largest fair known had 18,000 seekers. Sealed, each takes 1 to 2 KB while a list is made.
    public static let linesMax = 20_000
    /// Characters of a reason at least: 通知面试 has four.
    public static let reasonCharactersMin = 4
}

/// The newest wishes of a seeker.
public enum SealedWishes: Hashable, Sendable {
    /// A kiosk's record, as it arrived.
    case frame(Data)
    /// Of the phone: a serialised `RecordBody`.
    case body(Data)
}

/// What only headquarters' key opens.
public struct SealedParticulars: Hashable, Sendable {
    /// The registration's frame, as it arrived.
    public var frame: Data
    /// A name completed on the phone: a serialised `RecordBody`; nil: none was.
    public var completion: Data?
    /// Frames of records that completed the name, in the order in which they arrived.
    public var completionFrames: [Data]
    /// Stated with the slip and the right digits after the registration; nil: none were.
    public var wishes: SealedWishes?

    public init(
        frame: Data, completion: Data? = nil, completionFrames: [Data] = [], wishes: SealedWishes? = nil
    ) {
        self.frame = frame
        self.completion = completion
        self.completionFrames = completionFrames
        self.wishes = wishes
    }
}

/// That a clerk or the employer marked an intent as signed.
public struct IntentSigning: Hashable, Sendable {
    public var at: Int64
    /// Name of the login.
    public var by: String

    public init(at: Int64, by: String) {
        self.at = at
        self.by = by
    }
}

/// One person and one vacancy on an employer's list.
public struct EmployerListLine: Hashable, Sendable {
    public enum Standing: Hashable, Sendable {
        /// The intent stands, and so does the consent.
        case open
        /// It was signed, and the seeker has withdrawn it since: number and vacancy are left, nothing else.
        case withdrawn
        /// It was signed and stands, and the seeker has taken back the consent: as above.
        case consentWithdrawn
    }

    public var seeker: RecordID
    public var ticket: TicketNumber?
    /// Nil where `standing` is not `open`.
    public var surname: String?
    public var vacancyID: VacancyID
    public var vacancyTitle: String
    public var standing: Standing
    /// Nil: preliminary.
    public var signing: IntentSigning?
    public var occurred: OccurredAt
    /// 16 or 17: 未成年工, whom the law puts under the employer's special care (劳动法 58, 64, 65).
    public var isMinor: Bool
    /// Only in a list that was asked for in full, and where `standing` is `open`.
    public var sealed: SealedParticulars?

    public init(
        seeker: RecordID, ticket: TicketNumber?, surname: String?, vacancyID: VacancyID, vacancyTitle: String,
        standing: Standing, signing: IntentSigning?, occurred: OccurredAt, isMinor: Bool,
        sealed: SealedParticulars? = nil
    ) {
        self.seeker = seeker
        self.ticket = ticket
        self.surname = surname
        self.vacancyID = vacancyID
        self.vacancyTitle = vacancyTitle
        self.standing = standing
        self.signing = signing
        self.occurred = occurred
        self.isMinor = isMinor
        self.sealed = sealed
    }
}

/// The seekers of one employer at one fair: intents that stand, confirmed by their digits, with consent for this
/// employer (PIPL 23); and those that were signed and then taken back. By vacancy, then by time.
public struct EmployerList: Hashable, Sendable {
    public var fair: Fair
    public var employer: Employer
    public var lines: [EmployerListLine]
    /// Different people among the open lines.
    public var people: Int
    /// There are more than `EmployerListLimits.linesMax`.
    public var isCut: Bool

    public init(fair: Fair, employer: Employer, lines: [EmployerListLine], people: Int, isCut: Bool) {
        self.fair = fair
        self.employer = employer
        self.lines = lines
        self.people = people
        self.isCut = isCut
    }

    /// The same for the same lines in the same standing, within one run of the program.
    public var fingerprint: Int {
        var hasher = Hasher()
        for line in lines {
            hasher.combine(line.seeker)
            hasher.combine(line.vacancyID)
            hasher.combine(line.standing)
        }
        return hasher.finalize()
    }
}

/// How much of a list is asked for. Nothing readable leaves without its line in the audit.
public enum EmployerListPurpose: Hashable, Sendable {
    /// To look at: surnames only.
    case masked
    /// To take away, masked all the same.
    case maskedExport(AuditLine)
    /// With what the key opens. Fair, employer and the number of lines are filled in.
    ///
    /// `seen`: `fingerprint` of the list that the same session was shown a moment ago, with its line: where the list is the
    /// same still, it is the same look and adds no line.
    case full(AuditLine, seen: Int? = nil)
}

public enum SigningOutcome: Hashable, Sendable {
    case done
    /// It was so before.
    case unchanged
    /// Not an open line of this employer's list: withdrawn meanwhile, or never there.
    case notListed
}

/// Reading holds up no writer; the audit line is written before anything comes back: where it cannot be, nothing does.
public protocol EmployerListStore: Sendable {
    /// Nil: the fair has no such employer; then there is no audit line either.
    func employerList(
        of employer: EmployerID, at fair: FairID, for purpose: EmployerListPurpose
    ) async throws -> EmployerList?
    /// Marks an open line of the list as signed (签约), or takes the mark back. `line` says who and when; fair, employer
    /// and ticket number are filled in.
    func setSigned(
        _ isSigned: Bool, seeker: RecordID, vacancy: VacancyID, of employer: EmployerID, at fair: FairID,
        line: AuditLine
    ) async throws -> SigningOutcome
}
