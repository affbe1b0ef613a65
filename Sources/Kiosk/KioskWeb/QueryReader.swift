// The query of an address, read as strictly as a body: unknown names, doubles and wrong values are problems, all at once.

import JobFair
import KioskCore

/// Reads the names of one query. `finish()` reports those nobody asked for.
struct QueryReader {
    private let pairs: [(name: String, value: String)]
    private let problems: ShapeProblems
    private var known: Set<String> = []

    /// Nil, with a problem, where the query is not what an address can hold (RFC 3986, UTF-8), or is too long.
    init?(_ query: String?, problems: ShapeProblems) {
        let text = query ?? ""
        guard text.utf8.count <= WebLimits.queryBytesMax else {
            problems.add("text.tooLong", "", zh: "查询条件太长。", en: "The query is too long.")
            return nil
        }
        var pairs: [(name: String, value: String)] = []
        for part in text.utf8.split(separator: UInt8(ascii: "&")) {
            let sides = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = sides.first, let name = Self.decoded(first), sides.count == 2,
                let value = Self.decoded(sides[1])
            else {
                problems.add(
                    "query.encoding", "", zh: "查询条件的写法不对。", en: "The query is not written as name=value in UTF-8.")
                return nil
            }
            pairs.append((name, value))
        }
        self.pairs = pairs
        self.problems = problems
    }

    private static func decoded(_ bytes: Substring.UTF8View.SubSequence) -> String? {
        var decoded: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexadecimal), let low = rest.popFirst().flatMap(hexadecimal)
                else { return nil }
                decoded.append(high << 4 | low)
            case UInt8(ascii: "+"): decoded.append(UInt8(ascii: " "))
            default: decoded.append(byte)
            }
        }
        return String(validating: decoded, as: UTF8.self)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.flatMap { UInt8(exactly: $0) }
    }

    private mutating func values(_ name: String) -> [String] {
        known.insert(name)
        return pairs.filter { $0.name == name && !$0.value.isEmpty }.map(\.value)
    }

    private mutating func value(_ name: String) -> String? {
        let values = values(name)
        if values.count > 1 {
            problems.add("query.twice", name, zh: "这一项出现了两次。", en: "This name stands twice.")
        }
        return values.first
    }

    mutating func text(_ name: String, codePointsMax: Int) -> String {
        guard let text = value(name) else { return "" }
        guard text.unicodeScalars.count <= codePointsMax else {
            problems.add("text.tooLong", name, zh: "这一项太长。", en: "This field is too long.")
            return ""
        }
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            problems.add(
                "text.controlCharacter", name, zh: "这一项里有不能使用的控制字符。", en: "This field holds a control character.")
            return ""
        }
        return text
    }

    mutating func number(_ name: String, _ range: ClosedRange<Int>) -> Int? {
        guard let text = value(name) else { return nil }
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text), range.contains(number) else {
            problems.wrongType(
                name, zh: "\(range.lowerBound) 到 \(range.upperBound) 的整数",
                en: "a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    mutating func flag(_ name: String) -> Bool {
        switch value(name) {
        case nil, "false": return false
        case "true": return true
        default:
            problems.wrongType(name, zh: "true 或 false", en: "true or false")
            return false
        }
    }

    /// May stand several times.
    mutating func choices<Choice: RawRepresentable & CaseIterable>(_ name: String, as type: Choice.Type) -> [Choice]
    where Choice.RawValue == String {
        let values = values(name)
        let choices = values.compactMap { Choice(rawValue: $0) }
        if choices.count < values.count { unknownChoice(name, type) }
        return choices
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(_ name: String, as type: Choice.Type) -> Choice?
    where Choice.RawValue == String {
        guard let text = value(name) else { return nil }
        let choice = Choice(rawValue: text)
        if choice == nil { unknownChoice(name, type) }
        return choice
    }

    private func unknownChoice<Choice: RawRepresentable & CaseIterable>(_ name: String, _ type: Choice.Type)
    where Choice.RawValue == String {
        problems.unknownChoice(name, Choice.allCases.map(\.rawValue))
    }

    func finish() {
        for name in Set(pairs.map(\.name)).subtracting(known).sorted() {
            problems.unknownField(name, in: "")
        }
    }
}
