// What is to be looked at about a kiosk: gaps, forks, held records, silence.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// One thing about one kiosk that somebody should look at. Words for it and what to do are in `KioskFindingWords`.
public struct KioskFinding: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        /// Sequences of a lineage that never arrived, while later ones did.
        case gap
        /// Two records at one place of a lineage.
        case fork
        /// One record id with different bytes.
        case conflict
        /// Stored, not understood; `reason` says why.
        case held
        /// No contact while a fair is on.
        case silent
        /// The kiosk reports records that headquarters refused.
        case quarantined
        /// The kiosk still has records to send.
        case pending
        /// The kiosk knew less of its own records than headquarters.
        case rollback
        case revoked
        /// An order about fair and day that the kiosk has not carried out.
        case dayOrder

        /// What happened and does not go away by itself: it stands until somebody says to have seen it.
        public var isAlarm: Bool { [.fork, .conflict, .rollback].contains(self) }
    }

    public var kind: Kind
    /// Milliseconds since 1970 by headquarters' clock; nil: not known.
    public var since: Int64?
    /// 16 bytes; nil where it is not about one lineage.
    public var lineageID: Data?
    /// Missing sequences, at most `LineageState.gapsMax` ranges.
    public var ranges: [ClosedRange<Int64>]
    /// Of records or sequences; all of them, also where `ranges` is cut.
    public var count: Int
    /// Stable code of why records are held, or of the change that was ordered.
    public var reason: String?
    /// The kiosk lives in another lineage by now.
    public var hasLeft: Bool
    /// Of an alarm (`Kind.isAlarm`): what `markSeen` is told, so that one that came since then alarms all the same.
    public var mark: Int64
    /// Nil: somebody has to look at it.
    public var seen: SeenMark?

    public init(
        _ kind: Kind, since: Int64? = nil, lineageID: Data? = nil, ranges: [ClosedRange<Int64>] = [], count: Int = 0,
        reason: String? = nil, hasLeft: Bool = false, mark: Int64 = 0, seen: SeenMark? = nil
    ) {
        self.kind = kind
        self.since = since
        self.lineageID = lineageID
        self.ranges = ranges
        self.count = count
        self.reason = reason
        self.hasLeft = hasLeft
        self.mark = mark
        self.seen = seen
    }
}

/// Who has seen an alarm, and when.
public struct SeenMark: Hashable, Sendable {
    /// A login's name.
    public var by: String
    /// Milliseconds since 1970 by headquarters' clock.
    public var at: Int64

    public init(by: String, at: Int64) {
        self.by = by
        self.at = at
    }
}

/// A kiosk and what is to be looked at.
public struct KioskReport: Hashable, Sendable {
    public var kiosk: KioskState
    /// Nil: it is not revoked.
    public var revokedAt: Int64?
    /// Of one lineage and kind there may be two: what was seen, and what came since.
    public var findings: [KioskFinding]
    /// What nobody has seen yet, and what is no alarm.
    public var toDo: [KioskFinding] { findings.filter { $0.seen == nil } }
    public var seen: [KioskFinding] { findings.filter { $0.seen != nil } }

    public init(kiosk: KioskState, revokedAt: Int64?, findings: [KioskFinding]) {
        self.kiosk = kiosk
        self.revokedAt = revokedAt
        self.findings = findings
    }
}

public protocol KioskReportStore: Sendable {
    /// Every kiosk by label. A kiosk is silent only while a fair is on there: the one it said to be open last, or one it
    /// was given that has a day today.
    ///
    /// - Parameter now: milliseconds since 1970 by headquarters' clock.
    func kioskReports(now: Int64) async throws -> [KioskReport]
    /// Somebody has seen the alarms of this kind and lineage up to `mark`, as `KioskFinding.mark` said it. False, and
    /// nothing is written: there is no such alarm, or it was seen already.
    func markSeen(
        _ kind: KioskFinding.Kind, of deviceID: Data, lineageID: Data, through mark: Int64, by name: String,
        line: AuditLine
    ) async throws -> Bool
}
