// Fair and day under two hands: the clock, a technician, and whoever comes in between.

import Foundation
import JobFair
import KioskCore
import SyncProtocol
import Synchronization
import TestSupport
import Testing

@testable import KioskStore

@Suite struct FairChangeTests {
    private static let fair = StoreFixture.fair
    private static let otherFair = StoreFixture.otherFair

    private static func open(_ fair: FairID, _ day: String, isDayConfirmed: Bool = true) throws -> OpenFair {
        OpenFair(fairID: fair, day: try #require(CalendarDate(day)), isDayConfirmed: isDayConfirmed)
    }

    @Test func aDraftThatExpectsSomethingElseWritesNothing() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let now = try Self.open(Self.fair, "2026-02-03")
            let head = try await store.chainHead()
            let others: [OpenFair?] = [
                nil, try Self.open(Self.otherFair, "2026-02-03"), try Self.open(Self.fair, "2026-02-04"),
                try Self.open(Self.fair, "2026-02-03", isDayConfirmed: false),
            ]
            for other in others {
                var draft = fixture.opening(day: "2026-02-05")
                draft.expects = .some(other)
                let refused = draft
                #expect(await storeError { try await store.commit(refused, clock: .test) } == .fairChanged)
            }
            #expect(try await store.chainHead() == head)
            #expect(try await store.openFair() == now)

            var draft = fixture.opening(day: "2026-02-05")
            draft.expects = .some(now)
            let accepted = draft
            _ = try await store.commit(accepted, clock: .test)
            #expect(try await store.openFair()?.day == CalendarDate("2026-02-05"))
            // A repeat is answered, whatever is open by now.
            #expect(try await store.commit(accepted, clock: .test).isRepeat)
            _ = try await store.commit(fixture.opening(closes: true), clock: .test)
            draft = fixture.opening()
            draft.expects = .some(nil)
            let opening = draft
            _ = try await store.commit(opening, clock: .test)
            #expect(try await store.openFair() == now)
        }
    }

    /// What happens between the look at the open fair and the commit, and what is open in the end.
    private struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var quality = ClockReading.Quality.none
        var between: [@Sendable (StoreFixture) -> RecordDraft]
        var work: @Sendable (FairControl) async throws -> Void
        /// Fair and day; nil: none.
        var left: (FairID, String)?
        /// Code of the error that the technician sees.
        var error: String?
    }

    private static let rows: [Row] = [
        Row(
            testDescription: "the clock does not open a fair that was closed", quality: .ntp,
            between: [{ $0.opening(closes: true) }], work: { try await $0.dayByClock() }, left: nil),
        Row(
            testDescription: "the clock does not go back to the fair before", quality: .ntp,
            between: [{ $0.opening(otherFair) }], work: { try await $0.dayByClock() },
            left: (otherFair, "2026-02-03")),
        Row(
            testDescription: "the start does not either", between: [{ $0.opening(otherFair) }],
            work: { try await $0.dayAfterStart(isNewBoot: true) }, left: (otherFair, "2026-02-03")),
        Row(
            testDescription: "the technician's day comes after the clock's",
            between: [{ $0.opening(day: "2026-02-05") }],
            work: { try await $0.changeDay(FairRequest(fair: nil, day: "2026-02-04")) }, left: (fair, "2026-02-04")),
        Row(
            testDescription: "the technician's closing comes after the clock's day",
            between: [{ $0.opening(day: "2026-02-04") }], work: { try await $0.close() }, left: nil),
        Row(
            testDescription: "a day is not changed at another fair", between: [{ $0.opening(otherFair) }],
            work: { try await $0.changeDay(FairRequest(fair: nil, day: "2026-02-04")) },
            left: (otherFair, "2026-02-03"), error: "fair.changed"),
        Row(
            testDescription: "another fair is not closed", between: [{ $0.opening(otherFair) }],
            work: { try await $0.close() }, left: (otherFair, "2026-02-03"), error: "fair.changed"),
        Row(
            testDescription: "a closed fair has no day", between: [{ $0.opening(closes: true) }],
            work: { try await $0.changeDay(FairRequest(fair: nil, day: "2026-02-04")) }, left: nil,
            error: "fair.notOpen"),
        Row(
            testDescription: "twice in between is once too often",
            between: [{ $0.opening(day: "2026-02-04") }, { $0.opening(day: "2026-02-05") }],
            work: { try await $0.close() }, left: (fair, "2026-02-05"), error: "fair.changed"),
    ]

    @Test(arguments: rows) private func whatCameInBetweenIsNotOverwritten(row: Row) async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let catalogues = FakeCatalogues(
                between: row.between.map { make in
                    { @Sendable in _ = try await store.commit(make(fixture), clock: .test) }
                })
            let control = FairControl(
                store: store, fairs: CurrentFair(store: catalogues),
                sealer: { [deviceID = fixture.signer.deviceID] in FakeSealer(deviceID: deviceID) },
                clock: FakeClock(quality: row.quality), makeRecordID: { .random() }, committed: {})
            var code: String?
            do { try await row.work(control) } catch { code = (error as? ControlError)?.code }
            #expect(code == row.error)
            #expect(catalogues.isDone)
            let left = try await store.openFair()
            #expect(left?.fairID == row.left?.0 && left?.day.description == row.left?.1)
        }
    }
}

/// Catalogues with three days each; reading one lets somebody else in first.
private final class FakeCatalogues: CatalogueStore {
    private let between: Mutex<[@Sendable () async throws -> Void]>

    init(between: [@Sendable () async throws -> Void]) { self.between = Mutex(between) }

    var isDone: Bool { between.withLock { $0.isEmpty } }

    func save(_ catalogue: Catalogue, etag: String, signed: Data) async throws {}

    func etag(of fair: FairID) async throws -> String? {
        try await between.withLock { $0.isEmpty ? nil : $0.removeFirst() }?()
        return "1"
    }

    func catalogue(of fair: FairID) async throws -> Catalogue? {
        Catalogue(
            fair: Fair(
                id: fair, name: "春风行动", venue: "人民广场", organiser: "人社局", kind: .fair,
                days: ["2026-02-03", "2026-02-04", "2026-02-05"].compactMap { CalendarDate($0) }, keyNumber: 1,
                formAddress: "HTTPS://FORM.EXAMPLE.CN", servicePhone: "12333"),
            version: 1, employers: [], vacancies: [],
            notice: PrivacyNotice(version: "1", title: "告知", shortText: "短", fullText: "长"), keyGroups: [])
    }

    func fairs() async throws -> [Fair] { [] }
}

/// Seals nothing; the store looks at the identity only.
private struct FakeSealer: ContentSealer {
    let deviceID: Data

    func seal(_ content: RecordContent, recordID: RecordID, fairID: FairID) throws -> SealedContent {
        SealedContent(
            identity: RecordFrame.identity(
                recordID: Data(recordID.bytes), deviceID: deviceID, fairID: Data(fairID.bytes),
                keyID: Data(repeating: 3, count: 8), suite: .x25519Sha256Aes256Gcm),
            encapsulatedKey: Data(repeating: 5, count: 32), ciphertext: Data(repeating: 6, count: 528))
    }

    func tokenKey(of fair: FairID) -> Data? { nil }
}

/// It is noon of 4 February 2026 in Beijing.
private struct FakeClock: ClockSource {
    var quality: ClockReading.Quality

    func read() -> ClockReading {
        var reading = ClockReading.test
        reading.wallMilliseconds = 1_770_177_600_000
        reading.quality = quality
        return reading
    }
}
