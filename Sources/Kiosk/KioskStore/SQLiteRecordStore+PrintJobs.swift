// What the spooler asks of the store.

import Foundation
import GRDB
public import JobFair
public import KioskCore

extension SQLiteRecordStore: PrintJobStore {
    public func nextPrintJob() async throws(RecordStoreError) -> PrintJob? {
        // Looking costs no commit; most looks find nothing.
        let isWaiting = try await read { database in
            try Bool.fetchOne(
                database.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM printJob WHERE state = 'queued')"))
        }
        guard isWaiting == true else { return nil }
        return try await write { database in
            let statement = try database.cachedStatement(
                sql: """
                    UPDATE printJob SET state = 'printing', attempts = attempts + 1
                    WHERE id = (SELECT id FROM printJob WHERE state = 'queued' ORDER BY id DESC LIMIT 1)
                    RETURNING id, registration, isCopy, attempts
                    """)
            guard let row = try Row.fetchAll(statement).first else { return PrintJob?.none }
            let registration = try RecordRows.registration(
                where: "record.position = ?", [row[1] as Int64], in: database)
            guard let registration else { throw RecordRows.unreadable }
            return PrintJob(id: row[0], registration: registration, isCopy: row[2], attempts: row[3])
        }
    }

    /// A job put back into the queue after an unknown outcome is a copy from then on: the first may lie in the tray.
    /// One of a fair that has closed is not put back: its entry has lost the name.
    public func finishPrintJob(_ id: Int64, as state: PrintState) async throws(RecordStoreError) {
        try await write { database in
            try database.cachedStatement(
                sql: """
                    UPDATE printJob SET isCopy = max(isCopy, state = 'unknown' AND ?1 = 'queued'),
                        state = iif(
                            ?1 = 'queued' AND (SELECT fairID FROM deskEntry WHERE record = registration)
                                IS NOT (SELECT fairID FROM openFair),
                            'failed', ?1)
                    WHERE id = ?2
                    """
            ).execute(arguments: [state.rawValue, id])
        }
    }

    public func abandonPrintJobs() async throws(RecordStoreError) -> Int {
        try await write { database in
            try database.execute(sql: "UPDATE printJob SET state = 'unknown' WHERE state = 'printing'")
            return database.changesCount
        }
    }

    public func printState(of registration: RecordID) async throws(RecordStoreError) -> PrintState? {
        try await read { database in
            let state = try String.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT state FROM printJob JOIN record ON position = registration
                        WHERE recordID = ? ORDER BY id DESC LIMIT 1
                        """), arguments: [Data(registration.bytes)])
            return state.flatMap(PrintState.init)
        }
    }
}
