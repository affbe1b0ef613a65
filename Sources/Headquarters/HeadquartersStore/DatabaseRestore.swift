// A backup becomes the database of a machine that has none.

import DurableFiles
import GRDB
import HeadquartersCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#endif

/// What a technician asked for.
public struct RestoreOrder: Hashable, Sendable {
    public var file: String
    /// A database that is there is kept under another name; else it is a reason to refuse.
    public var movesAside: Bool
    /// A newer backup beside the file is no reason to refuse.
    public var takesOlder: Bool
    /// Nor is a backup of another history (`BackupHistory`): somebody has looked, and this one it is.
    public var takesThisOne: Bool

    public init(file: String, movesAside: Bool = false, takesOlder: Bool = false, takesThisOne: Bool = false) {
        self.file = file
        self.movesAside = movesAside
        self.takesOlder = takesOlder
        self.takesThisOne = takesThisOne
    }
}

/// What is in place now.
public struct RestoreReport: Hashable, Sendable {
    /// Nil: a copy that was made by other means than `headquartersd backup`.
    public var number: Int64?
    /// What was committed before is in it, milliseconds since 1970; nil as with `number`.
    public var startedAt: Int64?
    public var records: Int
    public var held: Int
    public var kiosks: Int
    public var fairs: Int
    /// When its newest record arrived; nil: it has none.
    public var newestRecordAt: Int64?
    /// Names of newer backups beside the file.
    public var newer: [String]
    /// Names of backups of other histories beside it.
    public var others: [String]
    /// Where the files of the old database are now.
    public var movedAside: [String]
    /// Erasure directives in the journal now; they are applied at the next start.
    public var erasures: Int
}

public enum DatabaseRestore {
    /// Beside the database there may be a WAL of before: replayed into another file it would damage it.
    private static let companions = ["-wal", "-shm", "-journal", ""]

    /// Checks the backup, copies it, checks the copy, puts it in place. Kiosks' receipts start the new generation
    /// (`noteForeignReceipt`); until the next verified backup nothing may be purged. Throws `BackupError`, and
    /// `HeadquartersStoreError` where headquartersd serves from the folder.
    public static func run(
        _ order: RestoreOrder, stateFolder: String, now: @escaping @Sendable () -> Int64
    ) async throws -> RestoreReport {
        let instance = try InstanceLock(stateFolder: stateFolder)
        defer { withExtendedLifetime(instance) {} }
        let database = stateFolder + "/" + SQLiteHeadquartersStore.fileName
        var order = order
        // What is written down of it has to be true wherever somebody stands.
        order.file = absolute(order.file)
        var report = try inspect(order)
        let present = companions.map { database + $0 }.filter { access($0, F_OK) == 0 }
        guard present.isEmpty || order.movesAside else {
            throw BackupError(.databaseExists, "there is \(present.joined(separator: ", "))")
        }
        let temporary = database + ".restoring"
        unlink(temporary)
        do {
            try copy(order.file, to: temporary)
            report.movedAside = try moveAside(present, database: database, at: now())
            try DurableFile.replace(database, withFile: temporary)
        } catch {
            unlink(temporary)
            throw BackupError(error, writing: stateFolder)
        }
        let journal = ErasureJournalFile(folder: stateFolder)
        try journal.append(ErasureJournalFile(folder: order.file.folder).read().directives)
        report.erasures = try journal.read().directives.count
        try await SQLiteHeadquartersStore(stateFolder: stateFolder).noteRestored(report, from: order.file, at: now())
        return report
    }

