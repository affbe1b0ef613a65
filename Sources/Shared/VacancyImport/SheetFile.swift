// Bytes of an unknown file -> a spreadsheet that can be read, or the reason why not.

import JobFair

/// A spreadsheet file, recognised by its bytes and never by its name.
public struct SheetFile: Sendable {
    private enum Content: Sendable {
        case workbook(Workbook)
        case text([UInt8])
    }

    private let content: Content

    /// Throws where the file is too large, no spreadsheet, or in a format that has to be saved as .xlsx first.
    public init(_ bytes: [UInt8]) throws(SheetError) {
        if bytes.isEmpty { throw SheetError(.fileEmpty) }
        if bytes.count > SheetLimits.fileBytesMax { throw SheetError(.fileTooLarge) }
        switch FileKind(bytes) {
        case .zip: content = .workbook(try Workbook(bytes))
        case .text: content = .text(bytes)
        case .compound:
            throw SheetError(FileKind.isEncrypted(bytes) ? .filePassword : .fileLegacyExcel)
        case .webPage: throw SheetError(.fileWebPage)
        case .other: throw SheetError(.fileNoSpreadsheet)
        }
    }

    /// Worksheets a reader of the file would see, in order; one without a name for CSV.
    public var sheetNames: [String] {
        switch content {
        case .workbook(let workbook): workbook.visibleSheets.map(\.name)
        case .text: [""]
        }
    }

    /// Throws where there is no such sheet, or it is beyond the limits. Hidden sheets are read when they are named.
    public func sheet(_ name: String) throws(SheetError) -> Sheet {
        switch content {
        case .workbook(let workbook): return try workbook.sheet(name)
        case .text(let bytes):
            guard name.isEmpty else { throw SheetError(.sheetMissing, name) }
            return try DelimitedReader.sheet(bytes)
        }
    }
}

/// What the first bytes say.
enum FileKind {
    case zip
    /// OLE: .xls, .doc, and every Office file with a password.
    case compound
    case webPage
    case text
    case other

    init(_ bytes: [UInt8]) {
        if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || bytes.starts(with: [0x50, 0x4B, 0x05, 0x06]) {
            self = .zip
        } else if bytes.starts(with: [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) {
            self = .compound
        } else if Self.isKnownBinary(bytes) {
            self = .other
        } else if Self.isWebPage(bytes) {
            self = .webPage
        } else if !Self.isUTF16(bytes), bytes.contains(0) {
            self = .other
        } else {
            self = .text
        }
    }

    static func isUTF16(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
    }

    /// The name of the stream in which Office keeps an encrypted file, in UTF-16.
    static func isEncrypted(_ bytes: [UInt8]) -> Bool {
        let name = Array("E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0".utf8)
        var index = 0
        while let found = bytes[index...].firstIndex(of: name[0]) {
            if bytes[found...].starts(with: name) { return true }
            index = found + 1
        }
        return false
    }

    /// PDF, pictures, RAR, 7z, gzip, Excel 2 to 4.
    private static func isKnownBinary(_ bytes: [UInt8]) -> Bool {
        let signatures: [[UInt8]] = [
            Array("%PDF".utf8), [0x89, 0x50, 0x4E, 0x47], [0xFF, 0xD8, 0xFF], Array("GIF8".utf8), Array("Rar!".utf8),
            [0x37, 0x7A, 0xBC, 0xAF], [0x1F, 0x8B], [0x09, 0x00, 0x04, 0x00], [0x09, 0x02, 0x06, 0x00],
            [0x09, 0x04, 0x06, 0x00],
        ]
        return signatures.contains { bytes.starts(with: $0) }
    }

    /// HTML and Excel's XML of 2003, which many portals hand out as .xls.
    private static func isWebPage(_ bytes: [UInt8]) -> Bool {
        let head = String(decoding: bytes.prefix(1024).filter { $0 != 0 }, as: UTF8.self).lowercased()
        let start = head.unicodeScalars.drop { $0 == "\u{FEFF}" || $0 == "\u{FFFD}" || PlainText.isSpace($0) }
        guard start.first == "<" else { return false }
        return ["<!doctype", "<html", "<table", "<head", "<meta", "<?xml", "<body", "<div", "<!--", "<style"].contains {
            start.starts(with: $0.unicodeScalars)
        }
    }
}
