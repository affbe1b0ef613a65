// A table as XLSX by libxlsxwriter, in memory only: what is written may be somebody's name and telephone number.

import CXLSXWriter
import Glibc

/// One sheet: heading, frozen header, rows, totals, notes; A4 landscape, one page wide, header repeated on each page.
public enum WorkbookEncoder {
    /// Memory behind a folder (tmpfs): no disk sees the file, nor the parts that the library keeps there, unlinked, until
    /// it packs them. Where it cannot be written nothing is encoded: the library would fall back on a disk.
    public static let scratchFolder = "/dev/shm"
    /// Bytes of a file: 20,000 rows take some 2 MB.
    static let bytesMax = 64 << 20

    /// Takes some 0.1 s for 10,000 rows.
    public static func encode(
        _ sheet: ExportSheet, scratchFolder: String = scratchFolder
    ) throws(SheetExportError) -> [UInt8] {
        // Without a name from the start, so that nothing is left whatever happens.
        var template = Array("\(scratchFolder)/jobfair-sheet-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw SheetExportError(.scratchUnusable, "\(scratchFolder) cannot be written: errno \(errno)")
        }
        defer { close(descriptor) }
        unlink(template)
        // The library wants a name; under this one it opens the same file.
        let failure = "/proc/self/fd/\(descriptor)".withCString { name in
            scratchFolder.withCString { folder in
                var options = lxw_workbook_options(
                    constant_memory: 0, tmpdir: UnsafeMutablePointer(mutating: folder), use_zip64: 0)
                return SheetWriter(sheet).write(name, &options)
            }
        }
        guard failure == LXW_NO_ERROR else {
            throw SheetExportError(.writerFailed, "libxlsxwriter: error \(failure.rawValue)")
        }
        return try read(descriptor)
    }

    private static func read(_ descriptor: Int32) throws(SheetExportError) -> [UInt8] {
        let size = Int(lseek(descriptor, 0, SEEK_END))
        guard size > 0, size <= bytesMax else { throw SheetExportError(.writerFailed, "\(size) bytes were written") }
        var bytes = [UInt8](repeating: 0, count: size)
        var done = 0
        while done < size {
            let count = bytes.withUnsafeMutableBytes { room in
                pread(descriptor, room.baseAddress?.advanced(by: done), size - done, off_t(done))
            }
            guard count > 0 else { throw SheetExportError(.scratchUnusable, "pread: errno \(errno)") }
            done += count
        }
        return bytes
    }
}

/// The calls of one workbook, in order.
private struct SheetWriter {
    let sheet: ExportSheet

    private static let a4: UInt8 = 9
    /// Excel's built-in format `@`: what is typed over the cell stays text too.
    private static let textFormat: UInt8 = 49
    private static let tabCharactersMax = 31
    private static let pageHeadingCharactersMax = 100

    init(_ sheet: ExportSheet) { self.sheet = sheet }

    /// Closes the workbook in any case: that frees it.
    func write(_ name: UnsafePointer<CChar>, _ options: inout lxw_workbook_options) -> lxw_error {
        guard let book = workbook_new_opt(name, &options) else { return LXW_ERROR_MEMORY_MALLOC_FAILED }
        let failure = workbook_add_worksheet(book, tab).map { fill($0, book) } ?? LXW_ERROR_MEMORY_MALLOC_FAILED
        let closing = workbook_close(book)
        return failure == LXW_NO_ERROR ? closing : failure
    }

    private var tab: String {
        String(SafeCell.plain(sheet.name).filter { !"[]:*?/\\'".contains($0) }.prefix(Self.tabCharactersMax))
    }

    private func fill(
        _ page: UnsafeMutablePointer<lxw_worksheet>, _ book: UnsafeMutablePointer<lxw_workbook>
    ) -> lxw_error {
        let formats = Formats(book)
        let headerRow = sheet.heading.count
        var row = 0
        var failures: [lxw_error] = []
        func add(_ cells: [String], _ format: UnsafeMutablePointer<lxw_format>?) {
            for (column, text) in cells.enumerated() {
                failures.append(
                    worksheet_write_string(page, UInt32(row), UInt16(column), SafeCell.plain(text), format))
            }
            row += 1
        }
        for (index, line) in sheet.heading.enumerated() { add([line], index == 0 ? formats.title : formats.plain) }
        add(sheet.columns.map(\.name), formats.header)
        for cells in sheet.rows { add(cells, formats.text) }
        add(sheet.totals, formats.totals)
        row += 1
        for line in sheet.notes { add([line], formats.plain) }
        for (column, wanted) in sheet.columns.enumerated() {
            failures.append(
                worksheet_set_column(page, UInt16(column), UInt16(column), Double(wanted.width), nil))
        }
        worksheet_freeze_panes(page, UInt32(headerRow + 1), 0)
        // No green corners at numbers that are text on purpose.
        failures.append(
            worksheet_ignore_errors(
                page, UInt8(LXW_IGNORE_NUMBER_STORED_AS_TEXT.rawValue), "A1:XFD\(max(1, row))"))
        failures += setUpPage(page, headerRow: headerRow)
        return failures.first { $0 != LXW_NO_ERROR } ?? LXW_NO_ERROR
    }

    private func setUpPage(_ page: UnsafeMutablePointer<lxw_worksheet>, headerRow: Int) -> [lxw_error] {
        worksheet_set_landscape(page)
        worksheet_set_paper(page, Self.a4)
        worksheet_fit_to_pages(page, 1, 0)
        // `&` begins a code there.
        let heading = String(SafeCell.plain(sheet.pageHeading).prefix(Self.pageHeadingCharactersMax))
            .replacing("&", with: "&&")
        return [
            worksheet_repeat_rows(page, UInt32(headerRow), UInt32(headerRow)),
            worksheet_set_header(page, "&C\(heading)"), worksheet_set_footer(page, "&C&P / &N"),
        ]
    }

    private struct Formats {
        let title, plain, header, text, totals: UnsafeMutablePointer<lxw_format>?

        init(_ book: UnsafeMutablePointer<lxw_workbook>) {
            func make(isBold: Bool = false, isFramed: Bool = false, size: Double = 11) -> UnsafeMutablePointer<
                lxw_format
            >? {
                guard let format = workbook_add_format(book) else { return nil }
                format_set_num_format_index(format, textFormat)
                format_set_font_size(format, size)
                if isBold { format_set_bold(format) }
                if isFramed {
                    format_set_border(format, UInt8(LXW_BORDER_THIN.rawValue))
                    format_set_text_wrap(format)
                    format_set_align(format, UInt8(LXW_ALIGN_VERTICAL_CENTER.rawValue))
                }
                return format
            }
            title = make(isBold: true, size: 16)
            plain = make()
            header = make(isBold: true, isFramed: true)
            text = make(isFramed: true)
            totals = make(isBold: true, isFramed: true)
        }
    }
}
