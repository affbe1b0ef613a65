// headquartersd backup, restore, check and retention, as functions.

import DurableFiles
import HeadquartersCore
import HeadquartersStore
import JobFair
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension HeadquartersCommands {
    /// - Parameters:
    ///   - folder: nil: `backup.folder` of the settings.
    ///   - keep: nil: `backup.keep`.
    public func backUp(to folder: String?, keep: Int?) async throws -> String {
        guard let folder = folder ?? settings.backup.folder else {
            throw HeadquartersError(
                .settingsInvalid, "where to? --to FOLDER, or backup.folder in the settings",
                hint: "the folder has to exist and to lie on another disk than the database")
        }
        var order = BackupOrder(folder: folder, settings.backup)
        if let keep { order.keep = max(1, keep) }
        // An empty database, just made, would be backed up as the newest of all.
        _ = try StoreCheck.existing(stateFolder: settings.stateFolder)
        let store = try openStore()
        let report = try await store.backUp(order, now: Self.now)
        let backup = report.backup
        try await store.addAuditLine(
            AuditLine(
                at: Self.now(), actor: .terminal, action: .backupMade, subject: backup.name, rows: backup.records))
        var lines = [
            "verified  \(backup.path)",
            "\(backup.records) records, \(backup.bytes >> 10) KiB, read again and compared; "
                + "kept: the newest \(order.keep), removed now: \(report.removed.count)",
        ]
        lines.append(
            backup.allowsPurge
                ? "Kiosks may purge what is in it."
                : "It lies on the file system of the database: kiosks keep every record. Back up to another disk, or say "
                    + "backup.sameDiskCounts: true where something carries the folder away.")
        if report.strangers > 0 {
            lines.append(
                "\(report.strangers) backups there are not of this database (another machine, or before a restore): they "
                    + "are never removed by themselves.")
        }
        if !report.unremoved.isEmpty { lines.append("not removed: \(report.unremoved.joined(separator: ", "))") }
        return lines.joined(separator: "\n")
    }

    public func restore(
        from file: String, movesAside: Bool, takesOlder: Bool, takesThisOne: Bool = false
    ) async throws -> String {
        try DurableFile.makeFolder(settings.stateFolder)
        let report = try await DatabaseRestore.run(
            RestoreOrder(
                file: file, movesAside: movesAside, takesOlder: takesOlder, takesThisOne: takesThisOne),
            stateFolder: settings.stateFolder, now: Self.now)
        var lines = ["restored  \(file)"]
        if let number = report.number, let startedAt = report.startedAt {
            lines.append("backup number \(number), \(Self.ago(startedAt)): what came later is not in it")
        } else {
            lines.append("a copy that headquartersd backup did not make: how old it is only its newest record can say")
        }
        lines.append(
            "\(report.records) records (\(report.held) held), \(report.fairs) fairs, \(report.kiosks) kiosks; "
                + "the newest record arrived \(report.newestRecordAt.map(Self.ago) ?? "never")")
        lines += report.movedAside.map { "moved aside  \($0)" }
        if !report.newer.isEmpty {
            lines.append("NEWER backups lie beside it: \(report.newer.joined(separator: ", "))")
        }
        if !report.others.isEmpty {
            lines.append("Backups of another history lie beside it: \(report.others.joined(separator: ", "))")
        }
        lines.append("\(report.erasures) erasures in the journal; they are applied at the next start")
        lines.append("Next:")
        do {
            _ = try keyFolder.load()
        } catch {
            let isForeign = (error as? HeadquartersError)?.code == .keysForeign
            lines.append(
                "  headquartersd keys restore --passphrase-file FILE --from FILE   "
                    + (isForeign
                        ? "(the keys here are others: move the folder keys away first)" : "(the keys are not here yet)")
            )
        }
        lines += [
            "  headquartersd check", "  systemctl start headquartersd",
            "  headquartersd backup --to FOLDER, once the kiosks have sent: until then they purge nothing",
            "Kiosks offer again by themselves what this backup lacks. A gap that stays (figures, headquartersd check) was "
                + "purged after a later backup: restore that one, or import the kiosk's stick.",
        ]
        return lines.joined(separator: "\n")
    }

    /// One line per check, and whether all are true.
    public func check() async throws -> (text: String, isTrue: Bool) {
        var lines = try await StoreCheck.run(stateFolder: settings.stateFolder)
        // Of a database that cannot be read nobody can say which keys it needs.
        if lines.first?.verdict != .wrong { lines.append(keysLine()) }
        let text = lines.map { line in
            "\(line.verdict.rawValue.padding(to: 5))  \(line.name.padding(to: 12))  \(line.text)"
        }
        return (text.joined(separator: "\n"), !lines.contains { $0.verdict == .wrong })
    }

    private func keysLine() -> CheckLine {
        do {
            _ = try keyFolder.load()
            return try keyFolder.isBackedUp()
                ? CheckLine(.ok, "keys", "those of this database; they were backed up and read back")
                : CheckLine(.look, "keys", "not backed up: headquartersd keys backup, or no kiosk can be enrolled")
        } catch {
            let isNew = (try? SQLiteHeadquartersStore.keyedContent(stateFolder: settings.stateFolder))?.isEmpty == true
            return CheckLine(isNew ? .look : .wrong, "keys", "\(error)")
        }
    }

    /// - Parameters:
    ///   - days: nil: `retention.daysAfterFair` of the settings.
    ///   - wipes: false: says only what would be wiped.
    public func applyRetention(days: Int?, wipes: Bool) async throws -> String {
        let range = HeadquartersSettings.retentionDaysRange
        guard let days = days ?? settings.retentionDays, range.contains(days) else {
            throw HeadquartersError(
                .settingsInvalid,
                "after how many days? --days \(range.lowerBound) to \(range.upperBound), or retention.daysAfterFair in "
                    + "the settings")
        }
        let now = Self.now()
        guard let day = Retention.firstDayKept(days: days, now: now) else {
            throw HeadquartersError(.settingsInvalid, "the clock of this machine stands before 1970")
        }
        let store = try openStore()
        let fairs = try await store.expiredFairs(before: day)
        if fairs.isEmpty { return "no fair that ended before \(day) has anything left to wipe" }
        var lines: [String] = []
        var isGone = true
        for fair in fairs {
            var text = "number \(fair.keyNumber)  \(fair.lastDay)  \(fair.name)  "
            if wipes {
                let done = try await store.wipe(fair.id, line: Retention.line(days: days, now: now))
                isGone = isGone && done.isGone
                text += "\(done.records) records wiped"
            } else {
                text += "\(fair.records) records to wipe"
            }
            lines.append(text + (fair.held > 0 ? ", \(fair.held) held ones stay: look at them first" : ""))
        }
        if !wipes { lines.append("Nothing was wiped: --wipe does it, and it cannot be undone.") }
        if !isGone { lines.append("A reader was in the way: what was wiped leaves the WAL with the next run.") }
        if wipes {
            lines.append("Backups of before still hold it: they go as new ones come; carried-away ones by hand.")
        }
        return lines.joined(separator: "\n")
    }

    private static func ago(_ milliseconds: Int64) -> String {
        let minutes = max(0, now() - milliseconds) / 60_000
        return minutes < 120
            ? "\(minutes) minutes ago" : minutes < 2880 ? "\(minutes / 60) hours ago" : "\(minutes / 1440) days ago"
    }
}

extension String {
    fileprivate func padding(to length: Int) -> String { self + String(repeating: " ", count: max(0, length - count)) }
}
