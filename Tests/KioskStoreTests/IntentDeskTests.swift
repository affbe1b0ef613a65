// Intents and wishes of somebody with a slip, over the real store.

import Foundation
import JobFair
import KioskCore
import SyncProtocol
import TestSupport
import Testing

@testable import KioskStore

@Suite struct IntentDeskTests {
    @Test func anIntentIsARecordOfItsOwnAndItsRepeatIsNone() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store)
            let vacancies = VacancyFixture()
            desk.offer(vacancies)
            let seeker = RecordID.random()
            _ = try await desk.register(seeker)
            let slip = DeskFixture.slip(of: seeker)
            let records = try await store.counts().records
            let intent = RecordID.random()
            for _ in 0..<3 { #expect(try await desk.state(vacancies.open.id, slip: slip, id: intent) == .recorded) }
            #expect(try await store.counts().records == records + 1)
            // Typed as thumbs do, and in another hand: the same digits.
            #expect(try await desk.state(vacancies.open.id, slip: slip, digits: " ００-０1 ") == .recorded)
            #expect(try await store.counts().records == records + 2)
            for (consent, withdrawn, key) in [(false, false, "c"), (true, true, "c"), (true, false, "e")] {
                #expect(
                    await deskError {
                        try await desk.state(
                            vacancies.open.id, slip: slip, id: intent, consent: consent, withdrawn: withdrawn,
                            key: Character(key))
                    } == "conflict")
            }
            #expect(try await store.counts().records == records + 2)
        }
    }

    @Test func slipsThatLeadToNoIntentsAreRefusedBeforeAnythingIsLookedAt() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store)
            let vacancies = VacancyFixture()
            desk.offer(vacancies)
            let seeker = RecordID.random()
            _ = try await desk.register(seeker)
            let records = try await store.counts().records
            func slip(_ purpose: Int = 1, fair: Int = 1, key: Data = DeskFixture.tokenKey) -> String {
                SlipToken.make(
                    purpose: purpose, fairKeyNumber: fair, recordID: Data(seeker.bytes), tokenKey: key
                ).text
            }
            let rows: [(slip: String, error: String)] = [
                ("6901234567892", "slipInvalid"), (slip(2), "slipWithoutIntents"), (slip(fair: 2), "slipOfOtherFair"),
                (slip(key: Data(repeating: 1, count: 32)), "slipInvalid"),
                (String(repeating: "A", count: 48), "slipInvalid"),
            ]
            for (slip, error) in rows {
                #expect(await deskError { try await desk.state(vacancies.open.id, slip: slip) } == error)
                #expect(await deskError { try await desk.wish(Wishes(), slip: slip) } == error)
                #expect(
                    await deskError { try await desk.desk.matches(Wishes(), scanned: slip, count: 5) } == error)
            }
            for typed in ["", "1", "12345", "12a4", "X123"] {
                let error = await deskError { try await desk.state(vacancies.open.id, slip: slip(), digits: typed) }
                #expect(error?.contains("digits.invalid") == true)
            }
            #expect(try await store.counts().records == records)
        }
    }

    @Test func fiveDifferentStringsOfDigitsAreLookedAt() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store)
            let vacancies = VacancyFixture()
            desk.offer(vacancies)
            let (first, second) = (RecordID.random(), RecordID.random())
            _ = try await desk.register(first)
            _ = try await desk.register(second)
            let slip = DeskFixture.slip(of: first)
            for (digits, left) in [("1111", 4), ("1111", 4), ("2222", 3), ("3333", 2), ("444X", 1), ("5555", 0)] {
                #expect(
                    await deskError { try await desk.state(vacancies.open.id, slip: slip, digits: digits) }
                        == "digitsWrong(triesLeft: \(left))")
            }
            #expect(await deskError { try await desk.state(vacancies.open.id, slip: slip) } == "digitsExhausted")
            #expect(await deskError { try await desk.wish(Wishes(), slip: slip) } == "digitsExhausted")
            #expect(
                await deskError { try await desk.state(vacancies.open.id, slip: slip, digits: "2222") }
                    == "digitsWrong(triesLeft: 0)")
            // Another slip is another count, and right digits may be said again and again.
            for _ in 0..<7 {
                #expect(
                    try await desk.state(vacancies.open.id, slip: DeskFixture.slip(of: second)) == .recorded)
            }
        }
    }

    @Test func whatThisKioskCannotCheckTravelsSealed() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let vacancies = VacancyFixture()
            let desk = DeskFixture(fixture, store)
            desk.offer(vacancies)
            let seeker = RecordID.random()
            _ = try await desk.register(seeker)
            // Made at another kiosk of the fair.
            let stranger = DeskFixture.slip(of: .random())
            #expect(try await desk.state(vacancies.open.id, slip: stranger, digits: "1234") == .toBeChecked)
            for digits in ["1235", "1236", "1237", "1238"] {
                _ = try await desk.state(vacancies.open.id, slip: stranger, digits: digits)
            }
            #expect(
                await deskError { try await desk.state(vacancies.open.id, slip: stranger, digits: "1239") }
                    == "digitsExhausted")
            // The power was cut: the key is another one, and nothing is called wrong that may be right.
            let slip = DeskFixture.slip(of: seeker)
            let after = DeskFixture(fixture, store, runtimeKey: 6)
            after.offer(vacancies)
            #expect(try await after.state(vacancies.open.id, slip: slip) == .toBeChecked)
            #expect(try await after.state(vacancies.open.id, slip: slip, digits: "9999") == .toBeChecked)
            // A restart keeps it.
            let again = DeskFixture(fixture, store)
            again.offer(vacancies)
            #expect(try await again.state(vacancies.open.id, slip: slip) == .recorded)
        }
    }

    @Test func withoutPhoneAndDocumentOnlyAClerkCanHelp() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store)
            let vacancies = VacancyFixture()
            desk.offer(vacancies)
            let (clerk, letters, nameless) = (RecordID.random(), RecordID.random(), RecordID.random())
            let key = try DeskFixture.key("a")
            _ = try await desk.desk.register(
                RegistrationForm(
                    name: "张三", hasNoPhone: true, contactPhone: "15400000001", birthDate: "1990-01-01",
                    noticeVersion: "1"), recordID: clerk, formKey: key)
            _ = try await desk.desk.register(
                RegistrationForm(
                    documentKind: "passport", documentNumber: "E1234ABCD", name: "张三", birthDate: "1990-01-01",
                    noticeVersion: "1"), recordID: letters, formKey: key)
            _ = try await desk.desk.register(
                RegistrationForm(documentNumber: "000001199001010014", noticeVersion: "1"), recordID: nameless,
                formKey: key)
            for seeker in [clerk, letters] {
                let slip = DeskFixture.slip(of: seeker)
                #expect(await deskError { try await desk.state(vacancies.open.id, slip: slip) } == "clerkOnly")
            }
            // The name is to be completed first; headquarters waits for it.
            let slip = DeskFixture.slip(of: nameless)
            #expect(try await desk.state(vacancies.open.id, slip: slip, digits: "0014") == .nameOpen)
        }
    }

    @Test func whoTakesBackIsNotHeldUp() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store)
            let vacancies = VacancyFixture()
            desk.offer(vacancies)
            let seeker = RecordID.random()
            _ = try await desk.register(seeker)
            let slip = DeskFixture.slip(of: seeker)
            // Stated while it was open: its consent may be taken back, and it as a whole; then it is nobody's any more.
            var nowFilled = vacancies.open
            nowFilled.isFilled = true
            #expect(try await desk.state(nowFilled.id, slip: slip) == .recorded)
            desk.fairs.offer([nowFilled, vacancies.filled, vacancies.hidden], of: vacancies.employers)
            try await desk.shelf.renew(StoreFixture.fair)
            #expect(await deskError { try await desk.state(nowFilled.id, slip: slip) } == "vacancyUnavailable")
            #expect(try await desk.state(nowFilled.id, slip: slip, consent: false) == .recorded)
            for gone in [nowFilled.id, vacancies.filled.id, vacancies.hidden.id] {
                #expect(try await desk.state(gone, slip: slip, withdrawn: true) == .recorded)
                for consent in [true, false] {
                    let error = await deskError { try await desk.state(gone, slip: slip, consent: consent) }
                    #expect(error == "vacancyUnavailable")
                }
            }
            let unknown = VacancyID.random()
            #expect(await deskError { try await desk.state(unknown, slip: slip) } == "vacancyNotFound")
            #expect(await deskError { try await desk.state(unknown, slip: slip, consent: false) } == "vacancyNotFound")
            #expect(try await desk.state(unknown, slip: slip, withdrawn: true) == .recorded)
        }
    }

    @Test func whatIsOnTheDiskIsNoFailureWhenItCannotBeReadAgain() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let vacancies = VacancyFixture()
            let seeker = RecordID.random()
            _ = try await DeskFixture(fixture, store).register(seeker)
            let slip = DeskFixture.slip(of: seeker)
            let first = DeskFixture(fixture, store, records: FakeUnreadableStore(store))
            first.offer(vacancies)
            #expect(try await first.state(vacancies.open.id, slip: slip) == .toBeChecked)
            let second = DeskFixture(fixture, store, records: FakeUnreadableStore(store))
            second.offer(vacancies)
            #expect(try await second.wish(Wishes(occupations: ["cook"]), slip: slip) == .toBeChecked)
            #expect(try await store.counts().records == 4)
        }
    }

    @Test func aCheckInTellsWhetherTheSlipLeadsToIntents() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store).desk
            for (purpose, allowsIntents) in [(1, true), (2, false)] {
                let slip = DeskFixture.slip(of: .random(), purpose: purpose)
                let answer = try await desk.checkIn(scanned: slip, recordID: .random())
                #expect(answer.allowsIntents == allowsIntents && answer.isFairOpen)
            }
        }
    }

    @Test func aRestartGivesNoFurtherTries() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let vacancies = VacancyFixture()
            let seeker = RecordID.random()
            _ = try await DeskFixture(fixture, store).register(seeker)
            let slip = DeskFixture.slip(of: seeker)
            for (number, digits) in ["1111", "2222", "3333", "4444", "5555", "6666"].enumerated() {
                let desk = DeskFixture(fixture, store)
                desk.offer(vacancies)
                let error = await deskError { try await desk.state(vacancies.open.id, slip: slip, digits: digits) }
                #expect(error == (number < 5 ? "digitsWrong(triesLeft: \(4 - number))" : "digitsExhausted"))
            }
            let mode = try FileManager.default.attributesOfItem(atPath: fixture.folder.file("slips.tried"))
            #expect(mode[.posixPermissions] as? Int == 0o600)
        }
    }

    /// Forms and pages that send beside each other must not pass the bound between looking and counting.
    @Test func twentyVacanciesWithOneSlipAlsoBesideEachOther() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store)
            let employer = VacancyFixture().employer
            let vacancies = (0..<40).map { VacancyFixture.vacancy("缝纫工\($0)", of: employer) }
            desk.fairs.offer(vacancies, of: [employer])
            let seeker = RecordID.random()
            _ = try await desk.register(seeker)
            let slip = DeskFixture.slip(of: seeker)
            let errors = await withTaskGroup(of: String?.self) { group in
                for vacancy in vacancies {
                    group.addTask { await deskError { try await desk.state(vacancy.id, slip: slip) } }
                }
                return await group.reduce(into: [String?]()) { $0.append($1) }
            }
            #expect(errors.count { $0 == nil } == 20)
            #expect(errors.count { $0 == "tooManyVacancies" } == 20)
        }
    }

    @Test func whatASlipStatedHereCanBeFoundWhateverBecameOfIt() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store)
            let employer = VacancyFixture().employer
            var vacancies = (0..<4).map { VacancyFixture.vacancy("缝纫工\($0)", of: employer) }
            desk.fairs.offer(vacancies, of: [employer])
            let seeker = RecordID.random()
            _ = try await desk.register(seeker)
            let slip = DeskFixture.slip(of: seeker)
            func own(_ digits: String = DeskFixture.digits) async throws -> SlipIntents {
                try await desk.desk.slipIntents(by: SlipHolder(scanned: slip, digits: digits))
            }
            #expect(try await own() == SlipIntents(areDigitsChecked: true, intents: []))
            // Taken back; then the very request that stated it comes once more.
            let id = RecordID.random()
            for withdrawn in [false, true, false] {
                _ = try await desk.state(
                    vacancies[0].id, slip: slip, id: withdrawn ? .random() : id, withdrawn: withdrawn)
            }
            #expect(try await own().intents == [])
            for vacancy in vacancies { _ = try await desk.state(vacancy.id, slip: slip) }
            vacancies[1].isFilled = true
            vacancies[2].isWithdrawn = true
            desk.fairs.offer(Array(vacancies.prefix(3)), of: [employer])
            try await desk.shelf.renew(StoreFixture.fair)
            let found = try await own().intents
            #expect(found.map(\.vacancyID) == vacancies.map(\.id))
            #expect(found.map(\.standing) == [.open, .filled, .withdrawn, .withdrawn])
            #expect(found.map { $0.card?.vacancy.title } == ["缝纫工0", "缝纫工1", "缝纫工2", nil])
            for vacancy in vacancies.dropFirst() {
                #expect(try await desk.state(vacancy.id, slip: slip, withdrawn: true) == .recorded)
            }
            #expect(try await own().intents.map(\.vacancyID) == [vacancies[0].id])

            // Only to whoever says the digits, and a wrong string is a try like any other.
            #expect(await deskError { try await own("1111") } == "digitsWrong(triesLeft: 3)")
            let stranger = SlipHolder(scanned: DeskFixture.slip(of: .random()), digits: "1234")
            #expect(
                try await desk.desk.slipIntents(by: stranger) == SlipIntents(areDigitsChecked: false, intents: []))
            let forged = SlipHolder(scanned: String(slip.dropLast()) + (slip.last == "A" ? "B" : "A"), digits: "0001")
            #expect(await deskError { try await desk.desk.slipIntents(by: forged) } == "slipInvalid")
        }
    }

    @Test func anotherKiosksSlipShowsOnlyWhatTheSameDigitsStated() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store)
            let vacancies = VacancyFixture()
            desk.offer(vacancies)
            let slip = DeskFixture.slip(of: .random())
            #expect(try await desk.state(vacancies.open.id, slip: slip, digits: "1234") == .toBeChecked)
            for (digits, ids) in [("1234", [vacancies.open.id]), ("9999", [])] {
                let own = try await desk.desk.slipIntents(by: SlipHolder(scanned: slip, digits: digits))
                #expect(!own.areDigitsChecked && own.intents.map(\.vacancyID) == ids)
            }
            let matched = try await desk.desk.matches(nil, scanned: slip, count: 5)
            #expect(!matched.areWishesKnown)
            #expect(try await desk.desk.matches(Wishes(), scanned: slip, count: 5).areWishesKnown)
        }
    }

    @Test func aStatementThatWasRefusedIsNotCounted() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store)
            let vacancies = VacancyFixture()
            desk.offer(vacancies)
            let (seeker, id) = (RecordID.random(), RecordID.random())
            _ = try await desk.register(seeker)
            let slip = DeskFixture.slip(of: seeker)
            // The id stands for something else already.
            _ = try await desk.desk.countEntry(recordID: id, way: "tap")
            #expect(await deskError { try await desk.state(vacancies.open.id, slip: slip, id: id) } == "conflict")
            let holder = SlipHolder(scanned: slip, digits: DeskFixture.digits)
            #expect(try await desk.desk.slipIntents(by: holder).intents == [])
        }
    }

    @Test func twentyVacanciesWithOneSlip() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store)
            let employer = VacancyFixture().employer
            let vacancies = (0..<22).map { VacancyFixture.vacancy("缝纫工\($0)", of: employer) }
            desk.fairs.offer(vacancies, of: [employer])
            let seeker = RecordID.random()
            _ = try await desk.register(seeker)
            let slip = DeskFixture.slip(of: seeker)
            for vacancy in vacancies.prefix(20) { _ = try await desk.state(vacancy.id, slip: slip) }
            #expect(await deskError { try await desk.state(vacancies[20].id, slip: slip) } == "tooManyVacancies")
            #expect(try await desk.state(vacancies[3].id, slip: slip, consent: false) == .recorded)
            #expect(try await desk.state(vacancies[3].id, slip: slip, withdrawn: true) == .recorded)
            #expect(try await desk.state(vacancies[20].id, slip: slip) == .recorded)
        }
    }

    @Test func otherWishesCountForTheNextListOnlyWhereTheDigitsWereRight() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store)
            let vacancies = VacancyFixture()
            desk.offer(vacancies)
            let seeker = RecordID.random()
            _ = try await desk.register(seeker)
            let slip = DeskFixture.slip(of: seeker)
            let wishes = Wishes(
                occupations: ["sewing"], home: "990121", workForms: [.byTheDay, .fullTime], board: true,
                nightShifts: false, skills: ["平车"], travel: true)
            #expect(try await desk.wish(wishes, slip: slip) == .recorded)
            var kept = try await store.registration(seeker)?.desk?.wishes
            #expect(
                kept?.occupations == ["sewing"] && kept?.workForms == [.fullTime, .byTheDay] && kept?.travel == true)
            let matched = try await desk.desk.matches(nil, scanned: slip, count: 5)
            #expect(matched.areWishesKnown && matched.lines.first?.reasons.first == "是您要的缝纫工")

            let after = DeskFixture(fixture, store, runtimeKey: 6)
            after.offer(vacancies)
            #expect(try await after.wish(Wishes(occupations: ["cook"]), slip: slip) == .toBeChecked)
            kept = try await store.registration(seeker)?.desk?.wishes
            #expect(kept?.occupations == ["sewing"])
            let error = await deskError {
                try await desk.wish(Wishes(occupations: ["a", "b", "c", "d"], home: "\u{1}"), slip: slip)
            }
            #expect(error?.contains("wishes.tooMany") == true && error?.contains("wishes.home") == true)

            // What a closing has taken out does not come back with the next opening.
            let before = try await store.counts().records
            _ = try await store.commit(fixture.opening(closes: true), clock: .test)
            #expect(await deskError { try await desk.wish(wishes, slip: slip) } == "noFairOpen")
            #expect(await deskError { try await desk.state(vacancies.open.id, slip: slip) } == "noFairOpen")
            _ = try await store.commit(fixture.opening(), clock: .test)
            #expect(try await desk.wish(wishes, slip: slip) == .toBeChecked)
            #expect(try await store.registration(seeker)?.desk?.wishes == Wishes())
            #expect(try await store.counts().records == before + 3)
        }
    }
}
