// A field's text made plain for matching, with the way back to its characters, and the tree of words it is matched with.

/// Half width, upper case, without spaces and invisible characters: `限 男` and `限男` read the same.
struct LintText {
    private(set) var scalars: [Unicode.Scalar] = []
    /// Of each scalar: its character in the text.
    private var characters: [Int] = []
    /// Of each scalar: blank space stood before it.
    private var blankBefore: [Bool] = []

    init(_ text: String) {
        scalars.reserveCapacity(text.utf8.count / 2)
        var isAfterBlank = false
        for (offset, character) in text.enumerated() {
            for scalar in character.unicodeScalars {
                if Self.isOrdinary(scalar) {
                    append(Self.plain(scalar), at: offset, isAfterBlank: isAfterBlank)
                } else if scalar == "\n" || scalar == "\r" || scalar.value == 0x2028 {
                    append("\n", at: offset, isAfterBlank: isAfterBlank)
                } else if PlainText.isSpace(scalar) {
                    isAfterBlank = true
                    continue
                } else if PlainText.isInvisible(scalar) {
                    continue
                } else {
                    append(Self.plain(scalar), at: offset, isAfterBlank: isAfterBlank)
                }
                isAfterBlank = false
            }
        }
    }

    private mutating func append(_ scalar: Unicode.Scalar, at offset: Int, isAfterBlank: Bool) {
        scalars.append(scalar)
        characters.append(offset)
        blankBefore.append(isAfterBlank)
    }

    /// Printable ASCII and the usual Han characters: nearly everything, spared the look into the Unicode tables.
    private static func isOrdinary(_ scalar: Unicode.Scalar) -> Bool {
        (0x21...0x7E).contains(scalar.value) || (0x4E00...0x9FFF).contains(scalar.value)
    }

    private static func plain(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if (0x4E00...0x9FFF).contains(scalar.value) { return scalar }
        let half = PlainText.halfWidth(scalar)
        if PlainText.isHyphen(half) { return "-" }
        guard ("a"..."z").contains(half) else { return half }
        return Unicode.Scalar(half.value - 0x20) ?? half
    }

    /// Characters of the text that the scalars came from.
    func characterRange(_ range: Range<Int>) -> Range<Int> {
        guard let last = range.last else { return 0..<0 }
        return characters[range.lowerBound]..<(characters[last] + 1)
    }

    subscript(index: Int) -> Unicode.Scalar? {
        index >= 0 && index < scalars.count ? scalars[index] : nil
    }

    func hasBlank(before index: Int) -> Bool { blankBefore[index] }

    /// Blank space stands between two scalars of the range.
    func hasBlank(inside range: Range<Int>) -> Bool { blankBefore[range].dropFirst().contains(true) }

    /// Nothing of the same phrase stands before `index`.
    func startsPhrase(_ index: Int) -> Bool {
        guard index > 0 else { return true }
        return blankBefore[index] || Self.phraseMarks.contains(scalars[index - 1])
    }

    /// Only the number of a list stands before `index`: `1男性`.
    func startsItem(_ index: Int) -> Bool {
        var start = index
        while let digit = self[start - 1], PlainText.isDigit(digit) { start -= 1 }
        return start < index && startsPhrase(start)
    }

    /// Nothing of the same phrase stands at `index`.
    func endsPhrase(_ index: Int) -> Bool {
        guard index < scalars.count else { return true }
        return blankBefore[index] || Self.phraseMarks.contains(scalars[index])
    }

    func isClauseBreak(_ index: Int) -> Bool { Self.clauseMarks.contains(scalars[index]) }

    /// Letters stand on both sides: HIV in HIVE.
    func isInsideLatinWord(_ index: Int) -> Bool {
        guard let before = self[index - 1], let after = self[index] else { return false }
        return PlainText.isLetter(before) && PlainText.isLetter(after)
    }

    /// The words at `index`, exactly.
    func has(_ word: String, at index: Int) -> Bool {
        guard index >= 0 else { return false }
        var next = index
        for scalar in word.unicodeScalars {
            guard next < scalars.count, scalars[next] == scalar else { return false }
            next += 1
        }
        return true
    }

    /// `、` lists things within a clause and breaks none.
    private static let clauseMarks: Set<Unicode.Scalar> = [",", "。", ";", "!", "?", "\n", "|", "◇", "★", "●", "◆"]
    private static let phraseMarks = clauseMarks.union([
        ":", "﹕", "(", ")", "[", "]", "【", "】", "、", ".", "-", "/", "~", "+", "·", "\u{201C}", "\u{201D}", "《", "》",
        "#", "*",
    ])
}

/// All words of the lint in one tree: the longest word at a place wins, in one walk.
struct WordTree<Term: Sendable>: Sendable {
    private struct Node: Sendable {
        var next: [Unicode.Scalar: Int] = [:]
        var term: Term?
    }

    private var nodes = [Node()]

    mutating func insert(_ word: some StringProtocol, _ term: Term) {
        var node = 0
        for scalar in word.unicodeScalars {
            if let next = nodes[node].next[scalar] {
                node = next
            } else {
                nodes.append(Node())
                nodes[node].next[scalar] = nodes.count - 1
                node = nodes.count - 1
            }
        }
        nodes[node].term = term
    }

    /// `isAllowed` may refuse a word that ends at the index it is given: the next shorter one is taken.
    func longest(
        in scalars: [Unicode.Scalar], at start: Int, isAllowed: (Term, Int) -> Bool
    ) -> (term: Term, end: Int)? {
        var found: (term: Term, end: Int)?
        var (node, index) = (0, start)
        while index < scalars.count, let next = nodes[node].next[scalars[index]] {
            node = next
            index += 1
            if let term = nodes[node].term, isAllowed(term, index) { found = (term, index) }
        }
        return found
    }
}
