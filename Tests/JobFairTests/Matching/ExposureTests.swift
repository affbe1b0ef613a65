// Nobody stands first on more than a fifth of a day's lists, whatever the seekers wish.

import JobFair
import Testing

@Suite struct ExposureTests {
    /// First places of a day, the largest share of one employer, and whether the bound held after every list.
    private func day(
        _ matcher: VacancyMatcher, lists: Int, bound: (Int) -> Double, wishes: (Int) -> Wishes
    ) -> (largest: Double, isKept: Bool) {
        var ledger = ExposureLedger()
        var (isKept, most) = (true, 0)
        for turn in 0..<lists {
            let matches = matcher.matches(for: wishes(turn), age: .adult, turn: turn, count: 5, exposure: ledger)
            guard let first = matches.first?.employer.id else { continue }
            ledger.count(firstPlaceOf: first)
            most = max(most, ledger.firstPlaces(of: first))
            isKept = isKept && Double(most) <= bound(ledger.lists)
        }
        return (Double(most) / Double(max(1, ledger.lists)), isKept)
    }

    private func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }

    @Test func aMixedDay() throws {
        let matcher = VacancyMatcher(try SampleFair().index)
        var seekers = SyntheticSeekers(seed: 99)
        let all = (0..<1000).map { _ in seekers.next().wishes }
        let day = day(matcher, lists: 1000, bound: { 0.18 * Double($0) + 2 }, wishes: { all[$0] })
        print("exposure, 1000 mixed seekers: largest share of first places \(percent(day.largest))")
        #expect(day.largest <= 0.2 && day.isKept)
    }

    @Test(
        "a day on which everybody wishes the same",
        arguments: [
            Wishes(), Wishes(occupations: ["welder"]), Wishes(occupations: ["steelFixer"], home: "990121"),
            Wishes(occupations: ["保姆"], home: "990121"),
            Wishes(occupations: ["sewing"], places: ["990121"], home: "990121", nightShifts: false),
        ])
    func sameWishes(wishes: Wishes) throws {
        let matcher = VacancyMatcher(try SampleFair().index)
        let day = day(matcher, lists: 1000, bound: { 0.18 * Double($0) + 2 }, wishes: { _ in wishes })
        print("exposure, 1000 seekers who all wish \(wishes.occupations): \(percent(day.largest))")
        #expect(day.largest <= 0.2 && day.isKept)
    }

    @Test func fiveEmployersShareEquallyAndFewerCannot() throws {
        var fair = try SampleFair()
        fair.employers = Array(fair.employers.filter(\.isVerified).prefix(5))
        let wishes = Wishes(occupations: ["sewing"], home: "990121")
        let five = day(VacancyMatcher(fair.index), lists: 1000, bound: { Double($0) / 5 + 2 }, wishes: { _ in wishes })
        #expect(five.isKept)
        fair.employers.removeLast(2)
        let three = day(VacancyMatcher(fair.index), lists: 999, bound: { Double($0) / 3 + 2 }, wishes: { _ in wishes })
        print("exposure, five employers: \(percent(five.largest)); three: \(percent(three.largest))")
        #expect(three.isKept)
    }

    @Test func equalsTakeTurnsWithoutALedger() throws {
        let matcher = VacancyMatcher(try SampleFair().index)
        var first: [EmployerID: Int] = [:]
        for turn in 0..<690 {
            guard let match = matcher.matches(for: Wishes(), age: .adult, turn: turn, count: 5).first else { continue }
            first[match.employer.id, default: 0] += 1
        }
        #expect(first.count >= 60)
        #expect(first.values.allSatisfy { (9...11).contains($0) })
    }

    /// Cutting a list shorter must not let the line that has to come first fall off its end.
    @Test func theFirstLineChangesAndTheListKeepsItsLength() throws {
        let matcher = VacancyMatcher(try SampleFair().index)
        let wishes = Wishes(occupations: ["steelFixer"], home: "990121")
        let plain = matcher.matches(for: wishes, age: .adult, turn: 1, count: 5)
        var ledger = ExposureLedger()
        for _ in 0..<50 { ledger.count(firstPlaceOf: plain[0].employer.id) }
        let turned = matcher.matches(for: wishes, age: .adult, turn: 1, count: 5, exposure: ledger)
        #expect(turned[0].employer.id != plain[0].employer.id)
        #expect(turned.count == 5 && Set(turned.map(\.vacancy.id)).count == 5)
        #expect(turned.contains { $0.vacancy.id == plain[0].vacancy.id })
    }
}
