// The rows of a sheet beside what the fair has: what is new, what changes, what stays.

public import JobFair
import VacancyImport

/// An employer as the store keeps it.
public struct StoredEmployer: Hashable, Sendable {
    public var employer: Employer
    /// What the last sheet or fair file said; the morning's booth may be another.
    public var sheetBooth: String
    /// What a sheet or the fair file said first; a clerk who saw the licence may have put down another.
    public var sheetCreditCode: String

    public init(employer: Employer, sheetBooth: String, sheetCreditCode: String) {
        self.employer = employer
        self.sheetBooth = sheetBooth
        self.sheetCreditCode = sheetCreditCode
    }

    /// Of a fair file or a sheet.
    public init(_ employer: Employer) {
        self.init(employer: employer, sheetBooth: employer.booth, sheetCreditCode: employer.creditCode)
    }
}

/// A vacancy as the store keeps it.
public struct StoredVacancy: Hashable, Sendable {
    /// As it may be shown.
    public var vacancy: Vacancy
    public var review: VacancyReview
    /// What the last sheet or fair file said.
    public var sheetBooth: String
    public var sheetHeadcount: Int?

    public init(vacancy: Vacancy, review: VacancyReview, sheetBooth: String, sheetHeadcount: Int?) {
        self.vacancy = vacancy
        self.review = review
        self.sheetBooth = sheetBooth
        self.sheetHeadcount = sheetHeadcount
    }

    /// Of a fair file, or before the first import.
    public init(_ vacancy: Vacancy) {
        let linted = LintedPosting(Posting(vacancy))
        self.init(
            vacancy: linted.shown(vacancy), review: VacancyReview(linted), sheetBooth: vacancy.booth,
            sheetHeadcount: vacancy.headcount)
    }
}

/// Everything a fair has, in order.
public struct ImportState: Sendable {
    public var employers: [StoredEmployer]
    public var vacancies: [StoredVacancy]
    /// Bytes of the catalogue besides these.
    public var otherBytes: Int
    /// Another one as soon as anything of this has changed.
    public var version: Int64

    public init(employers: [StoredEmployer], vacancies: [StoredVacancy], otherBytes: Int, version: Int64 = 0) {
        self.employers = employers
        self.vacancies = vacancies
        self.otherBytes = otherBytes
        self.version = version
    }
}

/// What has to be written for an import, and what it amounts to. Pure, and seconds of work at 20,000 vacancies: the store
/// makes it outside its connection, and writes it only while the fair is as it was.
///
/// A sheet says what the employer wants, a clerk what happened since: so filled, withdrawn and decisions stay, a booth or
/// headcount that a clerk changed stays until the sheet says another than last time, and of a verified employer name and
/// code stay as the clerk saw them.
public struct ImportPlan: Sendable {
    public private(set) var addedEmployers: [StoredEmployer] = []
    public private(set) var changedEmployers: [StoredEmployer] = []
    public private(set) var addedVacancies: [StoredVacancy] = []
    public private(set) var changedVacancies: [StoredVacancy] = []
    public private(set) var outcome = ImportOutcome()
    /// A kiosk would see a difference.
    public private(set) var changesCatalogue = false

    private var employers: [StoredEmployer]
    private var vacancies: [StoredVacancy]
    private let at: Int64
    private let random: @Sendable (Int) -> [UInt8]

    /// - Parameters:
    ///   - at: milliseconds since 1970, for new ids.
    ///   - random: that many random bytes.
    public init(_ batch: ImportBatch, on state: ImportState, at: Int64, random: @escaping @Sendable (Int) -> [UInt8]) {
        employers = state.employers
        vacancies = state.vacancies
        self.at = at
        self.random = random
        outcome.plannedOn = state.version
        guard !batch.candidates.isEmpty else {
            outcome.refusal = .nothingToImport
            return
        }
        let rows = Self.corrected(batch.candidates, state)
        let pairs = Self.pairs(rows, state)
        let places = placeEmployers(rows, pairs: pairs, existing: state)
        updateEmployers(rows, places: places)
        moveBooths(from: state)
        placeVacancies(rows, pairs: pairs, employers: places, existing: state)
        collect(state)
        outcome.employersAdded = addedEmployers.count
        outcome.employersUnverified = Set(places).filter { !employers[$0].employer.isVerified }.count
        outcome.refusal = refusal(otherBytes: state.otherBytes)
    }

    private func identifier<Scope>() -> Identifier<Scope> { Identifier(milliseconds: at, random: random(10)) }

    // MARK: Employers

    private struct SheetEmployer: Hashable {
        var name: String
        var creditCode: String
    }

