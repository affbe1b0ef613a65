// What is to be looked at about a kiosk, in sentences: what it is, and what to do. Chinese and English, nobody's data.

import HeadquartersCore

/// One finding in words.
struct KioskFindingWords {
    var zh: String
    var en: String
    /// What somebody does about it.
    var doZh: String
    var doEn: String

    init(_ finding: KioskFinding) {
        let count = finding.count
        switch finding.kind {
        case .gap:
            let places = Self.places(finding)
            zh = "缺 \(count) 条记录：序号 \(places) 没有收到，后面的已经收到"
            en = "\(count) records are missing: numbers \(places) never arrived, later ones did"
            doZh =
                finding.hasLeft
                ? "这本账已经停用。请找到那张旧卡或留在机器里的U盘，用 headquartersd import 导入"
                : "那台机器还有的，下次联系时自动补传。还缺，就是它已经清理了：用更新的备份恢复总部（headquartersd restore），或者用 headquartersd import 导入它的U盘"
            doEn =
                finding.hasLeft
                ? "the kiosk has left this lineage: find the old card or the stick in the machine; headquartersd import"
                : "what it still has it sends at its next contact; what it has purged is in a newer backup "
                    + "(headquartersd restore) or on its stick (headquartersd import)"
        case .fork:
            zh = "同一个序号有两条不同的记录：卡被复制过，或者恢复过旧备份。两边的记录都已收下"
            en = "two records at one place: a card was copied, or an old backup put back. All records were kept"
            (doZh, doEn) = Self.leave(finding)
        case .conflict:
            zh = "\(count) 条记录和已收下的编号相同、内容不同，两份都留着，后一份待查"
            en = "\(count) records have the id of another one and other bytes; both are kept, the later one is held"
            doZh = "请把这台自助机换下来检查，并告诉开发人员。不要删除任何文件"
            doEn = "take the kiosk out of use and tell the developers; delete nothing"
        case .held:
            (zh, en, doZh, doEn) = Self.held(finding)
        case .silent:
            zh = finding.since == nil ? "从来没有联系过，而招聘会正在进行" : "招聘会正在进行，已经超过 15 分钟没有联系"
            en =
                finding.since == nil
                ? "a fair is on, and it has never been in contact" : "a fair is on, and no contact for over 15 minutes"
            doZh = "请现场看：有没有电、有没有网。没有网也能照常登记，记录留在机器里，用U盘（kioskctl export）带回来"
            doEn = "look at it: power, network. It works without one; bring its records by stick (kioskctl export)"
        case .quarantined:
            zh = "它报告有记录被总部拒收"
            en = "it reports records that headquarters refused"
            doZh = "在那台机器上运行 kioskctl outbox 看原因，运行 kioskctl export 留一份，再告诉开发人员"
            doEn = "see kioskctl outbox there, keep a copy with kioskctl export, and tell the developers"
        case .pending:
            zh = "还有 \(count) 条记录没有上传"
            en = "\(count) records are still to come"
            doZh = "不用做什么，有网就会自动上传。长时间不减少，请运行 kioskctl outbox"
            doEn = "nothing: it sends them when it has a network. If the number stays, see kioskctl outbox there"
        case .rollback:
            zh = "它知道的比总部少 \(count) 条：卡或数据库被恢复到以前的样子。总部的记录没有丢"
            en =
                "it knows \(count) records less than headquarters: its card or database was put back. Nothing is lost here"
            (doZh, doEn) = Self.leave(finding)
        case .revoked:
            zh = "已停用：它的记录收下但不计数"
            en = "revoked: its records are kept and not counted"
            doZh = "找回并确认没有被动过，再运行 headquartersd kiosk reinstate，留着的记录会自动计入"
            doEn = "once it is found and nobody tampered with it: headquartersd kiosk reinstate takes its records in"
        case .dayOrder:
            let change = Self.change(finding.reason)
            zh = "远程命令还没有执行：\(change.zh)"
            en = "an order is not carried out yet: \(change.en)"
            doZh = "它下次联系总部时执行。没有网的话，请现场用 kioskctl fair 操作"
            doEn = "it will at its next contact; without a network use kioskctl fair there"
        }
    }

