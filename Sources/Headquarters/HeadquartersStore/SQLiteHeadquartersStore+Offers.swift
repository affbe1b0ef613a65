// Which fairs a kiosk is offered, and the letters of its ticket numbers there.

import GRDB
public import HeadquartersCore
public import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension SQLiteHeadquartersStore {
    public func fairOffers(
        for deviceID: Data, today: CalendarDate, daysAhead: Int, limit: Int
    ) async throws -> [FairOffer] {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM (
                        SELECT fairID, kind, keyNumber,
                            (SELECT MIN(day) FROM fairDay WHERE fairDay.fairID = fair.fairID) AS firstDay,
                            (SELECT MAX(day) FROM fairDay WHERE fairDay.fairID = fair.fairID) AS lastDay,
                            (SELECT COUNT(*) FROM ticketPair WHERE ticketPair.fairID = fair.fairID) AS taken,
                            (SELECT COUNT(*) FROM ticketPair
                                WHERE ticketPair.fairID = fair.fairID AND deviceID = ?1) AS pairs,
                            fairID IN (SELECT fairID FROM deviceFair WHERE deviceID = ?1) AS isGiven
                        FROM fair)
                    WHERE isGiven OR (pairs > 0 AND lastDay >= date(?2, ?4))
                        OR (kind = 'fair' AND firstDay <= date(?2, ?3) AND lastDay >= ?2 AND ?5 > 0
                            AND taken + \(FairOffer.pairsPerKiosk) <= \(FairOffer.pairsUnnamedMax))
                    ORDER BY keyNumber DESC LIMIT ?6
                    """,
                arguments: [
                    deviceID, today.description, "+\(daysAhead) days", "-\(FairOffer.daysAfter) days", daysAhead, limit,
                ])
            return try rows.reversed().map {
                FairOffer(fairID: try $0.identifier("fairID", as: FairID.self), ticketPairs: $0["pairs"])
            }
        }
    }

    public func ticketPairs(for deviceID: Data, at fair: FairID) async throws -> [String] {
        try await write { try Self.takePairs(for: deviceID, at: fair, $0) }
    }

    public func addTicketPairs(for deviceID: Data, at fair: FairID, held: Int) async throws -> Int {
        try await write { db in
            let count = try Self.pairs(of: deviceID, at: fair, db).count
            guard count == held, count > 0, count + FairOffer.pairsPerKiosk <= FairOffer.pairsPerKioskMax,
                let free = try Self.freePairs(at: fair, takenMax: FairOffer.pairsMax, db)
            else { return count }
            try Self.insert(free, for: deviceID, at: fair, after: count, db)
            return count + free.count
        }
    }

    /// The pairs this kiosk has, or its first ones, taken now. Kiosks nobody named leave some for those somebody does.
    static func takePairs(for deviceID: Data, at fair: FairID, _ db: Database) throws -> [String] {
        let held = try pairs(of: deviceID, at: fair, db)
        if !held.isEmpty { return held }
        let isGiven = try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM deviceFair WHERE deviceID = ? AND fairID = ?)",
            arguments: [deviceID, fair.blob])
        let takenMax = isGiven == true ? FairOffer.pairsMax : FairOffer.pairsUnnamedMax
        guard let free = try freePairs(at: fair, takenMax: takenMax, db) else {
            throw HeadquartersStoreError(.pairsExhausted, "the fair has no ticket letters left for another kiosk")
        }
        try insert(free, for: deviceID, at: fair, after: 0, db)
        return free
    }

    private static func pairs(of deviceID: Data, at fair: FairID, _ db: Database) throws -> [String] {
        try String.fetchAll(
            db, sql: "SELECT pair FROM ticketPair WHERE fairID = ? AND deviceID = ? ORDER BY position",
            arguments: [fair.blob, deviceID])
    }

    /// A repeat after a lost answer gets the same again: the same newest record, no hello in another lineage between, and
    /// no number with these letters has come.
    static func lettersToLeaveWith(_ contact: KioskContact, isToLeave: Bool, _ db: Database) throws -> [String] {
        guard isToLeave else {
            try db.execute(
                sql: """
                    UPDATE device SET freshPair = NULL, freshDigest = NULL
                    WHERE deviceID = ? AND freshDigest IS NOT NULL
                    """,
                arguments: [contact.deviceID])
            return []
        }
        guard let fair = contact.openFair else { return [] }
        let held = try pairs(of: contact.deviceID, at: fair, db)
        let told = try Row.fetchOne(
            db, sql: "SELECT freshPair FROM device WHERE deviceID = ? AND freshDigest = ?",
            arguments: [contact.deviceID, contact.lastDigest])
        if let told: String = told?[0], held.contains(told), try !isInUse(told, by: contact.deviceID, at: fair, db) {
            return held.filter { $0 != told } + [told]
        }
        guard !held.isEmpty, held.count < FairOffer.pairsPerKioskMax,
            let free = try freePairs(1, at: fair, takenMax: FairOffer.pairsMax, db), let fresh = free.first
        else { return [] }
        try insert(free, for: contact.deviceID, at: fair, after: held.count, db)
        try db.execute(
            sql: "UPDATE device SET freshPair = ?, freshDigest = ? WHERE deviceID = ?",
            arguments: [fresh, contact.lastDigest, contact.deviceID])
        return held + free
    }

    private static func isInUse(_ pair: String, by deviceID: Data, at fair: FairID, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: "SELECT EXISTS (SELECT 1 FROM record WHERE fairID = ? AND deviceID = ? AND substr(ticket, 1, 2) = ?)",
            arguments: [fair.blob, deviceID, pair]) == true
    }

    /// The next ones in the order of the alphabet; nil where more than `takenMax` would be taken with them. What was given
    /// after the backup that this database was restored from shows in the records that bear it.
    private static func freePairs(
        _ count: Int = FairOffer.pairsPerKiosk, at fair: FairID, takenMax: Int, _ db: Database
    ) throws -> [String]? {
        let taken = Set(
            try String.fetchAll(
                db,
                sql: """
                    SELECT pair FROM ticketPair WHERE fairID = ?1
                    UNION SELECT substr(ticket, 1, 2) FROM record WHERE fairID = ?1 AND ticket IS NOT NULL
                    """, arguments: [fair.blob]))
        guard taken.count + count <= takenMax else { return nil }
        let letters = TicketNumber.letters
        let free = letters.lazy.flatMap { first in letters.map { "\(first)\($0)" } }.filter { !taken.contains($0) }
        return Array(free.prefix(count))
    }

    private static func insert(
        _ pairs: [String], for deviceID: Data, at fair: FairID, after count: Int, _ db: Database
    ) throws {
        for (index, pair) in pairs.enumerated() {
            try db.execute(
                sql: "INSERT INTO ticketPair VALUES (?, ?, ?, ?)",
                arguments: [fair.blob, pair, deviceID, count + index])
        }
    }
}
