// Searches that need more than a word: forced unwraps, unstructured tasks, words with a beginning.

extension SourceFile {
    /// Lines with `value!`, also `Type!`; neither `!=` nor `!flag`.
    var forcedUnwraps: [Int] {
        code.indices.filter { index in
            guard code[index] == UInt8(ascii: "!"), index > 0 else { return false }
            let (before, after) = (code[index - 1], index + 1 < code.count ? code[index + 1] : 0)
            guard before.isWord || before == UInt8(ascii: ")") || before == UInt8(ascii: "]"),
                after != UInt8(ascii: "=")
            else { return false }
            let word = String(decoding: code[..<index].reversed().prefix { $0.isWord }.reversed(), as: UTF8.self)
            return word != "try" && word != "as"
        }.map(line(at:))
    }

    /// Lines with `Task {`, `Task(`, `Task<...> {`, `Task.detached`, `Task.immediate`.
    var unstructuredTasks: [Int] {
        places(of: "Task").filter { place in
            var rest = code[(place + 4)...].drop { $0 == UInt8(ascii: " ") }
            if rest.first == UInt8(ascii: ".") {
                let word = String(decoding: rest.dropFirst().prefix { $0.isWord }, as: UTF8.self)
                return word.hasPrefix("detached") || word.hasPrefix("immediate")
            }
            if rest.first == UInt8(ascii: "<") {
                rest = rest.drop { $0 != UInt8(ascii: ">") }.dropFirst().drop { $0 == UInt8(ascii: " ") }
            }
            return rest.first == UInt8(ascii: "{") || rest.first == UInt8(ascii: "(")
        }.map(line(at:))
    }

    /// `Wire` finds `WirePlace`, not `Wired` and not `hardWire`.
    func words(startingWith prefix: String) -> [Declaration] {
        let wanted = Array(prefix.utf8)
        var found: [Declaration] = []
        var index = 0
        while index < code.count {
            guard code[index].isWord else {
                index += 1
                continue
            }
            let word = code[index...].prefix { $0.isWord }
            if word.starts(with: wanted), let next = word.dropFirst(wanted.count).first,
                (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(next)
            {
                found.append(Declaration(line: line(at: index), name: String(decoding: word, as: UTF8.self)))
            }
            index = word.endIndex
        }
        return found
    }
}
