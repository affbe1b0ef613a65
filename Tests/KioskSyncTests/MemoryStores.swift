// Stores in memory, for what is outside this room.

import Foundation
import JobFair
import KioskCore
import Logging
import SyncProtocol
import Synchronization
import TestSupport

@testable import KioskSync

/// An outbox in memory with real frames: the model that the SQLite store is tested against.
final class FakeOutbox: OutboxStore {
    let model = Mutex(OutboxModel(lineageID: Data(repeating: 0x11, count: 16)))
    let receipts = Mutex<[VerifiedReceipt]>([])

    func add(_ count: Int, device: SigningKey, sealer: any ContentSealer) throws {
        for _ in 0..<count {
            let id = RecordID(milliseconds: 1, random: (0..<10).map { _ in .random(in: 0...255) })
            let fair = FairID(milliseconds: 1, random: Array(repeating: 1, count: 10))
            let sealed = try sealer.seal(.entry(way: "tap", isRehearsal: false), recordID: id, fairID: fair)
            try model.withLock { model in
                let next = model.nextPlace
                var place = WirePlace()
                place.lineageID = next.lineageID
                place.sequence = UInt64(next.sequence)
                place.previousDigest = next.previousDigest
                let frame = RecordFrame.encode(
                    identity: sealed.identity,
                    sealed: SealedPayload(encapsulatedKey: sealed.encapsulatedKey, ciphertext: sealed.ciphertext),
                    place: place, clock: WireClockEvidence(), signer: device)
                _ = try RecordFrame.decode(frame)
                model.commit(id, digest: RecordFrame.digest(frame), frame: frame)
            }
        }
    }

    var pendingCount: Int { count(.pending) }
    func count(_ state: OutboxState) -> Int { model.withLock { $0.count(state) } }

    func pending(after: Int64, countMax: Int, bytesMax: Int) async throws(RecordStoreError) -> [OutboxRecord] {
        model.withLock { $0.pending(after: after, countMax: countMax, bytesMax: bytesMax) }
    }
    func digest(lineageID: Data, sequence: Int64) async throws(RecordStoreError) -> Data? {
        model.withLock { $0.digest(lineageID: lineageID, sequence: sequence) }
    }
    func chainHead() async throws(RecordStoreError) -> ChainHead { model.withLock { $0.chainHead() } }
    func helloFacts() async throws(RecordStoreError) -> HelloFacts { model.withLock { $0.helloFacts() } }
    func heardMilliseconds() async throws(RecordStoreError) -> Int64 { model.withLock { $0.heardMilliseconds } }
    func apply(_ receipt: VerifiedReceipt) async throws(RecordStoreError) -> ReceiptEffect {
        receipts.withLock { $0.append(receipt) }
        return model.withLock { $0.apply(receipt) }
    }
    func settle(_ news: HelloNews) async throws(RecordStoreError) -> HelloEffect { model.withLock { $0.settle(news) } }
    func offerAgain() async throws(RecordStoreError) -> Int { model.withLock { $0.offerAgain() } }
    func purge() async throws(RecordStoreError) -> Int { model.withLock { $0.purge() } }
    func followed(directive id: Data) async throws(RecordStoreError) { model.withLock { $0.followed(directive: id) } }
    func startNewLineage() async throws(RecordStoreError) {
        model.withLock { $0.startNewLineage(Data((0..<16).map { _ in .random(in: 0...255) })) }
    }
}

final class FakeCatalogues: CatalogueStore {
    let saved = Mutex<[FairID: (catalogue: Catalogue, etag: String)]>([:])

    func save(_ catalogue: Catalogue, etag: String, signed: Data) async throws {
        saved.withLock { $0[catalogue.fair.id] = (catalogue, etag) }
    }
    func etag(of fair: FairID) async throws -> String? { saved.withLock { $0[fair]?.etag } }
    func catalogue(of fair: FairID) async throws -> Catalogue? { saved.withLock { $0[fair]?.catalogue } }
    func fairs() async throws -> [Fair] { saved.withLock { $0.values.map(\.catalogue.fair) } }
}

/// A boot clock that runs fast: waits of minutes pass in seconds, deadlines on the wire do not.
struct FastClock: ClockSource {
    private let start = ContinuousClock.now
    var speed = 20.0

    func read() -> ClockReading {
        let passed = ContinuousClock.now - start
        let milliseconds =
            Double(passed.components.seconds) * 1000 + Double(passed.components.attoseconds) / 1e15
        return ClockReading(
            wallMilliseconds: 0, bootID: Data(repeating: 9, count: 16), bootCounter: 1,
            bootMilliseconds: Int64(milliseconds * speed), quality: .none)
    }
}

/// An enrolled kiosk with everything in a temporary folder.
struct Kiosk {
    let folder: TemporaryFolder
    let headquarters: FakeHeadquarters
    let outbox = FakeOutbox()
    let catalogues = FakeCatalogues()
    let store: EnrolmentStore
    let device: SigningKey
    let agreement: AgreementKey
    let anchors = Anchors()

    final class Anchors: Sendable {
        let list = Mutex<[ClockAnchor]>([])
        let directives = Mutex<[DayDirective]>([])
        let letters = Mutex<[FairID: [String]]>([:])
    }

    init(_ name: String = #function) throws {
        folder = try TemporaryFolder(name)
        store = try EnrolmentStore(stateFolder: folder.path)
        (device, agreement) = try store.loadOrMakeKeys()
        headquarters = FakeHeadquarters(devicePublicKey: device.publicKey)
    }

    func enrol(at address: String) throws {
        let list = try TrustedKeyList(
            verifying: headquarters.keys.keyList(), rootHash: SHA256Digest.of(headquarters.keys.root.publicKey))
        let statement = headquarters.keys.statement(device: device, agreement: agreement)
        try store.save(
            try VerifiedStatement.enrolment(
                statement, keyList: list, device: device, agreement: agreement, address: address))
    }

    func service(openFair: FairID? = nil, problems: [HealthProblem] = []) -> SyncService {
        let anchors = anchors
        return SyncService(
            parts: SyncParts(
                outbox: outbox, catalogues: catalogues, enrolments: store, clock: FastClock(), softwareVersion: "test",
                problems: { problems }, openFair: { openFair },
                anchored: { anchor in anchors.list.withLock { $0.append(anchor) } }, downloaded: { _ in },
                freshLetters: { fair, pairs async throws(RecordStoreError) in
                    anchors.letters.withLock { $0[fair] = pairs }
                },
                follow: { directive in
                    anchors.directives.withLock { $0.append(directive) }
                    return .done
                },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    }

    /// Runs the service against the fake until `isDone` or 20 s.
    func run(
        records: Int = 5, openFair: FairID? = nil, problems: [HealthProblem] = [],
        until isDone: @Sendable @escaping (Kiosk, SyncSnapshot) -> Bool
    ) async throws -> SyncSnapshot {
        let result = Mutex(SyncSnapshot())
        let kiosk = self
        try await headquarters.serving { address in
            try kiosk.enrol(at: address)
            if let sealer = kiosk.store.sealer { try kiosk.outbox.add(records, device: kiosk.device, sealer: sealer) }
            let service = kiosk.service(openFair: openFair, problems: problems)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await service.run() }
                for _ in 0..<1000 where !isDone(kiosk, service.snapshot) {
                    // Timers are real, the boot clock is not: whatever is due by it is looked at now.
                    service.recordCommitted()
                    try await Task.sleep(for: .milliseconds(20))
                }
                result.withLock { $0 = service.snapshot }
                group.cancelAll()
            }
        }
        return result.withLock { $0 }
    }
}
