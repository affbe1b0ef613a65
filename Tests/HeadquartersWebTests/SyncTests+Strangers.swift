// What strangers cannot make headquarters do, and what it takes in once it can.

import AsyncHTTPClient
import Foundation
import HeadquartersCore
import HeadquartersStore
import JobFair
import Logging
import NIOCore
import NIOHTTP1
import SyncProtocol
import TestSupport
import Testing

@testable import HeadquartersWeb

extension SyncTests {
    /// Answered by the headers alone: with the body read first, its size would be what is wrong with it.
    @Test func aStrangersBodyIsNotRead() async throws {
        try await withKiosk { fixture, kiosk, keys, code in
            let large = Data(count: SyncLimits.requestBytesMax + 1)
            func post(_ path: String, _ nonce: Data, _ counter: UInt64) async throws -> String? {
                try await kiosk.send(.POST, path, body: large, signing: (nonce, counter)).problem
            }
            let nobodys = Data(count: 16)
            // A kiosk that was enrolled after a restored backup says so in the body of hello: that has the limit of enrolment.
            for (path, code) in [("/sync/v1/hello", "body.tooLarge"), ("/sync/v1/batches", "device.unknown")] {
                #expect(try await post(path, nobodys, 0) == code)
                #expect(try await kiosk.send(.POST, path, body: large).problem == "signature.invalid")
            }
            #expect(try await kiosk.enrol(code).status == 200)
            #expect(try await post("/sync/v1/batches", nobodys, 1) == "session.unknown")
            #expect(try await post("/sync/v1/hello", nobodys, 1) == "signature.invalid")
            let session = try await kiosk.hello(keys: keys).sessionNonce
            #expect(try await post("/sync/v1/batches", session, 0) == "session.unknown")
            #expect(try await post("/sync/v1/batches", session, 1) == "body.tooLarge")
        }
    }

    /// A headquarters with the same keys and a database of before the enrolment.
    @Test func aKioskEnrolledAfterTheRestoredBackupIsTakenIn() async throws {
        try await withKiosk { fixture, kiosk, keys, code in
            let statement = try WireCoding.message(
                WireSigned.self, from: await kiosk.enrol(code).body, bytesMax: SyncLimits.messageBytesMax, name: "")
            let restored = try HeadquartersFixture("restored", keysOf: fixture)
            try await restored.serving {
                let again = try FakeKiosk(
                    address: restored.syncAddress, authority: keys.list.syncCaDer, device: kiosk.device,
                    agreement: kiosk.agreement)
                do {
                    try await Self.isTakenIn(again, by: restored, keys, statement)
                } catch {
                    try await again.client.shutdown()
                    throw error
                }
                try await again.client.shutdown()
            }
        }
    }

    private static func isTakenIn(
        _ kiosk: FakeKiosk, by headquarters: HeadquartersFixture, _ keys: TrustedKeyList, _ statement: WireSigned
    ) async throws {
        let store = try SQLiteHeadquartersStore(stateFolder: headquarters.settings.stateFolder)
        var forged = statement
        forged.body[forged.body.count - 1] ^= 1
        #expect(try await kiosk.tryHello().1.problem == "device.unknown")
        #expect(try await kiosk.tryHello { $0.statement = forged }.1.problem == "device.unknown")
        // Whoever found a stick has the statement, and not the key.
        let thief = try await kiosk.tryHello(signer: SigningKey()) { $0.statement = statement }.1
        #expect(thief.problem == "signature.invalid")
        #expect(try await store.devices().isEmpty)
        _ = try await kiosk.hello(keys: keys) { $0.statement = statement }
        #expect(try await store.devices().map(\.kioskLabel) == ["1号机"])
        // It is known from now on.
        _ = try await kiosk.hello(keys: keys)
    }

