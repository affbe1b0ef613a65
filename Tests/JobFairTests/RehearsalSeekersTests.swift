// Synthetic seekers: repeatable, mixed, all acceptable, none of them a person.

import JobFair
import Testing

@Suite struct RehearsalSeekersTests {
    private func seekers(_ count: Int, seed: UInt64) throws -> [RegistrationForm] {
        let day = try #require(CalendarDate("2027-02-28"))
        var seekers = RehearsalSeekers(seed: seed, day: day, noticeVersion: "n1")
        return (0..<count).map { _ in seekers.next() }
    }

    @Test func theSameSeedGivesTheSameSeekers() throws {
        #expect(try seekers(50, seed: 7) == seekers(50, seed: 7))
        #expect(try seekers(50, seed: 7) != seekers(50, seed: 8))
    }

    @Test func everyoneIsAcceptedAndNobodyIsReal() throws {
        let day = try #require(CalendarDate("2027-02-28"))
        let codes = Set(KeyGroups.defaults.map(\.code))
        var bands: [AgeBand: Int] = [:]
        var kinds: [DocumentKind?: Int] = [:]
        var open = 0
        for form in try seekers(5000, seed: 1) {
            let result = RegistrationRules.check(form, on: day, noticeVersion: "n1", keyGroupCodes: codes)
            let registration = try result.get()
            bands[registration.ageBand, default: 0] += 1
            kinds[registration.document?.kind, default: 0] += 1
            if registration.name == nil { open += 1 }
            for phone in [registration.phone, registration.contactPhone, registration.proxyPhone].compactMap(\.self) {
                #expect(phone.hasPrefix("154"))
            }
            if let number = registration.document?.number {
                #expect(["00", "8199", "8299", "8399", "900999", "UTO"].contains { number.hasPrefix($0) })
            }
        }
        #expect(bands[.under14] == nil)
        for band in [AgeBand.from14to15, .from16to17, .adult, .unknown] { #expect(bands[band, default: 0] > 25) }
        #expect(kinds.count == 5)
        #expect(kinds[.residentID, default: 0] > 3000)
        #expect(open > 500)
    }

    @Test func agesHoldOnAnyFairDay() throws {
        for text in ["2028-02-29", "2026-01-01", "2026-12-31"] {
            let day = try #require(CalendarDate(text))
            var seekers = RehearsalSeekers(seed: 3, day: day, noticeVersion: "n")
            for _ in 0..<500 {
                let form = seekers.next()
                _ = try RegistrationRules.check(
                    form, on: day, noticeVersion: "n", keyGroupCodes: Set(KeyGroups.defaults.map(\.code))
                ).get()
            }
        }
    }
}
