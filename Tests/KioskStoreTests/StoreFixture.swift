// A store on real files, and drafts for it, for the tests of this room.

import Crypto
import Foundation
import JobFair
import KioskCore
import Logging
import SyncProtocol
import Synchronization
import TestSupport

@testable import KioskStore

/// A folder with a store in it.
final class StoreFixture: Sendable {
    static let fair = FairID(milliseconds: 1_700_000_000_000, random: Array(repeating: 7, count: 10))
    static let otherFair = FairID(milliseconds: 1_700_000_000_001, random: Array(repeating: 8, count: 10))

    let folder: TemporaryFolder
    let signer = SigningKey()
    let pairs: [String]

    init(pairs: [String] = ["AB", "CD", "EF", "GH"]) throws {
        folder = try TemporaryFolder("store")
        self.pairs = pairs
    }

    var path: String { folder.file("records.sqlite") }
    var pairFilePath: String { folder.file("lineage.pairs") }

    func open(
        path: String? = nil, pairFilePath: String? = nil, sizeBytesMax: Int? = nil, schema: Schema = .records,
        logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    ) throws -> SQLiteRecordStore {
        let store = try SQLiteRecordStore(
            settings: RecordStoreSettings(
                path: path ?? self.path, pairFilePath: pairFilePath ?? self.pairFilePath, sizeBytesMax: sizeBytesMax),
            schema: schema, signer: signer, logger: logger)
        store.setTicketPairs(pairs, for: Self.fair)
        store.setTicketPairs(pairs, for: Self.otherFair)
        return store
    }

    /// Opens, runs the writer around `work`, stops it, closes.
    func run<T: Sendable>(
        path: String? = nil, sizeBytesMax: Int? = nil, opensFair: Bool = true,
        _ work: @escaping @Sendable (SQLiteRecordStore) async throws -> T
    ) async throws -> T {
        let store = try open(path: path, sizeBytesMax: sizeBytesMax)
        defer { try? store.close() }
        return try await run(store, opensFair: opensFair, work)
    }

    func run<T: Sendable>(
        _ store: SQLiteRecordStore, opensFair: Bool = true,
        _ work: @escaping @Sendable (SQLiteRecordStore) async throws -> T
    ) async throws -> T {
        try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask {
                try await store.run()
                return nil
            }
            group.addTask {
                try await self.waitForWriter(store)
                if opensFair, try await store.openFair() == nil {
                    _ = try await store.commit(self.opening(), clock: .test)
                }
                return try await work(store)
            }
            while let result = try await group.next() {
                guard let result else { continue }
                group.cancelAll()
                return result
            }
            throw CancellationError()
        }
    }

    /// `commit` answers `.busy` until `run()` has begun; a draft nobody can encode is refused after that.
    private func waitForWriter(_ store: SQLiteRecordStore) async throws {
        while true {
            do throws(RecordStoreError) {
                _ = try await store.commit(draft(.entry, identity: Data()), clock: .test)
            } catch {
                if error != .busy { return }
                await Task.yield()
            }
        }
    }

    // MARK: Drafts

    func opening(_ fair: FairID = fair, day: String = "2026-02-03", closes: Bool = false) -> RecordDraft {
        var draft = draft(.dayChange, fair: fair)
        let open = CalendarDate(day).map { OpenFair(fairID: fair, day: $0, isDayConfirmed: true) }
        draft.opens = closes ? .some(nil) : .some(open)
        return draft
    }

    func registration(
        id: RecordID = .random(), fair: FairID = fair, fingerprint: UInt8 = 1, lostSlipHash: Data? = nil
    ) -> RecordDraft {
        var draft = draft(.registration, id: id, fair: fair, fingerprint: fingerprint)
        draft.desk = DeskEntry(
            maskedName: "张*", wishes: Wishes(occupations: ["焊工"], lowestPayYuanMonth: 6000, places: ["440300"]),
            slipPurpose: 1, lostSlipHash: lostSlipHash, digitsHash: nil)
        return draft
    }

    func draft(
        _ kind: RecordKind, id: RecordID = .random(), fair: FairID = fair, fingerprint: UInt8 = 1,
        identity: Data? = nil
    ) -> RecordDraft {
        RecordDraft(
            recordID: id, kind: kind,
            identity: identity
                ?? RecordFrame.identity(
                    recordID: Data(id.bytes), deviceID: signer.deviceID, fairID: Data(fair.bytes),
                    keyID: Data(repeating: 3, count: 8), suite: .x25519Sha256Aes256Gcm),
            encapsulatedKey: Data(repeating: 5, count: 32), ciphertext: Data(repeating: 6, count: 528),
            fingerprint: Data(repeating: fingerprint, count: 32))
    }
}

extension Identifier {
    static func random() -> Self {
        Self(milliseconds: 1_770_000_000_000, random: (0..<10).map { _ in UInt8.random(in: 0...255) })
    }
}

extension ClockReading {
    static let test = ClockReading(
        wallMilliseconds: 1_770_000_000_000, bootID: Data(repeating: 9, count: 16), bootCounter: 1,
        bootMilliseconds: 1000, quality: .none)
}

/// The error a store call throws, or nil.
func storeError(_ work: () async throws -> some Any) async -> RecordStoreError? {
    do {
        _ = try await work()
        return nil
    } catch {
        return error as? RecordStoreError
    }
}

/// Lines of a log, for looking.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    var logger: Logger { Logger(label: "test", factory: { _ in LinesLogHandler(lines: self) }) }

    private struct LinesLogHandler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        init(lines: LogLines) { self.lines = lines }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let extra = (event.metadata ?? [:]).map { "\($0)=\($1)" }.sorted().joined(separator: " ")
            lines.lines.withLock { $0.append("\(event.level) \(event.message) \(extra)") }
        }
    }
}
