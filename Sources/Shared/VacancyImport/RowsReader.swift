// Goes down the sheet: which rows are vacancies, whose they are, and which say the same twice.

import JobFair

struct RowsReader {
    private let sheet: Sheet
    private let layout: SheetLayout
    private let cells: RowCells
    private let draft: DraftReader

    /// Who the rows below belong to while the employer's cell stays blank.
    private enum Carried {
        case nobody
        case employer(ImportedEmployer)
        /// The row that named it was refused; another employer further up must not inherit its vacancies.
        case refused(row: Int)
    }

    private var carried = Carried.nobody
    /// By name: code and the row that said it first.
    private var codes: [String: (code: String, row: Int)] = [:]
    private var seen: [ImportKey: (row: Int, vacancy: VacancyDraft)] = [:]

    init(
        sheet: Sheet, layout: SheetLayout, regions: RegionFinder,
        occupation: @escaping @Sendable (String) -> Occupation?
    ) {
        self.sheet = sheet
        self.layout = layout
        cells = RowCells(layout: layout)
        draft = DraftReader(layout: layout, regions: regions, occupation: occupation)
    }

    mutating func read(into reading: inout ImportReading) {
        let first = layout.headerRows.upperBound
        reading.skipped[.title] = layout.headerRows.lowerBound
        reading.skipped[.header] = layout.headerRows.count
        let kinds = RowKinds(sheet: sheet, layout: layout)
        var previous = first > 0 ? sheet.rows[first - 1].number : 0
        for row in sheet.rows[first...] {
            reading.skipped[.empty, default: 0] += row.number - previous - 1
            previous = row.number
            if let kind = kinds.skipped(row) {
                reading.skipped[kind, default: 0] += 1
                if kind == .total { carried = .nobody }
                continue
            }
            var problems = RowProblems(row: row.number)
            if let imported = read(row, &problems) {
                reading.rows.append(imported)
            } else {
                reading.faults += problems.faults
            }
        }
        reading.skipped = reading.skipped.filter { $0.value > 0 }
    }

    /// Nil where the row has a fault; all of its faults are in `problems`.
    private mutating func read(_ row: SheetRow, _ problems: inout RowProblems) -> ImportedRow? {
        if isShifted(row) { problems.fault(.rowShifted) }
        let employer = employer(row, &problems)
        let (vacancy, posting) = draft.read(row, booth: employer?.booth ?? "", &problems)
        guard problems.faults.isEmpty, let employer else { return nil }
        let key = ImportKey(
            employerName: employer.name, creditCode: employer.creditCode, title: vacancy.title, place: vacancy.place,
            payText: vacancy.pay.text)
        if let other = seen[key] {
            if other.vacancy == vacancy {
                problems.fault(.rowDuplicate, other: other.row)
                return nil
            }
            problems.warn(.rowSimilar, other: other.row)
        } else {
            seen[key] = (row.number, vacancy)
        }
        return ImportedRow(
            number: row.number, employer: employer, vacancy: vacancy, posting: posting, key: key,
            warnings: problems.warnings)
    }

    /// In CSV an unquoted comma moves everything behind it one column to the right.
    private func isShifted(_ row: SheetRow) -> Bool {
        guard case .text = sheet.source, let header = layout.headerRows.last else { return false }
        let width = (sheet.rows[header].cells.lastIndex { !$0.isBlank } ?? 0) + 1
        return row.cells.dropFirst(max(width, sheet.rows[header].cells.count)).contains { !$0.isBlank }
    }

    // MARK: - The employer

