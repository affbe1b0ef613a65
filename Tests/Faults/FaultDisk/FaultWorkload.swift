// A kiosk's day on a real store, drawn from a seed; and what was acknowledged of it, at which call to the disk.

import CFaultDisk
import Foundation
import JobFair
import KioskCore
import KioskStore
import SyncProtocol
import Synchronization

/// A record whose success was shown.
struct Acknowledged: Sendable {
    var record: CommittedRecord
    /// Calls the disk had taken when the answer came.
    var calls: Int
}

/// The small files beside the database, as they were at some call.
struct SmallFiles: Sendable {
    var calls: Int
    var contents: [String: Data]
}

/// Drives a store. `@unchecked Sendable`: the lists are behind the mutex.
final class FaultWorkload: Sendable {
    static let fair = FairID(milliseconds: 1_700_000_000_000, random: Array(repeating: 7, count: 10))
    static let pairs = ["AB", "CD", "EF", "GH"]
    static let days = ["2026-02-03", "2026-02-04"]
    static let smallFiles = ["lineage.pairs", "open.fair"]

    private struct Lists {
        var acknowledged: [Acknowledged] = []
        var files: [SmallFiles] = []
        var violations: [String] = []
        var hits: [String: Int] = [:]
    }

    let folder: String
    let signer: SigningKey
    private let lists = Mutex(Lists())
    private let shown: @Sendable (Acknowledged) -> Void

    /// - Parameter shown: told of each record whose success was shown, at once.
    init(folder: String, signer: SigningKey, shown: @escaping @Sendable (Acknowledged) -> Void = { _ in }) {
        self.folder = folder
        self.signer = signer
        self.shown = shown
    }

    var acknowledged: [Acknowledged] { lists.withLock { $0.acknowledged } }
    var files: [SmallFiles] { lists.withLock { $0.files } }
    var violations: [String] { lists.withLock { $0.violations } }
    var hits: [String: Int] { lists.withLock { $0.hits } }

    /// As they were before call `cut`, or a little earlier.
    func files(before cut: Int) -> [String: Data] { files.last { $0.calls <= cut }?.contents ?? [:] }

    // MARK: The store

    static func open(_ folder: String, signer: SigningKey) throws -> SQLiteRecordStore {
        let store = try SQLiteRecordStore(
            settings: RecordStoreSettings(
                path: folder + "/records.sqlite", pairFilePath: folder + "/lineage.pairs"),
            signer: signer, logger: FaultDisk.quiet)
        store.setTicketPairs(pairs, for: fair)
        return store
    }

    /// Opens, runs the writer around `work`, closes. Throws what the store threw.
    static func withStore<T: Sendable>(
        _ folder: String, signer: SigningKey, _ work: @escaping @Sendable (SQLiteRecordStore) async throws -> T
    ) async throws -> T {
        let store = try open(folder, signer: signer)
        let result: T
        do {
            result = try await running(store, work)
        } catch {
            try? store.close()
            throw error
        }
        try store.close()
        return result
    }

