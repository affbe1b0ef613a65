// Vacancies, slips and statements for the desk over the real store.

import Foundation
import JobFair
import KioskCore
import SyncProtocol

@testable import KioskStore

/// Two employers, one of them not verified, and one vacancy of every kind that matters.
struct VacancyFixture {
    let employer = Employer(id: .random(), name: "青禾服饰有限公司", booth: "A12", isVerified: true)
    let unverified = Employer(id: .random(), name: "无名公司", booth: "Z1", isVerified: false)
    let open: Vacancy
    let filled: Vacancy
    let hidden: Vacancy

    init() {
        open = Self.vacancy("缝纫工", of: employer, occupation: .sewing)
        filled = Self.vacancy("普工", of: employer, isFilled: true)
        hidden = Self.vacancy("电工", of: unverified)
    }

    var vacancies: [Vacancy] { [open, filled, hidden] }
    var employers: [Employer] { [employer, unverified] }

    static func vacancy(
        _ title: String, of employer: Employer, occupation: Occupation? = nil, isFilled: Bool = false
    ) -> Vacancy {
        Vacancy(
            id: .random(), employerID: employer.id, title: title, headcount: 3,
            pay: Pay(lowestFen: 500_000, highestFen: 700_000, unit: .month, text: ""), booth: "", place: "本县",
            boardAndLodging: "包吃住", insurance: "五险", hours: "白班", isFilled: isFilled, occupation: occupation)
    }
}

extension DeskFixture {
    /// What the phone of `DeskFixture.form` ends with.
    static let digits = "0001"

    func offer(_ fixture: VacancyFixture) { fairs.offer(fixture.vacancies, of: fixture.employers) }

    func state(
        _ vacancy: VacancyID, slip: String, digits: String = digits, id: RecordID = .random(), consent: Bool = true,
        withdrawn: Bool = false, key: Character = "c"
    ) async throws -> StatementState {
        try await desk.stateIntent(
            IntentChoice(vacancyID: vacancy, passOnConsent: consent, isWithdrawn: withdrawn),
            by: SlipHolder(scanned: slip, digits: digits), recordID: id, formKey: Self.key(key))
    }

    func wish(
        _ wishes: Wishes, slip: String, digits: String = digits, id: RecordID = .random()
    ) async throws -> StatementState {
        try await desk.changeWishes(
            wishes, by: SlipHolder(scanned: slip, digits: digits), recordID: id, formKey: Self.key("d"))
    }
}
