// What sync asks of the store.

public import Foundation
import GRDB
import JobFair
public import KioskCore

extension SQLiteRecordStore: OutboxStore {
    /// Never mixes lineages: stops where another begins.
    public func pending(
        after: Int64, countMax: Int, bytesMax: Int
    ) async throws(RecordStoreError) -> [OutboxRecord] {
        try await read { database in
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: """
                        SELECT position, chain, recordID, sequence, digest, frame
                        FROM outbox JOIN record ON position = outbox.record
                        WHERE state = 'pending' AND outbox.record > ? ORDER BY outbox.record LIMIT ?
                        """), arguments: [after, max(1, countMax)])
            var records: [OutboxRecord] = []
            var bytes = 0
            var chain: Int64?
            while let row = try rows.next() {
                guard let recordID = RecordID(bytes: row[2] as Data) else { throw RecordRows.unreadable }
                let record = OutboxRecord(
                    position: row[0], recordID: recordID, sequence: row[3], digest: row[4], frame: row[5])
                bytes += record.frame.count
                if !records.isEmpty, bytes > bytesMax || chain != row[1] { break }
                chain = row[1]
                records.append(record)
            }
            return records
        }
    }

    public func digest(lineageID: Data, sequence: Int64) async throws(RecordStoreError) -> Data? {
        try await read { database in
            try Data.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT digest FROM record JOIN chain ON chain.number = record.chain
                        WHERE lineageID = ? AND sequence = ?
                        """), arguments: [lineageID, sequence])
        }
    }

    public func chainHead() async throws(RecordStoreError) -> ChainHead {
        try await read { database in
            let chain = try ChainRow.current(in: database)
            let receipt = try Row.fetchOne(
                database.cachedStatement(sql: "SELECT serial, headquartersGeneration, signed FROM newestReceipt"))
            let firstPending = try Int64.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT record.sequence FROM outbox JOIN record ON position = outbox.record
                        WHERE state = 'pending' AND chain = ? ORDER BY outbox.record LIMIT 1
                        """), arguments: [chain.number])
            let pendingCount = try Int.fetchOne(
                database.cachedStatement(sql: "SELECT count(*) FROM outbox WHERE state = 'pending'"))
            return ChainHead(
                lineageID: chain.lineageID, lastSequence: chain.lastSequence, lastDigest: chain.lastDigest,
                receiptedThrough: firstPending.map { $0 - 1 } ?? chain.lastSequence, pendingCount: pendingCount ?? 0,
                newestReceiptSerial: receipt?[0] ?? 0, headquartersGeneration: receipt?[1] ?? Data(),
                newestReceipt: receipt?[2] ?? Data())
        }
    }

    public func apply(_ receipt: VerifiedReceipt) async throws(RecordStoreError) -> Int {
        try await write { database in
            var moved = 0
            for line in receipt.lines {
                guard let (from, to) = Self.move(for: line.outcome) else { continue }
                let statement = try database.cachedStatement(
                    sql: """
                        UPDATE outbox SET state = ? WHERE state IN (?, ?) AND record =
                            (SELECT position FROM record WHERE recordID = ? AND digest = ?)
                        """)
                try statement.execute(arguments: [
                    to, "pending", from, Data(line.recordID.bytes), line.digest,
                ])
                moved += database.changesCount
            }
            try Self.keep(receipt, in: database)
            return moved
        }
    }

    public func offerAgain() async throws(RecordStoreError) -> Int {
        try await write { database in
            try database.execute(sql: "UPDATE outbox SET state = 'pending' WHERE state = 'receipted'")
            return database.changesCount
        }
    }

    public func startNewLineage() async throws(RecordStoreError) {
        try await write { try ChainRow.begin(in: $0) }
    }
}

extension SQLiteRecordStore {
    /// From which state besides `pending`, and to which. What was refused once and taken later is receipted; what was
    /// receipted is never put back by a line of a receipt.
    private static func move(for outcome: VerifiedReceipt.Outcome) -> (from: String, to: String)? {
        switch outcome {
        case .accepted, .duplicate, .duplicateErased, .held: ("quarantined", "receipted")
        case .refused: ("pending", "quarantined")
        case .retryLater: nil
        }
    }

    /// Newest: a higher serial, or another generation of headquarters.
    private static func keep(_ receipt: VerifiedReceipt, in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO newestReceipt (id, serial, headquartersGeneration, durableThrough, signed)
                VALUES (1, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET serial = excluded.serial, signed = excluded.signed,
                    headquartersGeneration = excluded.headquartersGeneration, durableThrough = excluded.durableThrough
                WHERE excluded.serial > serial OR excluded.headquartersGeneration <> headquartersGeneration
                """,
            arguments: [receipt.serial, receipt.headquartersGeneration, receipt.durableThrough, receipt.signed])
    }
}
