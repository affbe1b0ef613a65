// What a spreadsheet brings, read and linted, before it meets what the fair has.

public import JobFair
public import VacancyImport

/// One good row.
public struct ImportCandidate: Hashable, Sendable {
    /// As the spreadsheet shows it.
    public var row: Int
    public var employerName: String
    /// Checked by its last character, by nobody else; empty where the sheet has none.
    public var creditCode: String
    public var booth: String
    public var vacancy: VacancyDraft
    public var linted: LintedPosting
    public var key: ImportKey

    public init(_ row: ImportedRow) {
        self.row = row.number
        employerName = row.employer.name
        creditCode = row.employer.creditCode
        booth = row.employer.booth
        vacancy = row.vacancy
        linted = LintedPosting(row.posting)
        key = row.key
    }
}

/// The good rows of one sheet. Contacts and telephones of employers stay behind: nothing here needs them.
public struct ImportBatch: Sendable {
    public var candidates: [ImportCandidate]
    /// Names for codes that the fair may not know yet.
    public var regions: [Region]

    public init(_ reading: ImportReading, regions: [Region] = []) {
        candidates = reading.rows.map(ImportCandidate.init)
        self.regions = regions
    }
}

/// Why a whole import is refused although its rows are good.
public enum ImportRefusal: Hashable, Sendable {
    /// The sheet has no good row.
    case nothingToImport
    /// The fair would have that many.
    case tooManyVacancies(Int)
    case tooManyEmployers(Int)
    /// The catalogue would have that many bytes.
    case tooLarge(bytes: Int)
}

/// What an import did, or would do.
public struct ImportOutcome: Hashable, Sendable {
    /// A row that a clerk should look at.
    public struct Mark: Hashable, Sendable {
        public var row: Int
        public var title: String
        public var employer: String
        public var findings: [StoredFinding]
        /// The marked words, one for each finding; empty for telephone numbers.
        public var words: [String]
    }

    public var added = 0
    public var updated = 0
    public var unchanged = 0
    public var employersAdded = 0
    /// Of this sheet, with those it adds: none of them is shown before a clerk has verified it.
    public var employersUnverified = 0
    /// Vacancies of the sheet that wait for a clerk.
    public var held: [Mark] = []
    /// Vacancies of the sheet that go in and are worth a look.
    public var flagged: [Mark] = []
    /// Vacancies of the sheet that a clerk rejected, with the same words: they stay rejected.
    public var rejected = 0
    /// Vacancies of the sheet that are filled or withdrawn: they stay so.
    public var closed = 0
    /// Vacancies of the fair that no row is about: they stay as they are.
    public var untouched = 0
    /// Nil: everything goes in. Else nothing does.
    public var refusal: ImportRefusal?
    /// `ImportState.version` of the fair as it was when this was planned.
    public var plannedOn: Int64 = 0

    public init() {}

    public var rows: Int { added + updated + unchanged }
}
