// What the template of an employer's list is filled with.

import HeadquartersCore
import JobFair

struct EmployerListView {
    struct LineView {
        var ticket: String
        var name: String
        var phone: String
        var vacancy: String
        var level: String
        var time: String
        var remark: String
        var isBroken: Bool
        /// Exactly one of them for an open line, none else: `SEEKER VACANCY`.
        var canSign: String?
        var canUnsign: String?
    }

    var page: DeskPageView
    var employer: String
    var fair: String
    var booth: String?
    var isRehearsal: Bool
    var isMasked: Bool
    /// Nil: not asked for a reason.
    var reasonMin: Int?
    var watermark: String
    var made: String
    var terms: String
    var totals: String
    var path: String
    var lines: [LineView]
    var isEmpty: Bool

    init(_ table: EmployerListTable, page: DeskPageView, session: DeskSession, path: String, now: Int64) {
        let list = table.list
        self.page = page
        employer = list.employer.name
        fair = "\(list.fair.name)　\(FormText.days(list.fair.days))　\(list.fair.venue)"
        booth = FormText.filled(list.employer.booth)
        isRehearsal = list.fair.kind == .rehearsal
        isMasked = table.isMasked
        reasonMin = session.role == .clerk ? EmployerListLimits.reasonCharactersMin : nil
        watermark = EmployerListWords.watermark
        made = EmployerListWords.made(by: session, at: now)
        terms = EmployerListWords.terms
        totals = table.totals
        self.path = path
        lines = table.rows.map(Self.line)
        isEmpty = lines.isEmpty
    }

    private static func line(_ row: EmployerListRow) -> LineView {
        let mark = "\(row.seeker) \(row.vacancyID)"
        return LineView(
            ticket: row.ticket, name: row.name, phone: row.phone, vacancy: row.vacancy, level: row.level,
            time: row.time, remark: row.remark, isBroken: row.isBroken, canSign: row.isSigned == false ? mark : nil,
            canUnsign: row.isSigned == true ? mark : nil)
    }
}
