// Frames for sticks, page by page.

import Foundation
import GRDB
public import KioskCore

extension SQLiteRecordStore: FrameStore {
    public func frames(
        _ scope: FrameScope, after: Int64, countMax: Int, bytesMax: Int
    ) async throws(RecordStoreError) -> [StoredFrame] {
        try await read { try Self.frames(scope, after: after, countMax: countMax, bytesMax: bytesMax, in: $0) }
    }

    static func frames(
        _ scope: FrameScope, after: Int64, countMax: Int, bytesMax: Int, in database: Database
    ) throws -> [StoredFrame] {
        let condition =
            switch scope {
            // Each half by its index.
            case .waiting:
                """
                record IN (SELECT record FROM outbox WHERE state = 'pending' AND record > ?1
                    UNION ALL SELECT record FROM outbox WHERE state = 'quarantined' AND record > ?1)
                """
            case .unpurged: "record > ?1 AND frame IS NOT NULL"
            }
        let rows = try Row.fetchCursor(
            database.cachedStatement(
                sql: "SELECT record, frame FROM outbox WHERE \(condition) ORDER BY record LIMIT ?2"),
            arguments: [after, max(1, countMax)])
        var frames: [StoredFrame] = []
        var bytes = 0
        while let row = try rows.next() {
            guard let frame = Data.fromDatabaseValue(row[1] as DatabaseValue) else { throw RecordRows.unreadable }
            bytes += frame.count
            if !frames.isEmpty, bytes > bytesMax { break }
            frames.append(StoredFrame(position: row[0], frame: frame))
        }
        return frames
    }
}
