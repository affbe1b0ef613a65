// One Swift file as text: its code without comments and strings, its string literals, declarations and functions.

import Foundation

/// Read once; the rules ask it many questions.
struct SourceFile: Sendable {
    struct Literal: Sendable { var line: Int, text: String }
    struct Declaration: Sendable { var line: Int, name: String }
    struct Function: Sendable { var line: Int, name: String, lineCount: Int }
    struct Import: Sendable { var line: Int, module: String }

    /// From the top of the repository.
    let path: String
    let lines: [String]
    /// Comments and the insides of literals are blanks; every line feed is where it was.
    let code: [UInt8]
    let literals: [Literal]
    let types: [Declaration]
    let functions: [Function]
    let imports: [Import]

    var isGenerated: Bool { path.hasSuffix(".pb.swift") }
    var isTest: Bool { path.hasPrefix("Tests/") }
    /// `JobFair` of `Sources/Shared/JobFair/Fair.swift`, `HouseTests` of `Tests/HouseTests/X.swift`.
    var room: String {
        let parts = path.split(separator: "/").map(String.init)
        if isTest { return parts.count > 2 ? parts[1] : "" }
        return parts.count > 3 && parts[0] == "Sources" ? parts[2] : ""
    }

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if path.hasSuffix(".pb.swift") {
            (code, literals, types, functions, imports) = ([], [], [], [], [])
            return
        }
        var lexer = SourceLexer(text)
        lexer.run()
        code = lexer.code
        literals = lexer.literals
        var scanner = DeclarationScanner(code: code)
        scanner.run()
        types = scanner.types
        functions = scanner.functions
        imports = scanner.imports
    }

    /// Lines, counted from 1, where `needle` stands in the code as whole words.
    func lines(with needle: String, unless isAllowed: (_ next: UInt8) -> Bool = { _ in false }) -> [Int] {
        places(of: needle).filter { place in
            let end = place + needle.utf8.count
            return !isAllowed(end < code.count ? code[end] : 0)
        }.map(line(at:))
    }

    /// Offsets of `needle` as whole words.
    func places(of needle: String) -> [Int] {
        guard let head = needle.utf8.first, let tail = needle.utf8.last else { return [] }
        var found: [Int] = []
        (code + [0]).withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                guard let base = characters.baseAddress else { return }
                var start = base
                while let hit = strstr(start, needle) {
                    let place = base.distance(to: hit)
                    let end = place + needle.utf8.count
                    let isWhole = !(head.isWord && place > 0 && bytes[place - 1].isWord)
                    if isWhole, !(tail.isWord && bytes[end].isWord) { found.append(place) }
                    start = UnsafePointer(hit) + 1
                }
            }
        }
        return found
    }

    func line(at place: Int) -> Int {
        1 + code[..<place].count { $0 == UInt8(ascii: "\n") }
    }

    /// The comment right above a line, attributes between them left aside; empty when there is none.
    func commentAbove(line: Int) -> String {
        var index = line - 2
        while index >= 0, lines[index].drop(while: { $0 == " " }).hasPrefix("@") { index -= 1 }
        var comment: [String] = []
        while index >= 0, lines[index].drop(while: { $0 == " " }).hasPrefix("//") {
            comment.append(lines[index])
            index -= 1
        }
        return comment.joined(separator: "\n")
    }
}

extension UInt8 {
    /// Letters, digits, the underscore, and everything beyond ASCII.
    var isWord: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...: true
        default: false
        }
    }
}
