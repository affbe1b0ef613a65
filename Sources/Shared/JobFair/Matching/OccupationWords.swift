// The words of the thirty tiles, as seekers and employers say them, and what a title therefore is.

/// What stands on a tile, what people call the work, and which tiles are next to it.
public struct OccupationWords: Hashable, Sendable {
    /// On the tile: at most six characters.
    public var label: String
    /// Who does the work, for a sentence such as `是您要的缝纫工`.
    public var worker: String
    /// What people say and employers write; in the form `SearchText.normal` gives.
    public var words: [String]
    /// Tiles whose work comes close; always mutual.
    public var siblings: [Occupation]

    /// Words such as 操作工 name the work only where no other word in the title does: a CNC操作工 stands at a machine.
    static let weakWords: Set<String> = [
        "操作工", "操作员", "作业员", "工人", "员工", "一线", "生产工", "生产员", "手工", "加工工", "日结", "日结工", "零工", "临时工", "短工",
        "小时工", "散工", "兼职", "日工", "计时工", "临工", "零活", "值班员",
    ]
    /// `缝纫车间普工` is no seamstress: a word followed by a place says where, not what.
    private static let placesOfWork = [
        "车间", "厂", "公司", "部", "店", "食堂", "行业", "项目", "班组", "生产线", "产线", "中心",
    ]

    /// The tile a title belongs to; nil where no word of any tile is in it, or nothing but brackets.
    ///
    /// What stands in brackets counts only when nothing stands outside. Of several words the one that ends last wins,
    /// because Chinese says the work last (`设备维修学徒`); of those the longest.
    public static func classify(title: String) -> Occupation? {
        let scalars = Array(SearchText.normal(title).unicodeScalars)
        return best(in: outsideBrackets(scalars)) ?? best(in: scalars)
    }

    /// Tiles for which `word` is a word or part of one. Only words of two characters and more: 工 is in most of them.
    public static func occupations(named word: String) -> Set<Occupation> {
        let normal = SearchText.normal(word)
        guard normal.unicodeScalars.count >= 2 else { return [] }
        var found = Set(
            Occupation.allCases.filter { occupation in
                let words = Self[occupation]
                return ([words.label, words.worker] + words.words).contains { SearchText.normal($0).contains(normal) }
            })
        if let named = classify(title: normal) { found.insert(named) }
        return found
    }

    /// Nil: `wish` names no tile and no word of one.
    static func occupation(ofWish wish: String) -> Occupation? {
        Occupation(rawValue: wish) ?? classify(title: wish)
    }
}

// MARK: - Looking for words

extension OccupationWords {
    private struct Entry {
        var word: [Unicode.Scalar]
        var occupation: Occupation
        var isWeak: Bool
        var bit: UInt32

        func ends(_ title: [Unicode.Scalar], at end: Int) -> Bool {
            word.count <= end + 1 && title[(end + 1 - word.count)...end].elementsEqual(word)
        }
    }

    /// Every word by its last character: a title has few characters, the table many words.
    private static let byLast: [Unicode.Scalar: [Entry]] = {
        var table: [Unicode.Scalar: [Entry]] = [:]
        for occupation in Occupation.allCases {
            for word in Self[occupation].words {
                guard let last = word.unicodeScalars.last else { continue }
                table[last, default: []].append(
                    Entry(
                        word: Array(word.unicodeScalars), occupation: occupation, isWeak: weakWords.contains(word),
                        bit: bit(of: occupation)))
            }
        }
        return table
    }()

    private static let places = placesOfWork.map { Array($0.unicodeScalars) }

    /// Every tile of which a word stands anywhere in the title, one bit each, in the tiles' order. Weak words are left
    /// out, and words that are only the end of a longer one: 护工 in 绿化养护工.
    static func mentioned(in normalTitle: String) -> UInt32 {
        let title = Array(normalTitle.unicodeScalars)
        var mask: UInt32 = 0
        for end in title.indices {
            let here = byLast[title[end]]?.filter { $0.ends(title, at: end) } ?? []
            if let found = longest(here), !found.isWeak { mask |= found.bit }
        }
        return mask
    }

    static func areSiblings(_ one: Occupation, _ other: Occupation) -> Bool {
        siblingBits[one, default: 0] & bit(of: other) != 0
    }

    private static let siblingBits = Dictionary(
        uniqueKeysWithValues: Occupation.allCases.map { occupation in
            (occupation, Self[occupation].siblings.reduce(0) { $0 | bit(of: $1) })
        })

    static func bit(of occupation: Occupation) -> UInt32 { bits[occupation] ?? 0 }

    private static let bits = Dictionary(
        uniqueKeysWithValues: Occupation.allCases.enumerated().map { ($1, UInt32(1) << UInt32($0)) })

    private static func best(in title: [Unicode.Scalar]) -> Occupation? {
        var weak: (occupation: Occupation, length: Int)?
        for end in title.indices.reversed() {
            let here = byLast[title[end]]?.filter { $0.ends(title, at: end) }
            guard let here, !here.isEmpty, !isPlace(title[(end + 1)...]) else { continue }
            if let strong = longest(here.filter { !$0.isWeak }) { return strong.occupation }
            if weak == nil, let found = longest(here) { weak = (found.occupation, found.word.count) }
        }
        return weak?.occupation
    }

    private static func longest(_ entries: [Entry]) -> Entry? {
        entries.max { $0.word.count < $1.word.count }
    }

    private static func isPlace(_ rest: ArraySlice<Unicode.Scalar>) -> Bool {
        places.contains { rest.starts(with: $0) }
    }

    private static func outsideBrackets(_ title: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var depth = 0
        return title.filter { scalar in
            switch scalar {
            case "(", "[", "【", "〔", "《": depth += 1
            case ")", "]", "】", "〕", "》":
                depth = max(0, depth - 1)
                return false
            default: break
            }
            return depth == 0
        }
    }
}
