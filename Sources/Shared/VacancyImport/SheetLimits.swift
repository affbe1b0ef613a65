// How large a spreadsheet may be before it is refused unread.

public enum SheetLimits {
    /// 20 MiB: a province's vacancies with every column filled make 8 MiB of CSV, 3 MiB of XLSX.
    public static let fileBytesMax = 20 * 1_048_576
    /// 128 MiB of one part once unpacked, read in a stream: 100,000 rows of 20 columns are about 90 MiB of XML. A bomb
    /// is larger.
    public static let partBytesMax = 128 * 1_048_576
    /// 64 MiB of shared strings, which stay in memory.
    public static let sharedStringsBytesMax = 64 * 1_048_576
    /// Rows that are not empty: five times the vacancies of the largest catalogue.
    public static let rowsMax = 100_000
    /// What a worksheet holds; rows below are ignored.
    public static let rowNumberMax = 1_048_576
    /// What old Excel showed; columns to the right of it are not read.
    public static let columnsMax = 256
    /// What one cell of Excel takes; the rest is cut off and the cell marked.
    public static let cellCharactersMax = 32_767
    /// 16 KiB, five thousand Han, of one cell of a vacancy: the same long text may stand in every row.
    public static let rowCellBytesMax = 16_384
    /// 64 MiB of text in the cells of one worksheet, three times the largest CSV: a few shared strings in every row
    /// make gigabytes of a small file.
    public static let textBytesMax = 64 * 1_048_576
    /// What every cell counts besides its text, empty ones before it in its row included: memory for it is taken.
    public static let cellBytes = 16
    /// Cells that merged ranges fill downwards, together.
    public static let mergedCellsMax = 1_000_000
    public static let mergesMax = 100_000
    /// Parts of an XLSX: 256 sheets with drawings and comments.
    public static let partsMax = 4096
    public static let sheetsMax = 256
    /// Sheets looked through for a header when none was named.
    public static let sheetsTriedMax = 10
    /// Quotation marks that nobody closed: above that the file is not CSV.
    public static let openQuotesMax = 100
    /// The header is looked for in that many rows that are not empty.
    public static let headerRowsMax = 10
}
