// Backups of the database while it is in use, what they allow kiosks to purge, and how long they are kept.

import DurableFiles
import GRDB
public import HeadquartersCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#endif

/// Where a backup goes.
public struct BackupOrder: Hashable, Sendable {
    public var folder: String
    /// Verified backups of this database kept in the folder, the new one included; at least 1.
    public var keep: Int
    /// A backup on the file system of the database allows kiosks to purge, too: somebody carries it away.
    public var sameDiskCounts: Bool

    public init(folder: String, keep: Int, sameDiskCounts: Bool) {
        self.folder = folder
        self.keep = max(1, keep)
        self.sameDiskCounts = sameDiskCounts
    }
}

/// A backup that was verified, and what became of the folder.
public struct BackupReport: Hashable, Sendable {
    public var backup: VerifiedBackup
    /// Names of older backups that were removed.
    public var removed: [String]
    /// Names of older backups that could not be removed.
    public var unremoved: [String]
    /// Backups in the folder that this database knows nothing of: of another machine, or of before a restore. Left alone.
    public var strangers: Int
}

extension SQLiteHeadquartersStore {
    /// Rows of backups long gone; the newest verified one is always kept.
    private static let rowsMax = 1000
    static let suffix = ".sqlite"
    static let prefix = "headquarters-"
    private static let temporarySuffix = ".sqlite.new"

    /// Copies the database as it stands now into `order.folder`, also while it is written: temporary name, synced, opened
    /// again and read whole, its rows compared, renamed, the folder synced. Only then is it verified, and what stands in
    /// the file is what kiosks may purge. Stops where its task is cancelled. Throws `BackupError`.
    public func backUp(_ order: BackupOrder, now: @escaping @Sendable () -> Int64) async throws -> BackupReport {
        try await backUp(order, now: now, afterCopy: { _ in })
    }

    /// - Parameter afterCopy: for tests: what a bad disk does to the copy.
    func backUp(
        _ order: BackupOrder, now: @escaping @Sendable () -> Int64,
        afterCopy: @escaping @Sendable (_ path: String) throws -> Void
    ) async throws -> BackupReport {
        let lock = try FileLock(path: stateFolder + "/headquarters.backup.lock")
        guard lock.tryLock() else { throw BackupError(.underway, "another backup of this database is under way") }
        defer { withExtendedLifetime(lock) {} }
        let folder = try Self.existingFolder(order.folder)
        try Self.removeLeftovers(in: folder)
        let (number, name, startedAt): (Int64, String, Int64)
        do {
            (number, name, startedAt) = try await beginBackup(in: folder, at: now())
        } catch let error as HeadquartersStoreError {
            throw BackupError(error, writing: folder)
        }
        do {
            try copyErasures(to: folder)
            let content = try await copy(to: folder, as: name, afterCopy: afterCopy)
            let isSameDisk = DiskSpace.isSameFileSystem(folder, stateFolder) ?? true
            let backup = VerifiedBackup(
                number: number, folder: folder, name: name, startedAt: startedAt, verifiedAt: now(),
                bytes: try DurableFile.size(folder + "/" + name), records: content.records,
                allowsPurge: order.sameDiskCounts || !isSameDisk)
            try await note(backup, content)
            let (removed, unremoved) = try await removeOld(in: folder, keep: order.keep, at: now())
            return BackupReport(
                backup: backup, removed: removed, unremoved: unremoved, strangers: try await strangers(in: folder))
        } catch {
            _ = try? Self.removeLeftovers(in: folder)
            if error is CancellationError || Task.isCancelled { throw CancellationError() }
            let failure = BackupError(error, writing: folder)
            try? await noteFailure(failure, number: number, at: now())
            throw failure
        }
    }

    /// Erasures that came since the last backup go into its folder at once: they survive a restore of that backup.
    public func copyErasures(to folder: String) throws {
        _ = try ErasureJournalFile(folder: stateFolder).join(ErasureJournalFile(folder: folder))
    }

