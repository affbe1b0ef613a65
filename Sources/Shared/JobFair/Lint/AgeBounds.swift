// Reads ages out of a posting: 18-45岁, 十八至四十五周岁, 45岁以下, 50岁以上勿扰, 90后.

/// What one phrase of a text says about age.
struct AgeBound {
    /// In whole years.
    var lowest: Int?
    var highest: Int?
    /// Said the other way round: `16岁以下不招` means 16 and above.
    var isByExclusion = false
    /// Scalars of the `LintText`.
    var range: Range<Int>
}

enum AgeBounds {
    /// Ages of people who work; anything else is a count, a sum or a year.
    private static let years = 8...75

    /// `isAgeField`: the whole text is about age, so `18-45` needs no 岁.
    static func read(_ text: LintText, isAgeField: Bool) -> [AgeBound] {
        var found: [AgeBound] = []
        var index = 0
        while index < text.scalars.count {
            if let bound = birthYears(text, at: index) ?? bound(text, at: index, isAgeField: isAgeField) {
                found.append(bound)
                index = bound.range.upperBound
            } else {
                index = numberEnd(text, at: index) ?? index + 1
            }
        }
        return found
    }

    // MARK: - Phrases

    private static func bound(_ text: LintText, at start: Int, isAgeField: Bool) -> AgeBound? {
        guard let first = number(text, at: start) else { return nil }
        let isAboutAge = isAgeField || followsAge(text, start)
        var end = first.end
        var hasUnit = skipUnit(text, &end)
        if let second = second(text, at: end) {
            end = second.end
            hasUnit = skipUnit(text, &end) || hasUnit
            guard hasUnit || isAboutAge, first.value < second.value, years.contains(second.value) else { return nil }
            skipAny(text, &end, upperWords)
            guard !isServed(text, start..<end) else { return nil }
            return AgeBound(lowest: first.value, highest: second.value, range: start..<end)
        }
        if let bare = bareMinimum(text, first, start: start), !hasUnit { return bare }
        guard hasUnit || isAboutAge, years.contains(first.value) else { return nil }
        return single(text, first.value, start: start, end: end, isAboutAge: isAboutAge)
    }

    private static let upperWords = ["以下", "以内", "之内", "及以下", "之下", "一下", "为限", "封顶", "内"]
    private static let lowerWords = ["以上", "及以上", "之上", "往上", "起"]
    private static let aboutWords = ["左右", "上下"]
    private static let upperPrefixes = [
        "不超过", "不大于", "小于", "低于", "不高于", "最大", "上限", "最高", "放宽到", "放宽至", "未满", "不满", "不到",
    ]
    private static let lowerPrefixes = ["年满", "须满", "需满", "满", "大于", "不低于", "不小于", "高于", "至少", "最低", "最小", "超过", "下限"]

    private static func single(_ text: LintText, _ age: Int, start: Int, end: Int, isAboutAge: Bool) -> AgeBound? {
        var end = end
        var from = start
        var (isUpper, isLower) = (false, false)
        if skipAny(text, &end, upperWords) || skipAny(text, &end, aboutWords) {
            isUpper = true
        } else if skipAny(text, &end, lowerWords) {
            isLower = true
        } else if let prefix = suffix(text, of: upperPrefixes, before: start) {
            (isUpper, from) = (true, prefix)
        } else if let prefix = suffix(text, of: lowerPrefixes, before: start) {
            (isLower, from) = (true, prefix)
        } else if age < 20 {
            isLower = isAboutAge
        } else {
            isUpper = isAboutAge || text.startsPhrase(start) && text.endsPhrase(end)
        }
        guard isUpper || isLower, !isServed(text, from..<end) else { return nil }
        if let excluded = exclusionEnd(text, from..<end) {
            let range = from..<excluded
            return isUpper
                ? AgeBound(lowest: age, isByExclusion: true, range: range)
                : AgeBound(highest: age, isByExclusion: true, range: range)
        }
        return AgeBound(lowest: isLower ? age : nil, highest: isUpper ? age : nil, range: from..<end)
    }

    /// `满16就行`: no 岁 at all.
    private static func bareMinimum(_ text: LintText, _ first: (value: Int, end: Int), start: Int) -> AgeBound? {
        guard (10...18).contains(first.value), let from = suffix(text, of: ["年满", "须满", "需满", "满"], before: start)
        else { return nil }
        guard text.endsPhrase(first.end) || ["就", "可", "即", "便"].contains(where: { text.has($0, at: first.end) })
        else { return nil }
        return AgeBound(lowest: first.value, range: from..<first.end)
    }

    /// `90后`, `1980年以后出生`.
    private static func birthYears(_ text: LintText, at start: Int) -> AgeBound? {
        guard PlainText.isDigit(text.scalars[start]) else { return nil }
        for decade in ["70后", "75后", "80后", "85后", "90后", "95后", "00后", "05后"] where text.has(decade, at: start) {
            guard text[start - 1].map({ !PlainText.isDigit($0) }) ?? true else { return nil }
            return AgeBound(highest: years.upperBound, range: start..<(start + 3))
        }
        guard text.has("19", at: start) || text.has("20", at: start) else { return nil }
        for ending in ["年以后出生", "年后出生", "年之后出生", "年以后", "年后生"] where text.has(ending, at: start + 4) {
            return AgeBound(highest: years.upperBound, range: start..<(start + 4 + ending.unicodeScalars.count))
        }
        return nil
    }

