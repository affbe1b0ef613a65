// Reads YAML settings strictly: every unknown key and wrong type is an error that names file, line and key.

import Yams

/// Everything that is wrong with a settings file, one line each: `kiosk.yaml:7: listen.port: ...`.
public struct SettingsError: Error, CustomStringConvertible, Sendable {
    public var lines: [String]

    public init(lines: [String]) {
        self.lines = lines
    }

    public var description: String { lines.joined(separator: "\n") }
}

/// One mapping of a YAML file. Ask for every key once, then call `finish()` on the root, which throws all problems
/// together. Not for sharing between tasks: read, finish, forget.
///
/// ```
/// let root = try SettingsSection(yaml: text, file: "kiosk.yaml")
/// let port = root.section("listen").integer("port", default: 7180, in: 1...65535)
/// try root.finish()
/// ```
public final class SettingsSection {
    /// A settings file of more than this is not one of ours (a fair with 20,000 vacancies comes as a spreadsheet).
    public static let bytesMax = 4 << 20

    private final class Problems {
        var lines: [(line: Int, text: String)] = []
    }

    private let file: String
    private let path: String
    private let mapping: [(key: String, line: Int, value: Node)]
    private let problems: Problems
    private var asked: Set<String> = []
    private var children: [SettingsSection] = []

    public init(yaml: String, file: String) throws {
        guard yaml.utf8.count <= Self.bytesMax else {
            throw SettingsError(lines: ["\(file): larger than \(Self.bytesMax) bytes"])
        }
        self.file = file
        path = ""
        problems = Problems()
        let node: Node?
        do {
            node = try Yams.compose(yaml: yaml)
        } catch let error as YamlError {
            throw SettingsError(lines: [Self.syntaxProblem(error, file: file)])
        }
        mapping = try Self.pairs(of: node, file: file, path: "")
    }

    private init(mapping: [(key: String, line: Int, value: Node)], path: String, parent: SettingsSection) {
        file = parent.file
        problems = parent.problems
        self.path = path
        self.mapping = mapping
    }

    // MARK: Reading

    public func contains(_ key: String) -> Bool { mapping.contains { $0.key == key } }

    /// A mapping below this one; empty where the key is absent.
    public func section(_ key: String) -> SettingsSection {
        guard let (line, node) = find(key), node.null == nil else {
            return adopt(.init(mapping: [], path: full(key), parent: self))
        }
        guard node.mapping != nil, let pairs = try? Self.pairs(of: node, file: file, path: full(key)) else {
            report(line, key, "takes a mapping (key: value lines, indented), found \(Self.kind(of: node))")
            return adopt(.init(mapping: [], path: full(key), parent: self))
        }
        return adopt(.init(mapping: pairs, path: full(key), parent: self))
    }

    /// A list of mappings; empty where the key is absent.
    public func sections(_ key: String, max: Int) -> [SettingsSection] {
        list(key, max: max).enumerated().compactMap { index, node in
            let itemPath = "\(full(key))[\(index)]"
            guard node.mapping != nil, let pairs = try? Self.pairs(of: node, file: file, path: itemPath) else {
                problems.lines.append(
                    (Self.line(of: node), "\(itemPath): takes a mapping, found \(Self.kind(of: node))"))
                return nil
            }
            return adopt(.init(mapping: pairs, path: itemPath, parent: self))
        }
    }

    public func strings(_ key: String, max: Int) -> [String] {
        list(key, max: max).enumerated().compactMap { index, node in
            guard let text = node.scalar?.string, node.null == nil else {
                problems.lines.append(
                    (Self.line(of: node), "\(full(key))[\(index)]: takes a text, found \(Self.kind(of: node))"))
                return nil
            }
            return text
        }
    }

    /// A text; nil where the key is absent. `max` counts code points.
    public func optionalString(_ key: String, max: Int = 1024) -> String? {
        guard let (line, node) = find(key) else { return nil }
        guard let scalar = node.scalar, node.null == nil else {
            report(line, key, "takes a text, found \(Self.kind(of: node))")
            return nil
        }
        guard scalar.string.unicodeScalars.count <= max else {
            report(line, key, "is longer than \(max) characters")
            return nil
        }
        return scalar.string
    }

    public func string(_ key: String, default standard: String, max: Int = 1024) -> String {
        optionalString(key, max: max) ?? standard
    }

    /// A text that has to be there and not be empty.
    public func requiredString(_ key: String, max: Int = 1024) -> String {
        let before = problems.lines.count
        let text = optionalString(key, max: max) ?? ""
        if text.isEmpty, problems.lines.count == before { reportMissing(key) }
        return text
    }

