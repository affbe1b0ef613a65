// Erasing a person over the whole road: terminal and desk, kiosks, the journal, a restored headquarters.

import AsyncHTTPClient
import Foundation
import HeadquartersCore
import HeadquartersStore
import JobFair
import Logging
import SwiftProtobuf
import SyncProtocol
import TestSupport
import Testing

@testable import HeadquartersWeb

@Suite(.serialized) struct ErasureTests {
    private static let number = "999999199001010016"

    private static func id(_ number: UInt8) -> RecordID {
        RecordID(milliseconds: 1, random: Array(repeating: number, count: 10))
    }

    /// An hour ago by NTP, in a boot of its own.
    private static func anHourAgo() -> WireClockEvidence {
        var clock = WireClockEvidence()
        clock.wallMilliseconds = HeadquartersCommands.now() - 3_600_000
        clock.bootID = Data(repeating: 8, count: 16)
        clock.quality = .ntp
        return clock
    }

    private struct Kiosk {
        let fixture: HeadquartersFixture
        let kiosk: FakeKiosk
        let keys: TrustedKeyList
        let fair: Data
        let sealer: HPKESealer

        func registration(_ number: UInt8, document: String = ErasureTests.number) throws -> Data {
            try kiosk.frame(
                FakeKiosk.registration(number: document), recordID: ErasureTests.id(number), fair: fair, sealer: sealer,
                clock: ErasureTests.anHourAgo())
        }

        func erase(reason: String = "本人书面申请") async throws -> String {
            try await fixture.commands.erasePerson(number: "9999 9919 9001 0100 16", reason: reason, by: "王芳")
        }

        var store: SQLiteHeadquartersStore {
            get throws { try SQLiteHeadquartersStore(stateFolder: fixture.settings.stateFolder) }
        }

        func registrations() async throws -> Int? {
            let fair = try #require(FairID(bytes: fair))
            return try await store.figures(of: fair, now: HeadquartersCommands.now())?.registrations
        }
    }

    private func withKiosk(_ label: String = #function, _ body: (Kiosk) async throws -> Void) async throws {
        try await SyncTests().withKiosk(label) { fixture, kiosk, keys, code in
            #expect(try await kiosk.enrol(code).status == 200)
            let fair = try #require(try await kiosk.hello(keys: keys).catalogues.first?.fairID)
            let sealer = try HPKESealer(publicKey: keys.currentSealingKey?.publicKey ?? Data())
            try await body(Kiosk(fixture: fixture, kiosk: kiosk, keys: keys, fair: fair, sealer: sealer))
        }
    }

    @Test func thePersonGoesAndKiosksAreTold() async throws {
        try await withKiosk { kiosk in
            let frames = [try kiosk.registration(1), try kiosk.registration(2, document: "999999199101010013")]
            #expect(
                try await kiosk.kiosk.upload(frames, keys: kiosk.keys).receipt.results.map(\.code) == [
                    .accepted, .accepted,
                ])
            let printed = try await kiosk.erase()
            #expect(printed.contains("1 registrations and 0 other records erased"))
            #expect(!printed.contains("9999"), "the number is not shown again")
            #expect(try await kiosk.registrations() == 1)
            // Still offline on another card: it comes as if it had never been.
            let late = try kiosk.registration(3)
            #expect(
                try await kiosk.kiosk.upload([late] + frames, keys: kiosk.keys).receipt.results.map(\.code)
                    == [.duplicateErased, .duplicateErased, .duplicate])

