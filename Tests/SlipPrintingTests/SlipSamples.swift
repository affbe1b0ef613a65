// Slips to try: the usual one, and those that strain the paper.

import Foundation
import JobFair
import SlipPrinting
import Testing

enum SlipSamples {
    /// A host of 24 characters, as it will be.
    static let address = "HTTPS://FORM.JOBFAIR.EXAMPLE.CN/I/AEAAAAIBSM4PCVLY6AAACRLH4JTWQRCPNGXVPKJT2LQYAEKX"

    static func profile(_ name: String) throws -> PrinterProfile {
        switch name {
        case "58mm":
            try PrinterProfile(
                name: name, widthDots: 384, dotsPerMillimetre: 8, cutter: .none, feedLines: 4, bandRowsMax: 256)
        case "80mm":
            try PrinterProfile(
                name: name, widthDots: 576, dotsPerMillimetre: 8, cutter: .partial, feedLines: 4, bandRowsMax: 256)
        default:
            try PrinterProfile(
                name: name, widthDots: 512, dotsPerMillimetre: 7.09, cutter: .full, feedLines: 0, bandRowsMax: 64)
        }
    }

    static let vacancies = [
        SlipVacancy(title: "缝纫工", employer: "青禾服饰有限公司", booth: "A12", pay: "5000-7000元/月"),
        SlipVacancy(title: "叉车司机（持证）", employer: "平度宏达物流股份有限公司", booth: "B03", pay: "260元/天"),
        SlipVacancy(title: "食品包装工", employer: "鲁味食品厂", booth: "A07", pay: "22元/小时"),
        SlipVacancy(
            title: "数控车床操作工（学徒可，包教包会）", employer: "山东海天精密机械制造集团有限公司第三分公司", booth: "C1-15", pay: "6500-9000元/月，计件另算"),
        SlipVacancy(title: "养老护理员", employer: "夕阳红养老服务中心", booth: "二楼东厅3号", pay: ""),
    ]

    static func usual(isCopy: Bool = false) throws -> Slip {
        Slip(
            ticket: try #require(TicketNumber("AB0237")), maskedName: "李*", fairName: "2026年春风行动大型招聘会",
            day: try #require(CalendarDate("2026-02-01")), codeAddress: address, fairNumber: 1027, allowsIntents: true,
            vacancies: vacancies, servicePhone: "0532-12333", kioskLabel: "东门1号", isCopy: isCopy)
    }

    /// Under 16 or age not known: no vacancies, the kind sentence.
    static func withoutIntents() throws -> Slip {
        var slip = try usual()
        slip.allowsIntents = false
        slip.vacancies = []
        slip.sentence = Slip.standardSentence(allowsIntents: false)
        slip.maskedName = ""
        return slip
    }

    /// Rare characters, scripts of China, fifty code points, no room.
    static func straining() throws -> Slip {
        var slip = try usual(isCopy: true)
        slip.maskedName = "㛃𫖯䶮*"
        slip.fairName = "ئۇرۇمچى خىزمەت يەرمەنكىسى བོད་ལྗོངས་ལས་ཞུགས་ཚོགས་འདུ། ꆈꌠꉙ 乌鲁木齐市春风行动暨就业援助月专场招聘会（第二场）"
        slip.servicePhone = "0991-12333 转 2，或 13800000000"
        slip.vacancies = [
            SlipVacancy(title: "تىككۈچى ئىشچى", employer: "شىنجاڭ توقۇمىچىلىق شىركىتى", booth: "A1", pay: "5000元/月"),
            SlipVacancy(title: "ཚེམ་བཟོ་བ།", employer: "བོད་ལྗོངས་བཟོ་གྲྭ།", booth: "A10", pay: "4500元/月"),
            SlipVacancy(
                title: String(repeating: "超长岗位名称", count: 10), employer: String(repeating: "很长的单位名称", count: 10),
                booth: "国际会展中心三号馆二层西区A-1024号", pay: String(repeating: "面议", count: 30)),
            SlipVacancy(title: "焊工\n（二保焊）\t急", employer: "", booth: "", pay: "面议"),
        ]
        return slip
    }

    static let fontconfigFile = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../kiosk-config/fonts.conf").standardizedFileURL.path

    /// One for all tests, as in the daemon.
    static let rasterizer: Result<PangoTextRasterizer, SlipPrintingError> = Result {
        () throws(SlipPrintingError) in try PangoTextRasterizer(fontconfigFile: fontconfigFile)
    }
}
