// How long matching and searching take with 20,000 and 100,000 vacancies: printed, never judged.

import JobFair
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Runs with `MATCHING_FIGURES=1 swift test -c release --filter MatchingFigures`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["MATCHING_FIGURES"] == "1"), .serialized)
struct MatchingFiguresTests {
    @Test(arguments: [58, 287])
    func printFigures(copies: Int) throws {
        let fair = try SampleFair(copies: copies)
        let clock = ContinuousClock()
        var index = VacancyIndex(vacancies: [], employers: [])
        let built = clock.measure { index = fair.index }
        print("\(fair.vacancies.count) vacancies, \(fair.employers.count) employers: index built in \(built)")

        let matcher = VacancyMatcher(index)
        var seekers = SyntheticSeekers(seed: 5)
        var ledger = ExposureLedger()
        report("match", 1000) { turn in
            let seeker = seekers.next()
            let matches = matcher.matches(
                for: seeker.wishes, age: seeker.age, turn: turn, exposure: ledger)
            if let first = matches.first { ledger.count(firstPlaceOf: first.employer.id) }
            return matches.count
        }
        let search = VacancySearch(index)
        let words = ["普工", "电工", "质检", "保洁", "司机", "焊工", "缝纫", "服务", "包吃住", "青禾县 司机", "没有这个词", "工"]
        report("search", 1000) { turn in
            var query = VacancyQuery()
            query.text = words[turn % words.count]
            query.turn = turn
            return search.page(query).total
        }
        report("browse by pay with filters", 1000) { turn in
            var query = VacancyQuery()
            query.occupations = [Occupation.allCases[turn % 30]]
            query.board = true
            query.order = .pay
            return search.page(query).total
        }
        report("browse all", 200) { turn in
            var query = VacancyQuery()
            query.turn = turn
            query.offset = turn * 20
            return search.page(query).total
        }
    }

    private func report(_ what: String, _ rounds: Int, _ body: (Int) -> Int) {
        let clock = ContinuousClock()
        var found = 0
        let times = (0..<rounds).map { turn in clock.measure { found += body(turn) } }.sorted()
        print(
            "  \(what): p50 \(times[rounds / 2]), p99 \(times[rounds * 99 / 100]), most \(times[rounds - 1]) (found \(found))"
        )
    }
}
