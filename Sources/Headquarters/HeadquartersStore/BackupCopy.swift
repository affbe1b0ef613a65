// One copy of a database: made step by step out of one snapshot, and read again from the disk.

import DurableFiles
import GRDB
import HeadquartersCore
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#endif

/// What stands in a backup, read out of the file itself.
struct BackupContent: Sendable {
    struct Mark: Hashable, Sendable {
        var deviceID: Data
        var lineageID: Data
        var contiguousThrough: Int64
        var digestAtContiguous: Data
    }

    /// Rows of each table.
    var rows: [String: Int]
    var marks: [Mark]

    var records: Int { rows["frame"] ?? 0 }
}

/// SQLite's online backup out of one read transaction. Writers go on: the WAL keeps the snapshot, so no step ever begins
/// anew, and the rows of the copy can be compared with the rows of exactly what was copied. VACUUM INTO would do without
/// steps and could be stopped only by killing it, would heal a damaged index in silence, and cannot be in one transaction
/// with the count.
enum BackupCopy {
    /// 4 MiB at a time; in between a stop is heard.
    private static let pagesPerStep: CInt = 1024
    /// What a backup needs beyond the pages of the database.
    private static let spareBytes: Int64 = 16 << 20

    /// Set from any thread; ends a copy at its next step and a check at once.
    final class Stop: Sendable {
        private struct State {
            var isSet = false
            var reader: DatabaseQueue?
        }
        private let state = Mutex(State())

        var isSet: Bool { state.withLock(\.isSet) }

        func set() {
            state.withLock {
                $0.isSet = true
                $0.reader?.interrupt()
            }
        }

        fileprivate func watch(_ reader: DatabaseQueue?) { state.withLock { $0.reader = reader } }
    }

    /// Makes `path`, which must not exist, and syncs it. Returns the rows of the snapshot that was copied.
    static func make(of source: Database, at path: String, stop: Stop) throws -> [String: Int] {
        let pages = try Int64.fetchOne(source, sql: "PRAGMA page_count") ?? 0
        let size = try Int64.fetchOne(source, sql: "PRAGMA page_size") ?? 0
        try checkRoom(for: pages * size, in: path.folder, freeBytes: DiskSpace.freeBytes(path.folder) ?? .max)
        // Made first, for its mode: what it holds is for headquartersd's user alone.
        guard try DurableFile.create(path) else { throw BackupError(.failed, "\(path) is there already") }
        let target = try DatabaseQueue(path: path, configuration: configuration(isReadOnly: false))
        var rows: [String: Int] = [:]
        try target.writeWithoutTransaction { copy in
            try copy.execute(sql: "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF")
            try source.inTransaction(.deferred) {
                rows = try countRows(source)
                try source.backup(to: copy, pagesPerStep: pagesPerStep) { _ in
                    if stop.isSet { throw CancellationError() }
                }
                return .commit
            }
            // One file that any medium can hold: without a WAL beside it.
            try copy.execute(sql: "PRAGMA journal_mode=DELETE")
        }
        try target.close()
        try DurableFile.sync(path)
        return rows
    }

    /// Throws `diskFull`. What is needed is never said too small, what is there never too large.
    static func checkRoom(for databaseBytes: Int64, in folder: String, freeBytes: Int64) throws {
        let needed = databaseBytes + spareBytes
        guard freeBytes < needed else { return }
        throw BackupError(
            .diskFull,
            "a backup needs \((needed + (1 << 20) - 1) >> 20) MiB free in \(folder) (the database and "
                + "\(spareBytes >> 20) MiB to spare); \(freeBytes >> 20) MiB are free there")
    }

    /// Opens the file read-only and reads it whole. Throws `code` where it is not a sound database of headquarters.
    static func verify(_ path: String, code: BackupError.Code, stop: Stop = Stop()) throws -> BackupContent {
        forgetCache(of: path)
        let file = try DatabaseQueue(path: path, configuration: configuration(isReadOnly: true))
        stop.watch(file)
        defer { stop.watch(nil) }
        if stop.isSet { throw CancellationError() }
        let content = try file.read { db in
            let found = try String.fetchAll(db, sql: "PRAGMA integrity_check(10)")
            guard found == ["ok"] else {
                throw BackupError(code, "\(path): \(found.first ?? "integrity_check says nothing")")
            }
            guard try Row.fetchOne(db, sql: "PRAGMA foreign_key_check") == nil else {
                throw BackupError(code, "\(path): a row names another that is not there")
            }
            return BackupContent(rows: try countRows(db), marks: try marks(db, path: path, code: code))
        }
        try file.close()
        return content
    }

    /// Every record up to a mark has to be in this very file.
    private static func marks(_ db: Database, path: String, code: BackupError.Code) throws -> [BackupContent.Mark] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT deviceID, lineageID, contiguousThrough, digestAtContiguous, (
                    SELECT COUNT(DISTINCT sequence) FROM frame
                    WHERE frame.deviceID = lineage.deviceID AND frame.lineageID = lineage.lineageID
                        AND sequence BETWEEN 1 AND contiguousThrough) AS present
                FROM lineage WHERE contiguousThrough > 0
                """
        ).map { row in
            let mark = BackupContent.Mark(
                deviceID: row["deviceID"], lineageID: row["lineageID"], contiguousThrough: row["contiguousThrough"],
                digestAtContiguous: row["digestAtContiguous"])
            guard row["present"] == mark.contiguousThrough else {
                throw BackupError(code, "\(path): a lineage lacks records that it says it has")
            }
            return mark
        }
    }

    static func countRows(_ db: Database) throws -> [String: Int] {
        let tables = try String.fetchAll(
            db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        return try tables.reduce(into: [:]) { rows, table in
            rows[table] = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM \(table.quotedDatabaseIdentifier)")
        }
    }

    static func configuration(isReadOnly: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.readonly = isReadOnly
        configuration.busyMode = .timeout(10)
        configuration.label = "headquarters.backup"
        return configuration
    }

    /// What is read next comes from the disk: of a file that was synced the kernel drops its pages (posix_fadvise(2)).
    static func forgetCache(of path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        _ = posix_fadvise(descriptor, 0, 0, Int32(POSIX_FADV_DONTNEED))
    }
}

extension String {
    var folder: String { DurableFile.folder(of: self) }
    /// Of a path.
    var fileName: String { split(separator: "/").last.map(String.init) ?? self }
}

extension BackupError {
    /// What SQLite or the system refused, as a technician needs it.
    init(_ error: any Error, writing folder: String) {
        switch error {
        case let error as BackupError: self = error
        case let error as DurableFileError:
            self.init(error.isDiskFull ? .diskFull : .folderUnwritable, error.description)
        case let error as DatabaseError where error.resultCode == .SQLITE_FULL:
            self.init(.diskFull, "\(folder): \(SQLiteHeadquartersStore.mapped(error).detail)")
        case let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_NOTADB:
            self.init(.copyDamaged, "\(folder): \(SQLiteHeadquartersStore.mapped(error).detail)")
        case let error as DatabaseError:
            self.init(.failed, "\(folder): \(SQLiteHeadquartersStore.mapped(error).detail)")
        case let error as HeadquartersStoreError:
            // What is noted of a backup goes into the database.
            switch error.code {
            case .diskFull: self.init(.stateDiskFull, error.detail)
            case .damaged: self.init(.copyDamaged, error.detail)
            default: self.init(.failed, error.description)
            }
        default: self.init(.failed, "\(folder): \(type(of: error))")
        }
    }
}
