// Where the header stands, what each column is, and what the rows above the header say for all vacancies.

import JobFair

/// One column as the preview shows it.
public struct MappedColumn: Hashable, Sendable {
    /// From 0.
    public var column: Int
    /// Header text, two rows joined; empty without header.
    public var title: String
    /// Nil: not recognised, not read.
    public var field: VacancyField?

    public var letters: String { Sheet.letters(ofColumn: column) }
}

struct SheetLayout {
    /// Places in `Sheet.rows`; empty without header.
    var headerRows: Range<Int>
    var columns: [MappedColumn]
    /// Columns of each field, in order.
    var places: [VacancyField: [Int]] = [:]
    /// From lines such as `单位名称：…` above the header, for fields that have no column.
    var presets: [VacancyField: String] = [:]
    var titles: [Int: String] = [:]

    init(headerRows: Range<Int>, columns: [MappedColumn]) {
        self.headerRows = headerRows
        self.columns = columns
        for column in columns {
            titles[column.column] = column.title
            if let field = column.field, field != .ignored { places[field, default: []].append(column.column) }
        }
    }

    func title(of field: VacancyField) -> String { places[field]?.first.flatMap { titles[$0] } ?? "" }
}

/// Finds the layout of a sheet.
struct LayoutFinder {
    let sheet: Sheet
    let mapping: ColumnMapping?

    /// Nil where no header is found; throws where a mapping names a column that is not there.
    func find() throws(SheetError) -> SheetLayout? {
        guard var layout = try mapping == nil ? automatic() : explicit() else { return nil }
        layout.presets = presets(above: layout.headerRows.lowerBound)
        return layout
    }

    private var candidates: Range<Int> { 0..<min(sheet.rows.count, SheetLimits.headerRowsMax) }

    // MARK: - By the words of the header

    private func automatic() -> SheetLayout? {
        var best: (layout: SheetLayout, score: Int)?
        for index in candidates {
            for count in 1...2 {
                guard let titles = titles(index, rows: count) else { continue }
                let layout = SheetLayout(headerRows: index..<(index + count), columns: columns(titles))
                guard layout.places[.title] != nil, layout.places.count >= 2 else { continue }
                // Of equals the header of one row, and of those the first.
                let score = layout.places.count * 2 - count
                if score > best?.score ?? 0 { best = (layout, score) }
            }
        }
        return best?.layout
    }

    private struct Title {
        var text: String
        var match: HeaderNames.Match?
    }

    /// Nil where the second row is no part of a header.
    private func titles(_ index: Int, rows count: Int) -> [Title]? {
        let upper = sheet.rows[index]
        if count == 1 {
            return upper.cells.map { Title(text: CellText.name($0.text), match: HeaderNames.match($0.text)) }
        }
        guard index + 1 < sheet.rows.count, sheet.rows[index + 1].number == upper.number + 1,
            upper.cells.count(where: { HeaderNames.match($0.text) != nil }) >= 2
        else { return nil }
        let lower = sheet.rows[index + 1]
        var hasSubheader = false
        var titles: [Title] = []
        for column in 0..<max(upper.cells.count, lower.cells.count) {
            let above = wide(upper, column: column)
            let below = lower[column]
            if below.isBlank || below.isCarried {
                titles.append(Title(text: CellText.name(above), match: HeaderNames.match(above)))
                continue
            }
            let isKnown =
                HeaderNames.subheaders.contains(CellText.key(below.text)) || HeaderNames.match(below.text) != nil
            guard isKnown else { return nil }
            hasSubheader = true
            let match = HeaderNames.match(above, over: below.text)
            titles.append(Title(text: CellText.name(above) + " " + CellText.name(below.text), match: match))
        }
        return hasSubheader ? titles : nil
    }

    /// The text over a column, also where it is merged sideways.
    private func wide(_ row: SheetRow, column: Int) -> String {
        if !row[column].isBlank { return row[column].text }
        let merge = sheet.merges.first { $0.rows.contains(row.number) && $0.columns.contains(column) }
        return merge.map { row[$0.columns.lowerBound].text } ?? ""
    }

