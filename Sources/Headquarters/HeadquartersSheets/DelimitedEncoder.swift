// A table as CSV (RFC 4180), for spreadsheets that guess the encoding and for those that do not.

import Glibc

/// Header, rows, totals, notes; every cell quoted, lines end in CR LF.
public enum DelimitedEncoder {
    public enum Encoding: String, Sendable, CaseIterable {
        /// With the mark by which Excel tells UTF-8.
        case utf8 = "utf-8"
        /// For programs of the bureau that know nothing else; holds every character of Unicode.
        case gb18030
    }

    public static func encode(
        _ sheet: ExportSheet, encoding: Encoding = .utf8
    ) throws(SheetExportError) -> [UInt8] {
        var lines = [sheet.columns.map(\.name)] + sheet.rows + [sheet.totals]
        lines += sheet.notes.map { [$0] }
        let text = lines.map { cells in
            cells.map { "\"" + SafeCell.guarded($0).replacing("\"", with: "\"\"") + "\"" }.joined(separator: ",")
                + "\r\n"
        }.joined()
        switch encoding {
        case .utf8: return [0xEF, 0xBB, 0xBF] + Array(text.utf8)
        case .gb18030: return try gb18030(Array(text.utf8))
        }
    }

    /// Through glibc's iconv: Foundation's conversion fails without a word in static builds.
    private static func gb18030(_ utf8: [UInt8]) throws(SheetExportError) -> [UInt8] {
        guard let converter = iconv_open("GB18030", "UTF-8"), Int(bitPattern: converter) != -1 else {
            throw SheetExportError(.encodingFailed, "iconv has no table of GB18030")
        }
        defer { iconv_close(converter) }
        var input = utf8.map { CChar(bitPattern: $0) }
        // Three bytes of UTF-8 take at most four.
        var output = [CChar](repeating: 0, count: utf8.count * 2 + 4)
        let rest: (left: Int, room: Int) = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                var (from, to) = (input.baseAddress, output.baseAddress)
                var (left, room) = (input.count, output.count)
                _ = iconv(converter, &from, &left, &to, &room)
                return (left, room)
            }
        }
        guard rest.left == 0 else { throw SheetExportError(.encodingFailed, "\(rest.left) bytes are left") }
        return output.prefix(output.count - rest.room).map { UInt8(bitPattern: $0) }
    }
}