    @Test func aListenerTakesSoManyConnections() async throws {
        let fixture = try HeadquartersFixture()
        try fixture.backUp()
        let client = HTTPClient(configuration: .init(timeout: .init(connect: .seconds(5), read: .seconds(1))))
        let request = HTTPClientRequest(url: "http://127.0.0.1:\(fixture.settings.desk.port)/")
        do {
            try await fixture.serving {
                // Some more than the limit: a listener takes a few at a time.
                let idle = (0..<(Listeners.deskConnectionsMax + 16)).map { _ in fixture.connectToDesk() }
                await #expect(throws: HTTPClientError.self) {
                    try await client.execute(request, timeout: .seconds(2))
                }
                idle.forEach { close($0) }
                let answer = try await client.execute(request, timeout: .seconds(20))
                #expect(answer.status == .ok)
            }
        } catch {
            try await client.shutdown()
            throw error
        }
        try await client.shutdown()
    }

    @Test func aDocumentThatEndsInLettersSendsItsHolderToAClerk() async throws {
        let fixture = try HeadquartersFixture()
        try fixture.backUp()
        let keys = try Self.keyList(fixture, code: try await fixture.addKiosk())
        let kiosk = try FakeKiosk(address: fixture.syncAddress, authority: keys.list.syncCaDer)
        try await kiosk.client.shutdown()
        let ring = try fixture.keyFolder.load()
        let reader = RecordReader(opener: ring.opener, personLink: ring.personLink)
        let sealer = try HPKESealer(publicKey: keys.currentSealingKey?.publicKey ?? Data())
        let cases: [(phone: String, document: String, digits: String?)] = [
            ("", "H12345678ABCD", nil), ("", "A123456X", "456X"), ("", "999999199001010015", "0015"),
            ("13900001234", "H12345678ABCD", "1234"), ("", "12X4", nil), ("", "１２３４", nil), ("", "", nil),
        ]
        for (index, item) in cases.enumerated() {
            let frame = try kiosk.frame(
                FakeKiosk.registration(number: item.document, phone: item.phone),
                recordID: RecordID(milliseconds: 1, random: Array(repeating: UInt8(index), count: 10)),
                fair: Data(repeating: 1, count: 16), sealer: sealer)
            let read = try await reader.read(frame) { _ in kiosk.device.publicKey }
            guard case .opened(_, .registration(let registration)) = read else {
                Issue.record("case \(index) is not opened")
                continue
            }
            #expect(registration.slipDigits == item.digits, "case \(index)")
        }
    }

    @Test(arguments: [IngestReason.payloadInvalid, .sealBroken])
    func whatAnOlderProgramCouldNotReadIsReadAtTheNextStart(_ reason: IngestReason) async throws {
        let fixture = try HeadquartersFixture()
        try fixture.backUp()
        _ = try await fixture.commands.createFair(from: HeadquartersFixture.sampleFair, kind: nil)
        let code = try await fixture.addKiosk()
        let keys = try Self.keyList(fixture, code: code)
        let kiosk = try FakeKiosk(address: fixture.syncAddress, authority: keys.list.syncCaDer)
        try await fixture.serving {
            let answer = try await kiosk.enrol(code)
            #expect(answer.status == 200)
        }
        try await kiosk.client.shutdown()
        let store = try SQLiteHeadquartersStore(stateFolder: fixture.settings.stateFolder)
        let fair = try #require(try await store.fairs().first?.id)
        let ring = try fixture.keyFolder.load()
        let service = HeldRecordsService(
            store: store, reader: RecordReader(opener: ring.opener, personLink: ring.personLink), now: { 1 },
            logger: Logger(label: "test"))
        let frame = try kiosk.frame(
            FakeKiosk.entry, recordID: RecordID(milliseconds: 1, random: Array(repeating: 3, count: 10)),
            fair: Data(fair.bytes), sealer: HPKESealer(publicKey: keys.currentSealingKey?.publicKey ?? Data()))
        let read = try await service.reader.read(frame) { _ in kiosk.device.publicKey }
        let envelope = try #require(read.envelope)
        _ = try await store.ingest(
            IngestBatch(
                deviceID: kiosk.device.deviceID, lineageID: kiosk.lineageID, batchID: Data(count: 16),
                records: [.sealed(envelope, reason: reason)], receivedAt: 1))
        #expect(try await store.figures(of: fair, now: 1)?.heldRecords == 1)
        #expect(try await service.takeAll(HeldRecordsService.later) == 0)
        #expect(try await service.takeAll(HeldRecordsService.atStart) == 1)
        let figures = try await store.figures(of: fair, now: 1)
        #expect(figures?.entries == 1 && figures?.heldRecords == 0)
    }
}
