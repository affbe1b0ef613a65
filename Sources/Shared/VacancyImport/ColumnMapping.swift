// A clerk's own word on which column is what, for sheets whose headers nobody knows.

/// `title=jobName,employer=companyName,pay=salary,place=area`: our field, then a header, column letters or a column's
/// number from 1. Headers go before letters; `requirements=A+专业` joins; `ignored=备注` leaves a column out;
/// `header=none` says that there is no header row, `header=3` which row of the spreadsheet it is. Columns that are not
/// named are recognised as usual.
public struct ColumnMapping: Hashable, Sendable {
    public enum Header: Hashable, Sendable {
        case find
        case none
        /// Row as the spreadsheet shows it.
        case row(Int)
    }

    public struct Entry: Hashable, Sendable {
        public var field: VacancyField
        /// Header text, letters or number, as written.
        public var column: String
    }

    public private(set) var entries: [Entry] = []
    public private(set) var header: Header = .find

    /// Entries a sheet can have; above that the text is no mapping.
    private static let entriesMax = 100

    /// Throws `mapping.invalid` with the entry that is not understood.
    public init(parsing text: String) throws(SheetError) {
        for part in text.split(whereSeparator: { [",", "，", ";", "；", "\n"].contains($0) }) {
            let sides = part.split(separator: "=", maxSplits: 1)
                .map { CellText.line(String($0)) }.filter { !$0.isEmpty }
            guard sides.count == 2, entries.count < Self.entriesMax else { throw Self.invalid(String(part)) }
            if sides[0].lowercased() == "header" {
                guard let header = Self.header(sides[1]) else { throw Self.invalid(String(part)) }
                self.header = header
                continue
            }
            guard let field = Self.field(sides[0]) else { throw Self.invalid(String(part)) }
            for column in sides[1].split(separator: "+").map({ CellText.line(String($0)) }) {
                entries.append(Entry(field: field, column: column))
            }
        }
        guard !entries.isEmpty || header != .find else { throw Self.invalid(text) }
    }

    private static func invalid(_ text: String) -> SheetError {
        SheetError(.mappingInvalid, String(CellText.line(text).prefix(60)))
    }

    private static func header(_ text: String) -> Header? {
        if ["none", "no", "无", "0"].contains(text.lowercased()) { return Header.none }
        guard let row = Int(text), (1...SheetLimits.rowNumberMax).contains(row) else { return nil }
        return .row(row)
    }

    /// Our name in any case, or the Chinese one.
    private static func field(_ text: String) -> VacancyField? {
        VacancyField.allCases.first { $0.rawValue.lowercased() == text.lowercased() || $0.zh == text }
    }

    /// Column from 0 of an entry that is letters or a number.
    static func position(_ column: String) -> Int? {
        if let number = Int(column), (1...SheetLimits.columnsMax).contains(number) { return number - 1 }
        guard let letters = Sheet.column(ofLetters: column), letters < SheetLimits.columnsMax else { return nil }
        return letters
    }
}
