// What headquarters sends on a stick is checked as if it had come by network, and nothing else changes anything.

import Foundation
import JobFair
import KioskCore
import Logging
import SyncProtocol
import Synchronization
import TestSupport
import Testing

@testable import KioskSync

@Suite struct StickReceptionTests {
    private final class Bench: Sendable {
        let kiosk: Kiosk
        let downloads = Mutex<[SyncDownload]>([])
        let erasures = Mutex<[ErasureDirective]>([])
        let fair = FairID(milliseconds: 5, random: Array(repeating: 5, count: 10))

        init(_ name: String = #function) throws {
            kiosk = try Kiosk(name)
            try kiosk.enrol(at: "https://127.0.0.1:1")
        }

        var keys: FakeKeys { kiosk.headquarters.keys }

        var reception: StickReception {
            StickReception(
                enrolments: kiosk.store, catalogues: kiosk.catalogues, outbox: kiosk.outbox,
                keepErasures: { [self] new async throws(RecordStoreError) in erasures.withLock { $0 += new } },
                downloaded: { [self] item in downloads.withLock { $0.append(item) } },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }

        func take(_ kind: StickEntryKind, _ bytes: Data) async -> StickIntake.Outcome {
            await reception.take(StickEntry(kind, bytes)).outcome
        }

        func receipt(for record: OutboxRecord, device: Data, signer: SigningKey) throws -> Data {
            var receipt = WireReceipt()
            receipt.deviceID = device
            receipt.lineageID = try RecordFrame.decode(record.frame).body.place.lineageID
            receipt.serial = 1
            receipt.headquartersGeneration = Data(repeating: 7, count: 16)
            var result = WireRecordResult()
            result.recordID = Data(record.recordID.bytes)
            result.digest = record.digest
            result.code = .accepted
            receipt.results = [result]
            return WireCoding.bytes(
                SignedMessage.sign(WireCoding.bytes(receipt), domain: .receipt, key: signer))
        }

        func catalogue(version: UInt64, signer: SigningKey) -> Data {
            var wire = SyncServiceTests.catalogue(fair)
            wire.version = version
            var carried = WireStickCatalogue()
            carried.signed = SignedMessage.sign(WireCoding.bytes(wire), domain: .catalogue, key: signer)
            carried.etag = "\"\(version)\""
            return WireCoding.bytes(carried)
        }

        func grant(pairs: [String], device: SigningKey, agreement: AgreementKey, signer: SigningKey) throws -> Data {
            var grant = WireGrant()
            grant.fairID = Data(fair.bytes)
            grant.deviceID = device.deviceID
            grant.fairKeyNumber = 12
            grant.tokenKey = Data(repeating: 3, count: 32)
            grant.ticketPairs = pairs
            let sealed = try GrantSeal.seal(grant, to: agreement.publicKey)
            return WireCoding.bytes(SignedMessage.sign(WireCoding.bytes(sealed), domain: .grant, key: signer))
        }

        func erasure(signer: SigningKey, domain: SigningDomain = .erasure) -> Data {
            var directive = WireDirective()
            directive.directiveID = Data(repeating: 9, count: 16)
            directive.erasure.personKey = Data(repeating: 1, count: 32)
            directive.erasure.beforeMilliseconds = 1_772_236_800_000
            return WireCoding.bytes(SignedMessage.sign(WireCoding.bytes(directive), domain: domain, key: signer))
        }
    }

