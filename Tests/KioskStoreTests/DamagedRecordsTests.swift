// A damaged database is set aside, its records go into a new one, and the fair goes on.

import Foundation
import GRDB
import JobFair
import KioskCore
import SyncProtocol
import TestSupport
import Testing

@testable import KioskStore

@Suite struct DamagedRecordsTests {
    /// A closed file with the opening of the fair and three registrations.
    private func registered(_ fixture: StoreFixture) async throws -> [CommittedRecord] {
        try await fixture.run { store async throws in
            var records: [CommittedRecord] = []
            for _ in 0..<3 { records.append(try await store.commit(fixture.registration(), clock: .test)) }
            return records
        }
    }

    private func overwrite(_ path: String, at offset: UInt64, with bytes: Data) throws {
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seek(toOffset: offset)
        try file.write(contentsOf: bytes)
        try file.close()
    }

    private func names(_ fixture: StoreFixture) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path).sorted()
    }

    /// The header, the schema, the second page.
    @Test(arguments: [0, 100, 4096]) func aDamagedFileIsSetAsideAndTheFairGoesOn(offset: Int) async throws {
        let fixture = try StoreFixture()
        let records = try await registered(fixture)
        let before = try Data(contentsOf: URL(fileURLWithPath: fixture.path))
        try overwrite(fixture.path, at: UInt64(offset), with: Data(repeating: 0xA5, count: 2048))
        let store = try fixture.open()
        let aside = try #require(store.opening.setAside)
        #expect(aside.name == "records.damaged-1.sqlite" && aside.salvagedCount == 4)
        #expect(DamagedRecords.names(in: fixture.folder.path) == [aside.name])
        // Evidence: not a byte was changed but ours.
        let kept = try Data(contentsOf: URL(fileURLWithPath: fixture.folder.file(aside.name)))
        #expect(kept.count == before.count)
        #expect(Data(kept.dropFirst(8192)) == Data(before.dropFirst(8192)))
        try await fixture.run(store, opensFair: false) { store async throws in
            #expect(try await store.openFair()?.fairID == StoreFixture.fair)
            let pending = try await store.pending(after: 0, countMax: 10, bytesMax: 1 << 20)
            #expect(Set(pending.map(\.recordID)).isSuperset(of: records.map(\.recordID)))
            #expect(try await store.registration(records[0].recordID)?.ticket == records[0].ticket)
            // Another lineage with other letters.
            let next = try await store.commit(fixture.registration(), clock: .test)
            #expect(next.ticket == TicketNumber("CD0001") && next.sequence == 1)
        }
        try store.close()
        // Told once; the file stays until somebody takes it away.
        let again = try fixture.open()
        #expect(again.opening.setAside == nil && again.opening.chainProblem == nil)
        try again.close()
        let left = try names(fixture).filter { $0.hasSuffix(".aside") || $0.hasSuffix(".suspect") }
        #expect(left.isEmpty)
    }

    @Test func lettersOfSalvagedNumbersAreTakenAlsoWhereTheirFileIsLost() async throws {
        let fixture = try StoreFixture()
        let records = try await registered(fixture)
        #expect(records[0].ticket?.pair == "AB")
        try overwrite(fixture.path, at: 100, with: Data(repeating: 0xA5, count: 2048))
        try Data().write(to: URL(fileURLWithPath: fixture.folder.file("lineage.pairs")))
        try await fixture.run(try fixture.open(), opensFair: false) { store async throws in
            #expect(store.opening.setAside?.salvagedCount == 4)
            #expect(try await store.commit(fixture.registration(), clock: .test).ticket == TicketNumber("CD0001"))
        }
    }

    @Test func repeatsOfSalvagedRegistrationsGetTheirAnswer() async throws {
        let fixture = try StoreFixture()
        let draft = fixture.registration()
        try await fixture.run { store async throws in _ = try await store.commit(draft, clock: .test) }
        // The header only: tables are still readable by their pages, after the bytes were looked through.
        try overwrite(fixture.path, at: 60, with: Data([0, 0, 0x27, 0x10]))
        let store = try fixture.open()
        #expect(store.opening.setAside?.salvagedCount == 2)
        try await fixture.run(store, opensFair: false) { store async throws in
            let repeated = try await store.commit(draft, clock: .test)
            #expect(repeated.isRepeat && repeated.ticket == TicketNumber("AB0001"))
            #expect(repeated.desk?.maskedName == "张*" && repeated.desk?.slipPurpose == 1)
        }
        try store.close()
    }

    @Test func aWALWithoutItsDatabaseIsSalvagedNotDeleted() async throws {
        let fixture = try StoreFixture()
        let copy = fixture.folder.file("copy-wal")
        let path = fixture.path
        try await fixture.run { store async throws in
            for _ in 0..<3 { _ = try await store.commit(fixture.registration(), clock: .test) }
            try FileManager.default.copyItem(atPath: path + "-wal", toPath: copy)
        }
        try FileManager.default.removeItem(atPath: path)
        try? FileManager.default.removeItem(atPath: path + "-wal")
        try FileManager.default.moveItem(atPath: copy, toPath: path + "-wal")
        let store = try fixture.open()
        // The pages of the registrations still hold the opening, which its checkpoint had copied into the file.
        #expect(store.opening.setAside?.salvagedCount == 4)
        #expect(try names(fixture).contains("records.damaged-1.sqlite-wal"))
        #expect(try await store.openFair()?.fairID == StoreFixture.fair)
        try store.close()
    }

    @Test func aLostDatabaseGoesOnWithTheFairAndSaysSo() async throws {
        let fixture = try StoreFixture()
        _ = try await registered(fixture)
        try FileManager.default.removeItem(atPath: fixture.path)
        let store = try fixture.open()
        #expect(store.opening.isNew && store.opening.chainProblem == "the database was missing")
        #expect(try await store.openFair()?.fairID == StoreFixture.fair)
        try store.close()
    }

    @Test func aClosedFairStaysClosedInANewDatabase() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            _ = try await store.commit(fixture.registration(), clock: .test)
            _ = try await store.commit(fixture.opening(closes: true), clock: .test)
        }
        try overwrite(fixture.path, at: 4096, with: Data(repeating: 0xA5, count: 4096))
        let store = try fixture.open()
        #expect(store.opening.setAside != nil)
        #expect(try await store.openFair() == nil)
        try store.close()
    }

    /// What the next start does after each kill in the middle of setting aside.
    @Test func settingAsideGoesOnWhereItWasCutOff() async throws {
        let fixture = try StoreFixture()
        _ = try await registered(fixture)
        let damaged = DamagedRecords(path: fixture.path)
        try Data("wal".utf8).write(to: URL(fileURLWithPath: fixture.path + "-wal"))
        try damaged.setAside()
        // Cut off after the first of two renamings.
        try FileManager.default.moveItem(
            atPath: fixture.folder.file("records.damaged-1.sqlite"), toPath: fixture.path)
        let store = try fixture.open()
        #expect(store.opening.setAside?.salvagedCount == 4)
        try store.close()
        let aside = try names(fixture).filter { $0.hasPrefix("records.damaged-1") }
        #expect(aside.count == 2)
    }

    @Test func damageMetWhileRunningIsCheckedThenBelieved() async throws {
        let fixture = try StoreFixture()
        _ = try await registered(fixture)
        let damaged = DamagedRecords(path: fixture.path)
        damaged.suspect()
        #expect(damaged.suspicion == .suspected)
        try fixture.open().close()
        #expect(damaged.suspicion == .checked)
        damaged.suspect()
        let store = try fixture.open()
        #expect(store.opening.setAside?.salvagedCount == 4)
        try store.close()
        #expect(damaged.suspicion == .none)
    }

    /// A row that nobody can read ends the writer: without it the same row would be met for ever.
    @Test func anUnreadableRowEndsTheWriter() async throws {
        let fixture = try StoreFixture()
        _ = try await registered(fixture)
        let store = try fixture.open()
        // No such day, and the table's own check takes it.
        try await store.database.write { try $0.execute(sql: "UPDATE openFair SET day = '2026-19-39'") }
        await #expect(throws: KioskStoreError.self) {
            try await fixture.run(store, opensFair: false) { store async throws in
                _ = try? await store.openFair()
                try await Task.sleep(for: .seconds(60))
            }
        }
        try store.close()
        #expect(DamagedRecords(path: fixture.path).suspicion == .suspected)
    }

    @Test func recordsOfAnotherKioskBeginANewLineage() async throws {
        let fixture = try StoreFixture()
        let other = try StoreFixture()
        _ = try await registered(other)
        try FileManager.default.copyItem(atPath: other.path, toPath: fixture.path)
        let store = try fixture.open()
        #expect(store.opening.chainProblem?.hasSuffix("is of another kiosk") == true)
        try store.close()
    }

    @Test func lettersThatTheDatabaseDoesNotKnowShowThatItIsOlder() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in _ = try await store.commit(fixture.draft(.entry), clock: .test) }
        let older = try Data(contentsOf: URL(fileURLWithPath: fixture.path))
        _ = try await registered(fixture)
        try older.write(to: URL(fileURLWithPath: fixture.path))
        let store = try fixture.open()
        #expect(store.opening.chainProblem == "letters were taken of which the database knows nothing")
        try store.close()
    }

    @Test func framesAreFoundAcrossAnything() throws {
        let signer = SigningKey()
        let fixture = try StoreFixture()
        let draft = fixture.draft(.entry)
        var place = WirePlace()
        place.lineageID = Data(repeating: 2, count: 16)
        place.sequence = 1
        let frame = RecordFrame.encode(
            identity: draft.identity,
            sealed: SealedPayload(
                encapsulatedKey: draft.encapsulatedKey, ciphertext: draft.ciphertext),
            place: place, clock: ClockReading.test.evidence, signer: signer)
        let bytes = [UInt8](Data([0x0A, 0x0A, 0xFF]) + frame + Data([0x0A]) + frame + frame.prefix(300))
        let found = RecordSalvage.frames(in: bytes, count: bytes.count, beginningBefore: bytes.count)
        let whole = found.count { Data(bytes[$0]) == frame }
        #expect(whole == 2)
    }
}
