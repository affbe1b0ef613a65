// The texts of the closed list of problems, and which of them a state of the kiosk has.

import JobFair

extension HealthProblem {
    /// A problem of the closed list with its severity and sentences.
    public init(_ code: Code, detail: String = "") {
        self.init(code: code, severity: code.severity, zh: code.zh, en: code.en, detail: detail)
    }
}

extension HealthProblem.Code {
    public var severity: HealthProblem.Severity {
        switch self {
        case .notEnrolled, .kioskRevoked, .fairNotOpen, .ticketsExhausted, .diskFull, .diskReadOnly, .storeFailed,
            .catalogueMissing, .grantMissing:
            .critical
        case .dayNotConfirmed, .printerFailing, .headquartersRefuses, .ticketsRunningOut, .diskAlmostFull,
            .recordQuarantined, .recordsMissing, .lineageLeft, .recordsSetAside, .runtimeFolderLost, .stickMissing,
            .stickFull, .stickFailed:
            .warning
        case .clockNotTrusted, .printOutcomeUnknown, .glyphMissing, .headquartersUnreachable:
            .notice
        }
    }

    /// What it means and what to do, for the technician, in Chinese.
    public var zh: String {
        switch self {
        case .notEnrolled: "本机还没有登记到总部，不能办理登记。请运行 kioskctl enrol。"
        case .fairNotOpen: "没有开启招聘会。请运行 kioskctl fair open。"
        case .dayNotConfirmed: "重启后日期未确认。今天还是这一天吗？请运行 kioskctl fair day。"
        case .clockNotTrusted: "本机时钟不可信；登记照常，时间由总部推算。"
        case .printerFailing: "打印机没有响应；登记照常，号码显示在屏幕上。请检查电源、纸和连线。"
        case .printOutcomeUnknown: "断电时有小票正在打印，不确定是否打出。需要时用“小票丢了”补打。"
        case .glyphMissing: "有小票上的字本机字体里没有，印成了〓。请安装 fonts-noto-cjk 和 fonts-noto-core。"
        case .headquartersUnreachable: "联系不上总部；记录保存在本机，有网络时自动发送。"
        case .headquartersRefuses: "总部拒绝了本机的请求；记录保存在本机。请联系总部。"
        case .ticketsRunningOut: "号码快用完了。请准备另一台机器。"
        case .ticketsExhausted: "号码已用完，不能办理登记。请换一台机器，并联系总部。"
        case .diskAlmostFull: "磁盘快满了；登记照常。请连上总部让记录发走，或在 /var/lib/jobfair-kiosk 以外腾出空间。"
        case .diskFull: "磁盘已满，不能办理登记；已有记录照常发送，收摊和导出照常。请换一台机器，并在 /var/lib/jobfair-kiosk 以外腾出空间。"
        case .diskReadOnly: "磁盘只能读、不能写，不能办理登记；已有记录都在。请换一台机器，保留这张卡，用 kioskctl export 导出。"
        case .recordsSetAside:
            "数据文件损坏，已改名保留（records.damaged-…），本机换新号段继续登记，能救出的记录照常发送。不要删除，请联系总部。"
        case .storeFailed: "数据存储出错，程序将自动重启并核对。"
        case .catalogueMissing: "没有这场招聘会的资料。请让本机连上总部一次。"
        case .grantMissing: "没有这场招聘会的授权。请让本机连上总部一次。"
        case .recordQuarantined: "总部拒收了记录；它们仍保存在本机。请运行 kioskctl outbox，并联系总部。"
        case .recordsMissing: "总部缺少的记录本机也没有了。请联系总部：从总部的备份或导出的U盘中找回。"
        case .kioskRevoked: "总部停用了本机，不能办理登记；已有记录照常发送。请换一台机器，并联系总部。"
        case .lineageLeft: "本机数据曾被还原或复制，已另起一套编号；记录都会发送。请联系总部。"
        case .runtimeFolderLost: "运行目录丢失；重启后不能用“小票丢了”补打旧小票。请重启 kioskd。"
        case .stickMissing: "没有找到备份U盘（标签 JOBFAIR）；登记照常，但没有第二份记录。请插上U盘。"
        case .stickFull: "备份U盘已满；登记照常，新记录没有第二份。请换一个U盘，旧U盘留好。"
        case .stickFailed: "备份U盘不能写入；登记照常，新记录没有第二份。请拔下再插，或换一个U盘。"
        }
    }

