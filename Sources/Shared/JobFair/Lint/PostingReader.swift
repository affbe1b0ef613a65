// The little grammar of the lint: which words of a clause belong together, and whether they make a finding.

/// Scalars of a `LintText` that make a finding.
struct PostingMark {
    var kind: PostingFinding.Kind
    var range: Range<Int>
}

/// Reads one field. Words act only within their clause; distances are counted in scalars.
struct PostingReader {
    private struct Word {
        var term: PostingTerm
        var range: Range<Int>
        var clause: Int
    }

    private let text: LintText
    private let title: String
    private var words: [Word] = []

    init(_ text: LintText, title: String) {
        self.text = text
        self.title = title
        var (index, clause) = (0, 0)
        while index < text.scalars.count {
            if let (term, end) = Self.word(in: text, at: index) {
                words.append(Word(term: term, range: index..<end, clause: clause))
                index = end
            } else {
                if text.isClauseBreak(index) { clause += 1 }
                index += 1
            }
        }
    }

    private static func word(in text: LintText, at index: Int) -> (term: PostingTerm, end: Int)? {
        PostingWords.tree.longest(in: text.scalars, at: index) { term, end in
            if text.isInsideLatinWord(index) || text.isInsideLatinWord(end) { return false }
            // `限女 宿舍免费` is not about a 女宿舍: only trouble may be spaced out.
            if case .harmless = term { return !text.hasBlank(inside: index..<end) }
            return true
        }
    }

    func marks() -> [PostingMark] {
        words.indices.compactMap { index in
            kind(of: index).map { PostingMark(kind: $0, range: words[index].range) }
        }
    }

    private func kind(of index: Int) -> PostingFinding.Kind? {
        switch words[index].term {
        case .finding(let kind): return isWelcome(index, kind) ? nil : kind
        case .people(let people): return kind(of: people, at: index)
        case .trait(let trait): return kind(of: trait, at: index)
        case .fee: return isDemanded(index) ? .moneyAsked : nil
        case .possibleFee:
            let isPaid = hasInClause(index, \.isPayment) || namesSum(after: index)
            return isPaid && isDemanded(index) ? .moneyAsked : nil
        case .otherFee: return hasInClause(index, \.isSeekersPayment) && isDemanded(index) ? .moneyAsked : nil
        case .document: return isWithheld(index) ? .documentsWithheld : nil
        case .fraud: return isDenied(index) ? nil : .fraud
        case .lure: return isDenied(index) ? nil : .lure
        case .childLabour: return isDenied(index) || isExcluded(index) ? nil : .under16
        default: return nil
        }
    }
}

// MARK: - People

extension PostingReader {
    private func kind(of people: PostingTerm.People, at index: Int) -> PostingFinding.Kind? {
        switch people {
        case .male, .female:
            if isWelcome(index, .sex) { return nil }
            let isSought =
                isAfter(index, \.isLimit, within: 1) || isAfter(index, \.isSeeking, within: 1)
                || isBefore(index, \.isLimit, within: 0)
            return isSought || isPreferred(index) || isExcluded(index) || standsAlone(index) ? .sex : nil
        case .housewives: return isLimitedTo(index) || isPreferred(index) || isExcluded(index) ? .sex : nil
        case .minority: return isLimitedTo(index) || isExcluded(index) ? .ethnicity : nil
        case .han: return isWelcome(index, .ethnicity) ? nil : .ethnicity
        case .believers:
            return isLimitedTo(index) || isPreferred(index) || isExcluded(index) || isLacked(index) ? .religion : nil
        case .natives:
            if isWelcome(index, .origin) { return nil }
            let isSought = isLimitedTo(index) || isAfter(index, \.isSeeking, within: 1)
            return isSought || isPreferred(index) || isExcluded(index) || standsAlone(index) ? .origin : nil
        case .province:
            let isShutOut = isBefore(index, \.isExclusion, within: 2) || isAfter(index, \.isExclusion, within: 3)
            return isShutOut ? .origin : nil
        case .household:
            if isWelcome(index, .origin) { return nil }
            return isAfter(index, \.isLimit, within: 6) || isPreferred(index) || isExcluded(index) ? .origin : nil
        case .disabled: return isExcluded(index) || isLacked(index) ? .health : nil
        case .mothers: return isExcluded(index) || isLacked(index) ? .marriageOrChildren : nil
        case .family:
            return isWelcome(index, .marriageOrChildren) || hasInClause(index, \.isCustomer) ? nil : .marriageOrChildren
        }
    }