    public func optionalInteger(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let (line, node) = find(key) else { return nil }
        guard let number = node.int else {
            report(
                line, key,
                "takes a whole number from \(range.lowerBound) to \(range.upperBound), found \(Self.kind(of: node))")
            return nil
        }
        guard range.contains(number) else {
            report(line, key, "takes \(range.lowerBound) to \(range.upperBound), found \(number)")
            return nil
        }
        return number
    }

    public func integer(_ key: String, default standard: Int, in range: ClosedRange<Int>) -> Int {
        optionalInteger(key, in: range) ?? standard
    }

    public func decimal(_ key: String, default standard: Double, in range: ClosedRange<Double>) -> Double {
        guard let (line, node) = find(key) else { return standard }
        guard let number = node.float, range.contains(number) else {
            report(line, key, "takes a number from \(range.lowerBound) to \(range.upperBound)")
            return standard
        }
        return number
    }

    public func boolean(_ key: String, default standard: Bool) -> Bool {
        guard let (line, node) = find(key) else { return standard }
        guard let value = node.bool else {
            report(line, key, "takes true or false, found \(Self.kind(of: node))")
            return standard
        }
        return value
    }

    /// One of the raw values of an enumeration.
    public func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, default standard: Choice) -> Choice
    where Choice.RawValue == String {
        guard let (line, node) = find(key) else { return standard }
        guard let text = node.scalar?.string, let choice = Choice(rawValue: text) else {
            report(line, key, "takes one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
            return standard
        }
        return choice
    }

    /// Adds a problem that only the reader of this key can know.
    public func report(_ key: String, _ what: String) {
        report(mapping.first { $0.key == key }?.line ?? firstLine, key, what)
    }

    public func reportMissing(_ key: String) {
        report(firstLine, key, "is missing")
    }

    /// Throws every problem of the whole file, unknown keys included, in order of their lines.
    public func finish() throws {
        reportUnknownKeys()
        guard !problems.lines.isEmpty else { return }
        let sorted = problems.lines.enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }
        throw SettingsError(lines: sorted.map { "\(file):\($0.element.line): \($0.element.text)" })
    }

    // MARK: Parts

    private func reportUnknownKeys() {
        for (key, line, _) in mapping where !asked.contains(key) {
            let known = asked.sorted().joined(separator: ", ")
            report(line, key, "is not a known key" + (known.isEmpty ? "" : "; known here: \(known)"))
        }
        for child in children { child.reportUnknownKeys() }
    }

    private var firstLine: Int { mapping.first?.line ?? 1 }

    private func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private func adopt(_ child: SettingsSection) -> SettingsSection {
        children.append(child)
        return child
    }

    private func find(_ key: String) -> (line: Int, node: Node)? {
        asked.insert(key)
        return mapping.first { $0.key == key }.map { ($0.line, $0.value) }
    }

    private func list(_ key: String, max: Int) -> [Node] {
        guard let (line, node) = find(key), node.null == nil else { return [] }
        guard let sequence = node.sequence else {
            report(line, key, "takes a list (- item), found \(Self.kind(of: node))")
            return []
        }
        guard sequence.count <= max else {
            report(line, key, "has \(sequence.count) items; at most \(max)")
            return []
        }
        return Array(sequence)
    }

    private func report(_ line: Int, _ key: String, _ what: String) {
        problems.lines.append((line, "\(full(key)): \(what)"))
    }

    private static func pairs(
        of node: Node?, file: String, path: String
    ) throws -> [(key: String, line: Int, value: Node)] {
        guard let node, node.null == nil else { return [] }
        guard let mapping = node.mapping else {
            throw SettingsError(lines: ["\(file):\(line(of: node)): the file takes key: value lines"])
        }
        return mapping.map { key, value in
            (key.scalar?.string ?? "?", Self.line(of: key), value)
        }
    }

    private static func line(of node: Node) -> Int { node.mark?.line ?? 1 }

    private static func kind(of node: Node) -> String {
        switch node {
        case .mapping: "a mapping"
        case .sequence: "a list"
        default: node.null != nil ? "nothing" : "another kind of value"
        }
    }

    private static func syntaxProblem(_ error: YamlError, file: String) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "\(file):\(mark.line): not YAML: \(problem)"
        case .duplicatedKeysInMapping(let duplicates, let context):
            "\(file):\(context.mark.line): the same key twice: \(duplicates.joined(separator: ", "))"
        default:
            "\(file): not YAML in UTF-8"
        }
    }
}
