// The grammar of pay texts: clauses, amounts, ranges, scales and the units behind them.

import JobFair

enum PaySyntax {
    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { PlainText.isDigit(scalar) }

    // MARK: - Normal form

    /// Half width, lower case, no blanks; every dash between amounts is `-` (`6000一9000`, 至, 到, ～); numbers in words
    /// are figures; no commas within numbers; no `·13薪`.
    static func normal(_ text: String) -> [Unicode.Scalar] {
        let plain = CellText.plain(text).map { $0 == "¥" || $0 == "￥" ? Unicode.Scalar("¥") : $0 }
        return withoutMonthsPaid(withoutThousandsMarks(withDashes(ChineseNumbers.replaced(plain))))
    }

    private static func withDashes(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        for (index, scalar) in scalars.enumerated() {
            let next = index + 1 < scalars.count ? scalars[index + 1] : " "
            let isBeforeAmount = isDigit(next) || next == "¥"
            let last = result.last ?? " "
            switch scalar {
            case "一" where isBeforeAmount && isDigit(last): result.append("-")
            case "至", "到": result.append(isBeforeAmount && !result.isEmpty ? "-" : scalar)
            // `5000--7000`, and the two dashes of ——.
            case "-" where last == "-": continue
            default: result.append(scalar)
            }
        }
        return result
    }

    /// `5,000` is 5000; `4000,5000` are two numbers.
    private static func withoutThousandsMarks(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        guard scalars.contains(",") else { return scalars }
        var result: [Unicode.Scalar] = []
        var digitsBefore = 0
        for (index, scalar) in scalars.enumerated() {
            if scalar == ",", (1...3).contains(digitsBefore) || digitsBefore == -1 {
                let group = scalars[(index + 1)...].prefix(4)
                if group.prefix(3).count == 3, group.prefix(3).allSatisfy(isDigit),
                    group.count == 3 || !isDigit(group[index + 4])
                {
                    digitsBefore = -1
                    continue
                }
            }
            if isDigit(scalar) {
                if digitsBefore >= 0 { digitsBefore += 1 }
            } else {
                digitsBefore = 0
            }
            result.append(scalar)
        }
        return result
    }

    /// 13薪 and 12-15薪 say how often a year, not how much.
    private static func withoutMonthsPaid(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        guard scalars.contains("薪") else { return scalars }
        var result: [Unicode.Scalar] = []
        for scalar in scalars {
            guard scalar == "薪", let last = result.last, isDigit(last) else {
                result.append(scalar)
                continue
            }
            func drop(digits limit: Int) {
                for _ in 0..<limit where result.last.map(isDigit) ?? false { result.removeLast() }
            }
            drop(digits: 2)
            if result.last == "-", result.dropLast().last.map(isDigit) ?? false {
                var start = result.count - 1
                while start > 0, isDigit(result[start - 1]) { start -= 1 }
                if result.count - 1 - start <= 2 { result.removeSubrange(start...) }
            }
            if let joint = result.last, ["·", "*", "x", "×", "•", "."].contains(joint) { result.removeLast() }
        }
        return result
    }

    // MARK: - Clauses and amounts

    private static let clauseMarks: Set<Unicode.Scalar> = [
        ",", ";", "。", "、", "|", "(", ")", "[", "]", "【", "】", "\"", "+", "!", "·",
    ]

    /// Every amount that may be pay, with its weight, in the order of the text.
    static func amounts(_ plain: [Unicode.Scalar]) -> [PayAmount] {
        var amounts: [PayAmount] = []
        var start = 0
        while start < plain.count {
            let end = plain[start...].firstIndex(where: clauseMarks.contains) ?? plain.count
            let isBeforePlus = end < plain.count && plain[end] == "+"
            amounts += clause(plain, start..<end, isBeforePlus: isBeforePlus)
            start = end + 1
        }
        return amounts
    }

