// One row's cells -> the draft of a vacancy and the employer's words for the lint.

import JobFair

struct DraftReader {
    private let layout: SheetLayout
    private let cells: RowCells
    private let regions: RegionFinder
    private let occupation: @Sendable (String) -> Occupation?
    private let payReader: PayReader

    init(
        layout: SheetLayout, regions: RegionFinder, occupation: @escaping @Sendable (String) -> Occupation?
    ) {
        self.layout = layout
        cells = RowCells(layout: layout)
        self.regions = regions
        self.occupation = occupation
        let payTitle = layout.title(of: .pay)
        payReader = PayReader(columnTitle: payTitle.isEmpty ? layout.title(of: .payLowest) : payTitle)
    }

    func read(_ row: SheetRow, booth: String, _ problems: inout RowProblems) -> (VacancyDraft, Posting) {
        var vacancy = VacancyDraft()
        var posting = Posting([:])
        vacancy.title = title(row, &problems)
        vacancy.headcount = headcount(row, &posting, &problems)
        vacancy.pay = pay(row, &problems)
        vacancy.booth = booth
        vacancy.place = cells.short(.place, row, &problems) ?? ""
        vacancy.region = vacancy.place.isEmpty ? "" : regions.code(ofPlace: vacancy.place)
        let benefits = cells.free(.benefits, row, &problems)
        readFacts(&vacancy, row, benefits: benefits, &problems)
        vacancy.hours = cells.free(.hours, row, &problems)
        vacancy.workForm = workForm(row, title: vacancy.title, &problems)
        readRequirements(&vacancy, &posting, row, &problems)
        vacancy.hasNightShifts = FactsReader.nightShifts(
            hours: vacancy.hours, title: vacancy.title, requirements: vacancy.requirements)
        let kind = layout.places[.occupation] == nil ? "" : cells.free(.occupation, row, &problems)
        vacancy.occupation =
            vacancy.title.isEmpty ? nil : occupation(vacancy.title) ?? (kind.isEmpty ? nil : occupation(kind))
        posting[.title] = vacancy.title
        posting[.requirements] = vacancy.requirements
        posting[.hours] = vacancy.hours
        posting[.boardAndLodging] = vacancy.boardAndLodging
        posting[.insurance] = vacancy.insurance
        posting[.pay] = vacancy.pay.text
        posting[.place] = vacancy.place
        posting[.remarks] = benefits
        return (vacancy, posting)
    }

    private func title(_ row: SheetRow, _ problems: inout RowProblems) -> String {
        let column = layout.places[.title]?.first
        let faultsBefore = problems.faults.count
        guard let title = cells.short(.title, row, &problems) else {
            if problems.faults.count == faultsBefore { problems.fault(.titleMissing, .title, column: column) }
            return ""
        }
        if !title.unicodeScalars.contains(where: { $0.properties.isAlphabetic }) {
            problems.fault(.titleWithoutLetter, .title, column: column)
        }
        return title
    }

    // MARK: - Headcount

    private func headcount(_ row: SheetRow, _ posting: inout Posting, _ problems: inout RowProblems) -> Int? {
        guard let column = layout.places[.headcount]?.first else { return headcountOfParts(row, &problems) }
        // One number merged over several vacancies is their sum: only the first of them has it.
        if row[column].isCarried {
            problems.warn(.headcountMerged, .headcount, column: column)
            return nil
        }
        guard let text = cells.line(.headcount, row, &problems) else { return nil }
        posting[.headcount] = text
        return headcount(HeadcountReader.read(text), column, &problems)
    }

    private func headcountOfParts(_ row: SheetRow, _ problems: inout RowProblems) -> Int? {
        var sum: Int?
        for column in layout.places[.headcountPart] ?? [] {
            guard let text = cells.text(.headcountPart, row[column], column: column, &problems) else {
                return nil
            }
            // 0 men is no fault when women are sought.
            if case .zero = HeadcountReader.read(text) { continue }
            let part = headcount(HeadcountReader.read(text), column, &problems)
            sum = part.map { (sum ?? 0) + $0 } ?? sum
        }
        if sum != nil { problems.warn(.headcountSplit, .headcount, column: layout.places[.headcountPart]?.first) }
        return sum
    }

    private func headcount(_ reading: HeadcountReading, _ column: Int, _ problems: inout RowProblems) -> Int? {
        switch reading {
        case .open: return nil
        case .count(let count): return count
        case .lowerBound(let count):
            problems.warn(.headcountRange, .headcount, column: column)
            return count
        case .sum(let count):
            problems.warn(.headcountSplit, .headcount, column: column)
            return count
        case .zero: problems.fault(.headcountZero, .headcount, column: column)
        case .invalid: problems.fault(.headcountInvalid, .headcount, column: column)
        case .tooLarge: problems.fault(.headcountTooLarge, .headcount, column: column)
        }
        return nil
    }

    // MARK: - Pay

