// Texts that people typed, made harmless for spreadsheets.

/// Nothing that comes out of here is a formula, breaks a file, or is longer than a cell may be.
public enum SafeCell {
    /// UTF-16 units in one cell (Excel's specifications and limits).
    public static let unitsMax = 32_767
    /// What a spreadsheet takes for the beginning of a formula, full width as a Chinese input method types it.
    private static let openers: Set<Unicode.Scalar> = [
        "=", "+", "-", "@", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}",
    ]
    /// Digits that survive being read as a number: a mobile number has eleven.
    private static let digitsMax = 11

    /// Without control characters, marks that turn the direction of text, and what XML cannot hold; white space of all
    /// kinds becomes a space. In XLSX this is enough: the cell is of type string.
    public static func plain(_ text: String) -> String {
        var plain = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x09, 0x0A, 0x0D, 0x85, 0x2028, 0x2029: plain.append(" ")
            case 0x00...0x1F, 0x7F...0x9F, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: continue
            case let value where value & 0xFFFE == 0xFFFE: continue
            default: plain.append(scalar)
            }
        }
        return cut(String(plain))
    }

    /// For CSV, whose cells have no type: what would begin a formula, or be changed by being read as a number (a leading
    /// zero, more than eleven digits), has an apostrophe before it.
    public static func guarded(_ text: String) -> String {
        // Spreadsheets look past white space at the beginning, and a tab or a line break opens a formula by itself.
        let startsWithBreak = text.unicodeScalars.first.map { "\t\r\n".unicodeScalars.contains($0) } ?? false
        let plain = plain(text)
        let first = plain.unicodeScalars.first { !$0.properties.isWhitespace }
        let isFormula = startsWithBreak || first.map(openers.contains) ?? false
        return isFormula || isMisreadNumber(plain) ? cut("'" + plain) : plain
    }

    private static func isMisreadNumber(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return false }
        return text.utf8.count > digitsMax || (text.utf8.count > 1 && text.utf8.first == 48)
    }

    private static func cut(_ text: String) -> String {
        guard text.utf16.count > unitsMax else { return text }
        var units = 0
        return String(
            text.prefix { character in
                units += character.utf16.count
                return units <= unitsMax
            })
    }
}
