// What headquarters does with an arrived record: pure decisions, the store carries them out.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Records of one device and lineage, in the order they were sent.
public struct IngestBatch: Sendable {
    public var deviceID: Data
    public var lineageID: Data
    /// 16 bytes, made by the kiosk; tells a receipt of this store from one of a store that was lost.
    public var batchID: Data
    public var records: [ArrivedRecord]
    public var receivedAt: Int64

    public init(deviceID: Data, lineageID: Data, batchID: Data, records: [ArrivedRecord], receivedAt: Int64) {
        self.batchID = batchID
        self.deviceID = deviceID
        self.lineageID = lineageID
        self.records = records
        self.receivedAt = receivedAt
    }
}

/// The result codes of a receipt.
public enum IngestCode: String, Sendable, CaseIterable {
    case accepted
    case duplicate
    case duplicateErased
    /// Stored, not yet understood: for the kiosk as good as accepted.
    case held
    /// Nothing was stored; the record may be sent again.
    case retryLater
    /// Nothing was stored; the bytes cannot be vouched for.
    case refused
}

/// What the store already has under a record's id.
public struct KnownRecord: Hashable, Sendable {
    /// Digest of the accepted record; nil: none was accepted.
    public var acceptedDigest: Data?
    /// The person was erased; only the id and the digest are left.
    public var isErased: Bool
    /// Digests of frames held under this id.
    public var heldDigests: Set<Data>

    public init(acceptedDigest: Data?, isErased: Bool = false, heldDigests: Set<Data> = []) {
        self.acceptedDigest = acceptedDigest
        self.isErased = isErased
        self.heldDigests = heldDigests
    }
}

/// A frame that was stored and not understood when it arrived.
public struct HeldFrame: Hashable, Sendable {
    /// SHA-256 of `frame`.
    public var digest: Data
    /// The exact bytes that arrived.
    public var frame: Data

    public init(digest: Data, frame: Data) {
        self.digest = digest
        self.frame = frame
    }
}

/// One decision: the line of the receipt and what to store.
public struct IngestDecision: Hashable, Sendable {
    public enum Storing: Hashable, Sendable {
        case record, held, nothing
        /// Id, digest and place in the chain; nothing of what it says.
        case erased
    }

    public var code: IngestCode
    public var reason: IngestReason?
    public var storing: Storing
    /// Same id with other bytes: somebody has to look.
    public var isAlarm: Bool

    public init(_ code: IngestCode, reason: IngestReason? = nil, storing: Storing = .nothing, isAlarm: Bool = false) {
        self.code = code
        self.reason = reason
        self.storing = storing
        self.isAlarm = isAlarm
    }
}

/// `docs/protocol.md`, Headquarters. De-duplication is by record id, never by sequence, and never expires.
public enum IngestRule {
    /// A kiosk may ask again after this long, in milliseconds.
    public static let retryAfterMilliseconds = 60_000

    /// - Parameter known: nil where the store has nothing under this id.
    public static func decide(_ arrived: ArrivedRecord, known: KnownRecord?) -> IngestDecision {
        switch arrived {
        case .refused(_, _, let reason):
            return IngestDecision(.refused, reason: reason)
        case .postponed(_, _, let reason):
            return IngestDecision(.retryLater, reason: reason)
        case .sealed(let envelope, let reason):
            return decide(envelope, known: known, fresh: IngestDecision(.held, reason: reason, storing: .held))
        case .opened(let envelope, _):
            return decide(envelope, known: known, fresh: IngestDecision(.accepted, storing: .record))
        }
    }

    /// A record of somebody who was erased: as good as accepted for the kiosk, and nothing of it stays.
    public static let erased = IngestDecision(.duplicateErased, storing: .erased)

    private static func decide(
        _ envelope: RecordEnvelope, known: KnownRecord?, fresh: IngestDecision
    ) -> IngestDecision {
        guard let known else { return fresh }
        if known.isErased { return IngestDecision(.duplicateErased) }
        if known.acceptedDigest == envelope.digest { return IngestDecision(.duplicate) }
        let isHeldAlready = known.heldDigests.contains(envelope.digest)
        if known.acceptedDigest == nil, isHeldAlready {
            // Held before; understood now (a newer program, a fair that was added): take it in, else keep holding.
            guard known.heldDigests.count == 1, fresh.storing == .record else {
                return IngestDecision(.held, reason: fresh.reason ?? .recordConflict)
            }
            return fresh
        }
        return IngestDecision(
            .held, reason: .recordConflict, storing: isHeldAlready ? .nothing : .held, isAlarm: !isHeldAlready)
    }

    /// Whether a frame at this place shows that two branches of one lineage exist: the sequence is taken by another
    /// record, the digest before it is not the one known here, or a frame after it, which came earlier, names another
    /// before itself. Logged, never a reason to refuse.
    ///
    /// - Parameter namedAfter: what the frames at the next sequence name as the digest before them.
    public static func isFork(
        _ envelope: RecordEnvelope, digestsAtSequence: Set<Data>, digestsBefore: Set<Data>, namedAfter: Set<Data> = []
    ) -> Bool {
        if !digestsAtSequence.subtracting([envelope.digest]).isEmpty { return true }
        if !namedAfter.isEmpty, !namedAfter.contains(envelope.digest) { return true }
        if envelope.sequence == 1 { return !envelope.previousDigest.isEmpty }
        return !digestsBefore.isEmpty && !digestsBefore.contains(envelope.previousDigest)
    }
}

/// One line of the receipt.
public struct IngestResult: Hashable, Sendable {
    /// 16 bytes; empty where it could not be read.
    public var recordID: Data
    public var digest: Data
    public var code: IngestCode
    public var reason: IngestReason?

    public init(recordID: Data, digest: Data, code: IngestCode, reason: IngestReason?) {
        self.recordID = recordID
        self.digest = digest
        self.code = code
        self.reason = reason
    }
}

/// What a batch came to, after the commit. The receipt says nothing else.
public struct IngestReport: Hashable, Sendable {
    public var results: [IngestResult]
    public var generation: Generation
    public var lineage: LineageState
    /// For the log: forks and conflicts seen for the first time.
    public var forks: Int
    public var conflicts: Int

    public init(
        results: [IngestResult], generation: Generation, lineage: LineageState, forks: Int, conflicts: Int
    ) {
        self.results = results
        self.generation = generation
        self.lineage = lineage
        self.forks = forks
        self.conflicts = conflicts
    }
}
