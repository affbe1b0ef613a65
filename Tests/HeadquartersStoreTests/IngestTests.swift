// Ingest against a real file: every result code, forks, gaps, serials, restarts, a restored store.

import Foundation
import GRDB
import HeadquartersCore
import HeadquartersStore
import JobFair
import TestSupport
import Testing

@Suite struct IngestTests {
    @Test func everyResultCode() async throws {
        let fixture = try await StoreFixture()
        let entry = RecordContent.entry(people: 1, isRehearsal: false)
        let first = try await fixture.ingest([
            .opened(fixture.envelope(1), entry), .sealed(fixture.envelope(2), reason: .schemaUnknown),
            .refused(recordID: Data(), digest: Data(repeating: 1, count: 32), reason: .frameMalformed),
            .postponed(recordID: Data(), digest: Data(repeating: 2, count: 32), reason: .deviceUnknown),
        ])
        #expect(first.results.map(\.code) == [.accepted, .held, .refused, .retryLater])
        #expect(first.lineage.contiguousThrough == 2)
        #expect(first.generation.newestSerial == 1)

        let again = try await fixture.ingest([
            .opened(fixture.envelope(1), entry), .sealed(fixture.envelope(2), reason: .schemaUnknown),
        ])
        #expect(again.results.map(\.code) == [.duplicate, .held])
        #expect(again.generation.newestSerial == 2)
        #expect(try await fixture.figures()?.entries == 1)
        #expect(try await fixture.figures()?.heldRecords == 1)

        try await DatabaseQueue(path: fixture.folder.file("headquarters.sqlite")).write {
            try $0.execute(sql: "UPDATE record SET isErased = 1")
        }
        let erased = try await fixture.ingest([.opened(fixture.envelope(1), entry)])
        #expect(erased.results.map(\.code) == [.duplicateErased])
    }

    @Test func sameIDOtherBytesHoldsBoth() async throws {
        let fixture = try await StoreFixture()
        let entry = RecordContent.entry(people: 1, isRehearsal: false)
        try await fixture.ingest([.opened(fixture.envelope(1), entry)])
        let conflict = try await fixture.ingest([.opened(fixture.envelope(1, variant: 9), entry)])
        #expect(conflict.results.map(\.code) == [.held])
        #expect(conflict.results.first?.reason == .recordConflict)
        #expect(conflict.conflicts == 1)
        let repeated = try await fixture.ingest([.opened(fixture.envelope(1, variant: 9), entry)])
        #expect(repeated.results.map(\.code) == [.held])
        #expect(repeated.conflicts == 0)
        let frames = try await DatabaseQueue(path: fixture.folder.file("headquarters.sqlite")).read {
            try Data.fetchAll($0, sql: "SELECT bytes FROM frame ORDER BY receivedAt, bytes")
        }
        #expect(frames == [Data([0, 1]), Data([9, 1])])
        let figures = try await fixture.figures()
        #expect(figures?.entries == 1)
        // Held, a conflict, and a second record at its place: one record to look at.
        #expect(figures?.heldRecords == 1 && figures?.forks == 1 && figures?.recordsToCheck == 1)
    }

    @Test func aTakenSequenceIsAcceptedAndLoggedAsFork() async throws {
        let fixture = try await StoreFixture()
        let entry = RecordContent.entry(people: 1, isRehearsal: false)
        try await fixture.ingest([.opened(fixture.envelope(1), entry), .opened(fixture.envelope(2), entry)])
        let branch = try await fixture.ingest([
            .opened(fixture.envelope(30, sequence: 2, previous: StoreFixture.digest(1)), entry)
        ])
        #expect(branch.results.map(\.code) == [.accepted])
        #expect(branch.forks == 1)
        #expect(branch.lineage.digestAtContiguous == StoreFixture.digest(2))
        #expect(try await fixture.figures()?.forks == 1)
        #expect(try await fixture.figures()?.entries == 3)
    }

