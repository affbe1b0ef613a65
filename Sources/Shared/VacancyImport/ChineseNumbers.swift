// 三千五, 一万二, 五六千: numbers in words, turned into digits.

enum ChineseNumbers {
    private static let digits: [Unicode.Scalar: Int] = [
        "零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
    ]
    private static let powers: [Unicode.Scalar: Int] = ["十": 10, "百": 100, "千": 1000, "万": 10_000]

    /// Replaces numbers of at least two hundred or so: those that hold 百, 千 or 万 and begin with a digit in words.
    /// 十三薪, 两班倒 and 一个月 stay; so does 千 after a figure.
    static func replaced(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        guard scalars.contains(where: { powers[$0] ?? 0 >= 100 }) else { return scalars }
        var result: [Unicode.Scalar] = []
        var index = 0
        while index < scalars.count {
            var end = index
            while end < scalars.count, digits[scalars[end]] != nil || powers[scalars[end]] != nil { end += 1 }
            let run = scalars[index..<end]
            let isAfterDigit = result.last.map { ("0"..."9").contains($0) || $0 == "." } ?? false
            if !isAfterDigit, let first = run.first, digits[first] != nil,
                run.contains(where: { powers[$0] ?? 0 >= 100 }), let text = figures(Array(run))
            {
                result += Array(text.unicodeScalars)
            } else {
                result += Array(run)
            }
            index = end
            if index < scalars.count {
                result.append(scalars[index])
                index += 1
            }
        }
        return result
    }

    /// 五六千 is `5000-6000`, 三千五 `3500`.
    private static func figures(_ run: [Unicode.Scalar]) -> String? {
        if run.count == 3, let first = digits[run[0]], let second = digits[run[1]], let power = powers[run[2]],
            first > 0, second == first + 1
        {
            return "\(first * power)-\(second * power)"
        }
        return value(run).map(String.init)
    }

    /// Nil for what no one says.
    static func value(_ run: [Unicode.Scalar]) -> Int? {
        var (total, section, digit) = (0, 0, 0)
        var lastPower = 0
        var isAfterZero = false
        for scalar in run {
            if let next = digits[scalar] {
                guard digit == 0 else { return nil }
                digit = next
                isAfterZero = next == 0
            } else if let power = powers[scalar] {
                if power == 10_000 {
                    guard total == 0, section + digit > 0 else { return nil }
                    total = (section + digit) * power
                    (section, digit) = (0, 0)
                } else {
                    section += max(digit, power == 10 ? 1 : digit) * power
                    digit = 0
                }
                lastPower = power
            } else {
                return nil
            }
        }
        // 三千五 is 3,500: the last digit stands one place below.
        if digit > 0, lastPower >= 100, run.count > 1, !isAfterZero, digits[run[run.count - 2]] == nil {
            digit *= lastPower / 10
        }
        let value = total + section + digit
        return value > 0 ? value : nil
    }
}
