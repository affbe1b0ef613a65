// A table of text with row numbers, whichever file it came from.

import JobFair

public struct SheetCell: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case text
        /// The spreadsheet kept a number: 15 digits of it are true, leading zeros are gone.
        case number
        /// A number that the spreadsheet shows as a day or a time; `text` is `2026-02-01`, `08:30` or both.
        case date
        case boolean
        /// #N/A, #REF! and their kind; `text` is the code.
        case error
        /// A formula without its result: in CSV always, in XLSX where the program that wrote it did not calculate.
        case formula
        /// Longer than `SheetLimits.cellCharactersMax`; the rest is cut off.
        case overlong
    }

    /// As the spreadsheet shows it, apart from number formats; line breaks are `\n`.
    public var text: String
    public var kind: Kind
    /// Filled downwards from the first cell of a merged range.
    public var isCarried = false

    public init(text: String, kind: Kind = .text, isCarried: Bool = false) {
        self.text = text
        self.kind = kind
        self.isCarried = isCarried
    }

    static let empty = SheetCell(text: "")

    var isBlank: Bool {
        guard let first = text.utf8.first else { return true }
        // Begins with a visible ASCII character or Han: the usual case.
        if (0x21...0x7E).contains(first) || (0xE4...0xE9).contains(first) { return false }
        return PlainText.isBlank(text)
    }
}

public struct SheetRow: Hashable, Sendable {
    /// From 1, as the spreadsheet shows it; in CSV the number it would have there, whatever line breaks cells hold.
    public var number: Int
    /// Shorter than the sheet is wide where the rest is empty.
    public var cells: [SheetCell]

    subscript(column: Int) -> SheetCell { cells.indices.contains(column) ? cells[column] : .empty }

    var filledCount: Int { cells.reduce(0) { $0 + ($1.isBlank ? 0 : 1) } }
}

/// Rows and columns from 0 and 1 as in `SheetRow`.
public struct MergedRange: Hashable, Sendable {
    public var rows: ClosedRange<Int>
    public var columns: ClosedRange<Int>
}

public struct Sheet: Hashable, Sendable {
    public enum Source: Hashable, Sendable {
        case workbook
        /// `encoding` as a clerk knows it: UTF-8, UTF-16, GB18030.
        case text(encoding: String, delimiter: String)
    }

    public var source: Source
    /// Of the worksheet; empty for CSV.
    public var name: String
    /// Rows that are not empty, in order.
    public var rows: [SheetRow]
    public var merges: [MergedRange] = []
    /// Read like the others: a filter hides rows that are meant.
    public var hiddenRows = 0
    /// Bytes that are no character in the file's encoding; each became U+FFFD.
    public var brokenCharacters = 0

    /// `A`, `Z`, `AA` for 0, 25, 26.
    public static func letters(ofColumn column: Int) -> String {
        var (rest, letters) = (column, "")
        repeat {
            letters = String(UnicodeScalar(UInt8(65 + rest % 26))) + letters
            rest = rest / 26 - 1
        } while rest >= 0
        return letters
    }

    /// Nil unless `letters` are one to three letters.
    static func column(ofLetters letters: some StringProtocol) -> Int? {
        guard (1...3).contains(letters.utf8.count) else { return nil }
        var column = 0
        for byte in letters.utf8 {
            let upper = byte & 0xDF
            guard (65...90).contains(upper) else { return nil }
            column = column * 26 + Int(upper - 64)
        }
        return column - 1
    }
}
