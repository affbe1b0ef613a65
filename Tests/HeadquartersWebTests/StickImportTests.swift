// Sticks at headquarters: intact frames of any kiosk go in by the same code as the network, answers go back.

import AsyncHTTPClient
import DurableFiles
import Foundation
import HeadquartersCore
import HeadquartersStore
import JobFair
import SwiftProtobuf
import SyncProtocol
import TestSupport
import Testing

@testable import HeadquartersWeb

@Suite(.serialized) struct StickImportTests {
    private static func id(_ number: UInt8) -> RecordID {
        RecordID(milliseconds: 1, random: Array(repeating: number, count: 10))
    }

    private struct Stick {
        let fixture: HeadquartersFixture
        let kiosk: FakeKiosk
        let keys: TrustedKeyList
        let fair: Data
        let sealer: HPKESealer
        let folder: TemporaryFolder

        func frames(_ numbers: ClosedRange<UInt8>) throws -> [Data] {
            try numbers.map {
                try kiosk.frame(FakeKiosk.entry, recordID: StickImportTests.id($0), fair: fair, sealer: sealer)
            }
        }

        /// Of a file that was meant to hold the lineage's records from the first to this one.
        func manifest(through last: Int) -> WireStickManifest {
            var range = WireStickRange()
            range.lineageID = kiosk.lineageID
            (range.first, range.last, range.records) = (1, UInt64(last), UInt32(last))
            var manifest = WireStickManifest()
            manifest.deviceID = kiosk.device.deviceID
            manifest.ranges = [range]
            return manifest
        }

        /// As headquarters signed it at enrolment.
        func statement() throws -> WireSigned {
            let ring = try fixture.keyFolder.load()
            var statement = WireStatement()
            statement.deviceID = kiosk.device.deviceID
            statement.kioskLabel = "1号机"
            statement.devicePublicKey = kiosk.device.publicKey
            statement.agreementPublicKey = kiosk.agreement.publicKey
            statement.headquartersID = ring.headquartersID
            return SignedMessage.sign(WireCoding.bytes(statement), domain: .statement, key: ring.directive)
        }

        /// Returns the file's path.
        func write(_ entries: [StickEntry], name: String = "export-1.jobfair", damaging: ((inout Data) -> Void)? = nil)
            throws -> String
        {
            var bytes = StickFile.magic
            for entry in entries { bytes += try StickFile.encode(entry) }
            damaging?(&bytes)
            let jobfair = folder.file(StickFile.folderName)
            try FileManager.default.createDirectory(atPath: jobfair, withIntermediateDirectories: true)
            try bytes.write(to: URL(fileURLWithPath: "\(jobfair)/\(name)"))
            return "\(jobfair)/\(name)"
        }

        func answers() throws -> [StickEntry] {
            let stick = StickFolder(stick: folder.path)
            var entries: [StickEntry] = []
            for name in try stick.names() where name.hasPrefix("answer-") {
                let damage = try stick.read(name) { entries.append($0) }
                #expect(damage == StickDamage())
            }
            return entries
        }

        /// Of the last answer.
        func orders(_ entries: [StickEntry]) throws -> WireStickOrders {
            let signed = try WireSigned(serializedBytes: try #require(entries.last { $0.kind == .orders }).bytes)
            return try WireStickOrders(
                serializedBytes: keys.verify(signed, domain: .stickOrders, purpose: .directive))
        }

        func results(_ entries: [StickEntry]) throws -> [WireRecordResult] {
            try entries.filter { $0.kind == .receipt }.flatMap { entry in
                try WireReceipt(
                    serializedBytes: keys.verify(
                        WireSigned(serializedBytes: entry.bytes), domain: .receipt, purpose: .receipt)
                ).results
            }
        }
    }

