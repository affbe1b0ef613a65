// CSV as RFC 4180 says and as spreadsheets write it: quoted line breaks, comma, semicolon or tab, CRLF, LF or CR.

import JobFair

/// Takes UTF-8 apart into records of cells.
struct DelimitedReader {
    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let delimiters: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: "\t"), UInt8(ascii: ";")]
    /// A quoted cell that is still open after so many bytes was never closed: four bytes a character.
    private static let quotedBytesMax = SheetLimits.cellCharactersMax * 4
    /// Records looked at to tell the delimiter.
    private static let sampledRecords = 30

    private let bytes: [UInt8]
    private let delimiter: UInt8
    private var position: Int
    private var openQuotes = 0

    private init(_ bytes: [UInt8], delimiter: UInt8, from position: Int) {
        self.bytes = bytes
        self.delimiter = delimiter
        self.position = position
    }

    static func sheet(_ file: [UInt8]) throws(SheetError) -> Sheet {
        let text = try PlainTextDecoder(file)
        let (delimiter, start) = try delimiter(of: text.utf8)
        var reader = DelimitedReader(text.utf8, delimiter: delimiter, from: start)
        var rows: [SheetRow] = []
        var number = 0
        while let cells = try reader.record() {
            number += 1
            if cells.allSatisfy(\.isBlank) { continue }
            if rows.count == SheetLimits.rowsMax { throw SheetError(.sheetTooManyRows) }
            rows.append(SheetRow(number: number, cells: cells))
        }
        let name = delimiter == UInt8(ascii: "\t") ? "tab" : String(UnicodeScalar(delimiter))
        return Sheet(
            source: .text(encoding: text.encoding, delimiter: name), name: "", rows: rows,
            brokenCharacters: text.broken)
    }

    /// Excel's own first line `sep=;`, else whichever splits most of the first records into the same number of cells.
    private static func delimiter(of bytes: [UInt8]) throws(SheetError) -> (UInt8, start: Int) {
        if bytes.count > 5, bytes.starts(with: Array("sep=".utf8)) || bytes.starts(with: Array("SEP=".utf8)) {
            let end = bytes.firstIndex { $0 == lineFeed || $0 == carriageReturn } ?? bytes.count
            if end == 5 {
                let isPair = end + 1 < bytes.count && bytes[end] == carriageReturn && bytes[end + 1] == lineFeed
                return (bytes[4], min(bytes.count, end + (isPair ? 2 : 1)))
            }
        }
        var best = (delimiter: delimiters[0], score: 0)
        for delimiter in delimiters {
            var reader = DelimitedReader(bytes, delimiter: delimiter, from: 0)
            var widths: [Int: Int] = [:]
            for _ in 0..<sampledRecords {
                guard let cells = try reader.record() else { break }
                if cells.count > 1 { widths[cells.count, default: 0] += cells.count - 1 }
            }
            let score = widths.values.max() ?? 0
            if score > best.score { best = (delimiter, score) }
        }
        return (best.delimiter, 0)
    }

    /// Nil at the end. A line of nothing is a record without cells.
    private mutating func record() throws(SheetError) -> [SheetCell]? {
        guard position < bytes.count else { return nil }
        var cells: [SheetCell] = []
        while true {
            let cell = try cell()
            if cells.count < SheetLimits.columnsMax { cells.append(cell) }
            guard position < bytes.count else { break }
            let byte = bytes[position]
            position += 1
            if byte == delimiter {
                // The file ends after a delimiter: one more empty cell, which says nothing.
                if position == bytes.count { break }
                continue
            }
            if byte == Self.carriageReturn, position < bytes.count, bytes[position] == Self.lineFeed { position += 1 }
            break
        }
        return cells
    }

    private func isEnd(_ byte: UInt8) -> Bool {
        byte == delimiter || byte == Self.lineFeed || byte == Self.carriageReturn
    }

    /// Leaves `position` at the delimiter or line break after the cell.
    private mutating func cell() throws(SheetError) -> SheetCell {
        var start = position
        while start < bytes.count, bytes[start] == UInt8(ascii: " ") { start += 1 }
        if start < bytes.count, bytes[start] == Self.quote {
            if let (content, end) = quoted(from: start + 1) {
                position = end
                return Self.cell(content, isQuoted: true)
            }
            openQuotes += 1
            if openQuotes > SheetLimits.openQuotesMax { throw SheetError(.quotesOpen) }
        }
        let first = position
        while position < bytes.count, !isEnd(bytes[position]) { position += 1 }
        return Self.cell(bytes[first..<position], isQuoted: false)
    }

    /// The content after an opening quotation mark. Nil where the mark opens nothing: it is never closed, or closed
    /// lines further down in the midst of another cell. Taken as it stands it would swallow the rows between.
    private func quoted(from start: Int) -> (ArraySlice<UInt8>, end: Int)? {
        var content: [UInt8] = []
        var piece = start
        var index = start
        var breaks = false
        let limit = min(bytes.count, start + Self.quotedBytesMax)
        while index < limit {
            let byte = bytes[index]
            if byte != Self.quote {
                breaks = breaks || byte == Self.lineFeed || byte == Self.carriageReturn
                index += 1
                continue
            }
            content += bytes[piece..<index]
            if index + 1 < bytes.count, bytes[index + 1] == Self.quote {
                content.append(Self.quote)
                index += 2
                piece = index
                continue
            }
            var end = index + 1
            while end < bytes.count, bytes[end] == UInt8(ascii: " "), delimiter != bytes[end] { end += 1 }
            if end == bytes.count || isEnd(bytes[end]) { return (content[...], end) }
            if breaks { return nil }
            // `"a"b`: what follows belongs to the cell.
            while end < bytes.count, !isEnd(bytes[end]) { end += 1 }
            return (content[...] + bytes[(index + 1)..<end], end)
        }
        return nil
    }

    private static func cell(_ content: ArraySlice<UInt8>, isQuoted: Bool) -> SheetCell {
        let text = String(decoding: content, as: UTF8.self)
        guard let first = content.first else { return SheetCell(text: "") }
        if content.count > SheetLimits.cellCharactersMax, text.unicodeScalars.count > SheetLimits.cellCharactersMax {
            return SheetCell(
                text: PlainText.string(text.unicodeScalars.prefix(SheetLimits.cellCharactersMax)), kind: .overlong)
        }
        guard first == UInt8(ascii: "=") else { return SheetCell(text: text) }
        // `="0571"` is how people keep a spreadsheet from turning text into a number.
        if content.count >= 3, content.dropFirst().first == quote, content.last == quote,
            !content.dropFirst(2).dropLast().contains(quote)
        {
            return SheetCell(text: String(decoding: content.dropFirst(2).dropLast(), as: UTF8.self))
        }
        return SheetCell(text: text, kind: content.count > 1 ? .formula : .text)
    }
}
