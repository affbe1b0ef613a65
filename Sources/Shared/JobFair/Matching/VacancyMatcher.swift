// From wishes to a short list that says why, without network and without chance.

/// One line of a list.
public struct VacancyMatch: Hashable, Sendable {
    public var vacancy: Vacancy
    public var employer: Employer
    /// 0 to 100; `VacancyMatcher` says of what.
    public var score: Int
    /// What of the wishes it does not keep, in the order of `Relaxation`; empty: it keeps all that is known.
    public var relaxed: [Relaxation]
    /// One to three.
    public var reasons: [MatchReason]

    /// As printed: `是您要的缝纫工 · 离家近 · 不上夜班`.
    public var reasonText: String { reasons.map(\.text).joined(separator: " · ") }
}

/// Lists by wishes alone: it is given no sex, no ethnicity, and of the age only what the law asks.
///
/// Points: occupation 40 (tile or typed word; same tile as the typed word 30, neighbouring tile 25, only mentioned in
/// the title 15), region 25 (same county as home 25, same city 18, same province 10; with wished places: inside 20, and
/// up to 5 for nearness to home), pay 15, board, shifts and form of work 10, skills 10. Lines whose points differ by
/// less than five are equals: `turn` says which employer of them begins.
///
/// Public-welfare posts (公益性岗位) are on no list: they are for people whose hardship was certified, and clerks offer
/// them. Everybody finds them by searching.
public struct VacancyMatcher: Sendable {
    /// Wishes are relaxed until that many are found: what a slip has room for.
    public static let resultsWanted = 5
    /// Of one list.
    public static let perEmployerMax = 2
    /// Employers of whom one may stand first: see `ExposureLedger`.
    static let headsWanted = 6
    private static let pointsPerStep = 5
    private static let steps = 100 / pointsPerStep + 1

    private let index: VacancyIndex

    public init(_ index: VacancyIndex) {
        self.index = index
    }

    /// The best for these wishes, at most `count`; empty under 16.
    ///
    /// - Parameters:
    ///   - age: `unknown` is treated as 16.
    ///   - turn: the ticket's number, or any other count of lists; the same turn gives the same list.
    ///   - exposure: first places of the day so far. Whoever shows the list counts its first line in it.
    public func matches(
        for wishes: Wishes, age: AgeBand, turn: Int, count: Int = 10, exposure: ExposureLedger = ExposureLedger()
    ) -> [VacancyMatch] {
        guard count > 0, AgeRule.allowsVacancies(age) else { return [] }
        let test = WishTest(wishes, index: index)
        var groups = [[Int32]](repeating: [], count: (Relaxation.allCases.count + 1) * Self.steps)
        for (number, entry) in index.entries.enumerated()
        where !entry.isForClerks && !AgeRule.isForAdultsOnly(entry.isNotUnder18, hiddenFrom: age) {
            let fit = test.fit(entry)
            let step = Self.steps - 1 - (fit.score + 2) / Self.pointsPerStep
            groups[test.level(of: fit) * Self.steps + step].append(Int32(number))
        }
        return choose(groups, turn: turn, count: count, exposure: exposure).map { number in
            let fit = test.fit(index.entries[number])
            return VacancyMatch(
                vacancy: index.vacancies[number], employer: index.employer(of: number), score: fit.score,
                relaxed: fit.relaxations,
                reasons: test.reasons(index.entries[number], relaxations: fit.relaxations))
        }
    }

    private func choose(_ groups: [[Int32]], turn: Int, count: Int, exposure: ExposureLedger) -> [Int] {
        var list: [Int] = []
        var heads: [Int] = []
        var shown: [Int32: Int] = [:]
        var isOpen = true
        for (place, group) in groups.enumerated() {
            // A new level is opened only while too little is found; for first places the look goes on.
            if place % Self.steps == 0 { isOpen = list.count < min(Self.resultsWanted, count) }
            if heads.count >= Self.headsWanted, !isOpen || list.count >= count { break }
            guard !group.isEmpty else { continue }
            for number in inTurn(group, turn: turn) {
                let employer = index.entries[number].employer
                if heads.count < Self.headsWanted, !heads.contains(where: { index.entries[$0].employer == employer }) {
                    heads.append(number)
                }
                if isOpen, list.count < count, shown[employer, default: 0] < Self.perEmployerMax {
                    shown[employer, default: 0] += 1
                    list.append(number)
                }
            }
        }
        guard let first = first(of: heads, exposure: exposure), first != list.first else { return list }
        return Array(([first] + list.filter { $0 != first }).prefix(count))
    }

    /// Every employer of the group once, beginning with another one each turn, then each of them a second time; on its
    /// next first place an employer shows its next vacancy.
    private func inTurn(_ group: [Int32], turn: Int) -> [Int] {
        var offered: [Int32: [Int]] = [:]
        for number in group { offered[index.entries[Int(number)].employer, default: []].append(Int(number)) }
        let circle = offered.keys.sorted()
        let turn = turn.magnitude
        let start = Int(turn % UInt(circle.count))
        let lap = turn / UInt(circle.count)
        var ordered: [Int] = []
        for round in 0..<Self.perEmployerMax {
            for employer in circle[start...] + circle[..<start] {
                guard let own = offered[employer], round < own.count else { continue }
                ordered.append(own[(Int(lap % UInt(own.count)) + round) % own.count])
            }
        }
        return ordered
    }

    /// The best whose employer has not stood first too often; else the one that did least often.
    private func first(of heads: [Int], exposure: ExposureLedger) -> Int? {
        if let allowed = heads.first(where: { exposure.allows(index.employer(of: $0).id) }) { return allowed }
        return heads.min {
            exposure.firstPlaces(of: index.employer(of: $0).id) < exposure.firstPlaces(of: index.employer(of: $1).id)
        }
    }
}
