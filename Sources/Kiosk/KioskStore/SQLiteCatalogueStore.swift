// The catalogues headquarters signed: a file that can be fetched again, so it is replaced whole and never repaired.

import DurableFiles
public import Foundation
import GRDB
public import JobFair
public import KioskCore
public import Logging

/// `catalogue.sqlite`: read-only once it is there. `save` builds the next file beside it, syncs it and renames it into
/// place; a reader sees the old fair or the new one, never a mixture. A damaged file is deleted.
public actor SQLiteCatalogueStore: CatalogueStore {
    /// Building a file of 20,000 vacancies takes a while: not on the threads that answer requests.
    private nonisolated let thread = BlockingExecutor(label: "kiosk.catalogue")
    private let path: String
    private let logger: Logger
    /// Nil: there is no file yet.
    private var queue: DatabaseQueue?

    /// Opens the file if there is one.
    public init(path: String, logger: Logger) throws(KioskStoreError) {
        SQLiteLibrary.logErrors(to: logger)
        try SQLiteLibrary.check()
        self.path = path
        self.logger = logger
        do {
            queue = try Self.open(path)
        } catch {
            // A whole file of another program is no damage: somebody gave the wrong path.
            guard Self.isDamage(error) else { throw KioskStoreError.opening(path, error) }
            logger.warning(
                "the catalogue file was damaged and is deleted",
                metadata: ["error": "\(KioskStoreError.opening(path, error))"])
            Self.delete(path)
            queue = nil
        }
    }

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    public func save(_ catalogue: Catalogue, etag: String, signed: Data) async throws {
        do {
            try replaceFile(with: catalogue, etag: etag, signed: signed, keepingOthers: queue != nil)
        } catch  where queue != nil && Self.isDamage(error) {
            forgetDamaged(error)
            try replaceFile(with: catalogue, etag: etag, signed: signed, keepingOthers: false)
        }
    }

    public func etag(of fair: FairID) async throws -> String? {
        try read { database in
            try String.fetchOne(
                database.cachedStatement(sql: "SELECT etag FROM fair WHERE fairID = ?"), arguments: [Data(fair.bytes)])
        } ?? nil
    }

    public func catalogue(of fair: FairID) async throws -> Catalogue? {
        try read { try CatalogueTables.catalogue(of: fair, in: $0) } ?? nil
    }

    public func fairs() async throws -> [Fair] {
        try read { try CatalogueTables.fairs(in: $0) } ?? []
    }

    /// The bytes headquarters signed, for handing on.
    public func signedCatalogue(of fair: FairID) async throws -> Data? {
        try read { database in
            try Data.fetchOne(
                database.cachedStatement(sql: "SELECT signed FROM fair WHERE fairID = ?"), arguments: [Data(fair.bytes)]
            )
        } ?? nil
    }
}

// MARK: - Files

extension SQLiteCatalogueStore {
    /// Nil where there is no file; what is damaged is forgotten, for it can be fetched again.
    private func read<T>(_ work: (Database) throws -> T) throws -> T? {
        guard let queue else { return nil }
        do {
            return try queue.inDatabase(work)
        } catch  where Self.isDamage(error) {
            forgetDamaged(error)
            return nil
        }
    }

    private func forgetDamaged(_ error: any Error) {
        logger.warning(
            "the catalogue file was damaged and is deleted",
            metadata: ["error": "\(KioskStoreError.opening(path, error))"])
        try? queue?.close()
        queue = nil
        Self.delete(path)
    }

    private func replaceFile(
        with catalogue: Catalogue, etag: String, signed: Data, keepingOthers: Bool
    ) throws {
        let temporary = path + ".building"
        Self.delete(temporary)
        do {
            let isCreated = try DurableFile.create(temporary)
            precondition(isCreated, "only this actor builds here")
            try Self.build(
                temporary, catalogue, etag: etag, signed: signed, others: keepingOthers ? path : nil)
            try DurableFile.replace(path, withFile: temporary)
        } catch {
            Self.delete(temporary)
            throw error
        }
        try? queue?.close()
        queue = try Self.open(path)
        logger.info(
            "replaced the catalogue",
            metadata: ["fair.id": "\(catalogue.fair.id)", "vacancies": "\(catalogue.vacancies.count)"])
    }

    private static func build(
        _ temporary: String, _ catalogue: Catalogue, etag: String, signed: Data, others: String?
    ) throws {
        var configuration = Configuration()
        configuration.label = "catalogue-building"
        let queue = try DatabaseQueue(path: temporary, configuration: configuration)
        defer { try? queue.close() }
        try queue.inDatabase { database in
            // A half-built file is thrown away: it needs no journal, and is synced once at the end.
            try database.execute(
                sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA trusted_schema = OFF")
            try database.execute(sql: "PRAGMA application_id = \(CatalogueTables.applicationID)")
            if let others { try database.execute(sql: "ATTACH ? AS others", arguments: [others]) }
            try database.inTransaction {
                try database.execute(sql: CatalogueTables.statements)
                for table in CatalogueTables.names where others != nil {
                    try database.execute(
                        sql: "INSERT INTO main.\(table) SELECT * FROM others.\(table) WHERE fairID <> ?",
                        arguments: [Data(catalogue.fair.id.bytes)])
                }
                try CatalogueTables.insert(catalogue, etag: etag, signed: signed, in: database)
                try database.execute(sql: "PRAGMA user_version = \(CatalogueTables.version)")
                return .commit
            }
        }
    }

    private static func open(_ path: String) throws -> DatabaseQueue? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        var configuration = Configuration()
        configuration.label = "catalogue"
        configuration.readonly = true
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.inDatabase { database in
            let owner = try Int.fetchOne(database, sql: "PRAGMA application_id")
            let version = try Int.fetchOne(database, sql: "PRAGMA user_version")
            guard owner == CatalogueTables.applicationID || owner == 0 else {
                throw KioskStoreError(.notOurs, "\(path) belongs to another program", hint: "check the settings")
            }
            guard version == CatalogueTables.version else {
                throw KioskStoreError(.corrupted, "\(path) is not a catalogue of this version")
            }
            let verdict = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
            guard verdict == "ok" else { throw KioskStoreError(.corrupted, "\(path) fails quick_check") }
        }
        return queue
    }

    private static func delete(_ path: String) {
        for suffix in ["", "-journal", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }

    private static func isDamage(_ error: any Error) -> Bool {
        if let error = error as? KioskStoreError { return error.code == .corrupted }
        guard let error = error as? DatabaseError else { return false }
        return [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode)
    }
}
