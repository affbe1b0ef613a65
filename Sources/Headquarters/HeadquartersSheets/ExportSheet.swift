// A table to be handed out: what both file formats are made from.

/// One table with what stands above and beneath it.
public struct ExportSheet: Hashable, Sendable {
    public struct Column: Hashable, Sendable {
        public var name: String
        /// In characters of the standard font; a Chinese character takes two.
        public var width: Int

        public init(_ name: String, width: Int) {
            self.name = name
            self.width = width
        }
    }

    /// Of the tab; cut at Excel's 31 characters, without those it refuses.
    public var name: String
    /// Above the header, in XLSX only: a CSV begins with its header, for programs.
    public var heading: [String]
    public var columns: [Column]
    /// Every cell is text, telephone numbers too; a row has as many as there are columns.
    public var rows: [[String]]
    /// The row beneath, as many cells.
    public var totals: [String]
    /// Lines beneath the totals: who made it, when, what counts.
    public var notes: [String]
    /// At the head of every printed page; at most 100 characters.
    public var pageHeading: String

    public init(
        name: String, heading: [String], columns: [Column], rows: [[String]], totals: [String], notes: [String],
        pageHeading: String
    ) {
        self.name = name
        self.heading = heading
        self.columns = columns
        self.rows = rows
        self.totals = totals
        self.notes = notes
        self.pageHeading = pageHeading
    }
}

public struct SheetExportError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// The memory file or the scratch folder cannot be used.
        case scratchUnusable
        /// The library refused a call.
        case writerFailed
        /// A character has no place in the encoding, or iconv lacks its table.
        case encodingFailed
    }

    public var code: Code
    /// For the log: never anything of the table.
    public var detail: String

    public init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    public var description: String { "\(code.rawValue): \(detail)" }
}
