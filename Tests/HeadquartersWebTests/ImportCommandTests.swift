// headquartersd import, vacancy and employer; the sample fair; large sheets.

import Foundation
import HeadquartersCore
import HeadquartersStore
import JobFair
import TestSupport
import Testing
import VacancyImport

@testable import HeadquartersWeb

struct ImportCommandTests {
    private let fixture: HeadquartersFixture
    private var commands: HeadquartersCommands { fixture.commands }

    init() throws {
        fixture = try HeadquartersFixture()
    }

    private static func sheet(_ name: String) -> String {
        URL(fileURLWithPath: HeadquartersFixture.sampleFair).deletingLastPathComponent()
            .appendingPathComponent("sheets/\(name)").path
    }

    private func createFair() async throws {
        _ = try await commands.createFair(from: HeadquartersFixture.sampleFair, kind: nil)
    }

    private func order(_ file: String, isDryRun: Bool = false) -> ImportOrder {
        ImportOrder(fair: "1", file: file, isDryRun: isDryRun)
    }

    private func backlog() async throws -> DeskBacklog {
        let store = try SQLiteHeadquartersStore(stateFolder: fixture.settings.stateFolder)
        return try await store.backlog(of: try #require(try await store.fairs().first).id)
    }

    @Test func theSampleFairHoldsNothing() async throws {
        let printed = try await commands.createFair(from: HeadquartersFixture.sampleFair, kind: nil)
        #expect(!printed.contains("held"))
        #expect(printed.hasSuffix("3 employers are not verified: headquartersd employer list --fair 1 --part waiting"))
        let store = try SQLiteHeadquartersStore(stateFolder: fixture.settings.stateFolder)
        let fair = try #require(try await store.fairs().first)
        let backlog = try await store.backlog(of: fair.id)
        let catalogue = try #require(try await store.catalogue(of: fair.id))
        #expect(backlog.held == 0 && catalogue.vacancies.count >= 300)
        #expect(catalogue.employers.count == backlog.employers - backlog.unverified)
        for entry in try await store.employers(of: fair.id, DeskQuery()).entries {
            #expect(entry.check?.by == (entry.employer.isVerified ? DeskAuthor.fairFile : nil))
        }
    }

    @Test func aFairWithoutEmployersSaysWhatComesNextAndTakesTheSheet() async throws {
        let path = fixture.folder.file("fair.yaml")
        let text = """
            name: 招聘会
            venue: 广场
            organiser: 中心
            days: [today]
            notice: { version: "1", title: 告知, shortText: 短, fullText: 全 }
            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let printed = try await commands.createFair(from: path, kind: nil)
        #expect(printed.hasSuffix("0 employers, 0 vacancies\nno vacancies yet: headquartersd import --fair 1 FILE"))
        _ = try await commands.importVacancies(order(Self.sheet("utf8.csv")))
        #expect(try await backlog().vacancies == 30)
    }

    @Test(arguments: [
        ("utf8.csv", 30, 0), ("utf8-bom.csv", 26, 0), ("gb18030.csv", 28, 0), ("merged.xlsx", 35, 0),
        ("twenty-faults.csv", 6, 20),
    ])
    func theFiveSheetsGoIn(_ name: String, _ vacancies: Int, _ refused: Int) async throws {
        try await createFair()
        let before = try await backlog()
        let dry = try await commands.importVacancies(order(Self.sheet(name), isDryRun: true))
        #expect(dry.contains("vacancies: \(vacancies) new, 0 updated, 0 unchanged"))
        #expect(dry.hasSuffix("\nnothing was changed"))
        #expect(try await backlog() == before)
        let printed = try await commands.importVacancies(order(Self.sheet(name)))
        #expect(printed.contains("refused rows: \(refused)\n") && printed.hasSuffix("\nimported"))
        #expect(printed.contains("held for a clerk: 0\n"))
        #expect(try await backlog().vacancies == before.vacancies + vacancies)
        let again = try await commands.importVacancies(order(Self.sheet(name)))
        #expect(again.contains("vacancies: 0 new, 0 updated, \(vacancies) unchanged"))
        #expect(try await backlog().vacancies == before.vacancies + vacancies)
    }

    @Test func aFileThatIsRefusedSaysWhy() async throws {
        try await createFair()
        func code(_ content: String) async throws -> String {
            let file = fixture.folder.file("sheet.csv")
            try Data(content.utf8).write(to: URL(fileURLWithPath: file))
            do {
                _ = try await commands.importVacancies(order(file))
                return "in"
            } catch let error as HeadquartersError {
                #expect(error.code == .sheetUnsuitable)
                return error.message
            }
        }
        #expect(try await code("甲,乙\n一,二\n").contains("No header was found"))
        #expect(try await code("单位名称,岗位名称,招聘人数\n大山厂,普工,0\n").contains("no row can go in"))
        await #expect(throws: HeadquartersError.self) {
            try await commands.importVacancies(order(fixture.folder.file("none.csv")))
        }
    }

    @Test func theMorningFromTheTerminal() async throws {
        try await createFair()
        let listed = try await commands.listVacancies(fair: "1", part: "all", text: "")
        let id = String(try #require(listed.split(separator: " ").first))
        #expect(try await commands.changeVacancy(id, .filled).contains("  filled  "))
        #expect(try await commands.changeVacancy(id, .open).contains("  open  "))
        #expect(try await commands.changeVacancy(id, .withdraw).contains("  withdrawn  "))
        #expect(try await commands.changeVacancy(id, .booth("Q1")).contains("  Q1  "))
        for (typed, count) in [("40", 40), ("some", nil)] as [(String, Int?)] {
            _ = try await commands.changeVacancy(id, .headcount(typed))
            let store = try SQLiteHeadquartersStore(stateFolder: fixture.settings.stateFolder)
            #expect(try await store.vacancy(try #require(VacancyID(id)))?.vacancy.headcount == count)
        }
        await #expect(throws: HeadquartersError.self) { try await commands.changeVacancy(id, .headcount("0")) }
        #expect(try await commands.changeVacancy(id, .reject(reason: "投诉")).contains("  rejected  "))
        #expect(try await commands.listVacancies(fair: "1", part: "waiting", text: "").contains("employers,"))
        let employers = try await commands.listEmployers(fair: "1", part: "all", text: "")
        let employer = String(try #require(employers.split(separator: " ").first))
        #expect(employers.contains("verified by fair file"))
        _ = try await commands.moveEmployer(employer, to: "Q2")
        _ = try await commands.unverifyEmployer(employer, reason: "执照过期")
        let waiting = try await commands.listEmployers(fair: "1", part: "waiting", text: "")
        #expect(waiting.contains(employer) && waiting.contains("not verified") && waiting.contains("  Q2  "))
        await #expect(throws: HeadquartersError.self) {
            try await commands.verifyEmployer(employer, creditCode: "1", licence: "营业执照")
        }
        _ = try await commands.verifyEmployer(employer, creditCode: "91990121MA9999910L", licence: "营业执照")
        #expect(try await commands.listEmployers(fair: "1", part: "all", text: "").contains("verified by terminal:"))
        await #expect(throws: HeadquartersError.self) { try await commands.changeVacancy("x", .filled) }
    }

    @Test func aLoginGetsOtherEmployers() async throws {
        try await createFair()
        let employers = try await commands.listEmployers(fair: "1", part: "all", text: "")
        let id = String(try #require(employers.split(separator: " ").first))
        _ = try await commands.addLogin(
            name: "firm", role: "employer", employers: ["91990121MA9999910L"], password: "今天下雨我没有带伞出门")
        #expect(try await commands.setEmployers(of: "Firm", to: [id]) == "firm  employer  \(id)")
        #expect(try await commands.listLogins() == "firm  employer  \(id)")
        _ = try await commands.addLogin(name: "li", role: "clerk", employers: [], password: "今天下雨我没有带伞出门")
        for (name, names) in [("firm", []), ("firm", ["x"]), ("li", [id]), ("nobody", [id])] {
            await #expect(throws: HeadquartersError.self, "\(name)") {
                try await commands.setEmployers(of: name, to: names)
            }
        }
        #expect(try await commands.listLogins().hasPrefix("firm  employer  \(id)\n"))
    }

    @Test func regionsAreReadFromTheUsualTables() throws {
        let file = fixture.folder.file("regions.csv")
        try Data("code,name,cityCode\n99,\"样例省\"\n9901,\"市辖区\",99\n990121,\"青禾县\",9901\n12345,错\n".utf8)
            .write(to: URL(fileURLWithPath: file))
        #expect(
            try HeadquartersCommands.regions(in: file) == [
                Region(code: "990000", name: "样例省"), Region(code: "990121", name: "青禾县"),
            ])
    }

    @Test func theBoundIsNeverBelowTheEncodedCatalogue() throws {
        var catalogue = try HeadquartersFixture.sampleCatalogue()
        catalogue.fair.keyNumber = 0xFF_FFFF
        catalogue.version = 1_000_000
        let bound =
            CatalogueSize.bytesAtMost(catalogue.fair, notice: catalogue.notice, keyGroups: catalogue.keyGroups)
            + catalogue.vacancies.reduce(0) { $0 + CatalogueSize.bytesAtMost($1) }
            + catalogue.employers.reduce(0) { $0 + CatalogueSize.bytesAtMost($1) }
            + catalogue.regions.reduce(0) { $0 + CatalogueSize.bytesAtMost($1) }
        let bytes = EncodedCatalogue(catalogue).body.count
        #expect(bytes <= bound && bound < 2 * bytes)
        #expect(FairFile.vacanciesMax <= CatalogueSize.vacanciesMax)
        #expect(FairFile.employersMax <= CatalogueSize.employersMax)
    }

    /// Says how long it takes; nothing depends on it.
    @Test func twentyThousandRowsGoInTwice() async throws {
        let fair = try String(contentsOfFile: HeadquartersFixture.sampleFair, encoding: .utf8)
        let start = try #require(fair.firstRange(of: "\nemployers:"))
        let small = fixture.folder.file("fair.yaml")
        let employer = "\nemployers:\n  - name: 样例厂\n    verified: true\n"
        try Data((fair[..<start.lowerBound] + employer).utf8).write(to: URL(fileURLWithPath: small))
        _ = try await commands.createFair(from: small, kind: nil)
        var text = "单位名称,岗位名称,招聘人数,薪资待遇,工作地点,展位号,食宿,工作时间,任职要求\n"
        for number in 0..<CatalogueSize.vacanciesMax {
            text += "大山厂\(number % 1000),普工\(number / 1000)号,\(number % 50 + 1),5000-\(6000 + number % 9)元/月,青禾县"
            text += "工业园,A\(number % 300),包吃包住,两班倒每班8小时,能吃苦耐劳服从安排有经验优先\n"
        }
        let file = fixture.folder.file("many.csv")
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        for expected in ["20000 new, 0 updated, 0 unchanged", "0 new, 0 updated, 20000 unchanged"] {
            let clock = ContinuousClock()
            var printed = ""
            let taken = try await clock.measure { printed = try await commands.importVacancies(order(file)) }
            #expect(printed.contains("vacancies: \(expected)"))
            print("20,000 rows, \(expected): \(taken)")
        }
    }
}