    private mutating func employer(_ row: SheetRow, _ problems: inout RowProblems) -> ImportedEmployer? {
        let place = layout.places[.employer]?.first
        let isBlank = place.map { row[$0].isBlank } ?? false
        if isBlank {
            switch carried {
            case .nobody:
                problems.fault(.employerMissing, .employer, column: place)
                return nil
            case .refused(let other):
                problems.fault(.employerRefusedAbove, .employer, column: place, other: other)
                return nil
            case .employer(let known): return continued(known, row, &problems)
            }
        }
        let faultsBefore = problems.faults.count
        guard let name = cells.short(.employer, row, &problems), problems.faults.count == faultsBefore else {
            if problems.faults.count == faultsBefore { problems.fault(.employerMissing, .employer, column: place) }
            carried = .refused(row: row.number)
            return nil
        }
        if !name.unicodeScalars.contains(where: { $0.properties.isAlphabetic }) {
            problems.fault(.employerWithoutLetter, .employer, column: place)
        }
        var employer = ImportedEmployer(name: name, creditCode: "", booth: "", contact: "", phone: "")
        readParticulars(&employer, row, &problems)
        if case .employer(let known) = carried, CellText.key(known.name) == CellText.key(name) {
            employer = filled(employer, from: known)
        }
        // With a broken name the rows below would go to somebody else; all else is this row's own.
        let isBroken = problems.faults.contains { $0.field == .employer }
        carried = isBroken ? .refused(row: row.number) : .employer(employer)
        checkCode(&employer, row, &problems)
        return employer
    }

    private func continued(
        _ known: ImportedEmployer, _ row: SheetRow, _ problems: inout RowProblems
    ) -> ImportedEmployer {
        var employer = ImportedEmployer(name: known.name, creditCode: "", booth: "", contact: "", phone: "")
        readParticulars(&employer, row, &problems)
        return filled(employer, from: known)
    }

    private func filled(_ employer: ImportedEmployer, from known: ImportedEmployer) -> ImportedEmployer {
        var employer = employer
        if employer.creditCode.isEmpty { employer.creditCode = known.creditCode }
        if employer.booth.isEmpty { employer.booth = known.booth }
        if employer.contact.isEmpty { employer.contact = known.contact }
        if employer.phone.isEmpty { employer.phone = known.phone }
        return employer
    }

    private func readParticulars(_ employer: inout ImportedEmployer, _ row: SheetRow, _ problems: inout RowProblems) {
        employer.creditCode = cells.creditCode(row, &problems)
        employer.booth = cells.short(.booth, row, &problems) ?? ""
        employer.contact = cells.free(.contact, row, &problems)
        employer.phone = cells.phone(row, &problems)
    }

    /// The same name with another code: one of them is wrong, or there are two employers.
    private mutating func checkCode(
        _ employer: inout ImportedEmployer, _ row: SheetRow, _ problems: inout RowProblems
    ) {
        let name = CellText.key(employer.name)
        guard let known = codes[name] else {
            if !employer.creditCode.isEmpty { codes[name] = (employer.creditCode, row.number) }
            return
        }
        if employer.creditCode.isEmpty {
            employer.creditCode = known.code
        } else if employer.creditCode != known.code {
            problems.warn(
                .employerCodeDiffers, .creditCode, column: layout.places[.creditCode]?.first, other: known.row)
        }
    }
}

/// Collects what is wrong with one row.
struct RowProblems {
    let row: Int
    private(set) var faults: [RowProblem] = []
    private(set) var warnings: [RowProblem] = []

    init(row: Int) {
        self.row = row
    }

    mutating func fault(
        _ code: RowProblem.Code, _ field: VacancyField? = nil, column: Int? = nil, other: Int? = nil
    ) {
        faults.append(problem(code, field, column, other))
    }

    mutating func warn(_ code: RowProblem.Code, _ field: VacancyField? = nil, column: Int? = nil, other: Int? = nil) {
        warnings.append(problem(code, field, column, other))
    }

    private func problem(
        _ code: RowProblem.Code, _ field: VacancyField?, _ column: Int?, _ other: Int?
    ) -> RowProblem {
        RowProblem(
            row: row, column: column.map { Sheet.letters(ofColumn: $0) } ?? "", field: field, code: code,
            otherRow: other)
    }
}
