// One post of the wishes' page on the phone, with everything that can be wrong in it said at once.

public import JobFair

/// What is wrong in a post of wishes; each has its sentence on the page.
public enum WishesProblem: String, Hashable, Sendable, CaseIterable {
    case nothingChosen
    case tooManyOccupations
    case payInvalid
    case tooManyPlaces
    case placeInvalid
    case tooManySkills
    case skillInvalid
    /// Digits enough for a telephone or a document stand in a text.
    case numberInText
    case digitsMissing
    case digitsInvalid
    /// The page is not one of ours.
    case unreadable
}

/// All problems of a post.
public struct WishesProblems: Error, Hashable, Sendable {
    public var list: [WishesProblem]

    public init(_ list: [WishesProblem]) { self.list = list }
}

/// A post that can be carried out, once its digits turn out right.
public struct WishesSubmission: Hashable, Sendable {
    /// Texts as the rules of registration take them; empty where they are taken back.
    public var wishes: Wishes
    /// Four characters; see `IntentDigits`.
    public var digits: String
    /// What was stated before is taken back.
    public var isTakenBack: Bool

    /// Digits in a row that are a telephone's or a document's, and no pay or year.
    private static let numberDigits = 7

    public static func read(_ fields: IntentFields) -> Result<WishesSubmission, WishesProblems> {
        var problems: [WishesProblem] = []
        let isTakenBack = fields.first("clear") != nil
        var wishes = Wishes()
        if !isTakenBack {
            guard let read = Self.wishes(fields, &problems) else { return .failure(WishesProblems([.unreadable])) }
            wishes = read
            if problems.isEmpty, wishes.isEmpty { problems.append(.nothingChosen) }
        }
        let digits = fields.first("digits").map(IntentDigits.read)
        switch digits {
        case nil: problems.append(.digitsMissing)
        case .some(nil): problems.append(.digitsInvalid)
        default: break
        }
        guard problems.isEmpty, let digits = digits ?? nil else { return .failure(WishesProblems(problems)) }
        return .success(WishesSubmission(wishes: wishes, digits: digits, isTakenBack: isTakenBack))
    }

    /// Nil: a value that no page of ours offers.
    private static func wishes(_ fields: IntentFields, _ problems: inout [WishesProblem]) -> Wishes? {
        let occupations = fields.all("occupation").compactMap { Occupation(rawValue: $0) }
        let forms = fields.all("form").compactMap { WorkForm(rawValue: $0) }
        guard occupations.count == fields.all("occupation").count, forms.count == fields.all("form").count,
            let nights = Self.nightShifts(fields.first("night") ?? "")
        else { return nil }
        let places = texts(fields, "place", "places", parts: "、，,；;。/ \u{3000}\n\t")
        let skills = texts(fields, "skill", "skills", parts: "、，,；;。/\n\t")
        if (places + skills).contains(where: hasNumber) { problems.append(.numberInText) }
        var pay: Int?
        if let text = fields.first("pay") {
            let digits = PlainText.number(text)
            pay = digits.allSatisfy(PlainText.isDigit) ? Int(PlainText.string(digits)) ?? -1 : -1
        }
        let wishes = Wishes(
            occupations: Occupation.allCases.filter(occupations.contains).map(\.rawValue), lowestPayYuanMonth: pay,
            places: places, workForms: forms, board: fields.first("board") != nil, nightShifts: nights, skills: skills,
            travel: fields.first("travel") != nil)
        switch RegistrationRules.check(wishes) {
        case .success(let checked): return checked
        case .failure(let found):
            problems += found.problems.map { problem(in: $0.field, of: wishes) }
            return wishes
        }
    }

    private static func problem(in field: String, of wishes: Wishes) -> WishesProblem {
        func isTooMany(_ texts: [String]) -> Bool { texts.count > RegistrationRules.wishesMax }
        switch field {
        case "wishes.occupations": return .tooManyOccupations
        case "wishes.places": return isTooMany(wishes.places) ? .tooManyPlaces : .placeInvalid
        case "wishes.skills": return isTooMany(wishes.skills) ? .tooManySkills : .skillInvalid
        default: return .payInvalid
        }
    }

    private static func nightShifts(_ text: String) -> Bool?? {
        switch text {
        case "": .some(nil)
        case "yes": .some(true)
        case "no": .some(false)
        default: nil
        }
    }

    /// Ticked ones, and those that were typed into one field with marks between them; each once.
    private static func texts(
        _ fields: IntentFields, _ ticked: String, _ typed: String, parts marks: String
    ) -> [String] {
        let words = (fields.first(typed) ?? "").split(whereSeparator: marks.contains).map(String.init)
        var seen: Set<String> = []
        return (fields.all(ticked) + words).filter { !PlainText.isBlank($0) && seen.insert($0).inserted }
    }

    private static func hasNumber(_ text: String) -> Bool {
        var run = 0
        for scalar in PlainText.number(text) {
            run = PlainText.isDigit(scalar) ? run + 1 : 0
            if run >= numberDigits { return true }
        }
        return false
    }
}
