// Rows of records.sqlite as values of ours.

import Foundation
import GRDB
import JobFair
import KioskCore
import SyncProtocol

/// The head of one lineage.
struct ChainRow {
    var number: Int64
    var lineageID: Data
    var lastSequence: Int64
    var lastDigest: Data

    /// The lineage that new records join: the one begun last.
    static func current(in database: Database) throws -> ChainRow {
        let statement = try database.cachedStatement(
            sql: "SELECT number, lineageID, lastSequence, lastDigest FROM chain ORDER BY number DESC LIMIT 1")
        guard let row = try Row.fetchOne(statement) else { throw RecordRows.unreadable }
        return ChainRow(number: row[0], lineageID: row[1], lastSequence: row[2], lastDigest: row[3])
    }

    /// Begins a lineage with 16 random bytes for its name.
    static func begin(in database: Database) throws {
        var generator = SystemRandomNumberGenerator()
        let lineageID = Data((0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) })
        try database.execute(sql: "INSERT INTO chain (lineageID) VALUES (?)", arguments: [lineageID])
    }
}

enum RecordRows {
    /// A row that constraints should have kept out.
    static let unreadable = DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a row is not readable")

    private static let recordColumns = """
        SELECT record.recordID, record.sequence, record.digest, record.fairID, record.fairDay, record.isDayConfirmed,
            deskEntry.ticket, deskEntry.maskedName, deskEntry.wishes, deskEntry.slipPurpose, deskEntry.lostSlipHash,
            deskEntry.digitsHash, record.fingerprint
        """

    static func record(_ row: Row) throws -> CommittedRecord {
        guard let recordID = RecordID(bytes: row[0] as Data), let fairID = FairID(bytes: row[3] as Data) else {
            throw unreadable
        }
        let ticket = (row[6] as String?).flatMap { TicketNumber($0) }
        let desk = try ticket.map { _ in
            DeskEntry(
                maskedName: row[7], wishes: try wishes(row[8]),
                slipPurpose: row[9], lostSlipHash: row[10], digitsHash: row[11])
        }
        return CommittedRecord(
            recordID: recordID, sequence: row[1], digest: row[2], fairID: fairID,
            fairDay: (row[4] as String?).flatMap { CalendarDate($0) }, isDayConfirmed: row[5], ticket: ticket,
            desk: desk, isRepeat: false)
    }

    private static func known(
        _ id: RecordID, in database: Database
    ) throws -> (record: CommittedRecord, fingerprint: Data)? {
        let statement = try database.cachedStatement(
            sql: recordColumns + """
                 FROM record LEFT JOIN deskEntry ON deskEntry.record = record.position WHERE record.recordID = ?
                """)
        return try Row.fetchOne(statement, arguments: [Data(id.bytes)]).map { (try record($0), $0[12]) }
    }

    /// What this very request has become; nil where its id was never seen.
    static func known(
        _ id: RecordID, fingerprint: Data, in database: Database
    ) throws -> CommittedRecord? {
        guard let known = try known(id, in: database) else { return nil }
        guard isEqualInConstantTime(known.fingerprint, fingerprint) else { throw RecordStoreError.conflict }
        var record = known.record
        record.isRepeat = true
        return record
    }

    /// The newest registration that meets `condition`, a constant piece of SQL.
    static func registration(
        where condition: String, _ arguments: StatementArguments, in database: Database
    ) throws -> CommittedRecord? {
        let statement = try database.cachedStatement(
            sql: recordColumns + """
                 FROM deskEntry JOIN record ON record.position = deskEntry.record WHERE \(condition)
                ORDER BY deskEntry.record DESC LIMIT 1
                """)
        return try Row.fetchOne(statement, arguments: arguments).map(record)
    }

    static func position(of id: RecordID, in database: Database) throws -> Int64? {
        try Int64.fetchOne(
            database.cachedStatement(sql: "SELECT position FROM record WHERE recordID = ?"),
            arguments: [Data(id.bytes)])
    }

    static func openFair(in database: Database) throws -> OpenFair? {
        let statement = try database.cachedStatement(sql: "SELECT fairID, day, isDayConfirmed FROM openFair")
        guard let row = try Row.fetchOne(statement) else { return nil }
        guard let fairID = FairID(bytes: row[0] as Data), let day = CalendarDate(row[1] as String) else {
            throw unreadable
        }
        return OpenFair(fairID: fairID, day: day, isDayConfirmed: row[2])
    }

    /// The newest record with a day was made under it: since the closing there are only records without one.
    static func lastFair(in database: Database) throws -> FairID? {
        let statement = try database.cachedStatement(
            sql: "SELECT fairID FROM record WHERE fairDay IS NOT NULL ORDER BY position DESC LIMIT 1")
        guard let bytes = try Data.fetchOne(statement) else { return nil }
        guard let fairID = FairID(bytes: bytes) else { throw unreadable }
        return fairID
    }

    static func set(openFair: OpenFair?, in database: Database) throws {
        guard let openFair else { return try database.execute(sql: "DELETE FROM openFair") }
        try database.execute(
            sql: "INSERT OR REPLACE INTO openFair (id, fairID, day, isDayConfirmed) VALUES (1, ?, ?, ?)",
            arguments: [Data(openFair.fairID.bytes), openFair.day.description, openFair.isDayConfirmed])
    }

    /// Takes everything readable about persons out of fairs that are not open; their slips are printed no more. Record
    /// and ticket number stay: numbers are unique for ever. `secure_delete` overwrites the old bytes in the file; the
    /// WAL has to be emptied after the commit.
    static func forgetClosedFairs(in database: Database) throws {
        try database.execute(
            sql: """
                UPDATE deskEntry SET maskedName = '', wishes = '{}', lostSlipHash = NULL, digitsHash = NULL
                WHERE fairID IS NOT (SELECT fairID FROM openFair)
                    AND (maskedName <> '' OR wishes <> '{}' OR lostSlipHash IS NOT NULL OR digitsHash IS NOT NULL)
                """)
        try database.execute(
            sql: """
                UPDATE printJob SET state = 'failed' WHERE state = 'queued' AND
                    coalesce(fairID, (SELECT fairID FROM deskEntry WHERE record = registration))
                        IS NOT (SELECT fairID FROM openFair)
                """)
    }

    /// Of a registration of the open fair only: what a closing took out does not come back.
    static func set(wishes: Wishes, of registration: RecordID, in database: Database) throws {
        try database.cachedStatement(
            sql: """
                UPDATE deskEntry SET wishes = ?
                WHERE record = (SELECT position FROM record WHERE recordID = ?)
                    AND fairID = (SELECT fairID FROM openFair) AND wishes <> '{}'
                """
        ).execute(arguments: [try json(wishes), Data(registration.bytes)])
    }

    /// `{}`: forgotten with its fair.
    private static func wishes(_ json: String) throws -> Wishes {
        json == "{}" ? Wishes() : try JSONDecoder().decode(Wishes.self, from: Data(json.utf8))
    }

    static func json(_ wishes: Wishes) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(wishes), as: UTF8.self)
    }
}
