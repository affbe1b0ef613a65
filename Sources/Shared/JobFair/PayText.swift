// What a vacancy pays, as slip and page show it.

public enum PayText {
    /// As the employer wrote it; else made of the bounds: `5000–7000元/月`, `200元/天`, `28.5元/小时起`; else 面议.
    public static func text(of pay: Pay) -> String {
        let written = pay.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if !written.isEmpty { return written }
        let unit = pay.unit.map { "元/\(name(of: $0))" } ?? "元"
        let (lowest, highest) = (max(0, pay.lowestFen), max(0, pay.highestFen))
        if lowest == 0, highest == 0 { return "面议" }
        if highest == 0 { return "\(yuan(lowest))\(unit)起" }
        if lowest == 0 { return "\(yuan(highest))\(unit)以内" }
        if lowest == highest { return yuan(lowest) + unit }
        return "\(yuan(min(lowest, highest)))–\(yuan(max(lowest, highest)))\(unit)"
    }

    private static func name(of unit: Pay.Unit) -> String {
        switch unit {
        case .hour: "小时"
        case .day: "天"
        case .month: "月"
        case .year: "年"
        case .piece: "件"
        }
    }

    /// 2850 fen are `28.5`.
    private static func yuan(_ fen: Int) -> String {
        let (whole, rest) = fen.quotientAndRemainder(dividingBy: 100)
        if rest == 0 { return String(whole) }
        return rest % 10 == 0 ? "\(whole).\(rest / 10)" : "\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }
}
