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
    /// With the ETag that headquarters offered, signed: no other edition is taken, unless it is a newer one.
    case catalogue(FairID, etag: String)
}

/// The verified answer to hello, beside what this kiosk knew and said when it asked.
public struct HelloAnswer: Sendable {
    /// Which lineage it speaks of: the one that hello named; on a stick, the newest one headquarters has heard of.
    public var lineageID: Data
    /// When headquarters said it, by its own clock, milliseconds since 1970.
    public var saidMilliseconds: Int64
    /// Sequences of this lineage that headquarters holds without a gap; 0: none.
    public var knownThrough: Int64
    /// 32 bytes; empty where `knownThrough` is 0.
    public var digestAtKnownThrough: Data
    /// Of this lineage, in a verified backup without a gap; 0: none.
    public var durableThrough: Int64
    /// 32 bytes; empty where `durableThrough` is 0.
    public var digestAtDurable: Data
    /// What headquarters lacks of this lineage below the highest it has; 64 ranges at most, in order.
    public var gaps: [ClosedRange<Int64>]
    /// Other lineages of this device, 64 at most.
    public var otherLineages: [LineageMark]
    public var headquartersGeneration: Data
    /// Lineages headquarters tells this kiosk to leave.
    public var lineagesToLeave: [Data]
    /// Headquarters holds this kiosk's records and counts none of them until somebody looks.
    public var isRevoked: Bool
    public var erasures: [ErasureDirective]
    public var dayDirectives: [DayDirective]
    /// What is newer there than here.
    public var downloads: [SyncDownload]
    /// What hello said: the chain as it was, and the directives that it confirmed and offered.
    public var asked: HelloFacts
    /// This kiosk's own digest at `knownThrough`; nil where it no longer knows.
    public var ownDigestAtKnownThrough: Data?

    public init(
        knownThrough: Int64, digestAtKnownThrough: Data, durableThrough: Int64 = 0,
        digestAtDurable: Data = Data(), gaps: [ClosedRange<Int64>] = [],
        otherLineages: [LineageMark] = [], headquartersGeneration: Data, lineagesToLeave: [Data] = [],
        isRevoked: Bool = false, erasures: [ErasureDirective] = [], dayDirectives: [DayDirective] = [],
        downloads: [SyncDownload] = [], asked: HelloFacts, ownDigestAtKnownThrough: Data?, lineageID: Data? = nil,
        saidMilliseconds: Int64 = 0
    ) {
        self.lineageID = lineageID ?? asked.head.lineageID
        self.saidMilliseconds = saidMilliseconds
        self.knownThrough = knownThrough
        self.digestAtKnownThrough = digestAtKnownThrough
        self.durableThrough = durableThrough
        self.digestAtDurable = digestAtDurable
        self.gaps = gaps
        self.otherLineages = otherLineages
        self.headquartersGeneration = headquartersGeneration
        self.lineagesToLeave = lineagesToLeave
        self.isRevoked = isRevoked
        self.erasures = erasures
        self.dayDirectives = dayDirectives
        self.downloads = downloads
        self.asked = asked
        self.ownDigestAtKnownThrough = ownDigestAtKnownThrough
    }

    private var head: ChainHead { asked.head }
    private var isAboutHead: Bool { lineageID == head.lineageID }

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
        guard isAboutHead else { return lineagesToLeave.contains(head.lineageID) ? .toldToLeave : .continues }
        if knownThrough > head.lastSequence { return .rolledBack }
        let own = knownThrough == head.lastSequence ? head.lastDigest : ownDigestAtKnownThrough
        if knownThrough > 0, let own, !own.isEmpty, own != digestAtKnownThrough { return .forked }
        return lineagesToLeave.contains(head.lineageID) ? .toldToLeave : .continues
    }

    /// Everything headquarters is known to lack. Where it tells no gap, the highest it has is `knownThrough`; of other
    /// lineages it tells no gaps at all.
    public var lacking: [SequenceGap] {
        var lacking = gaps.map { SequenceGap(lineageID: lineageID, first: $0.lowerBound, last: $0.upperBound) }
        if gaps.isEmpty, !isAboutHead || knownThrough < head.lastSequence {
            lacking.append(SequenceGap(lineageID: lineageID, first: knownThrough + 1, last: nil))
        }
        lacking += otherLineages.map { SequenceGap(lineageID: $0.lineageID, first: $0.knownThrough + 1, last: nil) }
        return lacking
    }

    /// - Parameter gaps: of `lacking`, those that are to be filled now.
    public func news(filling gaps: [SequenceGap]) -> HelloNews {
        HelloNews(
            headquartersGeneration: headquartersGeneration,
            marks: [
                LineageMark(
                    lineageID: lineageID, knownThrough: knownThrough, durableThrough: durableThrough,
                    digestAtDurable: digestAtDurable)
            ] + otherLineages,
            gaps: gaps, erasures: erasures, confirmed: asked.directivesToConfirm,
            offered: asked.erasuresToOffer.map(\.id), isRevoked: isRevoked, saidMilliseconds: saidMilliseconds)
    }
}

/// Headquarters' word about fair and day of this kiosk.
public struct DayDirective: Hashable, Sendable {
    /// 16 bytes.
    public var id: Data
    public var change: DayChange.Change
    public var day: CalendarDate
    /// Nil: an older headquarters names none, and means the fair that has the day.
    public var fairID: FairID?

    public init(id: Data, change: DayChange.Change, day: CalendarDate, fairID: FairID? = nil) {
        self.fairID = fairID
        self.id = id
        self.change = change
        self.day = day
    }
}