    /// `3–5, 8`; cut after a few.
    private static func places(_ finding: KioskFinding) -> String {
        let shown = finding.ranges.prefix(5).map {
            $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
        }
        return shown.joined(separator: ", ") + (finding.ranges.count > shown.count ? ", …" : "")
    }

    /// Both machines have one identity: to revoke one is to revoke the good one, too.
    private static let copyZh = """
        请查清有没有另一台机器用着同一张卡。有，就把复制的那台关机，用 kioskctl export 把它的记录带回，\
        再清空它的卡、用新的登记码重新登记。不要用 kiosk revoke：两台是同一个身份，会一起停
        """
    private static let copyEn = """
        Make sure that no second machine runs from a copy of its card. If one does: bring its records by kioskctl export, \
        switch it off, empty its card and enrol it anew. Do not revoke: both have one identity, and both would stop
        """

    private static func leave(_ finding: KioskFinding) -> (String, String) {
        finding.hasLeft
            ? (
                "它已经另起一本账，可以照常用。\(copyZh)", "it has begun a new lineage and works on. \(copyEn)"
            )
            : (
                "它下次联系时会自动另起一本账。\(copyZh)", "it begins a new lineage at its next contact. \(copyEn)"
            )
    }

    private static func held(_ finding: KioskFinding) -> (String, String, String, String) {
        let zh = "\(finding.count) 条记录已收下，还看不懂"
        let en = "\(finding.count) records are kept and not understood yet"
        switch finding.reason.flatMap(IngestReason.init(rawValue:)) {
        case .fairUnknown:
            return (
                "\(zh)：总部没有这场招聘会", "\(en): headquarters has no such fair",
                "建好那场招聘会（headquartersd fair create），一分钟内自动计入；从别的总部来的机器，请联系那边",
                "create the fair (headquartersd fair create): they are taken in within a minute"
            )
        case .deviceRevoked:
            return (
                "\(finding.count) 条记录已收下，因为自助机已停用，没有计入", "\(finding.count) records are kept, the kiosk is revoked",
                "确认没有问题以后，运行 headquartersd kiosk reinstate", "headquartersd kiosk reinstate takes them in"
            )
        case .recordConflict:
            return (
                "\(finding.count) 条记录和别的记录编号相同、内容不同，待查",
                "\(finding.count) records have the id of another one and other bytes",
                "请告诉开发人员。两份都留着，不要删除", "tell the developers; both are kept"
            )
        case .keyUnknown:
            return (
                "\(zh)：是用别的密钥加密的", "\(en): they are sealed to another key",
                "总部的密钥是不是换过？用备份恢复（headquartersd keys restore），重启后自动计入",
                "were the keys replaced? headquartersd keys restore, then restart: they are taken in by themselves"
            )
        case .schemaUnknown:
            return (
                "\(zh)：来自更新的程序", "\(en): they come from a newer program",
                "请升级总部的程序，重启后自动计入", "upgrade headquarters: they are taken in at its next start"
            )
        default:
            return (
                "\(zh)（\(finding.reason ?? "")）", "\(en) (\(finding.reason ?? ""))",
                "请告诉开发人员。记录留着，程序改好以后重启会自动计入",
                "tell the developers; they are taken in at the first start of a program that understands them"
            )
        }
    }

    private static func change(_ reason: String?) -> (zh: String, en: String) {
        switch reason.flatMap(FairDayChange.init(rawValue:)) {
        case .fairOpened: ("开启招聘会", "open the fair")
        case .dayOpened: ("换到另一天", "go on to another day")
        case .fairClosed: ("结束招聘会", "close the fair")
        default: (reason ?? "", reason ?? "")
        }
    }
}
