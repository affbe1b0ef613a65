// What one seeker said about one vacancy, as far as it decides: kept so that the order of arrival plays no part.

/// Of all statements only four moments count. The latest word holds, and where the bounds of two overlap the one that
/// takes something back wins: so something stands only if it was said surely later than the last time it was taken back.
/// Kept as four numbers, records that arrive weeks late and in any order come to the same.
public struct IntentWords: Hashable, Sendable {
    /// Lower bound of the latest statement that wants the vacancy; nil: none.
    public var statedLower: Int64?
    /// Upper bound of the latest withdrawal.
    public var withdrawnUpper: Int64?
    /// Lower bound of the latest consent to pass name and phone on.
    public var consentLower: Int64?
    /// Upper bound of the latest word against it; a withdrawal is one, too.
    public var refusedUpper: Int64?

    public init(
        statedLower: Int64? = nil, withdrawnUpper: Int64? = nil, consentLower: Int64? = nil, refusedUpper: Int64? = nil
    ) {
        self.statedLower = statedLower
        self.withdrawnUpper = withdrawnUpper
        self.consentLower = consentLower
        self.refusedUpper = refusedUpper
    }

    /// Adds a statement.
    public mutating func note(_ occurred: OccurredAt, isWithdrawal: Bool, passOnConsent: Bool) {
        if isWithdrawal {
            withdrawnUpper = Self.later(withdrawnUpper, occurred.upper)
        } else {
            statedLower = Self.later(statedLower, occurred.lower)
        }
        note(occurred, isConsentGiven: passOnConsent && !isWithdrawal)
    }

    /// Adds a word about consent alone.
    public mutating func note(_ occurred: OccurredAt, isConsentGiven: Bool) {
        if isConsentGiven {
            consentLower = Self.later(consentLower, occurred.lower)
        } else {
            refusedUpper = Self.later(refusedUpper, occurred.upper)
        }
    }

    /// Adds what the same person said elsewhere.
    public mutating func join(_ other: IntentWords) {
        statedLower = Self.later(statedLower, other.statedLower)
        withdrawnUpper = Self.later(withdrawnUpper, other.withdrawnUpper)
        consentLower = Self.later(consentLower, other.consentLower)
        refusedUpper = Self.later(refusedUpper, other.refusedUpper)
    }

    /// Only what takes something back: what is left of the words of somebody who may not state anything.
    public var takenBack: IntentWords { IntentWords(withdrawnUpper: withdrawnUpper, refusedUpper: refusedUpper) }

    /// The vacancy is wanted.
    public var isStanding: Bool { Self.isSurelyAfter(statedLower, withdrawnUpper) }
    /// Name and phone may be passed on.
    public var isConsented: Bool { Self.isSurelyAfter(consentLower, refusedUpper) }
    /// A mark made at this moment by headquarters' clock has not been overtaken by a withdrawal.
    public func isInForce(markedAt: Int64) -> Bool { Self.isSurelyAfter(markedAt, withdrawnUpper) }

    private static func isSurelyAfter(_ lower: Int64?, _ upper: Int64?) -> Bool {
        guard let lower else { return false }
        return upper.map { lower > $0 } ?? true
    }

    private static func later(_ left: Int64?, _ right: Int64?) -> Int64? {
        guard let left, let right else { return left ?? right }
        return max(left, right)
    }
}
