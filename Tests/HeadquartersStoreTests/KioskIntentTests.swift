// Intents that come as records of kiosks: digits and vacancies are bounded as on the phone, and order of arrival is none.

import Foundation
import HeadquartersCore
import HeadquartersStore
import JobFair
import TestSupport
import Testing

@Suite struct KioskIntentTests {
    private func intent(
        _ vacancy: Int, digits: String = "1234", consent: Bool = true, withdrawn: Bool = false
    ) -> RecordContent {
        .intent(
            OpenedIntent(
                seeker: StoreFixture.id(50, 1), vacancyID: StoreFixture.id(1, 100 + vacancy), level: .preliminary,
                passOnConsent: consent, isWithdrawn: withdrawn, digits: digits))
    }

    private func record(
        _ fixture: StoreFixture, _ index: Int, _ content: RecordContent, minute: Int64 = 0
    ) -> ArrivedRecord {
        let clock = StoreFixture.clock(.ntp, wall: StoreFixture.now - 3_600_000 + minute * 60_000)
        return .opened(fixture.envelope(index, clock: clock), content)
    }

    @Test func kiosksThatCannotCheckDigitsAddNoTries() async throws {
        let fixture = try await StoreFixture()
        // Five strings before the registration has arrived, and the right one as the sixth.
        for number in 0..<5 {
            try await fixture.ingest([record(fixture, 2 + number, intent(2, digits: "000\(number)"))])
        }
        try await fixture.ingest([record(fixture, 7, intent(3))])
        try await fixture.ingest([record(fixture, 1, StoreFixture.registration())])
        #expect(try await fixture.figures()?.intentPairs == 0)
        #expect(
            try await fixture.store.saveIntent(fixture.statement(1, vacancy: 4)) == .tooManyTries,
            "the phone has no further tries either")
        // The kiosk that made the slip has checked them: right digits are never too late.
        try await fixture.ingest([record(fixture, 8, intent(5))])
        #expect(try await fixture.figures()?.intentPairs == 1)
    }

    @Test func twentyVacanciesWithOneSlipByAnyRoad() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest([record(fixture, 1, StoreFixture.registration())])
        // Number 1 is not for minors, number 24 withdrawn: an adult may have had both on a list of this morning.
        try await fixture.ingest((0..<23).map { record(fixture, 2 + $0, intent($0)) })
        #expect(try await fixture.figures()?.intentPairs == 20)
        try await fixture.ingest([record(fixture, 30, intent(0, withdrawn: true), minute: 5)])
        try await fixture.ingest([record(fixture, 31, intent(23), minute: 6)])
        #expect(try await fixture.figures()?.intentPairs == 20)
        #expect(
            try await fixture.store.intents(of: StoreFixture.id(50, 1), digits: "1234").contains {
                $0.vacancyID == StoreFixture.id(1, 123) && $0.state == .confirmed
            })
    }

    @Test(arguments: [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]])
    func theOrderOfArrivalPlaysNoPart(order: [Int]) async throws {
        let fixture = try await StoreFixture(label: "order-\(order)")
        let records = [
            record(fixture, 1, StoreFixture.registration()), record(fixture, 2, intent(2), minute: 1),
            record(fixture, 3, intent(2, consent: false), minute: 2),
            record(fixture, 4, intent(2, withdrawn: true), minute: 3),
        ]
        for index in order { try await fixture.ingest([records[index]]) }
        #expect(try await fixture.figures()?.intentPairs == 0)
        try await fixture.ingest([record(fixture, 5, intent(2, consent: false), minute: 4)])
        let stated = try await fixture.store.intents(of: StoreFixture.id(50, 1), digits: "1234")
        #expect(stated.map(\.passOnConsent) == [false] && stated.map(\.state) == [.confirmed])
        try await fixture.ingest([record(fixture, 6, intent(2), minute: 5)])
        #expect(
            try await fixture.store.intents(of: StoreFixture.id(50, 1), digits: "1234").map(\.passOnConsent) == [true])
        #expect(try await fixture.figures()?.intentPairs == 1)
    }
}
