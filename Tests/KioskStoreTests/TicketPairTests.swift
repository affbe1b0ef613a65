// Letters: taken once for ever, remembered outside the database.

import Foundation
import GRDB
import JobFair
import KioskCore
import TestSupport
import Testing

@testable import KioskStore

@Suite struct TicketPairTests {
    private func next(_ store: SQLiteRecordStore, _ fixture: StoreFixture, _ fair: FairID = StoreFixture.fair)
        async throws
        -> String?
    {
        try await store.commit(fixture.registration(fair: fair), clock: .test).ticket?.description
    }

    private func setLastNumber(_ number: Int, _ store: SQLiteRecordStore) async throws {
        try await store.database.write { database in
            try database.execute(
                sql: "UPDATE ticketPair SET lastNumber = ? WHERE number = (SELECT max(number) FROM ticketPair)",
                arguments: [number])
        }
    }

    @Test func after9999ComesTheNextPairAndAfterTheFourthNone() async throws {
        let fixture = try StoreFixture(pairs: ["AB", "CD", "EF", "GH"])
        try await fixture.run { store async throws in
            for pair in fixture.pairs {
                #expect(try await next(store, fixture) == "\(pair)0001")
                try await setLastNumber(9998, store)
                #expect(try await next(store, fixture) == "\(pair)9999")
            }
            #expect(await storeError { try await next(store, fixture) } == .ticketsExhausted)
            // Everything without a ticket goes on.
            _ = try await store.commit(fixture.draft(.entry), clock: .test)
            try await RecordWriterTests.checkChain(of: store, signer: fixture.signer, records: 10)
        }
    }

    @Test func withoutAGrantThereAreNoTickets() async throws {
        let fixture = try StoreFixture(pairs: [])
        try await fixture.run { store async throws in
            #expect(await storeError { try await next(store, fixture) } == .ticketsExhausted)
            store.setTicketPairs(["KL"], for: StoreFixture.fair)
            #expect(try await next(store, fixture) == "KL0001")
        }
    }

    @Test func lettersThatMakeNoNumberAreNotCounted() async throws {
        let fixture = try StoreFixture(pairs: ["AB", "IO", "ab", "", "ABC"])
        try await fixture.run { store async throws in
            #expect(try await store.ticketsLeft(at: StoreFixture.fair) == 9999)
            #expect(try await next(store, fixture) == "AB0001")
            #expect(try await store.ticketsLeft(at: StoreFixture.fair) == 9998)
            try await setLastNumber(9999, store)
            #expect(try await store.ticketsLeft(at: StoreFixture.fair) == 0)
            #expect(await storeError { try await next(store, fixture) } == .ticketsExhausted)
        }
    }

