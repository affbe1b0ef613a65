// Which of the backups in a folder came out of which: their names sort by time, and time alone does not say it.

import GRDB
import HeadquartersCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A backup holds its own row and those of all that were made before it by the same database, also before a restore
/// (`Migration0009Durability`). So one is newer than another exactly where it holds the other's row. Where neither holds
/// the other's they are of two histories: a database that was made anew, or one that went on from an older backup.
enum BackupHistory {
    /// Not the name: somebody may have given the file another one before it was restored.
    struct Entry: Hashable {
        var number: Int64
        var startedAt: Int64
    }

    /// What a file says about itself.
    struct File {
        var name: String
        /// Nil: `headquartersd backup` did not make it.
        var own: Entry?
        var entries: Set<Entry> = []
        var records = 0
        var kiosks = 0
        var newestRecordAt: Int64?

        init(_ db: Database, name: String) throws {
            self.name = name
            if try db.tableExists("backup") {
                let rows = try Row.fetchAll(db, sql: "SELECT number, startedAt FROM backup ORDER BY number")
                let entries = rows.map { Entry(number: $0["number"], startedAt: $0["startedAt"]) }
                (own, self.entries) = (entries.last, Set(entries))
            }
            records = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM frame") ?? 0
            kiosks = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM device") ?? 0
            newestRecordAt = try Int64.fetchOne(db, sql: "SELECT MAX(receivedAt) FROM frame")
        }

        /// Not read whole: only a file that is restored is. Nil where it is no database that can be read.
        init?(folder: String, name: String) {
            let configuration = BackupCopy.configuration(isReadOnly: true)
            guard let queue = try? DatabaseQueue(path: folder + "/" + name, configuration: configuration),
                let file = try? queue.read({ try File($0, name: name) })
            else { return nil }
            self = file
        }

        func isNewer(than other: File) -> Bool { other.own.map(entries.contains) ?? false }
    }

    /// Names of newer backups and of those of other histories. What cannot be read counts by its name.
    static func beside(_ chosen: File, in folder: String) -> (newer: [String], others: [String]) {
        var (newer, others): ([String], [String]) = ([], [])
        for name in BackupFolder.names(in: folder) where name != chosen.name {
            guard let file = File(folder: folder, name: name) else {
                if name > chosen.name, BackupFolder.isBackup(chosen.name) { newer.append(name) }
                continue
            }
            if chosen.isNewer(than: file) { continue }
            if file.isNewer(than: chosen) { newer.append(name) } else { others.append(name) }
        }
        return (newer, others)
    }

    /// A line for each backup in the folder, by time, times of Beijing.
    ///
    /// - Parameter chosen: is marked, and each line says what it is to it; nil: nothing was chosen.
    static func list(of folder: String, chosen: File?) -> String {
        let names = BackupFolder.names(in: folder)
        if names.isEmpty { return "  没有备份文件 no backups in it" }
        return names.map { name in
            guard let file = File(folder: folder, name: name) else { return "  \(name)  读不了 cannot be read" }
            var parts = [
                "  \(name)", "备份于 made \(time(file.own?.startedAt))", "\(file.records) 条记录 records",
                "\(file.kiosks) 台 kiosks", "最新一条 newest record \(time(file.newestRecordAt))",
            ]
            if let chosen { parts.append(word(file, chosen)) }
            return parts.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    private static func word(_ file: File, _ chosen: File) -> String {
        if file.name == chosen.name { return "<- 选的这份 the one you named" }
        if chosen.isNewer(than: file) { return "更早 older" }
        return file.isNewer(than: chosen) ? "更新 newer" : "另一套 of another history"
    }

    private static func time(_ milliseconds: Int64?) -> String {
        guard let milliseconds, let time = BeijingTime(milliseconds: milliseconds) else { return "无 none" }
        return "\(time.day) \(time.clock)"
    }
}
