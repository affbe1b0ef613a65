// What `kioskctl export` reads while no daemon runs: a sound file, one in use, a broken one.

import Foundation
import JobFair
import KioskCore
import Logging
import SyncProtocol
import TestSupport
import Testing

@testable import KioskStore

@Suite struct IdleRecordsTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func frames(_ fixture: StoreFixture, _ scope: FrameScope) throws -> (IdleRecords.Reading, [Data]) {
        var frames: [Data] = []
        let records = IdleRecords(
            path: fixture.path, publicKey: fixture.signer.publicKey, logger: logger)
        return (try records.read(scope) { frames.append($0) }, frames)
    }

    @Test("by scope, in order, and the state folder stays as it was")
    func reads() async throws {
        let fixture = try StoreFixture()
        let all = try await fixture.run { store async throws in
            var records: [CommittedRecord] = []
            for _ in 0..<5 { records.append(try await store.commit(fixture.draft(.entry), clock: .test)) }
            let receipt = VerifiedReceipt(
                lineageID: try await store.chainHead().lineageID, serial: 1,
                headquartersGeneration: Data(repeating: 1, count: 16),
                lines: [
                    .init(recordID: records[0].recordID, digest: records[0].digest, outcome: .accepted),
                    .init(recordID: records[1].recordID, digest: records[1].digest, outcome: .refused),
                ], durableThrough: 0, signed: Data([1]))
            _ = try await store.apply(receipt)
            let all = try await store.frames(.unpurged, after: 0, countMax: 100, bytesMax: .max).map(\.frame)
            #expect(all.count == 6)
            // Quarantined ones travel too; a page ends by count and by bytes.
            #expect(try await store.frames(.waiting, after: 0, countMax: 100, bytesMax: .max).count == 5)
            #expect(try await store.frames(.waiting, after: 0, countMax: 2, bytesMax: .max).count == 2)
            #expect(try await store.frames(.waiting, after: 0, countMax: 100, bytesMax: 1).count == 1)
            let rest = try await store.frames(.unpurged, after: 4, countMax: 100, bytesMax: .max).map(\.frame)
            #expect(rest == Array(all.suffix(2)))
            return all
        }
        let folder = URL(fileURLWithPath: fixture.path).deletingLastPathComponent().path
        let before = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: fixture.path))
        let (reading, unpurged) = try frames(fixture, .unpurged)
        #expect(reading == .tables && unpurged == all)
        #expect(try frames(fixture, .waiting).1.count == 5)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == before)
        #expect(try Data(contentsOf: URL(fileURLWithPath: fixture.path)) == bytes)
    }

    @Test("a damaged file yields the frames that are whole in it")
    func salvages() async throws {
        let fixture = try StoreFixture()
        let all = try await fixture.run { store async throws in
            for _ in 0..<200 { _ = try await store.commit(fixture.draft(.entry), clock: .test) }
            return try await store.frames(.unpurged, after: 0, countMax: 1000, bytesMax: .max).map(\.frame)
        }
        var bytes = try Data(contentsOf: URL(fileURLWithPath: fixture.path))
        for page in stride(from: 3, to: bytes.count / 4096, by: 5) {
            for index in 0..<16 { bytes[page * 4096 + index] = 0 }
        }
        try bytes.write(to: URL(fileURLWithPath: fixture.path))
        let (reading, found) = try frames(fixture, .waiting)
        #expect(reading == .salvaged)
        #expect(Set(found).isSubset(of: all) && found.count > all.count / 2)
        #expect(try Data(contentsOf: URL(fileURLWithPath: fixture.path)) == bytes)
    }

    @Test("a flipped byte in the WAL hides no commit behind it", arguments: [40, 4000, 30_000, 70_000, 12, 3])
    func brokenLog(place: Int) async throws {
        let fixture = try StoreFixture()
        let folder = try TemporaryFolder()
        let path = folder.file("records.sqlite")
        let all = try await fixture.run { store async throws in
            for _ in 0..<20 { _ = try await store.commit(fixture.draft(.entry), clock: .test) }
            // As a card that dies under a running kiosk holds them.
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: fixture.path + suffix, toPath: path + suffix)
            }
            return try await store.frames(.unpurged, after: 0, countMax: 100, bytesMax: .max).map(\.frame)
        }
        let records = IdleRecords(path: path, publicKey: fixture.signer.publicKey, logger: logger)
        var found: Set<Data> = []
        #expect(try records.read(.unpurged) { found.insert($0) } == .tables)
        #expect(found == Set(all))
        var log = try Data(contentsOf: URL(fileURLWithPath: path + "-wal"))
        #expect(log.count > 100_000)
        log[place] ^= 0x10
        try log.write(to: URL(fileURLWithPath: path + "-wal"))
        found = []
        #expect(try records.read(.unpurged) { found.insert($0) } == .salvaged)
        // The one that was hit may be lost; pages are written several times, so mostly none is.
        #expect(found.isSubset(of: all) && found.count >= all.count - 1)
        // Cut off in a frame, as by a power cut: nothing lies behind, the tables have it all.
        log[place] ^= 0x10
        try log.prefix(log.count - 5000).write(to: URL(fileURLWithPath: path + "-wal"))
        #expect(try records.read(.unpurged) { _ in } == .tables)
    }

    @Test("no file")
    func absent() throws {
        let folder = try TemporaryFolder()
        let records = IdleRecords(path: folder.file("records.sqlite"), publicKey: Data(), logger: logger)
        #expect(throws: IdleRecords.Failure.absent) { _ = try records.read(.waiting) { _ in } }
    }
}
