// What a seeker hopes for.

/// Everything optional. Kept in the clear on the kiosk until the fair closes (`protocol.md`, Kiosk), so nothing here
/// may name a person.
public struct Wishes: Hashable, Sendable {
    /// Raw values of `Occupation`, or a word the seeker typed; at most `RegistrationRules.wishesMax`.
    public var occupations: [String]
    public var lowestPayYuanMonth: Int?
    /// Where the seeker would work: region codes (GB/T 2260), or a word; at most `RegistrationRules.wishesMax`.
    public var places: [String]
    /// Where the seeker lives, to the county; empty: not said.
    public var home: String
    /// Empty: any.
    public var workForms: [WorkForm]
    /// Meals and a bed are needed (包吃住).
    public var board: Bool
    /// False: no night shifts. Nil: not said.
    public var nightShifts: Bool?
    /// In the seeker's words, e.g. `叉车证`; at most `RegistrationRules.wishesMax`.
    public var skills: [String]
    /// Wants to travel with the bureau's cars and trains (点对点).
    public var travel: Bool

    public init(
        occupations: [String] = [], lowestPayYuanMonth: Int? = nil, places: [String] = [], home: String = "",
        workForms: [WorkForm] = [], board: Bool = false, nightShifts: Bool? = nil, skills: [String] = [],
        travel: Bool = false
    ) {
        self.occupations = occupations
        self.lowestPayYuanMonth = lowestPayYuanMonth
        self.places = places
        self.home = home
        self.workForms = workForms
        self.board = board
        self.nightShifts = nightShifts
        self.skills = skills
        self.travel = travel
    }

    public var isEmpty: Bool { self == Wishes() }
}

/// Keys that a record does not have (an older one has fewer) stand for "not said".
extension Wishes: Codable {
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        occupations = try values.decodeIfPresent([String].self, forKey: .occupations) ?? []
        lowestPayYuanMonth = try values.decodeIfPresent(Int.self, forKey: .lowestPayYuanMonth)
        places = try values.decodeIfPresent([String].self, forKey: .places) ?? []
        home = try values.decodeIfPresent(String.self, forKey: .home) ?? ""
        workForms = try values.decodeIfPresent([WorkForm].self, forKey: .workForms) ?? []
        board = try values.decodeIfPresent(Bool.self, forKey: .board) ?? false
        nightShifts = try values.decodeIfPresent(Bool.self, forKey: .nightShifts)
        skills = try values.decodeIfPresent([String].self, forKey: .skills) ?? []
        travel = try values.decodeIfPresent(Bool.self, forKey: .travel) ?? false
    }
}
