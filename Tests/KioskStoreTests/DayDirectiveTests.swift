// Headquarters' word about fair and day, and what a trusted clock does by itself, on a real store.

import Foundation
import JobFair
import KioskCore
import SyncProtocol
import Synchronization
import TestSupport
import Testing

@testable import KioskStore

@Suite struct DayDirectiveTests {
    private static let deviceID = Data(repeating: 0x77, count: 16)

    private struct Bench: Sendable {
        let control: FairControl
        let said: Said
        let catalogues = HeldCatalogues()
        let clock = SettableClock()

        init(_ fixture: StoreFixture, _ store: SQLiteRecordStore, hasGrant: Bool = true) {
            let said = Said()
            self.said = said
            let sealer = HearingSealer(deviceID: fixture.signer.deviceID, said: said, hasGrant: hasGrant)
            control = FairControl(
                store: store, fairs: CurrentFair(store: catalogues), sealer: { sealer }, clock: clock,
                makeRecordID: { .random() }, committed: {})
        }

        func follow(
            _ change: DayChange.Change, _ day: String, id: UInt8 = 1, fair: FairID? = nil
        ) async throws -> String? {
            let day = try #require(CalendarDate(day))
            do throws(ControlError) {
                try await control.follow(
                    DayDirective(id: Data(repeating: id, count: 16), change: change, day: day, fairID: fair),
                    deviceID: DayDirectiveTests.deviceID)
                return nil
            } catch {
                return error.code
            }
        }
    }

    @Test func aDirectiveOpensChangesAndClosesAndIsARecordByHeadquarters() async throws {
        let fixture = try StoreFixture()
        try await fixture.run(opensFair: false) { store async throws in
            let bench = Bench(fixture, store)
            #expect(try await bench.follow(.fairOpened, "2026-02-03", id: 1) == nil)
            #expect(try await store.openFair()?.day == CalendarDate("2026-02-03"))
            #expect(try await bench.follow(.dayOpened, "2026-02-04", id: 2) == nil)
            #expect(try await store.openFair()?.day == CalendarDate("2026-02-04"))
            #expect(try await bench.follow(.dayConfirmed, "2026-02-04", id: 3) == nil)
            #expect(try await bench.follow(.fairClosed, "2026-02-04", id: 4) == nil)
            #expect(try await store.openFair() == nil)
            let changes: [DayChange.Change] = [.fairOpened, .dayOpened, .dayConfirmed, .fairClosed]
            #expect(bench.said.all.map(\.change) == changes)
            #expect(bench.said.all.allSatisfy { $0.author == .headquarters })
        }
    }

