// What a commit gives, and what it refuses.

import Foundation
import JobFair
import KioskCore
import SyncProtocol
import TestSupport
import Testing

@testable import KioskStore

@Suite struct RecordCommitTests {
    @Test func aRegistrationGetsPlaceTicketDeskEntryAndPrintJob() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let draft = fixture.registration()
            let record = try await store.commit(draft, clock: .test)
            #expect(record.sequence == 2)
            #expect(record.ticket == TicketNumber("AB0001"))
            #expect(record.fairDay == CalendarDate("2026-02-03"))
            #expect(record.isDayConfirmed && !record.isRepeat)
            #expect(record.desk == draft.desk)
            #expect(try await store.registration(draft.recordID) == record)
            #expect(try await store.printState(of: draft.recordID) == .queued)
            let second = try await store.commit(fixture.registration(), clock: .test)
            #expect(second.ticket == TicketNumber("AB0002"))

            let sent = try await store.pending(after: 1, countMax: 1, bytesMax: 1)
            let frame = try RecordFrame.decode(#require(sent.first).frame)
            #expect(frame.isSigned(by: fixture.signer.publicKey))
            #expect(frame.digest == record.digest)
            #expect(frame.body.place.ticket == "AB0001" && frame.body.place.fairDay == "2026-02-03")
            #expect(frame.body.clock.bootID == ClockReading.test.bootID)
        }
    }

    @Test func aRepeatGetsTheSameAnswerAlsoAfterReopening() async throws {
        let fixture = try StoreFixture()
        let draft = fixture.registration()
        let first = try await fixture.run { store async throws in
            let first = try await store.commit(draft, clock: .test)
            var expected = first
            expected.isRepeat = true
            #expect(try await store.commit(draft, clock: .test) == expected)
            return first
        }
        try await fixture.run { store async throws in
            var again = draft
            // The desk repeats without sealing anew: only id and fingerprint count.
            again.identity = Data()
            again.ciphertext = Data()
            var expected = first
            expected.isRepeat = true
            #expect(try await store.commit(again, clock: .test) == expected)
            #expect(try await store.counts().records == 2)
        }
    }

    @Test func theSameIDWithOtherContentIsAConflictAndWritesNothing() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let draft = fixture.registration(fingerprint: 1)
            _ = try await store.commit(draft, clock: .test)
            let before = try await store.chainHead()
            let other = fixture.registration(id: draft.recordID, fingerprint: 2)
            #expect(await storeError { try await store.commit(other, clock: .test) } == .conflict)
            #expect(try await store.chainHead() == before)
        }
    }

    @Test func recordsNeedAnOpenFairButClockAnchorsDoNot() async throws {
        let fixture = try StoreFixture()
        try await fixture.run(opensFair: false) { store async throws in
            for kind in [RecordKind.registration, .entry, .checkIn, .slipCopy, .dayChange] {
                let draft = kind == .registration ? fixture.registration() : fixture.draft(kind)
                #expect(await storeError { try await store.commit(draft, clock: .test) } == .noFairOpen)
            }
            let anchor = try await store.commit(fixture.draft(.clockAnchor), clock: .test)
            #expect(anchor.sequence == 1 && anchor.fairDay == nil && anchor.fairID == StoreFixture.fair)
        }
    }

    @Test func dayChangesOpenMoveAndCloseTheFairWithTheirRecord() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let moved = try await store.commit(fixture.opening(day: "2026-02-04"), clock: .test)
            #expect(moved.fairDay == CalendarDate("2026-02-04"))
            #expect(try await store.openFair()?.day == CalendarDate("2026-02-04"))
            let closed = try await store.commit(fixture.opening(closes: true), clock: .test)
            #expect(closed.fairDay == CalendarDate("2026-02-04"))
            #expect(try await store.openFair() == nil)
            #expect(await storeError { try await store.commit(fixture.draft(.slipCopy), clock: .test) } == .noFairOpen)
        }
    }

    @Test func aDraftSealedForTheFormerFairIsRefused() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            _ = try await store.commit(fixture.opening(StoreFixture.otherFair), clock: .test)
            let stale = fixture.registration(fair: StoreFixture.fair)
            #expect(await storeError { try await store.commit(stale, clock: .test) } == .fairChanged)
            #expect(try await store.chainHead().lastSequence == 2)
        }
    }

    @Test func aDraftNobodyCouldReadFailsAlone() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            var draft = fixture.registration()
            draft.ciphertext = Data(repeating: 0, count: 70_000)
            let refused = draft
            #expect(await storeError { try await store.commit(refused, clock: .test) } == .failed(code: 20))
            #expect(try await store.commit(fixture.registration(), clock: .test).ticket == TicketNumber("AB0001"))
        }
    }

    @Test func aBadRowFailsOnlyItsOwnSavepoint() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            var bad = fixture.registration()
            bad.desk?.slipPurpose = 3
            let drafts = [fixture.registration(), bad, fixture.registration()]
            let errors = await withTaskGroup(of: RecordStoreError?.self) { group in
                for draft in drafts {
                    group.addTask { await storeError { try await store.commit(draft, clock: .test) } }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            // SQLITE_CONSTRAINT_CHECK
            #expect(errors.compactMap { $0 } == [.failed(code: 275)])
            #expect(try await store.counts().registrationsToday == 2)
        }
    }

    @Test func countsAreOfTheOpenFairDay() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            for kind in [RecordKind.entry, .entry, .checkIn] {
                _ = try await store.commit(fixture.draft(kind), clock: .test)
            }
            _ = try await store.commit(fixture.registration(), clock: .test)
            #expect(
                try await store.counts()
                    == StoreCounts(
                        records: 5, pending: 5, quarantined: 0, registrationsToday: 1, entriesToday: 2,
                        checkInsToday: 1, printJobsWaiting: 1, printJobsFailed: 0))
            _ = try await store.commit(fixture.opening(day: "2026-02-04"), clock: .test)
            let next = try await store.counts()
            #expect(next.registrationsToday == 0 && next.entriesToday == 0 && next.records == 6)
        }
    }

    @Test func lostSlipsAndTicketsAreFoundNewestFirst() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let hash = Data(repeating: 4, count: 32)
            _ = try await store.commit(fixture.registration(lostSlipHash: hash), clock: .test)
            let newest = try await store.commit(fixture.registration(lostSlipHash: hash), clock: .test)
            #expect(try await store.registration(lostSlipHash: hash) == newest)
            #expect(try await store.registration(lostSlipHash: Data(repeating: 1, count: 32)) == nil)
            let ticket = try #require(newest.ticket)
            #expect(try await store.registration(ticket: ticket) == newest)
            // The next fair may give the same letters; its registration comes first while it is open.
            _ = try await store.commit(fixture.opening(StoreFixture.otherFair), clock: .test)
            _ = try await store.commit(fixture.registration(fair: StoreFixture.otherFair), clock: .test)
            let same = try await store.commit(fixture.registration(fair: StoreFixture.otherFair), clock: .test)
            #expect(same.ticket == ticket)
            #expect(try await store.registration(ticket: ticket) == same)
        }
    }

    @Test func anEntryIsNoRegistration() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let entry = try await store.commit(fixture.draft(.entry), clock: .test)
            #expect(entry.ticket == nil && entry.desk == nil)
            #expect(try await store.registration(entry.recordID) == nil)
        }
    }
}
