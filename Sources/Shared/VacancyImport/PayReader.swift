// What people write in the pay column -> bounds and unit, or only the text; never a guess shown as a fact.

public import JobFair

/// What a pay cell said.
public struct PayReading: Hashable, Sendable {
    /// Why the text has no bounds, or bounds that ask for a second look.
    public enum Doubt: String, Sendable, CaseIterable {
        /// Something is written, but no pay that can be read.
        case unreadable
        /// A number without 月, 天 or 小时 that is no usual month's pay.
        case unitMissing
        /// Per week, per half day: units a seeker cannot compare.
        case unitUnknown
        /// The lower bound stands behind the higher; here they are put right.
        case reversed
        /// 0 is no pay.
        case zero
        /// Beyond what anybody is paid, or far below; the bounds are left out.
        case implausible
    }

    /// The text is always kept; without bounds that can be trusted both are 0 and `unit` is nil, except 计件, which is
    /// piecework without a figure.
    public var pay: Pay
    public var doubt: Doubt?
}

/// Reads one pay cell. `title` of the column may say unit and scale: `月薪（千元）`.
public struct PayReader: Sendable {
    /// Yuan that a unit may plausibly pay; outside of it somebody mistyped. Twice the wishes' limit for a month.
    static let plausible: [Pay.Unit: ClosedRange<Double>] = [
        .hour: 5...1000, .day: 30...10_000, .month: 500...400_000, .year: 6000...5_000_000, .piece: 0.001...100_000,
    ]
    /// Yuan that without any unit are a month's pay.
    static let monthWithoutUnit: ClosedRange<Double> = 1000...60_000
    /// Longest text looked at, in code points; pay that needs more words is 面议.
    static let codePointsMax = 500

    private let columnUnit: Pay.Unit?
    private let columnScale: Double

    public init(columnTitle: String = "") {
        let title = CellText.plain(columnTitle)
        let text = PlainText.string(title)
        columnUnit = PayWords.unit(in: title[...])
        columnScale = text.contains("千元") || text.contains("(k)") ? 1000 : text.contains("万") ? 10_000 : 1
    }

    public func read(_ text: String) -> PayReading {
        let line = CellText.line(text)
        var pay = Pay(lowestFen: 0, highestFen: 0, unit: nil, text: line)
        let isBlank = line.isEmpty || ["-", "--", "/", "无", "\\"].contains(line)
        if isBlank { return PayReading(pay: pay, doubt: nil) }
        guard CellText.length(line) <= Self.codePointsMax else { return PayReading(pay: pay, doubt: .unreadable) }
        let plain = PaySyntax.normal(line)
        let whole = PlainText.string(plain)
        let amounts = PaySyntax.amounts(plain)
        // The heaviest; of equals the first.
        guard let best = amounts.first(where: { $0.weight == amounts.map(\.weight).max() }), best.weight >= 0 else {
            if whole.contains("计件") || whole.contains("按件") { pay.unit = .piece }
            let isOpen = pay.unit != nil || PayWords.has(PayWords.negotiable, in: plain[...])
            return PayReading(pay: pay, doubt: isOpen ? nil : .unreadable)
        }
        if best.hasUnknownUnit { return PayReading(pay: pay, doubt: .unitUnknown) }
        return bounded(pay, best, unit: best.unit ?? PayWords.unit(in: plain[...]))
    }

    private func bounded(_ empty: Pay, _ amount: PayAmount, unit stated: Pay.Unit?) -> PayReading {
        var (lowest, highest) = (amount.lowest ?? 0, amount.highest ?? 0)
        if !amount.hasScale, columnScale > 1, max(lowest, highest) < 1000 {
            lowest *= columnScale
            highest *= columnScale
        }
        if lowest == 0, highest == 0 { return PayReading(pay: empty, doubt: .zero) }
        var doubt: PayReading.Doubt?
        if lowest > highest, highest > 0 {
            (lowest, highest) = (highest, lowest)
            doubt = .reversed
        }
        let bounds = [lowest, highest].filter { $0 > 0 }
        var unit = stated
        // 计件 8000-12000: what a month of piecework brings.
        if unit == .piece, !amount.isUnitBehind, bounds.allSatisfy({ $0 >= 1000 }) { unit = columnUnit ?? .month }
        unit = unit ?? columnUnit
        if unit == nil, bounds.allSatisfy(Self.monthWithoutUnit.contains) { unit = .month }
        guard let unit, let range = Self.plausible[unit] else { return PayReading(pay: empty, doubt: .unitMissing) }
        guard bounds.allSatisfy(range.contains), lowest == 0 || highest <= lowest * 20 else {
            return PayReading(pay: empty, doubt: .implausible)
        }
        let pay = Pay(
            lowestFen: Int((lowest * 100).rounded()), highestFen: Int((highest * 100).rounded()), unit: unit,
            text: empty.text)
        return PayReading(pay: pay, doubt: doubt)
    }
}

