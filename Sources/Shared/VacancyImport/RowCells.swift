// The cells of one row by field: tidied, checked for what a spreadsheet may have spoiled.

import JobFair

struct RowCells {
    let layout: SheetLayout

    /// Fields in which nothing may be lost or guessed: a broken cell there refuses the row.
    private static let strict: Set<VacancyField> = [
        .title, .employer, .creditCode, .pay, .payLowest, .payHighest, .headcount, .headcountPart, .booth,
    ]
    /// Broken characters elsewhere are shown as □.
    private static let strictAboutText: Set<VacancyField> = [
        .title, .employer, .creditCode, .pay, .payLowest, .payHighest,
    ]

    /// A text that must be whole and short. Nil where it is blank or spoiled; then the fault is in `problems`.
    func short(_ field: VacancyField, _ row: SheetRow, _ problems: inout RowProblems) -> String? {
        guard let text = line(field, row, &problems), !text.isEmpty else { return nil }
        guard CellText.length(text) <= field.lengthMax else {
            problems.fault(.textTooLong, field, column: layout.places[field]?.first)
            return nil
        }
        return text
    }

    /// A text that may be cut off.
    func free(_ field: VacancyField, _ row: SheetRow, _ problems: inout RowProblems) -> String {
        let texts = (layout.places[field] ?? []).compactMap { text(field, row[$0], column: $0, &problems) }
            .filter { !$0.isEmpty }
        let joined = texts.isEmpty ? (layout.presets[field] ?? "") : texts.joined(separator: "；")
        return shortened(joined, field, &problems)
    }

    func shortened(_ text: String, _ field: VacancyField, _ problems: inout RowProblems) -> String {
        guard CellText.length(text) > field.lengthMax else { return text }
        problems.warn(.textShortened, field, column: layout.places[field]?.first)
        return PlainText.string(text.unicodeScalars.prefix(field.lengthMax - 1)) + "…"
    }

    /// One line of the field's first column, or what the sheet says of it above the header.
    func line(_ field: VacancyField, _ row: SheetRow, _ problems: inout RowProblems) -> String? {
        guard let column = layout.places[field]?.first else { return layout.presets[field] }
        return text(field, row[column], column: column, &problems)
    }

    /// Nil where the cell is spoiled.
    func text(_ field: VacancyField, _ cell: SheetCell, column: Int, _ problems: inout RowProblems) -> String? {
        if cell.isBlank { return "" }
        if cell.text.utf8.count > SheetLimits.rowCellBytesMax {
            problems.fault(.cellOverlong, field, column: column)
            return nil
        }
        let isStrict = Self.strict.contains(field)
        switch cell.kind {
        case .formula, .error:
            guard isStrict else {
                problems.warn(.cellLeftOut, field, column: column)
                return ""
            }
            problems.fault(cell.kind == .formula ? .cellFormula : .cellError, field, column: column)
            return nil
        case .date where isStrict:
            problems.fault(.cellDate, field, column: column)
            return nil
        case .date where field == .hours || field == .place || field == .phone || field == .age:
            problems.warn(.cellLeftOut, field, column: column)
            return ""
        case .overlong:
            problems.fault(.cellOverlong, field, column: column)
            return nil
        case .text, .number, .date, .boolean: break
        }
        if CellText.hasControls(cell.text) {
            if isStrict || field == .place {
                problems.fault(.textControls, field, column: column)
                return nil
            }
            problems.warn(.textControlsRemoved, field, column: column)
        }
        let text =
            switch field {
            case .title, .employer, .place, .booth, .creditCode: CellText.name(cell.text)
            case .requirements: CellText.lines(cell.text)
            default: CellText.line(cell.text)
            }
        guard CellText.isBroken(text) else { return text }
        if Self.strictAboutText.contains(field) {
            problems.fault(.textBroken, field, column: column)
            return nil
        }
        problems.warn(.textBrokenCharacters, field, column: column)
        return text.replacing("锟斤拷", with: "□").replacing("\u{FFFD}", with: "□")
    }

    // MARK: - Codes and phones

    /// Empty where none is given or it is spoiled; then the fault is in `problems`.
    func creditCode(_ row: SheetRow, _ problems: inout RowProblems) -> String {
        guard let text = line(.creditCode, row, &problems), !text.isEmpty, !["-", "/", "无", "暂无"].contains(text) else {
            return ""
        }
        let column = layout.places[.creditCode]?.first
        do throws(CreditCodeReader.Failure) {
            return try CreditCodeReader.read(text, isNumber: column.map { row[$0].kind == .number } ?? false)
        } catch {
            let code: RowProblem.Code =
                switch error {
                case .floatingPoint: .creditCodeFloatingPoint
                case .length: .creditCodeLength
                case .characters: .creditCodeCharacters
                case .check: .creditCodeCheck
                }
            problems.fault(code, .creditCode, column: column)
            return ""
        }
    }

    /// Digits of the first number in the cell; empty where there is none.
    func phone(_ row: SheetRow, _ problems: inout RowProblems) -> String {
        guard let text = line(.phone, row, &problems), !text.isEmpty else { return "" }
        let column = layout.places[.phone]?.first
        if LostDigits.isFloatingPoint(text) {
            problems.fault(.phoneFloatingPoint, .phone, column: column)
            return ""
        }
        if case .success(let phone) = PhoneRules.check(text) { return phone.number }
        let found = PhoneFinder.phones(in: "电话" + text).first { [.mobile, .landline, .service].contains($0.kind) }
        if found == nil { problems.warn(.phoneUnreadable, .phone, column: column) }
        return found?.number ?? ""
    }
}