            let told = try await kiosk.kiosk.hello(keys: kiosk.keys)
            let signed = try #require(told.erasures.first)
            let directive = try WireDirective(
                serializedBytes: kiosk.keys.verify(signed, domain: .erasure, purpose: .directive))
            #expect(told.erasures.count == 1 && directive.erasure.personKey.count == 32)
            #expect(try await kiosk.kiosk.hello(keys: kiosk.keys).erasures == told.erasures, "until it says to hold it")
            let confirmed = try await kiosk.kiosk.hello(keys: kiosk.keys) { $0.directiveIds = [directive.directiveID] }
            #expect(confirmed.erasures.isEmpty)
            let audit = try await kiosk.store.auditEntries(before: nil, limit: 5).first {
                $0.line.action == .personErased
            }
            #expect(audit?.line.rows == 1 && audit?.line.reason == "本人书面申请")
            #expect(audit?.line.subject?.contains("王芳") == true)
        }
    }

    @Test func aHeadquartersOfBeforeTheErasureLearnsItFromItsJournal() async throws {
        try await withRestored { kiosk, _ in
            let content = try ErasureJournalFile(folder: kiosk.fixture.settings.stateFolder).read()
            #expect(content.directives.count == 1)
        } check: { kiosk in
            let left = try await kiosk.registrations()
            #expect(left == 0)
        }
    }

    @Test func andWithoutOneFromItsKiosks() async throws {
        var held = WireSigned()
        try await withRestored { kiosk, signed in
            held = signed
            try FileManager.default.removeItem(
                atPath: ErasureJournalFile(folder: kiosk.fixture.settings.stateFolder).path)
        } check: { kiosk in
            #expect(try await kiosk.registrations() == 1, "nobody has told it yet")
            var forged = held
            forged.signature[0] ^= 1
            _ = try await kiosk.kiosk.hello(keys: kiosk.keys) { $0.erasuresHeld = [forged] }
            #expect(try await kiosk.registrations() == 1)
            // Whoever offers it holds it: it is not sent back.
            let answer = try await kiosk.kiosk.hello(keys: kiosk.keys) { $0.erasuresHeld = [held] }
            #expect(answer.erasures.isEmpty)
            #expect(try await kiosk.registrations() == 0)
            let journal = ErasureJournalFile(folder: kiosk.fixture.settings.stateFolder)
            #expect(try journal.read().directives == [WireCoding.bytes(held)])
        }
    }

    /// A registration, a copy of the database, an erasure; then the copy is put back, and headquarters starts again.
    private func withRestored(
        _ label: String = #function, before: (Kiosk, WireSigned) async throws -> Void,
        check: (Kiosk) async throws -> Void
    ) async throws {
        let fixture = try HeadquartersFixture(label)
        try fixture.backUp()
        _ = try await fixture.commands.createFair(from: HeadquartersFixture.sampleFair, kind: nil)
        let code = try await fixture.addKiosk()
        let keys = try SyncTests.keyList(fixture, code: code)
        let fake = try FakeKiosk(address: fixture.syncAddress, authority: keys.list.syncCaDer)
        let database = fixture.settings.stateFolder + "/headquarters.sqlite"
        var kiosk: Kiosk?
        try await fixture.serving {
            #expect(try await fake.enrol(code).status == 200)
            let fair = try #require(try await fake.hello(keys: keys).catalogues.first?.fairID)
            let made = Kiosk(
                fixture: fixture, kiosk: fake, keys: keys, fair: fair,
                sealer: try HPKESealer(publicKey: keys.currentSealingKey?.publicKey ?? Data()))
            kiosk = made
            _ = try await fake.upload([try made.registration(1)], keys: keys)
        }
        let restored = try #require(kiosk)
        func files() -> [String] { ["", "-wal", "-shm"].map { database + $0 } }
        for file in files() where FileManager.default.fileExists(atPath: file) {
            try FileManager.default.copyItem(atPath: file, toPath: file + ".copy")
        }
        _ = try await restored.erase()
        #expect(try await restored.registrations() == 0)
        let signed = try WireSigned(serializedBytes: try #require(try await restored.store.erasures().first))
        for file in files() {
            try? FileManager.default.removeItem(atPath: file)
            if FileManager.default.fileExists(atPath: file + ".copy") {
                try FileManager.default.moveItem(atPath: file + ".copy", toPath: file)
            }
        }
        try await before(restored, signed)
        try await fixture.serving { try await check(restored) }
        try await fake.client.shutdown()
    }

    @Test(arguments: ["", "123", "999999199001010011", "abc\u{0}"])
    func whatIsNoDocumentErasesNobody(_ number: String) async throws {
        let fixture = try HeadquartersFixture()
        try fixture.backUp()
        await #expect(throws: HeadquartersError.self) {
            try await fixture.commands.erasePerson(number: number, reason: "本人书面申请", by: "王芳")
        }
        await #expect(throws: HeadquartersError.self) {
            try await fixture.commands.erasePerson(number: Self.number, reason: "证件 999999199001010011", by: "王芳")
        }
        #expect(try ErasureJournalFile(folder: fixture.settings.stateFolder).read().directives.isEmpty)
    }

    @Test func aClerkErasesAtTheDesk() async throws {
        let log = RecordedLog()
        try await FormFixture.run(logger: log.logger) { fixture in
            try await fixture.arrive(
                SealedSeeker(number: 1, name: "测试人", phone: "13900001234", document: Self.number))
            var clerk = try await DeskBrowser.loggedIn(fixture)
            let csrf = try await clerk.csrf()
            func fields(_ number: String, _ reason: String, sure: String = "yes") -> [(String, String)] {
                [("csrf", csrf), ("number", number), ("reason", reason), ("sure", sure)]
            }
            #expect(try await clerk.get("/desk").body.contains("/desk/person"))
            for refused in [
                fields("999999199001010011", "本人书面申请"), fields(Self.number, "短"),
                fields(Self.number, "证件 \(Self.number)"), fields(Self.number, "本人书面申请", sure: "no"),
            ] {
                let answer = try await clerk.post("/desk/person", refused)
                #expect(answer.status == 422 && !answer.body.contains("9999991990"))
            }
            #expect(
                try await clerk.post("/desk/person", Array(fields(Self.number, "本人书面申请").dropFirst())).status == 403)
            #expect(try await fixture.store.figures(of: fixture.catalogue.fair.id, now: 0)?.registrations == 1)

            let done = try await clerk.post("/desk/person", fields("9999 9919 9001 0100 16", "本人书面申请"))
            #expect(done.status == 200 && done.body.contains("删除了 1 条登记") && !done.body.contains("9999"))
            #expect(try await fixture.store.figures(of: fixture.catalogue.fair.id, now: 0)?.registrations == 0)
            let audit = try await clerk.get("/desk/audit").body
            #expect(audit.contains("删除个人信息") && audit.contains("本人书面申请") && !audit.contains("9999"))

            let employer = try await DeskBrowser.loggedIn(
                fixture, name: "firm", role: .employer, employers: [fixture.catalogue.employers[0].id])
            #expect(try await employer.get("/desk/person").status == 403)
            #expect(try await DeskBrowser(fixture).get("/desk/person").status == 303)
        }
        #expect(!log.text.contains("99999919900101"))
    }
}

/// Everything that was logged, as text. The lock is `lock`.
final class RecordedLog: @unchecked Sendable {
    private let lock = NSLock()
    private var lines: [String] = []

    var text: String { lock.withLock { lines.joined(separator: "\n") } }
    var logger: Logger { Logger(label: "recorded") { _ in Sink(log: self) } }

    private struct Sink: LogHandler {
        let log: RecordedLog
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            log.lock.withLock { log.lines.append("\(event.message) \(event.metadata ?? [:])") }
        }
    }
}
