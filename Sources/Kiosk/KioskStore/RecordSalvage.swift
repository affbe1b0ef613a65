// Records that a damaged file still holds: whatever bears this kiosk's own signature goes into the new database.

import Foundation
import GRDB
import Glibc
import JobFair
import KioskCore
import Logging
import SyncProtocol

/// Reads a file that was set aside, twice: by SQLite as far as that goes (it also knows fingerprints and desk entries),
/// and byte by byte, its WAL too, for anything that is a frame of ours. A frame of more than about 4000 bytes lies in
/// pieces and is found by SQLite only. The file itself is not touched.
///
/// Every frame found is offered to headquarters again; it knows the duplicates. Runs in one transaction of the new
/// database, on its queue, before its first lineage begins.
struct RecordSalvage {
    /// What is read at once, and how far two readings overlap: a frame that begins in one ends in it.
    private static let windowBytes = 4 << 20
    private static let overlapBytes = SyncLimits.frameBytesMax + 16
    /// No frame is smaller: identity, place, clock, signature.
    private static let frameBytesMin = 200
    /// A bad sector is stepped over.
    private static let sectorBytes = 4096

    let publicKey: Data
    let logger: Logger
    private(set) var count = 0

    init(publicKey: Data, logger: Logger) {
        self.publicKey = publicKey
        self.logger = logger
    }

    mutating func run(from path: String, into database: Database) throws {
        readTables(of: path, into: database)
        readErasures(of: path, into: database)
        for file in [path, path + "-wal"] { try scan(file, into: database) }
        try database.execute(
            sql: """
                UPDATE chain SET lastSequence = (SELECT max(sequence) FROM record WHERE chain = chain.number),
                    lastDigest = (SELECT digest FROM record WHERE chain = chain.number ORDER BY sequence DESC LIMIT 1)
                WHERE EXISTS (SELECT 1 FROM record WHERE chain = chain.number)
                """)
    }

    /// Read only, without its WAL, and without a lock: nothing is written beside it either.
    private static func damaged(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.publicStatementArguments = false
        let escaped = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
        return try DatabaseQueue(path: "file:\(escaped)?immutable=1", configuration: configuration)
    }

    /// Erasure directives that are still to be carried: headquarters checks their signature.
    private func readErasures(of path: String, into database: Database) {
        do {
            try Self.damaged(path).inDatabase { old in
                let rows = try Row.fetchCursor(
                    old, sql: "SELECT directiveID, signed FROM directive WHERE signed IS NOT NULL ORDER BY number")
                while let row = try rows.next() {
                    guard let id = Data.fromDatabaseValue(row[0] as DatabaseValue), id.count == 16,
                        let signed = Data.fromDatabaseValue(row[1] as DatabaseValue), (1...1024).contains(signed.count)
                    else { continue }
                    try DirectiveRows.keep(id, signed: signed, in: database)
                }
            }
        } catch {
            logger.notice("erasures of the damaged file cannot all be read")
        }
    }

    /// As far as SQLite reads, from both ends: damage in the middle hides nothing before or behind it.
    private mutating func readTables(of path: String, into database: Database) {
        for order in ["ASC", "DESC"] {
            do {
                let damaged = try Self.damaged(path)
                var salvage = self
                defer { self = salvage }
                try damaged.inDatabase { old in
                    let rows = try Row.fetchCursor(
                        old,
                        sql: """
                            SELECT frame, fingerprint, maskedName, wishes, slipPurpose, lostSlipHash, digitsHash
                            FROM record JOIN outbox ON outbox.record = position
                            LEFT JOIN deskEntry ON deskEntry.record = position
                            WHERE frame IS NOT NULL ORDER BY position \(order)
                            """)
                    while let row = try rows.next() {
                        guard let frame = Data.fromDatabaseValue(row[0] as DatabaseValue) else { continue }
                        try salvage.insert(frame, row: row, into: database)
                    }
                }
            } catch {
                let code = (error as? DatabaseError)?.extendedResultCode.rawValue ?? 0
                logger.notice("the damaged tables cannot be read to their end", metadata: ["sqlite.code": "\(code)"])
            }
        }
    }

    // MARK: Byte by byte

