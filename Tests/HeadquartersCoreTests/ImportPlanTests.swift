// Where vacancies stand after an import, from the sheet's rows alone.

import HeadquartersCore
import JobFair
import Testing
import VacancyImport

struct ImportPlanTests {
    private struct Row {
        var title: String
        var booth: String
        var pay = "5000"
    }

    /// What a fair has after one import, and then the next.
    private struct FairState {
        var state = ImportState(employers: [], vacancies: [], otherBytes: 0)

        mutating func apply(_ rows: [Row]) throws {
            let text =
                "单位名称,展位号,岗位名称,招聘人数,薪资待遇\n"
                + rows.map { "青禾县大山食品厂,\($0.booth),\($0.title),5,\($0.pay)元/月\n" }.joined()
            let batch = ImportBatch(try VacancyReader(regions: RegionFinder([])).read(Array(text.utf8)))
            let plan = ImportPlan(batch, on: state, at: 1) { count in
                (0..<count).map { _ in UInt8.random(in: .min ... .max) }
            }
            #expect(plan.outcome.refusal == nil)
            let employers = Dictionary(uniqueKeysWithValues: plan.changedEmployers.map { ($0.employer.id, $0) })
            let vacancies = Dictionary(uniqueKeysWithValues: plan.changedVacancies.map { ($0.vacancy.id, $0) })
            state.employers = state.employers.map { employers[$0.employer.id] ?? $0 } + plan.addedEmployers
            state.vacancies = state.vacancies.map { vacancies[$0.vacancy.id] ?? $0 } + plan.addedVacancies
        }

        /// A clerk moves one vacancy.
        mutating func move(_ title: String, to booth: String) throws {
            let place = try #require(state.vacancies.firstIndex { $0.vacancy.title == title })
            state.vacancies[place].vacancy.booth = booth
        }

        mutating func close(_ place: Int) { state.vacancies[place].vacancy.isFilled = true }

        var booths: [String: String] {
            Dictionary(uniqueKeysWithValues: state.vacancies.map { ($0.vacancy.title, $0.vacancy.booth) })
        }
        var employerBooths: [String] { state.employers.map(\.employer.booth) }
    }

    @Test func theSameSheetInAnotherOrderMovesNobody() throws {
        var fair = FairState()
        let rows = [Row(title: "包装工", booth: "A01"), Row(title: "叉车工", booth: "A02")]
        try fair.apply(rows)
        let before = fair.booths
        #expect(before == ["包装工": "A01", "叉车工": "A02"])
        try fair.apply(rows.reversed())
        #expect(fair.booths == before)
        #expect(fair.employerBooths == ["A01"])
    }

    @Test func oneVacancyThatMovesLeavesTheOthersWhereTheyAre() throws {
        var fair = FairState()
        try fair.apply(["包装工", "叉车工", "质检员"].map { Row(title: $0, booth: "A01") })
        try fair.apply([Row(title: "包装工", booth: "A02"), Row(title: "叉车工", booth: "A01")])
        #expect(fair.booths == ["包装工": "A02", "叉车工": "A01", "质检员": "A01"])
        #expect(fair.employerBooths == ["A01"])
    }

    @Test func aRaiseGoesToTheNamesakeThatIsStillOpen() throws {
        var fair = FairState()
        try fair.apply([
            Row(title: "包装工", booth: "A01", pay: "5000"), Row(title: "包装工", booth: "A01", pay: "6000"),
        ])
        fair.close(0)
        try fair.apply([Row(title: "包装工", booth: "A01", pay: "6500")])
        #expect(fair.state.vacancies.map(\.vacancy.pay.lowestFen) == [500_000, 650_000])
        #expect(fair.state.vacancies.map(\.vacancy.isFilled) == [true, false])
    }

    @Test func anEmployerThatMovesTakesAlongWhatTheSheetDoesNotPlace() throws {
        var fair = FairState()
        try fair.apply([
            Row(title: "包装工", booth: "A01"), Row(title: "叉车工", booth: "A02"), Row(title: "质检员", booth: "A01"),
        ])
        // A clerk put it beside the others; the sheet says of it what it said before.
        try fair.move("叉车工", to: "A01")
        try fair.apply([Row(title: "包装工", booth: "B07"), Row(title: "叉车工", booth: "A02")])
        #expect(fair.booths == ["包装工": "B07", "叉车工": "A01", "质检员": "B07"])
        #expect(fair.employerBooths == ["B07"])
    }
}
