// Receipts, paging, lineages, print jobs, and the check of the chain at the start.

import Foundation
import GRDB
import JobFair
import KioskCore
import TestSupport
import Testing

@testable import KioskStore

@Suite struct OutboxTests {
    private func receipt(
        _ lines: [(CommittedRecord, VerifiedReceipt.Outcome)], of store: SQLiteRecordStore, serial: Int64 = 1,
        generation: UInt8 = 1
    ) async throws -> VerifiedReceipt {
        VerifiedReceipt(
            lineageID: try await store.chainHead().lineageID, serial: serial,
            headquartersGeneration: Data(repeating: generation, count: 16),
            lines: lines.map { .init(recordID: $0.0.recordID, digest: $0.0.digest, outcome: $0.1) },
            durableThrough: 0, signed: Data([UInt8(serial)]))
    }

    @Test func eachOutcomeMovesAsWritten() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            var records: [CommittedRecord] = []
            for _ in 0..<6 { records.append(try await store.commit(fixture.draft(.entry), clock: .test)) }
            let outcomes: [VerifiedReceipt.Outcome] = [
                .accepted, .duplicate, .duplicateErased, .held, .refused, .retryLater,
            ]
            let first = try await receipt(Array(zip(records, outcomes)), of: store)
            #expect(try await store.apply(first).moved == 5)
            let counts = try await store.counts()
            #expect(counts.pending == 2 && counts.quarantined == 1)
            let pending = try await store.pending(after: 0, countMax: 10, bytesMax: 1 << 20)
            #expect(pending.map(\.recordID).last == records[5].recordID)
            let head = try await store.chainHead()
            // The opening of the fair, sequence 1, is still pending.
            #expect(head.receiptedThrough == 0 && head.pendingCount == 2)
            #expect(head.newestReceiptSerial == 1 && head.newestReceipt == Data([1]))
            #expect(head.headquartersGeneration == Data(repeating: 1, count: 16))
            // The same receipt by another road moves nothing more; what was refused may be taken later.
            #expect(try await store.apply(first).moved == 0)
            #expect(try await store.apply(receipt([(records[4], .accepted)], of: store, serial: 2)).moved == 1)
            #expect(try await store.apply(receipt([(records[0], .refused)], of: store, serial: 3)).moved == 0)
        }
    }

    @Test func wrongDigestsAndUnknownIDsChangeNothing() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            var record = try await store.commit(fixture.draft(.entry), clock: .test)
            record.digest[0] ^= 1
            var unknown = record
            unknown.recordID = .random()
            let wrong = try await receipt([(record, .accepted), (unknown, .refused)], of: store)
            #expect(try await store.apply(wrong).moved == 0)
            #expect(try await store.counts().pending == 2)
        }
    }

    @Test func theNewestReceiptIsKept() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            _ = try await store.apply(receipt([], of: store, serial: 7))
            _ = try await store.apply(receipt([], of: store, serial: 5))
            #expect(try await store.chainHead().newestReceiptSerial == 7)
            // Headquarters was restored: its serials begin anew, once hello has said so.
            let other = try await receipt([], of: store, serial: 2, generation: 9)
            #expect(try await store.apply(other).isOtherGeneration)
            #expect(try await store.chainHead().newestReceiptSerial == 7)
            _ = try await store.settle(HelloNews(headquartersGeneration: Data(repeating: 9, count: 16)))
            _ = try await store.apply(other)
            #expect(try await store.chainHead().newestReceiptSerial == 2)
        }
    }

    @Test func pagesKeepOrderAndBothLimits() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            for _ in 0..<9 { _ = try await store.commit(fixture.draft(.entry), clock: .test) }
            let all = try await store.pending(after: 0, countMax: 100, bytesMax: 1 << 20)
            #expect(all.map(\.sequence) == Array(1...10))
            #expect(try await store.pending(after: 0, countMax: 3, bytesMax: 1 << 20) == Array(all[0..<3]))
            #expect(try await store.pending(after: 7, countMax: 100, bytesMax: 1 << 20) == Array(all[7...]))
            let two = all[0].frame.count + all[1].frame.count
            #expect(try await store.pending(after: 0, countMax: 100, bytesMax: two).count == 2)
            #expect(try await store.pending(after: 0, countMax: 100, bytesMax: 0).count == 1)
            #expect(try await store.pending(after: 10, countMax: 100, bytesMax: 1 << 20).isEmpty)
        }
    }

    @Test func whatWasOnItsWayWhenThePowerWentIsSentAgain() async throws {
        let fixture = try StoreFixture()
        let sent = try await fixture.run { store async throws in
            _ = try await store.commit(fixture.draft(.entry), clock: .test)
            return try await store.pending(after: 0, countMax: 10, bytesMax: 1 << 20)
        }
        #expect(sent.count == 2)
        try await fixture.run { store async throws in
            #expect(try await store.pending(after: 0, countMax: 10, bytesMax: 1 << 20) == sent)
        }
    }

    @Test func anOlderLineageIsSentFirstAndNeverMixed() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let old = try await store.commit(fixture.draft(.entry), clock: .test)
            var done = try await receipt([], of: store)
            try await store.startNewLineage()
            let new = try await store.commit(fixture.draft(.entry), clock: .test)
            let first = try await store.pending(after: 0, countMax: 10, bytesMax: 1 << 20)
            #expect(first.map(\.sequence) == [1, 2] && first.last?.recordID == old.recordID)
            let opening = try #require(first.first)
            var openingRecord = old
            openingRecord.recordID = opening.recordID
            openingRecord.digest = opening.digest
            let lines = [openingRecord, old].map {
                VerifiedReceipt.Line(recordID: $0.recordID, digest: $0.digest, outcome: .accepted)
            }
            // A receipt that names another lineage is not about these.
            var crossed = try await receipt([], of: store)
            crossed.lines = lines
            #expect(try await store.apply(crossed).moved == 0)
            done.lines = lines
            #expect(try await store.apply(done).moved == 2)
            let next = try await store.pending(after: 0, countMax: 10, bytesMax: 1 << 20)
            #expect(next.map(\.recordID) == [new.recordID])
        }
    }

    @Test func aStuckRecordOfAnOlderLineageHoldsNobodyUp() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            for _ in 0..<5 { _ = try await store.commit(fixture.draft(.entry), clock: .test) }
            let old = try await store.pending(after: 0, countMax: 100, bytesMax: 1 << 20)
            try await store.startNewLineage()
            let new = try await store.commit(fixture.draft(.entry), clock: .test)
            // The new lineage's sequence is far below that of the record that is stuck.
            let behind = try await store.pending(
                after: try #require(old.last?.position), countMax: 9, bytesMax: 1 << 20)
            #expect(behind.map(\.recordID) == [new.recordID] && behind.first?.sequence == 1)
            let head = try await store.chainHead()
            #expect(try await store.digest(lineageID: head.lineageID, sequence: 1) == new.digest)
            #expect(try await store.digest(lineageID: head.lineageID, sequence: 2) == nil)
        }
    }

    @Test(
        arguments: [
            ("UPDATE chain SET lastSequence = 3", "the head names record 3, the last is 4"),
            ("UPDATE chain SET lastDigest = zeroblob(32)", "the digest of record 4 is not the one that follows it"),
            (
                "UPDATE outbox SET frame = x'00' WHERE record = 3",
                "the bytes of record 3 are not the ones that were committed"
            ),
            ("DELETE FROM outbox WHERE record = 2", "record 2 is not in the outbox"),
        ])
    func aBrokenChainIsFoundAtTheStartAndLeft(damage: String, problem: String) async throws {
        let fixture = try StoreFixture()
        let old = try await fixture.run { store async throws in
            for _ in 0..<3 { _ = try await store.commit(fixture.registration(), clock: .test) }
            try await store.database.write { try $0.execute(sql: damage) }
            return try await store.chainHead().lineageID
        }
        try await fixture.run { store async throws in
            #expect(store.opening.chainProblem == problem)
            #expect(try await store.chainHead().lineageID != old)
            let record = try await store.commit(fixture.registration(), clock: .test)
            #expect(record.sequence == 1 && record.ticket == TicketNumber("CD0001"))
        }
    }
}

