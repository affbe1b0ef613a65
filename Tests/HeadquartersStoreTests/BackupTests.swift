// Backups of a store in use, on real files: what is verified, what is not, and what kiosks may purge by it.

import Foundation
import GRDB
import HeadquartersCore
import JobFair
import SyncProtocol
import Synchronization
import TestSupport
import Testing

@testable import HeadquartersStore

#if canImport(Glibc)
import Glibc
#endif

/// A store with real frames, and a folder for its backups.
struct BackupFixture {
    let fixture: StoreFixture
    let backups: TemporaryFolder
    var store: SQLiteHeadquartersStore { fixture.store }

    init(_ label: String = #function) async throws {
        fixture = try await StoreFixture(label: label)
        backups = try TemporaryFolder(label)
    }

    func order(keep: Int = 8, sameDiskCounts: Bool = true) -> BackupOrder {
        BackupOrder(folder: backups.path, keep: keep, sameDiskCounts: sameDiskCounts)
    }

    func backUp(
        keep: Int = 8, at: Int64 = StoreFixture.now,
        afterCopy: @escaping @Sendable (String) throws -> Void = { _ in }
    ) async throws -> BackupReport {
        try await store.backUp(order(keep: keep), now: { at }, afterCopy: afterCopy)
    }

    /// Records whose digests are those of their bytes, each after the one with the index before.
    func entry(_ index: Int) -> ArrivedRecord {
        var envelope = Self.real(fixture.envelope(index))
        if index > 1 { envelope.previousDigest = Self.real(fixture.envelope(index - 1)).digest }
        return .opened(envelope, .entry(people: 1, isRehearsal: false))
    }

    static func real(_ envelope: RecordEnvelope) -> RecordEnvelope {
        var envelope = envelope
        envelope.frame = Data("a sealed frame of record \(envelope.recordID)".utf8)
        envelope.digest = StoreFixture.sha256(envelope.frame)
        return envelope
    }

    func through() async throws -> Int64 {
        try await store.lineage(fixture.lineageID, of: fixture.deviceID).durableThrough
    }

    var files: [String] { BackupFolder.entries(of: backups.path).filter { !$0.hasPrefix(".") }.sorted() }
}

extension StoreFixture {
    static func sha256(_ bytes: Data) -> Data { SHA256Digest.of(bytes) }
}

@Suite struct BackupTests {
    @Test func whatStandsInTheFileIsWhatKiosksMayPurge() async throws {
        let fixture = try await BackupFixture()
        try await fixture.fixture.ingest((1...5).map(fixture.entry))
        try await fixture.fixture.ingest([fixture.entry(9)])
        #expect(try await fixture.through() == 0)
        let report = try await fixture.backUp()
        #expect(report.backup.records == 6)
        #expect(report.backup.allowsPurge)
        // Neither the record beyond the gap, nor what comes after the backup.
        #expect(try await fixture.through() == 5)
        let later = try await fixture.fixture.ingest((6...8).map(fixture.entry))
        #expect(later.lineage.contiguousThrough == 9)
        #expect(later.lineage.durableThrough == 5)
        #expect(try await fixture.store.backupState() == BackupState(newest: report.backup))
        #expect(fixture.files == [report.backup.name])
        var status = stat()
        #expect(stat(report.backup.path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        // The file says which one it is, and needs no other beside it.
        let file = try DatabaseQueue(
            path: report.backup.path, configuration: BackupCopy.configuration(isReadOnly: true))
        #expect(try await file.read { try Int64.fetchOne($0, sql: "SELECT MAX(number) FROM backup") } == 1)
        #expect(try await file.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "delete")
        _ = try await fixture.backUp()
        #expect(try await fixture.through() == 9)
    }

