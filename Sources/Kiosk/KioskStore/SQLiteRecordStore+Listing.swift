// What a technician sees of the outbox: counts by lineage, what waits and what was refused, without personal data.

import Foundation
import GRDB
import JobFair
public import KioskCore
import SyncProtocol

extension SQLiteRecordStore {
    /// By the indexes of the states: no frame is read but those of the oldest records.
    ///
    /// - Parameter clock: tells how long ago, for records of the same boot.
    public func outboxListing(_ clock: ClockReading) async throws(RecordStoreError) -> OutboxListing {
        try await read { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT number, lineageID, lastSequence, durableThrough FROM chain ORDER BY number")
            let pending = try Self.counts(.pending, in: database)
            let receipted = try Self.counts(.receipted, in: database)
            let refused = try Self.counts(.quarantined, in: database)
            let lineages = try rows.enumerated().map { index, row in
                let chain: Int64 = row[0]
                let here = (pending[chain] ?? 0) + (receipted[chain] ?? 0) + (refused[chain] ?? 0)
                return OutboxListing.Lineage(
                    id: Hexadecimal.encode(row[1]), isCurrent: index == rows.count - 1, records: row[2],
                    pending: pending[chain] ?? 0, receipted: receipted[chain] ?? 0,
                    purged: max(0, Int(row[2] as Int64) - here), quarantined: refused[chain] ?? 0,
                    durableThrough: row[3], waiting: try Self.waiting(in: chain, clock, database),
                    refused: try Self.refused(in: chain, clock, database))
            }
            let directives = try Int.fetchOne(
                database, sql: "SELECT count(*) FROM directive WHERE signed IS NOT NULL")
            return OutboxListing(lineages: lineages, directives: directives ?? 0)
        }
    }

    private static func counts(_ state: OutboxState, in database: Database) throws -> [Int64: Int] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT chain, count(*) FROM outbox JOIN record ON position = outbox.record
                WHERE state = '\(state.rawValue)' GROUP BY chain
                """)
        return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
    }

    private static func waiting(
        in chain: Int64, _ clock: ClockReading, _ database: Database
    ) throws -> [OutboxListing.Waiting] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT reason, count(*), min(sequence), min(outbox.record) FROM outbox
                JOIN record ON position = outbox.record
                WHERE state = 'pending' AND chain = ? GROUP BY reason ORDER BY min(outbox.record) LIMIT ?
                """, arguments: [chain, OutboxListing.reasonsMax]
        ).map { row in
            OutboxListing.Waiting(
                reason: row[0], records: row[1], firstSequence: row[2],
                since: try moment(position: row[3], clock, database))
        }
    }

    private static func refused(
        in chain: Int64, _ clock: ClockReading, _ database: Database
    ) throws -> [OutboxListing.Quarantined] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT recordID, sequence, reason, outbox.record FROM outbox JOIN record ON position = outbox.record
                WHERE state = 'quarantined' AND chain = ? ORDER BY outbox.record LIMIT ?
                """, arguments: [chain, OutboxListing.quarantinedMax]
        ).map { row in
            guard let recordID = RecordID(bytes: row[0] as Data) else { throw RecordRows.unreadable }
            return OutboxListing.Quarantined(
                recordID: recordID.description, sequence: row[1], reason: row[2],
                since: try moment(position: row[3], clock, database))
        }
    }

    /// Nil where the frame cannot be read any more.
    private static func moment(
        position: Int64, _ now: ClockReading, _ database: Database
    ) throws -> OutboxListing.Moment? {
        let frame = try Data.fetchOne(
            database, sql: "SELECT frame FROM outbox WHERE record = ?", arguments: [position])
        guard let clock = frame.flatMap({ try? RecordFrame.decode($0) })?.body.clock else { return nil }
        let isSameBoot = !now.bootID.isEmpty && clock.bootID == now.bootID
        let milliseconds = Int64(clamping: clock.bootMilliseconds)
        return OutboxListing.Moment(
            wallMilliseconds: clock.wallMilliseconds, quality: "\(ClockReading.Quality(clock.quality))",
            bootCounter: Int64(clamping: clock.bootCounter), bootMilliseconds: milliseconds,
            secondsAgo: isSameBoot ? max(0, now.bootMilliseconds - milliseconds) / 1000 : nil)
    }
}

extension ClockReading.Quality {
    fileprivate init(_ wire: WireClockQuality) {
        self =
            switch wire {
            case .hand: .hand
            case .ntp: .ntp
            case .headquarters: .headquarters
            case .none, .UNRECOGNIZED: .none
            }
    }
}
