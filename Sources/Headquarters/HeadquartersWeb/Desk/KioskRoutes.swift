// Kiosks at the desk: what is to be looked at, and what to do.

import HeadquartersCore
import Hummingbird
import SyncProtocol

extension DeskParts {
    /// `/desk/kiosks`, for clerks.
    func addKioskRoutes(to router: Router<FormRequestContext>) {
        routes(in: router, for: .clerk).get("/kiosks") { _, context in
            let now = now()
            let view = DeskKiosksView(
                page: page("自助机", for: try context.session()), reports: try await store.kioskReports(now: now),
                now: now)
            return answer("desk-kiosks", view)
        }
    }
}

struct DeskKiosksView {
    struct FindingView {
        var what: String
        var since: String?
        var todo: String
    }
    struct KioskView {
        var label: String
        var id: String
        var contact: String
        var version: String
        var problems: String?
        var isQuiet: Bool
        var findings: [FindingView]
    }

    var page: DeskPageView
    var cutOff: String
    var kiosks: [KioskView]

    init(page: DeskPageView, reports: [KioskReport], now: Int64) {
        self.page = page
        cutOff = FiguresPages.cutOff(now)
        // What is to be looked at comes first.
        kiosks = (reports.filter { !$0.findings.isEmpty } + reports.filter(\.findings.isEmpty)).map { report in
            let kiosk = report.kiosk
            let problems = kiosk.problems.map(FiguresProblemWords.words).joined(separator: "、")
            return KioskView(
                label: kiosk.kioskLabel, id: String(Hexadecimal.encode(kiosk.deviceID).prefix(8)),
                contact: kiosk.lastContactAt.map(DeskVacanciesView.time) ?? "从来没有", version: kiosk.softwareVersion,
                problems: problems.isEmpty ? nil : problems, isQuiet: report.findings.isEmpty,
                findings: report.findings.map { finding in
                    let words = KioskFindingWords(finding)
                    return FindingView(
                        what: words.zh, since: finding.since.map(DeskVacanciesView.time), todo: words.doZh)
                })
        }
    }
}
