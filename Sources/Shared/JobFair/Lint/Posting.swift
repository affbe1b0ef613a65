// A vacancy as its employer worded it: the texts the lint reads.

/// What an employer wrote for one vacancy, field by field, before anything is parsed. Empty: the field was not filled.
public struct Posting: Hashable, Sendable {
    /// Where a finding stands. The raw values are stable: pages and stored decisions use them.
    public enum Field: String, Codable, Sendable, CaseIterable {
        case title
        case requirements
        case hours
        case boardAndLodging
        case insurance
        case pay
        case place
        /// A column of its own in many sheets: `18-45`, `45岁以下`.
        case age
        /// A column of its own in many sheets: `男`, `不限`.
        case sex
        /// As written: `男5女3` is a limit too.
        case headcount
        /// Whatever the sheet holds besides: remarks, duties, contact.
        case remarks
    }

    private var texts: [Field: String]

    public init(_ texts: [Field: String]) {
        self.texts = texts
    }

    /// What a catalogue still holds of the employer's words.
    public init(_ vacancy: Vacancy) {
        self.init([
            .title: vacancy.title, .requirements: vacancy.requirements, .hours: vacancy.hours,
            .boardAndLodging: vacancy.boardAndLodging, .insurance: vacancy.insurance, .pay: vacancy.pay.text,
            .place: vacancy.place,
        ])
    }

    public subscript(field: Field) -> String {
        get { texts[field] ?? "" }
        set { texts[field] = newValue }
    }
}