    /// The same in English.
    public var en: String {
        switch self {
        case .notEnrolled: "Not enrolled; nobody can register. Run kioskctl enrol."
        case .fairNotOpen: "No fair is open. Run kioskctl fair open."
        case .dayNotConfirmed:
            "The day was not confirmed after a restart. Is it still that day? Run kioskctl fair day."
        case .clockNotTrusted: "The clock cannot be trusted; registering goes on, headquarters works out the times."
        case .printerFailing:
            "The printer does not answer; registering goes on, numbers are on the screen. Check power, paper, cable."
        case .printOutcomeUnknown: "Slips were being printed when the power went; print a copy where one is missing."
        case .glyphMissing:
            "A slip had characters that no font here can draw. Install fonts-noto-cjk and fonts-noto-core."
        case .headquartersUnreachable:
            "Headquarters cannot be reached; records are kept and sent when there is a road."
        case .headquartersRefuses: "Headquarters refuses this kiosk; records are kept. Call headquarters."
        case .ticketsRunningOut: "Ticket numbers are running out. Have another kiosk ready."
        case .ticketsExhausted:
            "Ticket numbers are used up; nobody can register. Use another kiosk and call headquarters."
        case .diskAlmostFull:
            """
            The disk is almost full; registering goes on. Connect to headquarters, or free space outside the state folder.
            """
        case .diskFull:
            """
            The disk is full; nobody can register. Records are still sent, closing and exports work. Use another kiosk and \
            free space outside the state folder.
            """
        case .diskReadOnly:
            """
            The disk can only be read; nobody can register. All records are there. Use another kiosk, keep this card, and \
            bring them home with kioskctl export.
            """
        case .recordsSetAside:
            """
            The data file was damaged and is kept as records.damaged-...; a new one goes on with new letters, and what could \
            be saved is sent. Do not delete it; call headquarters.
            """
        case .storeFailed: "The store failed; the daemon restarts and checks."
        case .catalogueMissing: "The fair's catalogue is missing. Connect to headquarters once."
        case .grantMissing: "The fair's grant is missing. Connect to headquarters once."
        case .recordQuarantined:
            "Headquarters refused records; they are kept here. See kioskctl outbox and call headquarters."
        case .recordsMissing:
            """
            Headquarters lacks records that are not here any more. Call headquarters: its backups or an exported stick may \
            have them.
            """
        case .kioskRevoked:
            """
            Headquarters has revoked this kiosk; nobody can register. Records are still sent. Use another kiosk and call \
            headquarters.
            """
        case .lineageLeft: "This kiosk's data was put back or copied; it goes on with new numbers. Call headquarters."
        case .runtimeFolderLost:
            "The runtime folder is gone; after a restart older slips cannot be copied. Restart kioskd."
        case .stickMissing:
            """
            The backup stick (label JOBFAIR) is not there; registering goes on, without a second copy of the records. Plug \
            it in.
            """
        case .stickFull:
            """
            The backup stick is full; registering goes on, new records have no second copy. Use another stick and keep the \
            old one.
            """
        case .stickFailed:
            """
            The backup stick cannot be written; registering goes on, new records have no second copy. Unplug it and plug it \
            in again, or use another one.
            """
        }
    }
}

/// What the list is made from; everything is a plain fact that somebody observed.
public struct HealthFacts: Sendable {
    public var isEnrolled = false
    public var open: OpenFair?
    public var hasCatalogue = false
    /// The day could not be looked at since the start, again and again; until then nothing is registered.
    public var isDayFailing = false
    public var hasGrant = false
    /// Ticket numbers left at the open fair; nil: not known.
    public var ticketsLeft: Int?
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
    /// Records that headquarters lacks and that are not here any more.
    public var missingCount = 0
    /// Headquarters' last word.
    public var isRevoked = false
    /// Why the lineage was left since the start (`HelloAnswer.Chain`); nil: it was not.
    public var lineageLeft: HelloAnswer.Chain?
    /// Why the chain on the disk was left when the store was opened; nil: it was whole.
    public var chainProblem: String?
    public var freeBytes: Int64 = .max
    /// The ballast was given up: records are not taken.
    public var isDiskFull = false
    /// Damaged databases that were set aside and still lie in the state folder.
    public var setAside: [String] = []
    public var isRuntimeFolderThere = true
    /// Of the stick that stays in the kiosk; nil: none is configured.
    public var stick: StickCondition?

    /// A large fair gives this many in an hour at one kiosk; time enough to connect it to headquarters.
    public static let ticketsLeftMin = 500
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
            if let ticketsLeft, hasGrant, ticketsLeft < Self.ticketsLeftMin {
                list.append(
                    HealthProblem(ticketsLeft == 0 ? .ticketsExhausted : .ticketsRunningOut, detail: "\(ticketsLeft)"))
            }
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
        if isRevoked { list.append(HealthProblem(.kioskRevoked)) }
        if missingCount > 0 { list.append(HealthProblem(.recordsMissing, detail: "\(missingCount)")) }
        if quarantinedCount > 0 { list.append(HealthProblem(.recordQuarantined, detail: "\(quarantinedCount)")) }
        if let reason = lineageLeft?.rawValue ?? chainProblem {
            list.append(HealthProblem(.lineageLeft, detail: reason))
        }
        if !setAside.isEmpty {
            list.append(HealthProblem(.recordsSetAside, detail: setAside.joined(separator: ", ")))
        }
        if isDiskFull {
            list.append(HealthProblem(.diskFull, detail: "\(freeBytes >> 20) MiB"))
        } else if freeBytes < Self.freeBytesMin {
            list.append(HealthProblem(.diskAlmostFull, detail: "\(freeBytes >> 20) MiB"))
        }
        switch stick {
        case .missing: list.append(HealthProblem(.stickMissing))
        case .full: list.append(HealthProblem(.stickFull))
        case .failed(let detail): list.append(HealthProblem(.stickFailed, detail: detail))
        case .upToDate, .catchingUp, nil: break
        }
        if !isRuntimeFolderThere { list.append(HealthProblem(.runtimeFolderLost)) }
        if clockQuality < .ntp { list.append(HealthProblem(.clockNotTrusted)) }
        if isEnrolled, isDayFailing { list.append(HealthProblem(.storeFailed, detail: "day")) }
        let order: [HealthProblem.Severity] = [.critical, .warning, .notice]
        return order.flatMap { severity in list.filter { $0.severity == severity } }
    }
}
