// A database that the first program wrote opens in today's, with everything in it.

import Foundation
import GRDB
import HeadquartersCore
import JobFair
import TestSupport
import Testing

@testable import HeadquartersStore

@Suite struct UpgradeTests {
    /// Rows of the first schema, byte for byte as that program wrote them.
    @Test func aFairOfTheFirstProgramIsReadAndLinted() async throws {
        let folder = try TemporaryFolder()
        let ids = (1...3).map { Data(repeating: UInt8($0), count: 16) }
        let names = ids.map { id in
            Identifier<EmployerScope>(bytes: id)?.description ?? ""
        }
        let file = try DatabaseQueue(path: folder.file("headquarters.sqlite"))
        var first = DatabaseMigrator()
        first.registerMigration("0001 create") { try Migration0001Create.run($0) }
        try first.migrate(file)
        try await file.write { db in
            try db.execute(
                sql: """
                    INSERT INTO fair VALUES (?, 1, '旧招聘会', '广场', '中心', 'fair', 'HTTP://127.0.0.1:7280', '', '', 7,
                        '1', '告知', '短', '全', 1, 5)
                    """,
                arguments: [ids[0]])
            try db.execute(
                sql: "INSERT INTO employer VALUES (?, ?, 0, '旧单位', 'A01', ?)",
                arguments: [
                    ids[1], ids[0],
                    "{\"booth\":\"A01\",\"id\":\"\(names[1])\",\"isVerified\":true,\"name\":\"旧单位\"}",
                ])
            try db.execute(
                sql: "INSERT INTO vacancy VALUES (?, ?, ?, 0, '装配工', 20, 0, 0, ?)",
                arguments: [
                    ids[2], ids[0], ids[1],
                    """
                    {"boardAndLodging":"包吃住","booth":"A01","employerID":"\(names[1])","headcount":20,"hours":"",\
                    "id":"\(names[2])","insurance":"","isNotUnder18":false,"isWithdrawn":false,\
                    "pay":{"highestFen":700000,"lowestFen":500000,"text":"","unit":"month"},"place":"","title":"装配工"}
                    """,
                ])
        }
        try file.close()

        let store = try SQLiteHeadquartersStore(stateFolder: folder.path)
        let fair = try #require(try await store.fairs().first)
        let catalogue = try #require(try await store.catalogue(of: fair.id))
        #expect(catalogue.employers.map(\.name) == ["旧单位"])
        #expect(catalogue.vacancies.map(\.title) == ["装配工"])
        #expect(catalogue.vacancies.first?.isOpen == true)
        #expect(catalogue.version == 2)
    }
}
