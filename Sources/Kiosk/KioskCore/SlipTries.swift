// What was tried with each slip at this kiosk: strings of digits, and vacancies.

import JobFair

/// Bounds guessing (`docs/protocol.md`, Slip token). In memory: it survives no restart; headquarters holds the bound over
/// all kiosks and phones.
actor SlipTries {
    /// Different strings of digits with one slip, right ones included; the same string again costs nothing.
    static let digitStringsMax = 5
    /// Vacancies with one slip, withdrawn ones not counted.
    static let vacanciesMax = 20
    /// Slips that are remembered, about 500 bytes each; beyond it the one that was shown first is forgotten.
    static let slipsMax = 10_000

    private struct Tally {
        var digits: Set<String> = []
        var vacancies: Set<VacancyID> = []
    }

    private var tallies: [RecordID: Tally] = [:]
    /// In the order in which they were first shown.
    private var shown: [RecordID] = []

    /// How many further strings are left after this one; nil: there were five others before, nothing is looked at.
    func take(_ digits: String, of slip: RecordID) -> Int? {
        var tally = tallies[slip] ?? Tally()
        guard tally.digits.contains(digits) || tally.digits.count < Self.digitStringsMax else { return nil }
        tally.digits.insert(digits)
        keep(tally, of: slip)
        return Self.digitStringsMax - tally.digits.count
    }

    /// False: there are 20 others.
    func mayState(_ vacancy: VacancyID, with slip: RecordID) -> Bool {
        let vacancies = tallies[slip]?.vacancies ?? []
        return vacancies.contains(vacancy) || vacancies.count < Self.vacanciesMax
    }

    /// False also where it was stated elsewhere, or before the last restart.
    func hasStated(_ vacancy: VacancyID, with slip: RecordID) -> Bool {
        tallies[slip]?.vacancies.contains(vacancy) == true
    }

    /// To be called once the statement is on the disk.
    func count(_ vacancy: VacancyID, isWithdrawn: Bool, with slip: RecordID) {
        var tally = tallies[slip] ?? Tally()
        if isWithdrawn { tally.vacancies.remove(vacancy) } else { tally.vacancies.insert(vacancy) }
        keep(tally, of: slip)
    }

    private func keep(_ tally: Tally, of slip: RecordID) {
        if tallies[slip] == nil {
            if shown.count >= Self.slipsMax { tallies[shown.removeFirst()] = nil }
            shown.append(slip)
        }
        tallies[slip] = tally
    }
}
