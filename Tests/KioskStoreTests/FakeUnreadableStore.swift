// A store that cannot be read any more once a record was committed.

import Foundation
import JobFair
import KioskCore
import Synchronization

@testable import KioskStore

/// Commits and repeats go to the real store; registrations are not found out about after a commit.
final class FakeUnreadableStore: RecordStore {
    private let store: SQLiteRecordStore
    private let isUnreadable = Mutex(false)

    init(_ store: SQLiteRecordStore) { self.store = store }

    func commit(_ draft: RecordDraft, clock: ClockReading) async throws(RecordStoreError) -> CommittedRecord {
        let record = try await store.commit(draft, clock: clock)
        isUnreadable.withLock { $0 = true }
        return record
    }

    func known(_ id: RecordID, fingerprint: Data) async throws(RecordStoreError) -> CommittedRecord? {
        try await store.known(id, fingerprint: fingerprint)
    }

    func registration(_ id: RecordID) async throws(RecordStoreError) -> CommittedRecord? {
        if isUnreadable.withLock({ $0 }) { throw .busy }
        return try await store.registration(id)
    }

    func registration(lostSlipHash: Data) async throws(RecordStoreError) -> CommittedRecord? {
        try await store.registration(lostSlipHash: lostSlipHash)
    }

    func registration(ticket: TicketNumber) async throws(RecordStoreError) -> CommittedRecord? {
        try await store.registration(ticket: ticket)
    }

    func openFair() async throws(RecordStoreError) -> OpenFair? { try await store.openFair() }

    func lastFair() async throws(RecordStoreError) -> FairID? { try await store.lastFair() }

    func counts() async throws(RecordStoreError) -> StoreCounts { try await store.counts() }
}
