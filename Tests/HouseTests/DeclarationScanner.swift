// Finds imports, type names and the lengths of functions in code that has neither comments nor strings.

struct DeclarationScanner {
    private struct Token { var text: String, line: Int }

    private var tokens: [Token] = []
    private(set) var types: [SourceFile.Declaration] = []
    private(set) var functions: [SourceFile.Function] = []
    private(set) var imports: [SourceFile.Import] = []

    init(code: [UInt8]) {
        var line = 1
        var index = 0
        while index < code.count {
            let byte = code[index]
            if byte == UInt8(ascii: "\n") { line += 1 }
            guard byte.isWord else {
                if byte > UInt8(ascii: " ") {
                    tokens.append(Token(text: String(UnicodeScalar(byte)), line: line))
                }
                index += 1
                continue
            }
            var end = index
            while end < code.count, code[end].isWord { end += 1 }
            tokens.append(Token(text: String(decoding: code[index..<end], as: UTF8.self), line: line))
            index = end
        }
    }

    mutating func run() {
        for index in tokens.indices where index == 0 || tokens[index - 1].text != "." {
            switch tokens[index].text {
            case "import": addImport(at: index)
            case "struct", "class", "enum", "actor", "protocol", "typealias", "associatedtype": addType(at: index)
            case "func", "init", "deinit", "subscript": addFunction(at: index)
            default: break
            }
        }
    }

    private static let importKinds: Set = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
    private static let declarations: Set = [
        "func", "var", "let", "init", "deinit", "subscript", "case", "struct", "class", "enum", "extension",
        "typealias",
        "associatedtype",
    ]

    private func text(_ index: Int) -> String { index < tokens.count ? tokens[index].text : "" }

    private mutating func addImport(at index: Int) {
        let module = Self.importKinds.contains(text(index + 1)) ? text(index + 2) : text(index + 1)
        imports.append(SourceFile.Import(line: tokens[index].line, module: module))
    }

    private mutating func addType(at index: Int) {
        let name = text(index + 1)
        guard let first = name.first, first.isLetter, !Self.declarations.contains(name) else { return }
        types.append(SourceFile.Declaration(line: tokens[index].line, name: name))
    }

    /// Counts from the line of `func` to that of its closing brace. A requirement of a protocol has no body.
    private mutating func addFunction(at start: Int) {
        var depth = 0
        var index = start + 1
        while index < tokens.count {
            let text = tokens[index].text
            if text == "(" || text == "[" { depth += 1 }
            if text == ")" || text == "]" { depth -= 1 }
            if depth == 0 {
                if text == "{" { break }
                if text == "}" || (index > start + 1 && Self.declarations.contains(text)) { return }
            }
            index += 1
        }
        var braces = 0
        while index < tokens.count {
            if tokens[index].text == "{" { braces += 1 }
            if tokens[index].text == "}" { braces -= 1 }
            if braces == 0 { break }
            index += 1
        }
        guard index < tokens.count else { return }
        let name = tokens[start].text == "func" ? text(start + 1) : tokens[start].text
        functions.append(
            SourceFile.Function(
                line: tokens[start].line, name: name, lineCount: tokens[index].line - tokens[start].line + 1))
    }
}
