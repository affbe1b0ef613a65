// What may become of a record in the outbox: the rules that the SQLite store and its model share.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Where a record is on its way, as it stands on the disk. That it is being sent just now is never written down.
public enum OutboxState: String, Hashable, Sendable, CaseIterable {
    /// Committed; no receipt of today's generation of headquarters.
    case pending
    /// Headquarters has it, by a signed receipt.
    case receipted
    /// Headquarters refused it: kept, shown, exported, never sent again by itself.
    case quarantined
    /// Headquarters has it in a verified backup; here only its digest is left.
    case purged
}

public enum OutboxRule {
    /// Records that one step of housework touches. A step is one transaction of some 200 KiB, about one sync of a flash
    /// card: no registration waits longer for it.
    public static let stepRecordsMax = 128
    /// Between two steps; whoever registers goes first.
    public static let stepPause = Duration.milliseconds(200)
    /// Records put back to pending in the answer to one hello because headquarters lacks them.
    public static let refillRecordsMax = 256
    /// Sequences of one gap that are looked at in one hello; the rest shows when these are filled.
    public static let gapSequencesMax: Int64 = 1024
    /// The same gaps are filled again this often at most: a headquarters that asks for ever must not keep a kiosk busy.
    public static let refillInterval = Duration.seconds(3600)
    /// Directives kept; then the oldest goes. One has some 200 bytes, and headquarters has a journal of its own.
    public static let directivesMax: Int64 = 10_000
    /// Directives of each kind in one hello.
    public static let directivesInHelloMax = 64
    /// Bytes of one signed erasure directive.
    public static let erasureBytesMax = 1024
    /// Bytes of a reason as headquarters gives it.
    public static let reasonBytesMax = 64

    /// What a line of a verified receipt of today's generation makes of a record; nil: it stays as it is.
    ///
    /// What is receipted is never put back by a line of a receipt, and what is purged stays purged.
    ///
    /// - Parameter isReceiptedNow: receipted, under today's generation. A receipt of an earlier one counts as none.
    public static func next(
        _ state: OutboxState, isReceiptedNow: Bool, _ outcome: VerifiedReceipt.Outcome
    ) -> OutboxState? {
        if state == .purged || isReceiptedNow { return nil }
        switch outcome {
        case .accepted, .duplicate, .duplicateErased, .held: return .receipted
        case .refused: return state == .quarantined ? nil : .quarantined
        case .retryLater: return nil
        }
    }

    /// A reason as it is stored: printable ASCII only, cut; nil where nothing is left.
    public static func reason(_ text: String) -> String? {
        let plain = text.utf8.prefix(reasonBytesMax).filter { (0x21...0x7E).contains($0) }
        return plain.isEmpty ? nil : String(decoding: plain, as: UTF8.self)
    }
}

/// Sequences of a lineage that headquarters lacks.
public struct SequenceGap: Hashable, Sendable {
    /// 16 bytes.
    public var lineageID: Data
    /// 1 or more.
    public var first: Int64
    /// Nil: headquarters told no end; the first it lacks for certain, what follows it may have.
    public var last: Int64?

    public init(lineageID: Data, first: Int64, last: Int64?) {
        self.lineageID = lineageID
        self.first = first
        self.last = last
    }

    /// The part that is looked at now. Nil: nothing of it can be.
    ///
    /// - Parameter lastSequence: of the lineage at this kiosk.
    public func looked(lastSequence: Int64) -> ClosedRange<Int64>? {
        let end = min(last ?? lastSequence, first + (OutboxRule.gapSequencesMax - 1))
        return first <= end ? first...end : nil
    }
}

/// What headquarters holds of one lineage of this kiosk.
public struct LineageMark: Hashable, Sendable {
    /// 16 bytes.
    public var lineageID: Data
    /// Held without a gap; 0: none.
    public var knownThrough: Int64
    /// In a verified backup without a gap; 0: none.
    public var durableThrough: Int64
    /// Of the record at `durableThrough`, 32 bytes; empty: none.
    public var digestAtDurable: Data

    public init(lineageID: Data, knownThrough: Int64, durableThrough: Int64, digestAtDurable: Data = Data()) {
        self.lineageID = lineageID
        self.knownThrough = knownThrough
        self.durableThrough = durableThrough
        self.digestAtDurable = digestAtDurable
    }
}

/// An erasure directive whose signature was verified: the exact bytes, to be offered to another headquarters.
public struct ErasureDirective: Hashable, Sendable {
    /// 16 bytes.
    public var id: Data
    /// The serialised `Signed`.
    public var signed: Data

    public init(id: Data, signed: Data) {
        self.id = id
        self.signed = signed
    }
}