    @Test func roomIsAskedForInWholeNumbers() throws {
        try BackupCopy.checkRoom(for: 800_000, in: "/b", freeBytes: 800_000 + 16 << 20)
        let error = #expect(throws: BackupError.self) {
            try BackupCopy.checkRoom(for: 800_000, in: "/b", freeBytes: 9 << 20)
        }
        #expect(error?.code == .diskFull)
        #expect(
            error?.detail == "a backup needs 17 MiB free in /b (the database and 16 MiB to spare); 9 MiB are free there"
        )
    }

    @Test func whichDiskIsFullIsSaid() {
        let full = HeadquartersStoreError(.diskFull, "SQLite 13: database or disk is full")
        #expect(full.description.contains("the disk of the state folder"))
        #expect(full.description.contains("总部数据库所在的盘满了"))
        #expect(BackupError(full, writing: "/b").code == .stateDiskFull)
        for code in BackupError.Code.allCases { #expect(!code.hint.isEmpty && code.hintZh.hasSuffix("。")) }
    }

    @Test func writersGoOnWhileItIsCopied() async throws {
        let fixture = try await BackupFixture()
        try await fixture.fixture.ingest((1...200).map(fixture.entry))
        // Between the copy and its check the store takes more.
        let store = fixture.store
        let gate = DispatchSemaphore(value: 0)
        async let backup = fixture.backUp { _ in gate.wait() }
        for index in 201...260 {
            try await fixture.fixture.ingest([fixture.entry(index)])
        }
        gate.signal()
        let report = try await backup
        #expect((200...260).contains(report.backup.records))
        #expect(try await fixture.through() == Int64(report.backup.records))
        #expect(
            try await store.lineage(fixture.fixture.lineageID, of: fixture.fixture.deviceID).contiguousThrough == 260)
    }

    @Test(arguments: ["flipped", "cut", "emptied", "gone", "fewer rows"])
    func aBadCopyIsNoBackup(fault: String) async throws {
        let fixture = try await BackupFixture()
        try await fixture.fixture.ingest((1...50).map(fixture.entry))
        let before = try await fixture.backUp(at: StoreFixture.now - 1000)
        try await fixture.fixture.ingest((51...60).map(fixture.entry))
        await #expect(throws: BackupError.self) {
            try await fixture.backUp { path in
                switch fault {
                case "flipped": try Self.damage(path)
                case "cut": #expect(truncate(path, 4096 * 9) == 0)
                case "emptied": #expect(truncate(path, 0) == 0)
                case "gone": #expect(unlink(path) == 0)
                default:
                    let file = try DatabaseQueue(path: path)
                    try file.writeWithoutTransaction { try $0.execute(sql: "DELETE FROM entry WHERE people = 1") }
                    try file.close()
                }
            }
        }
        #expect(try await fixture.through() == 50)
        #expect(fixture.files == [before.backup.name])
        let state = try await fixture.store.backupState()
        #expect(state.newest == before.backup)
        #expect(state.failure?.failedAt == StoreFixture.now)
        // The next one is as if nothing had been.
        _ = try await fixture.backUp()
        #expect(try await fixture.store.backupState().failure == nil)
        #expect(try await fixture.through() == 60)
    }

    /// One byte in the middle of every page but the first ones.
    private static func damage(_ path: String) throws {
        var content = try Data(contentsOf: URL(fileURLWithPath: path))
        for offset in stride(from: 4096 * 8 + 2000, to: content.count, by: 4096) { content[offset] ^= 0xFF }
        try content.write(to: URL(fileURLWithPath: path))
    }

    @Test func aLineageThatLacksWhatItSaysIsNoBackup() async throws {
        let fixture = try await BackupFixture()
        try await fixture.fixture.ingest((1...5).map(fixture.entry))
        try await fixture.store.write { db in
            try db.execute(sql: "UPDATE lineage SET contiguousThrough = 7")
        }
        let error = await #expect(throws: BackupError.self) { try await fixture.backUp() }
        #expect(error?.code == .copyDamaged)
        #expect(try await fixture.through() == 0)
    }

    @Test func onTheDisksOfTheDatabaseItAllowsNothing() async throws {
        let fixture = try await BackupFixture()
        try await fixture.fixture.ingest((1...5).map(fixture.entry))
        let report = try await fixture.store.backUp(
            fixture.order(sameDiskCounts: false), now: { StoreFixture.now })
        #expect(!report.backup.allowsPurge)
        #expect(try await fixture.through() == 0)
    }

    @Test func theNewestStayAndStrangersAreLeftAlone() async throws {
        let fixture = try await BackupFixture()
        let stranger = "headquarters-20200101T000000Z-1.sqlite"
        try Data("x".utf8).write(to: URL(fileURLWithPath: fixture.backups.file(stranger)))
        try Data("x".utf8).write(
            to: URL(fileURLWithPath: fixture.backups.file("headquarters-20200101T000000Z-2.sqlite.new")))
        var names: [String] = []
        for index in 1...4 {
            // A clock that was put back does not make an old one the newest.
            let report = try await fixture.backUp(keep: 2, at: StoreFixture.now - Int64(index) * 60_000)
            names.append(report.backup.name)
            #expect(report.strangers == 1)
        }
        #expect(fixture.files == ([stranger] + names.suffix(2)).sorted())
        #expect(try await fixture.store.backupState().newest?.name == names.last)
        #expect(try await fixture.store.newestBackup(in: fixture.backups.path + "/.")?.name == names.last)
    }

    @Test func aFolderThatIsNotThereIsNotMade() async throws {
        let fixture = try await BackupFixture()
        let missing = BackupOrder(folder: fixture.backups.file("not-mounted"), keep: 2, sameDiskCounts: true)
        let error = await #expect(throws: BackupError.self) {
            try await fixture.store.backUp(missing, now: { StoreFixture.now })
        }
        #expect(error?.code == .folderMissing)
        #expect(access(missing.folder, F_OK) != 0)
    }

    @Test func oneAtATimeAndAStopLeavesNothing() async throws {
        let fixture = try await BackupFixture()
        let lock = try FileLock(path: fixture.fixture.folder.path + "/headquarters.backup.lock")
        #expect(lock.tryLock())
        let error = await #expect(throws: BackupError.self) { try await fixture.backUp() }
        #expect(error?.code == .underway)
        lock.unlock()
        let isCopied = Atomic(false)
        let stopped = DispatchSemaphore(value: 0)
        let task = Task {
            try await fixture.backUp { _ in
                // On the thread of the copy; the test itself blocks none of those that all tests share.
                isCopied.store(true, ordering: .releasing)
                stopped.wait()
            }
        }
        while !isCopied.load(ordering: .acquiring) { try await Task.sleep(for: .milliseconds(10)) }
        task.cancel()
        stopped.signal()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(fixture.files.isEmpty)
        #expect(try await fixture.store.backupState() == BackupState())
    }
}