    private func withStick(_ label: String = #function, _ body: (Stick) async throws -> Void) async throws {
        try await SyncTests().withKiosk(label) { fixture, kiosk, keys, code in
            #expect(try await kiosk.enrol(code).status == 200)
            let fair = try #require(try await kiosk.hello(keys: keys).catalogues.first?.fairID)
            try await body(
                Stick(
                    fixture: fixture, kiosk: kiosk, keys: keys, fair: fair,
                    sealer: try HPKESealer(publicKey: keys.currentSealingKey?.publicKey ?? Data()),
                    folder: try TemporaryFolder(label)))
        }
    }

    @Test func recordsGoInAndReceiptsComeBack() async throws {
        try await withStick { stick in
            let frames = try stick.frames(1...5)
            _ = try await stick.kiosk.upload([frames[1]], keys: stick.keys)
            let manifest = stick.manifest(through: 7)
            _ = try stick.write(
                [StickEntry(.manifest, WireCoding.bytes(manifest))] + frames.reversed().map { StickEntry(.frame, $0) })
            _ = try await stick.fixture.commands.erasePerson(number: "999999199001010016", reason: "本人书面申请", by: "王芳")
            let printed = try await stick.fixture.commands.importStick(folder: stick.folder.path, file: nil).text
            #expect(printed.contains("1 file: new records 4, here before 1, held 0"))
            #expect(printed.contains("2 records that its list speaks of are not on it"))
            let entries = try stick.answers()
            let results = try stick.results(entries)
            #expect(results.map(\.digest) == frames.map { RecordFrame.digest($0) })
            #expect(results.map(\.code) == [.accepted, .duplicate, .accepted, .accepted, .accepted])
            #expect(Set(entries.map(\.kind)) == [.manifest, .receipt, .keyList, .orders, .erasure, .catalogue, .grant])
            let catalogue = try #require(entries.first { $0.kind == .catalogue })
            let wire = try WireStickCatalogue(serializedBytes: catalogue.bytes)
            _ = try stick.keys.verify(wire.signed, domain: .catalogue, purpose: .catalogue)
            let sealed = try WireSealedGrant(
                serializedBytes: stick.keys.verify(
                    WireSigned(serializedBytes: try #require(entries.first { $0.kind == .grant }).bytes),
                    domain: .grant, purpose: .directive))
            #expect(try GrantSeal.open(sealed, key: stick.kiosk.agreement).ticketPairs.count == 4)
            // Twice is once; and the network knows it.
            let again = try await stick.fixture.commands.importStick(folder: stick.folder.path, file: nil).text
            #expect(again.contains("new records 0, here before 5"))
            #expect(try await stick.kiosk.hello(keys: stick.keys).knownThrough == 5)
        }
    }

    /// A headquarters with the same keys and a database of before the enrolment.
    @Test func aStickOfAKioskEnrolledAfterTheRestoredBackupIsTakenIn() async throws {
        try await withStick { stick in
            let restored = try HeadquartersFixture("restoredForAStick", keysOf: stick.fixture)
            let frames = try stick.frames(1...3).map { StickEntry(.frame, $0) }
            var manifest = stick.manifest(through: 3)
            _ = try stick.write([StickEntry(.manifest, WireCoding.bytes(manifest))] + frames)
            let without = try await restored.commands.importStick(folder: stick.folder.path, file: nil).text
            #expect(without.contains("of kiosks that are not enrolled here: 3."))
            #expect(!without.contains("are not on it"), "\(without)")
            manifest.statement = try stick.statement()
            _ = try stick.write([StickEntry(.manifest, WireCoding.bytes(manifest))] + frames)
            let with = try await restored.commands.importStick(folder: stick.folder.path, file: nil).text
            #expect(with.contains("new records 0, here before 0, held 3"), "\(with)")
            #expect(with.contains("receipts and orders for 1号机"))
        }
    }

    @Test func aDamagedStickGivesItsIntactFrames() async throws {
        try await withStick { stick in
            let frames = try stick.frames(1...4)
            var forged = frames[3]
            forged[forged.count - 1] ^= 1
            let entries = [frames[0], frames[1], frames[2], forged, Data("no frame".utf8)].map {
                StickEntry(.frame, $0)
            }
            _ = try stick.write(entries) { bytes in
                // Within the second frame.
                bytes[StickFile.magic.count + StickFile.headerBytes * 2 + frames[0].count + 40] ^= 0xFF
            }
            try Data("left behind".utf8).write(
                to: URL(fileURLWithPath: stick.folder.file("\(StickFile.folderName)/export-2.jobfair.part")))
            let printed = try await stick.fixture.commands.importStick(folder: stick.folder.path, file: nil).text
            #expect(printed.contains("1 file: new records 2"))
            #expect(
                printed.contains(
                    "damaged: \(StickFile.headerBytes + frames[1].count) bytes passed over, 2 frames refused"))
            // Which file, and what to do with the stick.
            #expect(printed.contains("in these files: export-1.jobfair\n"))
            #expect(printed.contains("kioskctl export --all"))
            let results = try stick.results(try stick.answers())
            #expect(Set(results.map(\.code)) == [.accepted, .refused])
            #expect(try await stick.fixture.commands.listKiosks().contains("numbers 2 never arrived"))
        }
    }

