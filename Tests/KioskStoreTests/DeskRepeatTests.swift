// The desk over the real store: what was acknowledged stays so, whatever happens to the fair in between.

import Foundation
import JobFair
import KioskCore
import SyncProtocol
import Synchronization
import TestSupport
import Testing

@testable import KioskStore

@Suite struct DeskRepeatTests {
    /// What happens to the fair between a request and its repeat.
    enum Change: CaseIterable {
        case closed, otherFairOpened, catalogueLost

        func happen(to desk: DeskFixture, _ fixture: StoreFixture) async throws {
            switch self {
            case .closed: _ = try await desk.store.commit(fixture.opening(closes: true), clock: .test)
            case .otherFairOpened:
                _ = try await desk.store.commit(fixture.opening(StoreFixture.otherFair), clock: .test)
            case .catalogueLost: desk.fairs.lose(true)
            }
        }
    }

    /// A slip that is printed before its commit may name a record that never was.
    @Test func theSpoolerHearsOfARecordOnceItIsOnTheDisk() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let heard = Mutex<[Int]>([])
            let desk = DeskFixture(
                fixture, store,
                committed: { _ in heard.withLock { $0.append(store.writerHeartbeat().batches) } })
            _ = try await desk.register(.random())
            let before = store.writerHeartbeat().batches
            _ = try await desk.register(.random())
            #expect(heard.withLock { $0 } == [before, before + 1])
        }
    }

    @Test func aRevokedKioskRegistersNobodyAndRecordsEverythingElse() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store)
            let seeker = RecordID.random()
            let registered = try await desk.register(seeker)
            var news = HelloNews(headquartersGeneration: Data(repeating: 1, count: 16), isRevoked: true)
            _ = try await store.settle(news)
            do throws(DeskError) {
                _ = try await desk.register(.random())
                Issue.record("registered")
            } catch {
                guard case .revoked = error else { throw error }
            }
            // Who was answered before is answered again, walks in, checks in, and gets a copy.
            #expect(try await desk.register(seeker).ticket == registered.ticket)
            #expect(try await desk.desk.countEntry(recordID: .random(), way: "tap").isFairOpen)
            _ = try await desk.desk.checkIn(scanned: DeskFixture.slip(of: seeker), recordID: .random())
            try await desk.copySlip(.random())
            news.isRevoked = false
            _ = try await store.settle(news)
            _ = try await desk.register(.random())
        }
    }

    @Test(arguments: Change.allCases) func aRepeatIsAnsweredWhateverBecameOfTheFair(change: Change) async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store)
            let (seeker, entry, checkIn, copy) = (
                RecordID.random(), RecordID.random(), RecordID.random(), RecordID.random()
            )
            let registered = try await desk.register(seeker)
            let slip = DeskFixture.slip(of: seeker)
            #expect(try await desk.desk.countEntry(recordID: entry, way: "tap").isFairOpen)
            let checkedIn = try await desk.desk.checkIn(scanned: slip, recordID: checkIn)
            #expect(checkedIn.ticket == registered.ticket && checkedIn.isFairOpen)
            try await desk.copySlip(copy)

            try await change.happen(to: desk, fixture)
            let records = try await store.counts().records
            #expect(try await desk.desk.countEntry(recordID: entry, way: "tap").isFairOpen)
            let again = try await desk.desk.checkIn(scanned: slip, recordID: checkIn)
            #expect(again.ticket == checkedIn.ticket && again.isFairOpen)
            try await desk.copySlip(copy)
            // Other content under the same id.
            #expect(await deskError { try await desk.desk.countEntry(recordID: entry, way: "scan") } == "conflict")
            #expect(await deskError { try await desk.copySlip(copy, digits: "0002") } == "conflict")
            let other = DeskFixture.slip(of: .random())
            #expect(await deskError { try await desk.desk.checkIn(scanned: other, recordID: checkIn) } == "conflict")
            #expect(await deskError { try await desk.desk.countEntry(recordID: seeker, way: "tap") } == "conflict")
            #expect(try await store.counts().records == records)
        }
    }

    @Test func aRepeatOfASlipCopyIsNoFurtherTryAndNoFurtherSlip() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store)
            _ = try await desk.register(.random())
            let copy = RecordID.random()
            for _ in 0..<2 * RegistrationDesk.slipCopyTriesMax { try await desk.copySlip(copy) }
            // The same person registers anew: the copy that was printed is still the one that was asked for.
            _ = try await desk.register(.random())
            try await desk.copySlip(copy)
            #expect(try await store.counts().printJobsWaiting == 3)
            for _ in 1..<RegistrationDesk.slipCopyTriesMax {
                #expect(await deskError { try await desk.copySlip(.random(), digits: "0002") } == "slipNotFound")
            }
            #expect(await deskError { try await desk.copySlip(.random()) }?.hasPrefix("tooManyTries") == true)
        }
    }

    @Test func aRegistrationThatCannotBeShownIsNotCalledMissing() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store)
            let id = RecordID.random()
            let first = try await desk.register(id)
            desk.fairs.lose(true)
            #expect(await deskError { try await desk.register(id) } == "checking")
            #expect(await deskError { try await desk.register(.random()) } == "noFairOpen")
            desk.fairs.lose(false)
            #expect(try await desk.register(id) == first)
        }
    }
}

