// The embedded store of headquarters: SQLite through GRDB, one file, one connection.

import Dispatch
import GRDB
public import HeadquartersCore
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `headquarters.sqlite` in the state folder: WAL, `synchronous=FULL`, STRICT tables.
///
/// `serve` holds `InstanceLock`; commands open the same file beside it, each for a few short transactions. Every write
/// of every process runs under one more `flock` (`headquarters.write.lock`), checkpoints included: two connections
/// never write or checkpoint at once, which keeps clear of the WAL-reset race of SQLite before 3.51.3.
public final class SQLiteHeadquartersStore: HeadquartersStore {
    private let queue: DatabaseQueue
    private let gate: FileLock
    private let damage = Mutex(false)
    let stateFolder: String
    /// One import is planned at a time, away from the connection and from the threads that serve.
    let planning = DispatchQueue(label: "jobfair.headquarters.import-plans")

    static let fileName = "headquarters.sqlite"
    static let newerText = "headquarters.sqlite was written by a newer headquartersd"
    /// Waits this long for another connection's transaction; the gate makes it a formality.
    private static let busySeconds = 10.0

    /// Opens or makes the store and brings it to the newest schema.
    ///
    /// - Parameter stateFolder: has to exist. Throws `unsuitable` for a file of a newer program or where SQLite does
    ///   not take a setting.
    public init(stateFolder: String) throws {
        self.stateFolder = stateFolder
        let gate = try FileLock(path: stateFolder + "/headquarters.write.lock")
        self.gate = gate
        try gate.lock()
        defer { gate.unlock() }
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(Self.busySeconds)
            configuration.label = "headquarters"
            queue = try DatabaseQueue(path: stateFolder + "/" + Self.fileName, configuration: configuration)
            try queue.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY")
                // What is wiped is overwritten: it leaves the file, and is in no backup made after.
                try db.execute(sql: "PRAGMA secure_delete=ON")
                try Self.assertSetting(db, "journal_mode", is: "wal")
                try Self.assertSetting(db, "synchronous", is: "2")
                try Self.assertSetting(db, "foreign_keys", is: "1")
                try Self.assertSetting(db, "secure_delete", is: "1")
            }
            let migrator = Self.migrator()
            guard try queue.read({ try !migrator.hasBeenSuperseded($0) }) else {
                throw HeadquartersStoreError(.newerProgram, Self.newerText)
            }
            try migrator.migrate(queue)
        } catch let error as DatabaseError {
            throw Self.mapped(error)
        }
    }

    private static func assertSetting(_ db: Database, _ name: String, is expected: String) throws {
        let found = try String.fetchOne(db, sql: "PRAGMA \(name)")
        guard found == expected else {
            throw HeadquartersStoreError(.unsuitable, "PRAGMA \(name) is \(found ?? "nothing"), not \(expected)")
        }
    }

    static func migrator() -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("0001 create") { try Migration0001Create.run($0) }
        migrator.registerMigration("0002 logins") { try Migration0002Logins.run($0) }
        migrator.registerMigration("0003 vacancies") { try Migration0003Vacancies.run($0) }
        migrator.registerMigration("0004 employer list") { try Migration0004EmployerList.run($0) }
        migrator.registerMigration("0005 sheet codes") { try Migration0005SheetCodes.run($0) }
        migrator.registerMigration("0006 fair state") { try Migration0006FairState.run($0) }
        migrator.registerMigration("0007 stated wishes") { try Migration0007StatedWishes.run($0) }
        migrator.registerMigration("0008 kiosk orders") { try Migration0008KioskOrders.run($0) }
        migrator.registerMigration("0009 durability") { try Migration0009Durability.run($0) }
        migrator.registerMigration("0010 alarms") { try Migration0010Alarms.run($0) }
        migrator.registerMigration("0011 keys") { try Migration0011Keys.run($0) }
        return migrator
    }

    /// One IMMEDIATE transaction under the gate; what it returns is on disk.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        let gate = gate
        do {
            return try await queue.writeWithoutTransaction { db in
                try gate.lock()
                defer { gate.unlock() }
                var result: Value?
                try db.inTransaction(.immediate) {
                    result = try body(db)
                    return .commit
                }
                guard let result else { throw HeadquartersStoreError(.failed, "a transaction gave no result") }
                return result
            }
        } catch let error as DatabaseError {
            throw noted(error)
        }
    }

    /// Copies the WAL into the file and empties it, so that what was wiped is nowhere any more. False: a reader of
    /// another connection is in the way; the next run of whatever wiped tries again.
    func emptyLog() async throws -> Bool {
        let gate = gate
        do {
            return try await queue.writeWithoutTransaction { db in
                try gate.lock()
                defer { gate.unlock() }
                let row = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
                return (row?[0] as Int?) == 0
            }
        } catch let error as DatabaseError {
            throw noted(error)
        }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await queue.read(body)
        } catch let error as DatabaseError {
            throw noted(error)
        }
    }

    public func heartbeat() async throws {
        try await write { db in
            try db.execute(sql: "UPDATE heartbeat SET beats = beats + 1 WHERE id = 1")
            guard db.changesCount == 1 else { throw HeadquartersStoreError(.failed, "the heartbeat row is gone") }
        }
    }

    /// Whether this connection has met damage since it was opened.
    var hasSeenDamage: Bool { damage.withLock(\.self) }

    private func noted(_ error: DatabaseError) -> HeadquartersStoreError {
        let error = Self.mapped(error)
        if error.code == .damaged { damage.withLock { $0 = true } }
        return error
    }

    /// SQLite's message names tables and columns, never values.
    static func mapped(_ error: DatabaseError) -> HeadquartersStoreError {
        let detail = "SQLite \(error.extendedResultCode.rawValue): \(error.message ?? "no message")"
        let code: HeadquartersStoreError.Code =
            switch error.resultCode {
            case .SQLITE_FULL: .diskFull
            case .SQLITE_BUSY, .SQLITE_LOCKED: .locked
            case .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CANTOPEN: .unavailable
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .damaged
            default: .failed
            }
        return HeadquartersStoreError(code, detail)
    }
}
