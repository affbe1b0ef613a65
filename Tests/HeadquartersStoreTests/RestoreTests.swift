// A backup becomes the database of another machine: what is refused, what is in place after, how kiosks notice.

import Foundation
import GRDB
import HeadquartersCore
import JobFair
import TestSupport
import Testing

@testable import HeadquartersStore

#if canImport(Glibc)
import Glibc
#endif

@Suite struct RestoreTests {
    private func restore(
        _ file: String, to folder: TemporaryFolder, movesAside: Bool = false, takesOlder: Bool = false,
        takesThisOne: Bool = false
    ) async throws -> RestoreReport {
        try await DatabaseRestore.run(
            RestoreOrder(file: file, movesAside: movesAside, takesOlder: takesOlder, takesThisOne: takesThisOne),
            stateFolder: folder.path, now: { StoreFixture.now })
    }

    @Test func theRestoredStoreHoldsWhatTheBackupHeld() async throws {
        let old = try await BackupFixture()
        try await old.fixture.ingest((1...5).map(old.entry))
        _ = try await old.backUp()
        try await old.fixture.ingest([old.entry(6)], batch: 2)
        let backup = try await old.backUp().backup
        let lost = try await old.fixture.ingest([old.entry(7)], batch: 3)

        let machine = try TemporaryFolder()
        let report = try await restore(backup.path, to: machine)
        #expect(report.number == 2)
        #expect(report.startedAt == backup.startedAt)
        #expect(report.records == 6)
        #expect(report.kiosks == 1)
        #expect(report.newestRecordAt == StoreFixture.now)
        let store = try SQLiteHeadquartersStore(stateFolder: machine.path)
        let lineage = try await store.lineage(old.fixture.lineageID, of: old.fixture.deviceID)
        #expect(lineage.contiguousThrough == 6)
        // Nobody purges by the backups of the machine that is gone.
        #expect(lineage.durableThrough == 0)
        #expect(try await store.backupState().newest?.allowsPurge == false)
        #expect(try await StoreCheck.run(stateFolder: machine.path).filter { $0.verdict == .wrong }.isEmpty)

        // A receipt of before the backup is known; the one of after it starts a new generation, above its serial.
        let before = try await store.generation()
        let known = try await store.noteForeignReceipt(
            generation: before.id, serial: 2, batchID: Data(repeating: 2, count: 16), at: StoreFixture.now)
        #expect(known.id == before.id)
        let after = try await store.noteForeignReceipt(
            generation: lost.generation.id, serial: lost.generation.newestSerial,
            batchID: Data(repeating: 3, count: 16), at: StoreFixture.now)
        #expect(after.id != before.id)
        #expect(after.newestSerial == lost.generation.newestSerial)
        // The same receipt once more changes nothing; the kiosk offers everything, and the sets are equal.
        #expect(
            try await store.noteForeignReceipt(
                generation: lost.generation.id, serial: lost.generation.newestSerial,
                batchID: Data(repeating: 3, count: 16), at: StoreFixture.now) == after)
        let again = try await store.ingest(
            IngestBatch(
                deviceID: old.fixture.deviceID, lineageID: old.fixture.lineageID,
                batchID: Data(repeating: 4, count: 16), records: (1...7).map(old.entry),
                receivedAt: StoreFixture.now))
        #expect(again.results.map(\.code) == Array(repeating: .duplicate, count: 6) + [.accepted])
        #expect(again.generation.newestSerial == lost.generation.newestSerial + 1)
        #expect(try await StoreCheck.run(stateFolder: machine.path).filter { $0.verdict == .wrong }.isEmpty)
    }

    @Test func aNewGenerationForgetsWhatWasDurable() async throws {
        let fixture = try await BackupFixture()
        try await fixture.fixture.ingest((1...5).map(fixture.entry))
        _ = try await fixture.backUp()
        #expect(try await fixture.through() == 5)
        // As after a copy that was put in place by hand.
        _ = try await fixture.store.noteForeignReceipt(
            generation: Data(repeating: 9, count: 16), serial: 40, batchID: Data(repeating: 9, count: 16), at: 1)
        #expect(try await fixture.through() == 0)
        _ = try await fixture.backUp()
        #expect(try await fixture.through() == 5)
    }

    @Test func aDatabaseIsNeverReplaced() async throws {
        let fixture = try await BackupFixture()
        try await fixture.fixture.ingest((1...5).map(fixture.entry))
        let backup = try await fixture.backUp().backup
        let machine = try TemporaryFolder()
        // A WAL alone is enough: it would be replayed into the restored file.
        try Data("wal".utf8).write(to: URL(fileURLWithPath: machine.file("headquarters.sqlite-wal")))
        let alone = await #expect(throws: BackupError.self) { try await restore(backup.path, to: machine) }
        #expect(alone?.code == .databaseExists)
        try Data("old".utf8).write(to: URL(fileURLWithPath: machine.file("headquarters.sqlite")))
        let both = await #expect(throws: BackupError.self) { try await restore(backup.path, to: machine) }
        #expect(both?.code == .databaseExists)
        let report = try await restore(backup.path, to: machine, movesAside: true)
        #expect(report.movedAside.count == 2)
        #expect(
            try Set(report.movedAside.map { try String(contentsOfFile: $0, encoding: .utf8) }) == ["wal", "old"])
        #expect(report.records == 5)
        let instance = try InstanceLock(stateFolder: machine.path)
        let served = await #expect(throws: HeadquartersStoreError.self) {
            try await restore(backup.path, to: machine, movesAside: true)
        }
        #expect(served?.description.contains("systemctl stop headquartersd") == true)
        withExtendedLifetime(instance) {}
    }

    @Test func anOlderOneIsTakenOnlyOnPurpose() async throws {
        let fixture = try await BackupFixture()
        try await fixture.fixture.ingest((1...5).map(fixture.entry))
        let older = try await fixture.backUp(at: StoreFixture.now - 60_000).backup
        let newer = try await fixture.backUp().backup
        let machine = try TemporaryFolder()
        let error = await #expect(throws: BackupError.self) { try await restore(older.path, to: machine) }
        #expect(error?.code == .newerBackup)
        #expect(error?.detail.contains(newer.name) == true)
        let report = try await restore(older.path, to: machine, takesOlder: true)
        #expect(report.newer == [newer.name])
    }

    @Test func aDatabaseMadeAnewDoesNotPushTheTrueBackupsAside() async throws {
        let fixture = try await BackupFixture()
        try await fixture.fixture.ingest((1...5).map(fixture.entry))
        let backup = try await fixture.backUp(at: StoreFixture.now - 60_000).backup
        // Somebody had headquartersd serve on the new machine before anything was restored.
        let empty = try TemporaryFolder()
        let stray = try await SQLiteHeadquartersStore(stateFolder: empty.path)
            .backUp(fixture.order(), now: { StoreFixture.now }).backup
        #expect(stray.name > backup.name && stray.records == 0)
        let machine = try TemporaryFolder()
        // Neither is taken in silence, and both are shown with what is in them.
        for path in [backup.path, stray.path] {
            let error = await #expect(throws: BackupError.self) { try await restore(path, to: machine) }
            #expect(error?.code == .otherHistory)
            let lines = (error?.detail ?? "").split(separator: "\n").map(String.init)
            #expect(lines.contains { $0.contains(backup.name) && $0.contains("5 条记录") }, "\(lines)")
            #expect(lines.contains { $0.contains(stray.name) && $0.contains("0 条记录") }, "\(lines)")
            #expect(lines.count { $0.contains("<- 选的这份") } == 1 && lines.count { $0.contains("另一套") } == 1)
        }
        let report = try await restore(backup.path, to: machine, takesThisOne: true)
        #expect(report.records == 5)
        #expect(report.others == [stray.name])
    }

    @Test func backupsOfAfterAWrongRestoreAreAnotherHistory() async throws {
        let fixture = try await BackupFixture()
        try await fixture.fixture.ingest((1...3).map(fixture.entry))
        let older = try await fixture.backUp(at: StoreFixture.now - 90_000).backup
        try await fixture.fixture.ingest([fixture.entry(4), fixture.entry(5)], batch: 2)
        let newest = try await fixture.backUp(at: StoreFixture.now - 60_000).backup
        let machine = try TemporaryFolder()
        let renamed = machine.file("old.sqlite")
        try FileManager.default.copyItem(atPath: older.path, toPath: renamed)
        _ = try await restore(renamed, to: machine)
        // The wrongly restored headquarters served, and backed itself up, with the very number of the true newest.
        let wrong = try await SQLiteHeadquartersStore(stateFolder: machine.path)
            .backUp(fixture.order(), now: { StoreFixture.now }).backup
        #expect(wrong.number == newest.number && wrong.name > newest.name)
        let error = await #expect(throws: BackupError.self) {
            try await restore(newest.path, to: machine, movesAside: true)
        }
        #expect(error?.code == .otherHistory)
        #expect(BackupFolder.entries(of: machine.path).filter { $0.contains("aside") }.isEmpty)
        // Both came out of the first: of either history it is an older one.
        let both = await #expect(throws: BackupError.self) { try await restore(older.path, to: try TemporaryFolder()) }
        #expect(both?.code == .newerBackup)
        #expect(both?.detail.split(separator: "\n").count { $0.hasSuffix("更新 newer") } == 2)
        #expect(try await restore(newest.path, to: machine, movesAside: true, takesThisOne: true).records == 5)
        // What is made from here on is of this history, and the folder is as clear as it can be.
        let next = try await SQLiteHeadquartersStore(stateFolder: machine.path)
            .backUp(fixture.order(), now: { StoreFixture.now + 60_000 }).backup
        let last = await #expect(throws: BackupError.self) {
            try await restore(next.path, to: try TemporaryFolder())
        }
        #expect(last?.code == .otherHistory && last?.detail.contains(wrong.name) == true)
    }

    @Test func aFolderIsNoBackupAndSaysWhichFilesAre() async throws {
        let fixture = try await BackupFixture()
        try await fixture.fixture.ingest([fixture.entry(1)])
        let backup = try await fixture.backUp().backup
        let machine = try TemporaryFolder()
        let error = await #expect(throws: BackupError.self) {
            try await restore(fixture.backups.path, to: machine)
        }
        #expect(error?.code == .folderNamed)
        #expect(
            error?.detail.contains(
                "\(backup.name)  备份于 made 2027-01-15 16:00  1 条记录 records  1 台 kiosks") == true)
    }

    @Test func whatIsNoSoundBackupIsRefused() async throws {
        let fixture = try await BackupFixture()
        try await fixture.fixture.ingest((1...50).map(fixture.entry))
        let backup = try await fixture.backUp().backup
        let (machine, files) = (try TemporaryFolder(), try TemporaryFolder())
        let sound = try Data(contentsOf: URL(fileURLWithPath: backup.path))
        var flipped = sound
        for offset in stride(from: 4096 * 8 + 2000, to: flipped.count, by: 4096) { flipped[offset] ^= 0xFF }
        let newer = files.file("newer.sqlite")
        for (name, content) in [
            ("text", Data("not a database at all, and long enough to have a header of a hundred bytes or so. ".utf8)),
            ("empty", Data()), ("flipped", flipped), ("cut", sound.prefix(4096 * 9)), ("newer.sqlite", sound),
        ] { try content.write(to: URL(fileURLWithPath: files.file(name))) }
        let other = try DatabaseQueue(path: files.file("other"))
        try await other.write { try $0.execute(sql: "CREATE TABLE something (id INTEGER)") }
        try other.close()
        let future = try DatabaseQueue(path: newer)
        try await future.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9999 later')") }
        try future.close()
        for name in ["text", "empty", "flipped", "cut", "other", "newer.sqlite", "not there"] {
            let error = await #expect(throws: BackupError.self, "\(name)") {
                try await restore(files.file(name), to: machine)
            }
            #expect(error?.code == .backupUnsuitable, "\(name): \(error?.description ?? "")")
        }
        #expect(BackupFolder.entries(of: machine.path).filter { $0.contains("sqlite") }.isEmpty)
    }

    @Test func erasuresComeAlong() async throws {
        let fixture = try await BackupFixture()
        let mine = ErasureJournalFile(folder: fixture.fixture.folder.path)
        try mine.append([Data("first".utf8)])
        let backup = try await fixture.backUp().backup
        // After the backup, and before the next one: the folder learns of it all the same.
        try mine.append([Data("second".utf8)])
        try fixture.store.copyErasures(to: fixture.backups.path)
        let machine = try TemporaryFolder()
        try ErasureJournalFile(folder: machine.path).append([Data("third".utf8)])
        #expect(try await restore(backup.path, to: machine).erasures == 3)
        #expect(
            try ErasureJournalFile(folder: machine.path).read().directives
                == ["third", "first", "second"].map { Data($0.utf8) })
    }
}

