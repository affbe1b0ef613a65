// The service against a headquarters that behaves, and against everything that only looks like one.

import Foundation
import JobFair
import KioskCore
import SyncProtocol
import Synchronization
import TestSupport
import Testing

@testable import KioskSync

@Suite(.timeLimit(.minutes(2))) struct SyncServiceTests {
    @Test("hello, batch, receipt: everything arrives once, signed, with rising counters")
    func drains() async throws {
        let kiosk = try Kiosk()
        let snapshot = try await kiosk.run(records: 100) { kiosk, _ in kiosk.outbox.pendingCount == 0 }
        #expect(kiosk.outbox.pendingCount == 0)
        #expect(snapshot.lastFailure == nil)
        #expect(snapshot.lastContactBootMilliseconds != nil)
        kiosk.headquarters.state.withLock { state in
            #expect(state.received.count == 100)
            #expect(state.badSignatures == 0)
            // From 1 by ones; from 1 again where a machine was so slow that the kiosk said hello again.
            #expect(state.counters.first == 1)
            #expect(zip(state.counters, state.counters.dropFirst()).allSatisfy { $1 == $0 + 1 || $1 == 1 })
        }
        #expect(kiosk.anchors.list.withLock { $0.first?.headquartersMilliseconds ?? 0 } >= 1_772_236_800_005)
    }

    @Test("a nudge is sent on at once")
    func nudge() async throws {
        let kiosk = try Kiosk()
        try await kiosk.headquarters.serving { address in
            try kiosk.enrol(at: address)
            let service = kiosk.service()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await service.run() }
                while service.snapshot.phase != .idle { try await Task.sleep(for: .milliseconds(5)) }
                try kiosk.outbox.add(3, device: kiosk.device, sealer: try #require(kiosk.store.sealer))
                for _ in 0..<100 { service.recordCommitted() }
                while kiosk.outbox.pendingCount > 0 { try await Task.sleep(for: .milliseconds(5)) }
                group.cancelAll()
            }
        }
        #expect(kiosk.outbox.pendingCount == 0)
    }

    struct Trouble: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var path = "/sync/v1/batches"
        var answer: FakeAnswer
        var failure: String?
    }

    @Test(
        "answers that change nothing",
        arguments: [
            Trouble(
                testDescription: "captive portal: 200 and a page",
                answer: FakeAnswer(headers: [("content-type", "text/html")], body: Data("<html>登录</html>".utf8)),
                failure: "notHeadquarters"),
            Trouble(
                testDescription: "captive portal that copies the content type",
                answer: FakeAnswer(body: Data("<html>".utf8)), failure: "notHeadquarters"),
            Trouble(
                testDescription: "empty 200", answer: FakeAnswer(), failure: "untrusted"),
            Trouble(
                testDescription: "redirect",
                answer: FakeAnswer(status: 302, headers: [("location", "http://login.example/")]),
                failure: "notHeadquarters"),
            Trouble(
                testDescription: "401 of a proxy", answer: FakeAnswer(status: 401, headers: []),
                failure: "notHeadquarters"),
            Trouble(
                testDescription: "403 of ours", answer: .problem(403, "device.unknown"), failure: "refused"),
            Trouble(testDescription: "404", answer: FakeAnswer(status: 404, headers: []), failure: "notHeadquarters"),
            Trouble(testDescription: "500", answer: FakeAnswer(status: 500, headers: []), failure: "serverFailed"),
            Trouble(testDescription: "511", answer: FakeAnswer(status: 511, headers: []), failure: "notHeadquarters"),
            Trouble(
                testDescription: "cut body",
                answer: FakeAnswer(body: Data(repeating: 8, count: 100), isCut: true), failure: "unreachable"),
            Trouble(
                testDescription: "more than a receipt can have",
                answer: FakeAnswer(body: Data(count: SyncLimits.receiptBytesMax + 1)), failure: "notHeadquarters"),
            Trouble(
                testDescription: "portal at hello", path: "/sync/v1/hello",
                answer: FakeAnswer(headers: [("content-type", "text/html")], body: Data("<html>".utf8)),
                failure: "notHeadquarters"),
        ])
    func nothingChanges(trouble: Trouble) async throws {
        let kiosk = try Kiosk("trouble")
        kiosk.headquarters.state.withLock { state in
            state.misbehave = { path, _ in path == trouble.path ? trouble.answer : nil }
        }
        let failed = try await kiosk.run { _, snapshot in snapshot.lastFailure != nil }
        #expect(failed.lastFailure == trouble.failure)
        #expect(kiosk.outbox.pendingCount == 5)
        #expect(kiosk.outbox.receipts.withLock(\.count) == 0)
    }

    @Test("and once the trouble is over everything goes, with no new record", arguments: [429, 500, 503, 413])
    func recovers(status: Int) async throws {
        let kiosk = try Kiosk("recovers")
        kiosk.headquarters.state.withLock { state in
            state.misbehave = { path, count in
                guard path == "/sync/v1/batches", count <= 2 else { return nil }
                return FakeAnswer(status: status, headers: [("retry-after", "2")])
            }
        }
        _ = try await kiosk.run { kiosk, _ in kiosk.outbox.pendingCount == 0 }
        #expect(kiosk.outbox.pendingCount == 0)
    }

    @Test("an unknown session: hello again, then on")
    func sessionLost() async throws {
        let kiosk = try Kiosk()
        kiosk.headquarters.state.withLock { state in
            state.misbehave = { path, count in
                path == "/sync/v1/batches" && count == 1 ? .problem(401, "session.unknown") : nil
            }
        }
        _ = try await kiosk.run { kiosk, _ in kiosk.outbox.pendingCount == 0 }
        // Nothing was said about the records: none is in quarantine.
        #expect(kiosk.outbox.count(.receipted) == 5)
        kiosk.headquarters.state.withLock { state in
            #expect(state.requests.prefix(4).filter { $0.hasSuffix("hello") }.count == 2)
        }
    }

    enum Forgery: String, CaseIterable, Sendable {
        case otherDevice, otherLineage, otherDigests, otherRecords, noSerial, noGeneration
    }

    @Test("receipts that are not about these records change nothing", arguments: Forgery.allCases)
    func forgedReceipt(forgery: Forgery) async throws {
        let kiosk = try Kiosk("forged")
        kiosk.headquarters.state.withLock { state in
            state.changeReceipt = { receipt in
                switch forgery {
                case .otherDevice: receipt.deviceID = Data(count: 16)
                case .otherLineage: receipt.lineageID = Data(count: 16)
                case .otherDigests:
                    for index in receipt.results.indices { receipt.results[index].digest = Data(count: 32) }
                case .otherRecords:
                    for index in receipt.results.indices { receipt.results[index].recordID = Data(count: 16) }
                case .noSerial: receipt.serial = 0
                case .noGeneration: receipt.headquartersGeneration = Data()
                }
            }
        }
        let snapshot = try await kiosk.run { _, snapshot in snapshot.lastFailure != nil }
        #expect(snapshot.lastFailure != nil)
        #expect(kiosk.outbox.pendingCount == 5)
    }

    enum FalseReceipt: CaseIterable, Sendable {
        case strangersKey, wrongSignature, otherDomain, changedBody, otherBatch
    }

    /// Right in everything but what is named: nothing else refuses it.
    @Test(
        "a receipt is believed by its signature, and as the answer to its own batch", arguments: FalseReceipt.allCases)
    func wrongSignature(kind: FalseReceipt) async throws {
        let kiosk = try Kiosk("wrongSignature")
        kiosk.headquarters.state.withLock { state in
            state.forge = { receipt, keys in
                switch kind {
                case .strangersKey:
                    return SignedMessage.sign(WireCoding.bytes(receipt), domain: .receipt, key: SigningKey())
                case .wrongSignature:
                    var signed = SignedMessage.sign(WireCoding.bytes(receipt), domain: .receipt, key: SigningKey())
                    signed.keyID = keys.receipt.keyID
                    return signed
                case .otherDomain:
                    return SignedMessage.sign(WireCoding.bytes(receipt), domain: .directive, key: keys.receipt)
                case .changedBody:
                    var signed = SignedMessage.sign(WireCoding.bytes(receipt), domain: .receipt, key: keys.receipt)
                    var changed = receipt
                    changed.serial += 1
                    signed.body = WireCoding.bytes(changed)
                    return signed
                case .otherBatch:
                    var other = receipt
                    other.batchID = Data(repeating: 1, count: 16)
                    return SignedMessage.sign(WireCoding.bytes(other), domain: .receipt, key: keys.receipt)
                }
            }
        }
        let snapshot = try await kiosk.run { kiosk, snapshot in
            snapshot.lastFailure != nil || kiosk.outbox.pendingCount < 5
        }
        #expect(snapshot.lastFailure == "untrusted")
        #expect(kiosk.outbox.pendingCount == 5 && kiosk.outbox.receipts.withLock { $0.isEmpty })
        #expect(!snapshot.hasSlowLane)
    }

    @Test("a newer key list is kept only with a certificate that can be trusted", arguments: [true, false])
    func newKeyList(isCertificateWhole: Bool) async throws {
        let kiosk = try Kiosk("keyList")
        let certificate = isCertificateWhole ? FakeKeys.certificate : Data([0x30, 0])
        let list = kiosk.headquarters.keys.keyList(version: 2, certificate: certificate)
        kiosk.headquarters.state.withLock { $0.newKeyList = list }
        let snapshot = try await kiosk.run { kiosk, snapshot in
            kiosk.outbox.pendingCount == 0
                && (snapshot.lastFailure != nil || kiosk.store.enrolment?.keyList.list.version == 2)
        }
        #expect(kiosk.outbox.pendingCount == 0)
        #expect(snapshot.lastFailure == (isCertificateWhole ? nil : "untrusted"))
        let again = try EnrolmentStore(stateFolder: kiosk.folder.path)
        #expect(again.enrolment?.keyList.list.version == (isCertificateWhole ? 2 : 1))
    }

    @Test("catalogue and grant are fetched, verified, kept with mode 0600, and are there after a restart")
    func downloads() async throws {
        let kiosk = try Kiosk()
        let fair = FairID(milliseconds: 5, random: Array(repeating: 5, count: 10))
        let keys = kiosk.headquarters.keys
        var offer = WireCatalogueOffer()
        offer.fairID = Data(fair.bytes)
        offer.etag = "\"1\""
        offer.grant = true
        let wire = Self.catalogue(fair)
        var grant = WireGrant()
        grant.fairID = Data(fair.bytes)
        grant.deviceID = kiosk.device.deviceID
        grant.fairKeyNumber = 12
        grant.tokenKey = Data(repeating: 3, count: 32)
        grant.ticketPairs = ["AB", "AC", "AD", "AE"]
        let sealed = try GrantSeal.seal(grant, to: kiosk.agreement.publicKey)
        let offers = [offer]
        kiosk.headquarters.state.withLock { state in
            state.offers = offers
            state.catalogue = FakeAnswer(
                headers: [("content-type", "application/protobuf"), ("etag", "\"1\"")],
                body: WireCoding.bytes(
                    SignedMessage.sign(WireCoding.bytes(wire), domain: .catalogue, key: keys.catalogue)))
            state.grant = FakeAnswer(
                body: WireCoding.bytes(
                    SignedMessage.sign(WireCoding.bytes(sealed), domain: .grant, key: keys.directive)))
        }
        _ = try await kiosk.run { kiosk, _ in
            kiosk.store.grant(of: fair) != nil && kiosk.catalogues.saved.withLock { $0[fair] != nil }
        }
        #expect(kiosk.catalogues.saved.withLock { $0[fair]?.catalogue.vacancies.first?.title } == "普工")
        #expect(kiosk.store.grant(of: fair)?.ticketPairs == ["AB", "AC", "AD", "AE"])
        let path = kiosk.folder.file("keys/grant-\(fair).key")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let again = try EnrolmentStore(stateFolder: kiosk.folder.path)
        #expect(again.grant(of: fair)?.tokenKey == Data(repeating: 3, count: 32))
        #expect(again.enrolment?.kioskLabel == "测试机")
        #expect(again.sealer?.tokenKey(of: fair) == Data(repeating: 3, count: 32))
    }

    @Test(
        "another edition than headquarters offered is not taken, unless it is newer",
        arguments: [
            (answered: 2, isTaken: false), (3, false), (nil, false), (4, true), (5, true),
        ])
    func editions(answered: Int?, isTaken: Bool) async throws {
        let kiosk = try Kiosk("edition\(answered ?? 0)")
        let fair = FairID(milliseconds: 5, random: Array(repeating: 5, count: 10))
        @Sendable func body(_ version: Int) -> Data {
            var wire = Self.catalogue(fair)
            wire.version = UInt64(version)
            return WireCoding.bytes(wire)
        }
        @Sendable func etag(_ version: Int) -> String { CatalogueETag.make(version: version, body: body(version)) }
        let held = try CatalogueMapping.catalogue(
            try WireCoding.message(WireCatalogue.self, from: body(3), bytesMax: 1 << 20, name: "catalogue"))
        let heldETag = etag(3)
        try await kiosk.catalogues.save(held, etag: heldETag, signed: Data())
        var offer = WireCatalogueOffer()
        offer.fairID = Data(fair.bytes)
        offer.etag = etag(4)
        let offers = [offer]
        let key = kiosk.headquarters.keys.catalogue
        // Under the header of the edition that was offered, as a cache that mixes up its answers would.
        let answer = answered.map { version in
            FakeAnswer(
                headers: [("content-type", "application/protobuf"), ("etag", etag(4))],
                body: WireCoding.bytes(SignedMessage.sign(body(version), domain: .catalogue, key: key)))
        }
        kiosk.headquarters.state.withLock { state in
            state.offers = offers
            state.catalogue = answer ?? FakeAnswer(status: 304)
        }
        let snapshot = try await kiosk.run { kiosk, snapshot in
            snapshot.lastFailure != nil || kiosk.catalogues.saved.withLock { $0[fair]?.etag != etag(3) }
        }
        #expect(kiosk.catalogues.saved.withLock { $0[fair]?.catalogue.version } == (isTaken ? answered : 3))
        #expect(kiosk.catalogues.saved.withLock { $0[fair]?.etag } == etag(isTaken ? answered ?? 0 : 3))
        #expect((snapshot.lastFailure == nil) == isTaken)
    }

    @Test(
        "a grant with more letters than are held is fetched, another is not",
        arguments: [(8, true), (4, false), (0, false)])
    func moreLetters(offered: Int, isFetched: Bool) async throws {
        let kiosk = try Kiosk("moreLetters\(offered)")
        let fair = FairID(milliseconds: 5, random: Array(repeating: 5, count: 10))
        var grant = WireGrant()
        grant.fairID = Data(fair.bytes)
        grant.deviceID = kiosk.device.deviceID
        grant.fairKeyNumber = 12
        grant.tokenKey = Data(repeating: 3, count: 32)
        grant.ticketPairs = ["AB", "AC", "AD", "AE"]
        try kiosk.store.save(grant)
        grant.ticketPairs += ["BA", "BB", "BC", "BD"]
        let sealed = try GrantSeal.seal(grant, to: kiosk.agreement.publicKey)
        let keys = kiosk.headquarters.keys
        var offer = WireCatalogueOffer()
        offer.fairID = Data(fair.bytes)
        offer.etag = "\"1\""
        offer.grant = true
        offer.ticketPairs = UInt32(offered)
        let offers = [offer]
        kiosk.headquarters.state.withLock { state in
            state.offers = offers
            state.grant = FakeAnswer(
                body: WireCoding.bytes(
                    SignedMessage.sign(WireCoding.bytes(sealed), domain: .grant, key: keys.directive)))
        }
        _ = try await kiosk.run { kiosk, _ in
            kiosk.headquarters.state.withLock { $0.requests.contains { $0.hasSuffix("/catalogue") } }
                && kiosk.store.grant(of: fair)?.ticketPairs.count == (isFetched ? 8 : 4)
        }
        let requests = kiosk.headquarters.state.withLock { $0.requests }
        #expect(requests.contains { $0.hasSuffix("/grant") } == isFetched)
        let again = try EnrolmentStore(stateFolder: kiosk.folder.path)
        #expect(again.grant(of: fair)?.ticketPairs.count == (isFetched ? 8 : 4))
    }

    static func catalogue(_ fair: FairID) -> WireCatalogue {
        var wire = WireCatalogue()
        wire.fairID = Data(fair.bytes)
        wire.version = 1
        wire.name = "测试招聘会"
        wire.kind = "fair"
        wire.days = ["2026-02-28", "2026-03-01"]
        wire.formAddress = "HTTPS://FORM.EXAMPLE.CN"
        wire.fairKeyNumber = 12
        var employer = WireEmployer()
        employer.employerID = Data(repeating: 1, count: 16)
        employer.name = "测试工厂"
        wire.employers = [employer]
        var vacancy = WireVacancy()
        vacancy.vacancyID = Data(repeating: 2, count: 16)
        vacancy.employerID = employer.employerID
        vacancy.title = "普工"
        vacancy.headcount = 30
        wire.vacancies = [vacancy]
        return wire
    }
}
