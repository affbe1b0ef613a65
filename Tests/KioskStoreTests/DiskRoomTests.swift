// The ballast: a full disk stops registering, and nothing else.

import Foundation
import GRDB
import JobFair
import KioskCore
import Logging
import TestSupport
import Testing

@testable import KioskStore

@Suite struct DiskRoomTests {
    private static func open(_ fixture: StoreFixture, sizeBytesMax: Int) throws -> SQLiteRecordStore {
        let store = try SQLiteRecordStore(
            settings: RecordStoreSettings(
                path: fixture.path, pairFilePath: fixture.pairFilePath, sizeBytesMax: sizeBytesMax,
                ballastPath: fixture.folder.file("ballast")),
            signer: fixture.signer, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        store.setTicketPairs(fixture.pairs, for: StoreFixture.fair)
        return store
    }

    private static func hasBallast(_ fixture: StoreFixture) -> Bool {
        FileManager.default.fileExists(atPath: fixture.folder.file("ballast"))
    }

    @Test func aFullDiskStopsRegisteringAndNothingElse() async throws {
        let fixture = try StoreFixture()
        let store = try Self.open(fixture, sizeBytesMax: 512 * 1024)
        #expect(Self.hasBallast(fixture) && !store.isDiskFull)
        let drafts = try await fixture.run(store) { store async throws in
            let first = fixture.registration()
            _ = try await store.commit(first, clock: .test)
            var refused = fixture.registration()
            while await storeError({ [refused] in try await store.commit(refused, clock: .test) }) == nil {
                refused = fixture.registration()
            }
            #expect(store.isDiskFull && !Self.hasBallast(fixture))
            // Nobody new; who was registered still gets the answer.
            let another = await storeError { try await store.commit(fixture.registration(), clock: .test) }
            #expect(another == .diskFull)
            let repeated = try await store.commit(first, clock: .test)
            #expect(repeated.isRepeat)
            var conflicting = first
            conflicting.fingerprint = Data(repeating: 2, count: 32)
            let conflict = await storeError { [conflicting] in try await store.commit(conflicting, clock: .test) }
            #expect(conflict == .conflict)
            // Receipts, print jobs, closing.
            let head = try await store.chainHead()
            let pending = try await store.pending(after: 0, countMax: 256, bytesMax: 1 << 20)
            let moved = try await store.apply(
                VerifiedReceipt(
                    lineageID: head.lineageID, serial: 1, headquartersGeneration: Data([1]),
                    lines: pending.map { .init(recordID: $0.recordID, digest: $0.digest, outcome: .accepted) },
                    durableThrough: 0, signed: Data([1]))
            ).moved
            #expect(moved == pending.count)
            let job = try await store.nextPrintJob()
            #expect(job != nil)
            _ = try await store.commit(fixture.opening(closes: true), clock: .test)
            let open = try await store.openFair()
            #expect(open == nil)
            _ = try await store.commit(fixture.opening(), clock: .test)
            return [first, refused]
        }
        try store.close()
        // After a restart it is still full; with room there is a ballast again, and the refused one is stored.
        let full = try Self.open(fixture, sizeBytesMax: 512 * 1024)
        #expect(full.isDiskFull)
        try full.close()
        let roomy = try Self.open(fixture, sizeBytesMax: 256 << 20)
        #expect(!roomy.isDiskFull && Self.hasBallast(fixture))
        try await fixture.run(roomy) { store async throws in
            let stored = try await store.commit(drafts[1], clock: .test)
            let repeated = try await store.commit(drafts[0], clock: .test)
            #expect(!stored.isRepeat && repeated.isRepeat)
        }
        try roomy.close()
    }

    @Test func theBallastTakesItsRoomForReal() throws {
        let fixture = try StoreFixture()
        try Self.open(fixture, sizeBytesMax: 256 << 20).close()
        let attributes = try FileManager.default.attributesOfItem(atPath: fixture.folder.file("ballast"))
        #expect(attributes[.size] as? Int == DiskRoom.ballastBytes)
        let values = try URL(fileURLWithPath: fixture.folder.file("ballast")).resourceValues(
            forKeys: [.totalFileAllocatedSizeKey])
        if let allocated = values.totalFileAllocatedSize { #expect(allocated >= DiskRoom.ballastBytes) }
    }
}
