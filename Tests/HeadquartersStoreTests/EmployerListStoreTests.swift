// Who is on an employer's list when words arrive late, in any order, or were stored by an older program.

import Foundation
import GRDB
import HeadquartersCore
import JobFair
import TestSupport
import Testing

@testable import HeadquartersStore

struct EmployerListStoreTests {
    private static func standings(_ fixture: StoreFixture) async throws -> [EmployerListLine.Standing] {
        let list = try await fixture.store.employerList(
            of: fixture.catalogue.employers[0].id, at: fixture.catalogue.fair.id, for: .masked)
        return try #require(list).lines.map(\.standing)
    }

    /// An intent as a kiosk's record, an hour before the fixture's now where nothing else is said.
    private static func intent(
        _ fixture: StoreFixture, _ index: Int, at: Int64 = StoreFixture.now - 3_600_000,
        level: IntentLevel = .preliminary, isWithdrawn: Bool = false, isConsented: Bool = true
    ) -> ArrivedRecord {
        .opened(
            fixture.envelope(index, previous: Data(repeating: 1, count: 32), clock: StoreFixture.clock(.ntp, wall: at)),
            .intent(
                OpenedIntent(
                    seeker: StoreFixture.id(50, 1), vacancyID: StoreFixture.id(1, 102), level: level,
                    passOnConsent: isConsented && !isWithdrawn, isWithdrawn: isWithdrawn, digits: "1234")))
    }

    private static func registration(_ fixture: StoreFixture, band: AgeBand = .adult) -> ArrivedRecord {
        .opened(fixture.envelope(1, ticket: "AB0001"), StoreFixture.registration(person: 1, band: band))
    }

    /// The button on the phone that takes back the consent only.
    private static func refusal(_ fixture: StoreFixture, vacancy: Int = 2, digits: String = "1234") -> IntentStatement {
        var statement = fixture.statement(1, vacancy: vacancy, digits: digits, at: StoreFixture.now + 1)
        statement.passOnConsent = false
        return statement
    }

    private static func stated(_ fixture: StoreFixture) async throws -> [StatedIntent] {
        try await fixture.store.intents(of: StoreFixture.id(50, 1), digits: "1234")
    }

    /// What a clerk finds out about the vacancy while people are on its list.
    enum Bar: CaseIterable {
        case filled, withdrawn, held, unverified, notUnder18

        func apply(_ fixture: StoreFixture, isLifted: Bool = false) async throws {
            let clerk = DeskAuthor(actor: .login(name: "li", role: .clerk), name: "li")
            let vacancy: VacancyID = StoreFixture.id(1, 102)
            switch self {
            case .filled: try await fixture.store.change(vacancy, .filled, by: clerk, at: 1)
            case .withdrawn: try await fixture.store.change(vacancy, .withdrawn, by: clerk, at: 1)
            case .held:
                try await fixture.store.decide(vacancy, releases: false, reason: "投诉", words: nil, by: clerk, at: 1)
            case .unverified:
                let employer = fixture.catalogue.employers[0].id
                try await fixture.store.unverify(employer, reason: "投诉", by: clerk, at: 1)
            case .notUnder18:
                try await DatabaseQueue(path: fixture.folder.file("headquarters.sqlite")).write { db in
                    try db.execute(
                        sql: """
                            UPDATE vacancy SET isNotUnder18 = ?1,
                                details = json_set(details, '$.isNotUnder18', json(iif(?1, 'true', 'false')))
                            WHERE vacancyID = ?2
                            """,
                        arguments: [!isLifted, Data(vacancy.bytes)])
                }
            }
        }
    }

    /// The claim of before was overwritten by whatever came last, and a withdrawal was lost.
    @Test func aWithdrawalIsNotOverwrittenByAnEarlierWordThatArrivesLater() async throws {
        let fixture = try await StoreFixture()
        let claim = try await fixture.store.saveIntent(fixture.statement(1, vacancy: 2, isWithdrawn: true))
        #expect(claim == .withdrawn(isRepeat: false))
        try await fixture.ingest([Self.intent(fixture, 2)], batch: 1)
        try await fixture.ingest([Self.registration(fixture)], batch: 2)
        #expect(try await Self.standings(fixture) == [])
        #expect(try await fixture.figures()?.intentPairs == 0)
    }

