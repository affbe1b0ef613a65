// What headquarters' answers permit: purging, filling gaps, another generation, directives; on real files.

import Foundation
import GRDB
import JobFair
import KioskCore
import TestSupport
import Testing

@testable import KioskStore

@Suite struct DurabilityTests {
    static let generations = (1...4).map { Data(repeating: UInt8($0), count: 16) }

    /// A receipt for everything that is pending in the current lineage.
    static func receipt(
        of store: SQLiteRecordStore, generation: Int = 0, serial: Int64 = 1, durableThrough: Int64 = 0,
        outcome: VerifiedReceipt.Outcome = .accepted, reason: String = ""
    ) async throws -> VerifiedReceipt {
        let mark = try await mark(of: store, durableThrough: durableThrough)
        return VerifiedReceipt(
            lineageID: mark.lineageID, serial: serial, headquartersGeneration: generations[generation],
            lines: try await store.pending(after: 0, countMax: 5000, bytesMax: .max).map {
                .init(recordID: $0.recordID, digest: $0.digest, outcome: outcome, reason: reason)
            }, durableThrough: mark.durableThrough, digestAtDurable: mark.digestAtDurable, signed: Data([1]))
    }

    /// As headquarters says it whose backup holds the current lineage up to there, or up to its end.
    static func mark(of store: SQLiteRecordStore, durableThrough: Int64) async throws -> LineageMark {
        let head = try await store.chainHead()
        let through = min(durableThrough, head.lastSequence)
        return LineageMark(
            lineageID: head.lineageID, knownThrough: 0, durableThrough: through,
            digestAtDurable: try await store.digest(lineageID: head.lineageID, sequence: through) ?? Data())
    }

    static func news(
        of store: SQLiteRecordStore, generation: Int = 0, durableThrough: Int64 = 0, gaps: [ClosedRange<Int64>] = []
    ) async throws -> HelloNews {
        let lineageID = try await store.chainHead().lineageID
        return HelloNews(
            headquartersGeneration: generations[generation],
            marks: [try await mark(of: store, durableThrough: durableThrough)],
            gaps: gaps.map { SequenceGap(lineageID: lineageID, first: $0.lowerBound, last: $0.upperBound) })
    }

    /// State by sequence of the whole outbox, in order.
    static func states(_ store: SQLiteRecordStore) async throws -> [String] {
        try await store.database.read { database in
            try String.fetchAll(database, sql: "SELECT state FROM outbox ORDER BY record")
        }
    }

    static func commit(_ count: Int, _ fixture: StoreFixture, _ store: SQLiteRecordStore) async throws {
        for _ in 0..<count { _ = try await store.commit(fixture.draft(.entry), clock: .test) }
    }

