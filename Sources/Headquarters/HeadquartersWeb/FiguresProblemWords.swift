// What a kiosk reports as wrong, in words for the desk.

/// Kiosks send codes (docs/operations.md lists them); a code of a newer kiosk that is not known here is shown as it is.
enum FiguresProblemWords {
    static func words(of code: String) -> String { known[code] ?? code }

    private static let known = [
        "notEnrolled": "未登记",
        "fairNotOpen": "未开启招聘会",
        "dayNotConfirmed": "日期待确认",
        "clockNotTrusted": "时钟不可信",
        "printerFailing": "打印机没有响应",
        "printOutcomeUnknown": "有小票不确定是否打出",
        "glyphMissing": "字体缺字",
        "headquartersUnreachable": "联系不上总部",
        "headquartersRefuses": "被总部拒绝",
        "ticketsRunningOut": "号码快用完",
        "ticketsExhausted": "号码已用完",
        "diskAlmostFull": "磁盘快满",
        "diskFull": "磁盘已满",
        "diskReadOnly": "磁盘只读",
        "recordsSetAside": "数据文件损坏，已换新文件",
        "storeFailed": "存储出错",
        "catalogueMissing": "缺招聘会资料",
        "grantMissing": "缺授权",
        "recordQuarantined": "有记录被拒收",
        "lineageLeft": "数据曾被还原或复制",
        "runtimeFolderLost": "运行目录丢失",
        "stickMissing": "备份U盘没插",
        "stickFull": "备份U盘已满",
        "stickFailed": "备份U盘写不进",
    ]
}
