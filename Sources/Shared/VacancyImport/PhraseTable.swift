// Many words looked for in one walk over a text.

/// Words and what each means. Of words that begin at the same place the longest counts.
struct PhraseTable<Meaning: Sendable>: Sendable {
    private struct Phrase: Sendable {
        var scalars: [Unicode.Scalar]
        var meaning: Meaning
    }

    private var phrases: [Unicode.Scalar: [Phrase]] = [:]

    init(_ groups: [(words: [String], meaning: Meaning)]) {
        for (words, meaning) in groups {
            for word in words {
                let scalars = Array(word.unicodeScalars)
                if let first = scalars.first {
                    phrases[first, default: []].append(Phrase(scalars: scalars, meaning: meaning))
                }
            }
        }
        for first in phrases.keys { phrases[first]?.sort { $0.scalars.count > $1.scalars.count } }
    }

    /// From left to right, none overlapping another. `text` in the form of `CellText.key`.
    func meanings(in text: String) -> [Meaning] {
        var found: [Meaning] = []
        let scalars = Array(text.unicodeScalars)
        var index = 0
        while index < scalars.count {
            if let phrase = phrase(in: scalars, at: index) {
                found.append(phrase.meaning)
                index += phrase.scalars.count
            } else {
                index += 1
            }
        }
        return found
    }

    private func phrase(in scalars: [Unicode.Scalar], at index: Int) -> Phrase? {
        phrases[scalars[index]]?.first { phrase in
            index + phrase.scalars.count <= scalars.count
                && scalars[index..<(index + phrase.scalars.count)].elementsEqual(phrase.scalars)
        }
    }
}