    @Test func aDirectiveThatComesAgainIsOneRecordAndWhatPeopleDidSinceStands() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let bench = Bench(fixture, store)
            #expect(try await bench.follow(.fairClosed, "2026-02-03") == nil)
            // A technician opens it again.
            _ = try await store.commit(fixture.opening(), clock: .test)
            let head = try await store.chainHead()
            #expect(try await bench.follow(.fairClosed, "2026-02-03") == nil)
            #expect(try await store.chainHead() == head)
            #expect(try await store.openFair() != nil)
        }
        // Nor after a restart.
        try await fixture.run { store async throws in
            #expect(try await Bench(fixture, store).follow(.fairClosed, "2026-02-03") == nil)
            #expect(try await store.openFair() != nil)
        }
    }

    @Test func whatDoesNotFitIsLeft() async throws {
        let fixture = try StoreFixture()
        try await fixture.run(opensFair: false) { store async throws in
            let bench = Bench(fixture, store)
            #expect(try await bench.follow(.dayOpened, "2026-02-03") == "directive.fitsNot")
            #expect(try await bench.follow(.fairClosed, "2026-02-03") == "directive.fitsNot")
            // Two fairs of that day: headquarters names a day only.
            bench.catalogues.fairsHeld.withLock { $0 = [StoreFixture.fair, StoreFixture.otherFair] }
            #expect(try await bench.follow(.fairOpened, "2026-02-03") == "directive.fitsNot")
            // None yet: later.
            #expect(try await bench.follow(.fairOpened, "2026-02-13") == "directive.notYet")
            #expect(
                try await Bench(fixture, store, hasGrant: false).follow(.fairOpened, "2026-02-03") == "directive.notYet"
            )
            _ = try await store.commit(fixture.opening(), clock: .test)
            #expect(try await bench.follow(.dayOpened, "2026-03-09") == "directive.fitsNot")
            #expect(try await bench.follow(.fairClosed, "2026-03-09") == "directive.fitsNot")
            #expect(try await store.openFair()?.day == CalendarDate("2026-02-03"))
            #expect(bench.said.all.isEmpty)
            // The fair that is open is meant, if it has the day.
            #expect(try await bench.follow(.fairOpened, "2026-02-05") == nil)
            #expect(try await store.openFair()?.day == CalendarDate("2026-02-05"))
        }
    }

    @Test func whereHeadquartersNamesTheFairNothingIsGuessed() async throws {
        let fixture = try StoreFixture()
        try await fixture.run(opensFair: false) { store async throws in
            let bench = Bench(fixture, store)
            let (one, other) = (StoreFixture.fair, StoreFixture.otherFair)
            // Two fairs of that day.
            bench.catalogues.fairsHeld.withLock { $0 = [StoreFixture.fair, StoreFixture.otherFair] }
            #expect(try await bench.follow(.fairOpened, "2026-02-03", id: 1, fair: .random()) == "directive.notYet")
            #expect(try await bench.follow(.fairOpened, "2026-02-03", id: 1, fair: other) == nil)
            #expect(try await store.openFair()?.fairID == other)
            // What is about the other one is not done to this one.
            #expect(try await bench.follow(.dayOpened, "2026-02-03", id: 2, fair: one) == "directive.fitsNot")
            #expect(try await bench.follow(.fairClosed, "2026-02-03", id: 2, fair: one) == "directive.fitsNot")
            #expect(try await store.openFair()?.fairID == other)
            // Opening the other one closes this one, as `kioskctl fair open` does.
            #expect(try await bench.follow(.fairOpened, "2026-02-03", id: 3, fair: one) == nil)
            #expect(try await store.openFair()?.fairID == one)
            #expect(try await bench.follow(.fairClosed, "2026-02-03", id: 4, fair: one) == nil)
            #expect(try await store.openFair() == nil)
            #expect(bench.said.all.map(\.change) == [.fairOpened, .fairOpened, .fairClosed])
        }
    }

    @Test func aTrustedClockOpensOnceAndClosesAfterTheLastDay() async throws {
        let fixture = try StoreFixture()
        try await fixture.run(opensFair: false) { store async throws in
            let bench = Bench(fixture, store)
            bench.clock.set("2026-02-03", quality: .hand)
            try await bench.control.dayByClock()
            #expect(try await store.openFair() == nil)
            bench.clock.set("2026-02-03", quality: .ntp)
            try await bench.control.dayByClock()
            #expect(try await store.openFair()?.day == CalendarDate("2026-02-03"))
            // A technician closes it in the evening: it stays closed.
            _ = try await store.commit(fixture.opening(closes: true), clock: .test)
            try await bench.control.dayByClock()
            #expect(try await store.openFair() == nil)
            _ = try await store.commit(fixture.opening(day: "2026-02-05"), clock: .test)
            // Closing wipes, so only headquarters' own time is good enough.
            bench.clock.set("2026-02-06", quality: .ntp)
            try await bench.control.dayByClock()
            #expect(try await store.openFair() != nil)
            bench.clock.set("2026-02-05", quality: .headquarters)
            try await bench.control.dayByClock()
            #expect(try await store.openFair() != nil)
            bench.clock.set("2026-02-06", quality: .headquarters)
            try await bench.control.dayByClock()
            #expect(try await store.openFair() == nil)
            #expect(bench.said.all.map(\.change) == [.fairOpened, .fairClosed])
            #expect(bench.said.all.allSatisfy { $0.author == .clock })
        }
    }

    @Test func rehearsalsAndSeveralFairsOfOneDayAreNotOpenedByTheClock() async throws {
        let fixture = try StoreFixture()
        try await fixture.run(opensFair: false) { store async throws in
            let bench = Bench(fixture, store)
            bench.clock.set("2026-02-03", quality: .headquarters)
            bench.catalogues.fairsHeld.withLock { $0 = [StoreFixture.fair, StoreFixture.otherFair] }
            try await bench.control.dayByClock()
            bench.catalogues.fairsHeld.withLock { $0 = [StoreFixture.fair] }
            bench.catalogues.kind.withLock { $0 = .rehearsal }
            try await bench.control.dayByClock()
            #expect(try await store.openFair() == nil)
        }
    }
}

