// What people mean by the text in a cell: without stray spaces, invisible characters and marks of the spreadsheet.

import JobFair

enum CellText {
    /// What a line break in a cell becomes.
    private enum Break {
        case kept
        case blank
        /// Nothing between Han, where a name was broken to fit its column; else a blank.
        case closed
    }

    /// One line: every run of blanks and line breaks is one space, an apostrophe that marks text is gone.
    static func line(_ text: String) -> String {
        if isTidy(text) { return text }
        return joined(text, .blank)
    }

    /// As `line`, for names, which bureaus break to fit the column: 恒达机械制造\n有限公司.
    static func name(_ text: String) -> String {
        if isTidy(text) { return text }
        return joined(text, .closed)
    }

    /// As `line`, but with the line breaks that the employer made.
    static func lines(_ text: String) -> String {
        if isTidy(text) { return text }
        return joined(text, .kept)
    }

    /// To compare with: half width, upper case, no blanks, dashes one kind.
    static func key(_ text: String) -> String { PlainText.string(plain(text, isUpperCase: true)) }

    /// Half width, lower case unless asked otherwise, no blanks and nothing invisible, dashes and tildes are `-`.
    static func plain(_ text: String, isUpperCase: Bool = false) -> [Unicode.Scalar] {
        var plain: [Unicode.Scalar] = []
        plain.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            if (0x4E00...0x9FFF).contains(scalar.value) {
                plain.append(scalar)
                continue
            }
            if ("0"..."9").contains(scalar) || scalar == "-" {
                plain.append(scalar)
                continue
            }
            let half = PlainText.halfWidth(scalar)
            if isDash(half) {
                plain.append("-")
            } else if PlainText.isSpace(half) || isControl(half) || PlainText.isInvisible(half) {
                continue
            } else if isUpperCase, ("a"..."z").contains(half) {
                plain.append(Unicode.Scalar(half.value - 0x20) ?? half)
            } else if !isUpperCase, ("A"..."Z").contains(half) {
                plain.append(Unicode.Scalar(half.value + 0x20) ?? half)
            } else {
                plain.append(half)
            }
        }
        return plain
    }

    /// U+FFFD, or what becomes of it when another program reads it as GBK.
    static func isBroken(_ text: String) -> Bool {
        text.utf8.contains(0xEF) && text.unicodeScalars.contains("\u{FFFD}") || text.contains("锟斤拷")
    }

    /// Characters that only a damaged or hostile file holds; tab, line breaks and the soft breaks of word processors
    /// are blanks.
    static func hasControls(_ text: String) -> Bool { text.unicodeScalars.contains(where: isControl) }

    static func length(_ text: String) -> Int { text.unicodeScalars.count }

    static func isDash(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == "-" { return true }
        if scalar.value < 0x7E { return false }
        return PlainText.isHyphen(scalar) || scalar == "~" || scalar == "\u{223C}" || scalar == "\u{301C}"
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...8, 0x0E...0x1F, 0x7F, 0x80...0x84, 0x86...0x9F: true
        default: false
        }
    }

    /// Nothing but letters, digits, signs and Han: the usual cell, looked at byte by byte.
    private static func isTidy(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x21...0x7E).contains($0) || (0x80...0xBF).contains($0) || (0xE4...0xE9).contains($0) }
            && text.utf8.first != UInt8(ascii: "'")
    }

    private static func joined(_ text: String, _ mode: Break) -> String {
        var result = String.UnicodeScalarView()
        var pending: Unicode.Scalar?
        var isFirst = true
        for scalar in text.unicodeScalars {
            if scalar == "\n" || scalar == "\r" || scalar.value == 0x0B || scalar.value == 0x2028 {
                pending = "\n"
            } else if PlainText.isSpace(scalar) {
                pending = pending ?? " "
            } else if isControl(scalar) || PlainText.isInvisible(scalar) {
                continue
            } else if isFirst, scalar == "'" {
                isFirst = false
            } else {
                if let blank = pending, let last = result.last {
                    let isBroken = blank == "\n" && mode == .closed && last.value >= 0x2E80 && scalar.value >= 0x2E80
                    if !isBroken { result.append(mode == .kept ? blank : " ") }
                }
                pending = nil
                isFirst = false
                result.append(scalar)
            }
        }
        return String(result)
    }
}
