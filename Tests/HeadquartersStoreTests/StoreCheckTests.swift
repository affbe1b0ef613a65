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

    @Test func aFolderWithoutADatabaseIsAnError() async throws {
        let folder = try TemporaryFolder()
        await #expect(throws: HeadquartersStoreError.self) { try await StoreCheck.run(stateFolder: folder.path) }
        #expect(BackupFolder.entries(of: folder.path).filter { $0.contains("sqlite") }.isEmpty)
    }
}