    static func running<T: Sendable>(
        _ store: SQLiteRecordStore, _ work: @escaping @Sendable (SQLiteRecordStore) async throws -> T
    ) async throws -> T {
        try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask {
                try await store.run()
                return nil
            }
            group.addTask { try await work(store) }
            while let result = try await group.next() {
                guard let result else { continue }
                group.cancelAll()
                return result
            }
            throw CancellationError()
        }
    }

    // MARK: Steps

    /// - Parameter seed: makes the day.
    func play(seed: Int, steps: Int) async throws {
        var generator = SeededGenerator(seed, 1)
        var left = steps
        while left > 0 {
            let now = min(left, Int.random(in: 4...20, using: &generator))
            left -= now
            let parts = (0..<now).map { _ in Int.random(in: 0..<100, using: &generator) }
            // Closing and opening in between: the WAL is emptied, deleted, made again.
            try await Self.withStore(folder, signer: signer) { store in
                self.note()
                if try await store.openFair() == nil { try await self.change(store, day: Self.days[0]) }
                for part in parts { try await self.step(part, store) }
            }
        }
    }

    private func step(_ draw: Int, _ store: SQLiteRecordStore) async throws {
        switch draw {
        case 0..<40: try await add(registration(), store)
        case 40..<50:
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<(2 + draw % 5) { group.addTask { try await self.add(self.registration(), store) } }
                try await group.waitForAll()
            }
            hit("commits shared")
        case 50..<60: try await add(draft(.entry), store)
        case 60..<70: try await receipt(store)
        case 70..<80:
            if let job = try await store.nextPrintJob() { try await store.finishPrintJob(job.id, as: .printed) }
        case 80..<88: try await again(store, draw)
        case 88..<96: try await change(store, day: Self.days[draw % 2])
        default:
            try await change(store, day: nil)
            try await change(store, day: Self.days[0])
        }
    }

    func add(_ draft: RecordDraft, _ store: SQLiteRecordStore) async throws {
        let record = try await Self.commit(draft, store)
        let acknowledged = Acknowledged(record: record, calls: cfaultdisk_count())
        lists.withLock { $0.acknowledged.append(acknowledged) }
        shown(acknowledged)
        note()
    }

    func change(_ store: SQLiteRecordStore, day: String?) async throws {
        var draft = draft(.dayChange)
        draft.opens = .some(
            day.flatMap { CalendarDate($0) }.map { OpenFair(fairID: Self.fair, day: $0, isDayConfirmed: true) })
        try await add(draft, store)
        hit("checkpoints")
    }

    /// A repeat gets the answer it had.
    private func again(_ store: SQLiteRecordStore, _ draw: Int) async throws {
        let all = acknowledged
        guard !all.isEmpty else { return }
        let known = all[draw * 7919 % all.count].record
        let found = try await store.known(known.recordID, fingerprint: Self.fingerprint)
        if found?.sequence != known.sequence || found?.ticket != known.ticket {
            lists.withLock { $0.violations.append("a repeat was answered otherwise while nothing failed") }
        }
    }

    func receipt(_ store: SQLiteRecordStore) async throws {
        let pending = try await store.pending(after: 0, countMax: 8, bytesMax: 1 << 20)
        guard !pending.isEmpty else { return }
        let serial = lists.withLock { lists in
            lists.hits["receipts", default: 0] += 1
            return Int64(lists.hits["receipts", default: 0])
        }
        let head = try await store.chainHead()
        let generation = Data("generation".utf8)
        let lines = pending.map {
            VerifiedReceipt.Line(recordID: $0.recordID, digest: $0.digest, outcome: .accepted)
        }
        _ = try await store.apply(
            VerifiedReceipt(
                lineageID: head.lineageID, serial: serial, headquartersGeneration: generation, lines: lines,
                durableThrough: 0, signed: Data(repeating: 2, count: 100)))
        // Headquarters' backup is a few records behind.
        let durable = max(0, (pending.last?.sequence ?? 0) - 3)
        _ = try await store.settle(
            HelloNews(
                headquartersGeneration: generation,
                marks: [LineageMark(lineageID: head.lineageID, knownThrough: durable, durableThrough: durable)]))
        if try await store.purge() > 0 { hit("purges") }
    }

    /// The small files, before anything of this moment could be lost.
    private func note() {
        let calls = cfaultdisk_count()
        var contents: [String: Data] = [:]
        for name in Self.smallFiles { contents[name] = FileManager.default.contents(atPath: folder + "/" + name) }
        lists.withLock { $0.files.append(SmallFiles(calls: calls, contents: contents)) }
    }

    private func hit(_ name: String) { lists.withLock { $0.hits[name, default: 0] += 1 } }
}

// MARK: - Drafts

extension FaultWorkload {
    static let fingerprint = Data(repeating: 1, count: 32)
    static let clock = ClockReading(
        wallMilliseconds: 1_770_000_000_000, bootID: Data(repeating: 9, count: 16), bootCounter: 1,
        bootMilliseconds: 1000, quality: .none)

    /// The writer takes commits a moment after `run()` has begun.
    static func commit(_ draft: RecordDraft, _ store: SQLiteRecordStore) async throws -> CommittedRecord {
        while true {
            do {
                return try await store.commit(draft, clock: clock)
            } catch RecordStoreError.busy {
                try await Task.sleep(for: .microseconds(200))
            }
        }
    }

    func registration(id: RecordID? = nil) -> RecordDraft {
        var draft = draft(.registration, id: id)
        draft.desk = DeskEntry(
            maskedName: "张*", wishes: Wishes(occupations: ["焊工"], lowestPayYuanMonth: 6000, places: ["440300"]),
            slipPurpose: 1, lostSlipHash: Data(repeating: 4, count: 32), digitsHash: nil)
        return draft
    }

    func draft(_ kind: RecordKind, id: RecordID? = nil) -> RecordDraft {
        let id =
            id
            ?? RecordID(
                milliseconds: 1_770_000_000_000, random: (0..<10).map { _ in UInt8.random(in: 0...255) })
        return RecordDraft(
            recordID: id, kind: kind,
            identity: RecordFrame.identity(
                recordID: Data(id.bytes), deviceID: signer.deviceID, fairID: Data(Self.fair.bytes),
                keyID: Data(repeating: 3, count: 8), suite: .x25519Sha256Aes256Gcm),
            encapsulatedKey: Data(repeating: 5, count: 32), ciphertext: Data(repeating: 6, count: 528),
            fingerprint: Self.fingerprint)
    }
}
