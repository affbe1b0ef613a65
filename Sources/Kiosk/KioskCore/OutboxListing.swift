// What `kioskctl outbox` shows: what waits, why and since when, and what headquarters refused. Holds no personal data.

public struct OutboxListing: Sendable, Codable {
    /// When a record was made, as the kiosk's clocks said; raw.
    public struct Moment: Sendable, Codable {
        public var wallMilliseconds: Int64
        /// `none`, `hand`, `ntp`, `headquarters`: how far to believe the wall clock.
        public var quality: String
        public var bootCounter: Int64
        public var bootMilliseconds: Int64
        /// By the boot clock, where it is still the same boot; nil: the machine was switched off since.
        public var secondsAgo: Int64?

        public init(
            wallMilliseconds: Int64, quality: String, bootCounter: Int64, bootMilliseconds: Int64, secondsAgo: Int64?
        ) {
            self.wallMilliseconds = wallMilliseconds
            self.quality = quality
            self.bootCounter = bootCounter
            self.bootMilliseconds = bootMilliseconds
            self.secondsAgo = secondsAgo
        }
    }

    /// Records of one lineage that wait for the same reason.
    public struct Waiting: Sendable, Codable {
        /// Headquarters' code for why it put them off; nil: it has not answered for them yet.
        public var reason: String?
        public var records: Int
        /// Of the oldest.
        public var firstSequence: Int64
        public var since: Moment?

        public init(reason: String?, records: Int, firstSequence: Int64, since: Moment?) {
            self.reason = reason
            self.records = records
            self.firstSequence = firstSequence
            self.since = since
        }
    }

    /// A record that headquarters refused.
    public struct Quarantined: Sendable, Codable {
        public var recordID: String
        public var sequence: Int64
        public var reason: String?
        public var since: Moment?

        public init(recordID: String, sequence: Int64, reason: String?, since: Moment?) {
            self.recordID = recordID
            self.sequence = sequence
            self.reason = reason
            self.since = since
        }
    }

    public struct Lineage: Sendable, Codable {
        /// 32 hexadecimal digits.
        public var id: String
        /// New records join it.
        public var isCurrent: Bool
        public var records: Int64
        public var pending: Int
        public var receipted: Int
        public var purged: Int
        public var quarantined: Int
        /// In headquarters' verified backup without a gap.
        public var durableThrough: Int64
        public var waiting: [Waiting]
        /// The oldest, `OutboxListing.quarantinedMax` at most.
        public var refused: [Quarantined]

        public init(
            id: String, isCurrent: Bool, records: Int64, pending: Int, receipted: Int, purged: Int, quarantined: Int,
            durableThrough: Int64, waiting: [Waiting], refused: [Quarantined]
        ) {
            self.id = id
            self.isCurrent = isCurrent
            self.records = records
            self.pending = pending
            self.receipted = receipted
            self.purged = purged
            self.quarantined = quarantined
            self.durableThrough = durableThrough
            self.waiting = waiting
            self.refused = refused
        }
    }

    /// Lines for one lineage; a screen or two.
    public static let quarantinedMax = 100
    /// Reasons of one lineage; headquarters has about a dozen.
    public static let reasonsMax = 20

    /// The oldest first.
    public var lineages: [Lineage]
    /// Erasure directives that this kiosk keeps for a headquarters that may have forgotten them.
    public var directives: Int
    /// How sync is getting on; nil: the kiosk is not enrolled.
    public var sync: Sync?

    public struct Sync: Sendable, Codable {
        /// `offline`, `hello`, `uploading`, `idle`, `backingOff`.
        public var phase: String
        public var secondsSinceContact: Int?
        /// Until hello is said or records are sent; nil: now under way.
        public var secondsToNextTry: Int?
        /// Why the last try failed, in a closed set of words; nil: it did not.
        public var lastError: String?
        /// Some records failed alone, or were put off: they are tried in a pass of their own every few minutes.
        public var hasSlowLane: Bool
        /// Records that headquarters lacks and that are not here any more.
        public var missing: Int

        public init(
            phase: String, secondsSinceContact: Int?, secondsToNextTry: Int?, lastError: String?, hasSlowLane: Bool,
            missing: Int
        ) {
            self.phase = phase
            self.secondsSinceContact = secondsSinceContact
            self.secondsToNextTry = secondsToNextTry
            self.lastError = lastError
            self.hasSlowLane = hasSlowLane
            self.missing = missing
        }
    }

    public init(lineages: [Lineage], directives: Int, sync: Sync? = nil) {
        self.lineages = lineages
        self.directives = directives
        self.sync = sync
    }
}

/// What became of `kioskctl outbox retry`.
public struct OutboxRetry: Sendable, Codable {
    /// Records that are pending again.
    public var records: Int

    public init(records: Int) {
        self.records = records
    }
}
