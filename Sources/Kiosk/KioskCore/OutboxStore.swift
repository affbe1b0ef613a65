// What sync needs of the store.

public import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A committed record that headquarters has not receipted.
public struct OutboxRecord: Hashable, Sendable {
    /// Where it stands among all records of this store; rises over all lineages, which sequences do not.
    public var position: Int64
    public var recordID: RecordID
    public var sequence: Int64
    public var digest: Data
    /// The exact bytes of the `Frame`.
    public var frame: Data

    public init(position: Int64, recordID: RecordID, sequence: Int64, digest: Data, frame: Data) {
        self.position = position
        self.recordID = recordID
        self.sequence = sequence
        self.digest = digest
        self.frame = frame
    }
}

/// Where this kiosk's chain of records stands.
public struct ChainHead: Hashable, Sendable {
    /// 16 bytes.
    public var lineageID: Data
    /// 0: no record yet.
    public var lastSequence: Int64
    /// 32 bytes; empty where there is no record yet.
    public var lastDigest: Data
    /// Every record up to here has a receipt.
    public var receiptedThrough: Int64
    public var pendingCount: Int
    /// Of the newest receipt; 0: none.
    public var newestReceiptSerial: Int64
    /// Of the newest receipt; empty: none.
    public var headquartersGeneration: Data
    /// The serialised `Signed` of the newest receipt; empty: none.
    public var newestReceipt: Data

    public init(
        lineageID: Data, lastSequence: Int64, lastDigest: Data, receiptedThrough: Int64, pendingCount: Int,
        newestReceiptSerial: Int64, headquartersGeneration: Data, newestReceipt: Data
    ) {
        self.lineageID = lineageID
        self.lastSequence = lastSequence
        self.lastDigest = lastDigest
        self.receiptedThrough = receiptedThrough
        self.pendingCount = pendingCount
        self.newestReceiptSerial = newestReceiptSerial
        self.headquartersGeneration = headquartersGeneration
        self.newestReceipt = newestReceipt
    }
}

/// A receipt whose signature, device and lineage were verified. Only this moves a record from `pending`.
public struct VerifiedReceipt: Sendable {
    public enum Outcome: String, Sendable { case accepted, duplicate, duplicateErased, held, retryLater, refused }
    public struct Line: Sendable {
        public var recordID: RecordID
        public var digest: Data
        public var outcome: Outcome
        /// Headquarters' code for why, where it says one.
        public var reason: String
        public init(recordID: RecordID, digest: Data, outcome: Outcome, reason: String = "") {
            self.recordID = recordID
            self.digest = digest
            self.outcome = outcome
            self.reason = reason
        }
    }
    /// Whose records these are, 16 bytes.
    public var lineageID: Data
    public var serial: Int64
    public var headquartersGeneration: Data
    public var lines: [Line]
    public var durableThrough: Int64
    /// Of the record at `durableThrough`, 32 bytes; empty: none.
    public var digestAtDurable: Data
    /// The serialised `Signed`, kept as evidence.
    public var signed: Data

    public init(
        lineageID: Data, serial: Int64, headquartersGeneration: Data, lines: [Line], durableThrough: Int64,
        digestAtDurable: Data = Data(), signed: Data
    ) {
        self.lineageID = lineageID
        self.serial = serial
        self.headquartersGeneration = headquartersGeneration
        self.lines = lines
        self.durableThrough = durableThrough
        self.digestAtDurable = digestAtDurable
        self.signed = signed
    }
}

/// What became of a receipt.
public struct ReceiptEffect: Hashable, Sendable {
    /// Records that left `pending` or came out of quarantine.
    public var moved: Int
    /// It is of another generation of headquarters than the one heard last: nothing was done with it.
    public var isOtherGeneration: Bool

    public init(moved: Int, isOtherGeneration: Bool = false) {
        self.moved = moved
        self.isOtherGeneration = isOtherGeneration
    }
}

/// What hello says of the outbox.
public struct HelloFacts: Hashable, Sendable {
    public var head: ChainHead
    /// Of directives that came since they were last confirmed, at most `OutboxRule.directivesInHelloMax`.
    public var directivesToConfirm: [Data]
    /// Not offered to this generation of headquarters yet, at most as many.
    public var erasuresToOffer: [ErasureDirective]

    public init(head: ChainHead, directivesToConfirm: [Data] = [], erasuresToOffer: [ErasureDirective] = []) {
        self.head = head
        self.directivesToConfirm = directivesToConfirm
        self.erasuresToOffer = erasuresToOffer
    }
}

