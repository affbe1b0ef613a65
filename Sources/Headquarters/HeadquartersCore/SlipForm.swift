// What the job-intent form behind the QR code asks of the store.

public import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Limits of the form (`docs/protocol.md`, Slip token). Counted per slip or number and kept in the store, except
/// `handTriesPerClientHourMax`.
public enum FormLimits {
    /// Different four-digit strings per slip, right ones included; the same string again costs nothing.
    public static let digitStringsMax = 5
    /// Vacancies per slip, claimed ones included, withdrawn ones not.
    public static let vacanciesMax = 20
    /// Attempts with one hand-typed ticket number within an hour, from anywhere.
    public static let handTriesPerHourMax = 5
    /// Failed attempts with hand-typed numbers from one address within an hour, in memory. A carrier puts hundreds of
    /// phones of one fair behind one address, and a few people in a hundred have to type: 60 leaves them room. Somebody
    /// who walks through numbers with it hits one pair of number and digits in a week (10,000 digits / 60 an hour).
    public static let handTriesPerClientHourMax = 60
    /// Claimed intents wait this long for their record.
    public static let claimDaysMax = 90
}

/// The opened particulars the form may use: the surname at most, never a digit.
public struct SlipRegistration: Hashable, Sendable {
    public var recordID: RecordID
    public var fairID: FairID
    public var ticket: TicketNumber?
    public var fairDay: CalendarDate?
    /// Nil where the name was left open and not yet completed.
    public var surname: String?
    public var ageBand: AgeBand
    public var hasBirthDate: Bool
    /// False: neither phone nor document; only a clerk can state an intent.
    public var hasDigits: Bool

    /// The name has to be completed before any intent.
    public var isNameOpen: Bool { surname == nil }

    public init(
        recordID: RecordID, fairID: FairID, ticket: TicketNumber?, fairDay: CalendarDate?, surname: String?,
        ageBand: AgeBand, hasBirthDate: Bool, hasDigits: Bool
    ) {
        self.recordID = recordID
        self.fairID = fairID
        self.ticket = ticket
        self.fairDay = fairDay
        self.surname = surname
        self.ageBand = ageBand
        self.hasBirthDate = hasBirthDate
        self.hasDigits = hasDigits
    }
}

/// Answer to four digits.
public enum DigitCheck: Hashable, Sendable {
    case right
    case wrong(triesLeft: Int)
    /// The record has not arrived: nobody can tell yet. Counted towards the five all the same.
    case undecided
    /// Five different strings were tried with this slip.
    case tooManyTries
    /// The registration has neither phone nor document.
    case clerkOnly
}

/// Answer to a ticket number with four digits typed by hand.
public enum HandFind: Hashable, Sendable {
    /// `allowsIntents`: the slip is of purpose 1.
    case found(RecordID, allowsIntents: Bool)
    /// No such number here, of two records, or other digits; which is not told.
    case notFound
    /// Five in the last hour already.
    case tooManyTries
}

public enum IntentLevel: String, Codable, Sendable { case preliminary, signed }

/// One seeker wants one vacancy, or no longer does. The slip token was authenticated before this is made.
public struct IntentStatement: Hashable, Sendable {
    /// The registration that the slip names.
    public var seeker: RecordID
    public var fairID: FairID
    public var vacancyID: VacancyID
    public var level: IntentLevel
    /// Name and phone may be passed on to this employer.
    public var passOnConsent: Bool
    public var isWithdrawn: Bool
    /// Four characters as the holder said them: digits, the last may be X.
    public var digits: String
    public var at: Int64

    public init(
        seeker: RecordID, fairID: FairID, vacancyID: VacancyID, level: IntentLevel = .preliminary, passOnConsent: Bool,
        isWithdrawn: Bool = false, digits: String, at: Int64
    ) {
        self.seeker = seeker
        self.fairID = fairID
        self.vacancyID = vacancyID
        self.level = level
        self.passOnConsent = passOnConsent
        self.isWithdrawn = isWithdrawn
        self.digits = digits
        self.at = at
    }
}

public enum IntentOutcome: Hashable, Sendable {
    /// Stored and counted; `isRepeat`: it had been stated before.
    case confirmed(isRepeat: Bool)
    /// The record has not arrived: confirmed or void on arrival, neither counted nor shared until then.
    case claimed(isRepeat: Bool)
    case withdrawn(isRepeat: Bool)
    case wrongDigits(triesLeft: Int)
    case tooManyTries
    case tooManyVacancies
    /// The name was left open: complete it first.
    case nameOpen
    /// Under 16, or age not known.
    case notAllowed
    case clerkOnly
    /// Not a vacancy of this fair, withdrawn by the employer, or the employer has not been verified.
    case vacancyUnavailable
    /// 16 and 17 are not sent there.
    case vacancyNotUnder18
    /// The registration belongs to another fair.
    case otherFair
}

/// How an intent stands.
public enum IntentState: String, Codable, Sendable { case claimed, confirmed, void, withdrawn }

public struct StatedIntent: Hashable, Sendable {
    public var vacancyID: VacancyID
    public var state: IntentState
    public var level: IntentLevel
    public var passOnConsent: Bool
    public var at: Int64

    public init(vacancyID: VacancyID, state: IntentState, level: IntentLevel, passOnConsent: Bool, at: Int64) {
        self.vacancyID = vacancyID
        self.state = state
        self.level = level
        self.passOnConsent = passOnConsent
        self.at = at
    }
}

/// A name given on the phone for a registration whose name was left open. Only the surname is stored readable; the
/// whole name is sealed to headquarters' own key (`CompletionSealer`).
public struct NameCompletion: Hashable, Sendable {
    public var seeker: RecordID
    public var fairID: FairID
    public var surname: String
    /// A serialised `RecordBody` without place and clock.
    public var sealed: Data
    public var digits: String
    public var at: Int64

    public init(seeker: RecordID, fairID: FairID, surname: String, sealed: Data, digits: String, at: Int64) {
        self.seeker = seeker
        self.fairID = fairID
        self.surname = surname
        self.sealed = sealed
        self.digits = digits
        self.at = at
    }
}

public enum CompletionOutcome: Hashable, Sendable {
    case completed
    /// The name had been given or completed before; nothing changed.
    case alreadyKnown
    /// The record has not arrived: ask again later.
    case notArrived
    case wrongDigits(triesLeft: Int)
    case tooManyTries
    case clerkOnly
    case otherFair
}