/// One amount or range in a pay text, in yuan.
struct PayAmount {
    /// Nil where only the other bound is stated (起, 以内).
    var lowest: Double?
    var highest: Double?
    /// 千, 万, k or w stood beside it.
    var hasScale = false
    var unit: Pay.Unit?
    /// The unit follows the figure: 元/件, not 计件.
    var isUnitBehind = false
    var hasUnknownUnit = false
    /// The higher, the likelier it is the pay and not an allowance.
    var weight = 0
}

/// Words around an amount.
enum PayWords {
    static let negotiable = PhraseTable([
        (
            [
                "面议", "面谈", "详谈", "洽谈", "另议", "协商", "商议", "议定", "待定", "从优", "优厚", "按规定", "按国家", "按公司",
                "不限", "按件",
            ], ()
        )
    ])
    /// An amount after one of them in the same clause is not what the work pays.
    static let allowances = PhraseTable([
        (
            [
                "补贴", "补助", "奖", "加班", "全勤", "押金", "试用", "实习期", "餐补", "饭补", "房补", "话补", "车补", "提成", "年终", "工龄",
                "社保", "公积金", "保险", "费", "罚", "津贴", "红包", "报销", "绩效", "另加", "贴",
            ], ()
        )
    ])
    static let openUpwards = PhraseTable([
        (["底薪", "保底", "基本工资", "不低于", "至少", "最低", "起薪", "低薪", "无责", "不少于", "高于", "超过"], ())
    ])
    static let openDownwards = PhraseTable([(["最高", "封顶", "不超过", "可达", "高达", "不高于", "上限"], ())])

    private static let unitWords: [(word: String, unit: Pay.Unit)] = [
        ("月薪", .month), ("月工资", .month), ("月收入", .month), ("月均", .month), ("每月", .month), ("/月", .month),
        ("元月", .month), ("综合月", .month), ("月综合", .month), ("月结", .month), ("按月", .month), ("一个月", .month),
        ("月保底", .month), ("/个月", .month), ("月入", .month), ("月度", .month), ("税前月", .month),
        ("日薪", .day), ("日工资", .day), ("日结", .day), ("每天", .day), ("每日", .day), ("/天", .day), ("/日", .day),
        ("元天", .day), ("元日", .day), ("按天", .day), ("一天", .day), ("天结", .day),
        ("时薪", .hour), ("小时工", .hour), ("每小时", .hour), ("按小时", .hour), ("计时", .hour), ("/小时", .hour),
        ("/时", .hour), ("/h", .hour), ("元时", .hour), ("工时费", .hour),
        ("年薪", .year), ("年收入", .year), ("每年", .year), ("/年", .year), ("元年", .year), ("年均", .year), ("年包", .year),
        ("计件", .piece), ("按件", .piece), ("每件", .piece), ("每单", .piece), ("每个", .piece), ("每吨", .piece),
        ("/件", .piece), ("/单", .piece), ("/个", .piece),
    ]

    private static let unitPhrases = PhraseTable(unitWords.map { (words: [$0.word], meaning: $0.unit) })

    /// The unit said last in `scalars`; a single 月 counts only where nothing else is said: 月薪, but not 月休四天.
    static func unit(in scalars: ArraySlice<Unicode.Scalar>) -> Pay.Unit? {
        let text = PlainText.string(scalars)
        return unitPhrases.meanings(in: text).last ?? (text == "月" ? .month : nil)
    }

    static func has(_ phrases: PhraseTable<Void>, in scalars: ArraySlice<Unicode.Scalar>) -> Bool {
        !scalars.isEmpty && !phrases.meanings(in: PlainText.string(scalars)).isEmpty
    }
}
