// What the kiosk's core needs of a store: the seam between rules and SQL.

public import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What a record says. In the clear only in memory; on disk it is inside the seal.
public enum RecordKind: String, Sendable, Codable {
    case registration, entry, checkIn, slipCopy, slipReplaced, intent, wishesChange, dayChange, clockAnchor
}

/// Where the time of a record comes from (`protocol.md`, Record).
public struct ClockReading: Hashable, Sendable {
    public enum Quality: Int, Sendable, Codable, Comparable {
        case none = 0, hand = 1, ntp = 2, headquarters = 3
        public static func < (left: Quality, right: Quality) -> Bool { left.rawValue < right.rawValue }
    }
    /// Milliseconds since 1970 as the wall clock says; raw, may be nonsense.
    public var wallMilliseconds: Int64
    /// 16 bytes: `/proc/sys/kernel/random/boot_id`.
    public var bootID: Data
    /// Boots this kiosk has counted.
    public var bootCounter: Int
    /// CLOCK_BOOTTIME in milliseconds.
    public var bootMilliseconds: Int64
    public var quality: Quality

    public init(
        wallMilliseconds: Int64, bootID: Data, bootCounter: Int, bootMilliseconds: Int64, quality: Quality
    ) {
        self.wallMilliseconds = wallMilliseconds
        self.bootID = bootID
        self.bootCounter = bootCounter
        self.bootMilliseconds = bootMilliseconds
        self.quality = quality
    }
}

/// The fair and day this kiosk works for; stored, never derived from the wall clock.
public struct OpenFair: Hashable, Sendable {
    public var fairID: FairID
    public var day: CalendarDate
    /// False after a boot without a trusted clock, until a technician says that it is still that day.
    public var isDayConfirmed: Bool

    public init(fairID: FairID, day: CalendarDate, isDayConfirmed: Bool) {
        self.fairID = fairID
        self.day = day
        self.isDayConfirmed = isDayConfirmed
    }
}

/// What stays readable on the kiosk until the fair closes, and the keyed hashes for lost slips. Afterwards name and
/// wishes are empty and the hashes nil.
public struct DeskEntry: Hashable, Sendable {
    /// Surname only, e.g. `张*`; empty where the name was left open.
    public var maskedName: String
    public var wishes: Wishes
    /// 1: intents allowed; 2: none.
    public var slipPurpose: Int
    /// HMAC with the key in `/run` over document number and the last four digits of the phone; nil without both.
    public var lostSlipHash: Data?
    /// Keyed hash over record id and slip digits, 32 bytes, made and checked by `SlipDigits`.
    public var digitsHash: Data?

    public init(maskedName: String, wishes: Wishes, slipPurpose: Int, lostSlipHash: Data?, digitsHash: Data?) {
        self.maskedName = maskedName
        self.wishes = wishes
        self.slipPurpose = slipPurpose
        self.lostSlipHash = lostSlipHash
        self.digitsHash = digitsHash
    }
}

/// Wishes that take the place of those in a desk entry.
public struct DeskWishes: Hashable, Sendable {
    public var registration: RecordID
    public var wishes: Wishes

    public init(registration: RecordID, wishes: Wishes) {
        self.registration = registration
        self.wishes = wishes
    }
}

/// A sealed record, ready for its place in the chain.
public struct RecordDraft: Sendable {
    public var recordID: RecordID
    public var kind: RecordKind
    /// The associated data of the seal, serialised.
    public var identity: Data
    public var encapsulatedKey: Data
    public var ciphertext: Data
    /// HMAC(form key, canonical request), 32 bytes. A repeat with the same fingerprint gets the same answer.
    public var fingerprint: Data
    /// For registrations: also gives the record a ticket number and a print job.
    public var desk: DeskEntry?
    /// For slip copies: the registration whose slip is printed again (a print job marked as a copy).
    public var copyOf: RecordID?
    /// For changed wishes: the desk entry that has them from now on. One that a closing has emptied stays empty.
    public var wishes: DeskWishes?
    /// For day changes: what becomes the open fair in the same transaction. `.some(nil)` closes it. A fair that is no
    /// longer open loses its desk entries' content and its waiting print jobs in that transaction.
    public var opens: OpenFair??
    /// What fair and day the draft was decided on; anything else in the transaction is `fairChanged`. Nil: whatever is
    /// open.
    public var expects: OpenFair??

