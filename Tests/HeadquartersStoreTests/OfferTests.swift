// Which fairs a kiosk is offered, who gets letters, and whose silence leaves the figures open.

import Foundation
import GRDB
import HeadquartersCore
import JobFair
import Testing

@testable import HeadquartersStore

@Suite struct OfferTests {
    /// The fair of the fixture is on 2027-01-15 and 16.
    private static func offers(
        _ fixture: StoreFixture, _ deviceID: Data, _ today: String, ahead: Int = 30
    ) async throws -> [FairOffer] {
        try await fixture.store.fairOffers(
            for: deviceID, today: try #require(CalendarDate(today)), daysAhead: ahead, limit: 256)
    }

    private static func device(_ number: Int) -> Data {
        Data([0xE0, UInt8(number >> 8), UInt8(number & 255)]) + Data(count: 13)
    }

    /// A kiosk nobody gave a fair.
    private static func enrol(_ number: Int, in fixture: StoreFixture) async throws -> Data {
        let hash = Data([UInt8(number >> 8), UInt8(number & 255)]) + Data(repeating: 7, count: 30)
        let now = StoreFixture.now
        try await fixture.store.addEnrolmentCode(
            NewEnrolmentCode(
                hash: hash, kioskLabel: "备用\(number)", fairIDs: [], createdAt: now, expiresAt: now + 1000))
        _ = try await fixture.store.enrol(
            NewDevice(
                deviceID: device(number), publicKey: hash, agreementPublicKey: hash, softwareVersion: "1"),
            codeHash: hash, at: now)
        return device(number)
    }

    private static func contact(_ deviceID: Data, pending: Int = 0, at: Int64) -> KioskContact {
        KioskContact(
            deviceID: deviceID, lineageID: Data(repeating: 5, count: 16), lastSequence: 0, pendingRecords: pending,
            softwareVersion: "1", problems: [], anchor: StoreFixture.clock(.none), at: at)
    }

    @Test(arguments: [
        ("2026-12-15", 30, false), ("2026-12-16", 30, true), ("2027-01-15", 30, true), ("2027-01-16", 1, true),
        ("2027-01-17", 30, false), ("2027-01-15", 0, false), ("2027-01-08", 7, true), ("2027-01-07", 7, false),
    ])
    func aRealFairComesByItself(_ today: String, _ ahead: Int, _ comes: Bool) async throws {
        let fixture = try await StoreFixture()
        let rehearsal = try await fixture.store.createFair(
            StoreFixture.makeCatalogue(seed: 2, kind: .rehearsal), at: StoreFixture.now)
        let other = try await Self.enrol(1, in: fixture)
        let fair = fixture.catalogue.fair.id
        let offered = try await Self.offers(fixture, other, today, ahead: ahead)
        #expect(offered == (comes ? [FairOffer(fairID: fair, ticketPairs: 0)] : []))
        // Who was given it has it whatever the day; so with a rehearsal.
        #expect(try await Self.offers(fixture, fixture.deviceID, today, ahead: ahead).map(\.fairID) == [fair])
        #expect(try await fixture.store.grantFair(rehearsal.fair.id, to: other))
        let then = try await Self.offers(fixture, other, today, ahead: ahead)
        #expect(then.map(\.fairID) == (comes ? [fair] : []) + [rehearsal.fair.id])
        #expect(then.last?.ticketPairs == 4)
    }

    @Test func whoTookPartIsOfferedItForAMonthMore() async throws {
        let fixture = try await StoreFixture()
        let other = try await Self.enrol(1, in: fixture)
        _ = try await fixture.store.ticketPairs(for: other, at: fixture.catalogue.fair.id)
        #expect(try await Self.offers(fixture, other, "2027-02-15").count == 1)
        #expect(try await Self.offers(fixture, other, "2027-02-16").isEmpty)
    }

    /// This database was restored from a backup of before the letters were given: their records have come since.
    @Test func lettersThatRecordsBearAreGivenToNobodyElse() async throws {
        let fixture = try await StoreFixture()
        let records = ["AA0001", "AC0001"].enumerated().map { index, ticket in
            ArrivedRecord.opened(
                fixture.envelope(index + 1, ticket: ticket), StoreFixture.registration(person: UInt8(index)))
        }
        try await fixture.ingest(records)
        let other = try await Self.enrol(1, in: fixture)
        #expect(
            try await fixture.store.ticketPairs(for: other, at: fixture.catalogue.fair.id) == ["AB", "AD", "AE", "AF"])
    }