    public func backupState() async throws -> BackupState {
        let hasSeenDamage = hasSeenDamage
        return try await read { db in
            let newest = try Self.newestBackup(in: nil, db)
            let failed = try Row.fetchOne(
                db, sql: "SELECT * FROM backup WHERE failedAt IS NOT NULL AND number > ? ORDER BY number DESC LIMIT 1",
                arguments: [newest?.number ?? 0])
            return BackupState(
                newest: newest,
                failure: failed.map {
                    FailedBackup(failedAt: $0["failedAt"], code: BackupError.Code(rawValue: $0["failure"]) ?? .failed)
                }, hasSeenDamage: hasSeenDamage)
        }
    }

    /// The newest verified one in this folder.
    public func newestBackup(in folder: String) async throws -> VerifiedBackup? {
        let folder = (try? Self.existingFolder(folder)) ?? folder
        return try await read { try Self.newestBackup(in: folder, $0) }
    }

    /// The backup that the marks came from is not there any more: kiosks may purge nothing until the next one is verified.
    public func forgetDurableMarks() async throws {
        try await write { db in try Self.forgetDurableMarks(db) }
    }

    static func forgetDurableMarks(_ db: Database) throws {
        try db.execute(sql: "UPDATE lineage SET durableThrough = 0, digestAtDurable = x'' WHERE durableThrough > 0")
    }

    // MARK: Parts

    /// The whole job on one thread of its own: neither the connection that serves nor the threads that answer wait.
    private func copy(
        to folder: String, as name: String, afterCopy: @escaping @Sendable (String) throws -> Void
    ) async throws -> BackupContent {
        let source = try DatabaseQueue(
            path: stateFolder + "/" + Self.fileName, configuration: BackupCopy.configuration(isReadOnly: true))
        let (temporary, path) = (folder + "/" + name + ".new", folder + "/" + name)
        let stop = BackupCopy.Stop()
        return try await withTaskCancellationHandler {
            try await source.writeWithoutTransaction { db in
                let rows = try BackupCopy.make(of: db, at: temporary, stop: stop)
                try afterCopy(temporary)
                let content = try BackupCopy.verify(temporary, code: .copyDamaged, stop: stop)
                guard content.rows == rows else {
                    throw BackupError(.copyDamaged, "\(temporary) does not hold what the database holds")
                }
                guard access(path, F_OK) != 0 else { throw BackupError(.failed, "\(path) is there already") }
                try DurableFile.replace(path, withFile: temporary)
                return content
            }
        } onCancel: {
            stop.set()
        }
    }

    /// The row goes into the copy.
    private func beginBackup(in folder: String, at: Int64) async throws -> (Int64, name: String, startedAt: Int64) {
        try await write { db in
            try db.execute(
                sql: "INSERT INTO backup (folder, name, startedAt) VALUES (?, '', ?)", arguments: [folder, at])
            let number = db.lastInsertedRowID
            let name = Self.prefix + Self.stamp(at) + "-" + String(number) + Self.suffix
            try db.execute(sql: "UPDATE backup SET name = ? WHERE number = ?", arguments: [name, number])
            try db.execute(
                sql: """
                    DELETE FROM backup WHERE number <= ?1 - ?2 AND (removedAt IS NOT NULL OR verifiedAt IS NULL)
                    """,
                arguments: [number, Self.rowsMax])
            return (number, name, at)
        }
    }

    private func note(_ backup: VerifiedBackup, _ content: BackupContent) async throws {
        try await write { db in
            try db.execute(
                sql: """
                    UPDATE backup SET verifiedAt = ?, bytes = ?, records = ?, allowsPurge = ? WHERE number = ?
                    """,
                arguments: [backup.verifiedAt, backup.bytes, backup.records, backup.allowsPurge, backup.number])
            guard backup.allowsPurge else { return }
            try Self.forgetDurableMarks(db)
            for mark in content.marks {
                try db.execute(
                    sql: """
                        UPDATE lineage SET durableThrough = ?, digestAtDurable = ? WHERE deviceID = ? AND lineageID = ?
                        """,
                    arguments: [
                        mark.contiguousThrough, mark.digestAtContiguous, mark.deviceID, mark.lineageID,
                    ])
            }
        }
    }