    /// The rows, with the code of the licence where a sheet repeats the one that a clerk corrected.
    ///
    /// Only under the same name: whoever the sheet's code belongs to may come to the fair too.
    private static func corrected(_ rows: [ImportCandidate], _ state: ImportState) -> [ImportCandidate] {
        let present = Set(
            state.employers.map { SheetEmployer(name: key($0.employer).employer, creditCode: $0.employer.creditCode) })
        var codes: [SheetEmployer: String] = [:]
        for stored in state.employers where !stored.sheetCreditCode.isEmpty && !stored.employer.creditCode.isEmpty {
            let said = SheetEmployer(name: key(stored.employer).employer, creditCode: stored.sheetCreditCode)
            if !present.contains(said) { codes[said] = codes[said] ?? stored.employer.creditCode }
        }
        guard !codes.isEmpty else { return rows }
        return rows.map { row in
            let said = SheetEmployer(name: row.key.employer, creditCode: row.key.creditCode)
            guard let code = codes[said] else { return row }
            var row = row
            row.key = row.key.corrected(to: code)
            return row
        }
    }

    /// Of each row: the place of its employer in `employers`.
    private mutating func placeEmployers(
        _ rows: [ImportCandidate], pairs: [Int?], existing state: ImportState
    ) -> [Int] {
        let keys = state.employers.map { Self.key($0.employer) }
        let names = EmployerNames(keys + rows.map(\.key))
        var known: [String: Int] = [:]
        for (place, key) in keys.enumerated() { known[names.canonical(key)] = known[names.canonical(key)] ?? place }
        let byID = Dictionary(
            state.employers.enumerated().map { ($1.employer.id, $0) }, uniquingKeysWith: { first, _ in first })
        return rows.indices.map { index in
            let name = names.canonical(rows[index].key)
            // A vacancy that is recognised stays with its employer.
            let place = pairs[index].flatMap { byID[state.vacancies[$0].vacancy.employerID] } ?? known[name]
            if let place {
                known[name] = known[name] ?? place
                return place
            }
            let employer = Employer(
                id: identifier(), name: rows[index].employerName, booth: rows[index].booth, isVerified: false,
                creditCode: rows[index].creditCode)
            employers.append(StoredEmployer(employer))
            known[name] = employers.count - 1
            return employers.count - 1
        }
    }

    private static func key(_ employer: Employer) -> ImportKey {
        ImportKey(employerName: employer.name, creditCode: employer.creditCode, title: "", place: "", payText: "")
    }

    private mutating func updateEmployers(_ rows: [ImportCandidate], places: [Int]) {
        let named = Dictionary(grouping: rows.indices) { places[$0] }.mapValues { Set($0.map { rows[$0].booth }) }
        var touched: Set<Int> = []
        for (row, place) in zip(rows, places) {
            update(place, with: row, isFirst: touched.insert(place).inserted, named: named[place] ?? [])
        }
    }

    /// The first row of an employer says its name and booth; a later one only what is missing.
    ///
    /// - Parameter named: every booth that the sheet names for it. It has not moved as long as the one it was at is among
    ///   them, in whichever order.
    private mutating func update(_ place: Int, with row: ImportCandidate, isFirst: Bool, named: Set<String>) {
        var stored = employers[place]
        if !stored.employer.isVerified {
            if isFirst { stored.employer.name = row.employerName }
            if stored.employer.creditCode.isEmpty { stored.employer.creditCode = row.creditCode }
        }
        if stored.sheetCreditCode.isEmpty { stored.sheetCreditCode = row.creditCode }
        let isKnown = !stored.sheetBooth.isEmpty && (!isFirst || named.contains(stored.sheetBooth))
        if !row.booth.isEmpty, !isKnown {
            stored.employer.booth = row.booth
            stored.sheetBooth = row.booth
        }
        employers[place] = stored
    }

    /// Vacancies that stood at their employer's booth move with it, unless the sheet says where they stand.
    private mutating func moveBooths(from state: ImportState) {
        var moves: [EmployerID: (from: String, to: String)] = [:]
        for (old, new) in zip(state.employers, employers) where old.employer.booth != new.employer.booth {
            moves[old.employer.id] = (old.employer.booth, new.employer.booth)
        }
        guard !moves.isEmpty else { return }
        for place in vacancies.indices {
            guard let move = moves[vacancies[place].vacancy.employerID], vacancies[place].vacancy.booth == move.from
            else { continue }
            vacancies[place].vacancy.booth = move.to
        }
    }

    // MARK: Vacancies

    /// Of each row: the place of its vacancy in the state; nil: a new one.
    private static func pairs(_ rows: [ImportCandidate], _ state: ImportState) -> [Int?] {
        let employers = Dictionary(
            state.employers.map { ($0.employer.id, $0.employer) }, uniquingKeysWith: { first, _ in first })
        let existing = state.vacancies.map { stored in
            let posting = stored.review.posting
            let employer = employers[stored.vacancy.employerID]
            return ImportKey(
                employerName: employer?.name ?? "", creditCode: employer?.creditCode ?? "", title: posting[.title],
                place: posting[.place], payText: posting[.pay])
        }
        let closed = state.vacancies.indices.filter { !state.vacancies[$0].vacancy.isOpen }
        return ImportPairing(rows: rows.map(\.key), existing: existing, closed: Set(closed)).existing
    }