/// What was sealed.
private final class Said: Sendable {
    private let changes = Mutex<[DayChange]>([])
    var all: [DayChange] { changes.withLock { $0 } }
    func hear(_ content: RecordContent) {
        if case .dayChange(let change) = content { changes.withLock { $0.append(change) } }
    }
}

private struct HearingSealer: ContentSealer {
    let deviceID: Data
    let said: Said
    let hasGrant: Bool

    func seal(_ content: RecordContent, recordID: RecordID, fairID: FairID) throws -> SealedContent {
        said.hear(content)
        return SealedContent(
            identity: RecordFrame.identity(
                recordID: Data(recordID.bytes), deviceID: deviceID, fairID: Data(fairID.bytes),
                keyID: Data(repeating: 3, count: 8), suite: .x25519Sha256Aes256Gcm),
            encapsulatedKey: Data(repeating: 5, count: 32), ciphertext: Data(repeating: 6, count: 528))
    }

    func tokenKey(of fair: FairID) -> Data? { hasGrant ? Data(repeating: 1, count: 32) : nil }
}

private final class SettableClock: ClockSource {
    private let reading = Mutex(ClockReading.test)

    /// Noon in Beijing.
    func set(_ day: String, quality: ClockReading.Quality) {
        guard let day = CalendarDate(day), let start = CalendarDate("2026-02-03") else { return }
        reading.withLock { reading in
            // Noon of 3 February 2026.
            reading.wallMilliseconds = 1_770_091_200_000 + Int64(day.day - start.day) * 86_400_000
            reading.quality = quality
        }
    }

    func read() -> ClockReading { reading.withLock { $0 } }
}

/// Catalogues with three days each.
private final class HeldCatalogues: CatalogueStore {
    let fairsHeld = Mutex([StoreFixture.fair])
    let kind = Mutex(FairKind.fair)

    func save(_ catalogue: Catalogue, etag: String, signed: Data) async throws {}
    func etag(of fair: FairID) async throws -> String? { "\(kind.withLock { $0 })" }

    func catalogue(of fair: FairID) async throws -> Catalogue? {
        Catalogue(
            fair: make(fair), version: 1, employers: [], vacancies: [],
            notice: PrivacyNotice(version: "1", title: "告知", shortText: "短", fullText: "长"), keyGroups: [])
    }

    func fairs() async throws -> [Fair] { fairsHeld.withLock { $0 }.map(make) }

    private func make(_ id: FairID) -> Fair {
        Fair(
            id: id, name: "春风行动", venue: "人民广场", organiser: "人社局", kind: kind.withLock { $0 },
            days: ["2026-02-03", "2026-02-04", "2026-02-05"].compactMap { CalendarDate($0) }, keyNumber: 1,
            formAddress: "HTTPS://FORM.EXAMPLE.CN", servicePhone: "12333")
    }
}
