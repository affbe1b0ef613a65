// From parsed JSON to typed fields: every unknown name, wrong type and bad identifier becomes a problem that names the
// field, all of them at once.

import JobFair
import KioskCore

/// Collects what is wrong with the shape of a request. Values are never repeated.
final class ShapeProblems {
    private(set) var problems: [FieldProblem] = []

    func add(_ code: String, _ field: String, zh: String, en: String) {
        guard problems.count < WebLimits.problemsMax else { return }
        problems.append(FieldProblem(code: code, field: field, zh: zh, en: en))
    }

    func wrongType(_ field: String, zh: String, en: String) {
        add("json.wrongType", field, zh: "这一项应当是\(zh)。", en: "This field must be \(en).")
    }
}

extension ShapeProblems {
    func unknownChoice(_ field: String, _ choices: [String]) {
        add(
            "choice.unknown", field, zh: "只能是：\(choices.joined(separator: "、"))。",
            en: "Must be one of: \(choices.joined(separator: ", ")).")
    }

    /// A name somebody made up may hold anything, also what a person typed: only plain words are repeated.
    func unknownField(_ name: String, in path: String) {
        let isWord =
            (1...40).contains(name.utf8.count)
            && name.unicodeScalars.allSatisfy { $0.isASCII && $0.properties.isAlphabetic }
        let spoken = isWord ? name : "?"
        add(
            "json.unknownField", path.isEmpty ? spoken : "\(path).\(spoken)", zh: "没有这一项。",
            en: "There is no such field.")
    }
}

/// Reads the members of one object. `finish()` reports the members nobody asked for.
struct JSONObjectReader {
    private let members: [JSONValue.Member]
    private let path: String
    private let problems: ShapeProblems
    private var known: Set<String> = []

    /// Nil, with a problem, when `value` is no object.
    init?(_ value: JSONValue, path: String = "", problems: ShapeProblems) {
        guard case .object(let members) = value else {
            problems.wrongType(path, zh: "一个对象", en: "an object")
            return nil
        }
        self.members = members
        self.path = path
        self.problems = problems
    }

    private func field(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// The member, or nil where it is absent or null.
    private mutating func value(_ name: String) -> JSONValue? {
        known.insert(name)
        guard let value = members.first(where: { $0.name == name })?.value, value != .null else { return nil }
        return value
    }

    func missing(_ name: String) {
        problems.add("json.missing", field(name), zh: "缺少这一项。", en: "This field is missing.")
    }

    mutating func text(_ name: String) -> String? {
        guard let value = value(name) else { return nil }
        return text(value, field(name))
    }

    private func text(_ value: JSONValue, _ field: String) -> String? {
        guard case .string(let text) = value else {
            problems.wrongType(field, zh: "文字", en: "a string")
            return nil
        }
        guard text.unicodeScalars.count <= WebLimits.textCodePointsMax else {
            problems.add("text.tooLong", field, zh: "这一项太长。", en: "This field is too long.")
            return nil
        }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) else {
            problems.add(
                "text.controlCharacter", field, zh: "这一项里有不能使用的控制字符。",
                en: "This field holds a control character.")
            return nil
        }
        return text
    }

    mutating func requiredText(_ name: String) -> String? {
        guard let value = value(name) else {
            missing(name)
            return nil
        }
        return text(value, field(name))
    }

    mutating func texts(_ name: String) -> [String] {
        guard let value = value(name) else { return [] }
        guard case .array(let elements) = value else {
            problems.wrongType(field(name), zh: "一个列表", en: "an array")
            return []
        }
        return elements.enumerated().compactMap { text($1, "\(field(name))[\($0)]") }
    }

    mutating func flag(_ name: String) -> Bool {
        guard let value = value(name) else { return false }
        guard case .bool(let flag) = value else {
            problems.wrongType(field(name), zh: "true 或 false", en: "true or false")
            return false
        }
        return flag
    }

    /// Nil where the member is absent, null, or no flag.
    mutating func answer(_ name: String) -> Bool? {
        guard let value = value(name) else { return nil }
        if case .bool(let flag) = value { return flag }
        problems.wrongType(field(name), zh: "true 或 false", en: "true or false")
        return nil
    }

    /// 5000.0 and 5e3 are whole numbers, too (JSON Schema 2020-12 Validation, 6.1.1).
    mutating func number(_ name: String, _ range: ClosedRange<Int>) -> Int? {
        guard let value = value(name) else { return nil }
        guard case .number(let written) = value,
            let number = Int(written) ?? Double(written).flatMap({ Int(exactly: $0) }), range.contains(number)
        else {
            problems.wrongType(
                field(name), zh: "\(range.lowerBound) 到 \(range.upperBound) 的整数",
                en: "a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// Nil where the member is absent, null, or no object.
    mutating func object(_ name: String) -> JSONObjectReader? {
        value(name).flatMap { JSONObjectReader($0, path: field(name), problems: problems) }
    }

    mutating func recordID(_ name: String = "recordId") -> RecordID? {
        guard let text = requiredText(name) else { return nil }
        guard let id = RecordID(text), id.bytes.contains(where: { $0 != 0 }) else {
            problems.add(
                "uuid.invalid", field(name), zh: "记录编号不是有效的 UUID。",
                en: "The record id is not a UUID of 36 characters.")
            return nil
        }
        return id
    }

    mutating func vacancyID(_ name: String = "vacancyId") -> VacancyID? {
        guard let text = requiredText(name) else { return nil }
        guard let id = VacancyID(text) else {
            problems.add(
                "uuid.invalid", field(name), zh: "岗位编号不是有效的 UUID。",
                en: "The vacancy's id is not a UUID of 36 characters.")
            return nil
        }
        return id
    }

    mutating func formKey(_ name: String = "formKey") -> FormKey? {
        guard let hex = requiredText(name) else { return nil }
        guard let key = FormKey(hex: hex) else {
            problems.add(
                "formKey.invalid", field(name), zh: "表单密钥应当是 32 位十六进制数字。",
                en: "The form key must be 32 hexadecimal digits.")
            return nil
        }
        return key
    }

    mutating func choice(_ name: String, of choices: [String]) -> String? {
        guard let text = requiredText(name) else { return nil }
        guard choices.contains(text) else {
            problems.unknownChoice(field(name), choices)
            return nil
        }
        return text
    }

    /// As `texts`, of a closed list.
    mutating func choices<Choice: RawRepresentable & CaseIterable>(_ name: String, as type: Choice.Type) -> [Choice]
    where Choice.RawValue == String {
        let texts = texts(name)
        let choices = texts.compactMap { Choice(rawValue: $0) }
        if choices.count < texts.count { problems.unknownChoice(field(name), Choice.allCases.map(\.rawValue)) }
        return choices
    }

    func finish() {
        for member in members where !known.contains(member.name) { problems.unknownField(member.name, in: path) }
    }
}
