// Meals, a bed, night shifts, the form of work: yes, no, or not said, from the employer's words.

public import JobFair

public enum FactsReader {
    /// Meals and a bed, free or not; nil: not said. 餐补 is money towards meals, no meals.
    public struct BoardAndLodging: Hashable, Sendable {
        public var offersBoard: Bool?
        public var offersLodging: Bool?
    }

    private static let boardPhrases = PhraseTable<BoardAndLodging>([
        (
            [
                "不包吃不包住", "不包吃住", "不包食宿", "不管吃住", "不提供食宿", "不提供吃住", "不含食宿", "食宿自理", "吃住自理", "食宿自行解决",
                "无食宿", "无吃住", "没有食宿", "不供食宿", "食宿不包", "吃住不包",
            ], BoardAndLodging(offersBoard: false, offersLodging: false)
        ),
        (
            ["不包吃饭", "不包吃", "不包餐", "不管饭", "不管吃", "餐自理", "伙食自理", "吃饭自理", "不供餐", "不提供餐", "用餐自理", "无工作餐", "没有工作餐", "不含餐"],
            BoardAndLodging(offersBoard: false, offersLodging: nil)
        ),
        (
            ["不包住宿", "不包住", "不管住", "不提供住宿", "住宿自理", "无宿舍", "不提供宿舍", "无住宿", "住自理"],
            BoardAndLodging(offersBoard: nil, offersLodging: false)
        ),
        (
            [
                "包吃包住", "管吃管住", "包吃住", "包食宿", "管吃住", "管食宿", "供吃住", "供食宿", "含食宿", "含吃住", "提供食宿", "提供吃住",
                "免费食宿", "免费吃住", "食宿免费", "吃住免费", "食宿全包", "吃住全包", "提供免费食宿", "有食宿", "包吃、住", "包吃,住", "包吃和住",
                "提供免费吃住", "食宿均提供", "吃住都包",
            ], BoardAndLodging(offersBoard: true, offersLodging: true)
        ),
        (["餐补", "饭补", "伙食补", "餐费补", "餐贴", "饭贴", "用餐补"], BoardAndLodging(offersBoard: false, offersLodging: nil)),
        (["房补", "住房补", "住宿补", "租房补", "宿补"], BoardAndLodging(offersBoard: nil, offersLodging: false)),
        (
            [
                "包吃", "管吃", "管饭", "包餐", "包三餐", "包两餐", "包二餐", "包一餐", "包午餐", "包中餐", "包早餐", "包晚餐", "包工作餐", "供餐",
                "免费工作餐", "提供工作餐", "提供三餐", "提供两餐", "提供午餐", "免费三餐", "免费午餐", "免费餐", "提供餐", "免费用餐", "含餐", "包早",
                "包中晚", "包伙食", "供三餐", "供午餐", "工作餐", "提供早", "提供中", "免费供餐", "包饭", "提供免费餐", "提供免费三餐", "提供免费午餐",
                "提供免费工作餐",
            ], BoardAndLodging(offersBoard: true, offersLodging: nil)
        ),
        (
            [
                "包住宿", "包住", "管住", "供住", "提供住宿", "提供宿舍", "免费住宿", "免费宿舍", "有宿舍", "宿舍免费", "住宿免费", "提供免费住宿",
                "提供免费宿舍", "提供员工宿舍", "员工宿舍", "车上住宿", "有夫妻房", "提供夫妻房", "提供住房",
            ], BoardAndLodging(offersBoard: nil, offersLodging: true)
        ),
    ])

    /// `columnTitle` gives a bare 是, 包 or 无 its meaning: 是否包吃住, 包住.
    public static func boardAndLodging(_ text: String, columnTitle: String = "") -> BoardAndLodging {
        let title = CellText.key(columnTitle)
        let key = CellText.key(text)
        if let answer = answer(key) {
            let isBoard = title.contains("吃") || title.contains("食") || title.contains("餐") || title.contains("饭")
            let isLodging = title.contains("住") || title.contains("宿")
            return BoardAndLodging(
                offersBoard: isBoard ? answer : nil, offersLodging: isLodging ? answer : nil)
        }
        var found = BoardAndLodging()
        for phrase in boardPhrases.meanings(in: key) {
            found.offersBoard = found.offersBoard ?? phrase.offersBoard
            found.offersLodging = found.offersLodging ?? phrase.offersLodging
        }
        return found
    }