    @Test func manyAtOnceAcrossAChangeOfPairsGetDifferentNumbers() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            _ = try await next(store, fixture)
            try await setLastNumber(9990, store)
            let tickets = try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<40 { group.addTask { try await next(store, fixture) } }
                return try await group.reduce(into: Set<String>()) { if let ticket = $1 { $0.insert(ticket) } }
            }
            #expect(tickets.count == 40)
            #expect(tickets.contains("AB9999") && tickets.contains("CD0031"))
        }
    }

    @Test func aNewLineageTakesTheNextPair() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            #expect(try await next(store, fixture) == "AB0001")
            let old = try await store.chainHead()
            try await store.startNewLineage()
            let head = try await store.chainHead()
            #expect(head.lineageID != old.lineageID && head.lastSequence == 0 && head.lastDigest.isEmpty)
            let record = try await store.commit(fixture.registration(), clock: .test)
            #expect(record.ticket == TicketNumber("CD0001") && record.sequence == 1)
            // Pairs are given per fair: the other fair begins with its own first.
            _ = try await store.commit(fixture.opening(StoreFixture.otherFair), clock: .test)
            #expect(try await next(store, fixture, StoreFixture.otherFair) == "AB0001")
        }
        let lines = try String(contentsOfFile: fixture.pairFilePath, encoding: .utf8).split(separator: "\n")
        #expect(lines.map { $0.suffix(2) } == ["AB", "CD", "AB"])
        #expect(
            lines[0].hasPrefix(StoreFixture.fair.description) && lines[2].hasPrefix(StoreFixture.otherFair.description))
    }

    @Test func aDatabaseMadeAnewNeverGivesANumberTwice() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in #expect(try await next(store, fixture) == "AB0001") }
        for suffix in ["", "-wal"] { try? FileManager.default.removeItem(atPath: fixture.path + suffix) }
        try await fixture.run { store async throws in
            #expect(store.opening.isNew)
            #expect(try await next(store, fixture) == "CD0001")
        }
    }

    /// An older copy of the database is put back four times; each time headquarters finds it out and the lineage is left.
    @Test func rollbacksNeverGiveANumberOfALeftLineageAgainUntilThePairsAreUsedUp() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in #expect(try await next(store, fixture) == "AB0001") }
        let copy = try #require(FileManager.default.contents(atPath: fixture.path))
        var given: Set<String> = ["AB0001"]
        for pair in ["CD", "EF", "GH"] {
            try FileManager.default.removeItem(atPath: fixture.path)
            try? FileManager.default.removeItem(atPath: fixture.path + "-wal")
            try copy.write(to: URL(fileURLWithPath: fixture.path))
            let tickets = try await fixture.run { store async throws in
                try await store.startNewLineage()
                return [try await next(store, fixture), try await next(store, fixture)].compactMap { $0 }
            }
            #expect(tickets == ["\(pair)0001", "\(pair)0002"])
            #expect(given.isDisjoint(with: tickets))
            given.formUnion(tickets)
        }
        try await fixture.run { store async throws in
            try await store.startNewLineage()
            #expect(try await store.ticketsLeft(at: StoreFixture.fair) == 0)
            #expect(await storeError { try await next(store, fixture) } == .ticketsExhausted)
            _ = try await store.commit(fixture.draft(.entry), clock: .test)
            // Headquarters gives four more, once this was reported.
            store.setTicketPairs(fixture.pairs + ["JK", "JL", "JM", "JN"], for: StoreFixture.fair)
            #expect(try await next(store, fixture) == "JK0001")
            #expect(try await store.ticketsLeft(at: StoreFixture.fair) == 9998 + 3 * 9999)
        }
    }

    /// One card copied, or put back twice: its own file knows nothing of the letters the other has taken.
    @Test func whoLeavesALineageByHeadquartersWordTakesTheLettersThatCameWithIt() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            #expect(try await next(store, fixture) == "AB0001")
            try await store.setTicketPairs(fixture.pairs + ["JK"], freshIsLastFor: StoreFixture.fair)
            #expect(try await next(store, fixture) == "AB0002")
            try await store.startNewLineage()
            #expect(try await next(store, fixture) == "JK0001")
            // The same answer again.
            try await store.setTicketPairs(fixture.pairs + ["JK"], freshIsLastFor: StoreFixture.fair)
            #expect(try await next(store, fixture) == "JK0002")
        }
        try await fixture.run { store async throws in
            #expect(store.opening.chainProblem == nil)
            #expect(try await next(store, fixture) == "JK0003")
            #expect(try await store.ticketsLeft(at: StoreFixture.fair) == 9996)
        }
    }

    /// The last letters run out in the middle of a lineage that already used several.
    @Test func fourExhaustedPairsAreExhaustedForTheNextLineageToo() async throws {
        let fixture = try StoreFixture(pairs: ["AB", "CD"])
        try await fixture.run { store async throws in
            for pair in fixture.pairs {
                #expect(try await next(store, fixture) == "\(pair)0001")
                try await setLastNumber(9999, store)
            }
            #expect(await storeError { try await next(store, fixture) } == .ticketsExhausted)
            try await store.startNewLineage()
            #expect(await storeError { try await next(store, fixture) } == .ticketsExhausted)
            #expect(try await store.ticketsLeft(at: StoreFixture.fair) == 0)
            // Another fair has letters of its own.
            _ = try await store.commit(fixture.opening(StoreFixture.otherFair), clock: .test)
            #expect(try await next(store, fixture, StoreFixture.otherFair) == "AB0001")
        }
    }

    @Test func aRestartGoesOnInItsPair() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in #expect(try await next(store, fixture) == "AB0001") }
        try await fixture.run { store async throws in #expect(try await next(store, fixture) == "AB0002") }
    }

    @Test func aMissingFileIsMadeAnewFromTheDatabase() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { _ = try await next($0, fixture) }
        let before = FileManager.default.contents(atPath: fixture.pairFilePath)
        try FileManager.default.removeItem(atPath: fixture.pairFilePath)
        try await fixture.run { store async throws in
            #expect(store.opening.pairFileWasMissing)
            #expect(try await next(store, fixture) == "AB0002")
        }
        #expect(FileManager.default.contents(atPath: fixture.pairFilePath) == before)
    }

    @Test func unreadableLinesAreKeptAndSaid() async throws {
        let fixture = try StoreFixture()
        try Data("what is this\n".utf8).write(to: URL(fileURLWithPath: fixture.pairFilePath))
        let log = LogLines()
        let store = try fixture.open(logger: log.logger)
        try await fixture.run(store) { _ = try await next($0, fixture) }
        try store.close()
        #expect(log.all.contains { $0.hasPrefix("warning lines of the file of ticket pairs cannot be read") })
        let text = try String(contentsOfFile: fixture.pairFilePath, encoding: .utf8)
        #expect(text.hasPrefix("what is this\n") && text.hasSuffix(" AB\n"))
    }
}
