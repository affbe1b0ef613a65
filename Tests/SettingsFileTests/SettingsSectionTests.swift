// Settings errors name file, line and key, all at once.

import SettingsFile
import Testing

@Suite struct SettingsSectionTests {
    enum Kind: String, CaseIterable { case folder, device }

    struct Row: Sendable, CustomTestStringConvertible {
        var yaml: String
        var problems: [String]
        var testDescription: String { yaml }
    }

    static let rows: [Row] = [
        Row(yaml: "", problems: []),
        Row(yaml: "listen:\n  port: 80\nkind: device\nflag: true\nnames: [a, b]", problems: []),
        Row(yaml: "listen:\n  prot: 80", problems: ["f.yaml:2: listen.prot: is not a known key; known here: port"]),
        Row(
            yaml: "listen: 80",
            problems: ["f.yaml:1: listen: takes a mapping (key: value lines, indented), found another kind of value"]),
        Row(
            yaml: "listen:\n  port: eighty",
            problems: ["f.yaml:2: listen.port: takes a whole number from 1 to 65535, found another kind of value"]),
        Row(yaml: "listen:\n  port: 70000", problems: ["f.yaml:2: listen.port: takes 1 to 65535, found 70000"]),
        Row(
            yaml: "kind: parrot\nflag: maybe",
            problems: [
                "f.yaml:1: kind: takes one of folder, device",
                "f.yaml:2: flag: takes true or false, found another kind of value",
            ]),
        Row(yaml: "names: [a, b, c, d]", problems: ["f.yaml:1: names: has 4 items; at most 3"]),
        Row(yaml: "names:\n - {a: 1}", problems: ["f.yaml:2: names[0]: takes a text, found a mapping"]),
        Row(yaml: "items:\n - a: 1\n - b: 2", problems: ["f.yaml:3: items[1].b: is not a known key; known here: a"]),
        Row(
            yaml: "other: 1",
            problems: ["f.yaml:1: other: is not a known key; known here: flag, items, kind, listen, names"]),
    ]

    @Test(arguments: rows) func problemsNameFileLineAndKey(row: Row) throws {
        let root = try SettingsSection(yaml: row.yaml, file: "f.yaml")
        _ = root.section("listen").integer("port", default: 1, in: 1...65535)
        _ = root.choice("kind", default: Kind.folder)
        _ = root.boolean("flag", default: false)
        _ = root.strings("names", max: 3)
        for item in root.sections("items", max: 10) { _ = item.optionalInteger("a", in: 0...9) }
        if row.problems.isEmpty {
            try root.finish()
        } else {
            let error = #expect(throws: SettingsError.self) { try root.finish() }
            #expect(error?.lines == row.problems)
        }
    }

    @Test(arguments: ["a: [", "a: 1\na: 2", "- 1\n- 2", "\tx: 1"]) func brokenYAMLIsRefusedWithItsLine(yaml: String) {
        let error = #expect(throws: SettingsError.self) { try SettingsSection(yaml: yaml, file: "f.yaml") }
        #expect(error?.description.hasPrefix("f.yaml:") == true)
    }

    @Test func aMissingKeyIsNamed() throws {
        let root = try SettingsSection(yaml: "a: ''", file: "f.yaml")
        #expect(root.requiredString("a") == "")
        #expect(root.requiredString("b") == "")
        let error = #expect(throws: SettingsError.self) { try root.finish() }
        #expect(error?.lines == ["f.yaml:1: a: is missing", "f.yaml:1: b: is missing"])
    }
}
