// Names as people have them: Han, minority names with a dot, rare characters, Latin, one to fifty code points.

public enum NameRules {
    public static let codePointsMax = 50
    /// Longest text looked at, in code points, before spaces are collapsed.
    public static let typedCodePointsMax = 200

    /// The dot of minority names in its variants: • ‧ ・ ･ ． ∙ ⋅ ․ and the Greek one, all meant as U+00B7.
    private static let dots: Set<Unicode.Scalar> = [
        "\u{B7}", "\u{387}", "\u{2022}", "\u{2024}", "\u{2027}", "\u{2219}", "\u{22C5}", "\u{30FB}", "\u{FF0E}",
        "\u{FF65}",
    ]

    /// Normalises for comparing and keeps what was typed. Nothing is said about surname and given name.
    public static func check(_ text: String) -> Result<PersonName, ProblemCode> {
        let typed = Array(text.unicodeScalars)
        guard typed.count <= typedCodePointsMax else { return .failure(.nameTooLong) }
        let trimmed = typed.drop(while: PlainText.isSpace).reversed().drop(while: PlainText.isSpace).reversed()
        let scalars = spaced(Array(trimmed).filter { !isVariationSelector($0) }.map(replaced))
        for scalar in scalars {
            switch scalar.properties.generalCategory {
            case .control: return .failure(.nameInvisible)
            case .privateUse, .surrogate: return .failure(.nameUnencoded)
            case _ where PlainText.isInvisible(scalar): return .failure(.nameInvisible)
            default: guard isAllowed(scalar) else { return .failure(.nameCharacters) }
            }
        }
        guard scalars.contains(where: isLetter) else { return .failure(.nameWithoutLetter) }
        guard scalars.count <= codePointsMax else { return .failure(.nameTooLong) }
        return .success(PersonName(normalised: PlainText.string(scalars), typed: text))
    }

    /// What screen and slip show: `张*`, `欧阳*`, `买**` for names with a dot, `J*`. Cut by code point, never by byte.
    public static func masked(_ name: PersonName) -> String {
        let scalars = Array(name.normalised.unicodeScalars)
        guard let first = scalars.first else { return "" }
        if isHan(first), scalars.contains("\u{B7}") { return "\(first)**" }
        let two = PlainText.string(scalars.prefix(2))
        if scalars.count > 2, compoundSurnames.contains(two) { return "\(two)*" }
        return "\(first)*"
    }
}

// MARK: - Characters

extension NameRules {
    static func isHan(_ scalar: Unicode.Scalar) -> Bool {
        // The supplementary ideographic planes count as a whole: new extensions are younger than this toolchain.
        scalar.properties.isIdeographic || (0x20000...0x3FFFD).contains(scalar.value)
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || isHan(scalar)
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber: true
        default: isLetter(scalar) || " \u{B7}.,-'’()\u{F0B}\u{F0C}".unicodeScalars.contains(scalar)
        }
    }

    /// Variants of one character (Unicode Standard 23.4); fonts of the slip do not tell them apart.
    private static func isVariationSelector(_ scalar: Unicode.Scalar) -> Bool {
        (0xFE00...0xFE0F).contains(scalar.value) || (0xE0100...0xE01EF).contains(scalar.value)
    }

    private static func replaced(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if dots.contains(scalar) { return "\u{B7}" }
        // 䶮 in files older than GB 18030-2022.
        if scalar == "\u{E863}" { return "\u{4DAE}" }
        if scalar.properties.generalCategory == .spaceSeparator { return " " }
        if PlainText.isHyphen(scalar), scalar != "\u{AD}" { return "-" }
        let isRomanNumeral = (0x2160...0x217F).contains(scalar.value)
        return isRomanNumeral ? scalar : PlainText.halfWidth(scalar)
    }

    /// One space between words, none beside a dot; a full stop between two Han characters is a dot; none at the ends.
    private static func spaced(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        for (index, scalar) in scalars.enumerated() {
            var next = scalar
            if next == ".", let before = result.last, isHan(before), index + 1 < scalars.count,
                isHan(scalars[index + 1])
            {
                next = "\u{B7}"
            }
            if next == " ", result.last == " " || result.last == "\u{B7}" || result.isEmpty { continue }
            if next == "\u{B7}" {
                if result.last == " " { result.removeLast() }
                if result.last == "\u{B7}" || result.isEmpty { continue }
            }
            result.append(next)
        }
        while result.last == " " || result.last == "\u{B7}" { result.removeLast() }
        return result
    }

    private static let compoundSurnames = Set(
        """
        欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 司徒 司空 夏侯 轩辕 端木 南宫 西门 独孤 呼延 \
        百里 拓跋 拓拔 闻人 澹台 濮阳 淳于 单于 申屠 公羊 公冶 宗政 太叔 钟离 仲孙 鲜于 闾丘 司寇 赫连 万俟 左丘 \
        东郭 南门 第五 梁丘 东门 乐正 漆雕 壤驷 公良 夹谷 宰父 谷梁 段干 巫马 纳兰 完颜 歐陽 司馬 諸葛 東方 尉遲 \
        公孫 長孫 軒轅 南宮 西門 獨孤 聞人 澹臺 濮陽 單于 鍾離 仲孫 鮮于 閭丘 赫連 東郭
        """.split(separator: " ").map(String.init))
}
