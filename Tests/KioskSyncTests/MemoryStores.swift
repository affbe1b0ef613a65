// Stores in memory, for what is outside this room.

import Foundation
import JobFair
import KioskCore
import Logging
import SyncProtocol
import Synchronization
import TestSupport

@testable import KioskSync

/// An outbox in memory with real frames.
final class FakeOutbox: OutboxStore {
    struct Entry {
        var record: OutboxRecord
        var isPending = true
    }
    let entries = Mutex<[Entry]>([])
    let receipts = Mutex<[VerifiedReceipt]>([])
    let lineageID = Data(repeating: 0x11, count: 16)

    func add(_ count: Int, device: SigningKey, sealer: any ContentSealer) throws {
        for _ in 0..<count {
            let id = RecordID(milliseconds: 1, random: (0..<10).map { _ in .random(in: 0...255) })
            let fair = FairID(milliseconds: 1, random: Array(repeating: 1, count: 10))
            let sealed = try sealer.seal(.entry(way: "tap", isRehearsal: false), recordID: id, fairID: fair)
            try entries.withLock { entries in
                var place = WirePlace()
                place.lineageID = lineageID
                place.sequence = UInt64(entries.count + 1)
                place.previousDigest = entries.last?.record.digest ?? Data()
                let frame = RecordFrame.encode(
                    identity: sealed.identity,
                    sealed: SealedPayload(encapsulatedKey: sealed.encapsulatedKey, ciphertext: sealed.ciphertext),
                    place: place, clock: WireClockEvidence(), signer: device)
                _ = try RecordFrame.decode(frame)
                entries.append(
                    Entry(
                        record: OutboxRecord(
                            position: Int64(entries.count + 1), recordID: id, sequence: Int64(entries.count + 1),
                            digest: RecordFrame.digest(frame),
                            frame: frame)))
            }
        }
    }

    var pendingCount: Int { entries.withLock { $0.filter(\.isPending).count } }

    func pending(after: Int64, countMax: Int, bytesMax: Int) async throws(RecordStoreError) -> [OutboxRecord] {
        entries.withLock { entries in
            Array(entries.filter { $0.isPending && $0.record.position > after }.map(\.record).prefix(countMax))
        }
    }

    func digest(lineageID: Data, sequence: Int64) async throws(RecordStoreError) -> Data? {
        entries.withLock { $0.first { $0.record.sequence == sequence }?.record.digest }
    }

    func chainHead() async throws(RecordStoreError) -> ChainHead {
        entries.withLock { entries in
            ChainHead(
                lineageID: lineageID, lastSequence: Int64(entries.count),
                lastDigest: entries.last?.record.digest ?? Data(),
                receiptedThrough: 0, pendingCount: entries.filter(\.isPending).count, newestReceiptSerial: 0,
                headquartersGeneration: Data(), newestReceipt: Data())
        }
    }

    func apply(_ receipt: VerifiedReceipt) async throws(RecordStoreError) -> Int {
        receipts.withLock { $0.append(receipt) }
        return entries.withLock { entries in
            var moved = 0
            for line in receipt.lines where line.outcome != .retryLater {
                for index in entries.indices
                where entries[index].isPending && entries[index].record.recordID == line.recordID
                    && entries[index].record.digest == line.digest
                {
                    entries[index].isPending = false
                    moved += 1
                }
            }
            return moved
        }
    }

    func offerAgain() async throws(RecordStoreError) -> Int { 0 }
    func startNewLineage() async throws(RecordStoreError) {}
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
                statement, keyList: list, device: device, agreement: agreement, address: address),
            statement: statement)
    }

    func service() -> SyncService {
        let anchors = anchors
        return SyncService(
            parts: SyncParts(
                outbox: outbox, catalogues: catalogues, enrolments: store, clock: FastClock(), softwareVersion: "test",
                problems: { [] }, openFair: { nil },
                anchored: { anchor in anchors.list.withLock { $0.append(anchor) } }, downloaded: { _ in },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    }

    /// Runs the service against the fake until `isDone` or 20 s.
    func run(
        records: Int = 5, until isDone: @Sendable @escaping (Kiosk, SyncSnapshot) -> Bool
    ) async throws -> SyncSnapshot {
        let result = Mutex(SyncSnapshot())
        let kiosk = self
        try await headquarters.serving { address in
            try kiosk.enrol(at: address)
            if let sealer = kiosk.store.sealer { try kiosk.outbox.add(records, device: kiosk.device, sealer: sealer) }
            let service = kiosk.service()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await service.run() }
                for _ in 0..<1000 where !isDone(kiosk, service.snapshot) {
                    try await Task.sleep(for: .milliseconds(20))
                }
                result.withLock { $0 = service.snapshot }
                group.cancelAll()
            }
        }
        return result.withLock { $0 }
    }
}
