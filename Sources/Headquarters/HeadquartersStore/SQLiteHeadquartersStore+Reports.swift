// What is to be looked at about kiosks, out of SQLite: counts and places, nobody's particulars.

import GRDB
public import HeadquartersCore
import JobFair

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SQLiteHeadquartersStore {
    public func kioskReports(now: Int64) async throws -> [KioskReport] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM device ORDER BY kioskLabel, enrolledAt").map { row in
                let kiosk = try Self.kioskState(row, db)
                let revokedAt: Int64? = row["revokedAt"]
                var findings: [KioskFinding] = []
                if let revokedAt { findings.append(KioskFinding(.revoked, since: revokedAt)) }
                findings += try Self.silence(row, now: now, db)
                findings += try Self.lineageFindings(row, db)
                findings += try Self.heldFindings(kiosk.deviceID, db)
                findings += try Self.dayOrderFindings(kiosk.deviceID, db)
                if kiosk.problems.contains("recordQuarantined") {
                    findings.append(KioskFinding(.quarantined, since: kiosk.lastContactAt))
                }
                if let backlog = kiosk.backlog, backlog > 0 {
                    findings.append(KioskFinding(.pending, since: kiosk.lastContactAt, count: backlog))
                }
                return KioskReport(kiosk: kiosk, revokedAt: revokedAt, findings: findings)
            }
        }
    }

    /// Only where a fair is on: kiosks in a store room are silent for months.
    private static func silence(_ row: Row, now: Int64, _ db: Database) throws -> [KioskFinding] {
        let contact: Int64? = row["lastContactAt"]
        if let contact, now - contact <= KioskState.silentMilliseconds { return [] }
        let today = BeijingTime(milliseconds: now)?.day.description
        let isOn = try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM fair WHERE fairID = ?1)
                    OR EXISTS (SELECT 1 FROM deviceFair JOIN fairDay USING (fairID) WHERE deviceID = ?2 AND day = ?3)
                    OR EXISTS (SELECT 1 FROM ticketPair JOIN fairDay USING (fairID) WHERE deviceID = ?2 AND day = ?3)
                """,
            arguments: [row["openFairID"] as Data?, row["deviceID"] as Data, today])
        return isOn == true ? [KioskFinding(.silent, since: contact)] : []
    }

    // MARK: Lineages

    private static func lineageFindings(_ device: Row, _ db: Database) throws -> [KioskFinding] {
        let deviceID: Data = device["deviceID"]
        let current: Data? = device["lineageID"]
        let lineages = try Row.fetchAll(
            db, sql: "SELECT * FROM lineage WHERE deviceID = ? ORDER BY firstSeenAt, lineageID", arguments: [deviceID])
        return try lineages.flatMap { row in
            let lineageID: Data = row["lineageID"]
            let hasLeft = current != nil && current != lineageID
            var findings: [KioskFinding] = []
            if let gap = try gap(row, isLeft: hasLeft, db) { findings.append(gap) }
            findings += try alarms(row, hasLeft: hasLeft, db)
            return findings
        }
    }

    /// Sequences that did not arrive though later ones did; of a lineage that was left, also those after the last that
    /// the kiosk once spoke of. Since: the arrival of the first frame behind the first gap.
    private static func gap(_ row: Row, isLeft: Bool, _ db: Database) throws -> KioskFinding? {
        let (deviceID, lineageID): (Data, Data) = (row["deviceID"], row["lineageID"])
        let state = try lineageState(lineageID, of: deviceID, db)
        let said: Int64 = row["saidLastSequence"]
        let hasTail = isLeft && said > state.highestSequence
        guard state.highestSequence > state.contiguousThrough || hasTail else { return nil }
        let above = try Int64.fetchOne(
            db,
            sql: """
                SELECT COUNT(DISTINCT sequence) FROM frame WHERE deviceID = ? AND lineageID = ? AND sequence > ?
                """,
            arguments: [deviceID, lineageID, state.contiguousThrough])
        var ranges = state.gaps
        var count = max(0, state.highestSequence - state.contiguousThrough - (above ?? 0))
        var since: Int64?
        if let first = ranges.first {
            since = try Int64.fetchOne(
                db, sql: "SELECT MIN(receivedAt) FROM frame WHERE deviceID = ? AND lineageID = ? AND sequence > ?",
                arguments: [deviceID, lineageID, first.upperBound])
        }
        if hasTail {
            count += said - state.highestSequence
            if ranges.count < LineageState.gapsMax { ranges.append(state.highestSequence + 1...said) }
        }
        guard count > 0 else { return nil }
        return KioskFinding(
            .gap, since: since, lineageID: lineageID, ranges: ranges, count: Int(clamping: count), hasLeft: isLeft)
    }

    // MARK: Held records, orders

    /// Those of conflicts are reported as such.
    private static func heldFindings(_ deviceID: Data, _ db: Database) throws -> [KioskFinding] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT heldReason, COUNT(*) AS count, MIN(receivedAt) AS since FROM frame
                WHERE deviceID = ? AND state = 'held'
                    AND NOT EXISTS (SELECT 1 FROM fork WHERE fork.digest = frame.digest AND kind = 'conflict')
                GROUP BY heldReason ORDER BY heldReason
                """,
            arguments: [deviceID]
        ).map { KioskFinding(.held, since: $0["since"], count: $0["count"], reason: $0["heldReason"]) }
    }

    private static func dayOrderFindings(_ deviceID: Data, _ db: Database) throws -> [KioskFinding] {
        try Row.fetchAll(
            db, sql: "SELECT change, madeAt FROM dayOrder WHERE deviceID = ? AND endedAt IS NULL", arguments: [deviceID]
        ).map { KioskFinding(.dayOrder, since: $0["madeAt"], count: 1, reason: $0["change"]) }
    }
}