@Suite struct PrintJobTests {
    @Test func theNewestJobGoesOutFirstAndJobsTellTheirState() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            #expect(try await store.nextPrintJob() == nil)
            let first = try await store.commit(fixture.registration(), clock: .test)
            let second = try await store.commit(fixture.registration(), clock: .test)
            let job = try #require(try await store.nextPrintJob())
            #expect(job.content == .registration(second) && !job.isCopy && job.attempts == 1)
            #expect(try await store.printState(of: second.recordID) == .printing)
            try await store.finishPrintJob(job.id, as: .printed)
            #expect(try await store.printState(of: second.recordID) == .printed)
            let other = try #require(try await store.nextPrintJob())
            #expect(other.content == .registration(first))
            try await store.finishPrintJob(other.id, as: .failed)
            #expect(try await store.counts().printJobsFailed == 1)
            // Put back, it is tried again; a failed print left no paper, so it is no copy.
            try await store.finishPrintJob(other.id, as: .queued)
            let again = try #require(try await store.nextPrintJob())
            #expect(again.id == other.id && again.attempts == 2 && !again.isCopy)
        }
    }

    @Test func whoeverWaitsNowIsNotBehindOldSlips() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let old = try await store.commit(fixture.registration(), clock: .test)
            let failing = try #require(try await store.nextPrintJob())
            try await store.finishPrintJob(failing.id, as: .queued)
            let gone = try await store.commit(fixture.registration(), clock: .test)
            // A copy is newest by when it was asked for, not by its registration.
            var copy = fixture.draft(.slipCopy)
            copy.copyOf = old.recordID
            _ = try await store.commit(copy, clock: .test)
            var order: [(RecordID, isCopy: Bool)] = []
            while let job = try await store.nextPrintJob() {
                try await store.finishPrintJob(job.id, as: .printed)
                guard case .registration(let record) = job.content else { continue }
                order.append((record.recordID, job.isCopy))
            }
            #expect(order.map(\.0) == [old.recordID, gone.recordID, old.recordID])
            #expect(order.map(\.isCopy) == [true, false, false])
        }
    }

    @Test func jobsUnderWayAtAPowerCutBecomeUnknownAndThenCopies() async throws {
        let fixture = try StoreFixture()
        let record = try await fixture.run { store async throws in
            let record = try await store.commit(fixture.registration(), clock: .test)
            _ = try await store.nextPrintJob()
            return record
        }
        try await fixture.run { store async throws in
            #expect(try await store.abandonPrintJobs() == 1)
            #expect(try await store.abandonPrintJobs() == 0)
            #expect(try await store.printState(of: record.recordID) == .unknown)
            #expect(try await store.nextPrintJob() == nil)
            try await store.finishPrintJob(1, as: .queued)
            #expect(try await store.nextPrintJob()?.isCopy == true)
        }
    }

    @Test func aSlipCopyQueuesASecondJob() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let record = try await store.commit(fixture.registration(), clock: .test)
            var copy = fixture.draft(.slipCopy)
            copy.copyOf = record.recordID
            _ = try await store.commit(copy, clock: .test)
            let job = try await store.nextPrintJob()
            #expect(job?.isCopy == true && job?.content == .registration(record))
            #expect(try await store.nextPrintJob()?.isCopy == false)
            #expect(try await store.nextPrintJob() == nil)
        }
    }
}
