// Kiosks as JSON: what is to be looked at, and what to do; counts and places only.

import HeadquartersCore
import SyncProtocol

struct KiosksAnswer: Encodable {
    struct Range: Encodable {
        var first: Int64
        var last: Int64
    }
    struct Words: Encodable {
        var zh: String
        var en: String
    }
    struct Finding: Encodable {
        var kind: String
        var since: String?
        var lineageId: String?
        var missing: [Range]
        var count: Int
        var reason: String?
        var hasLeft: Bool
        /// Of an alarm that somebody has seen.
        var seenBy: String?
        var seenAt: String?
        var what: Words
        var todo: Words
    }
    struct Kiosk: Encodable {
        var id: String
        var label: String
        var lastContactAt: String?
        var backlog: Int?
        var records: Int
        var problems: [String]
        var softwareVersion: String
        var revokedAt: String?
        var findings: [Finding]
    }

    var countedAt: String?
    var kiosks: [Kiosk]

    init(_ reports: [KioskReport], now: Int64) {
        countedAt = UTCText.text(milliseconds: now)
        kiosks = reports.map { report in
            let kiosk = report.kiosk
            return Kiosk(
                id: Hexadecimal.encode(kiosk.deviceID), label: kiosk.kioskLabel,
                lastContactAt: kiosk.lastContactAt.flatMap(UTCText.text(milliseconds:)), backlog: kiosk.backlog,
                records: kiosk.records, problems: kiosk.problems, softwareVersion: kiosk.softwareVersion,
                revokedAt: report.revokedAt.flatMap(UTCText.text(milliseconds:)),
                findings: report.findings.map(Self.finding))
        }
    }

    private static func finding(_ finding: KioskFinding) -> Finding {
        let words = KioskFindingWords(finding)
        return Finding(
            kind: finding.kind.rawValue, since: finding.since.flatMap(UTCText.text(milliseconds:)),
            lineageId: finding.lineageID.map { Hexadecimal.encode($0) },
            missing: finding.ranges.map { Range(first: $0.lowerBound, last: $0.upperBound) }, count: finding.count,
            reason: finding.reason, hasLeft: finding.hasLeft, seenBy: finding.seen?.by,
            seenAt: finding.seen.flatMap { UTCText.text(milliseconds: $0.at) }, what: Words(zh: words.zh, en: words.en),
            todo: Words(zh: words.doZh, en: words.doEn))
    }
}
