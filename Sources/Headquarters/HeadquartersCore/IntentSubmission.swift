// One post of the job-intent form, with everything that can be wrong in it said at once.

public import JobFair

/// What is wrong in a post; each has its sentence on the page.
public enum IntentProblem: String, Hashable, Sendable, CaseIterable {
    case noVacancyChosen
    case tooManyVacancies
    case digitsMissing
    case digitsInvalid
    case nameMissing
    case nameInvalid
    /// The page is not one of ours: a cut or foreign body.
    case unreadable
}

/// A post that can be carried out, once its digits turn out right.
public struct IntentSubmission: Hashable, Sendable {
    /// Hexadecimal digits of the post id, made with the page.
    public static let postIDLength = 32

    /// Without repeats, in the order of the page; 1 to `FormLimits.vacanciesMax`.
    public var vacancies: [VacancyID]
    /// Chosen, but name and phone are not to be passed on.
    public var withheld: Set<VacancyID>
    /// Four characters; see `IntentDigits`.
    public var digits: String
    /// Nil where it was not asked for.
    public var name: PersonName?
    /// Made with the page; the same post again gets the same answer. Nil where it is missing or not ours.
    public var postID: String?

    /// Reads a post. `readName` is the rule for names; it is asked only where `isNameOpen`.
    public static func read(
        _ fields: IntentFields, isNameOpen: Bool, readName: (String) -> PersonName?
    ) -> Result<IntentSubmission, IntentProblems> {
        var problems: [IntentProblem] = []
        var vacancies: [VacancyID] = []
        for text in fields.all("vacancy") {
            guard let id = VacancyID(text) else { return .failure(IntentProblems([.unreadable])) }
            if !vacancies.contains(id) { vacancies.append(id) }
        }
        if vacancies.isEmpty { problems.append(.noVacancyChosen) }
        if vacancies.count > FormLimits.vacanciesMax { problems.append(.tooManyVacancies) }
        let digits = fields.first("digits").map(IntentDigits.read)
        switch digits {
        case nil: problems.append(.digitsMissing)
        case .some(nil): problems.append(.digitsInvalid)
        default: break
        }
        var name: PersonName?
        if isNameOpen {
            name = fields.first("name").flatMap(readName)
            if name == nil { problems.append(fields.first("name") == nil ? .nameMissing : .nameInvalid) }
        }
        guard problems.isEmpty, let digits = digits ?? nil else { return .failure(IntentProblems(problems)) }
        let withheld = Set(fields.all("withhold").compactMap { VacancyID($0) }).intersection(vacancies)
        return .success(
            IntentSubmission(
                vacancies: vacancies, withheld: withheld, digits: digits, name: name, postID: postID(of: fields)))
    }

    public static func postID(of fields: IntentFields) -> String? {
        fields.first("post").flatMap { text in
            text.utf8.count == postIDLength && text.allSatisfy { $0.isASCII && $0.isHexDigit } ? text : nil
        }
    }
}

/// All problems of a post.
public struct IntentProblems: Error, Hashable, Sendable {
    public var list: [IntentProblem]

    public init(_ list: [IntentProblem]) { self.list = list }
}
