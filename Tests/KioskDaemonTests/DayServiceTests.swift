// The moment after a start in which the store takes nothing yet, and a store that goes on taking nothing.

import Foundation
import JobFair
import KioskCore
import KioskDevices
import KioskSync
import Logging
import Synchronization
import TestSupport
import Testing

@testable import KioskDaemon

@Suite struct DayServiceTests {
    /// Answers nothing until it is told to.
    private final class FakeStore: RecordStore {
        let asked = Atomic<Int>(0)
        private let works = Mutex(false)

        func mend() { works.withLock { $0 = true } }

        func openFair() async throws(RecordStoreError) -> OpenFair? {
            asked.add(1, ordering: .relaxed)
            if !works.withLock({ $0 }) { throw .busy }
            return nil
        }

        func commit(_ draft: RecordDraft, clock: ClockReading) async throws(RecordStoreError) -> CommittedRecord {
            throw .busy
        }
        func known(_ id: RecordID, fingerprint: Data) async throws(RecordStoreError) -> CommittedRecord? {
            if !works.withLock({ $0 }) { throw .busy }
            return nil
        }
        func registration(_ id: RecordID) async throws(RecordStoreError) -> CommittedRecord? { nil }
        func registration(lostSlipHash: Data) async throws(RecordStoreError) -> CommittedRecord? { nil }
        func registration(ticket: TicketNumber) async throws(RecordStoreError) -> CommittedRecord? { nil }
        func lastFair() async throws(RecordStoreError) -> FairID? { nil }
        func counts() async throws(RecordStoreError) -> StoreCounts { throw .busy }
    }

    private struct FakeSealer: ContentSealer {
        func seal(
            _ content: RecordContent, recordID: RecordID, fairID: FairID
        ) throws -> SealedContent { throw CancellationError() }
        func tokenKey(of fair: FairID) -> Data? { nil }
    }

    private struct FakeCatalogues: CatalogueStore {
        func save(_ catalogue: Catalogue, etag: String, signed: Data) async throws {}
        func etag(of fair: FairID) async throws -> String? { nil }
        func catalogue(of fair: FairID) async throws -> Catalogue? { nil }
        func fairs() async throws -> [Fair] { [] }
    }

    private static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private struct Bench: Sendable {
        let store = FakeStore()
        let clock: SystemClock
        let control: FairControl

        init(_ folder: TemporaryFolder) throws {
            let clock = try SystemClock(counterFile: folder.file("boot.counter"))
            self.clock = clock
            control = FairControl(
                store: store, fairs: CurrentFair(store: FakeCatalogues()), sealer: { FakeSealer() }, clock: clock,
                makeRecordID: Wiring.makeRecordID, committed: {})
        }
    }

    private func eventually(_ condition: @Sendable () -> Bool) async throws {
        for _ in 0..<2000 {
            if condition() { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("it never came")
    }

    @Test func aStartThatIsNotReadyYetIsNoFailure() async throws {
        let folder = try TemporaryFolder()
        let bench = try Bench(folder)
        let state = DayState()
        let service = DayService(
            fairControl: bench.control, clock: bench.clock, state: state, logger: Self.silent,
            retryInterval: .milliseconds(5))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            try await eventually { bench.store.asked.load(ordering: .relaxed) > 0 }
            #expect(!state.isReady && !state.isFailing, "the store needs a moment")
            try await eventually { state.isFailing }
            #expect(bench.store.asked.load(ordering: .relaxed) >= DayService.quietFailures)
            bench.store.mend()
            try await eventually { state.isReady && !state.isFailing }
            group.cancelAll()
        }
    }

    @Test func anOrderThatTheStoreDoesNotTakeWaitsForNoCatalogue() async throws {
        let folder = try TemporaryFolder()
        let bench = try Bench(folder)
        let follow = Wiring.following(bench.control, deviceID: Data(count: 16), logger: Self.silent)
        let day = try #require(CalendarDate("2026-02-03"))
        let opening = DayDirective(id: Data(repeating: 1, count: 16), change: .fairOpened, day: day)
        #expect(await follow(opening) == .failed)
        bench.store.mend()
        #expect(await follow(opening) == .notYet)
        #expect(await follow(DayDirective(id: opening.id, change: .fairClosed, day: day)) == .never)
    }

    @Test func whileTheDiskStopsTheKioskNothingIsSaidOfWhatStandsOnIt() async throws {
        let desk = StandstillControlDesk(label: "1号机", problem: HealthProblem(.diskReadOnly))
        let status = try await desk.status()
        #expect(status.isEnrolled == nil && status.counts == nil && status.sync == nil)
        #expect(status.problems.map(\.code) == [.diskReadOnly])
    }
}
