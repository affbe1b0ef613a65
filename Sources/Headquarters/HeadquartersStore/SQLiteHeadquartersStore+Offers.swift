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

    /// The next four in the order of the alphabet; nil where more than `takenMax` would be taken with them.
    private static func freePairs(at fair: FairID, takenMax: Int, _ db: Database) throws -> [String]? {
        let taken = Set(
            try String.fetchAll(db, sql: "SELECT pair FROM ticketPair WHERE fairID = ?", arguments: [fair.blob]))
        guard taken.count + FairOffer.pairsPerKiosk <= takenMax else { return nil }
        let letters = TicketNumber.letters
        let free = letters.lazy.flatMap { first in letters.map { "\(first)\($0)" } }.filter { !taken.contains($0) }
        return Array(free.prefix(FairOffer.pairsPerKiosk))
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
