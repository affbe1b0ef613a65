// Text as it is compared: half width, small letters, no spaces; and the plain look for one string in another.

enum SearchText {
    /// Nothing longer is looked for, in characters: no title is.
    static let wordCharactersMax = 30
    /// Words of one question; what comes after them is left out.
    static let wordsMax = 8

    /// Half width, lower case, without spaces and invisible characters; brackets and dots in one form.
    static func normal(_ text: String) -> String {
        PlainText.string(
            text.unicodeScalars.compactMap { scalar in
                if PlainText.isSpace(scalar) || PlainText.isInvisible(scalar) { return nil }
                let half = PlainText.halfWidth(scalar)
                guard ("A"..."Z").contains(half) else { return half }
                return Unicode.Scalar(half.value + 0x20) ?? half
            })
    }

    /// What somebody typed, to be shown to them again: half width, without spaces at the ends.
    static func shown(_ typed: String) -> String {
        let scalars = typed.unicodeScalars.map(PlainText.halfWidth).drop(while: PlainText.isSpace)
        return PlainText.string(scalars.reversed().drop(while: PlainText.isSpace).reversed())
    }

    /// What somebody typed, cut at spaces, commas and the like: each part is a word that must be found.
    static func words(_ typed: String) -> [[UInt8]] {
        typed.unicodeScalars.split { PlainText.isSpace($0) || separators.contains($0) }
            .prefix(wordsMax)
            .map { Array(normal(PlainText.string($0.prefix(wordCharactersMax))).utf8) }
            .filter { !$0.isEmpty }
    }

    private static let separators: Set<Unicode.Scalar> = [",", "，", "、", ";", "；", "+", "＋", "|"]

    /// Whether `word` stands in that part of `text`. UTF-8 is self-synchronising: what is found in the bytes is found in
    /// the characters.
    static func contains(_ text: [UInt8], in range: Range<Int>, _ word: [UInt8]) -> Bool {
        guard let first = word.first else { return true }
        let (text, word) = (text.span, word.span)
        var start = range.lowerBound
        while start + word.count <= range.upperBound {
            if text[start] == first {
                var length = 1
                while length < word.count, text[start + length] == word[length] { length += 1 }
                if length == word.count { return true }
            }
            start += 1
        }
        return false
    }
}
