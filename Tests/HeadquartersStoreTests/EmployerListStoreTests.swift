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
        level: IntentLevel = .preliminary,
        isWithdrawn: Bool = false
    ) -> ArrivedRecord {
        .opened(
            fixture.envelope(index, previous: Data(repeating: 1, count: 32), clock: StoreFixture.clock(.ntp, wall: at)),
            .intent(
                OpenedIntent(
                    seeker: StoreFixture.id(50, 1), vacancyID: StoreFixture.id(1, 102), level: level,
                    passOnConsent: !isWithdrawn, isWithdrawn: isWithdrawn, digits: "1234")))
    }

    private static func registration(_ fixture: StoreFixture) -> ArrivedRecord {
        .opened(fixture.envelope(1, ticket: "AB0001"), StoreFixture.registration(person: 1))
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
