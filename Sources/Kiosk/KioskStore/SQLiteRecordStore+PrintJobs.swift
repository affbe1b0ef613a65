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
                    RETURNING id, registration, isCopy, attempts, vacancyID, fairID
                    """)
            guard let row = try Row.fetchAll(statement).first else { return PrintJob?.none }
            return PrintJob(
                id: row[0], content: try Self.content(row, in: database), isCopy: row[2], attempts: row[3])
        }
    }

    private static func content(_ row: Row, in database: Database) throws -> PrintJob.Content {
        if let position = row[1] as Int64? {
            let registration = try RecordRows.registration(where: "record.position = ?", [position], in: database)
            guard let registration else { throw RecordRows.unreadable }
            return .registration(registration)
        }
        guard let vacancy = (row[4] as Data?).flatMap({ VacancyID(bytes: $0) }),
            let fair = (row[5] as Data?).flatMap({ FairID(bytes: $0) })
        else { throw RecordRows.unreadable }
        return .vacancy(vacancy, fair)
    }

    public func queueVacancySlip(_ recordID: RecordID, vacancy: VacancyID) async throws(RecordStoreError) {
        try await write { database in
            let known = try Data.fetchOne(
                database.cachedStatement(sql: "SELECT vacancyID FROM printJob WHERE requestID = ?"),
                arguments: [Data(recordID.bytes)])
            if let known {
                guard known == Data(vacancy.bytes) else { throw RecordStoreError.conflict }
                return
            }
            guard try RecordRows.position(of: recordID, in: database) == nil else { throw RecordStoreError.conflict }
            guard let open = try RecordRows.openFair(in: database) else { throw RecordStoreError.noFairOpen }
            try database.cachedStatement(
                sql: "INSERT INTO printJob (requestID, fairID, vacancyID, isCopy) VALUES (?, ?, ?, 0)"
            ).execute(arguments: [Data(recordID.bytes), Data(open.fairID.bytes), Data(vacancy.bytes)])
            try database.cachedStatement(
                sql: """
                    UPDATE printJob SET state = 'failed' WHERE id IN (
                        SELECT id FROM printJob WHERE state = 'queued' AND requestID IS NOT NULL
                        ORDER BY id DESC LIMIT -1 OFFSET ?)
                    """
            ).execute(arguments: [vacancySlipsWaitingMax])
        }
    }

    /// A job put back into the queue after an unknown outcome is a copy from then on: the first may lie in the tray.
    /// One of a fair that has closed is not put back: its entry has lost the name. The slip of a vacancy never is, and those
    /// that wait behind a printer that does not print are given up with it.
    public func finishPrintJob(_ id: Int64, as state: PrintState) async throws(RecordStoreError) {
        try await write { database in
            try database.cachedStatement(
                sql: """
                    UPDATE printJob SET isCopy = max(isCopy, state = 'unknown' AND ?1 = 'queued'),
                        state = CASE
                            WHEN ?1 <> 'queued' THEN ?1
                            WHEN requestID IS NOT NULL THEN iif(state = 'unknown', 'unknown', 'failed')
                            WHEN (SELECT fairID FROM deskEntry WHERE record = registration)
                                IS NOT (SELECT fairID FROM openFair) THEN 'failed'
                            ELSE 'queued' END
                    WHERE id = ?2
                    """
            ).execute(arguments: [state.rawValue, id])
            if state == .queued { try Self.giveUpVacancySlips(in: database) }
        }
    }

    public func abandonPrintJobs() async throws(RecordStoreError) -> Int {
        try await write { database in
            try Self.giveUpVacancySlips(in: database)
            try database.execute(sql: "UPDATE printJob SET state = 'unknown' WHERE state = 'printing'")
            return database.changesCount
        }
    }

    private static func giveUpVacancySlips(in database: Database) throws {
        try database.cachedStatement(
            sql: "UPDATE printJob SET state = 'failed' WHERE state = 'queued' AND requestID IS NOT NULL"
        ).execute()
    }

    public func printState(of recordID: RecordID) async throws(RecordStoreError) -> PrintState? {
        try await read { database in
            let state = try String.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT state FROM printJob
                        WHERE requestID = ?1 OR registration = (SELECT position FROM record WHERE recordID = ?1)
                        ORDER BY id DESC LIMIT 1
                        """), arguments: [Data(recordID.bytes)])
            return state.flatMap(PrintState.init)
        }
    }
}
