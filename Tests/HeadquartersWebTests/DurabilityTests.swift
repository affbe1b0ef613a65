// Headquarters' machine is lost and comes back: what kiosks are told before and after, over real TLS, on real files.

import AsyncHTTPClient
import Foundation
import GRDB
import HeadquartersCore
import JobFair
import Logging
import NIOCore
import SyncProtocol
import Synchronization
import TestSupport
import Testing

@testable import HeadquartersStore
@testable import HeadquartersWeb

@Suite(.serialized) struct DurabilityTests {
    /// A kiosk with sealed frames, and a folder of backups that counts although it lies on the same disk.
    private struct Road {
        let fixture: HeadquartersFixture
        let kiosk: FakeKiosk
        let keys: TrustedKeyList
        let backups: TemporaryFolder
        let fair: Data
        let sealer: HPKESealer

        var commands: HeadquartersCommands {
            var settings = fixture.settings
            settings.backup.sameDiskCounts = true
            return HeadquartersCommands(settings: settings)
        }

        func frames(_ numbers: ClosedRange<Int>) throws -> [Data] {
            try numbers.map { number in
                let random = withUnsafeBytes(of: Int64(number).bigEndian) { Array($0) } + [0, 0]
                return try kiosk.frame(
                    FakeKiosk.entry, recordID: RecordID(milliseconds: 1, random: random), fair: fair, sealer: sealer)
            }
        }

        func backUp() async throws -> String {
            let printed = try await commands.backUp(to: backups.path, keep: nil)
            return try #require(printed.split(separator: "\n").first?.split(separator: " ").last.map(String.init))
        }

        func check() async throws -> String {
            let (text, isTrue) = try await commands.check()
            #expect(isTrue, "\(text)")
            return text
        }

        /// The machine is gone with everything on it; keys come from their backup, records from this one.
        func replaceMachine(by backup: String, takesOlder: Bool = false) async throws -> String {
            try FileManager.default.removeItem(atPath: fixture.settings.stateFolder)
            let printed = try await commands.restore(from: backup, movesAside: false, takesOlder: takesOlder)
            _ = try commands.restoreKeys(
                passphraseFile: fixture.folder.file("pass"), from: fixture.folder.file("keys.backup"))
            return printed
        }
    }

    private func withRoad(_ label: String = #function, _ body: (Road) async throws -> Void) async throws {
        let fixture = try HeadquartersFixture(label)
        try fixture.backUp()
        _ = try await fixture.commands.createFair(from: HeadquartersFixture.sampleFair, kind: nil)
        let code = try await fixture.addKiosk()
        let keys = try SyncTests.keyList(fixture, code: code)
        let kiosk = try FakeKiosk(address: fixture.syncAddress, authority: keys.list.syncCaDer)
        var fair = Data()
        do {
            try await fixture.serving {
                #expect(try await kiosk.enrol(code).status == 200)
                fair = try #require(try await kiosk.hello(keys: keys).catalogues.first?.fairID)
            }
            try await body(
                Road(
                    fixture: fixture, kiosk: kiosk, keys: keys, backups: try TemporaryFolder(label), fair: fair,
                    sealer: try HPKESealer(publicKey: keys.currentSealingKey?.publicKey ?? Data())))
        } catch {
            try await kiosk.client.shutdown()
            throw error
        }
        try await kiosk.client.shutdown()
    }