    @Test func framesOfAnotherHeadquartersAreCountedAndLeft() async throws {
        try await withStick { stick in
            let stranger = try FakeKiosk(address: stick.fixture.syncAddress, authority: stick.keys.list.syncCaDer)
            let frame = try stranger.frame(
                FakeKiosk.entry, recordID: Self.id(1), fair: stick.fair, sealer: stick.sealer)
            try await stranger.client.shutdown()
            let file = try stick.write([StickEntry(.frame, frame)])
            let printed = try await stick.fixture.commands.importStick(folder: stick.folder.path, file: nil).text
            #expect(
                printed.contains("new records 0")
                    && printed.contains("of kiosks that are not enrolled here: 1."))
            #expect(try stick.answers().isEmpty)
            #expect(FileManager.default.fileExists(atPath: file))
        }
    }

    @Test func aRevokedKiosksStickIsHeldAndBringsNoGrant() async throws {
        try await withStick { stick in
            _ = try stick.write(try stick.frames(1...2).map { StickEntry(.frame, $0) })
            _ = try await stick.fixture.commands.revokeKiosk("1号机", reason: "被盗")
            #expect(
                try await stick.fixture.commands.importStick(folder: stick.folder.path, file: nil).text.contains(
                    "held 2"))
            let entries = try stick.answers()
            #expect(Set(entries.map(\.kind)) == [.manifest, .receipt, .keyList, .orders])
            #expect(try stick.orders(entries).answer.directives.map(\.revoked) == [true])
        }
    }

    @Test func ordersTravelAsHelloWouldTellThem() async throws {
        try await withStick { stick in
            let frames = try stick.frames(1...3)
            _ = try stick.write(frames.map { StickEntry(.frame, $0) })
            _ = try await stick.fixture.commands.importStick(folder: stick.folder.path, file: nil)
            var said = try stick.orders(try stick.answers())
            #expect(said.deviceID == stick.kiosk.device.deviceID && said.lineageID == stick.kiosk.lineageID)
            #expect(said.answer.directives.isEmpty && said.answer.knownThrough == 3)
            #expect(said.answer.digestAtKnownThrough == RecordFrame.digest(frames[2]))
            let store = try SQLiteHeadquartersStore(stateFolder: stick.fixture.settings.stateFolder)
            #expect(try await said.answer.headquartersGeneration == store.generation().id)
            // Until a hello says otherwise the kiosk is told so, by whatever road.
            let day = try #require(try await store.fairs().first?.days.last)
            _ = try await stick.fixture.commands.orderDay(.open, kiosk: "1号机", fair: "1", day: day.description)
            _ = try await stick.fixture.commands.orderNewLineage(kiosk: "1号机", reason: "试")
            _ = try await stick.fixture.commands.importStick(folder: stick.folder.path, file: nil)
            said = try stick.orders(try stick.answers())
            let told = try await stick.kiosk.hello(keys: stick.keys) {
                $0.lastSequence = 3
                $0.lastDigest = RecordFrame.digest(frames[2])
            }
            #expect(said.answer.directives == told.directives && told.directives.count == 2)
            #expect(said.answer.directives.first?.newLineage == stick.kiosk.lineageID)
            #expect(said.answer.directives.last?.dayChange.fairID == stick.fair)
        }
    }

    @Test func aKioskThatIsNamedOnAStickIsAnsweredWithoutRecords() async throws {
        try await withStick { stick in
            var manifest = WireStickManifest()
            manifest.deviceID = stick.kiosk.device.deviceID
            _ = try stick.write([StickEntry(.manifest, WireCoding.bytes(manifest))])
            manifest.deviceID = Data(repeating: 0x99, count: 16)
            _ = try stick.write([StickEntry(.manifest, WireCoding.bytes(manifest))], name: "export-2.jobfair")
            let printed = try await stick.fixture.commands.importStick(folder: stick.folder.path, file: nil).text
            #expect(printed.contains("new records 0"))
            let entries = try stick.answers()
            #expect(entries.map(\.kind) == [.manifest, .keyList, .orders, .catalogue, .grant])
            // What headquarters wrote is no kiosk that was here.
            try FileManager.default.removeItem(atPath: stick.folder.file("JOBFAIR/export-1.jobfair"))
            _ = try await stick.fixture.commands.importStick(folder: stick.folder.path, file: nil)
            #expect(try stick.answers().count == entries.count)
        }
    }

    @Test func erasuresThatDoNotFitAreSaidAndNoneThatComesIsDropped() async throws {
        try await withStick { stick in
            _ = try stick.write(try stick.frames(1...1).map { StickEntry(.frame, $0) })
            for number in ["999999199001010016", "999999199001010032", "999999199001010059"] {
                _ = try await stick.fixture.commands.erasePerson(number: number, reason: "本人书面申请", by: "王芳")
            }
            let printed = try await stick.fixture.commands.importStick(
                folder: stick.folder.path, file: nil, erasuresMax: 2
            ).text
            #expect(printed.contains("1 erasures for 1号机 did not fit: they come with its next contact by network"))
            #expect(try stick.answers().count { $0.kind == .erasure } == 2)
            #expect(try await stick.kiosk.hello(keys: stick.keys).erasures.count == 3)
            let all = try await stick.fixture.commands.importStick(folder: stick.folder.path, file: nil).text
            #expect(!all.contains("did not fit"))
            // Learnt in steps of two: all three, by the same headquarters with an empty database.
            let other = try HeadquartersFixture("other")
            try FileManager.default.createDirectory(
                atPath: other.settings.stateFolder, withIntermediateDirectories: true)
            for name in ["keys", "backup.done"] {
                try FileManager.default.copyItem(
                    atPath: stick.fixture.settings.stateFolder + "/" + name,
                    toPath: other.settings.stateFolder + "/" + name)
            }
            let learnt = try await other.commands.importStick(folder: stick.folder.path, file: nil, erasuresMax: 2)
            #expect(learnt.text.contains("3 erasures were learnt from it"))
        }
    }

    @Test func whatIsDiscardedByAnErasureWasNotHereBefore() async throws {
        try await withStick { stick in
            var clock = WireClockEvidence()
            clock.wallMilliseconds = HeadquartersCommands.now() - 3_600_000
            clock.bootID = Data(repeating: 8, count: 16)
            clock.quality = .ntp
            let frame = try stick.kiosk.frame(
                FakeKiosk.registration(number: "999999199001010016"), recordID: Self.id(1), fair: stick.fair,
                sealer: stick.sealer, clock: clock)
            _ = try stick.write([StickEntry(.frame, frame)])
            _ = try await stick.fixture.commands.erasePerson(number: "999999199001010016", reason: "本人书面申请", by: "王芳")
            let printed = try await stick.fixture.commands.importStick(folder: stick.folder.path, file: nil).text
            #expect(printed.contains("new records 0, here before 0, held 0"))
            #expect(printed.contains("discarded, of people who were erased: 1 record\n"))
        }
    }

    @Test func aFileThatCannotBeOpenedIsNoSuccess() async throws {
        try await withStick { stick in
            _ = try stick.write(try stick.frames(1...1).map { StickEntry(.frame, $0) })
            #expect(try await stick.fixture.commands.importStick(folder: stick.folder.path, file: nil).isWhole)
            try FileManager.default.createDirectory(
                atPath: stick.folder.file("JOBFAIR/export-2.jobfair"), withIntermediateDirectories: false)
            let (text, isWhole) = try await stick.fixture.commands.importStick(folder: stick.folder.path, file: nil)
            #expect(!isWhole && text.contains("here before 1") && text.contains("1 file cannot be read"))
        }
    }

    @Test func aStickThatCannotBeWrittenIsSaidSoAndTheRecordsAreIn() async throws {
        try await withStick { stick in
            _ = try stick.write(try stick.frames(1...2).map { StickEntry(.frame, $0) })
            let jobfair = stick.folder.file(StickFile.folderName)
            for number in 1...9999 {
                let name = StickFile.name(
                    .answer, device: stick.kiosk.device.deviceID, lineage: Data(), number: number)
                if number > 3 { break }
                try Data().write(to: URL(fileURLWithPath: "\(jobfair)/\(name)"))
            }
            _ = try await stick.fixture.commands.importStick(folder: stick.folder.path, file: nil).text
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: jobfair).contains { $0.hasSuffix("-0004.jobfair") })
            #expect(try await stick.kiosk.hello(keys: stick.keys).knownThrough == 2)
        }
    }

    @Test func sticksAndSpreadsheetsAreToldApart() throws {
        let folder = try TemporaryFolder()
        func file(_ name: String, _ bytes: Data) throws -> String {
            try FileManager.default.createDirectory(
                atPath: DurableFile.folder(of: folder.file(name)), withIntermediateDirectories: true)
            try bytes.write(to: URL(fileURLWithPath: folder.file(name)))
            return folder.file(name)
        }
        let sheet = try file("岗位.csv", Data("单位名称".utf8))
        #expect(try ImportKind.of(sheet) == .spreadsheet)
        #expect(try ImportKind.of(folder.file("none.xlsx")) == .missing)
        #expect(throws: HeadquartersError.self) { try ImportKind.of(folder.path) }
        let loose = try file("loose.bin", StickFile.magic)
        #expect(throws: HeadquartersError.self) { try ImportKind.of(loose) }
        let piece = try file("stick/JOBFAIR/export-1.jobfair", StickFile.magic)
        let jobfair = folder.file("stick/JOBFAIR")
        #expect(try ImportKind.of(folder.file("stick")) == .stick(folder: folder.file("stick"), file: nil))
        #expect(try ImportKind.of(jobfair) == .stick(folder: jobfair, file: nil))
        #expect(try ImportKind.of(piece) == .stick(folder: jobfair, file: "export-1.jobfair"))
    }

    @Test func batchesAreAsLargeAsThoseOfTheNetwork() {
        let small = Array(repeating: Data(count: 10), count: 600)
        #expect(StickImport.batches(small).map(\.count) == [256, 256, 88])
        let large = Array(repeating: Data(count: 60_000), count: 20)
        #expect(StickImport.batches(large).map(\.count) == [8, 8, 4])
        #expect(StickImport.batches([]).isEmpty)
    }
}
