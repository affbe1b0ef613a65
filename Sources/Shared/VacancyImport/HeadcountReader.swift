// How many an employer seeks, from whatever stands in the column.

/// What a headcount cell said.
public enum HeadcountReading: Hashable, Sendable {
    /// 若干, 不限, 长期 or nothing: the employer did not say. Never 1.
    case open
    case count(Int)
    /// `5-8人`: the lower bound is taken, because figures of a fair must not promise more than the employer.
    case lowerBound(Int)
    /// `男5女3`: together. That the employer splits them by sex is for the lint.
    case sum(Int)
    case zero
    /// Below 0, a fraction, words.
    case invalid
    /// More than `headcountMax`.
    case tooLarge
}

public enum HeadcountReader {
    /// The largest factory of the land hires 100,000 before a season; above that a figure slipped.
    public static let headcountMax = 100_000

    private static let openWords = [
        "若干", "不限", "多名", "数名", "多人", "数人", "长期", "大量", "急招", "不等", "批量", "无限", "面议", "待定", "几名", "适量",
        "视情况", "不定", "按需",
    ]
    private static let sexWords = ["男女不限", "男女均可", "男女都可", "男女皆可"]

    public static func read(_ text: String) -> HeadcountReading {
        var plain = PlainTextKey(text)
        if plain.text.isEmpty || ["-", "/", "无", "\\", "--", "?"].contains(plain.text) { return .open }
        for word in sexWords { plain.remove(word) }
        let numbers = plain.numbers()
        if numbers.isEmpty {
            if let value = ChineseNumbers.value(plain.withoutCounters) { return count(value) }
            return openWords.contains { plain.text.contains($0) } || plain.text.isEmpty ? .open : .invalid
        }
        guard let shape = plain.shape(), numbers.allSatisfy({ $0 <= 1_000_000 }) else {
            return numbers.contains { $0 > 1_000_000 } ? .tooLarge : .invalid
        }
        switch shape {
        case "n": return count(numbers[0])
        case "n-n":
            let lowest = min(numbers[0], numbers[1])
            if lowest > headcountMax { return .tooLarge }
            return lowest == 0 ? .zero : .lowerBound(lowest)
        case "n+n", "mnfn", "fnmn", "n+n+n":
            let sum = numbers.reduce(0, +)
            if sum == 0 { return .zero }
            return sum > headcountMax ? .tooLarge : shape.contains("m") ? .sum(sum) : .count(sum)
        case "mn", "fn": return count(numbers[0]) == .zero ? .zero : .sum(numbers[0])
        default: return .invalid
        }
    }

    private static func count(_ value: Int) -> HeadcountReading {
        if value == 0 { return .zero }
        return value > headcountMax ? .tooLarge : .count(value)
    }
}

/// A headcount text in half width without blanks, and the shapes it may have.
private struct PlainTextKey {
    private(set) var text: String

    init(_ raw: String) {
        text = String(String.UnicodeScalarView(CellText.plain(raw)))
        // A spreadsheet's 20.0 and 1,200.
        if text.hasSuffix(".0") { text.removeLast(2) }
        let isGrouped = text.split(separator: ",").dropFirst().allSatisfy {
            $0.utf8.prefix { (48...57).contains($0) }.count == 3
        }
        if isGrouped { text.removeAll { $0 == "," } }
    }

    mutating func remove(_ word: String) {
        if let range = text.firstRange(of: word) { text.removeSubrange(range) }
    }

    /// 二十人 -> 二十.
    var withoutCounters: [Unicode.Scalar] {
        text.unicodeScalars.filter { !["人", "名", "个", "位", "约"].contains($0) }
    }

    func numbers() -> [Int] {
        text.split { !$0.isASCII || !$0.isNumber }.map { $0.utf8.count <= 9 ? Int($0) ?? 1_000_001 : 1_000_001 }
    }

    /// `约20人左右` is `n`, `5-8人` `n-n`, `2+3` `n+n`, `男2女3` `mnfn`. Nil for what has no shape.
    func shape() -> String? {
        var shape = ""
        var previous: Unicode.Scalar = " "
        for scalar in text.unicodeScalars {
            switch scalar {
            case "0"..."9": if !("0"..."9").contains(previous) { shape += "n" }
            case "-", "至", "到": shape += "-"
            case "+": shape += "+"
            case "男": shape += "m"
            case "女": shape += "f"
            case "人", "名", "个", "位", "约", "左", "右", "以", "上", "余", "多", "招", "聘", "各", "限", ":", ",", "、", "/", "(",
                ")",
                "性", "工":
                break
            default: return nil
            }
            previous = scalar
        }
        // 20+ is at least 20; each of two sexes 5 is not 5.
        if shape.hasSuffix("n+") { shape.removeLast() }
        return text.contains("各") ? nil : shape
    }
}
