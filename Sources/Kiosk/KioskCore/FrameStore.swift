// What sticks need of the store: the frames as they stand there, whatever became of them.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Which records are carried on a stick.
public enum FrameScope: String, Sendable, Codable, CaseIterable {
    /// Pending and quarantined: what headquarters has not receipted.
    case waiting
    /// Everything that is still here, receipted or not.
    case unpurged
}

/// A record's frame and where it stands.
public struct StoredFrame: Hashable, Sendable, Codable {
    /// As `OutboxRecord.position`.
    public var position: Int64
    /// The exact bytes of the `Frame`.
    public var frame: Data

    public init(position: Int64, frame: Data) {
        self.position = position
        self.frame = frame
    }
}

/// A page of frames, as it goes over the control socket.
public struct FramePage: Sendable, Codable {
    /// Records of a page; with `bytesMax` below the answer that `kioskctl` takes, in base64 too.
    public static let recordsMax = 256
    /// Bytes of the frames of a page together.
    public static let bytesMax = 524_288

    /// Empty: there are no more.
    public var frames: [StoredFrame]
    /// Of the device, 32 bytes: what the frames are signed with.
    public var devicePublicKey: Data
    /// What headquarters signed at enrolment, in bytes; nil: not enrolled.
    public var statement: Data?

    public init(frames: [StoredFrame], devicePublicKey: Data, statement: Data?) {
        self.frames = frames
        self.devicePublicKey = devicePublicKey
        self.statement = statement
    }
}

/// Reading changes no record's state.
public protocol FrameStore: Sendable {
    /// By position, from `after` on (exclusive), over all lineages, within both limits (at least one).
    func frames(
        _ scope: FrameScope, after: Int64, countMax: Int, bytesMax: Int
    ) async throws(RecordStoreError) -> [StoredFrame]
}

/// How the stick that stays in the kiosk is getting on.
public enum StickCondition: Hashable, Sendable {
    /// Every record so far is on it.
    case upToDate
    /// Records are being written to it.
    case catchingUp
    /// Not plugged in, or not mounted.
    case missing
    case full
    /// Read-only, broken, or not answering; what the system said, never content.
    case failed(String)
}

/// What `kioskctl status` shows of it.
public struct StickStatus: Sendable, Codable {
    public var folder: String
    /// `upToDate`, `catchingUp`, `missing`, `full`, `failed`.
    public var condition: String
    /// The stick's own name, 16 hexadecimal digits; nil: none was found yet.
    public var stickID: String?
    /// Records written to it since it was plugged in or the daemon started.
    public var written: Int

    public init(folder: String, condition: String, stickID: String?, written: Int) {
        self.folder = folder
        self.condition = condition
        self.stickID = stickID
        self.written = written
    }
}

/// What became of one entry of a stick.
public struct StickIntake: Sendable, Codable, Hashable {
    public enum Outcome: String, Sendable, Codable, CaseIterable {
        /// It was new, and holds from now on.
        case taken
        /// Right, and known already, or older than what is here.
        case known
        /// For another kiosk.
        case others
        /// A kind of entry that is for headquarters.
        case headquarters
        /// An answer of headquarters: an order in it needs a catalogue or grant that is not here.
        case waiting
        /// Nobody whom this kiosk trusts has signed it, or it is not what it says.
        case untrusted
        /// It is of another state of headquarters than this kiosk has talked to last; nothing was done with it.
        case otherGeneration
        /// This kiosk is not enrolled.
        case notEnrolled
        /// The store failed; try again.
        case failed
    }
    public var outcome: Outcome
    /// Records a receipt moved.
    public var records: Int
    /// Orders of headquarters that were carried out; an answer to this kiosk need not hold any.
    public var orders: Int

    public init(_ outcome: Outcome, records: Int = 0, orders: Int = 0) {
        self.outcome = outcome
        self.records = records
        self.orders = orders
    }
}
