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

    public init(
        _ kind: Kind, since: Int64? = nil, lineageID: Data? = nil, ranges: [ClosedRange<Int64>] = [], count: Int = 0,
        reason: String? = nil, hasLeft: Bool = false
    ) {
        self.kind = kind
        self.since = since
        self.lineageID = lineageID
        self.ranges = ranges
        self.count = count
        self.reason = reason
        self.hasLeft = hasLeft
    }
}

/// A kiosk and what is to be looked at.
public struct KioskReport: Hashable, Sendable {
    public var kiosk: KioskState
    /// Nil: it is not revoked.
    public var revokedAt: Int64?
    public var findings: [KioskFinding]

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
}