    private static func clause(
        _ plain: [Unicode.Scalar], _ range: Range<Int>, isBeforePlus: Bool
    ) -> [PayAmount] {
        var amounts: [PayAmount] = []
        var index = range.lowerBound
        while index < range.upperBound {
            guard isDigit(plain[index]) else {
                index += 1
                continue
            }
            var scanner = AmountScanner(plain, at: index, end: range.upperBound)
            let prefix = plain[range.lowerBound..<index]
            if var amount = scanner.amount() {
                finish(&amount, prefix: prefix, isLastBeforePlus: isBeforePlus && scanner.position == range.upperBound)
                amounts.append(amount)
            }
            index = max(scanner.position, index + 1)
        }
        return amounts
    }

    private static func finish(_ amount: inout PayAmount, prefix: ArraySlice<Unicode.Scalar>, isLastBeforePlus: Bool) {
        if amount.unit == nil, !amount.hasUnknownUnit { amount.unit = PayWords.unit(in: prefix) }
        let isRange = amount.lowest != nil && amount.highest != nil && amount.lowest != amount.highest
        if amount.unit != nil || amount.hasUnknownUnit { amount.weight += 4 }
        if isRange { amount.weight += 3 }
        if PayWords.has(PayWords.allowances, in: prefix) { amount.weight -= 10 }
        guard !isRange, let value = amount.lowest, amount.highest != nil else { return }
        if isLastBeforePlus || PayWords.has(PayWords.openUpwards, in: prefix) { amount.highest = nil }
        if PayWords.has(PayWords.openDownwards, in: prefix) { (amount.lowest, amount.highest) = (nil, value) }
    }
}

/// Reads `8千-1.2万元/月起` from a place where a digit stands.
private struct AmountScanner {
    private let scalars: [Unicode.Scalar]
    private let end: Int
    private(set) var position: Int

    init(_ scalars: [Unicode.Scalar], at position: Int, end: Int) {
        self.scalars = scalars
        self.position = position
        self.end = end
    }

    private struct Number {
        var value: Double
        var scale: Double
        var hasYuan: Bool
        var money: Double { value * scale }
    }

    private func scalar(_ offset: Int = 0) -> Unicode.Scalar {
        position + offset < end ? scalars[position + offset] : " "
    }

    private mutating func take(_ word: String) -> Bool {
        let word = Array(word.unicodeScalars)
        guard position + word.count <= end, scalars[position..<(position + word.count)].elementsEqual(word) else {
            return false
        }
        position += word.count
        return true
    }

    /// Nil where the figure counts something else: hours, days off, people, per cent.
    mutating func amount() -> PayAmount? {
        guard var first = number() else { return nil }
        var amount = PayAmount()
        var hasUnit = unit(&amount, after: first)
        var second: Number?
        let beforeDash = position
        if take("-"), let next = rangeEnd(first) {
            second = next
            if unit(&amount, after: next) { hasUnit = true }
        } else {
            position = beforeDash
        }
        if !hasUnit, countsSomethingElse(second ?? first) { return nil }
        if var last = second {
            // 6-8千 is 6千-8千, 1.2万-1.5 is 1.2万-1.5万; 8000-1.2万 is what it says.
            if first.scale == 1, last.scale > 1, first.value < 100 || first.value <= last.value {
                first.scale = last.scale
            }
            if last.scale == 1, first.scale > 1, last.value < 100 { last.scale = first.scale }
            second = last
        }
        amount.lowest = first.money
        amount.highest = second?.money ?? first.money
        amount.hasScale = first.scale > 1 || (second?.scale ?? 1) > 1
        openEnds(&amount)
        if !hasUnit { _ = unit(&amount, after: second ?? first) }
        amount.isUnitBehind = amount.unit != nil
        return amount
    }

    private mutating func rangeEnd(_ first: Number) -> Number? {
        guard PlainText.isDigit(scalar()) || scalar() == "¥" else { return nil }
        return number()
    }

    private mutating func number() -> Number? {
        _ = take("¥")
        var digits = ""
        while PlainText.isDigit(scalar()) || (scalar() == "." && PlainText.isDigit(scalar(1)) && !digits.contains("."))
        {
            digits.unicodeScalars.append(scalar())
            position += 1
        }
        guard (1...12).contains(digits.utf8.count), let value = Double(digits) else { return nil }
        var scale = 1.0
        switch scalar() {
        case "千", "k": scale = 1000
        case "万", "w": scale = 10_000
        case "百": scale = 100
        default: break
        }
        if scale > 1 { position += 1 }
        // 5000多, 6千余.
        while ["多", "余", "来", "左", "右", "上", "下"].contains(scalar()), !isOpening() { position += 1 }
        let hasYuan = take("元") || take("块钱") || take("块") || take("圆") || take("rmb")
        if hasYuan { _ = take("人民币") }
        while ["左", "右", "上", "下"].contains(scalar()), !isOpening() { position += 1 }
        return Number(value: value, scale: scale, hasYuan: hasYuan)
    }