    private mutating func placeVacancies(
        _ rows: [ImportCandidate], pairs: [Int?], employers places: [Int], existing state: ImportState
    ) {
        for (index, row) in rows.enumerated() {
            let employer = employers[places[index]].employer
            if let place = pairs[index] {
                let old = vacancies[place]
                let booth = row.vacancy.booth.isEmpty ? old.vacancy.booth : state.vacancies[place].vacancy.booth
                vacancies[place] = updated(old, standingAt: booth, with: row, of: employer)
                // Against the state, so that a moved booth counts too.
                if vacancies[place] == state.vacancies[place] { outcome.unchanged += 1 } else { outcome.updated += 1 }
                note(vacancies[place], row, employer)
            } else {
                var vacancy = row.linted.shown(row.vacancy.vacancy(id: identifier(), employerID: employer.id))
                if vacancy.booth.isEmpty { vacancy.booth = employer.booth }
                let stored = StoredVacancy(
                    vacancy: vacancy, review: VacancyReview(row.linted), sheetBooth: row.vacancy.booth,
                    sheetHeadcount: row.vacancy.headcount)
                vacancies.append(stored)
                outcome.added += 1
                note(stored, row, employer)
            }
        }
        outcome.untouched = state.vacancies.count - outcome.updated - outcome.unchanged
    }

    /// - Parameter booth: where it stands as long as the sheet says what it said last time.
    private func updated(
        _ old: StoredVacancy, standingAt booth: String, with row: ImportCandidate, of employer: Employer
    ) -> StoredVacancy {
        var vacancy = row.linted.shown(row.vacancy.vacancy(id: old.vacancy.id, employerID: old.vacancy.employerID))
        vacancy.isWithdrawn = old.vacancy.isWithdrawn
        vacancy.isFilled = old.vacancy.isFilled
        if row.vacancy.booth == old.sheetBooth {
            vacancy.booth = booth
        } else if vacancy.booth.isEmpty {
            vacancy.booth = employer.booth
        }
        if row.vacancy.headcount == old.sheetHeadcount { vacancy.headcount = old.vacancy.headcount }
        return StoredVacancy(
            vacancy: vacancy, review: old.review.renewed(row.linted), sheetBooth: row.vacancy.booth,
            sheetHeadcount: row.vacancy.headcount)
    }

    private mutating func note(_ stored: StoredVacancy, _ row: ImportCandidate, _ employer: Employer) {
        if !stored.vacancy.isOpen { outcome.closed += 1 }
        let posting = stored.review.posting
        let mark = ImportOutcome.Mark(
            row: row.row, title: stored.vacancy.title, employer: employer.name, findings: stored.review.findings,
            words: stored.review.findings.map { $0.kind == .phoneInText ? "" : $0.words(in: posting) })
        switch stored.review.standing {
        case .held: outcome.held.append(mark)
        case .rejected: outcome.rejected += 1
        case .clear, .released: if !stored.review.findings.isEmpty { outcome.flagged.append(mark) }
        }
    }

    // MARK: Result

    private mutating func collect(_ state: ImportState) {
        addedEmployers = Array(employers.dropFirst(state.employers.count))
        changedEmployers = zip(state.employers, employers).filter { $0 != $1 }.map(\.1)
        addedVacancies = Array(vacancies.dropFirst(state.vacancies.count))
        let changes = zip(state.vacancies, vacancies).filter { $0 != $1 }
        changedVacancies = changes.map(\.1)
        let verified = Set(employers.map(\.employer).filter(\.isVerified).map(\.id))
        func shown(_ stored: StoredVacancy) -> Vacancy? {
            stored.review.standing.isShown && verified.contains(stored.vacancy.employerID) ? stored.vacancy : nil
        }
        changesCatalogue =
            changes.contains { shown($0) != shown($1) } || addedVacancies.contains { shown($0) != nil }
            || zip(state.employers, employers).contains { $1.employer.isVerified && $0.employer != $1.employer }
    }

    private func refusal(otherBytes: Int) -> ImportRefusal? {
        // What was too large before stays as it is when nothing is added.
        guard !addedVacancies.isEmpty || !addedEmployers.isEmpty || !changedVacancies.isEmpty else { return nil }
        if vacancies.count > CatalogueSize.vacanciesMax { return .tooManyVacancies(vacancies.count) }
        if employers.count > CatalogueSize.employersMax { return .tooManyEmployers(employers.count) }
        let bytes =
            otherBytes + vacancies.reduce(0) { $0 + CatalogueSize.bytesAtMost($1.vacancy) }
            + employers.reduce(0) { $0 + CatalogueSize.bytesAtMost($1.employer) }
        return bytes > CatalogueSize.bytesMax ? .tooLarge(bytes: bytes) : nil
    }
}
