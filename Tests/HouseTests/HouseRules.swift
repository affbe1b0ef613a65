// The rules of the house (ARCHITECTURE.md) as checks over the source text.

/// A place that breaks a rule.
struct Violation: Hashable, CustomStringConvertible {
    var path: String
    var line: Int
    /// Says which rule, and what to do instead.
    var message: String

    var description: String { "\(path):\(line): \(message)" }
}

enum HouseRules {
    static let fileLinesMax = 500
    static let functionLinesMax = 70
    /// One page, declarations of arguments included.
    static let programLinesMax = 90

    static func check(_ tree: SourceTree) -> [Violation] {
        tree.sorted.flatMap(check) + programs(tree) + manifest(tree)
    }

    private static func check(_ file: SourceFile) -> [Violation] {
        guard !file.isGenerated else { return [] }
        return imports(file) + purity(file) + wire(file) + names(file) + sizes(file) + unsafety(file)
            + concurrency(file)
            + output(file) + sql(file) + secrets(file)
    }
}

// MARK: - Imports

extension HouseRules {
    private static func imports(_ file: SourceFile) -> [Violation] {
        guard !file.isTest else { return [] }
        guard let own = Rooms.rank[file.room] else {
            return [
                Violation(path: file.path, line: 1, message: "\(file.room) is not a room of the plan; add it to Rooms")
            ]
        }
        return file.imports.compactMap { found -> Violation? in
            reason(file.room, rank: own, importing: found.module).map {
                Violation(path: file.path, line: found.line, message: $0)
            }
        }
    }

    private static func reason(_ room: String, rank: Int, importing module: String) -> String? {
        if let other = Rooms.rank[module] {
            if other >= rank { return "\(room) must not import \(module): rooms import only what stands to their left" }
            if let wing = Rooms.wing(of: room), let otherWing = Rooms.wing(of: module), wing != otherWing {
                return "\(room) must not import \(module): the wings of kiosk and headquarters share only Shared"
            }
            return nil
        }
        if let owner = Rooms.owners.first(where: { $0.isModule(module) }), !owner.rooms.contains(room) {
            return "\(room) must not import \(module): only \(owner.rooms.sorted().joined(separator: ", ")) may"
        }
        if let allowed = Rooms.pure[room], !allowed.contains(module) {
            return "\(room) is pure and must not import \(module)"
        }
        return nil
    }
}

// MARK: - Pure rooms, wire types

extension HouseRules {
    /// What reads a clock, draws randomness or does input and output.
    private static let impure = [
        "Date()", "Date.now", ".now", "ContinuousClock()", "SuspendingClock", "Task.sleep", "UUID()",
        "SystemRandomNumberGenerator", "randomElement()", "shuffled()", "FileManager", "FileHandle", "ProcessInfo",
        "contentsOfFile", "Data(contentsOf", "URLSession", "getenv", "fopen", "socket(", "Logger",
    ]

    private static func purity(_ file: SourceFile) -> [Violation] {
        guard Rooms.pure[file.room] != nil else { return [] }
        var found: [Violation] = []
        var lines: Set<Int> = []
        for word in impure {
            // `parts.now()` is a clock that came in as an argument.
            for line in file.lines(with: word, unless: { $0 == UInt8(ascii: "(") && word == ".now" })
            where lines.insert(line).inserted {
                found.append(
                    Violation(
                        path: file.path, line: line,
                        message: "\(file.room) is pure: no \(word); time, randomness and files come in as arguments"))
            }
        }
        for line in file.lines(with: ".random(in") where !file.lines[line - 1].contains("using:") {
            found.append(
                Violation(
                    path: file.path, line: line,
                    message: "\(file.room) is pure: .random needs a generator that came in as an argument"))
        }
        return found
    }

    private static func wire(_ file: SourceFile) -> [Violation] {
        guard !file.isTest, !Rooms.wireRooms.contains(file.room) else { return [] }
        let allowed = Rooms.wireExceptions[file.room] ?? []
        return file.words(startingWith: "Wire").filter { !allowed.contains($0.name) }.map {
            Violation(
                path: file.path, line: $0.line,
                message: "\(file.room) must not know \($0.name): wire types are mapped in KioskSync and HeadquartersWeb"
            )
        }
    }
}

// MARK: - Names and sizes

extension HouseRules {
    private static let bannedWords: Set = [
        "Manager", "Helper", "Helpers", "Util", "Utils", "Handler", "Info", "Data", "Base", "Common", "Impl", "Mock",
        "Stub",
    ]

    private static func names(_ file: SourceFile) -> [Violation] {
        file.types.compactMap { type in
            let words = camelWords(type.name)
            guard let banned = words.first(where: bannedWords.contains) else { return nil }
            if banned == "Handler", words.contains("HTTP") || type.name.contains("LogHandler") { return nil }
            return Violation(
                path: file.path, line: type.line, message: "\(banned) is no word for a type; say what \(type.name) is")
        }
    }

    /// `HTTPDataStore` is `HTTP`, `Data`, `Store`.
    static func camelWords(_ name: String) -> [String] {
        var words: [String] = []
        let letters = Array(name)
        for (index, letter) in letters.enumerated() {
            let isAfterSmall = index > 0 && !letters[index - 1].isUppercase
            let isBeforeSmall = index + 1 < letters.count && letters[index + 1].isLowercase
            if letter.isUppercase && (isAfterSmall || isBeforeSmall) || words.isEmpty { words.append("") }
            words[words.count - 1].append(letter)
        }
        return words
    }

