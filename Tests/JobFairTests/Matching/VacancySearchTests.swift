// Search finds what a plain look through the text finds, filters show only what is known, pages are stable.

import JobFair
import Testing

@Suite struct VacancySearchTests {
    private let fair: SampleFair
    private let search: VacancySearch
    private let open: [(vacancy: Vacancy, text: String)]

    init() throws {
        let fair = try SampleFair()
        self.fair = fair
        search = VacancySearch(fair.index)
        let names = Dictionary(uniqueKeysWithValues: fair.employers.filter(\.isVerified).map { ($0.id, $0.name) })
        open = fair.vacancies.filter(\.isOpen).compactMap { vacancy in
            names[vacancy.employerID].map { name in
                let parts = [vacancy.title, vacancy.place, name, vacancy.requirements, vacancy.boardAndLodging]
                return (vacancy, parts.joined(separator: "\n"))
            }
        }
    }

    private func all(_ change: (inout VacancyQuery) -> Void) -> [VacancyHit] {
        var query = VacancyQuery()
        query.limit = VacancySearch.limitMax
        change(&query)
        var hits: [VacancyHit] = []
        while true {
            query.offset = hits.count
            let page = search.page(query)
            hits += page.hits
            if page.hits.isEmpty || hits.count >= page.total { return hits }
        }
    }

    @Test(arguments: ["普工", "电工", "质检", "保洁", "司机", "焊工", "缝纫", "服务", "叉车", "厨师", "搬运", "夫妻"])
    func twoCharacterWordsAreFoundLikeByAPlainScan(word: String) {
        let hits = all { $0.text = word }
        let scan = Set(open.filter { $0.text.contains(word) }.map(\.vacancy.id))
        #expect(Set(hits.filter { $0.found != .occupation }.map(\.vacancy.id)) == scan)
        let titles = Set(open.filter { $0.vacancy.title.contains(word) }.map(\.vacancy.id))
        #expect(Set(hits.filter { $0.found == .title }.map(\.vacancy.id)) == titles)
        #expect(!hits.isEmpty)
        let named = open.filter { line in
            guard let tile = line.vacancy.occupation.map({ OccupationWords[$0] }) else { return false }
            return ([tile.label, tile.worker] + tile.words).contains { $0.contains(word) }
        }
        #expect(Set(hits.map(\.vacancy.id)) == scan.union(named.map(\.vacancy.id)))
        print("\(word): \(hits.count) hits, \(scan.count) of them with the word itself, \(titles.count) in the title")
    }

    @Test func whatStandsInTheTitleComesFirst() {
        let places = all { $0.text = "保洁" }.compactMap(\.found)
        #expect(places == places.sorted(by: >) && Set(places).count == 3)
    }

