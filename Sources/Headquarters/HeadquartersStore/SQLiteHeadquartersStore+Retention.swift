// Records whose time is over: everything personal goes, id and digest stay for ever.

import GRDB
public import HeadquartersCore
public import JobFair

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A fair whose records may be wiped.
public struct ExpiredFair: Hashable, Sendable {
    public var id: FairID
    public var name: String
    public var keyNumber: Int
    public var lastDay: CalendarDate
    /// Not wiped yet.
    public var records: Int
    /// Not understood: they are never wiped by themselves.
    public var held: Int
}

extension SQLiteHeadquartersStore {
    /// In one transaction: some 20 ms, so that kiosks hardly wait.
    private static let wipedAtOnce = 200

    /// As long as a claim waits for its registration.
    private static let unclaimedMilliseconds = Int64(FormLimits.claimDaysMax) * 86_400_000

    /// Fairs whose last day lies before `day` and that still have something to wipe.
    public func expiredFairs(before day: CalendarDate) async throws -> [ExpiredFair] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT fair.*, (SELECT MAX(day) FROM fairDay WHERE fairDay.fairID = fair.fairID) AS lastDay,
                        (SELECT COUNT(*) FROM record WHERE record.fairID = fair.fairID AND wipedAt IS NULL) AS records,
                        (SELECT COUNT(*) FROM frame WHERE frame.fairID = fair.fairID AND state = 'held') AS held
                    FROM fair WHERE lastDay < ? AND records > 0 ORDER BY keyNumber
                    """,
                arguments: [day.description]
            ).map { row in
                guard let lastDay = CalendarDate(row["lastDay"] as String) else { throw damaged("fairDay.day") }
                return ExpiredFair(
                    id: try row.identifier("fairID", as: FairID.self), name: row["name"], keyNumber: row["keyNumber"],
                    lastDay: lastDay, records: row["records"], held: row["held"])
            }
        }
    }

    /// Wipes a fair's records: the sealed frame, surname, digits, ticket number, wishes, claims. What stays says nothing of
    /// anybody: counts go on to hold, and a record that comes once more is known. A person gets another key at this fair:
    /// the same for all their slips, and found by no document number. Returns how many were wiped; `isGone`: no byte of
    /// them is left in the database's files.
    ///
    /// - Parameter line: goes into the audit with the fair and the count, where anything was wiped.
    public func wipe(_ fair: FairID, line: AuditLine) async throws -> (records: Int, isGone: Bool) {
        var total = 0
        while true {
            try Task.checkCancellation()
            let wiped = try await write { db in
                let ids = try Data.fetchAll(
                    db, sql: "SELECT recordID FROM record WHERE fairID = ? AND wipedAt IS NULL LIMIT ?",
                    arguments: [fair.blob, Self.wipedAtOnce])
                for id in ids { try Self.wipe(id, of: fair, at: line.at, db) }
                return ids.count
            }
            total += wiped
            if wiped < Self.wipedAtOnce { break }
        }
        let records = total
        if records > 0 {
            try await write { db in
                try Self.wipeWhatNeverArrived(at: fair, now: line.at, db)
                var line = line
                (line.fairID, line.rows) = (fair, records)
                try Self.add(line, db)
            }
        }
        return (records, try await emptyLog())
    }

    /// Said with slips of the fair whose registration never came.
    private static func wipeWhatNeverArrived(at fair: FairID, now: Int64, _ db: Database) throws {
        try db.execute(
            sql: "DELETE FROM digitTry WHERE recordID IN (SELECT seekerRecordID FROM intentClaim WHERE fairID = ?)",
            arguments: [fair.blob])
        for table in ["intentClaim", "handTry"] {
            try db.execute(sql: "DELETE FROM \(table) WHERE fairID = ?", arguments: [fair.blob])
        }
        for (table, id, time) in [
            ("statedWishes", "seekerRecordID", "occurredAt"), ("digitTry", "recordID", "triedAt"),
        ] {
            try db.execute(
                sql: """
                    DELETE FROM \(table) WHERE \(time) < ?
                        AND NOT EXISTS (SELECT 1 FROM record WHERE record.recordID = \(table).\(id))
                    """,
                arguments: [now - unclaimedMilliseconds])
        }
    }

    private static func wipe(_ recordID: Data, of fair: FairID, at: Int64, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE frame SET bytes = x'' WHERE digest = (SELECT digest FROM record WHERE recordID = ?)",
            arguments: [recordID])
        try db.execute(
            sql: "DELETE FROM unlinkedRecord WHERE digest = (SELECT digest FROM record WHERE recordID = ?)",
            arguments: [recordID])
        try db.execute(
            sql: "UPDATE record SET wipedAt = ?, ticket = NULL WHERE recordID = ?", arguments: [at, recordID])
        try renamePerson(of: recordID, at: fair, db)
        try db.execute(
            sql: """
                UPDATE registration SET surname = NULL, slipDigits = NULL, completion = NULL, completedAt = NULL
                WHERE recordID = ?
                """,
            arguments: [recordID])
        try db.execute(
            sql: "DELETE FROM statedWishes WHERE seekerRecordID = ? OR recordID = ?", arguments: [recordID, recordID])
        try db.execute(sql: "DELETE FROM intentClaim WHERE seekerRecordID = ?", arguments: [recordID])
        try db.execute(sql: "DELETE FROM digitTry WHERE recordID = ?", arguments: [recordID])
    }

    /// Of all slips of the person at the fair at once: the figures count the same people as before.
    private static func renamePerson(of recordID: Data, at fair: FairID, _ db: Database) throws {
        let old = try Data.fetchOne(
            db, sql: "SELECT personKey FROM registration WHERE recordID = ? AND personKey IS NOT NULL",
            arguments: [recordID])
        guard let old else { return }
        let new = try Data.fetchOne(
            db, sql: "INSERT INTO person VALUES (randomblob(32), ?) RETURNING personKey", arguments: [recordID])
        try db.execute(
            sql: """
                UPDATE registration SET personKey = ?1 WHERE personKey = ?2
                    AND recordID IN (SELECT recordID FROM record WHERE fairID = ?3)
                """,
            arguments: [new, old, fair.blob])
        try db.execute(
            sql: """
                DELETE FROM person WHERE personKey = ?1
                    AND NOT EXISTS (SELECT 1 FROM registration WHERE registration.personKey = ?1)
                """,
            arguments: [old])
    }
}
