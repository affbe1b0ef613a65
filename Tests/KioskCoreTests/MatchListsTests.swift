// What stands on slips: five vacancies by wishes, the same ones however often the slip is drawn.

import JobFair
import Testing

@testable import KioskCore

@Suite struct MatchListsTests {
    private static let fair = FairID(milliseconds: 1, random: Array(repeating: 1, count: 10))

    private static func offers(filled: Set<Int> = []) -> VacancyOffers {
        let employers = (0..<7).map {
            Employer(
                id: EmployerID(milliseconds: 2, random: Array(repeating: UInt8($0), count: 10)), name: "企业\($0)",
                booth: "A\($0)", isVerified: true)
        }
        let vacancies = (0..<14).map { number in
            Vacancy(
                id: VacancyID(milliseconds: 3, random: Array(repeating: UInt8(number), count: 10)),
                employerID: employers[number % 7].id, title: number < 7 ? "缝纫工" : "厨师", headcount: 1,
                pay: Pay(lowestFen: 0, highestFen: 0, unit: nil, text: ""), booth: "", place: "", boardAndLodging: "",
                insurance: "", hours: "", isNotUnder18: number == 0, isFilled: filled.contains(number),
                region: number == 1 ? "990121" : "990200")
        }
        let days = [CalendarDate(year: 2026, month: 2, day: 1)].compactMap { $0 }
        return VacancyOffers(
            Catalogue(
                fair: Fair(
                    id: fair, name: "春风行动", venue: "", organiser: "", kind: .fair, days: days, keyNumber: 1,
                    formAddress: "HTTPS://FORM.EXAMPLE.CN", servicePhone: ""),
                version: 1, employers: employers, vacancies: vacancies,
                notice: PrivacyNotice(version: "1", title: "", shortText: "", fullText: ""), keyGroups: [],
                regions: [
                    Region(code: "990000", name: "禾川省"), Region(code: "990121", name: "青禾县"),
                    Region(code: "990200", name: "明湖市"),
                ]))
    }

    private func slip(_ number: UInt8) -> RecordID {
        RecordID(milliseconds: 4, random: Array(repeating: number, count: 10))
    }

    private func day(_ day: Int) throws -> CalendarDate { try #require(CalendarDate(year: 2026, month: 2, day: day)) }

    @Test func aSlipHasTheSameVacanciesEachTimeItIsDrawn() async throws {
        let lists = MatchLists()
        let (offers, today) = (Self.offers(), try day(1))
        let wishes = Wishes(occupations: ["cook"])
        let first = await lists.slipList(of: slip(1), wishes: wishes, turn: 3, count: 5, from: offers, on: today)
        #expect(first.count == 5 && first.allSatisfy { $0.vacancy.title == "厨师" })
        for number in 2..<60 {
            _ = await lists.slipList(
                of: slip(UInt8(number)), wishes: wishes, turn: number, count: 5, from: offers, on: today)
        }
        let again = await lists.slipList(of: slip(1), wishes: wishes, turn: 3, count: 5, from: offers, on: today)
        #expect(again == first)
        // Other wishes make another list.
        await lists.forget(slip(1))
        let changed = await lists.slipList(
            of: slip(1), wishes: Wishes(occupations: ["sewing"]), turn: 3, count: 5, from: offers, on: today)
        #expect(changed.count == 5 && changed.allSatisfy { $0.vacancy.title == "缝纫工" })
    }

    @Test func whatWasFilledSinceLeavesTheSlip() async throws {
        let lists = MatchLists()
        let wishes = Wishes(occupations: ["cook"])
        let first = await lists.slipList(
            of: slip(1), wishes: wishes, turn: 1, count: 5, from: Self.offers(), on: try day(1))
        let later = await lists.slipList(
            of: slip(1), wishes: wishes, turn: 1, count: 5, from: Self.offers(filled: [7, 8, 9, 10]), on: try day(1))
        #expect(later.count < first.count)
        #expect(later == first.filter { card in later.contains(card) })
    }

    @Test func noSlipNamesAVacancyThatIsNotForMinors() async throws {
        let lists = MatchLists()
        for turn in 0..<40 {
            let cards = await lists.slipList(
                of: slip(UInt8(turn)), wishes: Wishes(), turn: turn, count: 5, from: Self.offers(), on: try day(1))
            #expect(cards.count == 5 && cards.allSatisfy { !$0.vacancy.isNotUnder18 })
        }
    }

    @Test func theNextDayBeginsAnewAndALateSlipDoesNotTurnItBack() async throws {
        let lists = MatchLists()
        let offers = Self.offers()
        let wishes = Wishes(occupations: ["sewing"])
        _ = await lists.slipList(of: slip(1), wishes: wishes, turn: 1, count: 5, from: offers, on: try day(2))
        let kept = await lists.slipList(of: slip(1), wishes: wishes, turn: 1, count: 5, from: offers, on: try day(1))
        let other = await lists.slipList(of: slip(1), wishes: wishes, turn: 9, count: 5, from: offers, on: try day(1))
        #expect(kept == other)
    }

    @Test func tilesAndRegionsAreCounted() {
        let offers = Self.offers(filled: [13])
        let tiles = Dictionary(uniqueKeysWithValues: offers.occupations.map { ($0.occupation, $0.vacancies) })
        #expect(tiles[.sewing] == 7 && tiles[.cook] == 6 && tiles[.welder] == 0)
        #expect(offers.regions.map(\.vacancies) == [13, 1, 12])
        #expect(offers.card(of: offers.index.vacancies[1].id)?.regionName == "青禾县")
    }
}
