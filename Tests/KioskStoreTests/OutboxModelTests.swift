// The SQLite store and its model do the same, whatever comes in whatever order.

import Foundation
import GRDB
import JobFair
import KioskCore
import TestSupport
import Testing

@testable import KioskStore

@Suite struct OutboxModelTests {
    @Test func storeAndModelSideBySide() async throws {
        var reached: Set<String> = []
        for seed in 0..<12 as Range<UInt64> {
            let fixture = try StoreFixture()
            reached.formUnion(
                try await fixture.run(opensFair: false) { store async throws in
                    var twins = try await Twins(store: store, fixture: fixture, seed: seed)
                    for step in 0..<160 {
                        try await twins.step()
                        let difference = try await twins.difference()
                        #expect(difference == nil, "seed \(seed), step \(step): \(difference ?? "")")
                        if difference != nil { break }
                    }
                    return twins.reached
                })
        }
        #expect(reached == ["purged", "offeredAgain", "quarantined", "late receipt"])
    }
}

/// One store, one model, and the same fate for both.
private struct Twins {
    let store: SQLiteRecordStore
    let fixture: StoreFixture
    var model: OutboxModel
    var random: SeededGenerator
    var generation: UInt8 = 1
    var serial: Int64 = 0
    var receipts: [VerifiedReceipt] = []
    var reached: Set<String> = []

    init(store: SQLiteRecordStore, fixture: StoreFixture, seed: UInt64) async throws {
        self.store = store
        self.fixture = fixture
        random = SeededGenerator(seed: seed)
        model = OutboxModel(lineageID: try await store.chainHead().lineageID)
        try await commit(fixture.opening())
    }

