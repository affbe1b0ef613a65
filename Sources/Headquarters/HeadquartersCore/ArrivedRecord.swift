// A record as it arrived, read as far as headquarters could read it.

public import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A clock reading that travelled: raw values, never overwritten.
public struct ClockSample: Hashable, Sendable {
    /// As in `ClockQuality` of the contract: 0 none, 1 by hand, 2 NTP, 3 headquarters.
    public enum Quality: Int, Sendable { case none = 0, hand = 1, ntp = 2, headquarters = 3 }

    public var wallMilliseconds: Int64
    public var bootID: Data
    public var bootCounter: Int64
    public var bootMilliseconds: Int64
    public var quality: Quality

    public init(
        wallMilliseconds: Int64, bootID: Data, bootCounter: Int64, bootMilliseconds: Int64, quality: Quality
    ) {
        self.wallMilliseconds = wallMilliseconds
        self.bootID = bootID
        self.bootCounter = bootCounter
        self.bootMilliseconds = bootMilliseconds
        self.quality = quality
    }
}

/// What stands outside the seal, under a signature that was verified.
public struct RecordEnvelope: Hashable, Sendable {
    public var recordID: RecordID
    public var deviceID: Data
    public var fairID: FairID
    public var lineageID: Data
    public var sequence: Int64
    /// 32 bytes; empty for sequence 1.
    public var previousDigest: Data
    public var fairDay: CalendarDate?
    public var isDayConfirmed: Bool
    public var ticket: TicketNumber?
    public var clock: ClockSample
    /// SHA-256 of `frame`.
    public var digest: Data
    /// The exact bytes that arrived.
    public var frame: Data

    public init(
        recordID: RecordID, deviceID: Data, fairID: FairID, lineageID: Data, sequence: Int64, previousDigest: Data,
        fairDay: CalendarDate?, isDayConfirmed: Bool, ticket: TicketNumber?, clock: ClockSample, digest: Data,
        frame: Data
    ) {
        self.recordID = recordID
        self.deviceID = deviceID
        self.fairID = fairID
        self.lineageID = lineageID
        self.sequence = sequence
        self.previousDigest = previousDigest
        self.fairDay = fairDay
        self.isDayConfirmed = isDayConfirmed
        self.ticket = ticket
        self.clock = clock
        self.digest = digest
        self.frame = frame
    }
}

/// What headquarters keeps readable of a registration. All else stays in the sealed original, which is kept.
public struct OpenedRegistration: Hashable, Sendable {
    /// Nil: no document, the registration stands alone.
    public var person: PersonKey?
    /// Nil: the name was left open.
    public var surname: String?
    /// Last four of the phone, else of the document; nil: neither.
    public var slipDigits: String?
    public var ageBand: AgeBand
    public var hasBirthDate: Bool
    /// The slip's purpose is 1 and the age allows it.
    public var allowsIntents: Bool
    public var isRehearsal: Bool

    public init(
        person: PersonKey?, surname: String?, slipDigits: String?, ageBand: AgeBand, hasBirthDate: Bool,
        allowsIntents: Bool, isRehearsal: Bool
    ) {
        self.person = person
        self.surname = surname
        self.slipDigits = slipDigits
        self.ageBand = ageBand
        self.hasBirthDate = hasBirthDate
        self.allowsIntents = allowsIntents
        self.isRehearsal = isRehearsal
    }
}

/// What a record says, once opened.
public enum RecordContent: Hashable, Sendable {
    case registration(OpenedRegistration)
    case entry(people: Int, isRehearsal: Bool)
    case checkIn(seeker: RecordID)
    case intent(OpenedIntent)
    /// The whole name stays in the sealed original.
    case completion(seeker: RecordID, surname: String)
    /// Name and phone may be passed on to this employer, or no longer: a word about all its vacancies.
    case consentChange(seeker: RecordID, employer: EmployerID, isGiven: Bool)
    /// What is wished stays in the sealed original. `digits`: as the holder said them.
    case wishesChange(seeker: RecordID, digits: String)
    case clockAnchor(bootID: Data, bootMilliseconds: Int64, headquartersMilliseconds: Int64, roundTrip: Int64)
    /// Which fair and day is open on the kiosk.
    case dayChange(OpenedDayChange)
    /// About a slip, kept, and without effect on forms and figures: copies, replacements, withdrawals.
    case aboutSlip(kind: String, seeker: RecordID)
    /// Understood, kept, and without effect on forms and figures.
    case noted(kind: String)

    /// Name of the kind, as stored.
    public var kind: String {
        switch self {
        case .registration: "registration"
        case .entry: "entry"
        case .checkIn: "checkIn"
        case .intent: "intent"
        case .completion: "completion"
        case .consentChange: "consentChange"
        case .wishesChange: "wishesChange"
        case .clockAnchor: "clockAnchor"
        case .dayChange: "dayChange"
        case .aboutSlip(let kind, _), .noted(let kind): kind
        }
    }

    /// The registration whose slip the record is about; nil: it is about none, or is a registration itself.
    public var seeker: RecordID? {
        switch self {
        case .checkIn(let seeker), .completion(let seeker, _), .consentChange(let seeker, _, _),
            .wishesChange(let seeker, _), .aboutSlip(_, let seeker):
            seeker
        case .intent(let intent): intent.seeker
        case .registration, .entry, .clockAnchor, .dayChange, .noted: nil
        }
    }
}

/// An intent that came as a record: headquarters checks the digits again.
public struct OpenedIntent: Hashable, Sendable {
    public var seeker: RecordID
    public var vacancyID: VacancyID
    public var level: IntentLevel
    public var passOnConsent: Bool
    public var isWithdrawn: Bool
    public var digits: String

    public init(
        seeker: RecordID, vacancyID: VacancyID, level: IntentLevel, passOnConsent: Bool, isWithdrawn: Bool,
        digits: String
    ) {
        self.seeker = seeker
        self.vacancyID = vacancyID
        self.level = level
        self.passOnConsent = passOnConsent
        self.isWithdrawn = isWithdrawn
        self.digits = digits
    }
}

/// How far a frame could be read.
public enum ArrivedRecord: Hashable, Sendable {
    /// Bytes nobody can vouch for. `recordID` is 16 bytes where it could be read, else empty.
    case refused(recordID: Data, digest: Data, reason: IngestReason)
    /// Cannot be judged now; nothing is stored.
    case postponed(recordID: Data, digest: Data, reason: IngestReason)
    /// Signed by a known device, but its payload is not understood.
    case sealed(RecordEnvelope, reason: IngestReason)
    case opened(RecordEnvelope, RecordContent)
}

/// Stable codes in receipts; never data.
public enum IngestReason: String, Sendable, CaseIterable {
    case frameMalformed = "frame.malformed"
    case frameTooLarge = "frame.tooLarge"
    case signatureInvalid = "signature.invalid"
    case deviceUnknown = "device.unknown"
    case schemaUnknown = "schema.unknown"
    case keyUnknown = "key.unknown"
    case sealBroken = "seal.broken"
    case payloadInvalid = "payload.invalid"
    case recordConflict = "record.conflict"
    case fairUnknown = "fair.unknown"
    case otherLineage = "batch.otherLineage"
    /// Held until the kiosk is reinstated.
    case deviceRevoked = "device.revoked"
    /// The database could not take this one record.
    case storeFailed = "store.failed"
}