    private static func absolute(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Reads the backup whole, and looks at those beside it.
    private static func inspect(_ order: RestoreOrder) throws -> RestoreReport {
        let path = order.file
        var status = stat()
        guard stat(path, &status) == 0, access(path, R_OK) == 0 else {
            throw BackupError(.backupUnsuitable, "\(path): \(String(cString: strerror(errno)))")
        }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw BackupError(.folderNamed, "\(path)\n" + BackupHistory.list(of: path, chosen: nil))
        }
        do {
            _ = try BackupCopy.verify(path, code: .backupUnsuitable)
            let file = try DatabaseQueue(path: path, configuration: BackupCopy.configuration(isReadOnly: true))
            var (report, chosen) = try file.read { db in
                let migrator = SQLiteHeadquartersStore.migrator()
                guard try migrator.appliedIdentifiers(db).contains("0001 create") else {
                    throw BackupError(.backupUnsuitable, "\(path) is no database of headquarters")
                }
                guard try !migrator.hasBeenSuperseded(db) else {
                    throw BackupError(
                        .backupUnsuitable, "\(path) was written by a newer headquartersd: install that one")
                }
                return (try describe(db), try BackupHistory.File(db, name: path.fileName))
            }
            try file.close()
            (report.newer, report.others) = BackupHistory.beside(chosen, in: path.folder)
            guard report.newer.isEmpty || order.takesOlder else {
                throw BackupError(
                    .newerBackup,
                    "\(path) is not the newest here\n" + BackupHistory.list(of: path.folder, chosen: chosen))
            }
            guard report.others.isEmpty || order.takesThisOne else {
                throw BackupError(
                    .otherHistory,
                    "\(path) is not the only one here\n" + BackupHistory.list(of: path.folder, chosen: chosen))
            }
            return report
        } catch let error as DatabaseError {
            throw BackupError(.backupUnsuitable, "\(path): \(SQLiteHeadquartersStore.mapped(error).detail)")
        }
    }

    private static func describe(_ db: Database) throws -> RestoreReport {
        let count = { (sql: String) in try Int.fetchOne(db, sql: sql) ?? 0 }
        let row =
            try db.tableExists("backup")
            ? Row.fetchOne(db, sql: "SELECT number, startedAt FROM backup ORDER BY number DESC LIMIT 1") : nil
        return RestoreReport(
            number: row?["number"], startedAt: row?["startedAt"], records: try count("SELECT COUNT(*) FROM frame"),
            held: try count("SELECT COUNT(*) FROM frame WHERE state = 'held'"),
            kiosks: try count("SELECT COUNT(*) FROM device"), fairs: try count("SELECT COUNT(*) FROM fair"),
            newestRecordAt: try Int64.fetchOne(db, sql: "SELECT MAX(receivedAt) FROM frame"),
            newer: [], others: [], movedAside: [], erasures: 0)
    }

    private static func copy(_ path: String, to temporary: String) throws {
        let source = try DatabaseQueue(path: path, configuration: BackupCopy.configuration(isReadOnly: true))
        let rows = try source.writeWithoutTransaction { db in
            try BackupCopy.make(of: db, at: temporary, stop: BackupCopy.Stop())
        }
        try source.close()
        guard try BackupCopy.verify(temporary, code: .copyDamaged).rows == rows else {
            throw BackupError(.copyDamaged, "\(temporary) does not hold what \(path) holds")
        }
    }

    /// The database itself last: without it nothing is opened.
    private static func moveAside(_ present: [String], database: String, at: Int64) throws -> [String] {
        let base = String(database.dropLast(SQLiteHeadquartersStore.suffix.count))
        let aside = base + ".aside-" + SQLiteHeadquartersStore.stamp(at) + SQLiteHeadquartersStore.suffix
        return try present.map { path in
            let moved = aside + path.dropFirst(database.count)
            guard access(moved, F_OK) != 0, rename(path, moved) == 0 else {
                throw BackupError(.failed, "\(path) cannot be moved to \(moved)")
            }
            try DurableFile.sync(database.folder)
            return moved
        }
    }
}

extension SQLiteHeadquartersStore {
    /// The backup that was just read whole counts as verified, and nobody may purge by it: it is the only copy beside
    /// this one.
    func noteRestored(_ report: RestoreReport, from path: String, at: Int64) async throws {
        let name = path.fileName
        let bytes = try DurableFile.size(path)
        try await write { db in
            try Self.forgetDurableMarks(db)
            if let number = report.number {
                try db.execute(
                    sql: """
                        UPDATE backup SET verifiedAt = ?, bytes = ?, records = ?, allowsPurge = 0, folder = ?, name = ?,
                            failedAt = NULL, failure = NULL
                        WHERE number = ? AND verifiedAt IS NULL
                        """,
                    arguments: [at, bytes, report.records, path.folder, name, number])
            }
            try Self.add(
                AuditLine(
                    at: at, actor: .terminal, action: .databaseRestored, subject: name, rows: report.records), db)
        }
    }
}