    private func kind(of trait: PostingTerm.Trait, at index: Int) -> PostingFinding.Kind? {
        guard isLacked(index) || isExcluded(index) else { return nil }
        // Rules of the road and of dangerous trades ask for colour sight; those of food, children, hair and care for
        // freedom from infections.
        let lawful: [String]
        switch trait {
        case .tattoo: return .appearance
        case .colourBlindness: lawful = ["司机", "驾驶", "电工", "叉车", "吊车", "起重", "铲车", "挖掘机", "船员"]
        case .infection: lawful = ["厨", "食", "餐", "面点", "保育", "幼", "育婴", "育儿", "月嫂", "护", "医", "理发", "饮水"]
        case .illness: lawful = []
        }
        return lawful.contains { title.contains($0) } ? nil : .healthQuestion
    }

    /// 男女均可, 户口不限, 不限户籍.
    private func isWelcome(_ index: Int, _ kind: PostingFinding.Kind) -> Bool {
        if isBefore(index, \.isAcceptance, within: 2) || isAfter(index, \.isDisregard, within: 1) { return true }
        guard kind == .sex, hasInClause(index, \.isAcceptance) else { return false }
        return hasInClause(index, \.isMale) && hasInClause(index, \.isFemale)
    }

    private func isLimitedTo(_ index: Int) -> Bool { isAfter(index, \.isLimit, within: 2) }
    private func isPreferred(_ index: Int) -> Bool { isBefore(index, \.isPreference, within: 3) }

    /// `少数民族勿扰`, `不招新疆、西藏籍`.
    private func isExcluded(_ index: Int) -> Bool {
        isBefore(index, \.isExclusion, within: 4) || isAfter(index, \.isExclusion, within: 3)
    }

    private func isLacked(_ index: Int) -> Bool {
        isAfter(index, \.isLack, within: 3) || isAfter(index, \.isExclusion, within: 3)
    }

    /// `男18-40岁`, `男5名`; `男170cm` tells a height.
    private func namesAgeOrCount(at index: Int) -> Bool {
        let digits = text.scalars[index...].prefix(while: PlainText.isDigit)
        return (1...2).contains(digits.count) && text[digits.endIndex] != "."
    }

    /// `男，50岁以下`, `（女）`, `男5名`, `45岁以下男性`.
    private func standsAlone(_ index: Int) -> Bool {
        let range = words[index].range
        let isStart =
            text.startsPhrase(range.lowerBound) || text.startsItem(range.lowerBound)
            || ["以下", "以内", "以上", "左右", "岁", "名", "人", "位", "的", "内"].contains {
                text.has($0, at: range.lowerBound - $0.unicodeScalars.count)
            }
        let isEnd =
            text.endsPhrase(range.upperBound) || namesAgeOrCount(at: range.upperBound)
            || ["各", "一名", "两名", "若干", "数名", "年龄"].contains { text.has($0, at: range.upperBound) }
        return isStart && isEnd
    }
}

// MARK: - Money, papers, fraud

extension PostingReader {
    /// Neither denied, nor waived, nor a customer's, nor a duty of the work.
    private func isDemanded(_ index: Int) -> Bool {
        if isRefusedWithoutIt(index) { return true }
        if isDenied(index) || hasInClause(index, \.isWaiver) || hasInClause(index, \.isCustomer) { return false }
        return !hasInClause(index, \.isDuty) || hasInClause(index, \.isSeekersPayment)
    }

    /// `不交押金不安排上岗`.
    private func isRefusedWithoutIt(_ index: Int) -> Bool {
        guard isAfter(index, \.isRefusalToPay, within: 4) else { return false }
        return text.scalars[words[index].range.upperBound...].prefix { $0 != "," && $0 != "。" }.contains("不")
    }

    /// `不收押金、服装费`: the denial reaches over a list.
    private func isDenied(_ index: Int) -> Bool { isAfter(index, \.isDenial, within: 6) }

    private func isWithheld(_ index: Int) -> Bool {
        guard isAfter(index, \.isWithholding, within: 8) || isBefore(index, \.isWithholding, within: 8) else {
            return false
        }
        return !isAfter(index, \.isDenial, within: 10) && !hasInClause(index, \.isDuty)
    }

