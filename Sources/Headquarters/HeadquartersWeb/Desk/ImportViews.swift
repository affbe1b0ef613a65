// What the pages of an import are filled with.

import HeadquartersCore
import JobFair
import VacancyImport

struct ImportFormView {
    var page: DeskPageView
    var fairName: String
    var action: String
    var vacancies: String
    var problem: String?
    var mapping: String
    var sheet: String
}

/// Preview and result, which say the same in two tenses.
struct ImportView {
    struct CountView {
        var words: String
        var count: String
        var isWarning: Bool
    }
    struct ReasonView {
        var sentence: String
        var count: String
        var rows: String
    }
    struct FaultView {
        var row: String
        var column: String
        var sentence: String
    }
    struct MarkView {
        var row: String
        var title: String
        var employer: String
        var findings: [FindingView]
    }
    struct FindingView {
        /// Nil for telephone numbers.
        var words: String?
        var sentence: String
    }
    struct ColumnView {
        var letters: String
        var title: String
        var field: String
        var isIgnored: Bool
    }

    /// Lines of one table; the rest is counted.
    static let linesMax = 500
    /// Row numbers in one sentence.
    static let numbersMax = 40

    var page: DeskPageView
    var fairName: String
    var fileName: String
    var source: String
    var otherSheets: String?
    var isDone: Bool
    /// The confirmation came too late: this is another preview.
    var changed: String?
    var refusal: String?
    var counts: [CountView]
    var hasFaults: Bool
    var faults: [FaultView]
    var faultsLeftOut: String?
    var warnings: [ReasonView]
    var hasHeld: Bool
    var held: [MarkView]
    var heldLeftOut: String?
    var hasFlagged: Bool
    var flagged: [MarkView]
    var flaggedLeftOut: String?
    var columns: [ColumnView]
    var skipped: String?
    /// Of the confirmation; nil where nothing can be confirmed.
    var digest: String?
    /// Of the confirmation, too: what the fair had when this was planned.
    var state: String
    var confirm: String
    var again: String
    var holds: String?
    var employers: String?

    init(
        page: DeskPageView, fair: Fair, upload: ImportUpload, reading: ImportReading, outcome: ImportOutcome,
        isDone: Bool, hasChanged: Bool
    ) {
        let path = "/desk/fairs/\(fair.id)"
        self.page = page
        fairName = fair.name
        fileName = upload.fileName
        source = ImportWords.source(reading)
        otherSheets =
            reading.otherSheets.isEmpty ? nil : reading.otherSheets.map { "“\($0)”" }.joined(separator: "、")
        self.isDone = isDone
        changed = hasChanged ? ImportWords.changed : nil
        refusal = outcome.refusal.map(ImportWords.refusal)
        counts = ImportWords.counts(reading, outcome).filter { $0.1 > 0 }.map {
            CountView(words: $0.0, count: PressNumber.exact($0.1), isWarning: $0.2)
        }
        hasFaults = !reading.faults.isEmpty
        faults = reading.faults.prefix(Self.linesMax).map {
            FaultView(row: String($0.row), column: ImportWords.column($0), sentence: $0.zh)
        }
        faultsLeftOut = Self.leftOut(reading.faults.count)
        warnings = Self.reasons(reading.warnings)
        hasHeld = !outcome.held.isEmpty
        held = outcome.held.prefix(Self.linesMax).map(Self.mark)
        heldLeftOut = Self.leftOut(outcome.held.count)
        hasFlagged = !outcome.flagged.isEmpty
        flagged = outcome.flagged.prefix(Self.linesMax).map(Self.mark)
        flaggedLeftOut = Self.leftOut(outcome.flagged.count)
        columns = reading.columns.map { column in
            let isIgnored = column.field == nil || column.field == .ignored
            return ColumnView(
                letters: column.letters, title: column.title,
                field: isIgnored ? "不导入" : column.field?.zh ?? "", isIgnored: isIgnored)
        }
        skipped = ImportWords.skipped(reading)
        digest = isDone || outcome.refusal != nil ? nil : upload.digest
        state = String(outcome.plannedOn)
        confirm = "\(path)/import/confirm"
        again = "\(path)/import"
        holds = isDone && !outcome.held.isEmpty ? "\(path)/vacancies?part=waiting" : nil
        employers = isDone && outcome.employersUnverified > 0 ? "\(path)/employers?part=waiting" : nil
    }

    private static func leftOut(_ count: Int) -> String? {
        count > linesMax ? PressNumber.exact(count - linesMax) : nil
    }

    private static func mark(_ mark: ImportOutcome.Mark) -> MarkView {
        MarkView(
            row: String(mark.row), title: mark.title, employer: mark.employer,
            findings: zip(mark.findings, mark.words).map {
                FindingView(words: $1.isEmpty ? nil : $1, sentence: $0.kind.zh)
            })
    }

    /// A sentence that names another row is true of its first row only.
    private static func reasons(_ problems: [RowProblem]) -> [ReasonView] {
        ImportWords.grouped(problems).compactMap { problems in
            guard let first = problems.first else { return nil }
            return ReasonView(
                sentence: first.otherRow == nil ? first.zh : "第 \(first.row) 行：\(first.zh)",
                count: PressNumber.exact(problems.count),
                rows: ImportWords.numbers(problems.map(\.row), max: numbersMax, separator: "、", more: " 等"))
        }
    }
}
