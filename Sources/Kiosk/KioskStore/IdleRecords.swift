// The frames of records.sqlite while no daemon runs: what `kioskctl export` reads then, from a sound file or a broken one.

import DurableFiles
public import Foundation
import GRDB
import Glibc
public import KioskCore
public import Logging
import SyncProtocol

/// Nothing here changes the state folder: the file and its WAL are copied into memory (tmpfs) and the copy is opened. So it
/// works on a full or read-only disk, needs no right to write, and leaves a damaged file as it was found.
public struct IdleRecords {
    public enum Failure: String, Error, Sendable {
        /// A daemon holds the file: ask it, or stop it.
        case inUse
        /// There is no file.
        case absent
        /// It cannot be opened or copied: rights, or no memory for the copy.
        case unreadable
    }

    /// How the frames were got.
    public enum Reading: String, Sendable {
        /// By the tables: the scope was kept to.
        case tables
        /// The file or its WAL is damaged: every frame found in them that bears this kiosk's signature, whatever its state.
        case salvaged
    }

    private static let pageRecords = 256
    /// First byte and number of bytes by which SQLite locks a file (sqlite.org/src, os.h: PENDING_BYTE).
    private static let lockStart: Int64 = 0x4000_0000
    private static let lockBytes: Int64 = 512

    let path: String
    let publicKey: Data
    let logger: Logger

    /// - Parameters:
    ///   - path: of `records.sqlite`.
    ///   - publicKey: of the device; frames of a damaged file count by it alone.
    public init(path: String, publicKey: Data, logger: Logger) {
        self.path = path
        self.publicKey = publicKey
        self.logger = logger
    }

    /// Gives `take` every frame of the scope, by position; of a damaged file some of them twice. Throws `Failure`, or what
    /// `take` throws.
    public func read(_ scope: FrameScope, _ take: (Data) throws -> Void) throws -> Reading {
        guard access(path, F_OK) == 0 else { throw Failure.absent }
        try checkNobodyHoldsIt()
        let folder = try copy()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let copied = folder + "/records.sqlite"
        // Looked at before SQLite opens the copy, and takes of its WAL what it holds for whole.
        let log = FileManager.default.contents(atPath: copied + "-wal") ?? Data()
        var isWhole = !WriteAheadLog(log).isBrokenBeforeACommit
        do {
            try readTables(of: copied, scope) { frame in
                if !isOurs(frame) { isWhole = false }
                try take(frame)
            }
            if isWhole { return .tables }
        } catch is DatabaseError {
            logger.notice("the tables cannot be read to their end")
        }
        // SQLite drops the WAL of its copy when it closes it: the salvage reads the bytes as they were.
        try log.write(to: URL(fileURLWithPath: copied + "-wal"))
        try salvage(copied, take)
        return .salvaged
    }

    private func isOurs(_ frame: Data) -> Bool { (try? RecordFrame.decode(frame))?.isSigned(by: publicKey) == true }

    private func checkNobodyHoldsIt() throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure.unreadable }
        defer { close(descriptor) }
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = off_t(Self.lockStart)
        lock.l_len = off_t(Self.lockBytes)
        guard fcntl(descriptor, F_GETLK, &lock) == 0 else { return }
        if lock.l_type != Int16(F_UNLCK) { throw Failure.inUse }
    }

    /// A folder with the copies. In memory, because the disk may be the trouble, and because names that are masked but
    /// readable stand in the file: nothing of it is left behind.
    private func copy() throws -> String {
        let candidates = ["/dev/shm", "/run", NSTemporaryDirectory()]
        for parent in candidates {
            var template = Array("\(parent)/jobfair-export-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else { continue }
            let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if copyFile(path, to: folder + "/records.sqlite"),
                access(path + "-wal", F_OK) != 0 || copyFile(path + "-wal", to: folder + "/records.sqlite-wal")
            {
                return folder
            }
            try? FileManager.default.removeItem(atPath: folder)
        }
        throw Failure.unreadable
    }

    /// Sectors that cannot be read become zeros: SQLite finds the damage, and the rest is saved.
    private func copyFile(_ source: String, to target: String) -> Bool {
        let from = open(source, O_RDONLY | O_CLOEXEC)
        guard from >= 0 else { return false }
        defer { close(from) }
        let to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard to >= 0 else { return false }
        defer { close(to) }
        var status = stat()
        guard fstat(from, &status) == 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var offset = 0
        while offset < Int(status.st_size) {
            var count = pread(from, &buffer, buffer.count, off_t(offset))
            if count < 0, errno == EINTR { continue }
            if count == 0 { break }
            if count < 0 {
                count = pread(from, &buffer, 4096, off_t(offset))
                if count <= 0 {
                    count = 4096
                    for index in 0..<count { buffer[index] = 0 }
                }
            }
            guard pwrite(to, buffer, count, off_t(offset)) == count else { return false }
            offset += count
        }
        return true
    }

    private func readTables(of path: String, _ scope: FrameScope, _ take: (Data) throws -> Void) throws {
        var configuration = Configuration()
        configuration.publicStatementArguments = false
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }
        try queue.inDatabase { database in
            guard try String.fetchOne(database, sql: "PRAGMA integrity_check(1)") == "ok" else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT)
            }
            var after: Int64 = 0
            while true {
                let page = try SQLiteRecordStore.frames(
                    scope, after: after, countMax: Self.pageRecords, bytesMax: .max, in: database)
                guard let last = page.last else { return }
                for stored in page { try take(stored.frame) }
                after = last.position
            }
        }
    }

    /// Into a database in memory, which keeps every frame once.
    private func salvage(_ path: String, _ take: (Data) throws -> Void) throws {
        let queue = try DatabaseQueue()
        try queue.writeWithoutTransaction { database in
            try Schema.records.migrate(database, path: ":memory:")
            var salvage = RecordSalvage(publicKey: publicKey, logger: logger)
            try salvage.run(from: path, into: database)
            let rows = try Row.fetchCursor(
                database, sql: "SELECT frame FROM outbox JOIN record ON position = record ORDER BY chain, sequence")
            while let row = try rows.next() { try take(row[0]) }
        }
    }
}