/// What the verified answer to hello changes in the store, all at once.
public struct HelloNews: Hashable, Sendable {
    /// Another than before: every receipt so far counts as none, and nothing is purged before there are new ones.
    public var headquartersGeneration: Data
    /// The asked lineage first. Their `durableThrough` is all that permits purging, and only where this kiosk's own
    /// record there has the same digest: the chain proves what is before it. Two cards of one identity share a lineage
    /// and its numbers, and not the records.
    public var marks: [LineageMark]
    /// Records of these are offered again where they are receipted and still here.
    public var gaps: [SequenceGap]
    public var erasures: [ErasureDirective]
    /// Ids of directives that the question confirmed.
    public var confirmed: [Data]
    /// Ids of erasure directives that the question offered.
    public var offered: [Data]
    public var isRevoked: Bool
    /// When headquarters said all this, by its own clock; 0: it is not noted.
    public var saidMilliseconds: Int64
    /// By stick: counts only where what was heard last was said before this. Nil: as hello is answered, which is the newest.
    public var ifHeardBefore: Int64?

    public init(
        headquartersGeneration: Data, marks: [LineageMark] = [], gaps: [SequenceGap] = [],
        erasures: [ErasureDirective] = [], confirmed: [Data] = [], offered: [Data] = [], isRevoked: Bool = false,
        saidMilliseconds: Int64 = 0, ifHeardBefore: Int64? = nil
    ) {
        self.saidMilliseconds = saidMilliseconds
        self.ifHeardBefore = ifHeardBefore
        self.headquartersGeneration = headquartersGeneration
        self.marks = marks
        self.gaps = gaps
        self.erasures = erasures
        self.confirmed = confirmed
        self.offered = offered
        self.isRevoked = isRevoked
    }
}

/// What the news came to.
public struct HelloEffect: Hashable, Sendable {
    /// Headquarters is another one than the last time: restored from a backup.
    public var isNewGeneration: Bool
    /// Records put back to pending for the gaps.
    public var offeredAgain: Int
    /// Sequences of the gaps that are not here either: purged, or lost with an older copy of the database.
    public var unavailable: Int
    /// By stick, and older than what was heard: nothing was done with it.
    public var isStale: Bool
    /// This kiosk is revoked from now on, or no longer.
    public var changesStanding: Bool

    public init(
        isNewGeneration: Bool = false, offeredAgain: Int = 0, unavailable: Int = 0, isStale: Bool = false,
        changesStanding: Bool = false
    ) {
        self.isStale = isStale
        self.changesStanding = changesStanding
        self.isNewGeneration = isNewGeneration
        self.offeredAgain = offeredAgain
        self.unavailable = unavailable
    }
}

public protocol OutboxStore: Sendable {
    /// Pending records of one lineage by position, from `after` on (exclusive), within both limits (at least one).
    func pending(after: Int64, countMax: Int, bytesMax: Int) async throws(RecordStoreError) -> [OutboxRecord]
    func chainHead() async throws(RecordStoreError) -> ChainHead
    func helloFacts() async throws(RecordStoreError) -> HelloFacts
    /// When headquarters said what this kiosk heard last, by its clock, milliseconds since 1970; 0: not known.
    func heardMilliseconds() async throws(RecordStoreError) -> Int64
    /// The digest of a record of this kiosk, whatever became of it; nil where there is none.
    func digest(lineageID: Data, sequence: Int64) async throws(RecordStoreError) -> Data?
    /// Moves records whose id, digest *and* lineage match by `OutboxRule.next`. A receipt of another generation than the
    /// one that answered hello last changes nothing.
    func apply(_ receipt: VerifiedReceipt) async throws(RecordStoreError) -> ReceiptEffect
    /// Takes in what an answer to hello says.
    func settle(_ news: HelloNews) async throws(RecordStoreError) -> HelloEffect
    /// One step: records receipted by an earlier generation of headquarters become pending again. Returns how many; fewer
    /// than `OutboxRule.stepRecordsMax`: that was all.
    func offerAgain() async throws(RecordStoreError) -> Int
    /// One step: takes the frames of records that stand in headquarters' verified backup. Returns how many, as above.
    func purge() async throws(RecordStoreError) -> Int
    /// A directive about fair and day was carried out; the next hellos say so until one is answered.
    func followed(directive id: Data) async throws(RecordStoreError)
    /// Leaves the lineage (rollback or fork was detected); the next record starts a new one.
    func startNewLineage() async throws(RecordStoreError)
}

/// Catalogues as signed by headquarters; rebuildable, replaced by rename.
public protocol CatalogueStore: Sendable {
    /// Replaces the catalogue of one fair at once.
    func save(_ catalogue: Catalogue, etag: String, signed: Data) async throws
    func etag(of fair: FairID) async throws -> String?
    func catalogue(of fair: FairID) async throws -> Catalogue?
    /// Every fair this kiosk holds a catalogue of, by first day.
    func fairs() async throws -> [Fair]
}
