// Tells code from comments and string literals, as far as the house rules need it.

/// Knows line and nested block comments, plain, raw and multi-line strings, and code within `\( )`. It takes regular
/// expression literals for code.
struct SourceLexer {
    private let text: [UInt8]
    private var index = 0
    private var line = 1
    private(set) var code: [UInt8] = []
    private(set) var literals: [SourceFile.Literal] = []

    init(_ text: String) {
        self.text = Array(text.utf8)
        code.reserveCapacity(self.text.count)
    }

    mutating func run() {
        while index < text.count { step() }
    }

    private mutating func step() {
        if starts(with: "//") {
            while index < text.count, text[index] != UInt8(ascii: "\n") { blank() }
        } else if starts(with: "/*") {
            blockComment()
        } else if let hashes = stringStart() {
            string(hashes: hashes)
        } else {
            keep()
        }
    }

    private mutating func blockComment() {
        var depth = 0
        repeat {
            if starts(with: "/*") {
                depth += 1
                blank(2)
            } else if starts(with: "*/") {
                depth -= 1
                blank(2)
            } else {
                blank()
            }
        } while depth > 0 && index < text.count
    }

    /// How many `#` stand before a quotation mark here; nil when no string starts.
    private func stringStart() -> Int? {
        var place = index
        while place < text.count, text[place] == UInt8(ascii: "#") { place += 1 }
        return place < text.count && text[place] == UInt8(ascii: "\"") ? place - index : nil
    }

    private mutating func string(hashes: Int) {
        let start = line
        let fence = [UInt8](repeating: UInt8(ascii: "#"), count: hashes)
        for _ in 0..<hashes { keep() }
        let isLong = starts(with: "\"\"\"")
        let quotes = [UInt8](repeating: UInt8(ascii: "\""), count: isLong ? 3 : 1)
        for _ in quotes { keep() }
        var inside: [UInt8] = []
        while index < text.count, !starts(with: quotes + fence) {
            if text[index] == UInt8(ascii: "\n"), !isLong { break }
            if starts(with: [UInt8(ascii: "\\")] + fence + [UInt8(ascii: "(")]) {
                blank(1 + hashes)
                interpolation()
            } else if starts(with: [UInt8(ascii: "\\")] + fence) {
                blank(1 + hashes)
                if index < text.count { blank() }
            } else {
                inside.append(text[index])
                blank()
            }
        }
        for _ in 0..<min(quotes.count + hashes, text.count - index) { keep() }
        literals.append(SourceFile.Literal(line: start, text: String(decoding: inside, as: UTF8.self)))
    }

    /// From `(` to its `)`: code again.
    private mutating func interpolation() {
        var depth = 0
        repeat {
            if text[index] == UInt8(ascii: "(") { depth += 1 }
            if text[index] == UInt8(ascii: ")") { depth -= 1 }
            step()
        } while depth > 0 && index < text.count
    }

    private func starts(with wanted: String) -> Bool { starts(with: Array(wanted.utf8)) }

    private func starts(with wanted: [UInt8]) -> Bool {
        guard text[index] == wanted[0], index + wanted.count <= text.count else { return false }
        return text[index..<(index + wanted.count)].elementsEqual(wanted)
    }

    private mutating func keep() {
        if text[index] == UInt8(ascii: "\n") { line += 1 }
        code.append(text[index])
        index += 1
    }

    private mutating func blank(_ count: Int = 1) {
        for _ in 0..<min(count, text.count - index) {
            let isLineFeed = text[index] == UInt8(ascii: "\n")
            if isLineFeed { line += 1 }
            code.append(isLineFeed ? text[index] : UInt8(ascii: " "))
            index += 1
        }
    }
}
