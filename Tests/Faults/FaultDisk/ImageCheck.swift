// What must hold of a folder that a fault has left, looked at from outside the store.

import CSQLite
import Foundation
import JobFair
import KioskCore
import KioskStore
import SyncProtocol

/// One record as SQLite itself reads it from the closed file.
struct StoredRecord {
    var recordID: Data
    var chain: Int64
    var sequence: Int64
    var digest: Data
    var frame: Data?
    var hasOutboxRow: Bool
    var state: String
}

/// The closed file.
struct StoredRecords {
    var integrity = ""
    var orphans = 0
    /// Number to head.
    var heads: [Int64: (sequence: Int64, digest: Data)] = [:]
    var records: [StoredRecord] = []

    init(_ path: String) throws {
        var connection: OpaquePointer?
        guard sqlite3_open_v2(path, &connection, SQLITE_OPEN_READONLY, nil) == SQLITE_OK, let connection else {
            throw FaultDiskError("\(path) cannot be opened by SQLite")
        }
        defer { sqlite3_close_v2(connection) }
        try Self.each("PRAGMA integrity_check(3)", connection) {
            integrity += String(cString: sqlite3_column_text($0, 0))
        }
        try Self.each("PRAGMA foreign_key_check", connection) { _ in orphans += 1 }
        try Self.each("SELECT number, lastSequence, lastDigest FROM chain", connection) {
            heads[sqlite3_column_int64($0, 0)] = (sqlite3_column_int64($0, 1), Self.blob($0, 2) ?? Data())
        }
        let sql = """
            SELECT recordID, chain, sequence, digest, frame, record IS NOT NULL, state FROM record
            LEFT JOIN outbox ON outbox.record = record.position ORDER BY chain, sequence
            """
        try Self.each(sql, connection) { row in
            records.append(
                StoredRecord(
                    recordID: Self.blob(row, 0) ?? Data(), chain: sqlite3_column_int64(row, 1),
                    sequence: sqlite3_column_int64(row, 2), digest: Self.blob(row, 3) ?? Data(),
                    frame: Self.blob(row, 4), hasOutboxRow: sqlite3_column_int(row, 5) != 0,
                    state: sqlite3_column_text(row, 6).map { String(cString: $0) } ?? ""))
        }
    }

    private static func each(_ sql: String, _ connection: OpaquePointer, _ row: (OpaquePointer) -> Void) throws {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK, let statement else {
            throw FaultDiskError("the closed file: \(String(cString: sqlite3_errmsg(connection)))")
        }
        defer { sqlite3_finalize(statement) }
        while true {
            let result = sqlite3_step(statement)
            if result == SQLITE_DONE { return }
            guard result == SQLITE_ROW else { throw FaultDiskError("the closed file: SQLite result \(result)") }
            row(statement)
        }
    }

    private static func blob(_ row: OpaquePointer, _ column: Int32) -> Data? {
        guard let bytes = sqlite3_column_blob(row, column) else { return nil }
        return Data(bytes: bytes, count: Int(sqlite3_column_bytes(row, column)))
    }
}

/// Reopens a folder with the real store and says what is wrong with it.
struct ImageCheck {
    var opening: RecordStoreOpening
    var stored: StoredRecords
    private(set) var problems: [String] = []

    /// - Throws: where the store does not open.
    init(_ folder: String, signer: SigningKey) throws {
        let store: SQLiteRecordStore
        do {
            store = try FaultWorkload.open(folder, signer: signer)
        } catch {
            throw FaultDiskError("the store does not open: \(error)")
        }
        opening = store.opening
        do { try store.close() } catch { throw FaultDiskError("the store does not close: \(error)") }
        stored = try StoredRecords(folder + "/records.sqlite")
        checkFile()
        checkChains()
    }

    /// I7.
    private mutating func checkFile() {
        if stored.integrity != "ok" { problems.append("I7: integrity check: \(stored.integrity.prefix(120))") }
        if stored.orphans > 0 { problems.append("I7: foreign keys: \(stored.orphans) rows") }
    }

    /// I2 and I6: each lineage whole from 1 to its head, each frame its digest, each digest in the next frame. A lineage
    /// that was left because it is not whole is left out.
    private mutating func checkChains() {
        let current = stored.heads.keys.max() ?? 0
        for (number, head) in stored.heads.sorted(by: { $0.key < $1.key }) {
            let records = stored.records.filter { $0.chain == number }
            if records.contains(where: { !$0.hasOutboxRow }) { problems.append("I2: a record is not in the outbox") }
            if number != current, opening.chainProblem != nil || opening.setAside != nil { continue }
            var previous = Data()
            for (index, record) in records.enumerated() {
                if record.sequence != Int64(index + 1) {
                    problems.append("I2: lineage \(number) has \(record.sequence) in place \(index + 1)")
                    break
                }
                if let frame = record.frame {
                    guard let decoded = try? RecordFrame.decode(frame), decoded.digest == record.digest else {
                        problems.append("I2: record \(record.sequence) of lineage \(number) is not its digest")
                        break
                    }
                    if decoded.body.place.previousDigest != previous {
                        problems.append(
                            "I2: record \(record.sequence) of lineage \(number) does not follow its neighbour")
                    }
                }
                previous = record.digest
            }
            if head.sequence != Int64(records.count) || head.digest != previous {
                problems.append("I2: the head of lineage \(number) says \(head.sequence), there are \(records.count)")
            }
        }
    }

    /// The acknowledged records that are not there (I1).
    func missing(of acknowledged: some Sequence<Acknowledged>) -> [Acknowledged] {
        let there = Dictionary(stored.records.map { ($0.recordID, $0.digest) }, uniquingKeysWith: { first, _ in first })
        return acknowledged.filter { there[Data($0.record.recordID.bytes)] != $0.record.digest }
    }

    /// The kiosk goes on: repeats are answered as they were, somebody new registers under a number nobody has (I6, I16).
    static func goOn(
        _ folder: String, workload: FaultWorkload, acknowledged: [Acknowledged]
    ) async throws -> (problems: [String], isNumberGivenTwice: Bool) {
        try await FaultWorkload.withStore(folder, signer: workload.signer) { store in
            var problems: [String] = []
            for known in acknowledged {
                let found = try await store.known(known.record.recordID, fingerprint: FaultWorkload.fingerprint)
                if found?.ticket != known.record.ticket || found?.sequence != known.record.sequence {
                    problems.append("I16: the repeat of record \(known.record.sequence) is answered otherwise")
                }
            }
            if try await store.openFair() == nil { try await workload.change(store, day: FaultWorkload.days[0]) }
            let record = try await FaultWorkload.commit(workload.registration(), store)
            let isTwice = acknowledged.contains { $0.record.ticket == record.ticket }
            return (problems, isTwice)
        }
    }
}
