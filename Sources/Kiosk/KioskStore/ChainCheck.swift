// At start: is the chain of records on the disk the one its head speaks of?

import Foundation
import GRDB
import JobFair
import SyncProtocol

/// Checks the head of the current lineage, the continuity of its sequence, and the last records byte by byte.
enum ChainCheck {
    /// Records read in full at each start: milliseconds, and more than one lost page of a B-tree holds.
    static let tailRecords = 64

    /// Nil: the chain is whole. Otherwise what is wrong with it, without values.
    ///
    /// - Parameters:
    ///   - deviceID: of this kiosk: a card from another one is noticed.
    ///   - pairs: what `lineage.pairs` says; letters are always in the database first.
    static func problem(
        of chain: ChainRow, deviceID: Data, pairs: [TicketPairFile.Line], in database: Database
    ) throws -> String? {
        for line in pairs where line.isOf(chain.lineageID) {
            let isKnown = try Bool.fetchOne(
                database,
                sql: "SELECT EXISTS (SELECT 1 FROM ticketPair WHERE chain = ? AND fairID = ? AND pair = ?)",
                arguments: [chain.number, Data(line.fairID.bytes), line.pair])
            guard isKnown == true else { return "letters were taken of which the database knows nothing" }
        }
        return try problem(ofRecords: chain, deviceID: deviceID, in: database)
    }

    private static func problem(
        ofRecords chain: ChainRow, deviceID: Data, in database: Database
    ) throws -> String? {
        let row = try Row.fetchOne(
            database, sql: "SELECT count(*), coalesce(max(sequence), 0) FROM record WHERE chain = ?",
            arguments: [chain.number])
        let (count, last): (Int64, Int64) = row.map { ($0[0], $0[1]) } ?? (0, 0)
        guard last == chain.lastSequence else {
            return "the head names record \(chain.lastSequence), the last is \(last)"
        }
        guard count == last else { return "\(last - count) records are missing before record \(last)" }
        let tail = try Row.fetchAll(
            database,
            sql: """
                SELECT record.sequence, record.digest, outbox.frame, outbox.record IS NULL FROM record
                LEFT JOIN outbox ON outbox.record = record.position
                WHERE record.chain = ? ORDER BY record.sequence DESC LIMIT \(tailRecords)
                """, arguments: [chain.number])
        var expected = chain.lastDigest
        for row in tail {
            let sequence: Int64 = row[0]
            guard row[1] as Data == expected else {
                return "the digest of record \(sequence) is not the one that follows it"
            }
            guard !(row[3] as Bool) else { return "record \(sequence) is not in the outbox" }
            // Purged records have left only their digest: the chain cannot be followed any further.
            guard let frame = row[2] as Data? else { return nil }
            guard let decoded = try? RecordFrame.decode(frame), decoded.digest == expected else {
                return "the bytes of record \(sequence) are not the ones that were committed"
            }
            guard decoded.identity.deviceID == deviceID else { return "record \(sequence) is of another kiosk" }
            let place = decoded.body.place
            guard place.sequence == UInt64(sequence), place.lineageID == chain.lineageID else {
                return "record \(sequence) belongs to another place"
            }
            expected = place.previousDigest
        }
        return nil
    }
}
