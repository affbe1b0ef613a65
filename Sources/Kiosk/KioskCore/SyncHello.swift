// What headquarters answered to hello, and what that means for this kiosk's chain of records.

public import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Something to fetch. Downloads never hold up uploads.
public enum SyncDownload: Hashable, Sendable {
    case keyList
    case grant(FairID)
    case catalogue(FairID)
}

/// The verified answer to hello, beside what this kiosk knew when it asked.
public struct HelloAnswer: Sendable {
    /// Sequences of this lineage that headquarters holds without a gap; 0: none.
    public var knownThrough: Int64
    /// 32 bytes; empty where `knownThrough` is 0.
    public var digestAtKnownThrough: Data
    public var headquartersGeneration: Data
    /// Lineages headquarters tells this kiosk to leave.
    public var lineagesToLeave: [Data]
    /// Headquarters holds this kiosk's records and counts none of them until somebody looks.
    public var isRevoked: Bool
    /// What is newer there than here.
    public var downloads: [SyncDownload]
    /// The chain as it was when hello was sent.
    public var head: ChainHead
    /// This kiosk's own digest at `knownThrough`; nil where it no longer knows.
    public var ownDigestAtKnownThrough: Data?

    public init(
        knownThrough: Int64, digestAtKnownThrough: Data, headquartersGeneration: Data, lineagesToLeave: [Data],
        isRevoked: Bool, downloads: [SyncDownload], head: ChainHead, ownDigestAtKnownThrough: Data?
    ) {
        self.knownThrough = knownThrough
        self.digestAtKnownThrough = digestAtKnownThrough
        self.headquartersGeneration = headquartersGeneration
        self.lineagesToLeave = lineagesToLeave
        self.isRevoked = isRevoked
        self.downloads = downloads
        self.head = head
        self.ownDigestAtKnownThrough = ownDigestAtKnownThrough
    }

    /// How the two chains compare.
    public enum Chain: String, Hashable, Sendable {
        /// As it should be; a new lineage that headquarters has never seen is as it should be too.
        case continues
        /// Headquarters has records that this kiosk has lost: an older copy of its database was put back.
        case rolledBack
        /// Another record stands at a sequence both know: two devices live on one identity.
        case forked
        /// Headquarters says so.
        case toldToLeave
    }

    public var chain: Chain {
        if knownThrough > head.lastSequence { return .rolledBack }
        let own = knownThrough == head.lastSequence ? head.lastDigest : ownDigestAtKnownThrough
        if knownThrough > 0, let own, !own.isEmpty, own != digestAtKnownThrough { return .forked }
        return lineagesToLeave.contains(head.lineageID) ? .toldToLeave : .continues
    }

    /// Headquarters was restored from a backup: what it had receipted since may be gone.
    public var isOtherGeneration: Bool {
        !head.headquartersGeneration.isEmpty && head.headquartersGeneration != headquartersGeneration
    }
}
