// Wishes of the phone and of kiosks: the latest with the slip's own digits hold, whatever arrives first.

import Foundation
import HeadquartersCore
import HeadquartersStore
import JobFair
import TestSupport
import Testing

@Suite struct WishesStoreTests {
    private static let line = AuditLine(at: 1, actor: .login(name: "firm", role: .employer), action: .listSeen)

    private static func statement(
        _ fixture: StoreFixture, _ text: String, digits: String = "1234", seeker: Int = 1,
        at: Int64 = StoreFixture.now
    ) -> WishesStatement {
        WishesStatement(
            seeker: StoreFixture.id(50, seeker), fairID: fixture.catalogue.fair.id, sealed: Data(text.utf8),
            digits: digits, at: at)
    }

    private static func registration(_ fixture: StoreFixture, _ index: Int = 1) -> ArrivedRecord {
        .opened(fixture.envelope(index, ticket: "AB000\(index)"), StoreFixture.registration(person: UInt8(index)))
    }

    /// A kiosk's record, so many minutes before the fixture's now.
    private static func record(
        _ fixture: StoreFixture, _ index: Int, minutesAgo: Int64, digits: String = "1234"
    ) -> ArrivedRecord {
        .opened(
            fixture.envelope(
                index, previous: Data(repeating: 1, count: 32),
                clock: StoreFixture.clock(.ntp, wall: StoreFixture.now - minutesAgo * 60_000)),
            .wishesChange(seeker: StoreFixture.id(50, 1), digits: digits))
    }

    /// On the employer's list, in its order.
    private static func listed(_ fixture: StoreFixture) async throws -> [SealedParticulars] {
        let list = try await fixture.store.employerList(
            of: fixture.catalogue.employers[0].id, at: fixture.catalogue.fair.id, for: .full(line))
        return try #require(list).lines.compactMap(\.sealed)
    }

    private static func frame(_ index: Int) -> SealedWishes { .frame(Data([0, UInt8(index)])) }

    @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 2, 0]]) func theLatestHoldInAnyOrder(order: [Int]) async throws {
        let fixture = try await StoreFixture(label: "wishes-\(order)")
        try await fixture.ingest([Self.registration(fixture)])
        _ = try await fixture.store.saveIntent(fixture.statement(1, vacancy: 2))
        #expect(try await Self.listed(fixture).map(\.wishes) == [nil])
        for step in order {
            switch step {
            case 0: try await fixture.ingest([Self.record(fixture, 2, minutesAgo: 20)], batch: 2)
            case 1:
                let early = Self.statement(fixture, "phone", at: StoreFixture.now - 10 * 60_000)
                #expect(try await fixture.store.saveWishes(early) == .saved)
            default: try await fixture.ingest([Self.record(fixture, 3, minutesAgo: 5)], batch: 3)
            }
        }
        #expect(try await Self.listed(fixture).map(\.wishes) == [Self.frame(3)])
        #expect(try await fixture.store.saveWishes(Self.statement(fixture, "last")) == .saved)
        #expect(try await Self.listed(fixture).map(\.wishes) == [.body(Data("last".utf8))])
    }

    @Test func beforeTheRecordArrivesNobodyKnowsWhichDigitsAreRight() async throws {
        let fixture = try await StoreFixture()
        #expect(try await fixture.store.saveWishes(Self.statement(fixture, "wrong", digits: "9999")) == .claimed)
        #expect(try await fixture.store.saveWishes(Self.statement(fixture, "right")) == .claimed)
        try await fixture.ingest([Self.record(fixture, 2, minutesAgo: 0, digits: "8888")], batch: 2)
        try await fixture.ingest([Self.registration(fixture)])
        _ = try await fixture.store.saveIntent(fixture.statement(1, vacancy: 2))
        #expect(try await Self.listed(fixture).map(\.wishes) == [.body(Data("right".utf8))])
    }

    @Test func digitsAreCountedAsWithIntents() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest([Self.registration(fixture)])
        for number in 0..<3 {
            let wrong = Self.statement(fixture, "x", digits: "000\(number)")
            #expect(try await fixture.store.saveWishes(wrong) == .wrongDigits(triesLeft: 4 - number))
        }
        for number in 4..<6 {
            try await fixture.ingest(
                [Self.record(fixture, number, minutesAgo: 1, digits: "000\(number)")], batch: UInt8(number))
        }
        #expect(try await fixture.store.saveWishes(Self.statement(fixture, "x")) == .tooManyTries)
        #expect(try await fixture.store.saveIntent(fixture.statement(1, vacancy: 2)) == .tooManyTries)
        // A kiosk that knows them to be right has checked them.
        try await fixture.ingest([Self.record(fixture, 7, minutesAgo: 1)], batch: 7)
        var other = Self.statement(fixture, "x", seeker: 2)
        other.fairID = StoreFixture.id(9, 9)
        try await fixture.ingest([Self.registration(fixture, 8)], batch: 8)
        other.seeker = StoreFixture.id(50, 8)
        #expect(try await fixture.store.saveWishes(other) == .otherFair)
    }

    @Test func whoMayStateNoIntentStatesNoWishes() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest([.opened(fixture.envelope(1), StoreFixture.registration(band: .from14to15))])
        #expect(
            try await fixture.store.saveWishes(Self.statement(fixture, "x", digits: "0000"))
                == .wrongDigits(triesLeft: 4))
        #expect(try await fixture.store.saveWishes(Self.statement(fixture, "x")) == .notAllowed)
        try await fixture.ingest([.opened(fixture.envelope(2), StoreFixture.registration(digits: nil))], batch: 2)
        #expect(try await fixture.store.saveWishes(Self.statement(fixture, "x", seeker: 2)) == .clerkOnly)
    }

    /// Names completed by several records, and wishes, in one list of several people.
    @Test func eachLineHasItsOwnSealedParts() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest((1...3).map { Self.registration(fixture, $0) })
        for index in 1...3 { _ = try await fixture.store.saveIntent(fixture.statement(index, vacancy: 2)) }
        _ = try await fixture.store.saveIntent(fixture.statement(1, vacancy: 3))
        for index in [4, 5] {
            try await fixture.ingest(
                [
                    .opened(
                        fixture.envelope(index, previous: Data(repeating: 1, count: 32)),
                        .completion(seeker: StoreFixture.id(50, 2), surname: "张"))
                ], at: StoreFixture.now + Int64(index), batch: UInt8(index))
        }
        _ = try await fixture.store.saveWishes(Self.statement(fixture, "three", seeker: 3))
        let listed = try await Self.listed(fixture)
        #expect(listed.map(\.frame) == [1, 2, 3, 1].map { Data([0, $0]) })
        #expect(listed.map(\.completionFrames) == [[], [Data([0, 4]), Data([0, 5])], [], []])
        #expect(listed.map(\.wishes) == [nil, nil, .body(Data("three".utf8)), nil])
    }
}
