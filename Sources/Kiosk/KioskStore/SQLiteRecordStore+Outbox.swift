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
        try await read { try Self.chainHead(in: $0) }
    }

    private static func chainHead(in database: Database) throws -> ChainHead {
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

    public func helloFacts() async throws(RecordStoreError) -> HelloFacts {
        try await read { database in
            HelloFacts(
                head: try Self.chainHead(in: database),
                directivesToConfirm: try DirectiveRows.toConfirm(in: database),
                erasuresToOffer: try DirectiveRows.toOffer(in: database))
        }
    }

    public func apply(_ receipt: VerifiedReceipt) async throws(RecordStoreError) -> ReceiptEffect {
        try await write { database in
            // Before the first hello any generation is today's; if it is not, hello says so.
            let generation = try GenerationRow.newest(in: database) ?? .begin(receipt.headquartersGeneration, database)
            guard receipt.headquartersGeneration == generation.generationID else {
                return ReceiptEffect(moved: 0, isOtherGeneration: true)
            }
            var moved = 0
            for line in receipt.lines {
                if try Self.apply(line, of: receipt.lineageID, under: generation.number, in: database) { moved += 1 }
            }
            try database.execute(
                sql: """
                    UPDATE chain SET durableThrough = max(durableThrough, ?1) WHERE lineageID = ?2 AND \(Self.isOurs)
                    """,
                arguments: [receipt.durableThrough, receipt.lineageID, receipt.digestAtDurable])
            try Self.keep(receipt, in: database)
            return ReceiptEffect(moved: moved)
        }
    }

    /// The record that headquarters names (?1, ?3) is the one that stands here: then so is everything before it.
    private static let isOurs =
        "EXISTS (SELECT 1 FROM record WHERE record.chain = chain.number AND sequence = ?1 AND digest = ?3)"

    public func heardMilliseconds() async throws(RecordStoreError) -> Int64 {
        try await read { try Self.heardMilliseconds(in: $0) }
    }

    private static func heardMilliseconds(in database: Database) throws -> Int64 {
        try Int64.fetchOne(database.cachedStatement(sql: "SELECT heardMilliseconds FROM standing")) ?? 0
    }

    public func settle(_ news: HelloNews) async throws(RecordStoreError) -> HelloEffect {
        try await write { database in
            var effect = HelloEffect()
            let heard = try Self.heardMilliseconds(in: database)
            if let said = news.ifHeardBefore, heard >= said {
                effect.isStale = true
                return effect
            }
            let known = try GenerationRow.newest(in: database)
            var generation = known
            if known?.generationID != news.headquartersGeneration {
                effect.isNewGeneration = known != nil
                generation = try .begin(news.headquartersGeneration, database)
                try database.execute(sql: "UPDATE chain SET durableThrough = 0 WHERE durableThrough > 0")
            }
            for mark in news.marks {
                try database.execute(
                    sql: """
                        UPDATE chain SET durableThrough = iif(\(Self.isOurs), ?1, 0)
                        WHERE lineageID = ?2 AND durableThrough <> iif(\(Self.isOurs), ?1, 0)
                        """,
                    arguments: [mark.durableThrough, mark.lineageID, mark.digestAtDurable])
            }
            for gap in news.gaps { try Self.fill(gap, &effect, in: database) }
            try DirectiveRows.settle(news, generation: generation?.number, in: database)
            effect.changesStanding = try Self.isRevoked(in: database) != news.isRevoked
            try database.execute(
                sql: """
                    INSERT INTO standing (id, isRevoked, heardMilliseconds) VALUES (1, ?, ?)
                    ON CONFLICT DO UPDATE SET isRevoked = excluded.isRevoked,
                        heardMilliseconds = excluded.heardMilliseconds
                    WHERE isRevoked <> excluded.isRevoked OR heardMilliseconds <> excluded.heardMilliseconds
                    """, arguments: [news.isRevoked, news.saidMilliseconds == 0 ? heard : news.saidMilliseconds])
            return effect
        }
    }

    public func offerAgain() async throws(RecordStoreError) -> Int {
        try await write { database in
            try database.cachedStatement(
                sql: """
                    UPDATE outbox SET state = 'pending', receiptedUnder = NULL WHERE record IN (
                        SELECT record FROM outbox WHERE state = 'receipted'
                            AND receiptedUnder < (SELECT max(number) FROM generation)
                        ORDER BY receiptedUnder, record LIMIT ?)
                    """
            ).execute(arguments: [OutboxRule.stepRecordsMax])
            return database.changesCount
        }
    }

    /// Rows are deleted and put in anew without their frame: a row that only shrinks leaves its page as it is, and the
    /// room would never be used again. The file does not shrink.
    public func purge() async throws(RecordStoreError) -> Int {
        try await write { database in
            let positions = try Self.purgeable(in: database)
            for position in positions {
                try database.cachedStatement(sql: "DELETE FROM outbox WHERE record = ?").execute(arguments: [position])
            }
            for position in positions {
                try database.cachedStatement(sql: "INSERT INTO outbox (record, state) VALUES (?, 'purged')")
                    .execute(arguments: [position])
            }
            return positions.count
        }
    }

    /// One step of what is receipted by today's generation and stands in its verified backup.
    private static func purgeable(in database: Database) throws -> [Int64] {
        let chains = try Row.fetchAll(
            database.cachedStatement(
                sql: "SELECT number, durableThrough FROM chain WHERE durableThrough > 0 ORDER BY number"))
        var positions: [Int64] = []
        for chain in chains where positions.count < OutboxRule.stepRecordsMax {
            // Positions rise with sequences: one bound for the index.
            positions += try Int64.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT outbox.record FROM outbox JOIN record ON position = outbox.record
                        WHERE state = 'receipted' AND receiptedUnder = (SELECT max(number) FROM generation)
                            AND outbox.record <= (SELECT position FROM record WHERE chain = ?1 AND sequence <= ?2
                                ORDER BY sequence DESC LIMIT 1)
                            AND chain = ?1 AND sequence <= ?2
                        ORDER BY outbox.record LIMIT ?3
                        """),
                arguments: [chain[0] as Int64, chain[1] as Int64, OutboxRule.stepRecordsMax - positions.count])
        }
        return positions
    }

    public func followed(directive id: Data) async throws(RecordStoreError) {
        _ = try await write { try DirectiveRows.keep(id, signed: nil, in: $0) }
    }

    public func startNewLineage() async throws(RecordStoreError) {
        try await write { try ChainRow.begin(in: $0) }
    }
}

extension SQLiteRecordStore {
    /// Erasure directives that came by another road than hello. They are offered to headquarters in the next hello. Returns
    /// how many were not here before.
    public func keep(_ erasures: [ErasureDirective]) async throws(RecordStoreError) -> Int {
        try await write { database in
            try erasures.count { try DirectiveRows.keep($0.id, signed: $0.signed, in: database) }
        }
    }

    /// Headquarters' last word: this kiosk is not to register anybody.
    public func isRevoked() async throws(RecordStoreError) -> Bool { try await read { try Self.isRevoked(in: $0) } }

    private static func isRevoked(in database: Database) throws -> Bool {
        try Bool.fetchOne(database.cachedStatement(sql: "SELECT isRevoked FROM standing")) ?? false
    }

    /// A technician's decision, after talking to headquarters: what it refused is sent once more.
    public func retryQuarantined() async throws(RecordStoreError) -> Int {
        try await write { database in
            try database.execute(sql: "UPDATE outbox SET state = 'pending' WHERE state = 'quarantined'")
            return database.changesCount
        }
    }

    /// True: the record left its state for another.
    private static func apply(
        _ line: VerifiedReceipt.Line, of lineageID: Data, under generation: Int64, in database: Database
    ) throws -> Bool {
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT position, state, receiptedUnder FROM record JOIN outbox ON outbox.record = position
                        JOIN chain ON chain.number = record.chain
                    WHERE recordID = ? AND digest = ? AND lineageID = ?
                    """), arguments: [Data(line.recordID.bytes), line.digest, lineageID])
        guard let row, let state = OutboxState(rawValue: row[1]) else { return false }
        let isNow = state == .receipted && row[2] as Int64? == generation
        let next = OutboxRule.next(state, isReceiptedNow: isNow, line.outcome)
        guard next != nil || state == .pending || state == .quarantined else { return false }
        try database.cachedStatement(
            sql: "UPDATE outbox SET state = ?, receiptedUnder = ?, reason = ? WHERE record = ?"
        ).execute(arguments: [
            (next ?? state).rawValue, next == .receipted ? generation : nil, OutboxRule.reason(line.reason),
            row[0] as Int64,
        ])
        return next != nil
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

    /// Puts what is receipted and still here back to pending, and counts what is not here.
    private static func fill(_ gap: SequenceGap, _ effect: inout HelloEffect, in database: Database) throws {
        let chain = try Row.fetchOne(
            database.cachedStatement(sql: "SELECT number, lastSequence FROM chain WHERE lineageID = ?"),
            arguments: [gap.lineageID])
        guard let chain, let looked = gap.looked(lastSequence: chain[1]) else { return }
        let number: Int64 = chain[0]
        try database.cachedStatement(
            sql: """
                UPDATE outbox SET state = 'pending', receiptedUnder = NULL WHERE record IN (
                    SELECT position FROM record JOIN outbox ON outbox.record = position
                    WHERE chain = ? AND sequence BETWEEN ? AND ? AND state = 'receipted' ORDER BY sequence LIMIT ?)
                """
        ).execute(arguments: [
            number, looked.lowerBound, looked.upperBound, OutboxRule.refillRecordsMax - effect.offeredAgain,
        ])
        effect.offeredAgain += database.changesCount
        let lacking = gap.last == nil ? gap.first...gap.first : looked
        let here =
            try Int.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT count(*) FROM record JOIN outbox ON outbox.record = position
                        WHERE chain = ? AND sequence BETWEEN ? AND ? AND state <> 'purged'
                        """), arguments: [number, lacking.lowerBound, lacking.upperBound]) ?? 0
        effect.unavailable += lacking.count - here
    }
}