    @Test func theSameWordsInTheOtherOrderComeToTheSame() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest([Self.registration(fixture), Self.intent(fixture, 2)])
        #expect(try await Self.standings(fixture) == [.open])
        _ = try await fixture.store.saveIntent(fixture.statement(1, vacancy: 2, isWithdrawn: true))
        #expect(try await Self.standings(fixture) == [])
        try await fixture.ingest([Self.intent(fixture, 3, at: StoreFixture.now - 7_200_000)], batch: 2)
        #expect(try await Self.standings(fixture) == [])
    }

    /// The button answered as if the vacancy were to be stated anew, and nothing was stored.
    @Test(arguments: Bar.allCases) func consentIsTakenBackWhateverBecameOfTheVacancy(bar: Bar) async throws {
        let fixture = try await StoreFixture(label: "bar-\(bar)")
        try await fixture.ingest([Self.registration(fixture, band: .from16to17)])
        _ = try await fixture.store.saveIntent(fixture.statement(1, vacancy: 2))
        #expect(try await Self.standings(fixture) == [.open])
        try await bar.apply(fixture)
        #expect(try await fixture.store.saveIntent(Self.refusal(fixture)) == .confirmed(isRepeat: true))
        #expect(try await Self.standings(fixture) == [])
        let stated = try await Self.stated(fixture)
        #expect(stated.map(\.passOnConsent) == [false])
        #expect(stated.map(\.at) == [StoreFixture.now], "the vacancy is not stated anew")
        // Nothing stands of another: a refusal is no way in.
        try await fixture.ingest(
            [.opened(fixture.envelope(2), StoreFixture.registration(band: .from16to17))], batch: 2)
        var other = Self.refusal(fixture)
        other.seeker = StoreFixture.id(50, 2)
        let answer = try await fixture.store.saveIntent(other)
        #expect(answer == (bar == .notUnder18 ? .vacancyNotUnder18 : .vacancyUnavailable))
        #expect(try await fixture.store.intents(of: StoreFixture.id(50, 2), digits: "1234").isEmpty)
    }

    @Test(arguments: [Bar.filled, .unverified]) func consentIsTakenBackBeforeTheRecordArrives(bar: Bar) async throws {
        let fixture = try await StoreFixture(label: "claim-\(bar)")
        _ = try await fixture.store.saveIntent(fixture.statement(1, vacancy: 2))
        try await bar.apply(fixture)
        let wrong = Self.refusal(fixture, digits: "0000")
        #expect(try await fixture.store.saveIntent(wrong) == .vacancyUnavailable)
        #expect(try await fixture.store.saveIntent(Self.refusal(fixture)) == .claimed(isRepeat: true))
        #expect(try await Self.stated(fixture).map(\.passOnConsent) == [false])
        try await fixture.ingest([Self.registration(fixture)])
        #expect(try await Self.standings(fixture) == [])
        #expect(try await Self.stated(fixture).map(\.state) == [.confirmed])
    }

    @Test func aMinorIsNotListedWhereOnlyAdultsMayWork() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest([Self.registration(fixture, band: .from16to17), Self.intent(fixture, 2)])
        #expect(try await Self.standings(fixture) == [.open])
        try await Bar.notUnder18.apply(fixture)
        #expect(try await Self.standings(fixture) == [])
        try await Bar.notUnder18.apply(fixture, isLifted: true)
        #expect(try await Self.standings(fixture) == [.open])
    }

    /// What a minor took back at a kiosk was void where the vacancy had become one for adults.
    @Test(arguments: [true, false]) func aMinorTakesBackByARecord(isWithdrawn: Bool) async throws {
        let fixture = try await StoreFixture(label: "minor-\(isWithdrawn)")
        try await fixture.ingest([Self.registration(fixture, band: .from16to17), Self.intent(fixture, 2)])
        try await Bar.notUnder18.apply(fixture)
        let at = StoreFixture.now - 1_800_000
        let word = Self.intent(fixture, 3, at: at, isWithdrawn: isWithdrawn, isConsented: false)
        try await fixture.ingest([word], batch: 2)
        #expect(try await Self.stated(fixture).map(\.passOnConsent) == (isWithdrawn ? [] : [false]))
        // Open to minors again, she does not come back.
        try await Bar.notUnder18.apply(fixture, isLifted: true)
        #expect(try await Self.standings(fixture) == [])
    }

    @Test func aMinorsFirstWordWithoutConsentIsStillVoid() async throws {
        let fixture = try await StoreFixture()
        try await Bar.notUnder18.apply(fixture)
        try await fixture.ingest([
            Self.registration(fixture, band: .from16to17), Self.intent(fixture, 2, isConsented: false),
        ])
        #expect(try await Self.stated(fixture).map(\.state) == [.void])
    }

    @Test func nobodySignsByARecord() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest([Self.registration(fixture), Self.intent(fixture, 2, level: .signed)])
        #expect(try await fixture.figures()?.signedPairs == 0)
    }

    @Test func aMarkOnOneSlipIsTakenBackFromAllSlipsOfThePerson() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest([Self.registration(fixture), Self.intent(fixture, 2)])
        let place = (fixture.catalogue.employers[0].id, fixture.catalogue.fair.id)
        func mark(_ isSigned: Bool, slip: Int, at: Int64) async throws -> SigningOutcome {
            try await fixture.store.setSigned(
                isSigned, seeker: StoreFixture.id(50, slip), vacancy: StoreFixture.id(1, 102), of: place.0, at: place.1,
                line: AuditLine(
                    at: at, actor: .login(name: "li", role: .clerk), action: isSigned ? .intentSigned : .intentUnsigned)
            )
        }
        #expect(try await mark(true, slip: 1, at: StoreFixture.now) == .done)
        #expect(try await mark(true, slip: 1, at: StoreFixture.now) == .unchanged)
        try await fixture.ingest(
            [
                .opened(
                    fixture.envelope(3, previous: Data(repeating: 1, count: 32), ticket: "AB0002"),
                    StoreFixture.registration(person: 1))
            ], batch: 2)
        _ = try await fixture.store.saveIntent(fixture.statement(3, vacancy: 2, at: StoreFixture.now + 1000))
        #expect(try await fixture.figures()?.signedPairs == 1)
        #expect(try await mark(false, slip: 1, at: StoreFixture.now + 2000) == .notListed)
        #expect(try await mark(false, slip: 3, at: StoreFixture.now + 2000) == .done)
        #expect(try await fixture.figures()?.signedPairs == 0)
        let audit = try await fixture.store.auditEntries(before: nil, limit: 9).map(\.line.action)
        #expect(audit == [.intentUnsigned, .intentSigned])
    }

    @Test func anUnknownEmployerHasNeitherListNorAudit() async throws {
        let fixture = try await StoreFixture()
        let line = AuditLine(at: 0, actor: .login(name: "li", role: .clerk), action: .listSeen)
        let list = try await fixture.store.employerList(
            of: StoreFixture.id(9, 9), at: fixture.catalogue.fair.id, for: .full(line))
        #expect(list == nil)
        #expect(try await fixture.store.auditEntries(before: nil, limit: 9).isEmpty)
    }

    @Test func whatAnOlderProgramStoredKeepsItsMeaning() throws {
        let folder = try TemporaryFolder()
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let file = try DatabaseQueue(path: folder.file("old.sqlite"), configuration: configuration)
        let words = try file.write { db in
            try Migration0001Create.run(db)
            for (number, consent, withdrawn) in [(UInt8(1), true, false), (2, false, false), (3, false, true)] {
                try db.execute(
                    sql: "INSERT INTO intent VALUES (?, x'01', x'02', 'preliminary', ?, ?, 10, 20, 30)",
                    arguments: [Data([number]), consent, withdrawn])
            }
            try Migration0004EmployerList.run(db)
            return try Row.fetchAll(db, sql: "SELECT * FROM intent ORDER BY seekerRecordID")
                .map(SQLiteHeadquartersStore.intentWords)
        }
        #expect(
            words == [
                IntentWords(statedLower: 10, consentLower: 10), IntentWords(statedLower: 10, refusedUpper: 30),
                IntentWords(withdrawnUpper: 30, refusedUpper: 30),
            ])
    }
}
