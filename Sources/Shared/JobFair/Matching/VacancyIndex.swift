// The vacancies of a catalogue, made ready once for matching and searching: the open ones of verified employers.

/// Built when a catalogue is swapped, then only read. Nobody gets to see through it what is withdrawn, filled or of an
/// employer whom no clerk has verified.
///
/// Holds 20,000 vacancies in about 20 MB and is built in a fraction of a second.
public struct VacancyIndex: Sendable {
    /// In the order of the catalogue.
    public let vacancies: [Vacancy]
    /// Verified ones, in the order of the catalogue.
    public let employers: [Employer]
    public let regions: [Region]

    let entries: [Entry]
    /// Title, place and the rest of each vacancy, normal, each ended by a line feed, one after the other.
    let text: [UInt8]

    /// What is compared, without a look at the strings of the vacancy.
    struct Entry {
        /// In `employers`.
        var employer: Int32
        var occupation: Occupation?
        /// Every tile that its title mentions (`OccupationWords.mentioned`).
        var mentioned: UInt32
        var region: RegionCode?
        /// Nil: not stated, or piecework.
        var lowestFenPerMonth: Int?
        var highestFenPerMonth: Int?
        /// False: by hour or day, which comes to it in a full month only.
        var isPaidByMonth: Bool
        var isNotUnder18: Bool
        /// A public-welfare post, which clerks offer.
        var isForClerks: Bool
        var workForm: WorkForm?
        var offersBoard: Bool?
        var offersLodging: Bool?
        var hasNightShifts: Bool?
        /// Where its parts begin in `text`; the end is where the next vacancy begins.
        var title: Int
        var place: Int
        var rest: Int
        var end: Int
    }

    public init(_ catalogue: Catalogue) {
        self.init(vacancies: catalogue.vacancies, employers: catalogue.employers, regions: catalogue.regions)
    }

    public init(vacancies: [Vacancy], employers: [Employer], regions: [Region] = []) {
        let verified = employers.filter(\.isVerified)
        let places = Dictionary(
            verified.enumerated().map { ($1.id, Int32($0)) }, uniquingKeysWith: { first, _ in first })
        var (open, entries, text): ([Vacancy], [Entry], [UInt8]) = ([], [], [])
        for vacancy in vacancies where vacancy.isOpen {
            guard let employer = places[vacancy.employerID] else { continue }
            open.append(vacancy)
            entries.append(Self.entry(vacancy, employer: employer, name: verified[Int(employer)].name, text: &text))
        }
        self.vacancies = open
        self.employers = verified
        self.regions = regions
        self.entries = entries
        self.text = text
    }

    private static func entry(_ vacancy: Vacancy, employer: Int32, name: String, text: inout [UInt8]) -> Entry {
        func append(_ part: String) -> Int {
            let start = text.count
            text.append(contentsOf: SearchText.normal(part).utf8)
            text.append(UInt8(ascii: "\n"))
            return start
        }
        let title = append(vacancy.title)
        let place = append(vacancy.place)
        let rest = append(name)
        _ = append(vacancy.requirements)
        _ = append(vacancy.boardAndLodging)
        return Entry(
            employer: employer, occupation: vacancy.occupation ?? OccupationWords.classify(title: vacancy.title),
            mentioned: OccupationWords.mentioned(in: SearchText.normal(vacancy.title)),
            region: RegionCode(vacancy.region), lowestFenPerMonth: vacancy.pay.lowestFenPerMonth,
            highestFenPerMonth: vacancy.pay.fenPerMonth,
            isPaidByMonth: vacancy.pay.unit == .month || vacancy.pay.unit == .year,
            isNotUnder18: vacancy.isNotUnder18, isForClerks: isForClerks(vacancy), workForm: vacancy.workForm,
            offersBoard: vacancy.offersBoard, offersLodging: vacancy.offersLodging,
            hasNightShifts: vacancy.hasNightShifts, title: title, place: place, rest: rest, end: text.count)
    }

    private static func isForClerks(_ vacancy: Vacancy) -> Bool {
        ["公益性岗位", "公益岗"].contains { vacancy.title.contains($0) || vacancy.requirements.contains($0) }
    }

    func employer(of entry: Int) -> Employer { employers[Int(entries[entry].employer)] }

    func contains(_ word: [UInt8], inTitleOf entry: Entry) -> Bool {
        SearchText.contains(text, in: entry.title..<entry.place, word)
    }

    func contains(_ word: [UInt8], inPlaceOf entry: Entry) -> Bool {
        SearchText.contains(text, in: entry.place..<entry.rest, word)
    }

    func contains(_ word: [UInt8], in entry: Entry) -> Bool {
        SearchText.contains(text, in: entry.title..<entry.end, word)
    }

    /// The code of a place that somebody named by its code, its name, or its name without 县, 区, 市 or 省.
    func region(named name: String) -> RegionCode? {
        if let code = RegionCode(name) { return code }
        let wanted = SearchText.normal(name)
        guard !wanted.isEmpty else { return nil }
        let found = regions.first { region in
            let known = SearchText.normal(region.name)
            return known == wanted || (known.hasPrefix(wanted) && Self.suffixes.contains(known.dropFirst(wanted.count)))
        }
        return found.flatMap { RegionCode($0.code) }
    }

    /// Nil: the catalogue does not name it.
    func name(of code: RegionCode) -> String? { regions.first { RegionCode($0.code) == code }?.name }

    private static let suffixes: Set<Substring> = ["省", "市", "县", "区", "自治区", "自治州", "自治县", "地区", "盟", "旗"]
}

/// What the law asks of a list for somebody of that age.
enum AgeRule {
    /// Under 16 nothing is shown: whoever introduces a child to work is fined (禁止使用童工规定, articles 2 and 7).
    static func allowsVacancies(_ age: AgeBand) -> Bool {
        switch age {
        case .under14, .from14to15: false
        case .from16to17, .adult, .unknown: true
        }
    }

    /// 16 and 17, and those whose age nobody knows, do not get what is not for minors (劳动法, article 64).
    static func isForAdultsOnly(_ isNotUnder18: Bool, hiddenFrom age: AgeBand) -> Bool {
        isNotUnder18 && age != .adult
    }
}