    mutating func step() async throws {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<7: try await commit(fixture.draft(.entry))
        case 7..<11: try await receive()
        case 11..<14: try await settle()
        case 14:
            // One that came before, perhaps of another generation, comes again.
            guard let old = receipts.randomElement(using: &random) else { return }
            let effect = try await store.apply(old)
            if effect.isOtherGeneration { reached.insert("late receipt") }
            #expect(effect == model.apply(old))
        case 15:
            let moved = try await store.offerAgain()
            if moved > 0 { reached.insert("offeredAgain") }
            #expect(moved == model.offerAgain())
        case 16, 17:
            let moved = try await store.purge()
            if moved > 0 { reached.insert("purged") }
            #expect(moved == model.purge())
        case 18: #expect(try await store.retryQuarantined() == model.retryQuarantined())
        default:
            guard Int.random(in: 0..<3, using: &random) == 0 else { return }
            try await store.startNewLineage()
            model.startNewLineage(try await store.chainHead().lineageID)
        }
    }

    private mutating func commit(_ draft: RecordDraft) async throws {
        let record = try await store.commit(draft, clock: .test)
        let row = try await store.pending(after: Int64(model.entries.count), countMax: 1, bytesMax: 1)
        model.commit(record.recordID, digest: record.digest, frame: try #require(row.first?.frame))
    }

    private var generationID: Data { Data(repeating: generation, count: 16) }

    /// Headquarters receipts some of what is pending; for one lineage, as it does.
    private mutating func receive() async throws {
        let after = Int64.random(in: 0...Int64(model.entries.count), using: &random)
        let batch = model.pending(after: after, countMax: 8, bytesMax: 1 << 20)
        guard let first = batch.first else { return }
        serial += 1
        let outcomes: [VerifiedReceipt.Outcome] = [
            .accepted, .accepted, .accepted, .duplicate, .held, .duplicateErased, .retryLater, .refused,
        ]
        let lineageID = model.entries[Int(first.position) - 1].lineageID
        let mark = mark(lineageID, 0...10)
        let receipt = VerifiedReceipt(
            lineageID: lineageID, serial: serial,
            headquartersGeneration: generationID,
            lines: batch.map { record in
                let outcome = outcomes.randomElement(using: &random) ?? .accepted
                if outcome == .refused { reached.insert("quarantined") }
                return VerifiedReceipt.Line(
                    recordID: record.recordID, digest: record.digest, outcome: outcome, reason: "some.reason")
            }, durableThrough: mark.durableThrough, digestAtDurable: mark.digestAtDurable, signed: Data([1]))
        receipts.append(receipt)
        #expect(try await store.apply(receipt) == model.apply(receipt))
    }

    /// One in four is of another chain, as that of a copied card.
    private mutating func mark(_ lineageID: Data, _ range: ClosedRange<Int64>) -> LineageMark {
        let through = Int64.random(in: range, using: &random)
        let isOurs = Int.random(in: 0..<4, using: &random) > 0
        let digest = isOurs ? model.digest(lineageID: lineageID, sequence: through) : Data(repeating: 1, count: 32)
        return LineageMark(
            lineageID: lineageID, knownThrough: 0, durableThrough: through, digestAtDurable: digest ?? Data())
    }

    private mutating func settle() async throws {
        if Int.random(in: 0..<6, using: &random) == 0 { generation = UInt8.random(in: 1...3, using: &random) }
        var news = HelloNews(headquartersGeneration: generationID)
        let lineages = Set(model.entries.map(\.lineageID)).sorted { $0.lexicographicallyPrecedes($1) }
        for lineageID in lineages where Bool.random(using: &random) {
            news.marks.append(mark(lineageID, 0...40))
        }
        if let lineageID = lineages.randomElement(using: &random), Bool.random(using: &random) {
            let first = Int64.random(in: 1...30, using: &random)
            let last = first + Int64.random(in: 0...9, using: &random)
            news.gaps = [
                SequenceGap(lineageID: lineageID, first: first, last: Bool.random(using: &random) ? last : nil)
            ]
        }
        let facts = try await store.helloFacts()
        if Bool.random(using: &random) {
            news.confirmed = facts.directivesToConfirm
            news.offered = facts.erasuresToOffer.map(\.id)
        }
        if Bool.random(using: &random) {
            let number = UInt8.random(in: 0...9, using: &random)
            news.erasures = [ErasureDirective(id: Data(repeating: number, count: 16), signed: Data([number]))]
        }
        news.isRevoked = Bool.random(using: &random)
        news.saidMilliseconds = Int64.random(in: 0...9, using: &random)
        if Int.random(in: 0..<4, using: &random) == 0 { news.ifHeardBefore = Int64.random(in: 1...9, using: &random) }
        #expect(try await store.settle(news) == model.settle(news))
    }

    /// Nil: none.
    func difference() async throws -> String? {
        let rows = try await store.database.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT state, coalesce(reason, ''), sequence, frame IS NULL FROM outbox JOIN record ON position = record
                    ORDER BY position
                    """
            ).map { "\($0[0] as String) \($0[1] as String) \($0[2] as Int64) \($0[3] as Bool)" }
        }
        let expected = model.entries.map {
            "\($0.state) \($0.reason ?? "") \($0.record.sequence) \($0.record.frame.isEmpty)"
        }
        if let index = (0..<max(rows.count, expected.count)).first(where: {
            rows.dropFirst($0).first != expected.dropFirst($0).first
        }) {
            return
                "record \(index + 1): \(rows.dropFirst(index).first ?? "-") | \(expected.dropFirst(index).first ?? "-")"
        }
        if try await store.helloFacts() != model.helloFacts() { return "facts of hello" }
        if try await store.isRevoked() != model.isRevoked { return "isRevoked" }
        if try await store.heardMilliseconds() != model.heardMilliseconds { return "heardMilliseconds" }
        let after = Int64(model.entries.count / 2)
        if try await store.pending(after: after, countMax: 5, bytesMax: 2000)
            != model.pending(after: after, countMax: 5, bytesMax: 2000)
        {
            return "pending"
        }
        return nil
    }
}
