// `kioskctl status` for people: what works, what is wrong, what to do.

import JobFair
import KioskCore

enum StatusText {
    /// While the disk stops the kiosk.
    private static let unknown = "不明 unknown"

    static func make(_ status: ControlStatus) -> String {
        var lines: [String] = []
        func row(_ zh: String, _ en: String, _ value: String) {
            lines.append("\(zh)\t\(en.rightPadded(14))\(value)")
        }
        row("自助机", "kiosk", "\(status.label)  (\(status.deviceID), \(status.version))")
        row(
            "总部", "headquarters",
            status.isEnrolled.map { $0 ? sync(status.sync) : "未登记 not enrolled" } ?? unknown)
        if status.isEnrolled == nil {
            row("招聘会", "fair", unknown)
        } else if let open = status.open, let day = open.openDay {
            let confirmed = open.isDayConfirmed ? "" : "  日期待确认 day not confirmed"
            row("招聘会", "fair", "\(open.name)  \(day)\(open.kind == .rehearsal ? "  [演练 rehearsal]" : "")\(confirmed)")
        } else {
            row("招聘会", "fair", "未开启 not open  (\(status.fairs.map(\.name).joined(separator: ", ")))")
        }
        row("打印机", "printer", status.printer)
        row("时钟", "clock", status.clockQuality)
        row(
            "今日", "today",
            status.counts.map {
                "登记 registrations \($0.registrationsToday)  进场 entries \($0.entriesToday)  签到 check-ins \($0.checkInsToday)"
            } ?? unknown)
        row(
            "待发", "outbox",
            status.counts.map { "\($0.pending) of \($0.records)  quarantined \($0.quarantined)" }
                ?? "\(unknown)：卡上可能还有没发的记录 records on the card may be waiting")
        row("待印", "print jobs", status.counts.map { "\($0.printJobsWaiting)  failed \($0.printJobsFailed)" } ?? unknown)
        if let stick = status.stick {
            row(
                "备份U盘", "stick",
                "\(stick.condition)  \(stick.folder)" + (stick.stickID.map { "  \($0)" } ?? "")
                    + "  本次写入 written \(stick.written)")
        }
        if status.problems.isEmpty {
            row("问题", "problems", "没有 none")
        }
        for problem in status.problems {
            let detail = problem.detail.isEmpty ? "" : "  (\(problem.detail))"
            lines.append("[\(problem.severity.rawValue)] \(problem.code.rawValue): \(problem.zh)")
            lines.append("    \(problem.en)\(detail)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func sync(_ sync: ControlStatus.SyncStatus?) -> String {
        guard let sync else { return "-" }
        let road = SyncText.make(
            phase: sync.phase, sinceContact: sync.secondsSinceContact, toNextTry: sync.secondsToNextTry,
            lastError: sync.lastError)
        return "\(sync.headquarters)  \(road)"
    }
}

/// How the talk with headquarters is getting on, in words; times in seconds.
enum SyncText {
    static func make(phase: String, sinceContact: Int?, toNextTry: Int?, lastError: String?) -> String {
        var text = SyncMachine.Phase(rawValue: phase).map(word) ?? phase
        text += ", " + (sinceContact.map { "\($0) s 前联系过 ago" } ?? "启动后未联系上 no contact since start")
        if let toNextTry { text += ", \(toNextTry) s 后再联系 until the next try" }
        return text + (lastError.map { "  [\($0)]" } ?? "")
    }

    private static func word(_ phase: SyncMachine.Phase) -> String {
        switch phase {
        case .offline: "还没联系 not in touch yet"
        case .hello: "正在联系 saying hello"
        case .uploading: "正在发送记录 sending records"
        case .idle: "联系正常 in touch"
        case .backingOff: "没有成功，等待重试 failed, waits to try again"
        }
    }
}

/// `1 record`, `2 records`.
func counted(_ count: Int, _ one: String, _ many: String) -> String { "\(count) \(count == 1 ? one : many)" }

extension String {
    fileprivate func rightPadded(_ width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}
