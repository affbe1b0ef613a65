// What stands on a slip besides the number: five vacancies, fairly chosen, and what they pay.

import JobFair
import Testing

private func employerID(_ number: Int) throws -> EmployerID {
    try #require(EmployerID(bytes: Array(repeating: 0, count: 15) + [UInt8(number)]))
}

private func employers(_ count: Int, unverified: Set<Int> = []) throws -> [Employer] {
    try (0..<count).map {
        Employer(id: try employerID($0), name: "E\($0)", booth: "A\($0)", isVerified: !unverified.contains($0))
    }
}

private func vacancies(employers count: Int, each: Int) throws -> [Vacancy] {
    try (0..<count).flatMap { employer in
        try (0..<each).map { number in
            Vacancy(
                id: try #require(VacancyID(bytes: Array(repeating: 1, count: 14) + [UInt8(employer), UInt8(number)])),
                employerID: try employerID(employer), title: "\(employer).\(number)", headcount: 3,
                pay: Pay(lowestFen: 500_000, highestFen: 700_000, unit: .month, text: ""), booth: "", place: "",
                boardAndLodging: "", insurance: "", hours: "")
        }
    }
}

@Suite struct SlipContentTests {
    @Test func everyEmployerComesFirstEquallyOften() throws {
        let (vacancies, employers) = (try vacancies(employers: 10, each: 3), try employers(10))
        var first: [String: Int] = [:]
        var shown: [String: Int] = [:]
        for turn in 1...300 {
            let chosen = VacancyChoice.forSlip(vacancies: vacancies, employers: employers, turn: turn)
            #expect(chosen.count == 5)
            #expect(Set(chosen.map(\.employerID)).count == 5)
            first[chosen[0].title, default: 0] += 1
            for vacancy in chosen { shown[vacancy.title, default: 0] += 1 }
        }
        #expect(first.count == 30)
        #expect(Set(first.values) == [10])
        #expect(Set(shown.values) == [50])
    }

    @Test func atMostTwoPerEmployer() throws {
        let (vacancies, employers) = (try vacancies(employers: 2, each: 6), try employers(2))
        for turn in 0..<12 {
            let chosen = VacancyChoice.forSlip(vacancies: vacancies, employers: employers, turn: turn)
            #expect(chosen.count == 4)
            #expect(Set(chosen.map(\.id)).count == 4)
            #expect(chosen[0].employerID != chosen[1].employerID)
        }
    }

    @Test func withdrawnUnverifiedAndNotForMinorsAreLeftOut() throws {
        var vacancies = try vacancies(employers: 4, each: 1)
        let employers = try employers(4, unverified: [1])
        vacancies[2].isWithdrawn = true
        vacancies[3].isNotUnder18 = true
        let adult = VacancyChoice.forSlip(vacancies: vacancies, employers: employers, turn: 0)
        #expect(adult.map(\.title) == ["0.0", "3.0"])
        let minor = VacancyChoice.forSlip(vacancies: vacancies, employers: employers, turn: 0, isUnder18: true)
        #expect(minor.map(\.title) == ["0.0"])
    }

    @Test func nothingToChooseFrom() throws {
        #expect(VacancyChoice.forSlip(vacancies: [], employers: try employers(3), turn: 7).isEmpty)
        let vacancies = try vacancies(employers: 1, each: 1)
        #expect(VacancyChoice.forSlip(vacancies: vacancies, employers: [], turn: 7).isEmpty)
        #expect(VacancyChoice.forSlip(vacancies: vacancies, employers: try employers(1), turn: 7, count: 0).isEmpty)
        let extreme = VacancyChoice.forSlip(vacancies: vacancies, employers: try employers(1), turn: .min)
        #expect(extreme.count == 1)
    }

    @Test(arguments: [
        (500_000, 700_000, Pay.Unit.month, "", "5000–7000元/月"), (700_000, 500_000, .month, "", "5000–7000元/月"),
        (20_000, 20_000, .day, "", "200元/天"), (2_850, 0, .hour, "", "28.5元/小时起"),
        (0, 8_000_000, .year, "", "80000元/年以内"),
        (125, 125, .piece, "", "1.25元/件"), (105, 105, .piece, "", "1.05元/件"), (0, 0, .month, "", "面议"),
        (0, 0, nil, " ", "面议"), (500_000, 600_000, nil, "", "5000–6000元"), (-1, -1, .month, "", "面议"),
        (500_000, 700_000, .month, "5-8千+提成", "5-8千+提成"), (0, 0, nil, " 面\n谈 ", "面 谈"),
    ])
    func pay(lowest: Int, highest: Int, unit: Pay.Unit?, text: String, expected: String) {
        #expect(PayText.text(of: Pay(lowestFen: lowest, highestFen: highest, unit: unit, text: text)) == expected)
    }
}
