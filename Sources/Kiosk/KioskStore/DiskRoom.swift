// Room kept back for the day the disk is full: a ballast file, and a limit on the database's size.

import DurableFiles
import Foundation
import GRDB
import Glibc
import Logging
import Synchronization

/// While the ballast is there, records are taken. The first commit that finds no room gives it up: from then on nobody
/// registers, but receipts, purging, print states and changes of fair and day have room to be written, until there is
/// room for a new ballast. Called on the queue of the database.
final class DiskRoom: Sendable {
    /// 16 MiB: what a WAL may hold when it has to be copied into a database that grows by all of it. 10 MiB: emptying the
    /// desk entries of a fair of 20,000 registrations. The rest: receipts, small files, and blocks of the file system.
    static let ballastBytes = 32 << 20
    /// Free beside a new ballast, so that it is not given up again at once.
    static let marginBytes = 16 << 20

    /// Nil: there is no ballast, and a full disk is met as it comes.
    private let path: String?
    private let bytesMax: Int?
    private let logger: Logger
    private let isGivenUp = Mutex(false)

    init(_ settings: RecordStoreSettings, logger: Logger) {
        path = settings.ballastPath
        bytesMax = settings.sizeBytesMax
        self.logger = logger
        isGivenUp.withLock { $0 = path != nil && !isThere }
    }

    /// Nobody registers any more.
    var isFull: Bool { isGivenUp.withLock { $0 } }

    /// True where that made room.
    func giveUp(in database: Database? = nil) -> Bool {
        guard let path, isGivenUp.withLock({ !$0 }) else { return false }
        guard unlink(path) == 0 || errno == ENOENT else {
            logger.error("the ballast cannot be given up", metadata: ["errno": "\(errno)"])
            return false
        }
        isGivenUp.withLock { $0 = true }
        if let database { try? limitSize(database) }
        logger.critical("the disk is full; the ballast was given up, nobody registers until there is room")
        return true
    }

    /// A new ballast, where one is missing and there is room for it; true: records are taken.
    func renew(in database: Database) -> Bool {
        guard isFull, let path else { return true }
        guard hasRoom(database) else { return false }
        do {
            try DurableFile.reserve(path, bytes: Self.ballastBytes)
        } catch {
            logger.warning("there is no new ballast yet", metadata: ["error": "\(error)"])
            return false
        }
        isGivenUp.withLock { $0 = false }
        try? limitSize(database)
        logger.notice("there is a ballast, and room for records")
        return true
    }

    /// `max_page_count`: without a ballast the limit is higher by what the ballast was.
    func limitSize(_ database: Database) throws {
        guard let bytesMax, let pageSize = try Int.fetchOne(database, sql: "PRAGMA page_size") else { return }
        let bytes = bytesMax + (isFull ? Self.ballastBytes : 0)
        try database.execute(sql: "PRAGMA max_page_count = \(max(1, bytes / pageSize))")
    }

    private var isThere: Bool {
        var status = stat()
        guard let path, stat(path, &status) == 0 else { return false }
        return status.st_size >= Self.ballastBytes
    }

    private func hasRoom(_ database: Database) -> Bool {
        guard let path else { return true }
        var status = statvfs()
        guard statvfs(DurableFile.folder(of: path), &status) == 0 else { return false }
        guard Int(status.f_bavail) * Int(status.f_frsize) >= Self.ballastBytes + Self.marginBytes else { return false }
        guard let bytesMax else { return true }
        func number(_ name: String) -> Int? { try? Int.fetchOne(database, sql: "PRAGMA \(name)") }
        guard let pages = number("page_count"), let free = number("freelist_count"), let size = number("page_size")
        else { return false }
        return (pages - free) * size + min(Self.marginBytes, bytesMax / 10) <= bytesMax
    }
}
