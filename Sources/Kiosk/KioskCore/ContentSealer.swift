// What a record can say, and the seam to whoever seals it.

public import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The content of a record before it is mapped to the wire and sealed.
public enum RecordContent: Sendable {
    case registration(Registration, slipPurpose: Int, isRehearsal: Bool)
    /// One person walked in. `way` is `tap` or `scan`.
    case entry(way: String, isRehearsal: Bool)
    case checkIn(seeker: RecordID)
    case intent(StatedIntent)
    case wishesChange(WishesChange)
    case slipCopy(seeker: RecordID)
    case dayChange(DayChange)
    case clockAnchor(ClockAnchor)

    public var kind: RecordKind {
        switch self {
        case .registration: .registration
        case .entry: .entry
        case .checkIn: .checkIn
        case .intent: .intent
        case .wishesChange: .wishesChange
        case .slipCopy: .slipCopy
        case .dayChange: .dayChange
        case .clockAnchor: .clockAnchor
        }
    }
}

/// What a seeker said about one vacancy. At a kiosk every intent is preliminary.
public struct StatedIntent: Hashable, Sendable {
    public var seeker: RecordID
    public var vacancyID: VacancyID
    /// Name and phone may be passed on to this employer.
    public var passOnConsent: Bool
    public var isWithdrawn: Bool
    /// Four, as the holder of the slip said them: headquarters checks them again.
    public var digits: String

    public init(seeker: RecordID, vacancyID: VacancyID, passOnConsent: Bool, isWithdrawn: Bool, digits: String) {
        self.seeker = seeker
        self.vacancyID = vacancyID
        self.passOnConsent = passOnConsent
        self.isWithdrawn = isWithdrawn
        self.digits = digits
    }
}

/// Other wishes in the place of those of a registration.
public struct WishesChange: Hashable, Sendable {
    public var seeker: RecordID
    public var wishes: Wishes
    /// As in `StatedIntent`.
    public var digits: String

    public init(seeker: RecordID, wishes: Wishes, digits: String) {
        self.seeker = seeker
        self.wishes = wishes
        self.digits = digits
    }
}

/// Opening, next day, closing: each is a record.
public struct DayChange: Hashable, Sendable {
    public enum Change: String, Sendable { case fairOpened, dayOpened, dayConfirmed, dayUnconfirmed, fairClosed }
    public enum Author: String, Sendable { case technician, headquarters, clock }
    public var change: Change
    public var day: CalendarDate
    public var author: Author

    public init(change: Change, day: CalendarDate, author: Author) {
        self.change = change
        self.day = day
        self.author = author
    }
}

/// A pair of times taken in one hello: this boot's clock against headquarters' clock.
public struct ClockAnchor: Hashable, Sendable {
    public var bootID: Data
    public var bootMilliseconds: Int64
    public var headquartersMilliseconds: Int64
    public var roundTripMilliseconds: Int64

    public init(
        bootID: Data, bootMilliseconds: Int64, headquartersMilliseconds: Int64, roundTripMilliseconds: Int64
    ) {
        self.bootID = bootID
        self.bootMilliseconds = bootMilliseconds
        self.headquartersMilliseconds = headquartersMilliseconds
        self.roundTripMilliseconds = roundTripMilliseconds
    }
}

public struct SealedContent: Sendable {
    public var identity: Data
    public var encapsulatedKey: Data
    public var ciphertext: Data

    public init(identity: Data, encapsulatedKey: Data, ciphertext: Data) {
        self.identity = identity
        self.encapsulatedKey = encapsulatedKey
        self.ciphertext = ciphertext
    }
}

/// Maps content to the wire and seals it to headquarters' key. Only an enrolled kiosk has one.
public protocol ContentSealer: Sendable {
    func seal(_ content: RecordContent, recordID: RecordID, fairID: FairID) throws -> SealedContent
    /// The fair's token key from this kiosk's grant; nil without a grant.
    func tokenKey(of fair: FairID) -> Data?
}

/// Tells the time as this machine knows it.
public protocol ClockSource: Sendable {
    func read() -> ClockReading
}
