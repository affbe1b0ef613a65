// What the page asks about vacancies, and what the holder of a slip says about them.

public import JobFair

/// Browsing, matching, printing one vacancy. Nothing here is stored but the print job.
public protocol VacancyDesk: Sendable {
    /// One page of the open fair's vacancies, as everybody may see them.
    func vacancies(_ query: VacancyQuery) async throws(DeskError) -> VacancyCardPage
    /// Throws `vacancyNotFound`.
    func vacancy(_ id: VacancyID) async throws(DeskError) -> VacancyCard
    func occupations() async throws(DeskError) -> [OccupationTile]
    func regions() async throws(DeskError) -> FairRegions
    /// The best for these wishes. Where they are nil, for those of the slip `scanned`, if this kiosk made it.
    func matches(_ wishes: Wishes?, scanned: String?, count: Int) async throws(DeskError) -> MatchedVacancies
    /// Queues a print job; repeats of the same id print once. Throws `printerUnavailable`: nobody waits for it.
    func printVacancy(_ vacancy: VacancyID, recordID: RecordID) async throws(DeskError)
}

/// Statements of somebody who holds a slip and knows its digits; each is a sealed record.
public protocol IntentDesk: Sendable {
    func stateIntent(
        _ intent: IntentChoice, by holder: SlipHolder, recordID: RecordID, formKey: FormKey
    ) async throws(DeskError) -> StatementState
    func changeWishes(
        _ wishes: Wishes, by holder: SlipHolder, recordID: RecordID, formKey: FormKey
    ) async throws(DeskError) -> StatementState
    /// What was stated with this slip under these digits at this kiosk, and not taken back here; no record. The digits
    /// count as a try.
    func slipIntents(by holder: SlipHolder) async throws(DeskError) -> SlipIntents
}

public struct VacancyCardPage: Hashable, Sendable {
    /// Of all pages.
    public var total: Int
    public var cards: [VacancyCard]

    public init(total: Int, cards: [VacancyCard]) {
        self.total = total
        self.cards = cards
    }
}

public struct FairRegions: Hashable, Sendable {
    /// GB/T 2260 code of the venue; empty where nobody said.
    public var fairRegion: String
    public var regions: [RegionTile]

    public init(fairRegion: String, regions: [RegionTile]) {
        self.fairRegion = fairRegion
        self.regions = regions
    }
}

/// A list for somebody.
public struct MatchedVacancies: Hashable, Sendable {
    /// False: no wishes were said, and this kiosk has none of the slip, which another one made; the list goes by none.
    public var areWishesKnown: Bool
    public var lines: [MatchLine]

    public init(areWishesKnown: Bool, lines: [MatchLine]) {
        self.areWishesKnown = areWishesKnown
        self.lines = lines
    }
}

/// One line of a list for somebody.
public struct MatchLine: Hashable, Sendable {
    public var card: VacancyCard
    /// 0 to 100.
    public var score: Int
    /// One to three, in the seeker's words.
    public var reasons: [String]
    public var relaxed: [Relaxation]

    public init(card: VacancyCard, score: Int, reasons: [String], relaxed: [Relaxation]) {
        self.card = card
        self.score = score
        self.reasons = reasons
        self.relaxed = relaxed
    }
}

/// What somebody with a slip shows and says. The digits never reach the disk in the clear.
public struct SlipHolder: Hashable, Sendable {
    /// What the scanner typed: an address, or the bare token.
    public var scanned: String
    /// As typed.
    public var digits: String

    public init(scanned: String, digits: String) {
        self.scanned = scanned
        self.digits = digits
    }
}

/// What is said about one vacancy.
public struct IntentChoice: Hashable, Sendable {
    public var vacancyID: VacancyID
    /// Name and phone may be passed on to this employer.
    public var passOnConsent: Bool
    public var isWithdrawn: Bool

    public init(vacancyID: VacancyID, passOnConsent: Bool, isWithdrawn: Bool) {
        self.vacancyID = vacancyID
        self.passOnConsent = passOnConsent
        self.isWithdrawn = isWithdrawn
    }
}

/// What a slip has stated at this kiosk.
public struct SlipIntents: Hashable, Sendable {
    /// False: only headquarters can tell whether the digits are right.
    public var areDigitsChecked: Bool
    /// In the order in which they were stated.
    public var intents: [SlipIntent]

    public init(areDigitsChecked: Bool, intents: [SlipIntent]) {
        self.areDigitsChecked = areDigitsChecked
        self.intents = intents
    }
}

public struct SlipIntent: Hashable, Sendable {
    public var vacancyID: VacancyID
    public var standing: VacancyStanding
    /// Also of a vacancy that is filled or withdrawn; nil where the catalogue does not show it any more.
    public var card: VacancyCard?

    public init(vacancyID: VacancyID, standing: VacancyStanding, card: VacancyCard?) {
        self.vacancyID = vacancyID
        self.standing = standing
        self.card = card
    }
}

/// How far this kiosk could judge a statement that it has recorded.
public enum StatementState: String, Hashable, Sendable, Codable {
    /// The digits were right.
    case recorded
    /// They were, but the name was left open: headquarters keeps the statement until the name is completed.
    case nameOpen
    /// Only headquarters can tell whether the digits are right.
    case toBeChecked
}
