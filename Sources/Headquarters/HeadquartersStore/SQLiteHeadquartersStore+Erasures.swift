// Erasing in SQLite: what is stored of a person, and what arrives later.

import GRDB
public import HeadquartersCore
import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension SQLiteHeadquartersStore {
    public func erase(_ erasures: [Erasure], line: AuditLine?, at: Int64) async throws -> ErasureCounts {
        let counts = try await write { db in
            var counts = ErasureCounts()
            for erasure in erasures where try Self.insert(erasure, at: at, db) {
                counts.directives += 1
                try Self.wipe(erasure, &counts, db)
            }
            if var line {
                line.rows = counts.records
                try Self.add(line, db)
            }
            return counts
        }
        if counts.records > 0 { _ = try await emptyLog() }
        return counts
    }

    public func erasures() async throws -> [Data] {
        try await read { try Data.fetchAll($0, sql: "SELECT signed FROM erasure ORDER BY position") }
    }

    public func erasures(unconfirmedBy deviceID: Data, lineageID: Data, limit: Int) async throws -> [Data] {
        try await read { db in
            try Data.fetchAll(
                db,
                sql: """
                    SELECT signed FROM erasure WHERE NOT EXISTS (SELECT 1 FROM erasureConfirmed
                        WHERE deviceID = ? AND lineageID = ? AND directiveID = erasure.directiveID)
                    ORDER BY position LIMIT ?
                    """,
                arguments: [deviceID, lineageID, limit])
        }
    }

    public func erasureCount(unconfirmedBy deviceID: Data, lineageID: Data) async throws -> Int {
        try await read { db in
            try Int.fetchOne(
                db,
                sql: """
                    SELECT COUNT(*) FROM erasure WHERE NOT EXISTS (SELECT 1 FROM erasureConfirmed
                        WHERE deviceID = ? AND lineageID = ? AND directiveID = erasure.directiveID)
                    """,
                arguments: [deviceID, lineageID]) ?? 0
        }
    }

    public func unlinkedFrames(after digest: Data, limit: Int) async throws -> [HeldFrame] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT digest, bytes FROM unlinkedRecord JOIN frame USING (digest) WHERE digest > ?
                    ORDER BY digest LIMIT ?
                    """,
                arguments: [digest, limit]
            ).map { HeldFrame(digest: $0["digest"], frame: $0["bytes"]) }
        }
    }

    public func linkFrames(_ links: [SlipLink]) async throws {
        if links.isEmpty { return }
        try await write { db in
            var counts = ErasureCounts()
            for link in links {
                try db.execute(sql: "DELETE FROM unlinkedRecord WHERE digest = ?", arguments: [link.digest])
                guard let seeker = link.seeker else { continue }
                try db.execute(
                    sql: "UPDATE record SET seekerRecordID = ? WHERE digest = ? AND isErased = 0",
                    arguments: [seeker, link.digest])
                if try Self.isErased(seeker, db) { try Self.wipe(seeker, &counts, db) }
            }
        }
    }

    /// Those of them that are erasures.
    static func confirm(_ directiveIDs: [Data], by deviceID: Data, lineageID: Data, _ db: Database) throws {
        for id in directiveIDs {
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO erasureConfirmed SELECT ?, ?, directiveID FROM erasure WHERE directiveID = ?
                    """,
                arguments: [deviceID, lineageID, id])
        }
    }

    // MARK: What arrives

    /// Whether nothing of an arrived record may be stored. A registration is judged by its upper time bound; what names a
    /// slip goes with the slip, whenever it happened.
    static func isErased(
        _ content: RecordContent, of envelope: RecordEnvelope, at: Int64, _ db: Database
    ) throws -> Bool {
        if let seeker = content.seeker { return try isErased(seeker.blob, db) }
        guard case .registration(let registration) = content, let person = registration.person else { return false }
        let before = try Int64.fetchOne(
            db, sql: "SELECT MAX(before) FROM erasure WHERE personKey = ?", arguments: [person.bytes])
        guard let before else { return false }
        // What was stored and stayed keeps the bounds it was judged by.
        let isStored = try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM record WHERE recordID = ? AND digest = ?)",
            arguments: [envelope.recordID.blob, envelope.digest])
        if isStored == true { return false }
        return ErasureRule.erases(try occurred(envelope, at: at, db), before: before)
    }

    /// Whether the record of this id was erased: it is marked, or only its emptied frame is there.
    static func isErased(_ recordID: Data, _ db: Database) throws -> Bool {
        if let mark = try Bool.fetchOne(
            db, sql: "SELECT isErased FROM record WHERE recordID = ?", arguments: [recordID])
        {
            return mark
        }
        return try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM frame WHERE recordID = ? AND length(bytes) = 0)",
            arguments: [recordID]) ?? false
    }

    /// What was claimed with the slip of a registration that never got in.
    static func wipeWhatNames(_ recordID: Data, _ db: Database) throws {
        var counts = ErasureCounts()
        try wipe(recordID, &counts, db)
    }

    // MARK: What is stored

    /// False: it is known.
    private static func insert(_ erasure: Erasure, at: Int64, _ db: Database) throws -> Bool {
        try db.execute(
            sql: """
                INSERT OR IGNORE INTO erasure (directiveID, personKey, before, signed, learntAt) VALUES (?, ?, ?, ?, ?)
                """,
            arguments: [erasure.directiveID, erasure.person.bytes, erasure.before, erasure.signed, at])
        return db.changesCount == 1
    }

    private static func wipe(_ erasure: Erasure, _ counts: inout ErasureCounts, _ db: Database) throws {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT record.* FROM registration JOIN record USING (recordID) WHERE personKey = ? AND isErased = 0
                """,
            arguments: [erasure.person.bytes])
        for row in rows where ErasureRule.erases(row.occurred(), before: erasure.before) {
            try wipe(row["recordID"], &counts, db)
        }
        try db.execute(
            sql: """
                DELETE FROM person WHERE personKey = ?1
                    AND NOT EXISTS (SELECT 1 FROM registration WHERE personKey = ?1)
                """,
            arguments: [erasure.person.bytes])
        try db.execute(
            sql: """
                UPDATE person SET firstRecordID = (SELECT MIN(recordID) FROM registration WHERE personKey = ?1)
                WHERE personKey = ?1
                """,
            arguments: [erasure.person.bytes])
    }

    /// A registration, where it is here, and everything that names it.
    private static func wipe(_ recordID: Data, _ counts: inout ErasureCounts, _ db: Database) throws {
        for table in ["statedWishes", "intent", "intentClaim", "checkIn", "consentChange", "completion"] {
            try db.execute(sql: "DELETE FROM \(table) WHERE seekerRecordID = ?", arguments: [recordID])
        }
        try db.execute(sql: "DELETE FROM digitTry WHERE recordID = ?", arguments: [recordID])
        try db.execute(sql: "DELETE FROM registration WHERE recordID = ?", arguments: [recordID])
        counts.registrations += try empty(where: "recordID", recordID, db)
        counts.otherRecords += try empty(where: "seekerRecordID", recordID, db)
    }

    /// Leaves id and digest. Returns how many records.
    private static func empty(where column: String, _ id: Data, _ db: Database) throws -> Int {
        try db.execute(
            sql: """
                UPDATE frame SET bytes = x'' WHERE digest IN (
                    SELECT digest FROM record WHERE \(column) = ? AND isErased = 0)
                """,
            arguments: [id])
        try db.execute(
            sql: """
                DELETE FROM unlinkedRecord WHERE digest IN (
                    SELECT digest FROM record WHERE \(column) = ? AND isErased = 0)
                """,
            arguments: [id])
        try db.execute(
            sql: """
                UPDATE record SET isErased = 1, kind = 'erased', ticket = NULL, fairDay = NULL, isDayConfirmed = 0,
                    occurredLower = 0, occurredAt = 0, occurredUpper = 0, seekerRecordID = NULL
                WHERE \(column) = ? AND isErased = 0
                """,
            arguments: [id])
        return db.changesCount
    }
}
