// What `headquartersd check` finds: each damage makes its line false, and a gap is said without being one.

import Foundation
import GRDB
import HeadquartersCore
import JobFair
import TestSupport
import Testing

@testable import HeadquartersStore

@Suite struct StoreCheckTests {
    private func lines(_ fixture: BackupFixture) async throws -> [String: CheckLine] {
        try await StoreCheck.run(stateFolder: fixture.fixture.folder.path).reduce(into: [:]) { $0[$1.name] = $1 }
    }

    @Test func aSoundDatabaseIsTrueInEveryLine() async throws {
        let fixture = try await BackupFixture()
        try await fixture.fixture.ingest((1...5).map(fixture.entry))
        try await fixture.fixture.ingest([
            .sealed(BackupFixture.real(fixture.fixture.envelope(6)), reason: .schemaUnknown)
        ])
        let found = try await lines(fixture)
        #expect(found.values.filter { $0.verdict == .wrong }.isEmpty, "\(found)")
        #expect(found["counts"]?.text.hasPrefix("6 frames, 5 records + 1 held") == true)
        #expect(found["backup"]?.verdict == .look)
        #expect(found["gap"] == nil)
        _ = try await fixture.backUp()
        #expect(try await lines(fixture)["backup"]?.verdict == .ok)
    }

    @Test func aGapIsSaidWithWhatToDo() async throws {
        let fixture = try await BackupFixture()
        try await fixture.fixture.ingest([fixture.entry(1), fixture.entry(2), fixture.entry(5)])
        let gap = try #require(try await lines(fixture)["gap"])
        #expect(gap.verdict == .look)
        #expect(gap.text.contains("lacks 3-4"))
        #expect(gap.text.contains("restore"))
    }

    @Test(arguments: [
        ("frames", "UPDATE frame SET bytes = x'00' WHERE sequence = 3"),
        ("frames", "UPDATE frame SET bytes = x'' WHERE sequence = 3"),
        (
            "counts",
            "PRAGMA foreign_keys=OFF; DELETE FROM entry; DELETE FROM record WHERE recordID = (SELECT MAX(recordID) FROM record)"
        ),
        (
            "foreign keys",
            "PRAGMA foreign_keys=OFF; DELETE FROM record WHERE recordID = (SELECT MAX(recordID) FROM record)"
        ),
        ("chain", "UPDATE lineage SET contiguousThrough = 6"),
        ("chain", "UPDATE lineage SET digestAtContiguous = x'00'"),
        ("chain", "UPDATE lineage SET highestSequence = 9"),
        ("receipts", "DELETE FROM receipt WHERE serial = 2"),
        ("receipts", "UPDATE generation SET newestSerial = newestSerial + 1"),
        ("kiosks", "UPDATE device SET frames = frames - 1"),
        ("durable", "UPDATE lineage SET durableThrough = 99"),
    ])
    func eachDamageShows(name: String, sql: String) async throws {
        let fixture = try await BackupFixture()
        for index in 1...5 { try await fixture.fixture.ingest([fixture.entry(index)]) }
        let file = try DatabaseQueue(path: fixture.fixture.folder.file("headquarters.sqlite"))
        try await file.writeWithoutTransaction { try $0.execute(sql: sql) }
        try file.close()
        let found = try await StoreCheck.run(stateFolder: fixture.fixture.folder.path)
        #expect(found.contains { $0.name == name && $0.verdict == .wrong }, "\(found)")
    }

    @Test func damageIsALineWithWhatToDo() async throws {
        let fixture = try await BackupFixture()
        try await fixture.fixture.ingest((1...50).map(fixture.entry))
        let sound = try Data(contentsOf: URL(fileURLWithPath: try await fixture.backUp().backup.path))
        var (header, page) = (sound, sound)
        header.replaceSubrange(0..<100, with: Data(repeating: 0xA5, count: 100))
        page.replaceSubrange(4096 * 8..<4096 * 9, with: Data(repeating: 0xA5, count: 4096))
        for (name, bytes) in [("header", header), ("page", page), ("cut", sound.prefix(4096 * 9))] {
            let machine = try TemporaryFolder()
            try bytes.write(to: URL(fileURLWithPath: machine.file("headquarters.sqlite")))
            let found = try await StoreCheck.run(stateFolder: machine.path)
            #expect(found.map(\.name) == ["integrity", "erasures"], "\(name): \(found)")
            #expect(found.first?.verdict == .wrong && found.first?.text.contains("--move-aside") == true)
            #expect(found.first?.text.contains("数据库损坏了") == true)
        }
        // The program that meets it says it, too, and knows it from then on.
        #expect(SQLiteHeadquartersStore.mapped(DatabaseError(resultCode: .SQLITE_CORRUPT)).code == .damaged)
        #expect(try await fixture.store.backupState().hasSeenDamage == false)
        await #expect(throws: HeadquartersStoreError.self) {
            try await fixture.store.read { _ in throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
        }
        #expect(try await fixture.store.backupState().hasSeenDamage)
    }

    @Test func aDatabaseOfANewerProgramIsFalse() async throws {
        let fixture = try await BackupFixture()
        let file = try DatabaseQueue(path: fixture.fixture.folder.file("headquarters.sqlite"))
        try await file.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9999 later')") }
        try file.close()
        let found = try await StoreCheck.run(stateFolder: fixture.fixture.folder.path)
        #expect(found.first?.verdict == .wrong && found.first?.name == "program")
        let error = #expect(throws: HeadquartersStoreError.self) {
            try SQLiteHeadquartersStore(stateFolder: fixture.fixture.folder.path)
        }
        #expect(error?.description.contains("install the headquartersd that wrote it") == true)
    }

    @Test func aFolderWithoutADatabaseIsAnError() async throws {
        let folder = try TemporaryFolder()
        let error = await #expect(throws: HeadquartersStoreError.self) {
            try await StoreCheck.run(stateFolder: folder.path)
        }
        #expect(error?.description.contains("headquartersd restore") == true)
        #expect(BackupFolder.entries(of: folder.path).filter { $0.contains("sqlite") }.isEmpty)
    }
}
