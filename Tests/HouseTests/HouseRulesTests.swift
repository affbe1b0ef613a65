// The rules of the house hold, and a check that would let everything pass is found out.

import Testing

@Suite struct HouseRulesTests {
    @Test func theHouseIsInOrder() throws {
        let tree = try SourceTree.load()
        #expect(tree.files.count > 50)
        let violations = HouseRules.check(tree)
        #expect(violations.isEmpty, "\n\(violations.map(\.description).joined(separator: "\n"))")
    }

    struct Plant: Sendable {
        var path: String
        var text: String
        var message: String
    }

    private static let opening = "// Planted.\n"

    static let ten = [
        Plant(
            path: "Sources/Shared/JobFair/Planted.swift", text: opening + "import Foundation\n",
            message: "JobFair is pure and must not import Foundation"),
        Plant(
            path: "Sources/Kiosk/KioskCore/Planted.swift", text: opening + "import KioskStore\n",
            message: "KioskCore must not import KioskStore: rooms import only what stands to their left"),
        Plant(
            path: "Sources/Kiosk/KioskWeb/Planted.swift", text: opening + "private import GRDB\n",
            message: "KioskWeb must not import GRDB: only HeadquartersStore, KioskStore may"),
        Plant(
            path: "Sources/Headquarters/HeadquartersCore/Planted.swift", text: opening + "let at = Date()\n",
            message: "HeadquartersCore is pure: no Date(); time, randomness and files come in as arguments"),
        Plant(
            path: "Sources/Kiosk/KioskSync/Planted.swift", text: opening + "struct RecordManager {}\n",
            message: "Manager is no word for a type; say what RecordManager is"),
        Plant(
            path: "Sources/Kiosk/KioskStore/Planted.swift",
            text: opening + "func long() {\n" + String(repeating: "    step()\n", count: 69) + "}\n",
            message: "long has more than 70 lines and asks to be split"),
        Plant(
            path: "Sources/Kiosk/KioskDevices/Planted.swift", text: opening + "func go() { Task { await run() } }\n",
            message: "no unstructured tasks: long work is a Service in the ServiceGroup"),
        Plant(
            path: "Sources/Kiosk/KioskDaemon/Planted.swift", text: opening + "func say() { print(\"x\") }\n",
            message: "no print() outside the command line: log, or return the text"),
        Plant(
            path: "Sources/Headquarters/HeadquartersWeb/Planted.swift",
            text: opening + "let all = \"SELECT * FROM record\"\n",
            message: "HeadquartersWeb must not hold SQL: only the stores do"),
        Plant(
            path: "Sources/Shared/Observability/Planted.swift",
            text: opening + "/// Fine, believe me.\nfinal class Box: @unchecked Sendable {}\n",
            message: "@unchecked Sendable needs a comment above it that names the lock or queue"),
    ]

    static let more = [
        Plant(
            path: "Sources/Kiosk/KioskDaemon/Planted.swift", text: opening + "import HeadquartersStore\n",
            message:
                "KioskDaemon must not import HeadquartersStore: the wings of kiosk and headquarters share only Shared"),
        Plant(
            path: "Sources/Kiosk/Attic/Planted.swift", text: opening,
            message: "Attic is not a room of the plan; add it to Rooms"),
        Plant(
            path: "Sources/Kiosk/KioskCore/Planted.swift", text: opening + "let place: WirePlace? = nil\n",
            message: "KioskCore must not know WirePlace: wire types are mapped in KioskSync and HeadquartersWeb"),
        Plant(
            path: "Sources/Shared/JobFair/Planted.swift", text: opening + "let dice = Int.random(in: 1...6)\n",
            message: "JobFair is pure: .random needs a generator that came in as an argument"),
        Plant(
            path: "Sources/Kiosk/KioskWeb/Planted.swift", text: opening + "let pages = try! load()\n",
            message: "try! traps on an operating error; handle it or throw it on"),
        Plant(
            path: "Sources/Kiosk/KioskWeb/Planted.swift", text: opening + "let page = pages[\"a\"]!\n",
            message: "a forced unwrap traps; use guard let or ?? instead"),
        Plant(
            path: "Sources/Kiosk/KioskWeb/Planted.swift", text: "import Logging\n",
            message: "a file opens with one comment sentence on its role"),
        Plant(
            path: "Tests/JobFairTests/Planted.swift", text: opening + String(repeating: "\n", count: 500),
            message: "a file of more than 500 lines asks to be split"),
        Plant(
            path: "Sources/Programs/kioskd/planted.swift", text: opening,
            message: "kioskd is a program: one file, everything else in a room"),
        Plant(
            path: "Sources/Shared/SyncProtocol/Planted.swift",
            text: opening + "let isRight =\n    code.authenticationCode(of: bytes).prefix(2)\n    == bytes.suffix(2)\n",
            message:
                "codes and tokens are compared whole, with isEqualInConstantTime: == and prefixes tell where they differ"
        ),
        Plant(
            path: "Tests/KioskSyncTests/Planted.swift", text: opening + "actor MockHeadquarters {}\n",
            message: "Mock is no word for a type; say what MockHeadquarters is"),
    ]

