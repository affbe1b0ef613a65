// The lists of a fair day: first places shared out among employers, and what stands on which slip.

public import JobFair

/// Makes lists and counts their first lines. In memory: after a restart the counting begins anew, which the rule of
/// `ExposureLedger` allows at any time.
public actor MatchLists {
    /// Slips whose list is remembered, so that a second try and a copy say the same as the first; about 100 bytes each.
    /// A kiosk prints a few thousand a day.
    static let slipsMax = 20_000

    private var day: (fair: FairID, day: CalendarDate)?
    private var ledger = ExposureLedger()
    private var ofSlips: [RecordID: [VacancyID]] = [:]

    public init() {}

    /// A list for the screen. `turn` is the ticket's number, nil where nobody showed a slip.
    func list(
        for wishes: Wishes, turn: Int?, count: Int, from offers: VacancyOffers, on day: CalendarDate
    ) -> [VacancyMatch] {
        begin(day, of: offers)
        let matches = VacancyMatcher(offers.index).matches(
            for: wishes, age: .unknown, turn: turn ?? ledger.lists, count: count, exposure: ledger)
        if let first = matches.first { ledger.count(firstPlaceOf: first.employer.id) }
        return matches
    }

    /// The vacancies of a slip, the best first; the same ones each time it is drawn, but for those that are no longer open.
    public func slipList(
        of registration: RecordID, wishes: Wishes, turn: Int, count: Int, from offers: VacancyOffers,
        on day: CalendarDate
    ) -> [VacancyCard] {
        begin(day, of: offers)
        let ids: [VacancyID]
        if let known = ofSlips[registration] {
            ids = known
        } else {
            ids = list(for: wishes, turn: turn, count: count, from: offers, on: day).map(\.vacancy.id)
            if ofSlips.count >= Self.slipsMax { ofSlips = [:] }
            ofSlips[registration] = ids
        }
        return ids.compactMap(offers.card(of:))
    }

    /// Wishes have changed: the next copy of the slip has a list of its own.
    func forget(_ registration: RecordID) { ofSlips[registration] = nil }

    /// A slip of yesterday that is printed today counts today.
    private func begin(_ day: CalendarDate, of offers: VacancyOffers) {
        let fair = offers.catalogue.fair.id
        if let current = self.day, current.fair == fair, current.day >= day { return }
        self.day = (fair, day)
        (ledger, ofSlips) = (ExposureLedger(), [:])
    }
}