    // MARK: - Company of the number

    /// 年龄, 年龄要求：, 年龄在 stand right before: then the number needs no 岁.
    private static func followsAge(_ text: LintText, _ index: Int) -> Bool {
        var place = index - 1
        let between: Set<Unicode.Scalar> = [":", "﹕", "要", "求", "在", "为", "需", "须", "满", "约", "段", "限", "("]
        while let scalar = text[place], between.contains(scalar) { place -= 1 }
        return text.has("年龄", at: place - 1)
    }

    private static func saysAge(_ text: LintText, before index: Int) -> Bool {
        var place = index - 1
        while place >= max(0, index - 8), !text.isClauseBreak(place) {
            if text.has("年龄", at: place) { return true }
            place -= 1
        }
        return false
    }

    /// The age is that of people the work is for: 照顾80岁老人, 教5岁以上儿童.
    private static func isServed(_ text: LintText, _ range: Range<Int>) -> Bool {
        let people = ["儿童", "幼儿", "宝宝", "孩子", "小孩", "小朋友", "婴", "老人", "长者", "少儿", "小学生", "中学生", "男宝", "女宝", "患者", "客户"]
        var place = range.upperBound
        while place < min(text.scalars.count, range.upperBound + 6), !text.isClauseBreak(place) {
            if people.contains(where: { text.has($0, at: place) }) { return true }
            place += 1
        }
        // 平均年龄25岁, 成员年龄均在30岁以下: praise of the team.
        if ["平均", "均在"].contains(where: { word in
            ((range.lowerBound - 5)..<range.lowerBound).contains { text.has(word, at: $0) }
        }) {
            return true
        }
        guard !saysAge(text, before: range.lowerBound) else { return false }
        let care = ["照顾", "照看", "照料", "陪护", "护理", "辅导", "接待"]
        return ((range.lowerBound - 6)..<range.lowerBound).contains { place in
            care.contains { text.has($0, at: place) }
        }
    }

    private static let refusals = [
        "勿", "请勿", "不招", "不要", "不收", "不用", "不录", "不考虑", "不接受", "除外", "免谈", "谢绝", "的不要", "者勿", "的勿", "的不招", "人员勿", "一律不",
        "莫来",
    ]

    /// Where the refusal ends, when the people of this age are refused.
    private static func exclusionEnd(_ text: LintText, _ range: Range<Int>) -> Int? {
        if let word = refusals.first(where: { text.has($0, at: range.upperBound) }) {
            return range.upperBound + word.unicodeScalars.count
        }
        return suffix(text, of: ["不招", "不要", "不收", "不录用", "谢绝", "拒绝", "禁止", "不招用", "不接受"], before: range.lowerBound)
            .map { _ in range.upperBound }
    }

    /// Where the word that ends right before `index` begins.
    private static func suffix(_ text: LintText, of words: [String], before index: Int) -> Int? {
        words.lazy.map { index - $0.unicodeScalars.count }.enumerated()
            .first { text.has(words[$0.offset], at: $0.element) }?.element
    }

    @discardableResult
    private static func skipAny(_ text: LintText, _ index: inout Int, _ words: [String]) -> Bool {
        guard let word = words.first(where: { text.has($0, at: index) }) else { return false }
        index += word.unicodeScalars.count
        return true
    }

    /// 岁, 周岁, with （含） behind.
    private static func skipUnit(_ text: LintText, _ index: inout Int) -> Bool {
        let hasUnit = skipAny(text, &index, ["周岁", "岁"])
        skipAny(text, &index, ["(含)"])
        return hasUnit
    }

    // MARK: - Numbers

    /// A dash in every shape, 至, 到, and the 一 that people type for a dash; then the second number.
    private static func second(_ text: LintText, at index: Int) -> (value: Int, end: Int)? {
        var end = index
        while end < min(text.scalars.count, index + 4), ["-", "~", "至", "到", "一", "∽", "―"].contains(text.scalars[end])
        {
            end += 1
        }
        return end > index ? number(text, at: end) : nil
    }

    private static func numeral(_ scalar: Unicode.Scalar) -> Int? {
        switch scalar {
        case "一": 1
        case "二": 2
        case "三": 3
        case "四": 4
        case "五": 5
        case "六": 6
        case "七": 7
        case "八": 8
        case "九": 9
        default: nil
        }
    }

    /// One or two Arabic digits that are not part of a longer number, or Chinese numerals up to 九十九.
    private static func number(_ text: LintText, at start: Int) -> (value: Int, end: Int)? {
        guard let scalar = text[start] else { return nil }
        if PlainText.isDigit(scalar) {
            if let before = text[start - 1], PlainText.isDigit(before) || before == "." { return nil }
            guard let end = numberEnd(text, at: start), end - start <= 2 else { return nil }
            return Int(PlainText.string(text.scalars[start..<end])).map { ($0, end) }
        }
        var end = start
        var tens = 1
        if let leading = numeral(scalar) {
            guard text[start + 1] == "十" else { return (leading, start + 1) }
            (tens, end) = (leading, start + 1)
        } else if scalar != "十" {
            return nil
        }
        end += 1
        guard let ones = text[end].flatMap(numeral) else { return (tens * 10, end) }
        return (tens * 10 + ones, end + 1)
    }

    private static func numberEnd(_ text: LintText, at start: Int) -> Int? {
        var end = start
        while let scalar = text[end], PlainText.isDigit(scalar) { end += 1 }
        return end > start ? end : nil
    }
}
