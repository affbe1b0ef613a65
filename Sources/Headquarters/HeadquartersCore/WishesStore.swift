// Wishes that somebody states with a slip on the phone: the store's part. What they are stays sealed here.

public import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Wishes in the place of those of before, stated with a slip. The token was authenticated before this is made.
public struct WishesStatement: Hashable, Sendable {
    /// The registration that the slip names.
    public var seeker: RecordID
    public var fairID: FairID
    /// A serialised `RecordBody` without place and clock, with a `WishesChange` in it.
    public var sealed: Data
    /// Four characters as the holder said them.
    public var digits: String
    public var at: Int64

    public init(seeker: RecordID, fairID: FairID, sealed: Data, digits: String, at: Int64) {
        self.seeker = seeker
        self.fairID = fairID
        self.sealed = sealed
        self.digits = digits
        self.at = at
    }
}

public enum WishesOutcome: Hashable, Sendable {
    case saved
    /// The record has not arrived: they count once it has, if the digits are its own.
    case claimed
    case wrongDigits(triesLeft: Int)
    case tooManyTries
    /// Under 16, or age not known.
    case notAllowed
    case clerkOnly
    /// The registration belongs to another fair.
    case otherFair
}

public protocol WishesStore: Sendable {
    /// Keeps the wishes beside those of kiosks' records: the latest by `occurred_at` hold. Digits are checked and counted
    /// as with intents.
    func saveWishes(_ statement: WishesStatement) async throws -> WishesOutcome
}
