// One worksheet of an XLSX: rows of cells as text, and its merged ranges.

import JobFair

/// Cells without a reference stand after the one before; rows without a number likewise.
final class WorksheetParser: PartParser {
    private(set) var rows: [SheetRow] = []
    private(set) var merges: [MergedRange] = []
    private(set) var hiddenRows = 0

    private let strings: [String]
    private let formats: [CellFormat]
    private let dates: SerialDates

    private var textBytes = 0
    private var rowNumber = 0
    private var isRowHidden = false
    private var cells: [SheetCell] = []
    private var column = -1
    private var type = ""
    private var style = 0
    private var hasFormula = false
    private var text = ""
    private var isInText = false
    private var isInReading = false

    init(strings: [String], formats: [CellFormat], countsFrom1904: Bool) {
        self.strings = strings
        self.formats = formats
        dates = SerialDates(countsFrom1904: countsFrom1904)
    }

    override func opened(_ name: String, _ attributes: Attributes) {
        switch name {
        case "c": openCell(attributes)
        case "v": isInText = true
        case "f": hasFormula = true
        case "t": isInText = type == "inlineStr" && !isInReading
        case "rPh": isInReading = true
        case "row":
            // Rows beyond the last one are none, whatever number they claim.
            let said = attributes["r"].flatMap { Int($0) } ?? (rowNumber + 1)
            rowNumber = (1...SheetLimits.rowNumberMax).contains(said) ? said : SheetLimits.rowNumberMax + 1
            isRowHidden = ["1", "true"].contains(attributes["hidden"])
            cells.removeAll(keepingCapacity: true)
            column = -1
        case "mergeCell": addMerge(attributes["ref"] ?? "")
        default: break
        }
    }

    override func found(text piece: String) {
        if isInText { text += piece }
    }

    override func closed(_ name: String) {
        switch name {
        case "c": closeCell()
        case "v", "t": isInText = false
        case "rPh": isInReading = false
        case "row": closeRow()
        default: break
        }
    }

    // MARK: - Rows and cells

    private func openCell(_ attributes: Attributes) {
        column += 1
        if let reference = attributes["r"], let named = Self.position(reference)?.column { column = named }
        type = attributes["t"] ?? "n"
        style = attributes["s"].flatMap { Int($0) } ?? 0
        hasFormula = false
        text = ""
        isInText = false
    }

    private func closeCell() {
        guard column >= 0, column < SheetLimits.columnsMax else { return }
        let cell = cell()
        guard !cell.text.isEmpty else { return }
        while cells.count < column { cells.append(.empty) }
        if cells.count == column { cells.append(cell) } else { cells[column] = cell }
    }

    private func closeRow() {
        guard (1...SheetLimits.rowNumberMax).contains(rowNumber), cells.contains(where: { !$0.isBlank }) else { return }
        // A file may name a row twice or out of order; the first of them is kept.
        guard rowNumber > rows.last?.number ?? 0 else { return }
        if rows.count == SheetLimits.rowsMax { return stop(SheetError(.sheetTooManyRows)) }
        textBytes += cells.reduce(0) { $0 + $1.text.utf8.count + SheetLimits.cellBytes }
        if textBytes > SheetLimits.textBytesMax { return stop(SheetError(.sheetTooMuchText)) }
        if isRowHidden { hiddenRows += 1 }
        rows.append(SheetRow(number: rowNumber, cells: cells))
    }

    private func cell() -> SheetCell {
        if text.isEmpty { return SheetCell(text: hasFormula ? "=" : "", kind: .formula) }
        switch type {
        case "s":
            let index = Int(text) ?? -1
            return Self.text(strings.indices.contains(index) ? strings[index] : "")
        case "inlineStr", "str": return Self.text(CellEscapes.plain(text))
        case "b": return SheetCell(text: text == "1" || text == "true" ? "TRUE" : "FALSE", kind: .boolean)
        case "e": return SheetCell(text: text, kind: .error)
        case "d": return SheetCell(text: text, kind: .date)
        default: return number()
        }
    }

    private static func text(_ text: String) -> SheetCell {
        guard text.utf8.count > SheetLimits.cellCharactersMax,
            text.unicodeScalars.count > SheetLimits.cellCharactersMax
        else { return SheetCell(text: text) }
        let cut = PlainText.string(text.unicodeScalars.prefix(SheetLimits.cellCharactersMax))
        return SheetCell(text: cut, kind: .overlong)
    }

    private func number() -> SheetCell {
        let format = formats.indices.contains(style) ? formats[style] : .plain
        if format != .plain, let value = Double(text), let date = dates.text(value, format: format) {
            return SheetCell(text: date, kind: .date)
        }
        if text.utf8.count <= 18, text.utf8.allSatisfy({ (48...57).contains($0) }) {
            return SheetCell(text: text, kind: .number)
        }
        guard let value = Double(text), value.isFinite else { return Self.text(text) }
        return SheetCell(text: Self.shown(value), kind: .number)
    }

    /// Whole numbers with all their digits, others with at most six places: 0.1 + 0.2 is 0.3.
    static func shown(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 9e18 { return String(Int64(value)) }
        guard abs(value) < 1e9 else { return String(value) }
        let text = String((value * 1_000_000).rounded() / 1_000_000)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    // MARK: - References

    /// `B12` is column 1, row 12.
    static func position(_ reference: some StringProtocol) -> (column: Int, row: Int)? {
        let letters = reference.utf8.prefix { (65...90).contains($0 & 0xDF) }
        guard let column = Sheet.column(ofLetters: String(decoding: letters, as: UTF8.self)) else { return nil }
        let digits = reference.utf8.dropFirst(letters.count)
        guard (1...7).contains(digits.count), let row = Int(String(decoding: digits, as: UTF8.self)), row > 0 else {
            return nil
        }
        return (column, row)
    }

    private func addMerge(_ reference: String) {
        let ends = reference.split(separator: ":")
        guard ends.count == 2, let first = Self.position(ends[0]), let last = Self.position(ends[1]),
            first.row <= last.row, first.column <= last.column
        else { return }
        if merges.count == SheetLimits.mergesMax { return stop(SheetError(.sheetTooManyMerges)) }
        merges.append(MergedRange(rows: first.row...last.row, columns: first.column...last.column))
    }
}

/// Days and times as spreadsheets count them.
struct SerialDates {
    var countsFrom1904: Bool

    /// `2026-02-01`, `08:30` or both. Nil for what no calendar of a spreadsheet has.
    func text(_ serial: Double, format: CellFormat) -> String? {
        guard serial.isFinite, serial >= 0, serial < 2_958_466 else { return nil }
        let minutes = Int((serial * 1440).rounded())
        let (days, minute) = minutes.quotientAndRemainder(dividingBy: 1440)
        let time = Self.padded(minute / 60) + ":" + Self.padded(minute % 60)
        if format == .time { return days == 0 ? time : nil }
        // Excel believes in 29 February 1900: before March of that year its days are one too many.
        let offset = countsFrom1904 ? days : days < 60 ? days - 1 : days - 2
        // Days from 0000-03-01 to the first of January of 1904 and 1900.
        guard let day = Self.day((countsFrom1904 ? 695_361 : 693_901) + offset) else { return nil }
        return format == .dayAndTime && minute > 0 ? "\(day) \(time)" : "\(day)"
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// Howard Hinnant's `civil_from_days`, days since 0000-03-01.
    private static func day(_ number: Int) -> CalendarDate? {
        let (era, dayOfEra) = number.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return CalendarDate(year: year, month: month, day: dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}
