// Sentences about an import: Chinese for the desk, English for the terminal.

import HeadquartersCore
import JobFair
import VacancyImport

enum ImportWords {
    static func source(_ reading: ImportReading) -> String {
        switch reading.source {
        case .workbook: "工作表“\(reading.sheetName)”"
        case .text(let encoding, _): "文本表格，编码 \(encoding)"
        }
    }

    static let changed = "您看预览的时候，本场的岗位或单位有了改动（别的同事，或者另一份表）。刚才没有导入。下面是新的预览，请看过再确认。"

    static func refusal(_ refusal: ImportRefusal) -> String {
        switch refusal {
        case .nothingToImport: "表里没有一行能导入。请按下面的原因改好，再上传。"
        case .tooManyVacancies(let count):
            "一场招聘会最多 \(PressNumber.exact(CatalogueSize.vacanciesMax)) 个岗位，加上这份表会有 "
                + "\(PressNumber.exact(count)) 个。请删减后再上传。"
        case .tooManyEmployers(let count):
            "一场招聘会最多 \(PressNumber.exact(CatalogueSize.employersMax)) 家单位，加上这份表会有 "
                + "\(PressNumber.exact(count)) 家。请删减后再上传。"
        case .tooLarge(let bytes):
            "岗位单会有 \(bytes / 1_048_576) MB，自助机最多收 \(CatalogueSize.bytesMax / 1_048_576) MB。请缩短任职要求等长文字。"
        }
    }

    static func refusalInEnglish(_ refusal: ImportRefusal) -> String {
        switch refusal {
        case .nothingToImport: "no row can go in"
        case .tooManyVacancies(let count):
            "the fair would have \(count) vacancies; a fair has at most \(CatalogueSize.vacanciesMax)"
        case .tooManyEmployers(let count):
            "the fair would have \(count) employers; a fair has at most \(CatalogueSize.employersMax)"
        case .tooLarge(let bytes):
            "the catalogue may have \(bytes) bytes; kiosks take at most \(CatalogueSize.bytesMax)"
        }
    }

    /// What it says, how many, and whether somebody has to do something.
    static func counts(_ reading: ImportReading, _ outcome: ImportOutcome) -> [(String, Int, Bool)] {
        [
            ("新增岗位", outcome.added, false), ("更新岗位", outcome.updated, false),
            ("没有变化", outcome.unchanged, false), ("没有导入的行", reading.refusedRows, true),
            ("待审岗位（审过才显示）", outcome.held.count, true), ("请看一眼的岗位", outcome.flagged.count, false),
            ("以前不予发布，仍不发布", outcome.rejected, false), ("已招满或撤回，保持原样", outcome.closed, false),
            ("新增单位", outcome.employersAdded, false),
            ("还没有核验的单位（核验后才显示）", outcome.employersUnverified, true),
            ("表里没有、保持原样的岗位", outcome.untouched, false),
        ]
    }

    static func column(_ problem: RowProblem) -> String {
        [problem.column, problem.field?.zh ?? ""].filter { !$0.isEmpty }.joined(separator: " ")
    }

    static func skipped(_ reading: ImportReading) -> String? {
        var parts = ImportReading.Skipped.allCases.compactMap { kind in
            reading.skipped[kind].map { "\(words(kind)) \($0) 行" }
        }
        if reading.hiddenRows > 0 { parts.append("隐藏的行也读了 \(reading.hiddenRows) 行") }
        if reading.brokenCharacters > 0 { parts.append("文件里有 \(reading.brokenCharacters) 处坏字节") }
        return parts.isEmpty ? nil : parts.joined(separator: "，")
    }

    private static func words(_ skipped: ImportReading.Skipped) -> String {
        switch skipped {
        case .title: "标题"
        case .header: "表头"
        case .empty: "空行"
        case .section: "分类标题和示例"
        case .total: "合计"
        case .footer: "落款和注"
        }
    }

    // MARK: Terminal

    /// The report of `headquartersd import`: counts by reason, and the numbers of their rows; nothing a cell holds.
    static func report(_ sheet: ImportedSheet, _ outcome: ImportOutcome, isDone: Bool) -> String {
        let reading = sheet.reading
        var lines: [String] = []
        switch reading.source {
        case .workbook: lines.append("sheet \(reading.sheetName)")
        case .text(let encoding, _): lines.append("text in \(encoding)")
        }
        for column in reading.columns {
            lines.append("  column \(column.letters) \(column.title) -> \(column.field?.rawValue ?? "ignored")")
        }
        if !reading.otherSheets.isEmpty { lines.append("not read: " + reading.otherSheets.joined(separator: ", ")) }
        let skipped = ImportReading.Skipped.allCases.compactMap { kind in
            reading.skipped[kind].map { "\(kind.rawValue) \($0)" }
        }
        if !skipped.isEmpty { lines.append("skipped rows: " + skipped.joined(separator: ", ")) }
        lines.append(
            "vacancies: \(outcome.added) new, \(outcome.updated) updated, \(outcome.unchanged) unchanged; "
                + "\(outcome.untouched) others of the fair untouched")
        lines.append(
            "employers: \(outcome.employersAdded) new; \(outcome.employersUnverified) of the sheet not verified, not shown"
        )
        if outcome.rejected > 0 { lines.append("rejected before, and still: \(outcome.rejected)") }
        if outcome.closed > 0 { lines.append("filled or withdrawn, and still: \(outcome.closed)") }
        lines.append("refused rows: \(reading.refusedRows)")
        lines += reasons(reading.faults)
        lines.append("held for a clerk: \(outcome.held.count)")
        lines += findings(outcome.held, .hold)
        lines.append("in, and worth a look: \(outcome.flagged.count)")
        lines += findings(outcome.flagged, .flag)
        if !reading.warnings.isEmpty { lines.append("warnings:") }
        lines += reasons(reading.warnings)
        if let refusal = outcome.refusal { lines.append("refused: " + refusalInEnglish(refusal)) }
        lines.append(isDone ? "imported" : "nothing was changed")
        return lines.joined(separator: "\n")
    }

    /// A sentence that names another row is true of its first row only.
    private static func reasons(_ problems: [RowProblem]) -> [String] {
        grouped(problems).compactMap { problems in
            guard let first = problems.first else { return nil }
            let rows = numbers(problems.map(\.row), max: 20, separator: ", ", more: ", ...")
            let sentence = first.otherRow == nil ? first.en : "Row \(first.row): \(first.en)"
            return "  \(first.code.rawValue) \(problems.count): rows \(rows). \(sentence)"
        }
    }

    private static func findings(_ marks: [ImportOutcome.Mark], _ severity: PostingFinding.Severity) -> [String] {
        PostingFinding.Kind.allCases.filter { $0.severity == severity }.compactMap { kind in
            let rows = marks.filter { $0.findings.contains { $0.kind == kind } }.map(\.row)
            if rows.isEmpty { return nil }
            return "  \(kind.rawValue) \(rows.count): rows " + numbers(rows, max: 20, separator: ", ", more: ", ...")
        }
    }

    // MARK: Parts

    /// By code, in the order of the list of codes.
    static func grouped(_ problems: [RowProblem]) -> [[RowProblem]] {
        let groups = Dictionary(grouping: problems, by: \.code)
        return RowProblem.Code.allCases.compactMap { groups[$0] }
    }

    static func numbers(_ rows: [Int], max: Int, separator: String, more: String) -> String {
        rows.prefix(max).map(String.init).joined(separator: separator) + (rows.count > max ? more : "")
    }
}
