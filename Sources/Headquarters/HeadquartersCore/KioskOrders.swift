// What headquarters tells a kiosk to do: leave a lineage, stop registering, open and close a fair.

public import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Changes of fair and day, named as in the contract.
public enum FairDayChange: String, Sendable, CaseIterable {
    case fairOpened
    case dayOpened
    case dayConfirmed
    case dayUnconfirmed
    case fairClosed

    /// Whether a record of this change shows that `order` was carried out.
    func fulfils(_ order: FairDayChange) -> Bool {
        switch order {
        case .fairClosed: self == .fairClosed
        case .fairOpened, .dayOpened, .dayConfirmed: [.fairOpened, .dayOpened, .dayConfirmed].contains(self)
        case .dayUnconfirmed: false
        }
    }
}

/// A record of a kiosk about its fair and day.
public struct OpenedDayChange: Hashable, Sendable {
    public var change: FairDayChange
    public var day: CalendarDate?
    public var isByHeadquarters: Bool

    public init(change: FairDayChange, day: CalendarDate?, isByHeadquarters: Bool) {
        self.change = change
        self.day = day
        self.isByHeadquarters = isByHeadquarters
    }
}

/// Headquarters opens, changes or closes the fair at one kiosk. The newest order of a kiosk replaces those before it.
public struct DayOrder: Hashable, Sendable {
    /// 16 random bytes.
    public var directiveID: Data
    public var deviceID: Data
    public var fairID: FairID
    /// `fairOpened`, `dayOpened` or `fairClosed`.
    public var change: FairDayChange
    public var day: CalendarDate
    public var madeAt: Int64

    public init(
        directiveID: Data, deviceID: Data, fairID: FairID, change: FairDayChange, day: CalendarDate, madeAt: Int64
    ) {
        self.directiveID = directiveID
        self.deviceID = deviceID
        self.fairID = fairID
        self.change = change
        self.day = day
        self.madeAt = madeAt
    }

    /// Whether a record shows that this was done: the same fair and day, by this order or later than it.
    public func isFulfilled(by said: OpenedDayChange, at fair: FairID, occurred: OccurredAt) -> Bool {
        guard fair == fairID, said.change.fulfils(change), said.isByHeadquarters || occurred.upper >= madeAt else {
            return false
        }
        return change == .fairClosed || said.day == day
    }

    /// Whether what hello says shows that there is nothing to do.
    ///
    /// - Parameter openFair: nil: none is open there.
    public func isMoot(openFair: FairID?) -> Bool { change == .fairClosed && openFair != fairID }

    /// A day that is over is not opened any more; a fair is closed however late.
    public func isExpired(today: CalendarDate?) -> Bool {
        guard change != .fairClosed, let today else { return false }
        return day < today
    }
}

/// Why a kiosk is to leave a lineage.
public enum LeaveReason: String, Sendable {
    /// It knows less of its own records than headquarters: a card or database was put back.
    case rollback
    /// Two records at one place: two kiosks live on one identity, or one was put back.
    case fork
    /// A technician said so.
    case hand
}

public enum LineageRule {
    /// Whether a kiosk that says this was put back to an earlier state, or is one of two with one identity.
    ///
    /// - Parameters:
    ///   - highest: the highest sequence headquarters has of the lineage.
    ///   - digestsThere: of its frames at the sequence that was said to be the last.
    public static func objection(
        lastSequence: Int64, lastDigest: Data, highest: Int64, digestsThere: Set<Data>
    ) -> LeaveReason? {
        if highest > lastSequence { return .rollback }
        if lastSequence > 0, !lastDigest.isEmpty, !digestsThere.isEmpty, !digestsThere.contains(lastDigest) {
            return .fork
        }
        return nil
    }

    /// Whether a hello without an objection takes back the order to leave: the hello before was only overtaken by a batch.
    ///
    /// Not where the kiosk has begun another lineage since, or two branches have arrived: then this is another card with
    /// the same identity, and it leaves, too.
    ///
    /// - Parameters:
    ///   - reason: why the lineage is to be left; nil: it is not.
    ///   - highest: the highest sequence headquarters has of the lineage.
    ///   - isNewest: no other lineage of the kiosk was first seen later.
    ///   - hasFork: two records at one place of this lineage have arrived.
    public static func isTakenBack(
        _ reason: LeaveReason?, lastDigest: Data, highest: Int64, isNewest: Bool, hasFork: Bool
    ) -> Bool {
        reason == .rollback && (!lastDigest.isEmpty || highest == 0) && isNewest && !hasFork
    }
}

/// A lineage that a kiosk is to leave.
public struct LeaveOrder: Hashable, Sendable {
    public var directiveID: Data
    public var lineageID: Data

    public init(directiveID: Data, lineageID: Data) {
        self.directiveID = directiveID
        self.lineageID = lineageID
    }
}

/// What the answer to one hello carries besides offers, or a stick.
public struct KioskOrders: Hashable, Sendable {
    /// Of the directive; nil: the kiosk is not revoked.
    public var revocationID: Data?
    /// For hello the lineage that it named, if that is to be left; for a stick every one, for nobody has said where the
    /// kiosk is: the newest first, at most `LineageMark.marksMax`.
    public var leaves: [LeaveOrder]
    /// For a kiosk that leaves its lineage: all its ticket pairs at the fair that is open there, a fresh one last. Two cards
    /// of one identity, or one card put back twice, know nothing of the letters that the other has taken; headquarters
    /// does. Empty: no fair is open, or there are no more letters.
    public var ticketPairs: [String] = []
    /// Of the first of `leaves`.
    public var leaveID: Data? { leaves.first?.directiveID }
    /// Seen for the first time with this hello.
    public var newObjection: LeaveReason?
    public var dayOrders: [DayOrder]

    public init(
        revocationID: Data? = nil, leaves: [LeaveOrder] = [], newObjection: LeaveReason? = nil,
        dayOrders: [DayOrder] = []
    ) {
        self.revocationID = revocationID
        self.leaves = leaves
        self.newObjection = newObjection
        self.dayOrders = dayOrders
    }
}

/// Orders to kiosks. Every call is one transaction with its audit line. Errors are `HeadquartersStoreError`;
/// `deviceUnknown` for a kiosk that is not enrolled.
public protocol KioskOrderStore: Sendable {
    /// From now on records of the kiosk are held, and it gets no catalogues and grants. False: it was revoked before.
    func revoke(_ deviceID: Data, directiveID: Data, line: AuditLine) async throws -> Bool
    /// Held records of the kiosk may be taken in again (`heldFrames` gives them). False: it was not revoked.
    func reinstate(_ deviceID: Data, line: AuditLine) async throws -> Bool
    /// The kiosk leaves this lineage when it says hello next. Returns the lineage, nil where the kiosk has not said hello.
    ///
    /// - Parameter lineageID: nil: the one in which the kiosk said hello last.
    func orderNewLineage(of deviceID: Data, lineageID: Data?, directiveID: Data, line: AuditLine) async throws -> Data?
    /// Replaces what was ordered before and is not done.
    func order(_ order: DayOrder, line: AuditLine) async throws
    /// What a stick carries to the kiosk: nothing is ended or found out by it. The lineage is the newest one that was
    /// heard of, empty where none was. Throws `deviceUnknown`.
    func standingOrders(of deviceID: Data, at: Int64) async throws -> (lineageID: Data, orders: KioskOrders)
    /// Orders that wait, by time.
    func openDayOrders() async throws -> [DayOrder]
}
