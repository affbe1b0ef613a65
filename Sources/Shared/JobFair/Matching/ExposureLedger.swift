// Who stood first on how many lists of a day, so that nobody stands there too often.

/// Counts first places. One per kiosk and fair day; held in memory, it may begin anew at any time.
///
/// With lists whose first place six or more employers could take (`VacancyMatcher` looks for six), of `n` lists an
/// employer is first on at most `0.18 n + 2`: at most a fifth from the hundredth list on, whatever the seekers wish, and
/// also when all wish the same. Proof: an employer is put first when that keeps it within the bound, else the one that
/// stood first least often; of six employers that one has at most a sixth. Bounds of several kiosks add up. Where only
/// five could be first the bound is `n / 5 + 2`; with fewer than five, somebody has more than a fifth whatever one does.
public struct ExposureLedger: Hashable, Sendable {
    public private(set) var lists = 0
    private var firstPlaces: [EmployerID: Int] = [:]

    /// Percent of first places, a little below a fifth so that the first few lists do not matter.
    static let sharePercentMax = 18
    /// First places that everybody may have: else the first list of a day could have no first line.
    static let firstPlacesFree = 2

    public init() {}

    public func firstPlaces(of employer: EmployerID) -> Int { firstPlaces[employer, default: 0] }

    /// To be called once a list has been shown or printed; not for a copy of it.
    public mutating func count(firstPlaceOf employer: EmployerID) {
        lists += 1
        firstPlaces[employer, default: 0] += 1
    }

    /// Whether one more list may begin with it.
    func allows(_ employer: EmployerID) -> Bool {
        let next = firstPlaces(of: employer) + 1
        return 100 * next <= Self.sharePercentMax * (lists + 1) + 100 * Self.firstPlacesFree
    }
}
