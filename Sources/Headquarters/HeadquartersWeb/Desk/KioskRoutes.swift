// Kiosks at the desk: what is to be looked at, what to do, and who has seen an alarm.

import HeadquartersCore
import Hummingbird
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension DeskParts {
    /// `/desk/kiosks`, for clerks.
    func addKioskRoutes(to router: Router<FormRequestContext>) {
        let clerks = routes(in: router, for: .clerk)
        clerks.get("/kiosks") { _, context in
            let now = now()
            let view = DeskKiosksView(
                page: page("自助机", for: try context.session()), reports: try await store.kioskReports(now: now),
                now: now)
            return answer("desk-kiosks", view)
        }
        clerks.post("/kiosks/:device/seen") { _, context in try await markSeen(context) }
    }

    /// A second press, and an alarm that is gone, are the page as it is now.
    private func markSeen(_ context: FormRequestContext) async throws -> Response {
        let (session, fields) = (try context.session(), try context.form().fields)
        guard let kind = fields.first("kind").flatMap({ KioskFinding.Kind(rawValue: $0) }), kind.isAlarm,
            let lineage = fields.first("lineage").flatMap({ Hexadecimal.decode($0) }),
            let mark = fields.first("mark").flatMap({ Int64($0) })
        else { throw DeskRefusal.notOurPage }
        guard let deviceID = context.parameters.get("device").flatMap({ Hexadecimal.decode($0) }),
            let device = try await store.device(deviceID)
        else { throw DeskRefusal.notFound }
        _ = try await store.markSeen(
            kind, of: deviceID, lineageID: lineage, through: mark, by: session.name,
            line: session.line(
                .alarmSeen, at: now(), subject: "\(device.kioskLabel) \(kind.rawValue)"))
        return seeOther("/desk/kiosks#k-\(DeskKiosksView.shortID(deviceID))")
    }
}

struct DeskKiosksView {
    struct FindingView {
        var what: String
        var since: String?
        var todo: String
        /// Nil: no alarm, it goes away by itself once what is to be done is done.
        var alarm: AlarmView?
    }
    /// What the form of an alarm posts.
    struct AlarmView {
        var action: String
        var kind: String
        var lineage: String
        var mark: Int64
        var csrf: String
    }
    struct SeenView {
        var what: String
        var since: String?
        var by: String
        var at: String
    }
    struct KioskView {
        var label: String
        var id: String
        var contact: String
        var version: String
        var problems: String?
        var isQuiet: Bool
        var findings: [FindingView]
        var hasSeen: Bool
        var seenCount: Int
        var seen: [SeenView]
    }

    var page: DeskPageView
    var cutOff: String
    var kiosks: [KioskView]

    init(page: DeskPageView, reports: [KioskReport], now: Int64) {
        self.page = page
        cutOff = FiguresPages.cutOff(now)
        let csrf = page.csrf
        // What is to be looked at comes first.
        kiosks = (reports.filter { !$0.toDo.isEmpty } + reports.filter(\.toDo.isEmpty)).map { report in
            let kiosk = report.kiosk
            let problems = kiosk.problems.map(FiguresProblemWords.words).joined(separator: "、")
            return KioskView(
                label: kiosk.kioskLabel, id: Self.shortID(kiosk.deviceID),
                contact: kiosk.lastContactAt.map(DeskVacanciesView.time) ?? "从来没有", version: kiosk.softwareVersion,
                problems: problems.isEmpty ? nil : problems, isQuiet: report.toDo.isEmpty,
                findings: report.toDo.map { Self.view($0, of: kiosk.deviceID, csrf: csrf) },
                hasSeen: !report.seen.isEmpty, seenCount: report.seen.count,
                seen: report.seen.map { finding in
                    SeenView(
                        what: KioskFindingWords(finding).zh, since: finding.since.map(DeskVacanciesView.time),
                        by: finding.seen?.by ?? "", at: finding.seen.map { DeskVacanciesView.time($0.at) } ?? "")
                })
        }
    }

    static func shortID(_ deviceID: Data) -> String { String(Hexadecimal.encode(deviceID).prefix(8)) }

    private static func view(_ finding: KioskFinding, of deviceID: Data, csrf: String) -> FindingView {
        let words = KioskFindingWords(finding)
        let alarm = finding.lineageID.map { lineage in
            AlarmView(
                action: "/desk/kiosks/\(Hexadecimal.encode(deviceID))/seen", kind: finding.kind.rawValue,
                lineage: Hexadecimal.encode(lineage), mark: finding.mark, csrf: csrf)
        }
        return FindingView(
            what: words.zh, since: finding.since.map(DeskVacanciesView.time), todo: words.doZh,
            alarm: finding.kind.isAlarm ? alarm : nil)
    }
}
