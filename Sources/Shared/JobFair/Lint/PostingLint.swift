// Reads a posting and says what a clerk must look at before, or after, it is shown.

/// Word lists with a little grammar: who is limited, preferred, shut out or welcome; who pays; what is denied. It finds
/// what employers usually write, not everything that can be written: clerk and complaint button remain.
public enum PostingLint {
    /// In the order of the fields and of the places in them. Linear in the length of the texts.
    public static func check(_ posting: Posting) -> [PostingFinding] {
        let fields = readable(posting)
        let adultsOnly = (fields.flatMap(\.ages).compactMap(\.lowest).max() ?? 0) >= adultAge
        return fields.flatMap { field, text, ages -> [PostingFinding] in
            let marks = PostingReader(text, title: posting[.title]).marks() + ageMarks(ages, adultsOnly: adultsOnly)
            let found =
                merged(marks, in: text).map { (kind: $0.kind, range: text.characterRange($0.range)) }
                + PhoneFinder.phones(in: text).map { (kind: .phoneInText, range: $0.range) }
            guard !found.isEmpty else { return [] }
            let characters = Array(posting[field])
            return found.map { kind, range in
                PostingFinding(kind: kind, field: field, range: range, quote: String(characters[range]))
            }
        }
    }

    /// The youngest age the posting names, in years; nil where it names none. From 18 on, the vacancy is not for minors.
    public static func lowestAge(in posting: Posting) -> Int? {
        readable(posting).flatMap(\.ages).compactMap(\.lowest).max()
    }

    private static func readable(_ posting: Posting) -> [(field: Posting.Field, text: LintText, ages: [AgeBound])] {
        Posting.Field.allCases.filter { !posting[$0].isEmpty }.map { field in
            let text = LintText(posting[field])
            return (field, text, AgeBounds.read(text, isAgeField: field == .age))
        }
    }

    /// 劳动法 58: below it, a worker is a minor.
    private static let adultAge = 18
    /// 劳动法 15: below it, a child.
    private static let workingAge = 16

    private static func ageMarks(_ ages: [AgeBound], adultsOnly: Bool) -> [PostingMark] {
        ages.flatMap { bound -> [PostingMark] in
            var kinds: [PostingFinding.Kind] = []
            if let highest = bound.highest {
                // `16岁以下` without a refusal invites children.
                kinds.append(highest <= workingAge ? .under16 : highest < adultAge ? .lowerAgeUnder18 : .ageCap)
            }
            if let lowest = bound.lowest, lowest < adultAge, !(bound.isByExclusion && adultsOnly) {
                kinds.append(lowest < workingAge ? .under16 : .lowerAgeUnder18)
            }
            return kinds.map { PostingMark(kind: $0, range: bound.range) }
        }
    }

    /// Marks of a kind that touch, or that only `、` parts, are one finding: 色盲、色弱.
    private static func merged(_ marks: [PostingMark], in text: LintText) -> [PostingMark] {
        var done: [PostingMark] = []
        for mark in marks.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            if let index = done.lastIndex(where: { $0.kind == mark.kind }),
                mark.range.lowerBound <= done[index].range.upperBound
                    || text.scalars[done[index].range.upperBound..<mark.range.lowerBound].elementsEqual(["、"])
            {
                let end = max(done[index].range.upperBound, mark.range.upperBound)
                done[index].range = done[index].range.lowerBound..<end
            } else {
                done.append(mark)
            }
        }
        return done
    }
}