    @Test func onlyWhatIsReceiptedAndBackedUpIsPurged() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            try await Self.commit(5, fixture, store)
            // The opening of the fair is sequence 1. Headquarters has 1 to 4, its backup 1 to 3.
            var first = try await Self.receipt(of: store)
            first.lines.removeLast(2)
            _ = try await store.apply(first)
            #expect(try await store.purge() == 0)
            _ = try await store.settle(try await Self.news(of: store, durableThrough: 3))
            #expect(try await store.purge() == 3)
            #expect(try await store.purge() == 0)
            let expected = ["purged", "purged", "purged", "receipted", "pending", "pending"]
            #expect(try await Self.states(store) == expected)
            // A backup that is ahead of the receipts permits nothing of what has none.
            _ = try await store.settle(try await Self.news(of: store, durableThrough: 1000))
            #expect(try await store.purge() == 1)
            #expect(try await store.counts().pending == 2)
            #expect(try await store.digest(lineageID: store.chainHead().lineageID, sequence: 1)?.count == 32)
        }
        // Purged records are no break in the chain.
        try await fixture.run { store async throws in #expect(store.opening.chainProblem == nil) }
    }

    @Test func aReceiptPermitsToo() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            try await Self.commit(3, fixture, store)
            _ = try await store.apply(try await Self.receipt(of: store, durableThrough: 2))
            // An older receipt, by another road, takes nothing back; hello's word is the newest and may.
            _ = try await store.apply(try await Self.receipt(of: store, durableThrough: 1))
            #expect(try await store.purge() == 2)
            _ = try await store.apply(try await Self.receipt(of: store, durableThrough: 4))
            _ = try await store.settle(try await Self.news(of: store, durableThrough: 3))
            #expect(try await store.purge() == 1)
        }
    }

    @Test func quarantinedRecordsAreNeverPurged() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let refused = try await Self.receipt(
                of: store, durableThrough: 9, outcome: .refused, reason: "signature.invalid")
            #expect(try await store.apply(refused).moved == 1)
            #expect(try await store.purge() == 0)
            #expect(try await Self.states(store) == ["quarantined"])
        }
    }

    @Test func aStepIsBoundedAndRegistrationsComeBetween() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            try await Self.commit(OutboxRule.stepRecordsMax * 2 + 9, fixture, store)
            _ = try await store.apply(try await Self.receipt(of: store, durableThrough: 100_000))
            var steps: [Int] = []
            repeat {
                steps.append(try await store.purge())
                _ = try await store.commit(fixture.registration(), clock: .test)
            } while steps.last == OutboxRule.stepRecordsMax
            #expect(steps == [OutboxRule.stepRecordsMax, OutboxRule.stepRecordsMax, 10])
            #expect(try await store.counts().pending == 3)
        }
    }

    @Test func purgedRoomIsUsedAgain() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            func pages() async throws -> Int {
                try await store.database.read { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
            }
            func fill() async throws {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<600 {
                        group.addTask { _ = try await store.commit(fixture.draft(.entry), clock: .test) }
                    }
                    try await group.waitForAll()
                }
            }
            try await fill()
            let before = try await pages()
            for serial in 1...3 as ClosedRange<Int64> {
                _ = try await store.apply(
                    try await Self.receipt(of: store, serial: serial, durableThrough: 100_000))
                while try await store.purge() > 0 {}
                try await fill()
            }
            // Three times as many again; of a purged one stays its row in `record`, of some 150 bytes.
            let after = try await pages()
            #expect(after < before * 2, "\(before) pages, then \(after)")
        }
    }

    @Test func anotherGenerationSuspendsPurgingUntilThereAreNewReceipts() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            try await Self.commit(3, fixture, store)
            let old = try await Self.receipt(of: store, serial: 50, durableThrough: 1)
            _ = try await store.apply(old)
            #expect(try await store.purge() == 1)
            // Restored; its backup of the new generation holds all, yet nothing here was receipted by it.
            let effect = try await store.settle(try await Self.news(of: store, generation: 1, durableThrough: 4))
            #expect(effect.isNewGeneration)
            #expect(try await store.purge() == 0)
            // A receipt of the headquarters before comes late, by stick: it marks nothing.
            var late = old
            late.durableThrough = 4
            #expect(try await store.apply(late) == ReceiptEffect(moved: 0, isOtherGeneration: true))
            #expect(try await store.purge() == 0)
            #expect(try await store.offerAgain() == 3)
            #expect(try await store.offerAgain() == 0)
            #expect(try await Self.states(store) == ["purged", "pending", "pending", "pending"])
            #expect(try await store.apply(late).moved == 0)
            // The same news again is no other generation.
            let again = try await store.settle(try await Self.news(of: store, generation: 1, durableThrough: 3))
            #expect(!again.isNewGeneration)
            _ = try await store.apply(try await Self.receipt(of: store, generation: 1, serial: 2))
            #expect(try await store.chainHead().newestReceiptSerial == 2)
            #expect(try await store.purge() == 2)
            #expect(try await Self.states(store) == ["purged", "purged", "purged", "receipted"])
        }
    }

    @Test func aGenerationThatReturnsIsAnotherOne() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            _ = try await store.apply(try await Self.receipt(of: store))
            for generation in [0, 1, 0] {
                _ = try await store.settle(try await Self.news(of: store, generation: generation, durableThrough: 9))
            }
            // Receipted by the first, which is not the third: it may have been restored since.
            #expect(try await store.purge() == 0)
            #expect(try await store.offerAgain() == 1)
        }
    }

    @Test func offeringAgainGoesOnAfterARestart() async throws {
        let fixture = try StoreFixture()
        let total = OutboxRule.stepRecordsMax + 40
        try await fixture.run { store async throws in
            try await Self.commit(total - 1, fixture, store)
            _ = try await store.apply(try await Self.receipt(of: store))
            _ = try await store.settle(try await Self.news(of: store, generation: 1, durableThrough: 100_000))
            #expect(try await store.offerAgain() == OutboxRule.stepRecordsMax)
        }
        try await fixture.run { store async throws in
            #expect(try await store.purge() == 0)
            #expect(try await store.offerAgain() == 40)
            #expect(try await store.counts().pending == total)
        }
    }

    @Test func gapsAreFilledFromWhatIsHereAndTheRestIsCounted() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            try await Self.commit(9, fixture, store)
            var receipt = try await Self.receipt(of: store, durableThrough: 3)
            receipt.lines.removeLast(1)
            receipt.lines[7].outcome = .refused
            _ = try await store.apply(receipt)
            #expect(try await store.purge() == 3)
            // 3 is purged, 4 and 5 are receipted, 8 is quarantined, 10 pending, 11 and 12 were never here.
            let news = try await Self.news(of: store, durableThrough: 3, gaps: [3...5, 8...8, 10...12])
            #expect(try await store.settle(news) == HelloEffect(offeredAgain: 2, unavailable: 3))
            let expected =
                ["purged", "purged", "purged", "pending", "pending", "receipted", "receipted", "quarantined"]
                + ["receipted", "pending"]
            #expect(try await Self.states(store) == expected)
            // They are on their way now: nothing more to do.
            #expect(try await store.settle(news).offeredAgain == 0)
        }
    }

    @Test func aGapWithoutAnEndIsCertainOfItsFirstOnly() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            try await Self.commit(3, fixture, store)
            _ = try await store.apply(try await Self.receipt(of: store, durableThrough: 2))
            _ = try await store.purge()
            var news = try await Self.news(of: store, durableThrough: 2)
            let lineageID = try await store.chainHead().lineageID
            news.gaps = [SequenceGap(lineageID: lineageID, first: 1, last: nil)]
            #expect(try await store.settle(news) == HelloEffect(offeredAgain: 2, unavailable: 1))
            news.gaps = [
                SequenceGap(lineageID: lineageID, first: 5, last: nil),
                SequenceGap(lineageID: Data(repeating: 99, count: 16), first: 1, last: 7),
            ]
            #expect(try await store.settle(news) == HelloEffect())
        }
    }

    @Test func fillingIsBounded() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            try await Self.commit(OutboxRule.refillRecordsMax + 20, fixture, store)
            _ = try await store.apply(try await Self.receipt(of: store))
            let news = try await Self.news(of: store, gaps: [1...Int64.max / 2])
            #expect(try await store.settle(news).offeredAgain == OutboxRule.refillRecordsMax)
            #expect(try await store.settle(news).offeredAgain == 21)
        }
    }

    @Test func otherLineagesArePurgedByTheirOwnMark() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            try await Self.commit(2, fixture, store)
            let old = try await store.chainHead().lineageID
            _ = try await store.apply(try await Self.receipt(of: store))
            try await store.startNewLineage()
            try await Self.commit(2, fixture, store)
            _ = try await store.apply(try await Self.receipt(of: store, serial: 2))
            var news = try await Self.news(of: store, durableThrough: 1)
            news.marks.append(
                LineageMark(
                    lineageID: old, knownThrough: 3, durableThrough: 2,
                    digestAtDurable: try await store.digest(lineageID: old, sequence: 2) ?? Data()))
            _ = try await store.settle(news)
            #expect(try await store.purge() == 3)
            #expect(try await Self.states(store) == ["purged", "purged", "receipted", "purged", "receipted"])
        }
    }

    @Test("two cards share a lineage: the backup of the one permits nothing to the other")
    func aMarkOfAnotherChainPurgesNothing() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            try await Self.commit(4, fixture, store)
            var receipt = try await Self.receipt(of: store, durableThrough: 3)
            receipt.digestAtDurable = Data(repeating: 0xEE, count: 32)
            _ = try await store.apply(receipt)
            #expect(try await store.purge() == 0)
            var news = try await Self.news(of: store, durableThrough: 4)
            news.marks[0].digestAtDurable = Data(repeating: 0xEE, count: 32)
            _ = try await store.settle(news)
            #expect(try await store.purge() == 0)
            news.marks[0].durableThrough = 100
            _ = try await store.settle(news)
            #expect(try await store.purge() == 0)
            _ = try await store.settle(try await Self.news(of: store, durableThrough: 4))
            #expect(try await store.purge() == 4)
        }
    }

    // MARK: Quarantine

    @Test func whatWasRefusedWaitsForATechnician() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            try await Self.commit(2, fixture, store)
            var receipt = try await Self.receipt(of: store, outcome: .refused, reason: "signature.invalid\n李四")
            receipt.lines[1].outcome = .retryLater
            receipt.lines[1].reason = "device.unknown"
            receipt.lines[2].outcome = .accepted
            #expect(try await store.apply(receipt).moved == 2)
            var clock = ClockReading.test
            clock.bootMilliseconds += 90_000
            let listing = try await store.outboxListing(clock)
            let lineage = try #require(listing.lineages.first)
            #expect(listing.lineages.count == 1 && lineage.isCurrent && lineage.records == 3)
            #expect(lineage.pending == 1 && lineage.receipted == 1 && lineage.quarantined == 1 && lineage.purged == 0)
            #expect(lineage.waiting.map(\.reason) == ["device.unknown"])
            #expect(lineage.waiting.map(\.firstSequence) == [2])
            // Reasons are headquarters' codes; anything else in them is left out.
            #expect(lineage.refused.map(\.reason) == ["signature.invalid"])
            #expect(lineage.refused.first?.sequence == 1 && lineage.refused.first?.since?.secondsAgo == 90)
            clock.bootID = Data(repeating: 8, count: 16)
            #expect(try await store.outboxListing(clock).lineages[0].refused[0].since?.secondsAgo == nil)
            let text = String(decoding: try JSONEncoder().encode(listing), as: UTF8.self)
            #expect(!text.contains("AB0001") && !text.contains("李"))

            #expect(try await store.retryQuarantined() == 1)
            #expect(try await store.retryQuarantined() == 0)
            #expect(try await store.pending(after: 0, countMax: 9, bytesMax: 1 << 20).map(\.sequence) == [1, 2])
        }
    }

    @Test func listingsAreBounded() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            try await Self.commit(OutboxListing.quarantinedMax + 4, fixture, store)
            _ = try await store.apply(try await Self.receipt(of: store, outcome: .refused))
            let lineage = try #require(try await store.outboxListing(.test).lineages.first)
            #expect(lineage.refused.count == OutboxListing.quarantinedMax)
            #expect(lineage.quarantined == OutboxListing.quarantinedMax + 5)
        }
    }

    // MARK: Directives

    private static func erasure(_ number: UInt8) -> ErasureDirective {
        ErasureDirective(id: Data(repeating: number, count: 16), signed: Data([0xEE, number]))
    }

    @Test func erasuresAreKeptConfirmedAndOfferedToAnotherGeneration() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            var news = try await Self.news(of: store)
            news.erasures = [Self.erasure(1), Self.erasure(2)]
            _ = try await store.settle(news)
            let facts = try await store.helloFacts()
            #expect(facts.directivesToConfirm == [Self.erasure(1).id, Self.erasure(2).id])
            #expect(facts.erasuresToOffer.isEmpty)
            // Not answered: said again. Answered: not again.
            #expect(try await store.helloFacts() == facts)
            news = try await Self.news(of: store)
            news.confirmed = facts.directivesToConfirm
            _ = try await store.settle(news)
            #expect(try await store.helloFacts().directivesToConfirm.isEmpty)
            // It comes again: confirmed again, kept once.
            news.erasures = [Self.erasure(1)]
            news.confirmed = []
            _ = try await store.settle(news)
            #expect(try await store.helloFacts().directivesToConfirm == [Self.erasure(1).id])
            #expect(try await store.outboxListing(.test).directives == 2)
        }
        // Another headquarters answers, after a restart too: it is told until it has answered a hello that said so.
        try await fixture.run { store async throws in
            var news = try await Self.news(of: store, generation: 1)
            _ = try await store.settle(news)
            var facts = try await store.helloFacts()
            #expect(facts.erasuresToOffer == [Self.erasure(1), Self.erasure(2)])
            news.offered = [Self.erasure(1).id]
            _ = try await store.settle(news)
            facts = try await store.helloFacts()
            #expect(facts.erasuresToOffer == [Self.erasure(2)])
            // A third answered the hello that offered the second: it has that one, and lacks the first.
            news = try await Self.news(of: store, generation: 2)
            news.offered = [Self.erasure(2).id]
            _ = try await store.settle(news)
            #expect(try await store.helloFacts().erasuresToOffer == [Self.erasure(1)])
        }
    }

    @Test func erasuresOfAStickAreOfferedAndManyGoInTurns() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            _ = try await store.settle(try await Self.news(of: store))
            let many = (0..<UInt8(OutboxRule.directivesInHelloMax + 6)).map(Self.erasure)
            #expect(try await store.keep(many) == many.count)
            #expect(try await store.keep(many) == 0)
            var facts = try await store.helloFacts()
            #expect(facts.erasuresToOffer == Array(many.prefix(OutboxRule.directivesInHelloMax)))
            var news = try await Self.news(of: store)
            news.offered = facts.erasuresToOffer.map(\.id)
            news.confirmed = facts.directivesToConfirm
            _ = try await store.settle(news)
            facts = try await store.helloFacts()
            #expect(facts.erasuresToOffer.count == 6 && facts.directivesToConfirm.count == 6)
            // A directive about the day is confirmed like them and offered to nobody.
            try await store.followed(directive: Data(repeating: 200, count: 16))
            #expect(try await store.helloFacts().directivesToConfirm.count == 7)
            #expect(try await store.helloFacts().erasuresToOffer.count == 6)
        }
    }

    @Test func theOldestOfTooManyDirectivesGoes() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            _ = try await store.settle(try await Self.news(of: store))
            try await store.database.write { database in
                try database.execute(
                    sql: """
                        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                        INSERT INTO directive (directiveID, signed, isConfirmed)
                            SELECT cast(printf('%016d', i) AS BLOB), x'01', 1 FROM n
                        """, arguments: [OutboxRule.directivesMax])
            }
            #expect(try await store.keep([Self.erasure(1)]) == 1)
            #expect(try await store.outboxListing(.test).directives == Int(OutboxRule.directivesMax))
            #expect(try await store.helloFacts().directivesToConfirm == [Self.erasure(1).id])
        }
    }

    @Test func headquartersWordAboutThisKioskOutlastsARestart() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            #expect(try await !store.isRevoked())
            var news = try await Self.news(of: store)
            news.isRevoked = true
            #expect(try await store.settle(news).changesStanding)
            #expect(try await !store.settle(news).changesStanding)
        }
        try await fixture.run { store async throws in
            #expect(try await store.isRevoked())
            #expect(try await store.settle(try await Self.news(of: store)).changesStanding)
            #expect(try await !store.isRevoked())
        }
    }

    // MARK: Upgrade

    @Test func aFileOfVersion2KeepsItsReceipts() async throws {
        let fixture = try StoreFixture()
        let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Goldens/schema-2.sql")
        let queue = try DatabaseQueue(path: fixture.path)
        let tables = try String(contentsOf: golden, encoding: .utf8)
        try await queue.write { database in
            try database.execute(
                sql: tables + """
                    PRAGMA user_version = 2; PRAGMA application_id = \(Schema.records.applicationID);
                    INSERT INTO chain VALUES (1, randomblob(16), 2, randomblob(32));
                    INSERT INTO record VALUES (1, randomblob(16), 1, 1, randomblob(16), NULL, 0, randomblob(32), randomblob(32));
                    INSERT INTO record VALUES (2, randomblob(16), 1, 2, randomblob(16), NULL, 0, randomblob(32), randomblob(32));
                    UPDATE chain SET lastDigest = (SELECT digest FROM record WHERE sequence = 2);
                    INSERT INTO outbox VALUES (1, 'receipted', x'01'), (2, 'pending', x'02');
                    """)
            try database.execute(
                sql: "INSERT INTO newestReceipt VALUES (1, 5, ?, 0, x'01')", arguments: [Self.generations[0]])
        }
        try queue.close()
        let store = try fixture.open()
        // The frames are not real: the chain is left. Their states hold.
        #expect(store.opening.chainProblem != nil)
        #expect(try await Self.states(store) == ["receipted", "pending"])
        #expect(try await store.offerAgain() == 0)
        #expect(try await !store.settle(try await Self.news(of: store)).isNewGeneration)
        #expect(try await store.offerAgain() == 0)
        #expect(try await store.settle(try await Self.news(of: store, generation: 1)).isNewGeneration)
        #expect(try await store.offerAgain() == 1)
        try store.close()
    }
}
