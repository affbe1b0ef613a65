// Intents, claims, digits, names and figures against a real file.

import Foundation
import HeadquartersCore
import HeadquartersStore
import JobFair
import TestSupport
import Testing

@Suite struct FormStoreTests {
    @Test func anIntentIsStoredExactlyOnce() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest([.opened(fixture.envelope(1), StoreFixture.registration())])
        #expect(try await fixture.store.saveIntent(fixture.statement(1, vacancy: 2)) == .confirmed(isRepeat: false))
        #expect(try await fixture.store.saveIntent(fixture.statement(1, vacancy: 2)) == .confirmed(isRepeat: true))
        #expect(try await fixture.figures()?.intentPairs == 1)
        #expect(
            try await fixture.store.intents(of: StoreFixture.id(50, 1), digits: "1234").map(\.state) == [.confirmed])
        #expect(try await fixture.store.intents(of: StoreFixture.id(50, 1), digits: "4321").isEmpty)
        let withdrawal = fixture.statement(1, vacancy: 2, isWithdrawn: true, at: StoreFixture.now + 1)
        #expect(try await fixture.store.saveIntent(withdrawal) == .withdrawn(isRepeat: false))
        #expect(try await fixture.figures()?.intentPairs == 0)
        let again = fixture.statement(1, vacancy: 2, at: StoreFixture.now + 2)
        #expect(try await fixture.store.saveIntent(again) == .confirmed(isRepeat: false))
        #expect(try await fixture.figures()?.intentPairs == 1)
    }

    @Test func refusals() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest([
            .opened(fixture.envelope(1), StoreFixture.registration()),
            .opened(fixture.envelope(2), StoreFixture.registration(band: .from14to15)),
            .opened(fixture.envelope(3), StoreFixture.registration(band: .from16to17)),
            .opened(fixture.envelope(4), StoreFixture.registration(digits: nil)),
            .opened(fixture.envelope(5), StoreFixture.registration(surname: nil)),
        ])
        let save = { (index: Int, vacancy: Int) in
            try await fixture.store.saveIntent(fixture.statement(index, vacancy: vacancy))
        }
        #expect(try await save(1, 24) == .vacancyUnavailable)
        #expect(try await save(1, 77) == .vacancyUnavailable)
        #expect(try await save(2, 2) == .notAllowed)
        #expect(try await save(3, 1) == .vacancyNotUnder18)
        #expect(try await save(3, 2) == .confirmed(isRepeat: false))
        #expect(try await save(4, 2) == .clerkOnly)
        #expect(try await save(5, 2) == .nameOpen)
    }

    @Test func fiveDigitStringsAndTwentyVacancies() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest([
            .opened(fixture.envelope(1), StoreFixture.registration()),
            .opened(fixture.envelope(2), StoreFixture.registration()),
        ])
        for left in [4, 3, 2, 1, 0] {
            let wrong = fixture.statement(1, vacancy: 2, digits: "000\(left)")
            #expect(try await fixture.store.saveIntent(wrong) == .wrongDigits(triesLeft: left))
            #expect(try await fixture.store.saveIntent(wrong) == .wrongDigits(triesLeft: left))
        }
        #expect(try await fixture.store.saveIntent(fixture.statement(1, vacancy: 2)) == .tooManyTries)
        let reopened = try SQLiteHeadquartersStore(stateFolder: fixture.folder.path)
        #expect(try await reopened.saveIntent(fixture.statement(1, vacancy: 2)) == .tooManyTries)
        for vacancy in 2..<22 {
            #expect(
                try await fixture.store.saveIntent(fixture.statement(2, vacancy: vacancy))
                    == .confirmed(isRepeat: false))
        }
        #expect(try await fixture.store.saveIntent(fixture.statement(2, vacancy: 22)) == .tooManyVacancies)
        #expect(try await fixture.store.saveIntent(fixture.statement(2, vacancy: 2)) == .confirmed(isRepeat: true))
    }

    @Test func digitStringsAreCountedBeforeTheRecordArrives() async throws {
        let fixture = try await StoreFixture()
        let check = { (digits: String) in
            try await fixture.store.checkDigits(digits, of: StoreFixture.id(50, 1), at: StoreFixture.now)
        }
        #expect(try await fixture.store.saveIntent(fixture.statement(1, vacancy: 2)) == .claimed(isRepeat: false))
        for digits in ["0000", "0001", "0002", "0003", "0000", "1234"] {
            #expect(try await check(digits) == .undecided, "\(digits)")
        }
        #expect(try await check("0004") == .tooManyTries)
        #expect(try await fixture.store.saveIntent(fixture.statement(1, vacancy: 3, digits: "0004")) == .tooManyTries)
        #expect(try await check("1234") == .undecided)
        // They stay counted when it has arrived.
        try await fixture.ingest([.opened(fixture.envelope(1), StoreFixture.registration())])
        #expect(try await check("0004") == .tooManyTries)
        #expect(try await check("1234") == .right)
    }

    @Test func noRefusalIsAFreeGuess() async throws {
        let fixture = try await StoreFixture()
        let save = { (index: Int, vacancy: Int, digits: String) in
            try await fixture.store.saveIntent(fixture.statement(index, vacancy: vacancy, digits: digits))
        }
        for (number, vacancy) in [24, 77, 24, 77, 24].enumerated() {
            #expect(try await save(1, vacancy, "000\(number)") == .vacancyUnavailable)
        }
        #expect(try await save(1, 24, "1234") == .tooManyTries)
        for vacancy in 2..<22 { #expect(try await save(2, vacancy, "1234") == .claimed(isRepeat: false)) }
        for number in 0..<4 { #expect(try await save(2, 22, "000\(number)") == .tooManyVacancies) }
        #expect(try await save(2, 22, "0009") == .tooManyTries)
        try await fixture.ingest([.opened(fixture.envelope(3), StoreFixture.registration())])
        #expect(try await save(3, 24, "0000") == .wrongDigits(triesLeft: 4))
        #expect(try await save(3, 24, "1234") == .vacancyUnavailable)
    }

    @Test func anEmployerThatIsNotVerifiedTakesNoIntents() async throws {
        let fixture = try await StoreFixture()
        var catalogue = StoreFixture.makeCatalogue(seed: 2)
        let checked = Employer(id: StoreFixture.id(2, 2), name: "已核验", booth: "A02", isVerified: true)
        catalogue.employers[0].isVerified = false
        catalogue.employers.append(checked)
        catalogue.vacancies[3].employerID = checked.id
        let fair = try await fixture.store.createFair(catalogue, at: StoreFixture.now).fair.id
        try await fixture.ingest([.opened(fixture.envelope(1, fair: fair), StoreFixture.registration())])
        func save(_ index: Int, _ vacancy: Int, isWithdrawn: Bool = false) async throws -> IntentOutcome {
            try await fixture.store.saveIntent(
                IntentStatement(
                    seeker: StoreFixture.id(50, index), fairID: fair, vacancyID: StoreFixture.id(2, 100 + vacancy),
                    passOnConsent: true, isWithdrawn: isWithdrawn, digits: "1234", at: StoreFixture.now))
        }
        for index in [1, 2] { #expect(try await save(index, 2) == .vacancyUnavailable) }
        #expect(try await save(1, 3) == .confirmed(isRepeat: false))
        #expect(try await save(2, 3) == .claimed(isRepeat: false))
        #expect(try await save(1, 2, isWithdrawn: true) == .withdrawn(isRepeat: false))
    }

    @Test func aKioskIsGivenAFairAfterItsCode() async throws {
        let fixture = try await StoreFixture()
        let later = try await fixture.store.createFair(StoreFixture.makeCatalogue(seed: 2), at: StoreFixture.now)
        let grant = { (fair: FairID, device: Data) in try await fixture.store.grantFair(fair, to: device) }
        #expect(try await grant(later.fair.id, fixture.deviceID))
        #expect(try await !grant(later.fair.id, fixture.deviceID))
        #expect(
            try await fixture.store.device(fixture.deviceID)?.fairIDs == [fixture.catalogue.fair.id, later.fair.id])
        await #expect(throws: HeadquartersStoreError(.deviceUnknown)) {
            try await grant(later.fair.id, Data(count: 16))
        }
        await #expect(throws: HeadquartersStoreError(.fairUnknown)) {
            try await grant(StoreFixture.id(99), fixture.deviceID)
        }
    }

    @Test func claimsWaitForTheRecord() async throws {
        let fixture = try await StoreFixture()
        let store = fixture.store
        #expect(try await store.saveIntent(fixture.statement(1, vacancy: 2)) == .claimed(isRepeat: false))
        #expect(try await store.saveIntent(fixture.statement(1, vacancy: 2)) == .claimed(isRepeat: true))
        #expect(
            try await store.saveIntent(fixture.statement(1, vacancy: 3, digits: "9999")) == .claimed(isRepeat: false))
        #expect(try await store.saveIntent(fixture.statement(2, vacancy: 2)) == .claimed(isRepeat: false))
        #expect(try await fixture.figures()?.intentPairs == 0)
        try await fixture.ingest([
            .opened(fixture.envelope(1), StoreFixture.registration()),
            .opened(fixture.envelope(2), StoreFixture.registration(band: .from14to15)),
        ])
        #expect(try await fixture.figures()?.intentPairs == 1)
        let stated = try await store.intents(of: StoreFixture.id(50, 1), digits: "1234")
        #expect(stated.map(\.vacancyID) == [StoreFixture.id(1, 102)])
    }

    @Test func aClaimOfMoreThanNinetyDaysIsVoid() async throws {
        let fixture = try await StoreFixture()
        _ = try await fixture.store.saveIntent(fixture.statement(1, vacancy: 2))
        try await fixture.ingest(
            [.opened(fixture.envelope(1), StoreFixture.registration())], at: StoreFixture.now + 91 * 86_400_000)
        #expect(try await fixture.figures()?.intentPairs == 0)
    }

    @Test func anOpenNameIsCompletedBeforeAnyIntent() async throws {
        let fixture = try await StoreFixture()
        _ = try await fixture.store.saveIntent(fixture.statement(1, vacancy: 3))
        try await fixture.ingest([.opened(fixture.envelope(1), StoreFixture.registration(surname: nil))])
        #expect(try await fixture.store.saveIntent(fixture.statement(1, vacancy: 2)) == .nameOpen)
        let completion = { (digits: String) in
            NameCompletion(
                seeker: StoreFixture.id(50, 1), fairID: fixture.catalogue.fair.id, surname: "欧阳", sealed: Data([1]),
                digits: digits, at: StoreFixture.now)
        }
        #expect(try await fixture.store.completeName(completion("0000")) == .wrongDigits(triesLeft: 3))
        #expect(try await fixture.store.completeName(completion("1234")) == .completed)
        #expect(try await fixture.store.completeName(completion("1234")) == .alreadyKnown)
        #expect(try await fixture.store.registration(StoreFixture.id(50, 1))?.surname == "欧阳")
        // The claim that waited for the name is confirmed with it.
        #expect(try await fixture.figures()?.intentPairs == 1)
        #expect(try await fixture.store.saveIntent(fixture.statement(1, vacancy: 2)) == .confirmed(isRepeat: false))
    }

    @Test func handTriesAreCountedByTheHourAndNotAgainstTheSlip() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest([.opened(fixture.envelope(1, ticket: "AB0001"), StoreFixture.registration())])
        let find = { (ticket: String, digits: String, now: Int64) in
            try await fixture.store.findByHand(
                ticket: try #require(TicketNumber(ticket)), digits: digits, at: fixture.catalogue.fair.id, now: now)
        }
        for number in 0..<4 { #expect(try await find("AB0001", "000\(number)", 1000) == .notFound) }
        #expect(try await find("AB0001", "1234", 1000) == .found(StoreFixture.id(50, 1), allowsIntents: true))
        #expect(try await find("AB0001", "1234", 2000) == .tooManyTries)
        for _ in 0..<5 { #expect(try await find("AB0002", "1234", 1000) == .notFound) }
        #expect(try await find("AB0002", "1234", 2000) == .tooManyTries, "unknown numbers answer the same")
        for number in 0..<5 { #expect(try await find("AB0001", "000\(number)", 3_602_000) == .notFound) }
        #expect(
            try await fixture.store.checkDigits("1234", of: StoreFixture.id(50, 1), at: StoreFixture.now) == .right)
    }

    @Test func aTicketNumberOfTwoRecordsNamesNobody() async throws {
        let fixture = try await StoreFixture()
        let ticket = try #require(TicketNumber("AB0001"))
        let find = {
            try await fixture.store.findByHand(
                ticket: ticket, digits: "1234", at: fixture.catalogue.fair.id, now: StoreFixture.now)
        }
        try await fixture.ingest([
            .opened(fixture.envelope(1, ticket: "AB0001"), StoreFixture.registration(band: .from14to15))
        ])
        #expect(try await find() == .found(StoreFixture.id(50, 1), allowsIntents: false))
        try await fixture.ingest([.opened(fixture.envelope(2, ticket: "AB0001"), StoreFixture.registration())])
        #expect(try await find() == .notFound)
    }

    @Test func nothingButTheRightDigitsHearsOfAge() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest([.opened(fixture.envelope(1), StoreFixture.registration(band: .from14to15))])
        let save = { (digits: String) in
            try await fixture.store.saveIntent(fixture.statement(1, vacancy: 2, digits: digits))
        }
        #expect(try await save("0000") == .wrongDigits(triesLeft: 4))
        #expect(try await save("1234") == .notAllowed)
    }

    @Test func sixteenAndSeventeenAreNotSentToAdultsVacanciesByAnyRoad() async throws {
        let fixture = try await StoreFixture()
        let store = fixture.store
        for vacancy in [1, 2] {
            #expect(try await store.saveIntent(fixture.statement(1, vacancy: vacancy)) == .claimed(isRepeat: false))
        }
        #expect(
            try await store.saveIntent(fixture.statement(1, vacancy: 1, digits: "0000")) == .claimed(isRepeat: false))
        try await fixture.ingest([.opened(fixture.envelope(1), StoreFixture.registration(band: .from16to17))])
        let stated = try await store.intents(of: StoreFixture.id(50, 1), digits: "1234")
        #expect(
            Dictionary(uniqueKeysWithValues: stated.map { ($0.vacancyID, $0.state) })
                == [StoreFixture.id(1, 101): .void, StoreFixture.id(1, 102): .confirmed])
        #expect(try await store.intents(of: StoreFixture.id(50, 1), digits: "0000").isEmpty)
        #expect(try await store.saveIntent(fixture.statement(1, vacancy: 1)) == .vacancyNotUnder18)
        // As a record of a kiosk.
        let intent = OpenedIntent(
            seeker: StoreFixture.id(50, 1), vacancyID: StoreFixture.id(1, 101), level: .preliminary,
            passOnConsent: true, isWithdrawn: false, digits: "1234")
        try await fixture.ingest([.opened(fixture.envelope(2), .intent(intent))])
        #expect(try await fixture.figures()?.intentPairs == 1)
        #expect(
            try await store.intents(of: StoreFixture.id(50, 1), digits: "1234").count { $0.state == .confirmed } == 1)
    }

    @Test func editionsAreReadWithoutTheCatalogue() async throws {
        let fixture = try await StoreFixture()
        let fair = fixture.catalogue.fair
        let edition = FairEdition(fairID: fair.id, keyNumber: fair.keyNumber, catalogueVersion: 1)
        #expect(try await fixture.store.fair(keyNumber: fair.keyNumber) == edition)
        #expect(try await fixture.store.fair(keyNumber: fair.keyNumber + 1) == nil)
        #expect(try await fixture.store.editions(of: [StoreFixture.id(99), fair.id]) == [edition])
    }

    @Test func figuresCountPeopleAndPairs() async throws {
        let fixture = try await StoreFixture()
        let second = CalendarDate(year: 2027, month: 1, day: 16)
        try await fixture.ingest([
            .opened(fixture.envelope(1), StoreFixture.registration(person: 1)),
            .opened(fixture.envelope(2), StoreFixture.registration(person: 1)),
            .opened(fixture.envelope(3), StoreFixture.registration()),
            .opened(fixture.envelope(4), StoreFixture.registration(person: 2, isRehearsal: true)),
            .opened(fixture.envelope(5), .entry(people: 1, isRehearsal: false)),
            .opened(fixture.envelope(6), .entry(people: 1, isRehearsal: true)),
            .opened(fixture.envelope(7), .checkIn(seeker: StoreFixture.id(50, 1))),
            .opened(fixture.envelope(8), .checkIn(seeker: StoreFixture.id(50, 2))),
            .opened(fixture.envelope(9, day: second), .checkIn(seeker: StoreFixture.id(50, 1))),
            .opened(fixture.envelope(10, day: second), .checkIn(seeker: StoreFixture.id(50, 77))),
        ])
        for (index, vacancy) in [(1, 2), (2, 2), (2, 3), (3, 2), (4, 2)] {
            _ = try await fixture.store.saveIntent(fixture.statement(index, vacancy: vacancy))
        }
        let figures = try #require(try await fixture.figures())
        #expect(figures.entries == 1)
        #expect(figures.registrations == 2)
        #expect(figures.unlinkedRegistrations == 1)
        #expect(figures.checkIns.map(\.people) == [1, 2])
        #expect(figures.intentPeople == 2)
        #expect(figures.intentPairs == 3)
        #expect(figures.vacancyPostings == 24)
        #expect(figures.vacancyHeadcount == 46)
        #expect(figures.vacanciesWithoutHeadcount == 1)
        #expect(figures.kiosks.map(\.records) == [10])
        // One registration of the linked person withdraws later: the pair is gone.
        _ = try await fixture.store.saveIntent(
            fixture.statement(1, vacancy: 2, isWithdrawn: true, at: StoreFixture.now + 10))
        #expect(try await fixture.figures()?.intentPairs == 2)
    }

    @Test func rehearsalsHaveNoFigures() async throws {
        let fixture = try await StoreFixture(kind: .rehearsal)
        #expect(try await fixture.figures() == nil)
    }

    @Test func ticketPairsAreGivenOnceAndKept() async throws {
        let fixture = try await StoreFixture()
        let other = Data(repeating: 0xD2, count: 16)
        try await StoreFixture.enrol(other, seed: 2, fairs: [fixture.catalogue.fair.id], in: fixture.store)
        let first = try await fixture.store.ticketPairs(for: fixture.deviceID, at: fixture.catalogue.fair.id)
        let second = try await fixture.store.ticketPairs(for: other, at: fixture.catalogue.fair.id)
        #expect(first == ["AA", "AB", "AC", "AD"])
        #expect(second == ["AE", "AF", "AG", "AH"])
        #expect(try await fixture.store.ticketPairs(for: fixture.deviceID, at: fixture.catalogue.fair.id) == first)
    }

    @Test func enrolmentCodesWorkOnce() async throws {
        let fixture = try await StoreFixture()
        let hash = Data(repeating: 0xAA, count: 32)
        let device = { (seed: UInt8) in
            NewDevice(
                deviceID: Data(repeating: seed, count: 16), publicKey: Data(repeating: seed, count: 32),
                agreementPublicKey: Data(repeating: seed, count: 32), softwareVersion: "1")
        }
        try await fixture.store.addEnrolmentCode(
            NewEnrolmentCode(hash: hash, kioskLabel: "x", fairIDs: [], createdAt: 0, expiresAt: 100))
        await #expect(throws: HeadquartersStoreError(.codeInvalid)) {
            try await fixture.store.enrol(device(5), codeHash: hash, at: 100)
        }
        let enrolled = try await fixture.store.enrol(device(5), codeHash: hash, at: 99)
        #expect(try await fixture.store.enrol(device(5), codeHash: hash, at: 99) == enrolled)
        await #expect(throws: HeadquartersStoreError(.codeInvalid)) {
            try await fixture.store.enrol(device(6), codeHash: hash, at: 99)
        }
    }
}
