// Which statements about one vacancy hold, and what becomes of claims: pure rules of the form.

public import JobFair

/// What a registration allows, as far as its particulars decide.
public struct SeekerStanding: Hashable, Sendable {
    public var fairID: FairID
    public var isNameOpen: Bool
    public var ageBand: AgeBand
    public var allowsIntents: Bool
    /// Nil: only a clerk can state an intent.
    public var slipDigits: String?

    public init(fairID: FairID, isNameOpen: Bool, ageBand: AgeBand, allowsIntents: Bool, slipDigits: String?) {
        self.fairID = fairID
        self.isNameOpen = isNameOpen
        self.ageBand = ageBand
        self.allowsIntents = allowsIntents
        self.slipDigits = slipDigits
    }
}

public enum IntentRule {
    /// Whether this string may still be looked at: it was tried before, or fewer than `digitStringsMax` were.
    public static func mayTry(_ digits: String, tried: Set<String>) -> Bool {
        tried.contains(digits) || tried.count < FormLimits.digitStringsMax
    }

    /// Digits against those of the registration; `tried` are the different strings so far, this one not counted.
    /// The string that was tried before costs nothing; after `digitStringsMax` different ones nothing new is looked at.
    public static func checkDigits(_ digits: String, right: String?, tried: Set<String>) -> DigitCheck {
        guard let right else { return .clerkOnly }
        guard mayTry(digits, tried: tried) else { return .tooManyTries }
        if digits == right { return .right }
        return .wrong(triesLeft: FormLimits.digitStringsMax - tried.union([digits]).count)
    }

    /// Whether the particulars forbid an intent, digits apart; nil: they do not.
    public static func objection(
        standing: SeekerStanding, fair: FairID, vacancyIsNotUnder18: Bool
    ) -> IntentOutcome? {
        if standing.fairID != fair { return .otherFair }
        if !standing.allowsIntents || !standing.ageBand.allowsIntents { return .notAllowed }
        if vacancyIsNotUnder18, standing.ageBand != .adult { return .vacancyNotUnder18 }
        if standing.slipDigits == nil { return .clerkOnly }
        if standing.isNameOpen { return .nameOpen }
        return nil
    }

    /// What becomes of a claim once its record has arrived. A name left open keeps it waiting.
    ///
    /// - Parameter takesBack: the claim withdraws, or takes back the consent to what stands: nothing but digits and fair
    ///   can speak against that.
    public static func settle(
        claimDigits: String, standing: SeekerStanding, fair: FairID, vacancyIsNotUnder18: Bool, takesBack: Bool
    ) -> IntentState {
        guard claimDigits == standing.slipDigits, standing.fairID == fair else { return .void }
        if takesBack { return .confirmed }
        switch objection(standing: standing, fair: fair, vacancyIsNotUnder18: vacancyIsNotUnder18) {
        case nil: return .confirmed
        case .nameOpen: return .claimed
        default: return .void
        }
    }
}
