// `kioskctl status` for people: what works, what is wrong, what to do.

import JobFair
import KioskCore

enum StatusText {
    static func make(_ status: ControlStatus) -> String {
        var lines: [String] = []
        func row(_ zh: String, _ en: String, _ value: String) {
            lines.append("\(zh)\t\(en.rightPadded(14))\(value)")
        }
        row("自助机", "kiosk", "\(status.label)  (\(status.deviceID), \(status.version))")
        row("总部", "headquarters", status.isEnrolled ? sync(status.sync) : "未登记 not enrolled")
        if let open = status.open, let day = open.openDay {
            let confirmed = open.isDayConfirmed ? "" : "  日期待确认 day not confirmed"
            row("招聘会", "fair", "\(open.name)  \(day)\(open.kind == .rehearsal ? "  [演练 rehearsal]" : "")\(confirmed)")
        } else {
            row("招聘会", "fair", "未开启 not open  (\(status.fairs.map(\.name).joined(separator: ", ")))")
        }
        row("打印机", "printer", status.printer)
        row("时钟", "clock", status.clockQuality)
        let counts = status.counts
        row(
            "今日", "today",
            "登记 registrations \(counts.registrationsToday)  进场 entries \(counts.entriesToday)  签到 check-ins \(counts.checkInsToday)"
        )
        row("待发", "outbox", "\(counts.pending) of \(counts.records)  quarantined \(counts.quarantined)")
        row("待印", "print jobs", "\(counts.printJobsWaiting)  failed \(counts.printJobsFailed)")
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
        let contact = sync.secondsSinceContact.map { "\($0) s 前联系过 ago" } ?? "启动后未联系上 no contact since start"
        return "\(sync.headquarters)  \(contact)" + (sync.lastError.map { "  [\($0)]" } ?? "")
    }
}

extension String {
    fileprivate func rightPadded(_ width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}