    /// Each in a copy of the real tree, one by one: exactly one more violation, and no message twice.
    @Test func plantedViolationsAreFound() throws {
        // Each other file is judged by itself: looking at all of them for each plant would take half a minute.
        let tree = try SourceTree.load().keepingPrograms(and: (Self.ten + Self.more).map(\.path))
        let before = Set(HouseRules.check(tree))
        var messages: Set<String> = []
        for plant in Self.ten + Self.more {
            let found = Set(HouseRules.check(tree.planting(plant.text, in: plant.path))).subtracting(before)
            #expect(found.count == 1, "\(plant.message): \(found)")
            #expect(found.first?.message == plant.message)
            #expect(found.first?.path == plant.path)
            messages.formUnion(found.map(\.message))
        }
        #expect(Self.ten.count == 10)
        #expect(messages.count == Self.ten.count + Self.more.count)
    }

    @Test func aVersionThatMayDriftIsFound() throws {
        var tree = try SourceTree.load()
        let before = HouseRules.check(tree).count
        tree.manifest += "\n.package(url: \"https://example.org/x\", from: \"1.0.0\"),\n"
        #expect(HouseRules.check(tree).count == before + 1)
    }

    /// What only looks like a violation.
    @Test(arguments: [
        "let text = \"Task { try! print(Date()) }\"\n",
        "// import GRDB; Task { print(1) }\n",
        "/* try! /* nested */ SELECT */\n",
        "let raw = #\"a \" try! \"# + \"b\"\n",
        "let long = \"\"\"\n    try! \"quoted\"\n    \"\"\"\n",
        "func add() async { await withTaskGroup { group in group.addTask { } } }\n",
        "func wait() async throws { try await Task.sleep(for: .seconds(1)) }\n",
        "let isOther = left != right && !flag\n",
        "let isRight = isEqualInConstantTime(authenticationCode(of: bytes), code)\nlet isOdd = count % 2 == 1\n",
        "struct DatabaseFile {}\nstruct InformationDesk {}\nstruct BasementDoor {}\n",
        "struct FormHTTPHandler {}\nstruct TapeLogHandler {}\n",
        "/// Everything is behind `lock`.\n@frozen\nfinal class Box: @unchecked Sendable {}\n",
        "let sentence = \"Please SELECT something\"\n",
        "let inside = \"\\(items.map { \"\\($0)\" }.joined())\"\nlet after = 1\n",
        "enum Event {\n    case print(Int)\n}\n",
        "func go(port: Port) { port.print(1) }\n",
        "protocol Port {\n    func open()\n    func close()\n}\n",
    ])
    func innocentTextPasses(text: String) {
        let file = SourceTree(files: [:], manifest: "").planting(
            "// Innocent.\n" + text, in: "Sources/Kiosk/KioskDevices/Innocent.swift")
        #expect(HouseRules.check(file).isEmpty)
    }

    @Test func theLexerSeesCodeWithinStrings() {
        let file = SourceTree(files: [:], manifest: "").planting(
            "// Guilty.\nlet text = \"a \\(try! load()) b\"\n", in: "Sources/Kiosk/KioskDevices/Guilty.swift")
        #expect(HouseRules.check(file).map(\.line) == [2])
    }

    @Test func camelWords() {
        #expect(HouseRules.camelWords("HTTPDataStore") == ["HTTP", "Data", "Store"])
        #expect(HouseRules.camelWords("SQLiteRecordStore") == ["SQ", "Lite", "Record", "Store"])
        #expect(HouseRules.camelWords("QRCode") == ["QR", "Code"])
    }
}
