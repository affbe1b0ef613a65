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
        public init(recordID: RecordID, digest: Data, outcome: Outcome) {
            self.recordID = recordID
            self.digest = digest
            self.outcome = outcome
        }
    }
    public var serial: Int64
    public var headquartersGeneration: Data
    public var lines: [Line]
    public var durableThrough: Int64
    /// The serialised `Signed`, kept as evidence.
    public var signed: Data

    public init(serial: Int64, headquartersGeneration: Data, lines: [Line], durableThrough: Int64, signed: Data) {
        self.serial = serial
        self.headquartersGeneration = headquartersGeneration
        self.lines = lines
        self.durableThrough = durableThrough
        self.signed = signed
    }
}

public protocol OutboxStore: Sendable {
    /// Pending records of one lineage by position, from `after` on (exclusive), within both limits (at least one).
    func pending(after: Int64, countMax: Int, bytesMax: Int) async throws(RecordStoreError) -> [OutboxRecord]
    func chainHead() async throws(RecordStoreError) -> ChainHead
    /// The digest of a record of this kiosk, whatever became of it; nil where there is none.
    func digest(lineageID: Data, sequence: Int64) async throws(RecordStoreError) -> Data?
    /// Moves records whose id *and* digest match to `receipted` (accepted, duplicate, duplicateErased, held) or
    /// `quarantined` (refused). Unknown ids, other digests and `retryLater` change nothing. Returns how many moved.
    func apply(_ receipt: VerifiedReceipt) async throws(RecordStoreError) -> Int
    /// After headquarters was restored: receipted, unpurged records become pending again.
    func offerAgain() async throws(RecordStoreError) -> Int
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
