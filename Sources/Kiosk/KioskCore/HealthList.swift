// The texts of the closed list of problems, and which of them a state of the kiosk has.

import JobFair

extension HealthProblem {
    /// A problem of the closed list with its severity and sentences.
    public init(_ code: Code, detail: String = "") {
        let (severity, zh, en) = Self.text(of: code)
        self.init(code: code, severity: severity, zh: zh, en: en, detail: detail)
    }

    private static func text(of code: Code) -> (Severity, String, String) {
        switch code {
        case .notEnrolled:
            (.critical, "本机还没有登记到总部，不能办理登记。请运行 kioskctl enrol。",
                "Not enrolled; nobody can register. Run kioskctl enrol.")
        case .fairNotOpen:
            (.critical, "没有开启招聘会。请运行 kioskctl fair open。", "No fair is open. Run kioskctl fair open.")
        case .dayNotConfirmed:
            (.warning, "重启后日期未确认。今天还是这一天吗？请运行 kioskctl fair day。",
                "The day was not confirmed after a restart. Is it still that day? Run kioskctl fair day.")
        case .clockNotTrusted:
            (.notice, "本机时钟不可信；登记照常，时间由总部推算。",
                "The clock cannot be trusted; registering goes on, headquarters works out the times.")
        case .printerFailing:
            (.warning, "打印机没有响应；登记照常，号码显示在屏幕上。请检查电源、纸和连线。",
                "The printer does not answer; registering goes on, numbers are on the screen. Check power, paper, cable.")
        case .printOutcomeUnknown:
            (.notice, "断电时有小票正在打印，不确定是否打出。需要时用“小票丢了”补打。",
                "Slips were being printed when the power went; print a copy where one is missing.")
        case .glyphMissing:
            (.notice, "有小票上的字本机字体里没有，印成了〓。请安装 fonts-noto-cjk 和 fonts-noto-core。",
                "A slip had characters that no font here can draw. Install fonts-noto-cjk and fonts-noto-core.")
        case .headquartersUnreachable:
            (.notice, "联系不上总部；记录保存在本机，有网络时自动发送。",
                "Headquarters cannot be reached; records are kept and sent when there is a road.")
        case .headquartersRefuses:
            (.warning, "总部拒绝了本机的请求；记录保存在本机。请联系总部。",
                "Headquarters refuses this kiosk; records are kept. Call headquarters.")
        case .ticketsRunningOut:
            (.warning, "号码快用完了。请让本机连上总部。", "Ticket numbers are running out. Connect to headquarters.")
        case .ticketsExhausted:
            (.critical, "号码已用完，不能办理登记。请换一台机器，并联系总部。",
                "Ticket numbers are used up; nobody can register. Use another kiosk and call headquarters.")
        case .diskAlmostFull:
            (.warning, "磁盘快满了。", "The disk is almost full.")
        case .storeFailed:
            (.critical, "数据存储出错，程序将自动重启并核对。", "The store failed; the daemon restarts and checks.")
        case .catalogueMissing:
            (.critical, "没有这场招聘会的资料。请让本机连上总部一次。",
                "The fair's catalogue is missing. Connect to headquarters once.")
        case .grantMissing:
            (.critical, "没有这场招聘会的授权。请让本机连上总部一次。",
                "The fair's grant is missing. Connect to headquarters once.")
        case .recordQuarantined:
            (.warning, "总部拒收了记录；它们仍保存在本机。请联系总部。",
                "Headquarters refused records; they are kept here. Call headquarters.")
        case .lineageLeft:
            (.warning, "本机数据曾被还原或复制，已另起一套编号；记录都会发送。请联系总部。",
                "This kiosk's data was put back or copied; it goes on with new numbers. Call headquarters.")
        case .runtimeFolderLost:
            (.warning, "运行目录丢失；重启后不能用“小票丢了”补打旧小票。请重启 kioskd。",
                "The runtime folder is gone; after a restart older slips cannot be copied. Restart kioskd.")
        }
    }
}

/// What the list is made from; everything is a plain fact that somebody observed.
public struct HealthFacts: Sendable {
    public var isEnrolled = false
    public var open: OpenFair?
    public var hasCatalogue = false
    public var hasGrant = false
    public var clockQuality = ClockReading.Quality.none
    /// Of the newest print; nil: none failed since the last success. Never slip content.
    public var printerFailure: String?
    public var unknownPrintsCount = 0
    /// Slips on which a character was replaced, since the start.
    public var slipsWithMissingGlyphsCount = 0
    /// Why headquarters could not be talked to; nil: it could, or sync is off.
    public var syncFailure: String?
    public var isRefusedByHeadquarters = false
    public var quarantinedCount = 0
    /// Why the lineage was left since the start (`HelloAnswer.Chain`); nil: it was not.
    public var lineageLeft: HelloAnswer.Chain?
    public var freeBytes: Int64 = .max
    public var isRuntimeFolderThere = true

    /// Below this a day's records and the WAL may not fit.
    public static let freeBytesMin: Int64 = 256 << 20

    public init() {}

    /// The problems, the worst first.
    public var problems: [HealthProblem] {
        var list: [HealthProblem] = []
        if !isEnrolled {
            list.append(HealthProblem(.notEnrolled))
        } else if let open {
            if !hasCatalogue { list.append(HealthProblem(.catalogueMissing)) }
            if !hasGrant { list.append(HealthProblem(.grantMissing)) }
            if !open.isDayConfirmed { list.append(HealthProblem(.dayNotConfirmed, detail: "\(open.day)")) }
        } else {
            list.append(HealthProblem(.fairNotOpen))
        }
        if let printerFailure { list.append(HealthProblem(.printerFailing, detail: printerFailure)) }
        if unknownPrintsCount > 0 { list.append(HealthProblem(.printOutcomeUnknown, detail: "\(unknownPrintsCount)")) }
        if slipsWithMissingGlyphsCount > 0 {
            list.append(HealthProblem(.glyphMissing, detail: "\(slipsWithMissingGlyphsCount)"))
        }
        if isRefusedByHeadquarters {
            list.append(HealthProblem(.headquartersRefuses, detail: syncFailure ?? ""))
        } else if let syncFailure {
            list.append(HealthProblem(.headquartersUnreachable, detail: syncFailure))
        }
        if quarantinedCount > 0 { list.append(HealthProblem(.recordQuarantined, detail: "\(quarantinedCount)")) }
        if let lineageLeft { list.append(HealthProblem(.lineageLeft, detail: lineageLeft.rawValue)) }
        if freeBytes < Self.freeBytesMin {
            list.append(HealthProblem(.diskAlmostFull, detail: "\(freeBytes >> 20) MiB"))
        }
        if !isRuntimeFolderThere { list.append(HealthProblem(.runtimeFolderLost)) }
        if clockQuality < .ntp { list.append(HealthProblem(.clockNotTrusted)) }
        let order: [HealthProblem.Severity] = [.critical, .warning, .notice]
        return order.flatMap { severity in list.filter { $0.severity == severity } }
    }
}
