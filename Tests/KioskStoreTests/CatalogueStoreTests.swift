// Catalogues: whole or not at all, and never worth repairing.

import Foundation
import JobFair
import KioskCore
import TestSupport
import Testing

@testable import KioskStore

@Suite struct CatalogueStoreTests {
    private func catalogue(
        _ fair: FairID = StoreFixture.fair, day: String = "2026-02-03", vacancies: Int = 3, name: String = "春风行动"
    ) -> Catalogue {
        let employers = (0..<2).map { number in
            Employer(
                id: .random(), name: "企业\(number)", booth: "A\(number)", isVerified: number == 0,
                creditCode: "91990121MA9001017G")
        }
        return Catalogue(
            fair: Fair(
                id: fair, name: name, venue: "人民广场", organiser: "人社局", kind: .rehearsal,
                days: [day, "2026-03-01"].compactMap { CalendarDate($0) }, keyNumber: 16_777_215,
                formAddress: "HTTPS://FORM.EXAMPLE.CN", servicePhone: "12333", region: "990121",
                formOpenDaysAfter: 9),
            version: 4, employers: employers,
            vacancies: (0..<vacancies).map { number in
                Vacancy(
                    id: .random(), employerID: employers[number % 2].id, title: "焊工\(number)",
                    headcount: number % 3 == 0 ? nil : number,
                    pay: Pay(
                        lowestFen: 500_000, highestFen: 700_000, unit: number % 2 == 0 ? .month : nil,
                        text: "5000-7000元/月"),
                    booth: "A1", place: "本地", boardAndLodging: "包吃住", insurance: "五险", hours: "8小时",
                    isWithdrawn: number == 1, isNotUnder18: number == 2, isFilled: number == 0,
                    occupation: number == 1 ? .welder : nil, requirements: "持证", region: "990121",
                    workForm: number == 2 ? .byTheDay : nil, offersBoard: number == 0 ? nil : number == 1,
                    offersLodging: number == 1 ? nil : true, hasNightShifts: number == 2 ? false : nil)
            },
            notice: PrivacyNotice(version: "1", title: "告知", shortText: "短", fullText: "长"),
            keyGroups: [KeyGroup(code: "migrant", label: "农民工"), KeyGroup(code: "graduate", label: "毕业生")],
            regions: [Region(code: "990121", name: "青禾县"), Region(code: "990000", name: "禾川省")])
    }

    private func open(_ folder: TemporaryFolder, _ log: LogLines = LogLines()) throws -> SQLiteCatalogueStore {
        try SQLiteCatalogueStore(path: folder.file("catalogue.sqlite"), logger: log.logger)
    }

    @Test func whatIsSavedIsReadAlsoAfterReopening() async throws {
        let folder = try TemporaryFolder()
        let first = catalogue(), second = catalogue(StoreFixture.otherFair, day: "2026-01-15")
        let store = try open(folder)
        #expect(try await store.catalogue(of: first.fair.id) == nil)
        #expect(try await store.fairs().isEmpty)
        try await store.save(first, etag: "\"1\"", signed: Data([1, 2]))
        try await store.save(second, etag: "\"2\"", signed: Data([3]))
        for store in [store, try open(folder)] {
            #expect(try await store.catalogue(of: first.fair.id) == first)
            #expect(try await store.catalogue(of: second.fair.id) == second)
            #expect(try await store.etag(of: first.fair.id) == "\"1\"")
            #expect(try await store.signedCatalogue(of: first.fair.id) == Data([1, 2]))
            #expect(try await store.fairs() == [second.fair, first.fair])
        }
        let replacement = catalogue(vacancies: 1, name: "春风行动二")
        try await store.save(replacement, etag: "\"3\"", signed: Data([4]))
        #expect(try await store.catalogue(of: first.fair.id) == replacement)
        #expect(try await store.catalogue(of: second.fair.id) == second)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["catalogue.sqlite"])
    }

    @Test func aCatalogueThatDoesNotHoldTogetherChangesNothing() async throws {
        let folder = try TemporaryFolder()
        let store = try open(folder)
        let good = catalogue()
        try await store.save(good, etag: "1", signed: Data())
        var bad = good
        bad.vacancies[0].employerID = .random()
        await #expect(throws: (any Error).self) { try await store.save(bad, etag: "2", signed: Data()) }
        #expect(try await store.catalogue(of: good.fair.id) == good)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["catalogue.sqlite"])
    }

    @Test func damageIsDeletedAndSaid() async throws {
        let folder = try TemporaryFolder()
        try await open(folder).save(catalogue(vacancies: 500), etag: "1", signed: Data())
        let bytes = try #require(FileManager.default.contents(atPath: folder.file("catalogue.sqlite")))
        for damage in [Data("rubbish, not SQLite at all".utf8), Data(), bytes.prefix(bytes.count / 2)] {
            try damage.write(to: URL(fileURLWithPath: folder.file("catalogue.sqlite")))
            let log = LogLines()
            let store = try open(folder, log)
            #expect(log.all.contains { $0.hasPrefix("warning the catalogue file was damaged and is deleted") })
            #expect(try await store.fairs().isEmpty)
            try await store.save(catalogue(), etag: "2", signed: Data())
            #expect(try await store.etag(of: StoreFixture.fair) == "2")
        }
    }

    @Test func anotherProgramsFileIsNotDeleted() async throws {
        let fixture = try StoreFixture()
        try fixture.open().close()
        let error = #expect(throws: KioskStoreError.self) {
            try SQLiteCatalogueStore(path: fixture.path, logger: LogLines().logger)
        }
        #expect(error?.code == .notOurs)
        try fixture.open().close()
    }

    @Test func twentyThousandVacanciesAreFine() async throws {
        let folder = try TemporaryFolder()
        let store = try open(folder)
        let large = catalogue(vacancies: 20_000)
        try await store.save(large, etag: "1", signed: Data(repeating: 1, count: 1 << 20))
        #expect(try await store.catalogue(of: large.fair.id) == large)
    }
}

@Suite struct SQLiteLibraryTests {
    @Test(
        arguments: [
            (
                "abort at 5 in [INSERT INTO record VALUES (?)]: UNIQUE constraint failed: record.recordID",
                "abort at 5: UNIQUE constraint failed: record.recordID"
            ),
            ("recovered 12 frames from WAL file x", "recovered 12 frames from WAL file x"),
        ])
    func theErrorLogIsWithoutStatements(message: String, expected: String) {
        #expect(SQLiteLibrary.withoutStatement(message) == expected)
    }
}
