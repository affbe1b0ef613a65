// Alarms about kiosks in SQLite: what stands until somebody has seen it, and who has.

import GRDB
public import HeadquartersCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension SQLiteHeadquartersStore {
    public func markSeen(
        _ kind: KioskFinding.Kind, of deviceID: Data, lineageID: Data, through mark: Int64, by name: String,
        line: AuditLine
    ) async throws -> Bool {
        try await write { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT * FROM lineage WHERE deviceID = ? AND lineageID = ?",
                arguments: [deviceID, lineageID])
            guard let row,
                let alarm = try Self.alarms(row, hasLeft: false, db).first(where: { $0.kind == kind && $0.seen == nil })
            else { return false }
            // A page may be old, or say anything: nobody has seen what is still to come.
            let through = min(max(0, mark), alarm.mark)
            let before = try Self.seenMark(kind, row, db)
            if let before, through <= before.through { return false }
            try db.execute(
                sql: """
                    INSERT INTO seenAlarm VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET through = excluded.through, seenBy = excluded.seenBy,
                        seenAt = excluded.seenAt
                    """,
                arguments: [deviceID, lineageID, kind.rawValue, through, name, line.at])
            try Self.add(line, db)
            return true
        }
    }

    private static func seenMark(
        _ kind: KioskFinding.Kind, _ lineage: Row, _ db: Database
    ) throws -> (through: Int64, seen: SeenMark)? {
        try Row.fetchOne(
            db, sql: "SELECT * FROM seenAlarm WHERE deviceID = ? AND lineageID = ? AND kind = ?",
            arguments: [lineage["deviceID"] as Data, lineage["lineageID"] as Data, kind.rawValue]
        ).map { ($0["through"], SeenMark(by: $0["seenBy"], at: $0["seenAt"])) }
    }

    /// - Parameter lineage: a row of that table.
    static func alarms(_ lineage: Row, hasLeft: Bool, _ db: Database) throws -> [KioskFinding] {
        var findings: [KioskFinding] = []
        if (lineage["leaveReason"] as String?) == LeaveReason.rollback.rawValue {
            let missing = (lineage["knownThen"] as Int64? ?? 0) - (lineage["saidThen"] as Int64? ?? 0)
            let leaveAt: Int64 = lineage["leaveAt"] ?? 0
            let mark = try seenMark(.rollback, lineage, db)
            findings.append(
                KioskFinding(
                    .rollback, since: leaveAt, lineageID: lineage["lineageID"], count: Int(max(0, missing)),
                    hasLeft: hasLeft, mark: leaveAt, seen: mark.flatMap { $0.through >= leaveAt ? $0.seen : nil }))
        }
        for kind in [KioskFinding.Kind.fork, .conflict] {
            findings += try forks(kind, lineage, hasLeft: hasLeft, db)
        }
        return findings
    }

    /// What was not seen yet first.
    private static func forks(
        _ kind: KioskFinding.Kind, _ lineage: Row, hasLeft: Bool, _ db: Database
    ) throws -> [KioskFinding] {
        let mark = try seenMark(kind, lineage, db)
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT id > ? AS isNew, COUNT(*) AS count, MIN(seenAt) AS since, MAX(id) AS newest FROM fork
                WHERE deviceID = ? AND lineageID = ? AND kind = ? GROUP BY isNew ORDER BY isNew DESC
                """,
            arguments: [
                mark?.through ?? -1, lineage["deviceID"] as Data, lineage["lineageID"] as Data,
                kind == .fork ? "sequence" : "conflict",
            ])
        if rows.isEmpty, kind == .fork, (lineage["leaveReason"] as String?) == LeaveReason.fork.rawValue {
            // Found out by what hello said; the other branch's record has not arrived.
            return [
                KioskFinding(
                    kind, since: lineage["leaveAt"], lineageID: lineage["lineageID"], hasLeft: hasLeft,
                    seen: mark?.seen)
            ]
        }
        return rows.map { row in
            KioskFinding(
                kind, since: row["since"], lineageID: lineage["lineageID"], count: row["count"], hasLeft: hasLeft,
                mark: row["newest"], seen: row["isNew"] ? nil : mark?.seen)
        }
    }
}