    private mutating func scan(_ path: String, into database: Database) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return }
        var window = [UInt8](repeating: 0, count: Self.windowBytes + Self.overlapBytes)
        var offset = 0
        while offset < Int(status.st_size) {
            let count = Self.read(descriptor, into: &window, from: offset)
            for range in Self.frames(in: window, count: count, beginningBefore: Self.windowBytes) {
                try insert(Data(window[range]), row: nil, into: database)
            }
            offset += Self.windowBytes
        }
    }

    private static func read(_ descriptor: Int32, into window: inout [UInt8], from offset: Int) -> Int {
        var filled = 0
        while filled < window.count {
            let count = window.withUnsafeMutableBytes { bytes in
                pread(descriptor, bytes.baseAddress.map { $0 + filled }, bytes.count - filled, off_t(offset + filled))
            }
            if count == 0 { break }
            if count > 0 {
                filled += count
            } else if errno != EINTR {
                let skipped = min(sectorBytes - (offset + filled) % sectorBytes, window.count - filled)
                for index in filled..<filled + skipped { window[index] = 0 }
                filled += skipped
            }
        }
        return filled
    }

    /// Places that look like `Frame { bytes body = 1; bytes signature = 2 }` with a signature of 64 bytes.
    static func frames(in bytes: [UInt8], count: Int, beginningBefore end: Int) -> [Range<Int>] {
        bytes.withUnsafeBytes { bytes in
            guard let begin = bytes.baseAddress else { return [] }
            var found: [Range<Int>] = []
            var place = 0
            while place < min(end, count), let hit = memchr(begin + place, 0x0A, min(end, count) - place) {
                let start = begin.distance(to: UnsafeRawPointer(hit))
                place = start + 1
                var length = 0
                var shift = 0
                var next = place
                while next < count, shift < 21 {
                    length |= Int(bytes[next] & 0x7F) << shift
                    shift += 7
                    next += 1
                    if bytes[next - 1] & 0x80 == 0 { break }
                }
                let signature = next + length
                guard (frameBytesMin...SyncLimits.frameBytesMax).contains(length), signature + 66 <= count,
                    bytes[signature] == 0x12, bytes[signature + 1] == 64
                else { continue }
                found.append(start..<signature + 66)
            }
            return found
        }
    }

    // MARK: Into the new database

    private mutating func insert(_ frame: Data, row: Row?, into database: Database) throws {
        guard let decoded = try? RecordFrame.decode(frame), decoded.isSigned(by: publicKey),
            RecordID(bytes: decoded.identity.recordID) != nil, FairID(bytes: decoded.identity.fairID) != nil
        else { return }
        let place = decoded.body.place
        try database.execute(
            sql: "INSERT OR IGNORE INTO chain (lineageID) VALUES (?)", arguments: [place.lineageID])
        // Nothing matches a fingerprint of zeros: a repeat of such a request is a conflict, and the page takes a new id.
        let unknown = Data(count: 32)
        try database.execute(
            sql: """
                INSERT OR IGNORE INTO record
                    (recordID, chain, sequence, fairID, fairDay, isDayConfirmed, fingerprint, digest)
                VALUES (?, (SELECT number FROM chain WHERE lineageID = ?), ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                decoded.identity.recordID, place.lineageID, Int64(place.sequence), decoded.identity.fairID,
                CalendarDate(place.fairDay)?.description, place.dayConfirmed, Self.blob(row?[1]) ?? unknown,
                decoded.digest,
            ])
        guard database.changesCount > 0 else { return }
        let position = database.lastInsertedRowID
        try database.execute(
            sql: "INSERT INTO outbox (record, state, frame) VALUES (?, 'pending', ?)", arguments: [position, frame])
        count += 1
        if let ticket = TicketNumber(place.ticket) {
            try insertDeskEntry(ticket, of: position, decoded: decoded, row: row, into: database)
        }
    }

    /// Without the old row only the number is known: purpose 2, for whether intents are allowed is not.
    private func insertDeskEntry(
        _ ticket: TicketNumber, of position: Int64, decoded: DecodedFrame, row: Row?, into database: Database
    ) throws {
        func text(_ value: DatabaseValue?) -> String? { value.flatMap { String.fromDatabaseValue($0) } }
        let wishes = text(row?[3]).flatMap { text in
            (try? JSONDecoder().decode(Wishes.self, from: Data(text.utf8))).map { _ in text }
        }
        try database.execute(
            sql: """
                INSERT OR IGNORE INTO deskEntry
                    (record, fairID, ticket, maskedName, wishes, slipPurpose, lostSlipHash, digitsHash)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                position, decoded.identity.fairID, ticket.description, String((text(row?[2]) ?? "").prefix(64)),
                wishes ?? "{}", (row?[4] as DatabaseValue?).flatMap { Int.fromDatabaseValue($0) } == 1 ? 1 : 2,
                Self.blob(row?[5]), Self.blob(row?[6]),
            ])
    }

    private static func blob(_ value: DatabaseValue?) -> Data? {
        value.flatMap { Data.fromDatabaseValue($0) }.flatMap { $0.count == 32 ? $0 : nil }
    }
}