    private func namesSum(after index: Int) -> Bool {
        guard let next = text[words[index].range.upperBound] else { return false }
        return PlainText.isDigit(next) || "一二三四五六七八九十两几".unicodeScalars.contains(next)
    }
}

// MARK: - Company of a word

extension PostingReader {
    private func hasInClause(_ index: Int, _ isWanted: (PostingTerm) -> Bool) -> Bool {
        let clause = words[index].clause
        for word in words[max(0, index - Self.companyMax)..<index].reversed() {
            guard word.clause == clause else { break }
            if isWanted(word.term) { return true }
        }
        for word in words[(index + 1)...].prefix(Self.companyMax) {
            guard word.clause == clause else { break }
            if isWanted(word.term) { return true }
        }
        return false
    }

    /// A wanted word stands before this one, at most `distance` away; words of the same sort in a list do not count.
    private func isAfter(_ index: Int, _ isWanted: (PostingTerm) -> Bool, within distance: Int) -> Bool {
        var start = words[index].range.lowerBound
        for word in words[max(0, index - Self.companyMax)..<index].reversed() {
            guard word.clause == words[index].clause else { return false }
            let gap = start - word.range.upperBound
            if isWanted(word.term) { return gap <= distance }
            if gap <= Self.listGap, word.term.isSameSort(as: words[index].term) {
                start = word.range.lowerBound
            } else if gap > distance {
                return false
            }
        }
        return false
    }

    /// As `isAfter`, the other way.
    private func isBefore(_ index: Int, _ isWanted: (PostingTerm) -> Bool, within distance: Int) -> Bool {
        var end = words[index].range.upperBound
        for word in words[(index + 1)...].prefix(Self.companyMax) {
            guard word.clause == words[index].clause else { return false }
            let gap = word.range.lowerBound - end
            if isWanted(word.term) { return gap <= distance }
            if gap <= Self.listGap, word.term.isSameSort(as: words[index].term) {
                end = word.range.upperBound
            } else if gap > distance {
                return false
            }
        }
        return false
    }

    /// Words looked at on either side: a clause of a posting has fewer, and a cell of 30,000 characters without a comma
    /// must not take a square of them.
    private static let companyMax = 40

    /// What parts things in a list: `、`, 和, 及, 籍.
    private static let listGap = 2
}

// MARK: - Sorts of words

extension PostingTerm {
    var isLimit: Bool { if case .limits = self { true } else { false } }
    var isSeeking: Bool { if case .seeks = self { true } else { false } }
    var isPreference: Bool { if case .prefers = self { true } else { false } }
    var isExclusion: Bool { if case .excludes = self { true } else { false } }
    var isDisregard: Bool { if case .disregards = self { true } else { false } }
    var isLack: Bool { if case .lacks = self { true } else { false } }
    var isDuty: Bool { if case .duty = self { true } else { false } }
    var isCustomer: Bool { if case .customers = self { true } else { false } }
    var isWaiver: Bool { if case .waives = self { true } else { false } }
    var isWithholding: Bool { if case .withholds = self { true } else { false } }
    var isRefusalToPay: Bool { if case .refusesToPay = self { true } else { false } }
    var isSeekersPayment: Bool { if case .pays = self { true } else { false } }

    var isPayment: Bool {
        switch self {
        case .pays, .collects: true
        default: false
        }
    }

    var isAcceptance: Bool {
        switch self {
        case .accepts, .disregards: true
        default: false
        }
    }

    var isDenial: Bool {
        switch self {
        case .negates, .lacks, .excludes, .refusesToPay: true
        default: false
        }
    }

    var isMale: Bool {
        switch self {
        case .people(.male), .bothSexes: true
        default: false
        }
    }

    var isFemale: Bool {
        switch self {
        case .people(.female), .bothSexes: true
        default: false
        }
    }

    /// Things that stand together in a list.
    func isSameSort(as other: PostingTerm) -> Bool {
        switch (self, other) {
        case (.people(let one), .people(let two)): one == two || one.isOrigin && two.isOrigin
        case (.trait, .trait), (.fraud, .fraud), (.fraud, .lure), (.lure, .fraud), (.document, .document): true
        case (.fee, _), (.possibleFee, _), (.otherFee, _): other.isFee
        default: false
        }
    }

    private var isFee: Bool {
        switch self {
        case .fee, .possibleFee, .otherFee: true
        default: false
        }
    }
}

extension PostingTerm.People {
    fileprivate var isOrigin: Bool { self == .natives || self == .province || self == .household }
}
