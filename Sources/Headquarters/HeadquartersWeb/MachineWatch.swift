// The machine under headquarters: backups and free space, for the figures page and the log.

import DurableFiles
public import HeadquartersCore
import Logging
import ServiceLifecycle

/// What is asked of the machine.
public struct MachineWatch: Sendable {
    let store: any HeadquartersStore
    let settings: HeadquartersSettings

    public init(store: any HeadquartersStore, settings: HeadquartersSettings) {
        self.store = store
        self.settings = settings
    }

    func state() async throws -> MachineState {
        let backup = try await store.backupState()
        return MachineState(
            backup: backup,
            isBackupOnSameDisk: !settings.backup.sameDiskCounts
                && backup.newest.flatMap { DiskSpace.isSameFileSystem($0.folder, settings.stateFolder) } == true,
            everyMinutes: settings.backup.folder == nil ? nil : settings.backup.everyMinutes,
            freeBytes: DiskSpace.freeBytes(settings.stateFolder),
            backupFreeBytes: settings.backup.folder.flatMap(DiskSpace.freeBytes),
            warnBelowBytes: Int64(settings.diskWarnMebibytes) << 20)
    }
}

struct MachineState: Hashable, Sendable {
    var backup: BackupState
    /// The newest verified one lies on the file system of the database, now.
    var isBackupOnSameDisk = false
    /// Nil: none are made by themselves.
    var everyMinutes: Int?
    /// Nil where the file system does not say.
    var freeBytes: Int64?
    /// Nil: there is no folder of backups, or it is not there now.
    var backupFreeBytes: Int64?
    var warnBelowBytes: Int64

    var isDiskLow: Bool { (freeBytes ?? .max) < warnBelowBytes }
    var isBackupDiskLow: Bool { (backupFreeBytes ?? .max) < warnBelowBytes }
}

/// A sentence of the figures page.
struct MachineLine: Hashable, Sendable {
    var heading = ""
    var text: String
    var isBad: Bool
}

enum MachineWords {
    private static let minute: Int64 = 60_000
    /// A backup by hand that is older than this is late.
    private static let lateByHand: Int64 = 24 * 60 * minute

    static func lines(_ state: MachineState?, now: Int64) -> [MachineLine] {
        guard let state else { return [] }
        return [
            damage(state), backup(state, now: now), failure(state, now: now), disk(state), backupDisk(state),
        ].compactMap(\.self)
    }

    private static func damage(_ state: MachineState) -> MachineLine? {
        guard state.backup.hasSeenDamage else { return nil }
        return MachineLine(
            heading: "数据库损坏", text: HeadquartersStoreError.Code.damaged.hintZh + "。", isBad: true)
    }

    private static func backup(_ state: MachineState, now: Int64) -> MachineLine? {
        guard let newest = state.backup.newest else {
            // A failure says more.
            if state.backup.failure != nil { return nil }
            let text =
                state.everyMinutes == nil
                ? "数据库没有备份，机器坏了就找不回来。请在设置里写 backup.folder，或者运行 headquartersd backup。"
                : "第一次备份还没有做完。"
            return MachineLine(heading: "还没有备份", text: text, isBad: state.everyMinutes == nil)
        }
        let age = max(0, now - newest.startedAt)
        let late = state.everyMinutes.map { Int64($0) * 3 * minute } ?? lateByHand
        var text = "最近一次核对过的备份：\(ago(age))，\(PressNumber.exact(newest.records)) 条记录。"
        if age > late {
            text += state.everyMinutes == nil ? "请再备份一次。" : "备份迟了，请看运行日志。"
        }
        if state.isBackupOnSameDisk {
            text += "它和数据库在同一块盘上，盘坏了两份都没有，请换一块盘。"
        } else if !newest.allowsPurge {
            // The database was restored from it: it is where it was, and is the only copy beside the database.
            text += "数据库是用它恢复的，以后还没有新的备份；新的备份核对好以前，自助机什么也不清理。"
            if state.everyMinutes == nil { text += "自助机都传完以后，请运行 headquartersd backup。" }
        }
        let isBad = age > late || state.isBackupOnSameDisk
        return MachineLine(heading: isBad ? "备份" : "", text: text, isBad: isBad)
    }

    private static func failure(_ state: MachineState, now: Int64) -> MachineLine? {
        guard let failure = state.backup.failure else { return nil }
        return MachineLine(
            heading: "备份没有成功", text: "\(ago(max(0, now - failure.failedAt)))：\(failure.code.hintZh)以前的备份还在。",
            isBad: true)
    }

    private static func disk(_ state: MachineState) -> MachineLine? {
        guard state.isDiskLow, let free = state.freeBytes else { return nil }
        return MachineLine(
            heading: "总部磁盘快满了",
            text: "只剩 \(PressNumber.exact(Int(free >> 20))) MB，请清理或扩容。满了以后总部收不进记录，自助机照常登记，记录留在自助机上。",
            isBad: true)
    }

    private static func backupDisk(_ state: MachineState) -> MachineLine? {
        guard state.isBackupDiskLow, let free = state.backupFreeBytes else { return nil }
        return MachineLine(
            heading: "备份盘快满了", text: "只剩 \(PressNumber.exact(Int(free >> 20))) MB。满了就不能再备份。", isBad: true)
    }

    private static func ago(_ milliseconds: Int64) -> String {
        switch milliseconds / minute {
        case 0: "刚才"
        case let minutes where minutes < 120: "\(minutes) 分钟前"
        case let minutes where minutes < 48 * 60: "\(minutes / 60) 小时前"
        case let minutes: "\(minutes / 1440) 天前"
        }
    }
}

/// Says in the log that a disk is getting full, once an hour, and when it is over.
struct DiskWatchService: Service {
    let watch: MachineWatch
    let logger: Logger

    private static let interval = Duration.seconds(60)
    private static let repeatEvery = Duration.seconds(3600)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var saidAt: ContinuousClock.Instant?
            while !Task.isCancelled {
                if let state = try? await watch.state() { say(state, &saidAt, now: ContinuousClock.now) }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    private func say(_ state: MachineState, _ saidAt: inout ContinuousClock.Instant?, now: ContinuousClock.Instant) {
        guard state.isDiskLow || state.isBackupDiskLow else {
            if saidAt != nil { logger.notice("there is room on the disk again") }
            saidAt = nil
            return
        }
        if let saidAt, now - saidAt < Self.repeatEvery { return }
        saidAt = now
        logger.error(
            "the disk is almost full",
            metadata: [
                "disk.freeMiB": "\(state.freeBytes.map { String($0 >> 20) } ?? "unknown")",
                "disk.backupFreeMiB": "\(state.backupFreeBytes.map { String($0 >> 20) } ?? "unknown")",
                "error.hint": """
                free space on the disk of the state folder or of the backups; when it is full kiosks get 503, go on \
                registering and keep their records
                """,
            ])
    }
}
