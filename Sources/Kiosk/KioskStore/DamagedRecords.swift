// A damaged records.sqlite is set aside under another name, never deleted; and how damage is suspected and proven.

import DurableFiles
import Foundation
import GRDB
import Glibc

/// Names beside `records.sqlite`:
///
/// * `records.damaged-1.sqlite` (and `-wal`): what was set aside, for salvage by people.
/// * `records.sqlite.aside`: the plan of a renaming, there until the new database has what was salvaged. A kill at any
///   moment leaves either the old pair of files, or the plan by which the next start goes on.
/// * `records.sqlite.suspect`: SQLite met damage while the daemon ran. The next start reads the whole file; if it finds
///   nothing and it happens again, the file is set aside without another look: a restart for ever helps nobody.
public struct DamagedRecords: Sendable {
    enum Suspicion: String {
        case none, suspected, checked, again
    }

    /// A file up to this size is read whole at each start: 64 MiB hold 40,000 records and take about two seconds on a
    /// card of 40 MB/s. A larger one when damage is suspected.
    static let bytesCheckedMax = 64 << 20
    private static let suffixes = ["-wal", "-journal", ""]

    let path: String

    private var planPath: String { path + ".aside" }
    private var suspicionPath: String { path + ".suspect" }

    // MARK: Suspicion

    var suspicion: Suspicion {
        guard let bytes = try? DurableFile.read(suspicionPath) else { return .none }
        let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        return Suspicion(rawValue: text) ?? .suspected
    }

    /// SQLite met damage. To be called before the process ends; where it cannot be written down the next start sees less.
    func suspect() {
        switch suspicion {
        case .none: set(.suspected)
        case .checked: set(.again)
        case .suspected, .again: break
        }
    }

    /// The whole file was read and is sound.
    func clear() {
        if suspicion == .suspected { set(.checked) }
    }

    private func set(_ suspicion: Suspicion) {
        try? DurableFile.replace(suspicionPath, with: Data("\(suspicion.rawValue)\n".utf8))
    }

    // MARK: Proof

    /// Throws `corrupted` where tables, indices or references are not whole. On the queue of the database.
    func check(_ database: Database) throws {
        let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
        guard pages * 4096 <= Self.bytesCheckedMax || suspicion != .none else { return }
        // A page that could not be read is reported like a damaged one; so the check has to fail twice.
        guard try isWhole(database) || isWhole(database) else { throw Self.damage(path, "the integrity check failed") }
        let orphan = try Row.fetchOne(database, sql: "PRAGMA foreign_key_check")
        guard orphan == nil else { throw Self.damage(path, "a reference leads nowhere") }
    }

    private func isWhole(_ database: Database) throws -> Bool {
        let found = try String.fetchOne(database, sql: "PRAGMA integrity_check(1)") ?? ""
        if found == "ok" { return true }
        let number = found.range(of: "error code=").map { found[$0.upperBound...].prefix(while: \.isNumber) }
        if let code = number.flatMap({ Int32($0) }), ResultCode(rawValue: code).primaryResultCode == .SQLITE_IOERR {
            throw DatabaseError(resultCode: .SQLITE_IOERR, message: "a page cannot be read")
        }
        return false
    }

    /// A file that could not be opened for whatever reason: do its first 100 bytes say that it is one of ours
    /// (sqlite.org/fileformat2.html, section 1.3)? An empty file is new.
    var hasSoundHeader: Bool {
        guard let file = FileHandle(forReadingAtPath: path) else { return true }
        defer { try? file.close() }
        guard let header = try? file.read(upToCount: 100).map({ [UInt8]($0) }) else { return true }
        if header.isEmpty { return true }
        return header.count == 100 && header.starts(with: Array("SQLite format 3\0".utf8))
            && Array(header[16..<24]) == [0x10, 0x00, header[18], header[19], 0, 64, 32, 32]
            && (1...2).contains(header[18]) && header[18] == header[19]
    }

    /// There is a WAL, and nothing that it belongs to: SQLite would delete it.
    var isWALWithoutFile: Bool { Self.size(path + "-wal") > 0 && Self.size(path) <= 0 }

    static func damage(_ path: String, _ what: String) -> KioskStoreError {
        KioskStoreError(
            .corrupted, "\(path) is damaged: \(what)",
            hint: "keep the file and its -wal for salvage, move both away and start again")
    }

    // MARK: Setting aside

    /// The name of the file that was set aside and whose records are not salvaged yet; goes on with a renaming that was
    /// cut off.
    func unfinished() throws(DurableFileError) -> String? {
        guard let bytes = try DurableFile.read(planPath) else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard let name = words.first, name.hasPrefix("records.damaged-") else { return nil }
        let target = DurableFile.folder(of: path) + "/" + name
        // Only files that were there when the plan was made: a new database has a WAL of its own.
        for suffix in Self.suffixes where words.dropFirst().contains("+\(suffix)") && Self.size(target + suffix) < 0 {
            guard rename(path + suffix, target + suffix) == 0 || errno == ENOENT else {
                throw DurableFileError(call: "rename", path: path + suffix, number: errno)
            }
        }
        try DurableFile.sync(DurableFile.folder(of: path))
        return target
    }

    /// Renames the file and what belongs to it. Durable when it returns.
    func setAside() throws(DurableFileError) {
        let folder = DurableFile.folder(of: path)
        var number = 1
        while Self.suffixes.contains(where: { Self.size("\(folder)/records.damaged-\(number).sqlite\($0)") >= 0 }) {
            number += 1
        }
        let there = Self.suffixes.filter { Self.size(path + $0) >= 0 }.map { "+\($0)\n" }.joined()
        try DurableFile.replace(planPath, with: Data("records.damaged-\(number).sqlite\n\(there)".utf8))
        _ = try unfinished()
    }

    /// What could be salvaged is in the new database.
    func finish(_ aside: String?) {
        guard aside != nil else { return }
        unlink(suspicionPath)
        unlink(planPath)
    }

    /// -1: there is no such file.
    private static func size(_ path: String) -> Int {
        var status = stat()
        return lstat(path, &status) == 0 ? Int(status.st_size) : -1
    }
}

extension DamagedRecords {
    /// Names of files that were set aside and still lie in the folder.
    public static func names(in folder: String) -> [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        // Of a WAL without its database only that is there.
        let names = all.filter { $0.hasPrefix("records.damaged-") }.map {
            $0.hasSuffix("-wal") ? String($0.dropLast(4)) : $0
        }
        return Set(names.filter { $0.hasSuffix(".sqlite") }).sorted()
    }
}