    private static let yesWords: Set = [
        "是", "有", "包", "提供", "√", "Y", "YES", "TRUE", "全包", "都包", "均提供", "免费", "可提供", "✓", "✔", "吃住", "食宿", "缴纳", "交",
        "买",
        "参保", "购买", "管", "均包", "都有", "可", "含", "有的", "是的",
    ]
    private static let noWords: Set = [
        "否", "无", "没有", "不包", "不提供", "×", "N", "NO", "FALSE", "自理", "X", "✗", "不管", "都不包", "不含", "均不提供", "暂无", "不",
        "不缴",
        "不交", "不买",
    ]

    /// 是, √, 无 and their kind; nil for anything longer.
    static func answer(_ key: String) -> Bool? {
        yesWords.contains(key) ? true : noWords.contains(key) ? false : nil
    }

    // MARK: - Shifts

    private static let shiftPhrases = PhraseTable<Bool>([
        (
            [
                "不上夜班", "无夜班", "没有夜班", "不倒班", "无倒班", "不用倒班", "不需倒班", "长白班", "常白班", "无需倒班", "不值夜班", "不用上夜班",
                "无需夜班",
            ], false
        ),
        (
            [
                "夜班", "两班", "二班倒", "2班倒", "三班", "3班", "四班", "倒班", "轮班", "翻班", "大夜", "通宵", "凌晨", "24小时", "黑白班", "白夜",
                "值夜", "日夜", "昼夜",
            ], true
        ),
    ])

    /// Whether night shifts belong to it; nil: not said. `title` is looked at too: 夜班保安.
    public static func nightShifts(hours: String, title: String = "", requirements: String = "") -> Bool? {
        let hours = CellText.key(hours)
        let said = shiftPhrases.meanings(in: hours)
        if said.contains(false) { return false }
        if said.contains(true) || crossesNight(hours) { return true }
        let others = [title, requirements].flatMap { shiftPhrases.meanings(in: CellText.key($0)) }
        if others.contains(true), !others.contains(false) { return true }
        return hours.contains("白班") || (hasClock(hours) && !hours.contains("轮")) ? false : nil
    }

    private static func hasClock(_ text: String) -> Bool { !clockRanges(text).isEmpty }

    /// A stretch that reaches into 22:00 to 6:00 (劳动法 on young workers; GB/T practice of 夜班).
    private static func crossesNight(_ text: String) -> Bool {
        clockRanges(text).contains { start, end in end <= start || start >= 22 * 60 || start < 5 * 60 || end > 23 * 60 }
    }

    /// `8:00-17:30`, `22:00-次日6:00` as minutes of the day.
    private static func clockRanges(_ text: String) -> [(start: Int, end: Int)] {
        let scalars = Array(text.unicodeScalars)
        var times: [(minute: Int, from: Int, to: Int)] = []
        var index = 0
        while index < scalars.count {
            let digits = scalars[index...].prefix { ("0"..."9").contains($0) }
            let after = index + digits.count
            if (1...2).contains(digits.count), after + 2 < scalars.count, scalars[after] == ":",
                let hour = Int(String(String.UnicodeScalarView(digits))), hour <= 24,
                let minute = Int(String(String.UnicodeScalarView(scalars[(after + 1)...(after + 2)]))), minute < 60
            {
                times.append((hour * 60 + minute, index, after + 3))
                index = after + 3
            } else {
                index += max(1, digits.count)
            }
        }
        return zip(times, times.dropFirst()).compactMap { first, second in
            let between = String(String.UnicodeScalarView(scalars[first.to..<second.from]))
            let isRange = ["-", "至", "到", "--", "-次日", "至次日", "到次日", "-第二天", "-凌晨", "一"].contains(between)
            guard isRange else { return nil }
            return (first.minute, between.hasSuffix("次日") || between.hasSuffix("第二天") ? 0 : second.minute)
        }
    }

    // MARK: - Form of work, age

    private static let formWords: [(words: [String], meaning: WorkForm)] = [
        (["日结", "零工", "按天", "小时工", "兼职", "钟点", "散工", "天结", "当日结"], .byTheDay),
        (["短期", "临时", "季节", "寒假", "暑假", "暑期", "假期", "短工", "旺季"], .shortTerm),
        (["全职", "全日制", "正式", "合同制", "劳动合同", "长期", "固定", "长工", "在编", "编制", "签合同"], .fullTime),
    ]
    /// Said of the employer's contract, not of how long: known words that leave the form open.
    private static let contractWords = [
        "派遣", "外包", "不限", "均可", "皆可", "都可", "实习", "见习", "面议", "公益", "其他", "灵活", "劳务", "合同",
    ]