    private func columns(_ titles: [Title], taken: [Int: VacancyField] = [:]) -> [MappedColumn] {
        var columns = titles.enumerated().map { MappedColumn(column: $0, title: $1.text, field: taken[$0]) }
        let takenFields = Set(taken.values)
        for field in VacancyField.allCases where field.takesSeveral || !takenFields.contains(field) {
            let found = titles.indices.filter { titles[$0].match?.field == field && taken[$0] == nil }
            let best = found.min { (titles[$0].match?.rank ?? 0, $0) < (titles[$1].match?.rank ?? 0, $1) }
            for index in found where field.takesSeveral || index == best { columns[index].field = field }
            // 工种 beside 岗位名称.
            if field == .title, let spare = found.first(where: { $0 != best }), !takenFields.contains(.occupation) {
                columns[spare].field = .occupation
            }
        }
        // 人数 beside 男 and 女 is their sum already; a board column beside one for both stays.
        if columns.contains(where: { $0.field == .headcount }) {
            for index in columns.indices where columns[index].field == .headcountPart {
                columns[index].field = .ignored
            }
        }
        return columns.filter { !$0.title.isEmpty || $0.field != nil }
    }

    // MARK: - By the clerk's mapping

    private func explicit() throws(SheetError) -> SheetLayout? {
        guard let mapping else { return nil }
        if mapping.header == .none { return try placed(mapping, header: nil) }
        if case .row(let number) = mapping.header {
            guard let index = sheet.rows.firstIndex(where: { $0.number == number }) else {
                throw SheetError(.headerMissing)
            }
            return try placed(mapping, header: index)
        }
        // The row that has most of the headers named; without any, the one with known words.
        let named = Set(mapping.entries.map { CellText.key($0.column) })
        let best = candidates.map { index in
            (index, sheet.rows[index].cells.count { named.contains(CellText.key($0.text)) })
        }.max { ($0.1, -$0.0) < ($1.1, -$1.0) }
        if let best, best.1 > 0 { return try placed(mapping, header: best.0) }
        if let found = automatic() { return try placed(mapping, header: found.headerRows.lowerBound) }
        return try placed(mapping, header: nil)
    }

    private func placed(_ mapping: ColumnMapping, header: Int?) throws(SheetError) -> SheetLayout? {
        let titles = header.map { self.titles($0, rows: 1) ?? [] } ?? []
        let keys = titles.map { CellText.key($0.text) }
        var taken: [Int: VacancyField] = [:]
        for entry in mapping.entries {
            guard let column = keys.firstIndex(of: CellText.key(entry.column)) ?? ColumnMapping.position(entry.column)
            else { throw SheetError(.mappingColumnMissing, String(entry.column.prefix(60))) }
            taken[column] = entry.field
        }
        var columns = columns(titles, taken: taken)
        for (column, field) in taken where !columns.contains(where: { $0.column == column }) {
            columns.append(MappedColumn(column: column, title: "", field: field))
        }
        columns.sort { $0.column < $1.column }
        let layout = SheetLayout(headerRows: header.map { $0..<($0 + 1) } ?? 0..<0, columns: columns)
        return layout.places[.title] == nil ? nil : layout
    }

    // MARK: - What stands above the header

    private static let presetFields: Set<VacancyField> = [.employer, .creditCode, .booth, .place, .contact, .phone]

    /// One employer's own form names it once: `单位名称：…`, in one cell or in two.
    private func presets(above header: Int) -> [VacancyField: String] {
        var presets: [VacancyField: String] = [:]
        for row in sheet.rows[..<header] {
            for (column, cell) in row.cells.enumerated() where !cell.isBlank && !cell.isCarried {
                let text = CellText.lines(cell.text).replacing("：", with: ":")
                let sides = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                guard let match = sides.first.flatMap({ HeaderNames.match(String($0)) }), match.rank != 1,
                    Self.presetFields.contains(match.field), presets[match.field] == nil
                else { continue }
                let rest = sides.count == 2 ? CellText.line(String(sides[1].prefix { $0 != "\n" })) : ""
                let next = row.cells.dropFirst(column + 1).first { !$0.isBlank }.map { CellText.line($0.text) } ?? ""
                // A value of several labels in one line ends where the next label's colon shows.
                let value = rest.isEmpty ? next : String(rest.split(separator: " ").first ?? "")
                if !value.isEmpty, HeaderNames.match(value)?.rank != 0 { presets[match.field] = value }
            }
        }
        return presets
    }
}