    /// 上不封顶 is not 上下.
    private func isOpening() -> Bool { scalar() == "上" && scalar(1) == "不" }

    private mutating func openEnds(_ amount: inout PayAmount) {
        for word in ["及以上", "或以上", "元以上", "以上", "起步", "起", "往上", "上不封顶", "保底", "底薪"] where take(word) {
            if amount.lowest == amount.highest { amount.highest = nil }
            return
        }
        for word in ["及以下", "或以下", "以下", "以内", "之内", "封顶"] where take(word) {
            if amount.lowest == amount.highest { amount.lowest = nil }
            return
        }
    }

    // MARK: - Units

    private static let unitWords: [(word: String, unit: Pay.Unit)] = [
        ("个月", .month), ("month", .month), ("月", .month), ("mon", .month), ("m", .month),
        ("工作日", .day), ("个工", .day), ("工日", .day), ("工", .day), ("天", .day), ("日", .day), ("班", .day), ("day", .day),
        ("d", .day),
        ("个小时", .hour), ("小时", .hour), ("钟头", .hour), ("时", .hour), ("hour", .hour), ("hr", .hour), ("h", .hour),
        ("年", .year), ("year", .year), ("y", .year),
    ]
    private static let pieceWords = [
        "平方米", "平方", "平米", "立方米", "立方", "公里", "公斤", "千克", "件", "个", "单", "吨", "台", "套", "双", "只", "支", "条",
        "趟", "车", "米", "平", "方", "斤", "箱", "包", "次", "户", "间", "张", "块", "份", "亩", "棵", "本", "票", "桶", "打", "筐",
        "片", "根", "把", "辆", "床", "节", "课时", "场", "桌", "栋", "页", "字", "盒", "袋", "板", "柜", "瓶",
    ]
    private static let unknownWords = ["半天", "半日", "半月", "半年", "季度", "季", "星期", "礼拜", "周"]

    /// Takes `/月`, `每天`, `元一天`, `/12小时`; without a mark only after 元 or a figure that is money by its size.
    private mutating func unit(_ amount: inout PayAmount, after number: Number) -> Bool {
        let start = position
        let isMarked = take("/每") || take("/一") || take("/") || take("每") || take("一") || take("\\")
        for word in Self.unknownWords where isMarked && take(word) {
            amount.hasUnknownUnit = true
            return true
        }
        // 260元/12小时 is one shift.
        if isMarked, PlainText.isDigit(scalar()) {
            while PlainText.isDigit(scalar()) { position += 1 }
            if take("个小时") || take("小时") || take("h") || take("时") {
                amount.unit = .day
                return true
            }
            position = start
            return false
        }
        let isMoney = number.hasYuan || number.scale > 1 || number.money >= 100
        if isMarked || isMoney, !(scalar() == "年" && (1900...2100).contains(number.value) && !isMarked) {
            for (word, unit) in Self.unitWords where take(word) {
                amount.unit = unit
                return true
            }
        }
        if isMarked {
            for word in Self.pieceWords where take(word) {
                amount.unit = .piece
                return true
            }
        }
        position = start
        return false
    }

    /// 8小时, 4天, 18岁, 3%, 8:00, 五险1金.
    private func countsSomethingElse(_ number: Number) -> Bool {
        if number.hasYuan || number.scale > 1 { return false }
        let others: Set<Unicode.Scalar> = [
            "小", "h", "点", "天", "号", "岁", "人", "名", "险", "金", "休", "班", "个", "月", "%", "次", "倍", "期", "年", "周",
            ":", "日", "届", "级", "时", "分", "位", "间", "家", "薪",
        ]
        return others.contains(scalar())
    }
}
