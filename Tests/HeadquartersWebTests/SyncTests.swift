// The whole road over real TLS: enrol, hello, catalogue, grant, sealed records, signed receipts, repeats.

import AsyncHTTPClient
import Foundation
import HeadquartersCore
import HeadquartersStore
import JobFair
import Logging
import NIOHTTP1
import SwiftProtobuf
import SyncProtocol
import Testing

@testable import HeadquartersWeb

@Suite(.serialized) struct SyncTests {
    static func keyList(_ fixture: HeadquartersFixture, code: String) throws -> TrustedKeyList {
        let keys = try fixture.keyFolder.load()
        return try TrustedKeyList(
            verifying: keys.signedKeyList(headquartersName: "x"), code: EnrolmentCode(code))
    }

    func withKiosk(
        _ label: String = #function,
        _ body: (HeadquartersFixture, FakeKiosk, TrustedKeyList, _ code: String) async throws -> Void
    ) async throws {
        let fixture = try HeadquartersFixture(label)
        try fixture.backUp()
        _ = try await fixture.commands.createFair(from: HeadquartersFixture.sampleFair, kind: nil)
        let code = try await fixture.addKiosk()
        let keys = try Self.keyList(fixture, code: code)
        try await fixture.serving {
            let kiosk = try FakeKiosk(address: fixture.syncAddress, authority: keys.list.syncCaDer)
            do {
                try await body(fixture, kiosk, keys, code)
            } catch {
                try await kiosk.client.shutdown()
                throw error
            }
            try await kiosk.client.shutdown()
        }
    }

