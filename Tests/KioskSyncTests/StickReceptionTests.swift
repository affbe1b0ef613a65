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
        let followed = Mutex<[DayDirective]>([])
        let following = Mutex(DirectiveOutcome.done)
        let left = Mutex<[HelloAnswer.Chain]>([])
        let fair = FairID(milliseconds: 5, random: Array(repeating: 5, count: 10))

        init(_ name: String = #function) throws {
            kiosk = try Kiosk(name)
            try kiosk.enrol(at: "https://127.0.0.1:1")
        }

        var keys: FakeKeys { kiosk.headquarters.keys }

        var reception: StickReception {
            StickReception(
                enrolments: kiosk.store, catalogues: kiosk.catalogues, outbox: kiosk.outbox,
                keepErasures: { [self] new async throws(RecordStoreError) in
                    erasures.withLock { held in
                        let fresh = new.filter { one in !held.contains { $0.id == one.id } }
                        held += fresh
                        return fresh.count
                    }
                },
                downloaded: { [self] item in downloads.withLock { $0.append(item) } },
                follow: { [self] directive in
                    followed.withLock { $0.append(directive) }
                    return following.withLock { $0 }
                }, leftLineage: { [self] chain in left.withLock { $0.append(chain) } },
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

        func orders(
            said: Int64, device: Data? = nil, lineage: Data? = nil, signer: SigningKey? = nil,
            domain: SigningDomain = .stickOrders, _ change: (inout WireHelloResponse) -> Void = { _ in }
        ) throws -> Data {
            var orders = WireStickOrders()
            orders.deviceID = device ?? kiosk.device.deviceID
            orders.lineageID = lineage ?? kiosk.outbox.model.withLock { $0.chainHead().lineageID }
            orders.answer.headquartersGeneration = Data(repeating: 7, count: 16)
            orders.answer.answeredMilliseconds = said
            change(&orders.answer)
            return WireCoding.bytes(
                SignedMessage.sign(WireCoding.bytes(orders), domain: domain, key: signer ?? keys.directive))
        }

        static func day(_ change: String, _ id: UInt8) -> WireDirective {
            var directive = WireDirective()
            directive.directiveID = Data(repeating: id, count: 16)
            directive.dayChange.change = change
            directive.dayChange.fairDay = "2026-03-01"
            return directive
        }

        static func leave(_ lineage: Data) -> WireDirective {
            var directive = WireDirective()
            directive.directiveID = Data(repeating: 3, count: 16)
            directive.newLineage = lineage
            return directive
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
        #expect(try await bench.kiosk.catalogues.etag(of: bench.fair)?.hasPrefix("\"2-") == true)
        #expect(await bench.take(.catalogue, bench.catalogue(version: 3, signer: bench.keys.catalogue)) == .taken)
        let held = try #require(try await bench.kiosk.catalogues.etag(of: bench.fair))
        #expect(bench.downloads.withLock { $0.last } == .catalogue(bench.fair, etag: held))
        #expect(bench.downloads.withLock { $0.count } == 2)
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
        #expect(await bench.take(.erasure, bench.erasure(signer: bench.keys.directive)) == .known)
    }

    @Test("orders are carried out as the answer to hello is: day, new lineage, revocation; once, and only newer ones")
    func orders() async throws {
        let bench = try Bench()
        let lineage = bench.kiosk.outbox.model.withLock { $0.chainHead().lineageID }
        var revoked = WireDirective()
        revoked.directiveID = Data(repeating: 1, count: 16)
        revoked.revoked = true
        let directives = [revoked, Bench.leave(lineage), Bench.day("dayOpened", 2)]
        let bytes = try bench.orders(said: 100) { $0.directives = directives }
        #expect(await bench.reception.take(StickEntry(.orders, bytes)) == StickIntake(.taken, orders: 3))
        #expect(bench.kiosk.outbox.model.withLock { $0.isRevoked })
        #expect(bench.followed.withLock { $0.map(\.change) } == [.dayOpened])
        #expect(bench.left.withLock { $0 } == [.toldToLeave])
        let fresh = bench.kiosk.outbox.model.withLock { $0.chainHead().lineageID }
        #expect(fresh != lineage)
        // That the directive was followed is confirmed to headquarters by hello.
        #expect(try await bench.kiosk.outbox.helloFacts().directivesToConfirm == [Data(repeating: 2, count: 16)])
        // Again, and one that lay in a drawer: nothing.
        #expect(await bench.take(.orders, bytes) == .known)
        let old = try bench.orders(said: 99) { $0.directives = [Bench.day("fairClosed", 4), Bench.leave(fresh)] }
        #expect(await bench.take(.orders, old) == .known)
        #expect(bench.followed.withLock { $0.count } == 1 && bench.left.withLock { $0.count } == 1)
        // A newer one without revocation takes it back.
        let later = try bench.orders(said: 101)
        #expect(await bench.reception.take(StickEntry(.orders, later)) == StickIntake(.taken, orders: 1))
        #expect(bench.kiosk.outbox.model.withLock { !$0.isRevoked })
        // An answer without any order, and one that does not fit this kiosk.
        let plain = try bench.orders(said: 102)
        #expect(await bench.reception.take(StickEntry(.orders, plain)) == StickIntake(.taken))
        bench.following.withLock { $0 = .never }
        let unfit = try bench.orders(said: 103) { $0.directives = [Bench.day("fairClosed", 6)] }
        #expect(await bench.reception.take(StickEntry(.orders, unfit)) == StickIntake(.taken))
    }

    @Test("a store that fails is no missing catalogue: the orders are tried again, and nothing of them was heard")
    func ordersWhileTheStoreFails() async throws {
        let bench = try Bench()
        bench.following.withLock { $0 = .failed }
        let bytes = try bench.orders(said: 50) { $0.directives = [Bench.day("fairOpened", 2)] }
        #expect(await bench.take(.orders, bytes) == .failed)
        #expect(try await bench.kiosk.outbox.heardMilliseconds() == 0)
        bench.following.withLock { $0 = .done }
        #expect(await bench.reception.take(StickEntry(.orders, bytes)) == StickIntake(.taken, orders: 1))
    }

    @Test("orders for another kiosk, of another signer or domain, or with nonsense, are not carried out")
    func ordersOfOthers() async throws {
        let bench = try Bench()
        let change: (inout WireHelloResponse) -> Void = { $0.directives = [Bench.day("fairClosed", 4)] }
        #expect(await bench.take(.orders, try bench.orders(said: 9, device: Data(count: 16), change)) == .others)
        #expect(await bench.take(.orders, try bench.orders(said: 9, signer: SigningKey(), change)) == .untrusted)
        #expect(await bench.take(.orders, try bench.orders(said: 9, signer: bench.keys.receipt, change)) == .untrusted)
        #expect(await bench.take(.orders, try bench.orders(said: 9, domain: .directive, change)) == .untrusted)
        #expect(await bench.take(.orders, try bench.orders(said: 9, lineage: Data(count: 5), change)) == .untrusted)
        let many = try bench.orders(said: 9) {
            $0.otherLineages = Array(repeating: WireLineageMark(), count: SyncLimits.lineagesMax + 1)
        }
        #expect(await bench.take(.orders, many) == .untrusted)
        #expect(bench.followed.withLock { $0.isEmpty })
    }

    @Test("orders that wait for a catalogue are tried again with the same stick")
    func waitingOrders() async throws {
        let bench = try Bench()
        bench.following.withLock { $0 = .notYet }
        let bytes = try bench.orders(said: 50) { $0.directives = [Bench.day("fairOpened", 2)] }
        #expect(await bench.take(.orders, bytes) == .waiting)
        bench.following.withLock { $0 = .done }
        #expect(await bench.take(.orders, bytes) == .taken)
        #expect(await bench.take(.orders, bytes) == .known)
        #expect(bench.followed.withLock { $0.count } == 2)
    }

    @Test("a headquarters that was restored is believed by stick: its receipts count, and all is offered again")
    func restoredHeadquarters() async throws {
        let bench = try Bench()
        let outbox = bench.kiosk.outbox
        try outbox.add(300, device: bench.kiosk.device, sealer: try #require(bench.kiosk.store.sealer))
        for record in try await outbox.pending(after: 0, countMax: 300, bytesMax: 1 << 24) {
            let receipt = try bench.receipt(
                for: record, device: bench.kiosk.device.deviceID, signer: bench.keys.receipt)
            #expect(await bench.take(.receipt, receipt) == .taken)
        }
        #expect(outbox.pendingCount == 0)
        // Another lineage's mark, and no word about this one: nothing is called missing.
        let restored = try bench.orders(said: 10, lineage: Data(repeating: 0x55, count: 16)) {
            $0.headquartersGeneration = Data(repeating: 8, count: 16)
        }
        #expect(await bench.take(.orders, restored) == .taken)
        #expect(outbox.pendingCount == 300)
        let head = try await outbox.pending(after: 0, countMax: 1, bytesMax: 1 << 20)[0]
        let late = try bench.receipt(for: head, device: bench.kiosk.device.deviceID, signer: bench.keys.receipt)
        #expect(await bench.take(.receipt, late) == .otherGeneration)
    }

    @Test("a stick shows that this kiosk's database was put back")
    func rolledBack() async throws {
        let bench = try Bench()
        try bench.kiosk.outbox.add(2, device: bench.kiosk.device, sealer: try #require(bench.kiosk.store.sealer))
        let bytes = try bench.orders(said: 5) {
            $0.knownThrough = 3
            $0.digestAtKnownThrough = Data(repeating: 1, count: 32)
        }
        #expect(await bench.take(.orders, bytes) == .taken)
        #expect(bench.left.withLock { $0 } == [.rolledBack])
    }

    @Test("frames and manifests are not this kiosk's; nonsense is nobody's")
    func nonsense() async throws {
        let bench = try Bench()
        #expect(await bench.take(.frame, Data([1])) == .headquarters)
        for kind in [StickEntryKind.receipt, .catalogue, .grant, .keyList, .erasure, .orders] {
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
            keepErasures: { _ async throws(RecordStoreError) in 0 }, downloaded: { _ in }, follow: { _ in .done },
            leftLineage: { _ in },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let list = WireCoding.bytes(kiosk.headquarters.keys.keyList(version: 2))
        #expect(await reception.take(StickEntry(.keyList, list)).outcome == .notEnrolled)
    }
}