    public init(
        recordID: RecordID, kind: RecordKind, identity: Data, encapsulatedKey: Data, ciphertext: Data,
        fingerprint: Data, desk: DeskEntry? = nil, copyOf: RecordID? = nil, opens: OpenFair?? = nil,
        expects: OpenFair?? = nil
    ) {
        self.recordID = recordID
        self.kind = kind
        self.identity = identity
        self.encapsulatedKey = encapsulatedKey
        self.ciphertext = ciphertext
        self.fingerprint = fingerprint
        self.desk = desk
        self.copyOf = copyOf
        self.opens = opens
        self.expects = expects
    }
}

/// A record that is on the disk for good.
public struct CommittedRecord: Hashable, Sendable {
    public var recordID: RecordID
    public var sequence: Int64
    public var digest: Data
    public var fairID: FairID
    /// Nil for records made while no fair was open: clock anchors, and whoever came in after the closing.
    public var fairDay: CalendarDate?
    public var isDayConfirmed: Bool
    public var ticket: TicketNumber?
    public var desk: DeskEntry?
    /// The same request came before; this is its answer.
    public var isRepeat: Bool

    public init(
        recordID: RecordID, sequence: Int64, digest: Data, fairID: FairID, fairDay: CalendarDate?,
        isDayConfirmed: Bool, ticket: TicketNumber?, desk: DeskEntry?, isRepeat: Bool
    ) {
        self.recordID = recordID
        self.sequence = sequence
        self.digest = digest
        self.fairID = fairID
        self.fairDay = fairDay
        self.isDayConfirmed = isDayConfirmed
        self.ticket = ticket
        self.desk = desk
        self.isRepeat = isRepeat
    }
}

/// Why a record was not committed.
public enum RecordStoreError: Error, Hashable, Sendable {
    /// Same record id, other content: `record.conflict`. Nothing of the first is told.
    case conflict
    /// No fair is open on this kiosk.
    case noFairOpen
    /// Fair or day were changed since the draft was made; nothing was written.
    case fairChanged
    /// The four ticket pairs of the grant are used up, or there is no grant.
    case ticketsExhausted
    /// More than `RecordWriter.queueMax` requests wait; try again in a second.
    case busy
    /// The disk is full; nothing was written.
    case diskFull
    /// The commit's outcome is unknown: restart, look the record up (`protocol.md`, Kiosk). So is that of every request
    /// until the restart: it may be a repeat of the one that is not known.
    case unknownOutcome
    /// SQLite said something else; the code is its extended result code.
    case failed(code: Int32)
}

/// The precious store: every record this kiosk has made.
public protocol RecordStore: Sendable {
    /// Gives the draft its place, signs it, and returns when it is durable (or answers a repeat).
    func commit(_ draft: RecordDraft, clock: ClockReading) async throws(RecordStoreError) -> CommittedRecord
    /// The record that this very request has become; nil where the id was never seen. Throws `conflict`: same id, other
    /// fingerprint.
    func known(_ id: RecordID, fingerprint: Data) async throws(RecordStoreError) -> CommittedRecord?
    /// The registration whose slip carries this record id, if this kiosk made it.
    func registration(_ id: RecordID) async throws(RecordStoreError) -> CommittedRecord?
    /// The newest registration with this lost-slip hash.
    func registration(lostSlipHash: Data) async throws(RecordStoreError) -> CommittedRecord?
    /// The registration with this ticket number at this kiosk.
    func registration(ticket: TicketNumber) async throws(RecordStoreError) -> CommittedRecord?
    func openFair() async throws(RecordStoreError) -> OpenFair?
    /// The fair that was open last: entries and check-ins join it while none is open. Nil: none ever was.
    func lastFair() async throws(RecordStoreError) -> FairID?
    /// Counts for status pages.
    func counts() async throws(RecordStoreError) -> StoreCounts
}

public struct StoreCounts: Hashable, Sendable, Codable {
    public var records: Int
    public var pending: Int
    public var quarantined: Int
    public var registrationsToday: Int
    public var entriesToday: Int
    public var checkInsToday: Int
    public var printJobsWaiting: Int
    public var printJobsFailed: Int

    public init(
        records: Int, pending: Int, quarantined: Int, registrationsToday: Int, entriesToday: Int, checkInsToday: Int,
        printJobsWaiting: Int, printJobsFailed: Int
    ) {
        self.records = records
        self.pending = pending
        self.quarantined = quarantined
        self.registrationsToday = registrationsToday
        self.entriesToday = entriesToday
        self.checkInsToday = checkInsToday
        self.printJobsWaiting = printJobsWaiting
        self.printJobsFailed = printJobsFailed
    }
}
