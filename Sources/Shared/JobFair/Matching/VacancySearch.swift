// Search and browsing in the vacancies of a catalogue: words, filters, order, pages.

/// What somebody looks for. A filter shows only what is known to keep it: what a vacancy does not say is not shown.
public struct VacancyQuery: Hashable, Sendable {
    public enum Order: String, Sendable, CaseIterable {
        /// Found in the title, then elsewhere, then by a word of its tile.
        case best
        /// The highest pay of a month first, what is not stated last.
        case pay
        /// From `home`; what is not known last.
        case near
    }

    /// Words cut by spaces or commas; each of them must be found.
    public var text = ""
    /// Empty: any.
    public var occupations: Set<Occupation> = []
    /// The highest pay of a month must reach it.
    public var lowestPayYuanMonth: Int?
    /// A region's code or name, or a word in the place; empty: any.
    public var place = ""
    public var board = false
    public var lodging = false
    public var noNightShifts = false
    /// Empty: any.
    public var workForms: Set<WorkForm> = []
    /// A region's code or name.
    public var home = ""
    /// Whose list it is. `adult` is also that of a list on a wall.
    public var age = AgeBand.adult
    public var order = Order.best
    /// Which employer begins among equals; keep it from page to page.
    public var turn = 0
    public var offset = 0
    public var limit = 20

    public init() {}
}

public struct VacancyHit: Hashable, Sendable {
    public enum Place: Int, Hashable, Sendable, Comparable {
        /// Only a word of the tile, such as 普工 for 操作工.
        case occupation = 1
        /// In place, employer, requirements, board and lodging.
        case text
        case title

        public static func < (left: Place, right: Place) -> Bool { left.rawValue < right.rawValue }
    }

    public var vacancy: Vacancy
    public var employer: Employer
    /// Nil where nothing was looked for.
    public var found: Place?
}

public struct VacancyPage: Hashable, Sendable {
    /// Of all pages.
    public var total: Int
    public var hits: [VacancyHit]
}

/// Looks through the whole text each time. That takes a few milliseconds with 20,000 vacancies, and it finds words of
/// one and two characters like any other, which SQLite's trigram index does not.
public struct VacancySearch: Sendable {
    /// Of one page.
    public static let limitMax = 100

    private let index: VacancyIndex

    private struct Found {
        /// In the index.
        var number: Int
        /// Smaller comes first.
        var key: Int
        var place: VacancyHit.Place?
    }

    public init(_ index: VacancyIndex) {
        self.index = index
    }

    public func page(_ query: VacancyQuery) -> VacancyPage {
        guard AgeRule.allowsVacancies(query.age) else { return VacancyPage(total: 0, hits: []) }
        let filter = Filter(query, index: index)
        var found: [Found] = []
        for (number, entry) in index.entries.enumerated() where filter.holds(entry) {
            guard let place = filter.found(entry) else { continue }
            found.append(
                Found(number: number, key: filter.key(entry, place), place: filter.words.isEmpty ? nil : place))
        }
        found.sort { ($0.key, $0.number) < ($1.key, $1.number) }
        takeTurns(&found, turn: query.turn)
        let hits = found.dropFirst(max(0, query.offset)).prefix(min(max(0, query.limit), Self.limitMax)).map {
            VacancyHit(
                vacancy: index.vacancies[$0.number], employer: index.employer(of: $0.number), found: $0.place)
        }
        return VacancyPage(total: found.count, hits: hits)
    }

    /// Equals begin with the employer whose turn it is, of those who are among these equals: an employer without a hit
    /// hands its turn to nobody.
    private func takeTurns(_ found: inout [Found], turn: Int) {
        var start = found.startIndex
        while start < found.endIndex {
            let key = found[start].key
            let end = found[start...].firstIndex { $0.key != key } ?? found.endIndex
            var seen: Set<Int32> = []
            let firsts = (start..<end).filter { seen.insert(index.entries[found[$0].number].employer).inserted }
            let first = firsts[Int(turn.magnitude % UInt(firsts.count))]
            found.replaceSubrange(start..<end, with: Array(found[first..<end] + found[start..<first]))
            start = end
        }
    }
}

/// A query, resolved once.
private struct Filter {
    struct Word {
        var bytes: [UInt8]
        /// Tiles that are called so.
        var occupations: Set<Occupation>
    }

    let query: VacancyQuery
    let index: VacancyIndex
    let words: [Word]
    private let place: RegionCode?
    private let placeWord: [UInt8]
    private let home: RegionCode?

    init(_ query: VacancyQuery, index: VacancyIndex) {
        self.query = query
        self.index = index
        words = SearchText.words(query.text).map {
            Word(bytes: $0, occupations: OccupationWords.occupations(named: String(decoding: $0, as: UTF8.self)))
        }
        place = query.place.isEmpty ? nil : index.region(named: query.place)
        placeWord = Array(SearchText.normal(query.place).utf8)
        home = query.home.isEmpty ? nil : index.region(named: query.home)
    }

    func holds(_ entry: VacancyIndex.Entry) -> Bool {
        if AgeRule.isForAdultsOnly(entry.isNotUnder18, hiddenFrom: query.age) { return false }
        if !query.occupations.isEmpty, !query.occupations.contains(entry.occupation ?? .other) { return false }
        if let yuan = query.lowestPayYuanMonth, entry.highestFenPerMonth ?? 0 < yuan * 100 { return false }
        if query.board, entry.offersBoard != true { return false }
        if query.lodging, entry.offersLodging != true { return false }
        if query.noNightShifts, entry.hasNightShifts != false { return false }
        if !query.workForms.isEmpty, !(entry.workForm.map(query.workForms.contains) ?? false) { return false }
        return query.place.isEmpty || isInPlace(entry)
    }

    private func isInPlace(_ entry: VacancyIndex.Entry) -> Bool {
        if let place, let region = entry.region { return place.contains(region) == true }
        return index.contains(placeWord, inPlaceOf: entry)
    }

    /// Where its words are found, the worst of them; nil: one of them is not.
    func found(_ entry: VacancyIndex.Entry) -> VacancyHit.Place? {
        var worst = VacancyHit.Place.title
        for word in words {
            let place: VacancyHit.Place
            if index.contains(word.bytes, inTitleOf: entry) {
                place = .title
            } else if index.contains(word.bytes, in: entry) {
                place = .text
            } else if let occupation = entry.occupation, word.occupations.contains(occupation) {
                place = .occupation
            } else {
                return nil
            }
            worst = min(worst, place)
        }
        return worst
    }

    /// Smaller comes first.
    func key(_ entry: VacancyIndex.Entry, _ place: VacancyHit.Place) -> Int {
        switch query.order {
        case .best: -place.rawValue
        case .pay: -(entry.highestFenPerMonth ?? -1)
        case .near:
            home.flatMap { home in entry.region.map { home.distance(to: $0).rawValue } }
                ?? RegionCode.Distance.elsewhere.rawValue + 1
        }
    }
}