    @Test("a frame that came before the one it follows shows that the one that comes now is of another branch")
    func aForkIsSeenFromBehindToo() async throws {
        let fixture = try await StoreFixture()
        let entry = RecordContent.entry(people: 1, isRehearsal: false)
        try await fixture.ingest([.opened(fixture.envelope(1), entry), .opened(fixture.envelope(3), entry)])
        let other = try await fixture.ingest([
            .opened(fixture.envelope(30, sequence: 2, previous: StoreFixture.digest(1)), entry)
        ])
        #expect(other.forks == 1)
        // The third follows another second: along the chain there are two records, not three.
        #expect(other.lineage.contiguousThrough == 2)
        let own = try await fixture.ingest([.opened(fixture.envelope(2), entry)])
        #expect(own.results.map(\.code) == [.accepted] && own.forks == 1)
    }

    @Test func gapsAreReportedAndClose() async throws {
        let fixture = try await StoreFixture()
        let entry = RecordContent.entry(people: 1, isRehearsal: false)
        let first = try await fixture.ingest([1, 2, 5, 6, 9].map { .opened(fixture.envelope($0), entry) })
        #expect(first.lineage.contiguousThrough == 2)
        #expect(first.lineage.gaps == [3...4, 7...8])
        #expect(first.lineage.highestSequence == 9)
        let second = try await fixture.ingest([8, 4, 7, 3].map { .opened(fixture.envelope($0), entry) })
        #expect(second.lineage.contiguousThrough == 9)
        #expect(second.lineage.gaps.isEmpty)
        #expect(second.lineage.digestAtContiguous == StoreFixture.digest(9))
    }

    @Test func aFairThatIsNotKnownIsHeld() async throws {
        let fixture = try await StoreFixture()
        let report = try await fixture.ingest([
            .opened(fixture.envelope(1, fair: StoreFixture.id(99)), .entry(people: 1, isRehearsal: false))
        ])
        #expect(report.results.map(\.code) == [.held])
        #expect(report.results.first?.reason == .fairUnknown)
    }

    @Test func whatWasHeldIsTakenInOnceItIsUnderstood() async throws {
        let fixture = try await StoreFixture()
        let entry = RecordContent.entry(people: 1, isRehearsal: false)
        let later = StoreFixture.makeCatalogue(seed: 9)
        let record = ArrivedRecord.opened(
            fixture.envelope(1, fair: later.fair.id, clock: StoreFixture.clock(.none)), entry)
        try await fixture.ingest([
            record, .sealed(fixture.envelope(2), reason: .keyUnknown),
            .sealed(fixture.envelope(3), reason: .schemaUnknown), .sealed(fixture.envelope(4), reason: .sealBroken),
            .opened(fixture.envelope(5), entry), .opened(fixture.envelope(5, variant: 9), entry),
        ])
        let held = { (reasons: Set<IngestReason>) in
            try await fixture.store.heldFrames(reasons, after: Data(), limit: 10).map(\.frame)
        }
        let all: Set<IngestReason> = [.fairUnknown, .keyUnknown, .schemaUnknown]
        #expect(Set(try await held(all)) == [Data([0, 2]), Data([0, 3])])
        #expect(try await held([.fairUnknown]).isEmpty)
        _ = try await fixture.store.createFair(later, at: StoreFixture.now)
        #expect(try await held([.fairUnknown]) == [Data([0, 1])])
        let first = try await fixture.store.heldFrames(all, after: Data(), limit: 1)
        let rest = try await fixture.store.heldFrames(all, after: first.first?.digest ?? Data(), limit: 10)
        #expect(Set((first + rest).map(\.frame)) == [Data([0, 1]), Data([0, 2]), Data([0, 3])])

        let generation = try await fixture.store.generation()
        let week = StoreFixture.now + 7 * 86_400_000
        #expect(try await fixture.store.takeHeld(record, at: week))
        #expect(try await !fixture.store.takeHeld(record, at: week))
        #expect(try await fixture.store.takeHeld(.opened(fixture.envelope(2), entry), at: week))
        #expect(try await !fixture.store.takeHeld(.sealed(fixture.envelope(3), reason: .schemaUnknown), at: week))
        #expect(try await !fixture.store.takeHeld(.opened(fixture.envelope(5, variant: 9), entry), at: week))
        #expect(Set(try await held(all)) == [Data([0, 3])])
        // Nothing is counted twice, no receipt is used up, and the record is dated by its arrival.
        #expect(try await fixture.store.generation() == generation)
        #expect(try await fixture.store.figures(of: later.fair.id, now: week)?.entries == 1)
        #expect(try await fixture.figures()?.kiosks.map(\.records) == [6])
        let latest = try await DatabaseQueue(path: fixture.folder.file("headquarters.sqlite")).read {
            try Int64.fetchOne($0, sql: "SELECT MAX(occurredUpper) FROM record")
        }
        #expect(latest == StoreFixture.now)
    }