    @Test func widthCaseAndSpacesDoNotMatter() {
        let plain = Set(all { $0.text = "cnc" }.map(\.vacancy.id))
        #expect(!plain.isEmpty)
        for text in ["CNC", "ＣＮＣ", " Cnc　"] { #expect(Set(all { $0.text = text }.map(\.vacancy.id)) == plain) }
        #expect(all { $0.text = "cnc操作工" }.contains { $0.vacancy.title == "CNC 操作工" })
    }

    @Test func everyWordMustBeFound() {
        let both = all { $0.text = "司机、青禾县" }
        #expect(!both.isEmpty)
        let expected = Set(
            open.filter { $0.text.contains("司机") && $0.text.contains("青禾县") }.map(\.vacancy.id))
        #expect(Set(both.filter { $0.found != .occupation }.map(\.vacancy.id)) == expected)
        #expect(all { $0.text = "司机 没有这个词" }.isEmpty)
    }

    @Test func wordsOfATileFindItsVacancies() {
        let hits = all { $0.text = "打扫卫生" }
        #expect(hits.contains { $0.vacancy.occupation == .cleaner && $0.found == .occupation })
        #expect(all { $0.text = "工" }.allSatisfy { $0.found != .occupation })
    }

    @Test func filtersShowOnlyWhatIsKnownToKeepThem() {
        #expect(all { $0.occupations = [.sewing] }.allSatisfy { $0.vacancy.occupation == .sewing })
        #expect(all { $0.lowestPayYuanMonth = 6000 }.allSatisfy { ($0.vacancy.pay.fenPerMonth ?? 0) >= 600_000 })
        #expect(all { $0.board = true }.allSatisfy { $0.vacancy.offersBoard == true })
        #expect(all { $0.lodging = true }.allSatisfy { $0.vacancy.offersLodging == true })
        #expect(all { $0.noNightShifts = true }.allSatisfy { $0.vacancy.hasNightShifts == false })
        #expect(all { $0.workForms = [.byTheDay] }.allSatisfy { $0.vacancy.workForm == .byTheDay })
        for place in ["990100", "沧江市", "沧江"] {
            let hits = all { $0.place = place }
            #expect(!hits.isEmpty && hits.allSatisfy { $0.vacancy.region.hasPrefix("9901") })
        }
        let town = all { $0.place = "云溪镇" }
        #expect(!town.isEmpty && town.allSatisfy { $0.vacancy.place.contains("云溪镇") })
        #expect(all { $0.age = .from16to17 }.allSatisfy { !$0.vacancy.isNotUnder18 })
        #expect(all { $0.age = .from14to15 }.isEmpty)
        #expect(all { _ in }.count == open.count)
    }

    @Test func ordersAndPages() {
        let pay = all { $0.order = .pay }.map { $0.vacancy.pay.fenPerMonth ?? -1 }
        #expect(pay == pay.sorted(by: >))
        let near = all {
            $0.order = .near
            $0.home = "青禾县"
        }
        #expect(near.first?.vacancy.region == "990121")
        #expect(near.last { !$0.vacancy.region.isEmpty }?.vacancy.region.hasPrefix("98") ?? false)
        let hits = all { $0.turn = 31 }
        #expect(Set(hits.map(\.vacancy.id)).count == open.count)
        #expect(hits.first?.vacancy.id != all { $0.turn = 32 }.first?.vacancy.id)
        var query = VacancyQuery()
        query.limit = Int.max
        query.offset = -5
        #expect(search.page(query).hits.count == VacancySearch.limitMax)
        query.offset = Int.max
        #expect(search.page(query).hits.isEmpty)
    }

    private func distance(of hit: VacancyHit) -> RegionCode.Distance? {
        RegionCode("990121").flatMap { home in RegionCode(hit.vacancy.region).map(home.distance) }
    }

    /// One after the other, and nobody twice before all had their turn.
    @Test(arguments: ["", "焊工", "缝纫", "质检", "夫妻", "青禾县"], VacancyQuery.Order.allCases)
    func employersWithHitsShareTheFirstOne(word: String, order: VacancyQuery.Order) {
        var query = VacancyQuery()
        (query.text, query.order, query.home) = (word, order, "青禾县")
        let hits = all { $0 = query }
        func isEqual(_ hit: VacancyHit, _ first: VacancyHit) -> Bool {
            switch order {
            case .best: hit.found == first.found
            case .pay: hit.vacancy.pay.fenPerMonth == first.vacancy.pay.fenPerMonth
            case .near: distance(of: hit) == distance(of: first)
            }
        }
        guard let best = hits.first else {
            Issue.record("nothing is found")
            return
        }
        let employers = Set(hits.filter { isEqual($0, best) }.map(\.employer.id))
        var firsts: [EmployerID: Int] = [:]
        for turn in 0..<(employers.count * 3) {
            query.turn = turn
            for hit in search.page(query).hits.prefix(1) { firsts[hit.employer.id, default: 0] += 1 }
        }
        #expect(Set(firsts.keys) == employers && firsts.values.allSatisfy { $0 == 3 })
    }

    @Test func publicWelfarePostsAreFoundThoughNoListHasThem() {
        #expect(all { $0.text = "公益性岗位" }.count == open.filter { $0.text.contains("公益性岗位") }.count)
    }
}
