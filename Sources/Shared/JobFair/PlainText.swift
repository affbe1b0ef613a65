// Half width, upper case, no spaces: what a keypad, a phone's keyboard and a spreadsheet mean when they type a number.

/// One scalar at a time; also used where spreadsheets are read.
public enum PlainText {
    /// Spaces of every kind; none of them ever means anything in a number.
    public static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace
    }

    /// Hyphens, dashes and the minus sign.
    public static func isHyphen(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x2D, 0xAD, 0x2010...0x2015, 0x2212, 0xFE58, 0xFE63, 0xFF0D: true
        default: false
        }
    }

    /// Zero-width characters, direction marks and other format characters: copied along from contacts and web pages.
    public static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .format, .lineSeparator, .paragraphSeparator: true
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    /// Full-width forms U+FF01 to U+FF5E become ASCII, the ideographic space a space, Roman ten an X.
    public static func halfWidth(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0xFF01...0xFF5E: Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
        case 0x3000: " "
        case 0x2169, 0x2179: "X"
        default: scalar
        }
    }

    /// Half width, upper case, without spaces, hyphens and invisible characters; everything else stays to be judged.
    public static func number(_ text: String) -> [Unicode.Scalar] {
        text.unicodeScalars.compactMap { scalar in
            if isSpace(scalar) || isHyphen(scalar) || isInvisible(scalar) { return nil }
            let half = halfWidth(scalar)
            guard ("a"..."z").contains(half) else { return half }
            return Unicode.Scalar(half.value - 0x20) ?? half
        }
    }

    /// Nil or blank text is no text.
    public static func isBlank(_ text: String?) -> Bool {
        text?.unicodeScalars.allSatisfy { isSpace($0) || isInvisible($0) } ?? true
    }

    public static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    public static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
    public static func isLetter(_ scalar: Unicode.Scalar) -> Bool { ("A"..."Z").contains(scalar) }
}