@Suite struct ErasureJournalTests {
    @Test func linesAreAddedOnceAndDamageStaysWithinItsLine() throws {
        let folder = try TemporaryFolder()
        let journal = ErasureJournalFile(folder: folder.path)
        #expect(try journal.read() == ErasureJournalContent())
        let directives = (0..<5).map { Data("directive \($0)".utf8) }
        try journal.append(Array(directives.prefix(2)))
        try journal.append(Array(directives.prefix(3)) + [directives[2]])
        #expect(try journal.read() == ErasureJournalContent(directives: Array(directives.prefix(3))))
        // A power cut tears the last line: the next append is whole, and the others stay.
        var content = try Data(contentsOf: URL(fileURLWithPath: journal.path))
        content.removeLast(9)
        try content.write(to: URL(fileURLWithPath: journal.path))
        try journal.append([directives[3]])
        #expect(
            try journal.read()
                == ErasureJournalContent(directives: [directives[0], directives[1], directives[3]], damagedLines: 1))
        content = try Data(contentsOf: URL(fileURLWithPath: journal.path))
        content[3] ^= 1
        try content.write(to: URL(fileURLWithPath: journal.path))
        #expect(
            try journal.read() == ErasureJournalContent(directives: [directives[1], directives[3]], damagedLines: 2))
        #expect(throws: HeadquartersStoreError.self) { try journal.append([Data()]) }
        #expect(throws: HeadquartersStoreError.self) {
            try journal.append([Data(count: ErasureJournalContent.directiveBytesMax + 1)])
        }
        var status = stat()
        #expect(stat(journal.path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }
}