    @Test("a receipt moves the records it names; another device's, a forged, an unsigned and a repeated one move none")
    func receipts() async throws {
        let bench = try Bench()
        try bench.kiosk.outbox.add(3, device: bench.kiosk.device, sealer: try #require(bench.kiosk.store.sealer))
        let record = try #require(try await bench.kiosk.outbox.pending(after: 0, countMax: 9, bytesMax: 1 << 20).first)
        let own = bench.kiosk.device.deviceID
        let forged = try bench.receipt(for: record, device: own, signer: SigningKey())
        #expect(await bench.take(.receipt, forged) == .untrusted)
        let others = try bench.receipt(for: record, device: Data(count: 16), signer: bench.keys.receipt)
        #expect(await bench.take(.receipt, others) == .others)
        #expect(bench.kiosk.outbox.count(.pending) == 3)
        let receipt = try bench.receipt(for: record, device: own, signer: bench.keys.receipt)
        var unsigned = try WireCoding.message(WireSigned.self, from: receipt, bytesMax: 1 << 20, name: "receipt")
        unsigned.signature = Data()
        #expect(await bench.take(.receipt, WireCoding.bytes(unsigned)) == .untrusted)
        let intake = await bench.reception.take(StickEntry(.receipt, receipt))
        #expect(intake == StickIntake(.taken, records: 1))
        #expect(bench.kiosk.outbox.count(.pending) == 2)
        #expect(await bench.take(.receipt, receipt) == .known)
        var changed = receipt
        changed[changed.count / 2] ^= 1
        #expect(await bench.take(.receipt, changed) == .untrusted)
    }

    @Test("a catalogue is taken where it is newer than the one that is here")
    func catalogues() async throws {
        let bench = try Bench()
        #expect(await bench.take(.catalogue, bench.catalogue(version: 2, signer: SigningKey())) == .untrusted)
        #expect(await bench.take(.catalogue, bench.catalogue(version: 2, signer: bench.keys.catalogue)) == .taken)
        #expect(await bench.take(.catalogue, bench.catalogue(version: 1, signer: bench.keys.catalogue)) == .known)
        #expect(try await bench.kiosk.catalogues.etag(of: bench.fair) == "\"2\"")
        #expect(await bench.take(.catalogue, bench.catalogue(version: 3, signer: bench.keys.catalogue)) == .taken)
        #expect(bench.downloads.withLock { $0 } == [.catalogue(bench.fair), .catalogue(bench.fair)])
    }

    @Test("a grant is taken where it is this kiosk's, and never gives fewer letters than before")
    func grants() async throws {
        let bench = try Bench()
        let (device, agreement) = (bench.kiosk.device, bench.kiosk.agreement)
        let pairs = ["AB", "AC", "AD", "AE"]
        func grant(
            _ pairs: [String], for device: SigningKey, signer: SigningKey
        ) throws -> Data {
            try bench.grant(pairs: pairs, device: device, agreement: agreement, signer: signer)
        }
        let directive = bench.keys.directive
        #expect(await bench.take(.grant, try grant(pairs, for: device, signer: bench.keys.receipt)) == .untrusted)
        #expect(await bench.take(.grant, try grant(pairs, for: SigningKey(), signer: directive)) == .others)
        #expect(bench.kiosk.store.grant(of: bench.fair) == nil)
        #expect(await bench.take(.grant, try grant(pairs, for: device, signer: directive)) == .taken)
        #expect(await bench.take(.grant, try grant(["AB"], for: device, signer: directive)) == .known)
        #expect(bench.kiosk.store.grant(of: bench.fair)?.ticketPairs == pairs)
    }

    @Test("a newer key list of the same root is taken; what it names counts from then on")
    func keyLists() async throws {
        let bench = try Bench()
        let other = FakeKeys()
        #expect(await bench.take(.keyList, WireCoding.bytes(other.keyList(version: 9))) == .untrusted)
        #expect(await bench.take(.keyList, WireCoding.bytes(bench.keys.keyList(version: 1))) == .known)
        var later = bench.keys
        later.catalogue = SigningKey()
        #expect(await bench.take(.catalogue, bench.catalogue(version: 2, signer: later.catalogue)) == .untrusted)
        #expect(await bench.take(.keyList, WireCoding.bytes(later.keyList(version: 2))) == .taken)
        #expect(await bench.take(.catalogue, bench.catalogue(version: 2, signer: later.catalogue)) == .taken)
        #expect(bench.kiosk.store.enrolment?.keyList.list.version == 2)
        #expect(bench.downloads.withLock { $0.contains(.keyList) })
        let broken = bench.keys.keyList(version: 3, certificate: Data([1, 2, 3]))
        #expect(await bench.take(.keyList, WireCoding.bytes(broken)) == .untrusted)
    }

    @Test("an erasure is kept where headquarters signed it as one")
    func erasures() async throws {
        let bench = try Bench()
        #expect(await bench.take(.erasure, bench.erasure(signer: SigningKey())) == .untrusted)
        #expect(
            await bench.take(.erasure, bench.erasure(signer: bench.keys.directive, domain: .directive)) == .untrusted)
        #expect(bench.erasures.withLock { $0.isEmpty })
        #expect(await bench.take(.erasure, bench.erasure(signer: bench.keys.directive)) == .taken)
        #expect(bench.erasures.withLock { $0.first?.id } == Data(repeating: 9, count: 16))
    }

    @Test("frames and manifests are not this kiosk's; nonsense is nobody's")
    func nonsense() async throws {
        let bench = try Bench()
        #expect(await bench.take(.frame, Data([1])) == .headquarters)
        for kind in [StickEntryKind.receipt, .catalogue, .grant, .keyList, .erasure] {
            for bytes in [Data(), Data([0xFF, 0xFF]), Data(repeating: 0x0A, count: 300)] {
                #expect(await bench.take(kind, bytes) == .untrusted, "\(kind)")
            }
        }
    }

    @Test("a kiosk that is not enrolled trusts nobody")
    func notEnrolled() async throws {
        let kiosk = try Kiosk()
        let reception = StickReception(
            enrolments: kiosk.store, catalogues: kiosk.catalogues, outbox: kiosk.outbox,
            keepErasures: { _ async throws(RecordStoreError) in }, downloaded: { _ in },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let list = WireCoding.bytes(kiosk.headquarters.keys.keyList(version: 2))
        #expect(await reception.take(StickEntry(.keyList, list)).outcome == .notEnrolled)
    }
}