@Suite struct ScansAfterClosingTests {
    @Test func whoComesAfterTheClosingIsRecordedWithoutADay() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store)
            let (seeker, entry, checkIn) = (RecordID.random(), RecordID.random(), RecordID.random())
            let registered = try await desk.register(seeker)
            _ = try await store.commit(fixture.opening(closes: true), clock: .test)
            let position = try await store.pending(after: 0, countMax: 99, bytesMax: 1 << 20).last?.position ?? 0
            let slip = DeskFixture.slip(of: seeker)

            #expect(try await desk.desk.countEntry(recordID: entry, way: "tap").isFairOpen == false)
            let checkedIn = CheckInAnswer(
                ticket: registered.ticket, maskedName: "", isFairOpen: false, allowsIntents: true)
            #expect(try await desk.desk.checkIn(scanned: slip, recordID: checkIn) == checkedIn)
            // A clock anchor and a restart in between change nothing.
            _ = try await store.commit(fixture.draft(.clockAnchor, fair: StoreFixture.otherFair), clock: .test)
            #expect(try await desk.desk.countEntry(recordID: .random(), way: "scan").isFairOpen == false)

            let sent = try await store.pending(after: position, countMax: 99, bytesMax: 1 << 20)
            #expect(sent.count == 4)
            for record in sent {
                let frame = try RecordFrame.decode(record.frame)
                #expect(frame.body.place.fairDay == "" && !frame.body.place.dayConfirmed)
                guard frame.identity.fairID != Data(StoreFixture.otherFair.bytes) else { continue }
                #expect(frame.identity.fairID == Data(StoreFixture.fair.bytes))
            }
            // The day is over for the status page; headquarters counts by its own evidence.
            _ = try await store.commit(fixture.opening(), clock: .test)
            #expect(try await store.counts().entriesToday == 0)
            // The same answer as the first, although the fair is open again.
            #expect(try await desk.desk.countEntry(recordID: entry, way: "tap").isFairOpen == false)
            #expect(try await desk.desk.checkIn(scanned: slip, recordID: checkIn) == checkedIn)
        }
    }

    @Test func particularsAreTakenOnlyWhileAFairIsOpen() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store)
            let seeker = RecordID.random()
            _ = try await desk.register(seeker)
            _ = try await store.commit(fixture.opening(closes: true), clock: .test)
            let records = try await store.counts().records
            #expect(await deskError { try await desk.register(.random()) } == "noFairOpen")
            #expect(await deskError { try await desk.copySlip(.random()) } == "noFairOpen")
            let other = DeskFixture.slip(of: seeker, fairKeyNumber: 2)
            #expect(
                await deskError { try await desk.desk.checkIn(scanned: other, recordID: .random()) }
                    == "slipOfOtherFair")
            #expect(try await store.counts().records == records)
        }
    }

    @Test func beforeTheFirstFairThereIsNothingToRecordUnder() async throws {
        let fixture = try StoreFixture()
        try await fixture.run(opensFair: false) { store async throws in
            let desk = DeskFixture(fixture, store)
            _ = try await store.commit(fixture.draft(.clockAnchor), clock: .test)
            #expect(try await store.lastFair() == nil)
            #expect(
                await deskError { try await desk.desk.countEntry(recordID: .random(), way: "tap") } == "noFairOpen")
            let slip = DeskFixture.slip(of: .random())
            #expect(
                await deskError { try await desk.desk.checkIn(scanned: slip, recordID: .random()) } == "noFairOpen")
        }
    }

    @Test func aClosedRehearsalTakesNobodyIn() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store, kind: .rehearsal)
            let entry = RecordID.random()
            _ = try await desk.desk.countEntry(recordID: entry, way: "tap")
            _ = try await store.commit(fixture.opening(closes: true), clock: .test)
            #expect(
                await deskError { try await desk.desk.countEntry(recordID: .random(), way: "tap") } == "noFairOpen")
            #expect(try await desk.desk.countEntry(recordID: entry, way: "tap").isFairOpen)
        }
    }

    /// The fair closed, or another opened, between the look at it and the commit.
    @Test func aScanSealedForAFairThatIsNoLongerTheLastIsSealedAnew() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let sealed = fixture.draft(.entry)
            _ = try await store.commit(fixture.opening(StoreFixture.otherFair), clock: .test)
            #expect(await storeError { try await store.commit(sealed, clock: .test) } == .fairChanged)
            _ = try await store.commit(fixture.opening(StoreFixture.otherFair, closes: true), clock: .test)
            #expect(try await store.lastFair() == StoreFixture.otherFair)
            #expect(await storeError { try await store.commit(sealed, clock: .test) } == .fairChanged)
            let anew = try await store.commit(fixture.draft(.entry, fair: StoreFixture.otherFair), clock: .test)
            #expect(anew.fairID == StoreFixture.otherFair && anew.fairDay == nil && !anew.isDayConfirmed)
        }
    }
}
