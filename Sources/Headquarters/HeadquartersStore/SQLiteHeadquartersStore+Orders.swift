// Orders to kiosks in SQLite: revocation, lineages to leave, fair and day.

import GRDB
public import HeadquartersCore
import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension SQLiteHeadquartersStore {
    public func revoke(_ deviceID: Data, directiveID: Data, line: AuditLine) async throws -> Bool {
        try await write { db in
            guard try Self.revokedAt(deviceID, db) == nil else { return false }
            try db.execute(
                sql: "UPDATE device SET revokedAt = ?, revocationID = ? WHERE deviceID = ?",
                arguments: [line.at, directiveID, deviceID])
            try Self.add(line, db)
            return true
        }
    }

    public func reinstate(_ deviceID: Data, line: AuditLine) async throws -> Bool {
        try await write { db in
            guard try Self.revokedAt(deviceID, db) != nil else { return false }
            try db.execute(
                sql: "UPDATE device SET revokedAt = NULL, revocationID = NULL WHERE deviceID = ?",
                arguments: [deviceID])
            try Self.add(line, db)
            return true
        }
    }

    public func orderNewLineage(
        of deviceID: Data, lineageID: Data?, directiveID: Data, line: AuditLine
    ) async throws -> Data? {
        try await write { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT lineageID FROM device WHERE deviceID = ?", arguments: [deviceID])
            guard let row else { throw HeadquartersStoreError(.deviceUnknown) }
            guard let lineage = lineageID ?? row["lineageID"] else { return nil }
            try Self.leave(lineage, of: deviceID, .hand, directiveID: directiveID, at: line.at, db)
            guard db.changesCount == 1 else { return nil }
            try Self.add(line, db)
            return lineage
        }
    }

    public func order(_ order: DayOrder, line: AuditLine) async throws {
        try await write { db in
            guard
                try Row.fetchOne(db, sql: "SELECT 1 FROM device WHERE deviceID = ?", arguments: [order.deviceID]) != nil
            else { throw HeadquartersStoreError(.deviceUnknown) }
            guard try Self.hasFair(order.fairID, db) else { throw HeadquartersStoreError(.fairUnknown) }
            try db.execute(
                sql: "UPDATE dayOrder SET endedAt = ?, ending = 'replaced' WHERE deviceID = ? AND endedAt IS NULL",
                arguments: [order.madeAt, order.deviceID])
            try db.execute(
                sql: """
                    INSERT INTO dayOrder (directiveID, deviceID, fairID, change, day, madeAt) VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    order.directiveID, order.deviceID, order.fairID.blob, order.change.rawValue, order.day.description,
                    order.madeAt,
                ])
            try Self.add(line, db)
        }
    }

    public func openDayOrders() async throws -> [DayOrder] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM dayOrder WHERE endedAt IS NULL ORDER BY madeAt").map(Self.dayOrder)
        }
    }

    // MARK: Hello

    /// What hello says ends some orders; the others are told.
    static func orders(for contact: KioskContact, _ db: Database) throws -> KioskOrders {
        try db.execute(
            sql: "UPDATE device SET lineageID = ?, openFairID = ? WHERE deviceID = ?",
            arguments: [contact.lineageID, contact.openFair?.blob, contact.deviceID])
        try confirm(contact.directiveIDs, by: contact.deviceID, lineageID: contact.lineageID, db)
        var orders = KioskOrders()
        orders.revocationID = try revocationID(of: contact.deviceID, db)
        orders.newObjection = try noteObjection(contact, db)
        orders.leaves = try leaves(of: contact.deviceID, db).filter { $0.lineageID == contact.lineageID }
        orders.ticketPairs = try lettersToLeaveWith(contact, isToLeave: !orders.leaves.isEmpty, db)
        let today = BeijingTime(milliseconds: contact.at)?.day
        for order in try dayOrders(of: contact.deviceID, db) {
            if contact.directiveIDs.contains(order.directiveID) {
                try end(order, "done", at: contact.at, db)
            } else if order.isMoot(openFair: contact.openFair) {
                try end(order, "moot", at: contact.at, db)
            } else if order.isExpired(today: today) {
                try end(order, "expired", at: contact.at, db)
            } else {
                orders.dayOrders.append(order)
            }
        }
        return orders
    }

    public func standingOrders(of deviceID: Data, at: Int64) async throws -> (lineageID: Data, orders: KioskOrders) {
        try await read { db in
            _ = try Self.revokedAt(deviceID, db)
            let lineageID = try Data.fetchOne(
                db, sql: "SELECT lineageID FROM lineage WHERE deviceID = ? ORDER BY firstSeenAt DESC LIMIT 1",
                arguments: [deviceID])
            let today = BeijingTime(milliseconds: at)?.day
            return (
                lineageID ?? Data(),
                KioskOrders(
                    revocationID: try Self.revocationID(of: deviceID, db),
                    leaves: Array(try Self.leaves(of: deviceID, db).prefix(LineageMark.marksMax)),
                    dayOrders: try Self.dayOrders(of: deviceID, db).filter { !$0.isExpired(today: today) })
            )
        }
    }

    private static func revocationID(of deviceID: Data, _ db: Database) throws -> Data? {
        try Data.fetchOne(
            db, sql: "SELECT revocationID FROM device WHERE deviceID = ? AND revokedAt IS NOT NULL",
            arguments: [deviceID])
    }

    private static func leaves(of deviceID: Data, _ db: Database) throws -> [LeaveOrder] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT leaveID, lineageID FROM lineage WHERE deviceID = ? AND leaveID IS NOT NULL
                ORDER BY leaveAt DESC, lineageID
                """,
            arguments: [deviceID]
        ).map { LeaveOrder(directiveID: $0["leaveID"], lineageID: $0["lineageID"]) }
    }

    /// Returns what was found out with this hello. A hello that was overtaken by a batch looks like a kiosk that was put
    /// back; the next one in the same lineage may show that it was not (`LineageRule.isTakenBack`).
    private static func noteObjection(_ contact: KioskContact, _ db: Database) throws -> LeaveReason? {
        let row = try Row.fetchOne(
            db, sql: "SELECT * FROM lineage WHERE deviceID = ? AND lineageID = ?",
            arguments: [contact.deviceID, contact.lineageID])
        guard let row else { return nil }
        let there = try Data.fetchAll(
            db, sql: "SELECT digest FROM frame WHERE deviceID = ? AND lineageID = ? AND sequence = ?",
            arguments: [contact.deviceID, contact.lineageID, contact.lastSequence])
        let highest: Int64 = row["highestSequence"]
        let objection = LineageRule.objection(
            lastSequence: contact.lastSequence, lastDigest: contact.lastDigest, highest: highest,
            digestsThere: Set(there))
        if let objection {
            try leave(
                contact.lineageID, of: contact.deviceID, objection, directiveID: nil, at: contact.at,
                knew: (contact.lastSequence, highest), db)
            return db.changesCount == 1 ? objection : nil
        }
        guard let reason = (row["leaveReason"] as String?).flatMap(LeaveReason.init(rawValue:)) else { return nil }
        let hasFork = try Bool.fetchOne(
            db,
            sql: "SELECT EXISTS (SELECT 1 FROM fork WHERE deviceID = ? AND lineageID = ? AND kind = 'sequence')",
            arguments: [contact.deviceID, contact.lineageID])
        let newest = try Data.fetchOne(
            db, sql: "SELECT lineageID FROM lineage WHERE deviceID = ? ORDER BY firstSeenAt DESC LIMIT 1",
            arguments: [contact.deviceID])
        if LineageRule.isTakenBack(
            reason, lastDigest: contact.lastDigest, highest: highest, isNewest: newest == contact.lineageID,
            hasFork: hasFork == true)
        {
            try db.execute(
                sql: """
                    UPDATE lineage SET leaveID = NULL, leaveReason = NULL, leaveAt = NULL, saidThen = NULL,
                        knownThen = NULL WHERE deviceID = ? AND lineageID = ?
                    """,
                arguments: [contact.deviceID, contact.lineageID])
        }
        return nil
    }

    /// Changes one row, none where the lineage is to be left already or is not known.
    static func leave(
        _ lineageID: Data, of deviceID: Data, _ reason: LeaveReason, directiveID: Data?, at: Int64,
        knew: (said: Int64, known: Int64)? = nil, _ db: Database
    ) throws {
        try db.execute(
            sql: """
                UPDATE lineage SET leaveID = COALESCE(?, randomblob(16)), leaveReason = ?, leaveAt = ?, saidThen = ?,
                    knownThen = ? WHERE deviceID = ? AND lineageID = ? AND leaveID IS NULL
                """,
            arguments: [directiveID, reason.rawValue, at, knew?.said, knew?.known, deviceID, lineageID])
    }

    // MARK: Fair and day

    /// A record shows what was done on the kiosk.
    static func applyDayChange(
        _ said: OpenedDayChange, of envelope: RecordEnvelope, occurred: OccurredAt, at: Int64, _ db: Database
    ) throws {
        for order in try dayOrders(of: envelope.deviceID, db)
        where order.isFulfilled(by: said, at: envelope.fairID, occurred: occurred) {
            try end(order, "done", at: at, db)
        }
    }

    private static func dayOrders(of deviceID: Data, _ db: Database) throws -> [DayOrder] {
        try Row.fetchAll(
            db, sql: "SELECT * FROM dayOrder WHERE deviceID = ? AND endedAt IS NULL ORDER BY madeAt",
            arguments: [deviceID]
        ).map(dayOrder)
    }

    private static func end(_ order: DayOrder, _ ending: String, at: Int64, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE dayOrder SET endedAt = ?, ending = ? WHERE directiveID = ?",
            arguments: [at, ending, order.directiveID])
    }

    private static func dayOrder(_ row: Row) throws -> DayOrder {
        guard let change = FairDayChange(rawValue: row["change"]), let day = CalendarDate(row["day"] as String) else {
            throw damaged("dayOrder.change")
        }
        return DayOrder(
            directiveID: row["directiveID"], deviceID: row["deviceID"],
            fairID: try row.identifier("fairID", as: FairID.self), change: change, day: day, madeAt: row["madeAt"])
    }

    // MARK: Revocation

    static func isRevoked(_ deviceID: Data, _ db: Database) throws -> Bool { try revokedAt(deviceID, db) != nil }

    /// Throws `deviceUnknown`.
    private static func revokedAt(_ deviceID: Data, _ db: Database) throws -> Int64? {
        let row = try Row.fetchOne(db, sql: "SELECT revokedAt FROM device WHERE deviceID = ?", arguments: [deviceID])
        guard let row else { throw HeadquartersStoreError(.deviceUnknown) }
        return row["revokedAt"]
    }
}