    public enum WorkFormReading: Hashable, Sendable {
        case form(WorkForm)
        /// Nothing, or a word about the contract.
        case open
        case unknown
    }

    public static func workForm(_ text: String) -> WorkFormReading {
        let key = CellText.key(text)
        if key.isEmpty || key == "-" || key == "/" || key == "无" { return .open }
        if let form = form(in: key, formWords) { return .form(form) }
        return contractWords.contains(where: key.contains) ? .open : .unknown
    }

    /// The first group with a word in `key`: a 长期日结 is by the day.
    private static func form(in key: String, _ words: some Sequence<(words: [String], meaning: WorkForm)>) -> WorkForm?
    {
        words.first { $0.words.contains(where: key.contains) }?.meaning
    }

    private static let titleForms = PhraseTable(Array(formWords.prefix(2)))

    /// From a title such as 寒假短期工, where no column says it.
    static func workForm(inTitle title: String) -> WorkForm? {
        let key = CellText.key(title)
        return titleForms.meanings(in: key).first
    }

    /// 18-45岁, 18周岁以上, 年满18: the youngest age asked for; nil: none.
    public static func lowestAge(_ text: String) -> Int? {
        let scalars = CellText.plain(text).map { $0 == "至" || $0 == "到" || $0 == "一" ? "-" : $0 }
        var index = 0
        while index < scalars.count {
            let digits = scalars[index...].prefix { ("0"..."9").contains($0) }
            guard digits.count == 2, let age = Int(String(String.UnicodeScalarView(digits))), (14...60).contains(age)
            else {
                index += max(1, digits.count)
                continue
            }
            let rest = Array(scalars[(index + 2)...].prefix(10))
            let tail = String(String.UnicodeScalarView(rest))
            let before = String(String.UnicodeScalarView(scalars[..<index].suffix(4)))
            let isAge = tail.contains("岁") || before.contains("龄") || before.contains("年满") || rest.first == "-"
            let isUpper =
                tail.hasPrefix("岁以下") || tail.hasPrefix("周岁以下") || tail.hasPrefix("以下") || tail.hasPrefix("岁以内")
            if isAge, !isUpper, rest.first == "-" || tail.contains("以上") || before.contains("满") || tail.contains("起") {
                return age
            }
            index += 2
        }
        return nil
    }

    // MARK: - Insurance

    /// The words on insurance out of a list of benefits: `五险一金，包吃住` -> `五险一金`.
    static func insurance(inBenefits text: String) -> String { pieces(of: text, with: insurancePhrases) }
    /// The words on meals and beds out of a list of benefits.
    static func boardAndLodging(inBenefits text: String) -> String { pieces(of: text, with: mealAndBedPhrases) }

    private static let insurancePhrases = PhraseTable([(["险", "社保", "公积金", "一金", "二金"], ())])
    private static let mealAndBedPhrases = PhraseTable([(["吃", "住", "食宿", "餐", "饭", "宿舍", "伙食"], ())])
    private static let separators = Set(",，、;；/|+\n 。".unicodeScalars)

    private static func pieces(of text: String, with phrases: PhraseTable<Void>) -> String {
        guard !phrases.meanings(in: text).isEmpty else { return "" }
        return text.unicodeScalars.split(whereSeparator: separators.contains).map(String.init)
            .filter { !phrases.meanings(in: $0).isEmpty }.joined(separator: "，")
    }

    /// How a bare 是 or 无 is shown.
    static func words(_ facts: BoardAndLodging) -> String {
        switch (facts.offersBoard, facts.offersLodging) {
        case (true?, true?): "包吃包住"
        case (false?, false?): "不包吃住"
        case (let board, let lodging):
            [board.map { $0 ? "包吃" : "不包吃" }, lodging.map { $0 ? "包住" : "不包住" }].compactMap { $0 }
                .joined(separator: "，")
        }
    }

    static func insurance(_ answer: Bool, columnTitle: String) -> String {
        let title = CellText.line(columnTitle)
        let known = ["五险一金", "五险", "社保", "社会保险", "公积金"].first { title.contains($0) } ?? "社保"
        return answer ? known : "无" + known
    }
}
