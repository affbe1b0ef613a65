// A record that the database does not take is held, and holds nobody up; many kiosks at once all get their turn.

import Foundation
import GRDB
import HeadquartersCore
import HeadquartersStore
import JobFair
import TestSupport
import Testing

@Suite struct IngestPoisonTests {
    private static let entry = RecordContent.entry(people: 1, isRehearsal: false)

    @Test func onePoisonousRecordIsHeldAndTheOthersGoIn() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest([.opened(fixture.envelope(1), StoreFixture.registration())])
        let file = try DatabaseQueue(path: fixture.folder.file("headquarters.sqlite"))
        let vacancy: VacancyID = StoreFixture.id(1, 102)
        let details = try await file.read {
            try String.fetchOne(
                $0, sql: "SELECT details FROM vacancy WHERE vacancyID = ?", arguments: [Data(vacancy.bytes)])
        }
        try await file.write {
            try $0.execute(
                sql: "UPDATE vacancy SET details = '{}' WHERE vacancyID = ?", arguments: [Data(vacancy.bytes)])
        }
        let intent = RecordContent.intent(
            OpenedIntent(
                seeker: StoreFixture.id(50, 1), vacancyID: vacancy, level: .preliminary, passOnConsent: true,
                isWithdrawn: false, digits: "1234"))
        let poison = ArrivedRecord.opened(fixture.envelope(3), intent)
        let batch: [ArrivedRecord] = [
            .opened(fixture.envelope(2), Self.entry), poison, .opened(fixture.envelope(4), Self.entry),
        ]
        let report = try await fixture.ingest(batch)
        #expect(report.results.map(\.code) == [.accepted, .held, .accepted])
        #expect(report.results[1].reason == .storeFailed)
        #expect(report.lineage.contiguousThrough == 4 && report.generation.newestSerial == 2)
        #expect(try await fixture.figures()?.entries == 2)
        let left = try await file.read {
            try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM record WHERE kind = 'intent'")
        }
        #expect(left == 0, "nothing of the failed record stays but its frame")
        #expect(try await fixture.ingest(batch).results.map(\.code) == [.duplicate, .held, .duplicate])
        // Mended: it is taken in like any other held one.
        try await file.write {
            try $0.execute(
                sql: "UPDATE vacancy SET details = ? WHERE vacancyID = ?", arguments: [details, Data(vacancy.bytes)])
        }
        #expect(try await fixture.store.heldFrames([.storeFailed], after: Data(), limit: 9).count == 1)
        #expect(try await fixture.store.takeHeld(poison, at: StoreFixture.now))
        #expect(try await fixture.figures()?.intentPairs == 1)
    }

    @Test func aDatabaseThatFailsAsAWholeHoldsNothing() async throws {
        let fixture = try await StoreFixture()
        try await DatabaseQueue(path: fixture.folder.file("headquarters.sqlite")).write {
            try $0.execute(
                sql: """
                    CREATE TRIGGER nothingIn BEFORE INSERT ON frame BEGIN SELECT RAISE(ABORT, 'no'); END
                    """)
        }
        await #expect(throws: HeadquartersStoreError.self) {
            try await fixture.ingest([.opened(fixture.envelope(1), Self.entry)])
        }
        #expect(try await fixture.store.generation().newestSerial == 0)
    }
}