    @Test func someLettersStayForKiosksThatAreNamed() async throws {
        let fixture = try await StoreFixture()
        let fair = fixture.catalogue.fair.id
        var seen = Set<String>()
        for number in 0..<100 {
            let deviceID = try await Self.enrol(number, in: fixture)
            seen.formUnion(try await fixture.store.ticketPairs(for: deviceID, at: fair))
        }
        #expect(seen.count == FairOffer.pairsUnnamedMax)
        var late = try await Self.enrol(100, in: fixture)
        #expect(try await Self.offers(fixture, late, "2027-01-15").isEmpty)
        await #expect(throws: HeadquartersStoreError.self) {
            try await fixture.store.ticketPairs(for: late, at: fair)
        }
        for number in 100..<121 {
            if number > 100 { late = try await Self.enrol(number, in: fixture) }
            #expect(try await fixture.store.grantFair(fair, to: late))
            seen.formUnion(try await fixture.store.ticketPairs(for: late, at: fair))
        }
        #expect(seen.count == FairOffer.pairsMax)
        let last = try await Self.enrol(121, in: fixture)
        await #expect(throws: HeadquartersStoreError(.pairsExhausted, StoreWords.noLetters)) {
            try await fixture.store.grantFair(fair, to: last)
        }
        // Nothing of it stays: no fair without letters.
        #expect(try await Self.offers(fixture, last, "2027-01-15").isEmpty)
        #expect(try await fixture.store.addTicketPairs(for: late, at: fair, held: 4) == 4)
    }

    @Test func theFiguresListKiosksThatWereThereOrMayHaveBeen() async throws {
        let fixture = try await StoreFixture()
        let fair = fixture.catalogue.fair.id
        let hour: Int64 = 3_600_000
        // Now is 2027-01-15 16:00 in Beijing.
        let away = try await Self.enrol(1, in: fixture)
        _ = try await fixture.store.ticketPairs(for: away, at: fair)
        func labels(at now: Int64) async throws -> [String] {
            try await fixture.store.figures(of: fair, now: now)?.kiosks.map(\.kioskLabel) ?? []
        }
        try await fixture.store.noteContact(Self.contact(away, at: StoreFixture.now))
        #expect(try await labels(at: StoreFixture.now + 60_000) == ["1号机"])
        // Silent while the fair is on: it may be there.
        #expect(try await labels(at: StoreFixture.now + hour) == ["1号机", "备用1"])
        try await fixture.store.noteContact(Self.contact(away, pending: 3, at: StoreFixture.now + hour))
        #expect(try await labels(at: StoreFixture.now + hour) == ["1号机", "备用1"])
        // Heard of after the fair, with nothing to send: it was not there.
        try await fixture.store.noteContact(Self.contact(away, at: StoreFixture.now + 48 * hour))
        #expect(try await labels(at: StoreFixture.now + 100 * hour) == ["1号机"])
        // Before the fair nobody is missed.
        let early = StoreFixture.now - 48 * hour
        try await fixture.store.noteContact(Self.contact(away, at: early - hour))
        #expect(try await labels(at: early) == ["1号机"])
    }

    @Test(arguments: [
        (ResultCode.SQLITE_FULL, HeadquartersStoreError.Code.diskFull), (.SQLITE_BUSY, .locked),
        (.SQLITE_IOERR_FSYNC, .unavailable), (.SQLITE_READONLY, .unavailable), (.SQLITE_CANTOPEN, .unavailable),
        (.SQLITE_IOERR_SHORT_READ, .unavailable), (.SQLITE_CORRUPT, .damaged), (.SQLITE_CONSTRAINT_UNIQUE, .failed),
    ])
    func whatTheDiskDoesIsNoFaultOfARecord(_ result: ResultCode, _ code: HeadquartersStoreError.Code) {
        let error = SQLiteHeadquartersStore.mapped(DatabaseError(resultCode: result))
        #expect(error.code == code)
        #expect(code.hint.isEmpty == (code == .failed))
    }

    private enum StoreWords {
        static let noLetters = "the fair has no ticket letters left for another kiosk"
    }
}
