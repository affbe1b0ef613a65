// Whether a vacancy may be shown: what the lint found in its words, and what a clerk said about them.

public import JobFair

/// Where a vacancy stands with the clerks. Raw values are stored.
public enum VacancyStanding: String, Sendable, CaseIterable {
    /// The lint holds nothing against it.
    case clear
    /// The lint found words that the law forbids, or it was rejected and has changed: nobody sees it until a clerk decides.
    case held
    /// A clerk read the words and lets them pass.
    case released
    /// A clerk refused it.
    case rejected

    /// Kiosks, slips and the form may show it, once its employer is verified.
    public var isShown: Bool { self == .clear || self == .released }
}

/// A place the lint marked, without the words themselves: they may hold somebody's phone number.
public struct StoredFinding: Hashable, Sendable, Codable {
    public var kind: PostingFinding.Kind
    public var field: Posting.Field
    /// Characters of the field's text, from `lower` up to and without `upper`.
    public var lower: Int
    public var upper: Int

    public init(_ finding: PostingFinding) {
        kind = finding.kind
        field = finding.field
        lower = finding.range.lowerBound
        upper = finding.range.upperBound
    }

    /// The marked words; empty where the text is another one.
    public func words(in posting: Posting) -> String {
        let characters = Array(posting[field])
        guard lower >= 0, lower < upper, upper <= characters.count else { return "" }
        return String(characters[lower..<upper])
    }
}

/// An employer's words with what the lint says of them.
public struct LintedPosting: Hashable, Sendable {
    public let posting: Posting
    public let findings: [StoredFinding]
    private let isAdultsOnly: Bool

    /// 劳动法 58: below it, a worker is a minor.
    private static let adultAge = 18

    public init(_ posting: Posting) {
        // A field that is there and empty says as much as one that is not there, and is stored like it.
        let filled = Posting.Field.allCases.filter { !posting[$0].isEmpty }.map { ($0, posting[$0]) }
        self.posting = Posting(Dictionary(uniqueKeysWithValues: filled))
        findings = PostingLint.check(posting).map(StoredFinding.init)
        isAdultsOnly = PostingLint.lowestAge(in: posting).map { $0 >= Self.adultAge } ?? false
    }

    public var isHeld: Bool { findings.contains { $0.kind.severity == .hold } }

    /// The vacancy as it may be shown: telephone numbers within its texts are masked, and where its words name an age of 18
    /// or more it is not for minors.
    public func shown(_ vacancy: Vacancy) -> Vacancy {
        var shown = vacancy
        shown.isNotUnder18 = vacancy.isNotUnder18 || isAdultsOnly
        for field in Set(findings.filter { $0.kind == .phoneInText }.map(\.field)) {
            switch field {
            case .title: shown.title = PhoneFinder.masked(vacancy.title)
            case .requirements: shown.requirements = PhoneFinder.masked(vacancy.requirements)
            case .hours: shown.hours = PhoneFinder.masked(vacancy.hours)
            case .boardAndLodging: shown.boardAndLodging = PhoneFinder.masked(vacancy.boardAndLodging)
            case .insurance: shown.insurance = PhoneFinder.masked(vacancy.insurance)
            case .pay: shown.pay.text = PhoneFinder.masked(vacancy.pay.text)
            case .place: shown.place = PhoneFinder.masked(vacancy.place)
            case .age, .sex, .headcount, .remarks: break
            }
        }
        return shown
    }
}

/// What a clerk decided about a vacancy's words.
public struct VacancyDecision: Hashable, Sendable {
    /// Name of a login, or of the account at headquarters' terminal.
    public var by: String
    /// Milliseconds since 1970 by headquarters' clock.
    public var at: Int64
    public var reason: String

    public init(by: String, at: Int64, reason: String) {
        self.by = by
        self.at = at
        self.reason = reason
    }
}

/// A vacancy's words, what the lint found in them, and what came of it.
public struct VacancyReview: Hashable, Sendable {
    public var posting: Posting
    public var findings: [StoredFinding]
    public var standing: VacancyStanding
    /// Nil until a clerk has decided. Of a held one: why it was rejected before its words changed.
    public var decision: VacancyDecision?

    public init(
        posting: Posting, findings: [StoredFinding], standing: VacancyStanding, decision: VacancyDecision? = nil
    ) {
        self.posting = posting
        self.findings = findings
        self.standing = standing
        self.decision = decision
    }

    /// Of a vacancy nobody has looked at.
    public init(_ linted: LintedPosting) {
        self.init(posting: linted.posting, findings: linted.findings, standing: linted.isHeld ? .held : .clear)
    }

    /// After the employer wrote something else. A release holds as long as the fields that it was about are the same; a
    /// rejected vacancy that has changed waits for a clerk, who else would never hear of it, with what the last one said
    /// of it, however often it changes.
    public func renewed(_ linted: LintedPosting) -> VacancyReview {
        guard linted.posting != posting else { return self }
        var renewed = VacancyReview(linted)
        switch standing {
        case .rejected:
            renewed.standing = .held
            renewed.decision = decision
        case .held where decision != nil:
            renewed.standing = .held
            renewed.decision = decision
        case .released where linted.isHeld:
            let known = Self.heldTexts(posting, findings)
            if Self.heldTexts(linted.posting, linted.findings).isSubset(of: known) {
                renewed.standing = .released
                renewed.decision = decision
            }
        case .released, .held, .clear: break
        }
        return renewed
    }

    private struct HeldText: Hashable {
        var kind: PostingFinding.Kind
        var field: Posting.Field
        var text: String
    }

    private static func heldTexts(_ posting: Posting, _ findings: [StoredFinding]) -> Set<HeldText> {
        Set(
            findings.filter { $0.kind.severity == .hold }
                .map { HeldText(kind: $0.kind, field: $0.field, text: posting[$0.field]) })
    }
}
