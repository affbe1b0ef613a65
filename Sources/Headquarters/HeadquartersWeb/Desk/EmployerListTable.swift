// An employer's list in words: the same lines for the page and for both file formats.

import HeadquartersCore
import HeadquartersSheets
import JobFair

/// What stands in one line.
struct EmployerListRow: Sendable {
    var ticket: String
    var name: String
    var phone: String
    var vacancy: String
    var level: String
    var time: String
    var remark: String
    /// The frame did not open.
    var isBroken = false
    /// It can be marked: an open line; nil: it cannot.
    var isSigned: Bool?
    var seeker: RecordID
    var vacancyID: VacancyID
}

/// A list, opened as far as it may be.
struct EmployerListTable: Sendable {
    let list: EmployerList
    let isMasked: Bool
    let rows: [EmployerListRow]
    /// Lines that did not open; they count as lines all the same.
    let broken: Int

    private static let hidden = "***"
    static let brokenText = "打不开，请联系总部技术员"
    /// Records opened before other work gets its turn: each takes about 0.1 ms.
    private static let turn = 64

    /// - Parameter opener: nil: names and telephones stay masked.
    init(_ list: EmployerList, opener: ParticularsOpener?) async {
        self.list = list
        isMasked = opener == nil
        var rows: [EmployerListRow] = []
        for (index, line) in list.lines.enumerated() {
            rows.append(Self.row(line, opener: opener))
            if index % Self.turn == Self.turn - 1 { await Task.yield() }
        }
        self.rows = rows
        broken = rows.count(where: \.isBroken)
    }

    private static func row(_ line: EmployerListLine, opener: ParticularsOpener?) -> EmployerListRow {
        var row = EmployerListRow(
            ticket: line.ticket?.description ?? "", name: "", phone: "", vacancy: line.vacancyTitle,
            level: EmployerListWords.level(line), time: EmployerListWords.time(line.occurred), remark: "",
            isSigned: line.standing == .open ? line.signing != nil : nil, seeker: line.seeker,
            vacancyID: line.vacancyID)
        guard line.standing == .open else { return row }
        guard let opener else {
            row.name = line.surname.map { "\($0)**" } ?? hidden
            row.phone = hidden
            return row
        }
        guard let sealed = line.sealed, let seen = opener.open(sealed, of: line.seeker) else {
            row.name = brokenText
            row.isBroken = true
            return row
        }
        row.name = seen.name ?? ""
        row.phone = seen.phone ?? ""
        row.remark = EmployerListWords.remark(line, seen)
        return row
    }

    var signed: Int { rows.count { $0.isSigned == true } }
    var open: Int { rows.count { $0.isSigned != nil } }
    var gone: Int { rows.count - open }

    /// `3 人，4 人次，其中签约 1 人次`, and what is apart from that.
    var totals: String {
        var parts = ["\(list.people) 人，\(open) 人次，其中签约 \(signed) 人次"]
        if broken > 0 { parts.append("其中 \(broken) 条打不开") }
        if gone > 0 { parts.append("另有 \(gone) 条签约后又撤回") }
        if list.isCut { parts.append("只列前 \(EmployerListLimits.linesMax) 条") }
        return parts.joined(separator: "；")
    }

    /// - Parameter session: who takes it away.
    func sheet(for session: DeskSession, at now: Int64) -> ExportSheet {
        let made = EmployerListWords.made(by: session, at: now)
        let rehearsal = list.fair.kind == .rehearsal ? "（演练）" : ""
        return ExportSheet(
            name: "求职者名单",
            heading: [
                "\(list.employer.name)　求职者名单\(isMasked ? "（已隐去姓名和电话）" : "")",
                "\(list.fair.name)\(rehearsal)　\(FormText.days(list.fair.days))　\(list.fair.venue)",
                "\(EmployerListWords.watermark)　\(made)",
            ],
            columns: [
                .init("号码", width: 10), .init("姓名", width: 18), .init("电话", width: 16), .init("岗位", width: 28),
                .init("意向", width: 16), .init("报名时间", width: 20), .init("备注", width: 30),
            ],
            rows: rows.map { [$0.ticket, $0.name, $0.phone, $0.vacancy, $0.level, $0.time, $0.remark] },
            totals: ["合计", totals, "", "", "", "", ""],
            notes: [EmployerListWords.terms, made, EmployerListWords.watermark],
            pageHeading: EmployerListWords.watermark)
    }

    /// In Chinese, with the day on which it was made; nothing of a seeker.
    func fileName(at now: Int64, ending: String) -> String {
        let day = BeijingTime(milliseconds: now)?.day.description ?? ""
        let employer = list.employer.name.unicodeScalars.filter {
            $0.properties.isAlphabetic || $0.properties.isIdeographic || ("0"..."9").contains($0)
        }
        return "求职者名单-\(PlainText.string(employer))-\(day).\(ending)"
    }
}
