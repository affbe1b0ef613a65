// Closing a fair takes everything readable about persons from the disk.

import CSQLite
import Foundation
import GRDB
import JobFair
import KioskCore
import TestSupport
import Testing

@testable import KioskStore

@Suite struct ClosingTests {
    private static let hashes = [Data(repeating: 0xA7, count: 32), Data(repeating: 0xB9, count: 32)]
    /// What must not be found in the bytes of any file. Half a hash would be too much.
    private static let secrets =
        [Data("欧阳*".utf8), Data("水磨石工".utf8), Data("522701".utf8)] + hashes.map { $0.prefix(16) }

    private static func draft(_ fixture: StoreFixture, fair: FairID = StoreFixture.fair) -> RecordDraft {
        var draft = fixture.registration(fair: fair)
        draft.desk = DeskEntry(
            maskedName: "欧阳*",
            wishes: Wishes(occupations: ["水磨石工"], lowestPayYuanMonth: 6000, places: ["522701"]), slipPurpose: 2,
            lostSlipHash: hashes[0], digitsHash: hashes[1])
        return draft
    }

    /// How many of the secrets stand in the file and its WAL.
    private static func found(_ path: String) throws -> Int {
        let bytes = try ["", "-wal"].map { try Data(contentsOf: URL(fileURLWithPath: path + $0)) }
        return secrets.count { secret in bytes.contains { $0.range(of: secret) != nil } }
    }

    private static func commit(_ drafts: [RecordDraft], to store: SQLiteRecordStore) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for draft in drafts { group.addTask { _ = try await store.commit(draft, clock: .test) } }
            try await group.waitForAll()
        }
    }

    @Test(arguments: [true, false]) func nothingReadableStaysOfAFairThatIsNoLongerOpen(closes: Bool) async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let draft = Self.draft(fixture)
            let record = try await store.commit(draft, clock: .test)
            // Enough for pages to be split and joined, and for some to be in the file and some in the WAL only.
            try await Self.commit((0..<500).map { _ in Self.draft(fixture) }, to: store)
            try await store.database.writeWithoutTransaction { _ = try $0.checkpoint(.passive) }
            try await Self.commit((0..<500).map { _ in Self.draft(fixture) }, to: store)
            // Another day of the same fair takes nothing.
            _ = try await store.commit(fixture.opening(day: "2026-02-04"), clock: .test)
            #expect(try Self.found(fixture.path) == Self.secrets.count)
            #expect(try await store.registration(lostSlipHash: Self.hashes[0]) != nil)

            let closing = closes ? fixture.opening(closes: true) : fixture.opening(StoreFixture.otherFair)
            _ = try await store.commit(closing, clock: .test)
            #expect(try Self.found(fixture.path) == 0)
            #expect(try await store.registration(lostSlipHash: Self.hashes[0]) == nil)
            let desk = DeskEntry(
                maskedName: "", wishes: Wishes(), slipPurpose: 2, lostSlipHash: nil, digitsHash: nil)
            #expect(try await store.registration(record.recordID)?.desk == desk)
            // A repeat still gets its number.
            let again = try await store.commit(draft, clock: .test)
            #expect(again.isRepeat && again.ticket == record.ticket && again.desk == desk)
            #expect(try await store.nextPrintJob() == nil)
            #expect(try await store.printState(of: record.recordID) == .failed)
        }
    }

    @Test func theFairThatOpensKeepsItsEntries() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            _ = try await store.commit(fixture.opening(StoreFixture.otherFair), clock: .test)
            let kept = try await store.commit(Self.draft(fixture, fair: StoreFixture.otherFair), clock: .test)
            _ = try await store.commit(fixture.opening(StoreFixture.otherFair, day: "2026-02-05"), clock: .test)
            #expect(try await store.registration(kept.recordID) == kept)
            #expect(try await store.printState(of: kept.recordID) == .queued)
        }
    }

    @Test func aSlipThatWasWithThePrinterIsNotPutBackAfterClosing() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let record = try await store.commit(Self.draft(fixture), clock: .test)
            let job = try #require(try await store.nextPrintJob())
            _ = try await store.commit(fixture.opening(closes: true), clock: .test)
            #expect(try await store.printState(of: record.recordID) == .printing)
            try await store.finishPrintJob(job.id, as: .queued)
            #expect(try await store.printState(of: record.recordID) == .failed)
            #expect(try await store.nextPrintJob() == nil)
        }
    }

    @Test func aPowerCutAfterTheClosingLeavesNothingOnceTheKioskIsUpAgain() async throws {
        let fixture = try StoreFixture()
        let copy = fixture.folder.file("copy.sqlite")
        try await fixture.run { store async throws in
            _ = try await store.commit(Self.draft(fixture), clock: .test)
            // The closing as the disk has it before the WAL is emptied.
            try await store.database.write { database in
                try RecordRows.set(openFair: nil, in: database)
                try RecordRows.forgetClosedFairs(in: database)
            }
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: fixture.path + suffix, toPath: copy + suffix)
            }
            #expect(try Self.found(copy) == Self.secrets.count)
        }
        let store = try fixture.open(path: copy)
        #expect(store.opening.wasUnclean)
        #expect(try Self.found(copy) == 0)
        try store.close()
    }

    @Test func emptyingTheWALIsTriedAgainAfterTheNextCommit() async throws {
        let fixture = try StoreFixture()
        let log = LogLines()
        let store = try fixture.open(logger: log.logger)
        try await fixture.run(store) { store async throws in
            _ = try await store.commit(Self.draft(fixture), clock: .test)
            // A statement that still reads keeps every checkpoint out.
            let reading = try await store.database.writeWithoutTransaction { database in
                var statement: OpaquePointer?
                let sql = "SELECT position FROM record"
                #expect(sqlite3_prepare_v2(database.sqliteConnection, sql, -1, &statement, nil) == SQLITE_OK)
                #expect(sqlite3_step(statement) == SQLITE_ROW)
                return UInt(bitPattern: statement)
            }
            _ = try await store.commit(fixture.opening(closes: true), clock: .test)
            #expect(try Self.found(fixture.path) == Self.secrets.count)
            #expect(log.all.contains { $0.hasPrefix("warning the WAL was not emptied; it is tried again") })
            try await store.database.writeWithoutTransaction { _ in
                _ = sqlite3_finalize(OpaquePointer(bitPattern: reading))
            }
            _ = try await store.commit(fixture.draft(.clockAnchor), clock: .test)
            #expect(try Self.found(fixture.path) == 0)
        }
        try store.close()
    }
}
