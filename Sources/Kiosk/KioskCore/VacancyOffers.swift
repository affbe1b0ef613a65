// One catalogue made ready for browsing, matching and printing.

public import JobFair

/// A vacancy with what the catalogue says about it elsewhere: what a card, a slip and a list line are made of.
public struct VacancyCard: Hashable, Sendable {
    public var vacancy: Vacancy
    public var employer: Employer
    /// The tile it belongs to, also where only its title tells.
    public var occupation: Occupation?
    /// Empty: the catalogue does not name the region.
    public var regionName: String

    /// Of the vacancy, else of its employer; empty where there is none.
    public var booth: String { vacancy.booth.isEmpty ? employer.booth : vacancy.booth }

    public init(vacancy: Vacancy, employer: Employer, occupation: Occupation?, regionName: String) {
        self.vacancy = vacancy
        self.employer = employer
        self.occupation = occupation
        self.regionName = regionName
    }
}

/// Made once for each catalogue, then only read. For 20,000 vacancies that takes a fraction of a second.
public struct VacancyOffers: Sendable {
    public let catalogue: Catalogue
    public let index: VacancyIndex
    /// Every tile, also those without a vacancy.
    public let occupations: [OccupationTile]
    public let regions: [RegionTile]

    /// Of open vacancies of verified employers: place in the index, and the tile.
    private let open: [VacancyID: (place: Int, occupation: Occupation?)]
    /// Place in the catalogue, open or not.
    private let listed: [VacancyID: Int]
    private let employers: [EmployerID: Employer]
    private let regionNames: [String: String]

    public init(_ catalogue: Catalogue) {
        self.catalogue = catalogue
        index = VacancyIndex(catalogue)
        listed = Dictionary(
            catalogue.vacancies.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        employers = Dictionary(index.employers.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        regionNames = Dictionary(catalogue.regions.map { ($0.code, $0.name) }, uniquingKeysWith: { first, _ in first })
        var open: [VacancyID: (place: Int, occupation: Occupation?)] = [:]
        var ofOccupation: [Occupation: Int] = [:]
        var ofRegion: [String: Int] = [:]
        for (place, vacancy) in index.vacancies.enumerated() {
            let occupation = vacancy.occupation ?? OccupationWords.classify(title: vacancy.title)
            open[vacancy.id] = (place, occupation)
            ofOccupation[occupation ?? .other, default: 0] += 1
            ofRegion[vacancy.region, default: 0] += 1
        }
        self.open = open
        occupations = Occupation.allCases.map { occupation in
            let words = OccupationWords[occupation]
            return OccupationTile(
                occupation: occupation, label: words.label, worker: words.worker,
                vacancies: ofOccupation[occupation, default: 0])
        }
        let counts = ofRegion.compactMap { text, count in RegionCode(text).map { (code: $0, count: count) } }
        regions = catalogue.regions.map { region in
            let code = RegionCode(region.code)
            let inside = counts.filter { code?.contains($0.code) == true }
            return RegionTile(region: region, vacancies: inside.reduce(0) { $0 + $1.count })
        }
    }

    /// Nil: not of this fair, filled, withdrawn, or of an employer whom no clerk has verified.
    public func card(of vacancy: VacancyID) -> VacancyCard? {
        guard let place = open[vacancy]?.place, let employer = employers[index.vacancies[place].employerID] else {
            return nil
        }
        return card(of: index.vacancies[place], employer)
    }

    func card(of vacancy: Vacancy, _ employer: Employer) -> VacancyCard {
        VacancyCard(
            vacancy: vacancy, employer: employer, occupation: open[vacancy.id]?.occupation ?? vacancy.occupation,
            regionName: regionNames[vacancy.region] ?? "")
    }

    /// In the catalogue, be it open or not.
    func lists(_ vacancy: VacancyID) -> Bool { listed[vacancy] != nil }

    /// For somebody who stated an intent for it. Without a card: the catalogue does not have it any more, or its employer
    /// is not shown; whoever looks for it meets a vacancy that was taken back.
    func whatBecame(of id: VacancyID) -> (card: VacancyCard?, standing: VacancyStanding) {
        guard let vacancy = listed[id].map({ catalogue.vacancies[$0] }), let employer = employers[vacancy.employerID]
        else { return (nil, .withdrawn) }
        let standing: VacancyStanding = vacancy.isWithdrawn ? .withdrawn : vacancy.isFilled ? .filled : .open
        return (card(of: vacancy, employer), standing)
    }
}

/// Whether somebody may still want a vacancy.
public enum VacancyStanding: String, Hashable, Sendable, Codable {
    case open
    /// 已招满.
    case filled
    /// 已撤回, or not shown any more.
    case withdrawn
}

/// A tile and how many open vacancies belong to it.
public struct OccupationTile: Hashable, Sendable {
    public var occupation: Occupation
    public var label: String
    public var worker: String
    public var vacancies: Int

    public init(occupation: Occupation, label: String, worker: String, vacancies: Int) {
        self.occupation = occupation
        self.label = label
        self.worker = worker
        self.vacancies = vacancies
    }
}

/// A region that the catalogue names, and how many open vacancies lie in it, those of its cities and counties included.
public struct RegionTile: Hashable, Sendable {
    public var region: Region
    public var vacancies: Int

    public init(region: Region, vacancies: Int) {
        self.region = region
        self.vacancies = vacancies
    }
}