    @Test func kiosksLearnWhatIsDurableOnlyFromAVerifiedBackup() async throws {
        try await withRoad { road in
            try await road.fixture.serving {
                let hello = try await road.kiosk.hello(keys: road.keys)
                #expect(hello.durableThrough == 0)
                let first = try await road.kiosk.upload(try road.frames(1...3), keys: road.keys)
                #expect(first.receipt.durableThrough == 0)
                // While it serves, by another process's connection.
                _ = try await road.backUp()
                #expect(try await road.kiosk.hello(keys: road.keys).durableThrough == 3)
                let second = try await road.kiosk.upload(try road.frames(4...5), keys: road.keys)
                #expect(second.receipt.contiguousThrough == 5)
                #expect(second.receipt.durableThrough == 3)
                _ = try await road.check()
            }
            // Of a lineage the kiosk has left.
            let other = try #require(
                try await SQLiteHeadquartersStore(stateFolder: road.fixture.settings.stateFolder)
                    .lineageMarks(of: road.kiosk.device.deviceID, except: Data(count: 16)).first)
            #expect(other.lineageID == road.kiosk.lineageID)
            #expect((other.knownThrough, other.durableThrough) == (5, 3))
        }
    }

    @Test func theDrill() async throws {
        try await withRoad { road in
            var frames: [Data] = []
            var backup = ""
            var newest: WireSigned?
            var lost = Data()
            try await road.fixture.serving {
                lost = try await road.kiosk.hello(keys: road.keys).headquartersGeneration
                frames = try road.frames(1...4)
                _ = try await road.kiosk.upload(frames, keys: road.keys)
                backup = try await road.backUp()
                let more = try road.frames(5...9)
                newest = try await road.kiosk.upload(more, keys: road.keys).signed
                frames += more
            }
            let printed = try await road.replaceMachine(by: backup)
            #expect(printed.contains("4 records"))
            #expect(printed.contains("keys restore"))
            try await road.fixture.serving {
                let hello = try await road.kiosk.hello(keys: road.keys, newestReceipt: newest)
                #expect(hello.headquartersGeneration != lost)
                #expect(hello.knownThrough == 4)
                // Until the next backup nobody purges.
                #expect(hello.durableThrough == 0)
                let again = try await road.kiosk.upload(frames, keys: road.keys)
                #expect(
                    again.receipt.results.map(\.code)
                        == Array(repeating: .duplicate, count: 4) + Array(repeating: .accepted, count: 5))
                #expect(again.receipt.headquartersGeneration == hello.headquartersGeneration)
                #expect(again.receipt.durableThrough == 0)
                _ = try await road.backUp()
                #expect(
                    try await road.kiosk.hello(keys: road.keys, newestReceipt: again.signed).durableThrough == 9)
            }
            #expect(try await road.check().contains("9 frames, 9 records + 0 held"))
        }
    }

    @Test func anOlderBackupLeavesAGapThatIsShown() async throws {
        try await withRoad { road in
            var backups: [String] = []
            var newest: WireSigned?
            var rest: [Data] = []
            try await road.fixture.serving {
                _ = try await road.kiosk.hello(keys: road.keys)
                for part in [1...2, 3...6] {
                    _ = try await road.kiosk.upload(try road.frames(part), keys: road.keys)
                    backups.append(try await road.backUp())
                }
                rest = try road.frames(7...8)
                newest = try await road.kiosk.upload(rest, keys: road.keys).signed
            }
            // What the newer backup holds, the kiosk has purged.
            await #expect(throws: BackupError.self) { try await road.replaceMachine(by: backups[0]) }
            #expect(try await road.replaceMachine(by: backups[0], takesOlder: true).contains("NEWER backups"))
            try await road.fixture.serving {
                let hello = try await road.kiosk.hello(keys: road.keys, newestReceipt: newest)
                #expect(hello.knownThrough == 2)
                let again = try await road.kiosk.upload(rest, keys: road.keys)
                #expect(again.receipt.contiguousThrough == 2)
                let after = try await road.kiosk.hello(keys: road.keys, newestReceipt: again.signed)
                #expect(after.gaps.map { [$0.first, $0.last] } == [[3, 6]])
            }
            #expect(try await road.check().contains("lacks 3-6"))
            // The newer one closes it: the kiosk's two records come once more, and nothing is missing.
            _ = try await road.replaceMachine(by: backups[1])
            try await road.fixture.serving {
                _ = try await road.kiosk.hello(keys: road.keys, newestReceipt: newest)
                #expect(try await road.kiosk.upload(rest, keys: road.keys).receipt.contiguousThrough == 8)
            }
            #expect(try await !road.check().contains("lacks"))
        }
    }

    // MARK: Keys

    @Test func theKeysOfADatabaseAreNeverReplacedByOthers() async throws {
        try await withRoad { road in
            let (fixture, keys) = (road.fixture, road.fixture.settings.stateFolder + "/keys")
            let lost = fixture.settings.stateFolder + "/lost"
            var backup = ""
            try await fixture.serving {
                _ = try await road.kiosk.hello(keys: road.keys)
                _ = try await road.kiosk.upload(try road.frames(1...3), keys: road.keys)
                backup = try await road.backUp()
            }
            // The keys are gone, as after a restore of the database alone.
            try FileManager.default.moveItem(atPath: keys, toPath: lost)
            let anew = #expect(throws: HeadquartersError.self) {
                try road.commands.backUpKeys(
                    passphraseFile: fixture.folder.file("pass"), to: fixture.folder.file("new.backup"))
            }
            #expect(anew?.code == .keysMissing)
            #expect(anew?.description.contains("1 kiosks and 3 records") == true)
            #expect(anew?.hint.contains("keys restore") == true && anew?.hint.contains("keys backup") == false)
            #expect(!FileManager.default.fileExists(atPath: keys))
            #expect(!FileManager.default.fileExists(atPath: fixture.folder.file("new.backup")))
            let service = HeadquartersService(settings: fixture.settings, logger: Logger(label: "test"))
            let serving = await #expect(throws: HeadquartersError.self) { try await service.run() }
            #expect(serving?.code == .keysMissing)
            #expect(try await road.commands.check().text.contains("FALSE  keys"))

            // Keys of another headquarters, made before anybody thought of the backup.
            let other = try HeadquartersFixture("other")
            try other.backUp()
            let foreign = #expect(throws: HeadquartersError.self) {
                try road.commands.restoreKeys(
                    passphraseFile: fixture.folder.file("pass"), from: other.folder.file("keys.backup"))
            }
            #expect(foreign?.code == .keysForeign)
            try FileManager.default.copyItem(atPath: other.settings.stateFolder + "/keys", toPath: keys)
            try await expectForeign(road)
            // Also where no program had written down whose the database is: the records say it.
            let store = try SQLiteHeadquartersStore(stateFolder: fixture.settings.stateFolder)
            try await store.write { try $0.execute(sql: "DELETE FROM keyOwner") }
            try await expectForeign(road)

            try FileManager.default.removeItem(atPath: keys)
            _ = try road.commands.restoreKeys(
                passphraseFile: fixture.folder.file("pass"), from: fixture.folder.file("keys.backup"))
            #expect(try await road.check().contains("those of this database"))
            // The database is put back beside other keys: said at once.
            let machine = try HeadquartersFixture("machine")
            try machine.backUp()
            let printed = try await machine.commands.restore(from: backup, movesAside: false, takesOlder: false)
            #expect(printed.contains("the keys here are others"))
        }
    }

    private func expectForeign(_ road: Road, at location: SourceLocation = #_sourceLocation) async throws {
        let service = HeadquartersService(settings: road.fixture.settings, logger: Logger(label: "test"))
        let serving = await #expect(throws: HeadquartersError.self, sourceLocation: location) {
            try await service.run()
        }
        #expect(serving?.code == .keysForeign, sourceLocation: location)
        let backup = #expect(throws: HeadquartersError.self, sourceLocation: location) {
            try road.commands.backUpKeys(
                passphraseFile: road.fixture.folder.file("pass"), to: road.fixture.folder.file("new.backup"))
        }
        #expect(backup?.code == .keysForeign, sourceLocation: location)
        #expect(try await road.commands.check().text.contains("FALSE  keys"), sourceLocation: location)
    }

    @Test func aNewHeadquartersMayHaveItsKeysMadeAgain() async throws {
        let fixture = try HeadquartersFixture()
        try fixture.backUp()
        let before = try fixture.keyFolder.load()
        _ = try await fixture.commands.createFair(from: HeadquartersFixture.sampleFair, kind: nil)
        try await fixture.serving {}
        // Nobody is enrolled, nothing has arrived: new keys harm nobody.
        try FileManager.default.removeItem(atPath: fixture.settings.stateFolder + "/keys")
        #expect(try await fixture.commands.check().isTrue)
        _ = try fixture.commands.backUpKeys(
            passphraseFile: fixture.folder.file("pass"), to: fixture.folder.file("other.backup"))
        #expect(try fixture.keyFolder.load().headquartersID != before.headquartersID)
        try await fixture.serving {}
        #expect(
            try SQLiteHeadquartersStore.keyedContent(stateFolder: fixture.settings.stateFolder)?.headquartersID
                == fixture.keyFolder.load().headquartersID)
    }

    @Test func aDamagedDatabaseIsSaidOnThePageAndByCommands() async throws {
        let fixture = try HeadquartersFixture()
        try fixture.backUp()
        _ = try await fixture.commands.createFair(from: HeadquartersFixture.sampleFair, kind: nil)
        let path = fixture.settings.stateFolder + "/headquarters.sqlite"
        let queue = try DatabaseQueue(path: path)
        let (root, size) = try await queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            return (
                try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'fair'") ?? 0,
                try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
            )
        }
        try queue.close()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes.replaceSubrange((root - 1) * size..<root * size, with: Data(repeating: 0xA5, count: size))
        try bytes.write(to: URL(fileURLWithPath: path))
        let error = await #expect(throws: HeadquartersStoreError.self) { try await fixture.commands.listFairs() }
        #expect(error?.description.contains("restore --from the newest backup --move-aside") == true)
        let (text, isTrue) = try await fixture.commands.check()
        #expect(!isTrue && text.hasPrefix("FALSE  integrity"), "\(text)")
        try await fixture.serving {
            let client = HTTPClient(eventLoopGroupProvider: .singleton)
            let page = try await client.get(url: "http://127.0.0.1:\(fixture.settings.desk.port)/").get()
            try await client.shutdown()
            let said = page.body.map { String(buffer: $0) } ?? ""
            #expect(said.contains("store.damaged") && said.contains("--move-aside"), "\(said)")
        }
    }

    @Test func aMachineWithoutADatabaseBacksNothingUp() async throws {
        let fixture = try HeadquartersFixture()
        try fixture.backUp()
        let error = await #expect(throws: HeadquartersStoreError.self) {
            try await fixture.commands.backUp(to: fixture.folder.path, keep: nil)
        }
        #expect(error?.code == .databaseMissing)
        #expect(error?.description.contains("headquartersd restore --from") == true)
        #expect(!FileManager.default.fileExists(atPath: fixture.settings.stateFolder + "/headquarters.sqlite"))
    }

    // MARK: The service

    @Test func aBackupIsDueByTimeAndWhereTheNewestIsGone() async throws {
        try await withRoad { road in
            let store = try SQLiteHeadquartersStore(stateFolder: road.fixture.settings.stateFolder)
            let clock = TestClock(1_800_000_000_000)
            let order = BackupOrder(folder: road.backups.path, keep: 2, sameDiskCounts: true)
            let service = BackupService(
                store: store, order: order, everyMinutes: 60, now: clock.now, logger: Logger(label: "test"))
            let first = try #require(try await service.turn())
            #expect(try await service.turn() == nil)
            clock.add(3_599_000)
            #expect(try await service.turn() == nil)
            clock.add(1000)
            let second = try #require(try await service.turn())
            #expect(second.backup.number > first.backup.number)
            // A clock that was put back does not stop backups until it has caught up.
            clock.add(-86_400_000)
            let third = try #require(try await service.turn())
            #expect(try await service.turn() == nil)
            try FileManager.default.removeItem(atPath: third.backup.path)
            #expect(try await service.turn()?.backup.number == third.backup.number + 1)
        }
    }

    @Test func theMachineIsSpokenOf() async throws {
        let minute: Int64 = 60_000
        let newest = VerifiedBackup(
            number: 3, folder: "/b", name: "n", startedAt: 0, verifiedAt: 1, bytes: 1, records: 12, allowsPurge: true)
        var state = MachineState(
            backup: BackupState(newest: newest), everyMinutes: 60, freeBytes: 10 << 30, backupFreeBytes: nil,
            warnBelowBytes: 2 << 30)
        #expect(MachineWords.lines(nil, now: 0).isEmpty)
        #expect(MachineWords.lines(state, now: 5 * minute).map(\.isBad) == [false])
        #expect(MachineWords.lines(state, now: 5 * minute).first?.text.contains("5 分钟前，12 条") == true)
        #expect(MachineWords.lines(state, now: 181 * minute).map(\.isBad) == [true])
        state.freeBytes = 1 << 30
        state.backup.failure = FailedBackup(failedAt: 0, code: .diskFull)
        #expect(MachineWords.lines(state, now: minute).map(\.isBad) == [false, true, true])
        state.backup = BackupState()
        state.everyMinutes = nil
        #expect(MachineWords.lines(state, now: 0).first?.text.contains("backup.folder") == true)
        // Restored, from wherever it lay: no disk is to be changed.
        state.everyMinutes = 60
        var restored = newest
        restored.allowsPurge = false
        state.backup = BackupState(newest: restored)
        state.freeBytes = 10 << 30
        let said = MachineWords.lines(state, now: minute)
        #expect(said.map(\.isBad) == [false])
        #expect(said.first?.text.contains("数据库是用它恢复的") == true)
        #expect(said.first?.text.contains("同一块盘") == false)
        state.isBackupOnSameDisk = true
        #expect(MachineWords.lines(state, now: minute).first?.text.contains("同一块盘") == true)
        state.backup.hasSeenDamage = true
        #expect(MachineWords.lines(state, now: minute).first?.heading == "数据库损坏")
        state.backup = BackupState()
        for code in BackupError.Code.allCases {
            state.backup.failure = FailedBackup(failedAt: 0, code: code)
            #expect(MachineWords.lines(state, now: 0).first?.isBad == true)
            #expect(!code.hint.isEmpty)
        }
        try await withRoad { road in
            try await road.fixture.serving {
                let page = try await road.kiosk.client.get(
                    url: "http://127.0.0.1:\(road.fixture.settings.desk.port)/"
                ).get()
                let text = page.body.map { String(buffer: $0) } ?? ""
                #expect(text.contains("还没有备份"))
            }
        }
    }

    @Test func commandsSayWhatIsMissing() async throws {
        let fixture = try HeadquartersFixture()
        try fixture.backUp()
        _ = try await fixture.commands.createFair(from: HeadquartersFixture.sampleFair, kind: nil)
        for days in [nil, 89, 3651] {
            await #expect(throws: HeadquartersError.self) {
                try await fixture.commands.applyRetention(days: days, wipes: false)
            }
        }
        #expect(try await fixture.commands.applyRetention(days: 90, wipes: true).contains("no fair"))
        await #expect(throws: HeadquartersError.self) { try await fixture.commands.backUp(to: nil, keep: nil) }
        let error = await #expect(throws: BackupError.self) {
            try await fixture.commands.backUp(to: fixture.folder.file("not-there"), keep: nil)
        }
        #expect(error?.code == .folderMissing)
        // On the same disk, without a word that it counts: verified, and kiosks keep everything.
        #expect(
            try await fixture.commands.backUp(to: fixture.folder.path, keep: 1).contains("kiosks keep every record"))
        #expect(try await fixture.commands.check().isTrue)
    }

    @Test func settingsAreStrict() throws {
        let all = """
            backup:
              folder: /var/backups/jobfair-headquarters
              everyMinutes: 15
              keep: 3
              sameDiskCounts: true
            retention:
              daysAfterFair: 730
            disk:
              warnBelowMiB: 4096
            """
        let settings = try HeadquartersSettings(yaml: all, file: "hq.yaml")
        #expect(
            settings.backup
                == .init(
                    folder: "/var/backups/jobfair-headquarters", everyMinutes: 15, keep: 3, sameDiskCounts: true))
        #expect(settings.retentionDays == 730)
        #expect(settings.diskWarnMebibytes == 4096)
        let standard = try HeadquartersSettings(yaml: "", file: "hq.yaml")
        #expect(standard.backup == .init())
        #expect(standard.backup.folder == nil)
        #expect(standard.retentionDays == nil)
        for (bad, key) in [
            ("backup:\n  folder: backups\n", "backup.folder"), ("backup:\n  keep: 1\n", "backup.keep"),
            ("backup:\n  everyMinutes: 1\n", "backup.everyMinutes"),
            ("backup:\n  sameDiskCounts: 1\n", "sameDiskCounts"),
            ("backup:\n  every: 1\n", "backup.every"), ("retention:\n  daysAfterFair: 30\n", "retention.daysAfterFair"),
            ("disk:\n  warnBelowMiB: none\n", "disk.warnBelowMiB"),
        ] {
            let error = #expect(throws: (any Error).self) { try HeadquartersSettings(yaml: bad, file: "hq.yaml") }
            #expect(error.map { "\($0)" }?.contains(key) == true, "\(bad)")
        }
    }
}

/// A clock of a test.
final class TestClock: Sendable {
    private let milliseconds: Mutex<Int64>

    init(_ start: Int64) {
        milliseconds = Mutex(start)
    }

    var now: @Sendable () -> Int64 { { [self] in milliseconds.withLock { $0 } } }

    func add(_ more: Int64) { milliseconds.withLock { $0 += more } }
}