    private func pay(_ row: SheetRow, _ problems: inout RowProblems) -> Pay {
        let none = Pay(lowestFen: 0, highestFen: 0, unit: nil, text: "")
        let column = layout.places[.pay]?.first ?? layout.places[.payLowest]?.first ?? layout.places[.payHighest]?.first
        let faultsBefore = problems.faults.count
        let text = payText(row, &problems)
        guard problems.faults.count == faultsBefore else { return none }
        var reading = payReader.read(text)
        if layout.places[.pay] == nil, reading.doubt == nil, reading.pay.unit != nil { reading.pay.text = "" }
        reading.pay.text = cells.shortened(reading.pay.text, .pay, &problems)
        switch reading.doubt {
        case .reversed: problems.fault(.payReversed, .pay, column: column)
        case .zero: problems.fault(.payZero, .pay, column: column)
        case .implausible: problems.fault(.payImplausible, .pay, column: column)
        case .unreadable: problems.warn(.payUnreadable, .pay, column: column)
        case .unitMissing: problems.warn(.payUnitMissing, .pay, column: column)
        case .unitUnknown: problems.warn(.payUnitUnknown, .pay, column: column)
        case nil: if text.isEmpty { problems.warn(.payMissing, .pay, column: column) }
        }
        return reading.pay
    }

    /// Two columns, 最低 and 最高, become one text.
    private func payText(_ row: SheetRow, _ problems: inout RowProblems) -> String {
        if layout.places[.pay] != nil { return cells.line(.pay, row, &problems) ?? "" }
        let lowest = cells.line(.payLowest, row, &problems) ?? ""
        let highest = cells.line(.payHighest, row, &problems) ?? ""
        if lowest.isEmpty || highest.isEmpty {
            return lowest.isEmpty ? (highest.isEmpty ? "" : highest + "以内") : lowest + "以上"
        }
        return lowest == highest ? lowest : lowest + "-" + highest
    }

    // MARK: - The other facts

    private func readFacts(
        _ vacancy: inout VacancyDraft, _ row: SheetRow, benefits: String, _ problems: inout RowProblems
    ) {
        var words: [String] = []
        for field in [VacancyField.boardAndLodging, .board, .lodging] where layout.places[field] != nil {
            let text = cells.free(field, row, &problems)
            if text.isEmpty { continue }
            let title = layout.title(of: field)
            let facts = FactsReader.boardAndLodging(text, columnTitle: title + field.zh)
            vacancy.offersBoard = vacancy.offersBoard ?? facts.offersBoard
            vacancy.offersLodging = vacancy.offersLodging ?? facts.offersLodging
            let isAnswer = FactsReader.answer(CellText.key(text)) != nil
            words.append(isAnswer ? FactsReader.words(facts) : text)
        }
        // A column 福利, and what stands beside the pay: 4000-5000元/月，包吃住.
        for source in [benefits, vacancy.pay.text] where words.isEmpty {
            let text = FactsReader.boardAndLodging(inBenefits: source)
            if text.isEmpty { continue }
            let facts = FactsReader.boardAndLodging(text)
            guard facts.offersBoard != nil || facts.offersLodging != nil else { continue }
            (vacancy.offersBoard, vacancy.offersLodging) = (facts.offersBoard, facts.offersLodging)
            words.append(text)
        }
        vacancy.boardAndLodging = cells.shortened(words.joined(separator: "，"), .boardAndLodging, &problems)
        let insurance = cells.free(.insurance, row, &problems)
        if let answer = FactsReader.answer(CellText.key(insurance)) {
            vacancy.insurance = FactsReader.insurance(answer, columnTitle: layout.title(of: .insurance))
        } else {
            vacancy.insurance = insurance.isEmpty ? FactsReader.insurance(inBenefits: benefits) : insurance
        }
    }

    private func workForm(_ row: SheetRow, title: String, _ problems: inout RowProblems) -> WorkForm? {
        let text = cells.free(.workForm, row, &problems)
        switch FactsReader.workForm(text) {
        case .form(let form): return form
        case .open: return FactsReader.workForm(inTitle: title)
        case .unknown:
            problems.fault(.workFormUnknown, .workForm, column: layout.places[.workForm]?.first)
            return nil
        }
    }

    /// Education, experience and age have columns of their own in many sheets. Sex is kept for the lint and shown to
    /// nobody.
    private func readRequirements(
        _ vacancy: inout VacancyDraft, _ posting: inout Posting, _ row: SheetRow, _ problems: inout RowProblems
    ) {
        var parts: [String] = []
        for field in [VacancyField.education, .experience, .age] {
            let text = cells.free(field, row, &problems)
            if text.isEmpty || ["不限", "无", "/", "-", "无要求", "不要求"].contains(text) { continue }
            parts.append("\(field.zh)：\(text)")
            if field == .age { posting[.age] = text }
        }
        posting[.sex] = cells.free(.sex, row, &problems)
        let text = cells.free(.requirements, row, &problems)
        if !text.isEmpty { parts.append(text) }
        vacancy.requirements = cells.shortened(parts.joined(separator: "；"), .requirements, &problems)
        let age =
            FactsReader.lowestAge(posting[.age] + (posting[.age].isEmpty ? "" : "岁"))
            ?? FactsReader.lowestAge(text)
        vacancy.isNotUnder18 = age.map { $0 >= 18 } ?? false
    }
}
