// What came out of a sheet: vacancies that can go in, rows that cannot, and how the sheet was understood.

public import JobFair

/// The whole of one import, before anything is changed: what a preview shows.
public struct ImportReading: Sendable {
    /// Rows that are no vacancies, counted apart.
    public enum Skipped: String, Hashable, Sendable, CaseIterable {
        /// Above the header.
        case title
        /// The header itself, and its repeats on later pages.
        case header
        /// Nothing in it.
        case empty
        /// 一、制造业, 示例.
        case section
        /// 合计, 小计.
        case total
        /// 填表人, 注.
        case footer
    }

    public var source: Sheet.Source
    public var sheetName: String
    /// Visible sheets that were not read.
    public var otherSheets: [String]
    public var columns: [MappedColumn]
    public var rows: [ImportedRow] = []
    public var faults: [RowProblem] = []
    public var skipped: [Skipped: Int] = [:]
    public var hiddenRows = 0
    /// Bytes that are no characters in the file's encoding.
    public var brokenCharacters = 0

    /// A row with two faults is one row.
    public var refusedRows: Int { Set(faults.map(\.row)).count }
    public var warnings: [RowProblem] { rows.flatMap(\.warnings) }
}

/// One good row.
public struct ImportedRow: Hashable, Sendable {
    /// As the spreadsheet shows it.
    public var number: Int
    public var employer: ImportedEmployer
    public var vacancy: VacancyDraft
    /// The employer's words field by field, for the lint; also those that nobody is shown, such as a column 性别.
    public var posting: Posting
    public var key: ImportKey
    public var warnings: [RowProblem]
}

public struct ImportedEmployer: Hashable, Sendable {
    public var name: String
    /// Checked; empty where the sheet has none.
    public var creditCode: String
    /// Of the first row that names one; a row of its own may differ.
    public var booth: String
    /// Personal: never logged.
    public var contact: String
    /// Digits; personal: never logged. Empty where none was recognised.
    public var phone: String
}

/// A vacancy without identity: whether it is a new one, `ImportPairing` says.
public struct VacancyDraft: Hashable, Sendable {
    public var title = ""
    /// Nil: 若干, or not said.
    public var headcount: Int?
    public var pay = Pay(lowestFen: 0, highestFen: 0, unit: nil, text: "")
    public var booth = ""
    public var place = ""
    public var region = ""
    public var boardAndLodging = ""
    public var offersBoard: Bool?
    public var offersLodging: Bool?
    public var insurance = ""
    public var hours = ""
    public var hasNightShifts: Bool?
    public var workForm: WorkForm?
    public var requirements = ""
    public var occupation: Occupation?
    /// The employer asks for 18 and above.
    public var isNotUnder18 = false

    public init() {}

    public func vacancy(id: VacancyID, employerID: EmployerID) -> Vacancy {
        Vacancy(
            id: id, employerID: employerID, title: title, headcount: headcount, pay: pay, booth: booth, place: place,
            boardAndLodging: boardAndLodging, insurance: insurance, hours: hours, isNotUnder18: isNotUnder18,
            occupation: occupation, requirements: requirements, region: region, workForm: workForm,
            offersBoard: offersBoard, offersLodging: offersLodging, hasNightShifts: hasNightShifts)
    }
}
