// The fake desk's vacancies: the real search and the real lists over three of them.

import Foundation
import JobFair
import KioskCore

extension FakeDesk {
    static let employer = Employer(
        id: identifier(1), name: "青禾服饰有限公司", booth: "A12", isVerified: true, creditCode: "")
    static let sewing = Vacancy(
        id: identifier(11), employerID: employer.id, title: "缝纫工", headcount: 30,
        pay: Pay(lowestFen: 500_000, highestFen: 700_000, unit: .month, text: "5000-7000元/月"), booth: "", place: "青禾县",
        boardAndLodging: "包吃住", insurance: "五险", hours: "白班", occupation: .sewing, requirements: "熟手优先",
        region: "990121", workForm: .fullTime, offersBoard: true, offersLodging: true, hasNightShifts: false)
    static let forklift = Vacancy(
        id: identifier(12), employerID: employer.id, title: "叉车司机", headcount: nil,
        pay: Pay(lowestFen: 0, highestFen: 0, unit: nil, text: ""), booth: "B3", place: "", boardAndLodging: "",
        insurance: "", hours: "", isNotUnder18: true)
    static let filled = Vacancy(
        id: identifier(13), employerID: employer.id, title: "普工", headcount: 5,
        pay: Pay(lowestFen: 0, highestFen: 0, unit: nil, text: ""), booth: "", place: "", boardAndLodging: "",
        insurance: "", hours: "", isFilled: true)
    static let offers = VacancyOffers(
        Catalogue(
            fair: fair, version: 1, employers: [employer], vacancies: [sewing, forklift, filled], notice: notice,
            keyGroups: [], regions: [Region(code: "990121", name: "青禾县")]))

    static func identifier<Scope>(_ number: UInt8) -> Identifier<Scope> {
        Identifier(milliseconds: 1_770_000_000_000, random: Array(repeating: number, count: 10))
    }

    func vacancies(_ query: VacancyQuery) async throws(DeskError) -> VacancyCardPage {
        try nextRefusal()
        let page = VacancySearch(Self.offers.index).page(query)
        return VacancyCardPage(total: page.total, cards: page.hits.compactMap { Self.offers.card(of: $0.vacancy.id) })
    }

    func vacancy(_ id: VacancyID) async throws(DeskError) -> VacancyCard {
        guard let card = Self.offers.card(of: id) else { throw .vacancyNotFound }
        return card
    }

    func occupations() async throws(DeskError) -> [OccupationTile] { Self.offers.occupations }

    func regions() async throws(DeskError) -> FairRegions {
        FairRegions(fairRegion: "990121", regions: Self.offers.regions)
    }

    func matches(_ wishes: Wishes?, scanned: String?, count: Int) async throws(DeskError) -> MatchedVacancies {
        try nextRefusal()
        if let scanned { try check(scanned) }
        let checked = try check(wishes ?? Wishes())
        let matches = VacancyMatcher(Self.offers.index).matches(for: checked, age: .unknown, turn: 0, count: count)
        return MatchedVacancies(
            areWishesKnown: wishes != nil,
            lines: matches.compactMap {
                guard let card = Self.offers.card(of: $0.vacancy.id) else { return nil }
                return MatchLine(card: card, score: $0.score, reasons: $0.reasons.map(\.text), relaxed: $0.relaxed)
            })
    }

    func slipIntents(by holder: SlipHolder) async throws(DeskError) -> SlipIntents {
        try nextRefusal()
        try check(holder)
        let card = VacancyCard(vacancy: Self.filled, employer: Self.employer, occupation: nil, regionName: "")
        return SlipIntents(
            areDigitsChecked: true,
            intents: [
                SlipIntent(vacancyID: Self.sewing.id, standing: .open, card: Self.offers.card(of: Self.sewing.id)),
                SlipIntent(vacancyID: Self.filled.id, standing: .filled, card: card),
                SlipIntent(vacancyID: Self.identifier(14), standing: .withdrawn, card: nil),
            ])
    }

    func printVacancy(_ vacancy: VacancyID, recordID: RecordID) async throws(DeskError) {
        try nextRefusal()
        guard Self.offers.card(of: vacancy) != nil else { throw .vacancyNotFound }
        calls.vacancySlips += 1
    }

    func stateIntent(
        _ intent: IntentChoice, by holder: SlipHolder, recordID: RecordID, formKey: FormKey
    ) async throws(DeskError) -> StatementState {
        try nextRefusal()
        try check(holder)
        guard Self.offers.card(of: intent.vacancyID) != nil else { throw .vacancyNotFound }
        calls.intents += 1
        return .recorded
    }

    func changeWishes(
        _ wishes: Wishes, by holder: SlipHolder, recordID: RecordID, formKey: FormKey
    ) async throws(DeskError) -> StatementState {
        try nextRefusal()
        _ = try check(wishes)
        try check(holder)
        calls.wishes += 1
        return .toBeChecked
    }

    private func check(_ scanned: String) throws(DeskError) {
        guard scanned.uppercased().contains("/I/") else { throw .slipInvalid }
    }

    private func check(_ holder: SlipHolder) throws(DeskError) {
        try check(holder.scanned)
        guard holder.digits == "5678" else { throw .digitsWrong(triesLeft: 4) }
    }

    private func check(_ wishes: Wishes) throws(DeskError) -> Wishes {
        switch RegistrationRules.check(wishes) {
        case .success(let checked): return checked
        case .failure(let problems): throw .request(problems.problems)
        }
    }
}