    @Test func theWholeRoad() async throws {
        try await withKiosk { fixture, kiosk, keys, code in
            let published = try await kiosk.send(.GET, "/sync/v1/keys")
            #expect(
                try TrustedKeyList(
                    verifying: WireSigned(serializedBytes: published.body), code: EnrolmentCode(code)
                ).list.rootPublicKey == keys.list.rootPublicKey)

            let answer = try await kiosk.enrol(code)
            #expect(answer.status == 200)
            let statement = try WireStatement(
                serializedBytes: keys.verify(
                    WireSigned(serializedBytes: answer.body), domain: .statement, purpose: .directive))
            #expect(statement.deviceID == kiosk.device.deviceID)
            #expect(statement.kioskLabel == "1号机")
            let fair = try #require(statement.fairIds.first)

            let hello = try await kiosk.hello(keys: keys)
            #expect(hello.knownThrough == 0)
            #expect(hello.catalogues.map(\.fairID) == [fair])
            try await Self.checkFair(fair, kiosk, keys, etag: hello.catalogues.first?.etag ?? "")

            let sealer = try HPKESealer(publicKey: keys.currentSealingKey?.publicKey ?? Data())
            let seeker = RecordID(milliseconds: 1, random: Array(repeating: 1, count: 10))
            let frames = [
                try kiosk.frame(
                    FakeKiosk.registration(), recordID: seeker, fair: fair, sealer: sealer, ticket: "AA0001",
                    day: "2026-11-21"),
                try kiosk.frame(
                    FakeKiosk.entry, recordID: RecordID(milliseconds: 1, random: Array(repeating: 2, count: 10)),
                    fair: fair, sealer: sealer),
            ]
            let first = try await kiosk.upload(frames, keys: keys)
            #expect(first.receipt.results.map(\.code) == [.accepted, .accepted])
            #expect(first.receipt.results.map(\.digest) == frames.map { RecordFrame.digest($0) })
            #expect(first.receipt.contiguousThrough == 2)
            #expect(first.receipt.deviceID == kiosk.device.deviceID)
            #expect(first.receipt.lineageID == kiosk.lineageID)
            #expect(first.receipt.headquartersGeneration == hello.headquartersGeneration)
            let second = try await kiosk.upload(frames, keys: keys)
            #expect(second.receipt.results.map(\.code) == [.duplicate, .duplicate])
            #expect(second.receipt.serial == first.receipt.serial + 1)

            let again = try await kiosk.hello(keys: keys, newestReceipt: second.signed)
            #expect(again.knownThrough == 2)
            #expect(again.digestAtKnownThrough == RecordFrame.digest(frames[1]))
            #expect(again.headquartersGeneration == hello.headquartersGeneration)
        }
    }

    private static func checkFair(_ fair: Data, _ kiosk: FakeKiosk, _ keys: TrustedKeyList, etag: String) async throws {
        let path = "/sync/v1/fairs/\(Hexadecimal.encode(fair))"
        let answer = try await kiosk.sendInSession(.GET, path + "/catalogue")
        #expect(answer.headers.first(name: "etag") == etag)
        let catalogue = try WireCatalogue(
            serializedBytes: keys.verify(
                WireSigned(serializedBytes: answer.body), domain: .catalogue, purpose: .catalogue))
        let sample = try HeadquartersFixture.sampleCatalogue()
        // Nobody is shown whom no clerk has verified.
        let verified = Set(sample.employers.filter(\.isVerified).map(\.id))
        #expect(catalogue.vacancies.count == sample.vacancies.count { verified.contains($0.employerID) })
        #expect(catalogue.employers.count == verified.count)
        #expect(verified.count < sample.employers.count)
        #expect(catalogue.formOpenDaysAfter == 7)
        let unchanged = try await kiosk.sendInSession(
            .GET, path + "/catalogue", headers: [("if-none-match", etag)])
        #expect(unchanged.status == 304)
        let sealed = try await kiosk.sendInSession(.GET, path + "/grant")
        let grant = try GrantSeal.open(
            WireSealedGrant(
                serializedBytes: keys.verify(
                    WireSigned(serializedBytes: sealed.body), domain: .grant, purpose: .directive)),
            key: kiosk.agreement)
        #expect(grant.ticketPairs == ["AA", "AB", "AC", "AD"])
        #expect(grant.fairKeyNumber == catalogue.fairKeyNumber)
        #expect(grant.tokenKey.count == 32)
        let other = "/sync/v1/fairs/\(Hexadecimal.encode(Data(repeating: 9, count: 16)))/grant"
        #expect(try await kiosk.sendInSession(.GET, other).problem == "fair.notGranted")
    }

    @Test func helloAndCatalogueReadTheStoreOncePerVersion() async throws {
        try await withKiosk { fixture, kiosk, keys, code in
            _ = try await kiosk.enrol(code)
            let first = try await kiosk.hello(keys: keys)
            let fair = try #require(first.catalogues.first?.fairID)
            let path = "/sync/v1/fairs/\(Hexadecimal.encode(fair))"
            let fetched = try await kiosk.sendInSession(.GET, path + "/catalogue")
            #expect(fetched.status == 200)
            try damageCatalogues(stateFolder: fixture.settings.stateFolder)
            let second = try await kiosk.hello(keys: keys)
            #expect(second.catalogues == first.catalogues)
            let again = try await kiosk.sendInSession(.GET, path + "/catalogue")
            #expect(again.status == 200 && again.body == fetched.body)
            #expect(try await kiosk.sendInSession(.GET, path + "/grant").status == 200)
            try renewCatalogueVersions(stateFolder: fixture.settings.stateFolder)
            #expect(try await kiosk.sendInSession(.GET, path + "/catalogue").status == 500)
        }
    }

    @Test func nothingIsReceiptedBeforeItIsStored() async throws {
        try await withKiosk { fixture, kiosk, keys, code in
            #expect(try await kiosk.enrol(code).status == 200)
            let fair = try #require(try await kiosk.hello(keys: keys).catalogues.first?.fairID)
            let frame = try kiosk.frame(
                FakeKiosk.entry, recordID: RecordID(milliseconds: 1, random: Array(repeating: 1, count: 10)),
                fair: fair, sealer: HPKESealer(publicKey: keys.currentSealingKey?.publicKey ?? Data()))
            var batch = WireBatch()
            batch.batchID = Data(count: 16)
            batch.frames = [frame]
            let body = WireCoding.bytes(batch)
            try failBatches(true, stateFolder: fixture.settings.stateFolder)
            let failed = try await kiosk.sendInSession(.POST, "/sync/v1/batches", body: body)
            #expect(failed.status >= 500 && failed.problem != nil)
            try failBatches(false, stateFolder: fixture.settings.stateFolder)
            #expect(try await kiosk.hello(keys: keys).knownThrough == 0)
            #expect(try await kiosk.upload([frame], keys: keys).receipt.results.map(\.code) == [.accepted])
        }
    }

    @Test func badBytesAreRefusedOneByOne() async throws {
        try await withKiosk { _, kiosk, keys, code in
            let statement = try WireStatement(
                serializedBytes: WireSigned(serializedBytes: try await kiosk.enrol(code).body).body)
            let fair = try #require(statement.fairIds.first)
            _ = try await kiosk.hello(keys: keys)
            let sealer = try HPKESealer(publicKey: keys.currentSealingKey?.publicKey ?? Data())
            let foreign = try HPKESealer(publicKey: AgreementKey().publicKey)
            func id(_ number: UInt8) -> RecordID {
                RecordID(milliseconds: 1, random: Array(repeating: number, count: 10))
            }
            var broken = try kiosk.frame(FakeKiosk.entry, recordID: id(4), fair: fair, sealer: sealer)
            broken[broken.count - 1] ^= 1
            let result = try await kiosk.upload(
                [
                    Data("not a frame".utf8), broken,
                    try kiosk.frame(FakeKiosk.entry, recordID: id(5), fair: fair, sealer: foreign),
                    try kiosk.frame(WirePayload(), recordID: id(6), fair: fair, sealer: sealer),
                    try kiosk.frame(FakeKiosk.entry, recordID: id(7), fair: fair, sealer: sealer),
                ], keys: keys)
            #expect(result.receipt.results.map(\.code) == [.refused, .refused, .held, .held, .accepted])
            #expect(
                result.receipt.results.map(\.reason) == [
                    "frame.malformed", "signature.invalid", "key.unknown", "schema.unknown", "",
                ])
        }
    }

    @Test func aPhoneThatIsNoneDoesNotStopTheBatch() async throws {
        try await withKiosk { _, kiosk, keys, code in
            let statement = try WireStatement(
                serializedBytes: WireSigned(serializedBytes: try await kiosk.enrol(code).body).body)
            let fair = try #require(statement.fairIds.first)
            _ = try await kiosk.hello(keys: keys)
            let sealer = try HPKESealer(publicKey: keys.currentSealingKey?.publicKey ?? Data())
            let frames = try ["1390000123e\u{301}", "13900001\u{0}34", "１３９００００１２３４", "13900001234", ""]
                .enumerated().map { index, phone in
                    try kiosk.frame(
                        FakeKiosk.registration(phone: phone),
                        recordID: RecordID(milliseconds: 1, random: Array(repeating: UInt8(index + 1), count: 10)),
                        fair: fair, sealer: sealer)
                }
            let results = try await kiosk.upload(frames, keys: keys).receipt.results
            #expect(results.map(\.code) == Array(repeating: .accepted, count: 5))
        }
    }

    @Test func requestsHaveToBeSignedOnce() async throws {
        try await withKiosk { _, kiosk, keys, code in
            #expect(try await kiosk.enrol(code).status == 200)
            var batch = WireBatch()
            batch.batchID = Data(count: 16)
            batch.frames = [Data([1])]
            let body = WireCoding.bytes(batch)
            func post(_ nonce: Data, _ counter: UInt64) async throws -> KioskAnswer {
                try await kiosk.send(.POST, "/sync/v1/batches", body: body, signing: (nonce, counter))
            }
            #expect(try await post(Data(count: 16), 1).problem == "session.unknown")
            let hello = try await kiosk.hello(keys: keys)
            #expect(try await post(hello.sessionNonce, 2).status == 200)
            #expect(try await post(hello.sessionNonce, 1).status == 200)
            let replayed = try await post(hello.sessionNonce, 2)
            #expect(replayed.status == 401)
            #expect(replayed.problem == "session.unknown")
            #expect(try await kiosk.send(.POST, "/sync/v1/batches", body: body).problem == "signature.invalid")
            let json = try await kiosk.send(.POST, "/sync/v1/batches", body: body, contentType: "application/json")
            #expect(json.status == 415)
            let large = try await kiosk.send(
                .POST, "/sync/v1/enrolments", body: Data(count: SyncLimits.messageBytesMax + 1))
            #expect(large.status == 413)
            #expect(large.problem == "body.tooLarge")
            #expect(try await kiosk.send(.GET, "/elsewhere").problem == "request.unknown")
        }
    }

    @Test func enrolmentTakesTheRightCodeOnceAndIsThrottled() async throws {
        try await withKiosk { fixture, kiosk, keys, code in
            #expect(try await kiosk.enrol(code, proofKey: SigningKey()).problem == "enrolment.codeInvalid")
            #expect(try await kiosk.enrol(code).status == 200)
            // Its answer was lost: the same kiosk asks again.
            #expect(try await kiosk.enrol(code).status == 200)
            let other = try FakeKiosk(address: fixture.syncAddress, authority: keys.list.syncCaDer)
            do {
                for _ in 0..<(EnrolmentThrottle.perAddressMax - 1) {
                    #expect(try await other.enrol(code).problem == "enrolment.codeInvalid")
                }
                let throttled = try await other.enrol(code)
                #expect(throttled.status == 429)
                #expect(throttled.headers.first(name: "retry-after") != nil)
            } catch {
                try await other.client.shutdown()
                throw error
            }
            try await other.client.shutdown()
        }
    }

    @Test func aKioskGetsAFairThatWasCreatedAfterItsCode() async throws {
        try await withKiosk { fixture, kiosk, keys, code in
            #expect(try await kiosk.enrol(code).status == 200)
            // A rehearsal comes to no kiosk by itself.
            _ = try await fixture.commands.createFair(from: HeadquartersFixture.sampleFair, kind: "rehearsal")
            #expect(try await kiosk.hello(keys: keys).catalogues.count == 1)
            let printed = try await fixture.commands.grantFair(kiosk: "1号机", fair: "2")
            #expect(printed.contains("from its next contact on"))
            let id = Hexadecimal.encode(kiosk.device.deviceID)
            #expect(try await fixture.commands.grantFair(kiosk: id, fair: "2").contains("already"))
            let offers = try await kiosk.hello(keys: keys).catalogues
            #expect(offers.map(\.grant) == [true, true])
            for part in ["catalogue", "grant"] {
                let path = "/sync/v1/fairs/\(Hexadecimal.encode(offers[1].fairID))/\(part)"
                #expect(try await kiosk.sendInSession(.GET, path).status == 200)
            }
            for (kiosk, fair) in [("2号机", "2"), ("1号机", "77"), ("", "2")] {
                await #expect(throws: HeadquartersError.self) {
                    try await fixture.commands.grantFair(kiosk: kiosk, fair: fair)
                }
            }
        }
    }

    @Test(arguments: [
        ("机", 40, true), ("机", 41, false), ("a", 40, true), ("a", 41, false), ("\u{2B5AF}", 30, true),
        ("\u{2B5AF}", 31, false), ("e\u{301}\u{301}", 25, false), (" ", 3, false), ("", 1, false),
    ])
    func aLabelFitsIntoTheStatement(_ character: String, _ count: Int, _ isTaken: Bool) async throws {
        let fixture = try HeadquartersFixture()
        try fixture.backUp()
        let label = String(repeating: character, count: count)
        do {
            _ = try await fixture.commands.addKiosk(label: label, fairs: [])
            #expect(isTaken)
        } catch let error as HeadquartersError {
            #expect(!isTaken)
            #expect(error.message.contains("1 to 40 characters and at most 120 bytes"))
        }
    }

    @Test(
        arguments: [
            (HeadquartersStoreError(.diskFull), 503), (HeadquartersStoreError(.locked), 503),
            (HeadquartersStoreError(.unavailable), 503), (HeadquartersStoreError(.damaged), 503),
            (CancellationError(), 503),
            (HeadquartersStoreError(.failed), 500), (HeadquartersStoreError(.unsuitable), 500),
            (HeadquartersStoreError(.pairsExhausted), 500), (HeadquartersError(.internalFailure, ""), 500),
        ] as [(any Error, Int)])
    func onlyAStoreThatCannotWriteAtAllIsBusy(_ error: any Error, _ status: Int) {
        let problem = SyncProblem.answering(error)
        #expect("\(problem.status)".hasPrefix("\(status) "), "\(problem.status)")
        #expect(problem.retryAfterSeconds == (status == 503 ? 30 : nil))
        #expect(SyncProblem.notBackedUp.status == SyncProblem.busy.status)
    }

    @Test func recordsOfAFairThatComesLaterAreTakenInAtTheNextStart() async throws {
        let fixture = try HeadquartersFixture()
        try fixture.backUp()
        let code = try await fixture.addKiosk()
        let keys = try Self.keyList(fixture, code: code)
        let kiosk = try FakeKiosk(address: fixture.syncAddress, authority: keys.list.syncCaDer)
        let catalogue = FormFixture.makeCatalogue(vacancies: 3, kind: .fair)
        let sealer = try HPKESealer(publicKey: keys.currentSealingKey?.publicKey ?? Data())
        try await fixture.serving {
            #expect(try await kiosk.enrol(code).status == 200)
            _ = try await kiosk.hello(keys: keys)
            let frame = try kiosk.frame(
                FakeKiosk.entry, recordID: RecordID(milliseconds: 1, random: Array(repeating: 3, count: 10)),
                fair: Data(catalogue.fair.id.bytes), sealer: sealer)
            let result = try await kiosk.upload([frame], keys: keys).receipt.results.first
            #expect(result?.code == .held && result?.reason == "fair.unknown")
        }
        try await kiosk.client.shutdown()
        let store = try SQLiteHeadquartersStore(stateFolder: fixture.settings.stateFolder)
        _ = try await store.createFair(catalogue, at: FormFixture.opening)
        let held = try await store.figures(of: catalogue.fair.id, now: FormFixture.opening)
        #expect(held?.entries == 0 && held?.heldRecords == 1)
        try await fixture.serving {
            for _ in 0..<100 where try await store.figures(of: catalogue.fair.id, now: 0)?.entries == 0 {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        let taken = try await store.figures(of: catalogue.fair.id, now: FormFixture.opening)
        #expect(taken?.entries == 1 && taken?.heldRecords == 0)
        #expect(HeldRecordsService.later == [.fairUnknown, .deviceRevoked])
    }

    @Test func aSecondInstanceDoesNotStart() async throws {
        try await withKiosk { fixture, _, _, _ in
            let second = HeadquartersService(settings: fixture.settings, logger: .init(label: "second"))
            await #expect(throws: HeadquartersStoreError.self) { try await second.run() }
            let listed = try await fixture.commands.listKiosks()
            #expect(listed == "no kiosks yet")
        }
    }

    @Test func everythingIsThereAfterARestart() async throws {
        let fixture = try HeadquartersFixture()
        try fixture.backUp()
        _ = try await fixture.commands.createFair(from: HeadquartersFixture.sampleFair, kind: nil)
        let code = try await fixture.addKiosk()
        let keys = try Self.keyList(fixture, code: code)
        let kiosk = try FakeKiosk(address: fixture.syncAddress, authority: keys.list.syncCaDer)
        var frames: [Data] = []
        try await fixture.serving {
            let statement = try WireStatement(
                serializedBytes: WireSigned(serializedBytes: try await kiosk.enrol(code).body).body)
            _ = try await kiosk.hello(keys: keys)
            let sealer = try HPKESealer(publicKey: keys.currentSealingKey?.publicKey ?? Data())
            frames = [
                try kiosk.frame(
                    FakeKiosk.entry, recordID: RecordID(milliseconds: 1, random: Array(repeating: 3, count: 10)),
                    fair: statement.fairIds.first ?? Data(), sealer: sealer)
            ]
            #expect(try await kiosk.upload(frames, keys: keys).receipt.results.map(\.code) == [.accepted])
        }
        try await fixture.serving {
            var batch = WireBatch()
            batch.batchID = Data(count: 16)
            batch.frames = frames
            let lost = try await kiosk.sendInSession(.POST, "/sync/v1/batches", body: WireCoding.bytes(batch))
            #expect(lost.problem == "session.unknown")
            #expect(try await kiosk.hello(keys: keys).knownThrough == 1)
            #expect(try await kiosk.upload(frames, keys: keys).receipt.results.map(\.code) == [.duplicate])
        }
        try await kiosk.client.shutdown()
        #expect(try await fixture.commands.listKiosks().contains("records 1"))
    }
}
