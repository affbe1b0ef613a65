// Backs the database up from time to time while headquarters serves.

import HeadquartersCore
import HeadquartersStore
import Logging
import ServiceLifecycle

#if canImport(Glibc)
import Glibc
#endif

extension BackupOrder {
    init(folder: String, _ settings: HeadquartersSettings.Backup) {
        self.init(folder: folder, keep: settings.keep, sameDiskCounts: settings.sameDiskCounts)
    }
}

/// One backup each `everyMinutes`, counted from the start of the newest verified one in the folder; the first at once.
struct BackupService: Service {
    let store: SQLiteHeadquartersStore
    let order: BackupOrder
    let everyMinutes: Int
    let now: @Sendable () -> Int64
    let logger: Logger

    private static let interval = Duration.seconds(60)
    /// After a failure; a disk that was forgotten is mounted within minutes.
    private static let retryAfter = Duration.seconds(300)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var notBefore = ContinuousClock.now
            while !Task.isCancelled {
                if ContinuousClock.now >= notBefore {
                    do {
                        _ = try await turn()
                    } catch is CancellationError {
                        break
                    } catch {
                        await report(error)
                        notBefore = ContinuousClock.now + Self.retryAfter
                    }
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    /// Nil: none was due. Erasures go into the folder in any case.
    func turn() async throws -> BackupReport? {
        guard try await isDue() else {
            try store.copyErasures(to: order.folder)
            return nil
        }
        let report = try await store.backUp(order, now: now)
        var metadata: Logger.Metadata = [
            "backup.name": "\(report.backup.name)", "backup.records": "\(report.backup.records)",
            "backup.milliseconds": "\(report.backup.verifiedAt - report.backup.startedAt)",
        ]
        logger.notice("backup verified", metadata: metadata)
        if !report.backup.allowsPurge {
            metadata["error.hint"] = "put backup.folder onto another disk; until then kiosks keep every record"
            logger.warning("the backup lies on the file system of the database", metadata: metadata)
        }
        if !report.unremoved.isEmpty {
            logger.warning("old backups cannot be removed", metadata: ["backup.count": "\(report.unremoved.count)"])
        }
        return report
    }

    private func isDue() async throws -> Bool {
        guard let newest = try await store.newestBackup(in: order.folder) else { return true }
        if access(newest.path, F_OK) != 0 {
            // What kiosks may purge stood in this very file.
            logger.error(
                "the newest backup is gone from its folder: kiosks may purge nothing before the next one",
                metadata: ["backup.name": "\(newest.name)"])
            try await store.forgetDurableMarks()
            return true
        }
        let age = now() - newest.startedAt
        return age < 0 || age >= Int64(everyMinutes) * 60_000
    }

    private func report(_ error: any Error) async {
        let failure = error as? BackupError
        let newest = try? await store.backupState().newest
        let age = newest.map { "\(max(0, now() - $0.startedAt) / 60_000)" } ?? "none"
        logger.error(
            "backup failed",
            metadata: [
                "error.code": "\(failure?.code.rawValue ?? "\(type(of: error))")",
                "error.detail": "\(failure?.detail ?? "\(error)")", "error.hint": "\(failure?.code.hint ?? "")",
                "backup.newestMinutesAgo": "\(age)",
            ])
    }
}