    private static func sizes(_ file: SourceFile) -> [Violation] {
        var found: [Violation] = []
        let count = file.lines.count - (file.lines.last == "" ? 1 : 0)
        if count > fileLinesMax {
            found.append(
                Violation(
                    path: file.path, line: count, message: "a file of more than \(fileLinesMax) lines asks to be split")
            )
        }
        if file.lines.first?.hasPrefix("// ") != true {
            found.append(
                Violation(path: file.path, line: 1, message: "a file opens with one comment sentence on its role"))
        }
        for function in file.functions where function.lineCount > functionLinesMax {
            found.append(
                Violation(
                    path: file.path, line: function.line,
                    message: "\(function.name) has more than \(functionLinesMax) lines and asks to be split"))
        }
        return found
    }

    private static func programs(_ tree: SourceTree) -> [Violation] {
        let programs = tree.sorted.filter { $0.path.hasPrefix("Sources/Programs/") }
        let extra = Dictionary(grouping: programs, by: \.room).values.compactMap { $0.dropFirst().first }.map {
            Violation(path: $0.path, line: 1, message: "\($0.room) is a program: one file, everything else in a room")
        }
        let long = programs.filter { $0.lines.count > programLinesMax }.map {
            Violation(path: $0.path, line: $0.lines.count, message: "the file of a program is one page")
        }
        return extra + long
    }

    private static func manifest(_ tree: SourceTree) -> [Violation] {
        tree.manifest.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            guard line.contains(".package(url:"), !line.contains("exact:") else { return nil }
            return Violation(path: "Package.swift", line: index + 1, message: "the version of a package is exact")
        }
    }
}

// MARK: - Safety, concurrency, output, SQL

extension HouseRules {
    private static func unsafety(_ file: SourceFile) -> [Violation] {
        var found: [Violation] = []
        for (word, message) in [
            ("try!", "try! traps on an operating error; handle it or throw it on"),
            ("as!", "as! traps on a surprise; use as? and say what happens otherwise"),
        ] {
            found += file.lines(with: word).map { Violation(path: file.path, line: $0, message: message) }
        }
        if !file.isTest {
            found += file.forcedUnwraps.map {
                Violation(path: file.path, line: $0, message: "a forced unwrap traps; use guard let or ?? instead")
            }
        }
        for (word, message) in [
            ("@unchecked Sendable", "@unchecked Sendable needs a comment above it that names the lock or queue"),
            ("nonisolated(unsafe)", "nonisolated(unsafe) needs a comment above it that names the lock or queue"),
        ] {
            found += file.lines(with: word).filter { line in
                let comment = file.commentAbove(line: line).lowercased()
                return !["lock", "queue", "mutex", "atomic", "immutable"].contains { comment.contains($0) }
            }.map { Violation(path: file.path, line: $0, message: message) }
        }
        return found
    }

    private static func concurrency(_ file: SourceFile) -> [Violation] {
        guard !file.isTest, !file.path.hasPrefix("Sources/Programs/") else { return [] }
        return file.unstructuredTasks.map {
            Violation(
                path: file.path, line: $0, message: "no unstructured tasks: long work is a Service in the ServiceGroup")
        }
    }

    private static func output(_ file: SourceFile) -> [Violation] {
        guard !file.isTest, !Rooms.talking.contains(file.room), !file.path.hasPrefix("Sources/Programs/") else {
            return []
        }
        // `port.print(` is no output, nor is a function or an event of that name.
        let isOwn = file.functions.contains { $0.name == "print" } || !file.places(of: "case print(").isEmpty
        return ((isOwn ? [] : ["print("]) + ["debugPrint(", "dump("]).flatMap { word in
            file.places(of: word).filter { $0 == 0 || file.code[$0 - 1] != UInt8(ascii: ".") }.map {
                Violation(
                    path: file.path, line: file.line(at: $0),
                    message: "no \(word)) outside the command line: log, or return the text")
            }
        }
    }

    /// What a forger would like to find out byte by byte.
    private static let secretWords = ["authenticationCode", "csrf", "secretHash", "passwordKey"]
    private static let comparisons = [" == ", " != ", "elementsEqual(", ".starts(with", "hasPrefix(", "hasSuffix("]

    /// A comparison that ends at the first difference, or looks at a part only. A line that begins with an operator belongs
    /// to the one before it.
    private static func secrets(_ file: SourceFile) -> [Violation] {
        guard !file.isTest else { return [] }
        var statements: [(line: Int, text: String)] = []
        let lines = String(decoding: file.code, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let text = line.drop { $0 == " " }
            if let last = statements.indices.last, ["==", "!=", "."].contains(where: text.hasPrefix) {
                statements[last].text += " " + text
            } else {
                statements.append((index + 1, String(text)))
            }
        }
        return statements.filter { statement in
            secretWords.contains(where: statement.text.contains) && comparisons.contains(where: statement.text.contains)
        }.map {
            Violation(
                path: file.path, line: $0.line,
                message:
                    "codes and tokens are compared whole, with isEqualInConstantTime: == and prefixes tell where they differ"
            )
        }
    }

    private static let sqlOpenings = [
        "SELECT ", "INSERT ", "UPDATE ", "DELETE FROM", "CREATE TABLE", "CREATE INDEX", "CREATE UNIQUE", "CREATE VIEW",
        "CREATE TRIGGER", "ALTER TABLE", "DROP TABLE", "DROP INDEX", "PRAGMA ", "BEGIN IMMEDIATE", "VACUUM",
        "WITH RECURSIVE",
    ]

    private static func sql(_ file: SourceFile) -> [Violation] {
        guard !file.isTest, !Rooms.stores.contains(file.room) else { return [] }
        return file.literals.filter { literal in
            let text = literal.text.drop { $0 == " " || $0 == "\n" }
            return sqlOpenings.contains { text.hasPrefix($0) }
        }.map {
            Violation(path: file.path, line: $0.line, message: "\(file.room) must not hold SQL: only the stores do")
        }
    }
}