    private func noteFailure(_ failure: BackupError, number: Int64, at: Int64) async throws {
        try await write { db in
            try db.execute(
                sql: "UPDATE backup SET failedAt = ?, failure = ? WHERE number = ? AND verifiedAt IS NULL",
                arguments: [at, failure.code.rawValue, number])
        }
    }

    /// Never the newest verified one: it is what kiosks have purged by.
    private func removeOld(in folder: String, keep: Int, at: Int64) async throws -> (removed: [String], [String]) {
        let old = try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT number, name FROM backup WHERE folder = ? AND verifiedAt IS NOT NULL AND removedAt IS NULL
                    ORDER BY number DESC LIMIT -1 OFFSET ?
                    """,
                arguments: [folder, max(1, keep)]
            ).map { (number: $0["number"] as Int64, name: $0["name"] as String) }
        }
        var (removed, unremoved): ([String], [String]) = ([], [])
        for backup in old {
            guard unlink(folder + "/" + backup.name) == 0 || errno == ENOENT else {
                unremoved.append(backup.name)
                continue
            }
            removed.append(backup.name)
            try await write { db in
                try db.execute(sql: "UPDATE backup SET removedAt = ? WHERE number = ?", arguments: [at, backup.number])
            }
        }
        return (removed, unremoved)
    }

    private func strangers(in folder: String) async throws -> Int {
        let known = try await read { db in
            try Set(String.fetchAll(db, sql: "SELECT name FROM backup WHERE folder = ?", arguments: [folder]))
        }
        return BackupFolder.names(in: folder).filter { !known.contains($0) }.count
    }

    private static func newestBackup(in folder: String?, _ db: Database) throws -> VerifiedBackup? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT * FROM backup WHERE verifiedAt IS NOT NULL AND removedAt IS NULL AND folder = COALESCE(?, folder)
                ORDER BY number DESC LIMIT 1
                """,
            arguments: [folder]
        ).map {
            VerifiedBackup(
                number: $0["number"], folder: $0["folder"], name: $0["name"], startedAt: $0["startedAt"],
                verifiedAt: $0["verifiedAt"], bytes: $0["bytes"], records: $0["records"],
                allowsPurge: $0["allowsPurge"])
        }
    }

    private static func existingFolder(_ path: String) throws -> String {
        guard let resolved = realpath(path, nil) else {
            throw BackupError(.folderMissing, "\(path): \(String(cString: strerror(errno)))")
        }
        defer { free(resolved) }
        let folder = String(cString: resolved)
        var status = stat()
        guard stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw BackupError(.folderMissing, "\(folder) is no folder")
        }
        guard access(folder, W_OK | X_OK) == 0 else {
            throw BackupError(.folderUnwritable, "\(folder): \(String(cString: strerror(errno)))")
        }
        return folder
    }

    /// Of a backup that was killed.
    private static func removeLeftovers(in folder: String) throws {
        for name in BackupFolder.entries(of: folder)
        where name.hasPrefix(prefix) && (name.contains(temporarySuffix)) {
            unlink(folder + "/" + name)
        }
    }

    /// UTC: sorts by time, whatever the machine's time zone.
    static func stamp(_ milliseconds: Int64) -> String {
        var seconds = time_t(milliseconds / 1000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        var text = [CChar](repeating: 0, count: 20)
        strftime(&text, text.count, "%Y%m%dT%H%M%SZ", &parts)
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// Names of backups in a folder.
enum BackupFolder {
    /// Ascending: by time.
    static func names(in folder: String) -> [String] {
        entries(of: folder).filter(isBackup).sorted()
    }

    static func isBackup(_ name: String) -> Bool {
        name.hasPrefix(SQLiteHeadquartersStore.prefix) && name.hasSuffix(SQLiteHeadquartersStore.suffix)
    }

    static func entries(of folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: Int(entry.pointee.d_reclen)) {
                        String(cString: $0)
                    }
                })
        }
        return names
    }
}
