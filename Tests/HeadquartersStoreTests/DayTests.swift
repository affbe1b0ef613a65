// Days and times against a real file: what a day that was not confirmed counts for, what a clock pair of hello is worth.

import Foundation
import GRDB
import HeadquartersCore
import HeadquartersStore
import JobFair
import TestSupport
import Testing

@Suite struct DayTests {
    struct Scan: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// As the kiosk wrote it; nil: it wrote none.
        var day: String? = "2027-01-15"
        var isConfirmed = false
        var quality = ClockSample.Quality.none
        /// RFC 3339 in Beijing time.
        var wall = "2027-01-15T16:00:00+08:00"
        /// Nil: day unknown.
        var counted: String?
    }

    @Test(arguments: [
        Scan(testDescription: "confirmed", isConfirmed: true, counted: "2027-01-15"),
        Scan(
            testDescription: "confirmed, another day than the clock's", day: "2027-01-16", isConfirmed: true,
            quality: .ntp, counted: "2027-01-16"),
        Scan(testDescription: "confirmed, but no day", day: nil, isConfirmed: true, quality: .ntp, counted: nil),
        Scan(testDescription: "not confirmed, no clock", counted: nil),
        Scan(
            testDescription: "not confirmed, NTP says the other day", quality: .ntp,
            wall: "2027-01-16T09:00:00+08:00", counted: "2027-01-16"),
        Scan(testDescription: "not confirmed, no day, NTP", day: nil, quality: .ntp, counted: "2027-01-15"),
        Scan(testDescription: "not confirmed, by hand", quality: .hand, counted: "2027-01-15"),
        Scan(
            testDescription: "not confirmed, by hand, near midnight", quality: .hand,
            wall: "2027-01-16T00:05:00+08:00", counted: nil),
        Scan(
            testDescription: "not confirmed, NTP, after midnight", quality: .ntp, wall: "2027-01-16T00:05:00+08:00",
            counted: "2027-01-16"),
        Scan(
            testDescription: "not confirmed, not a day of the fair", quality: .ntp,
            wall: "2027-01-17T09:00:00+08:00", counted: nil),
        Scan(testDescription: "not confirmed, headquarters' clock", quality: .headquarters, counted: "2027-01-15"),
    ])
    func aCheckInCountsUnderTheDayThatIsKnown(_ scan: Scan) async throws {
        let fixture = try await StoreFixture()
        let wall = try #require(ISO8601DateFormatter().date(from: scan.wall))
        let envelope = fixture.envelope(
            1, day: scan.day.flatMap { CalendarDate($0) }, isDayConfirmed: scan.isConfirmed,
            clock: StoreFixture.clock(scan.quality, wall: Int64(wall.timeIntervalSince1970 * 1000)))
        let another = fixture.envelope(
            2, day: envelope.fairDay, isDayConfirmed: scan.isConfirmed, clock: envelope.clock)
        try await fixture.ingest(
            [envelope, another].map { .opened($0, .checkIn(seeker: StoreFixture.id(50, 77))) },
            at: StoreFixture.now + 5 * 86_400_000)
        let figures = try #require(try await fixture.figures())
        #expect(figures.checkIns.map(\.day.description) == [scan.counted].compactMap(\.self))
        #expect(figures.checkIns.map(\.people) == (scan.counted == nil ? [] : [1]))
        #expect(figures.checkInsWithoutDay == (scan.counted == nil ? 1 : 0))
    }

    private func bounds(_ index: Int, _ fixture: StoreFixture) async throws -> OccurredAt {
        let recordID: RecordID = StoreFixture.id(50, index)
        let found = try await DatabaseQueue(path: fixture.folder.file("headquarters.sqlite")).read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM record WHERE recordID = ?", arguments: [Data(recordID.bytes)]).map
            {
                OccurredAt(lower: $0["occurredLower"], estimate: $0["occurredAt"], upper: $0["occurredUpper"])
            }
        }
        return try #require(found)
    }

    @Test func aDayThatWasNotConfirmedIsNoEvidence() async throws {
        let fixture = try await StoreFixture()
        let entry = RecordContent.entry(people: 1, isRehearsal: false)
        try await fixture.ingest([
            .opened(fixture.envelope(1, clock: StoreFixture.clock(.none)), entry),
            .opened(fixture.envelope(2, isDayConfirmed: false, clock: StoreFixture.clock(.none)), entry),
        ])
        // 2027-01-15 in Beijing begins at 2027-01-14T16:00:00Z.
        #expect(try await bounds(1, fixture).lower == 1_799_942_400_000)
        #expect(
            try await bounds(2, fixture)
                == OccurredAt(lower: 0, estimate: StoreFixture.now, upper: StoreFixture.now))
    }

    @Test func aPairOfHelloIsInDoubtByAMinuteAndAnAnchorIsNot() async throws {
        let fixture = try await StoreFixture()
        let entry = RecordContent.entry(people: 1, isRehearsal: false)
        let received = StoreFixture.now + 3_600_000
        func hello() async throws {
            try await fixture.store.noteContact(
                KioskContact(
                    deviceID: fixture.deviceID, lineageID: fixture.lineageID, lastSequence: 0, pendingRecords: 0,
                    softwareVersion: "1", problems: [], anchor: StoreFixture.clock(.none, boot: 100_000),
                    at: StoreFixture.now))
        }
        let clock = StoreFixture.clock(.none, boot: 100_000)
        try await hello()
        try await fixture.ingest([.opened(fixture.envelope(1, clock: clock), entry)], at: received)
        let doubtful = try await bounds(1, fixture)
        #expect(doubtful.estimate == StoreFixture.now)
        #expect(doubtful.lower == StoreFixture.now - 61_000 && doubtful.upper == StoreFixture.now + 61_000)
        // The kiosk's own measurement of the same moment: exact but for its round trip; a later hello does not undo it.
        let anchor = RecordContent.clockAnchor(
            bootID: clock.bootID, bootMilliseconds: 100_000, headquartersMilliseconds: StoreFixture.now - 20_000,
            roundTrip: 40)
        try await fixture.ingest([.opened(fixture.envelope(2, clock: clock), anchor)], at: received)
        try await hello()
        try await fixture.ingest([.opened(fixture.envelope(3, clock: clock), entry)], at: received)
        let exact = try await bounds(3, fixture)
        #expect(exact.estimate == StoreFixture.now - 20_000)
        #expect(exact.upper - exact.lower == 2 * 1_040)
    }
}