    @Test func nothingIsForgottenOverARestart() async throws {
        let fixture = try await StoreFixture()
        let registration = ArrivedRecord.opened(fixture.envelope(1, ticket: "AB0001"), StoreFixture.registration())
        try await fixture.ingest([registration])
        let generation = try await fixture.store.generation()
        let reopened = try SQLiteHeadquartersStore(stateFolder: fixture.folder.path)
        #expect(try await reopened.generation() == generation)
        let known = try await reopened.registration(StoreFixture.id(50, 1))
        #expect(known?.surname == "张")
        #expect(known?.ticket?.description == "AB0001")
        let report = try await reopened.ingest(
            IngestBatch(
                deviceID: fixture.deviceID, lineageID: fixture.lineageID, batchID: Data(count: 16),
                records: [registration], receivedAt: StoreFixture.now))
        #expect(report.results.map(\.code) == [.duplicate])
        try await reopened.heartbeat()
    }

    @Test func aReceiptThatWasLostStartsANewGenerationOnce() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest([.opened(fixture.envelope(1), .entry(people: 1, isRehearsal: false))], batch: 1)
        let before = try await fixture.store.generation()
        let foreign = { (serial: Int64, batch: UInt8) in
            try await fixture.store.noteForeignReceipt(
                generation: before.id, serial: serial, batchID: Data(repeating: batch, count: 16), at: StoreFixture.now)
        }
        #expect(try await foreign(1, 1) == before)
        let after = try await foreign(40, 2)
        #expect(after.id != before.id)
        #expect(after.newestSerial == 40)
        // The same kiosk says hello again before it has a new receipt; another kiosk comes with another lost one.
        #expect(try await foreign(40, 2) == after)
        #expect(try await foreign(41, 3) == after)
        let report = try await fixture.ingest([.opened(fixture.envelope(1), .entry(people: 1, isRehearsal: false))])
        #expect(report.generation.id == after.id)
        #expect(report.generation.newestSerial == 41)
    }

    @Test func oneInstancePerFolder() throws {
        let fixture = try InstanceFixture()
        let first = try InstanceLock(stateFolder: fixture.path)
        #expect(throws: HeadquartersStoreError.self) { try InstanceLock(stateFolder: fixture.path) }
        withExtendedLifetime(first) {}
    }

    @Test func theFileIsAsStrictAsPromised() async throws {
        let fixture = try await StoreFixture()
        try Self.checkFile(fixture.folder.file("headquarters.sqlite"))
    }

    private static func checkFile(_ path: String) throws {
        let queue = try DatabaseQueue(path: path)
        let tables = try queue.read {
            try Row.fetchAll($0, sql: "SELECT name, strict FROM pragma_table_list WHERE schema = 'main'")
        }
        for table in tables where !(table["name"] as String).hasPrefix("sqlite_") {
            let name: String = table["name"]
            if name != "grdb_migrations" { #expect(table["strict"] == 1, "\(name)") }
        }
        #expect(try queue.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
        #expect(throws: DatabaseError.self) {
            try queue.write { try $0.execute(sql: "INSERT INTO entry VALUES (x'00', 1)") }
        }
    }
}

private struct InstanceFixture {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "jobfair-instance-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
}
