// Catalogues: whole or not at all, and nobody waits while one is built.

import Foundation
import JobFair
import KioskCore
import Logging
import Synchronization
import TestSupport
import Testing

@testable import KioskStore

@Suite struct CatalogueStoreTests {
    @Test func whatIsSavedIsReadAlsoAfterReopening() async throws {
        let fixture = try CatalogueFixture()
        let first = CatalogueFixture.catalogue()
        let second = CatalogueFixture.catalogue(StoreFixture.otherFair, day: "2026-01-15")
        let store = try fixture.open()
        #expect(try await store.catalogue(of: first.fair.id) == nil)
        #expect(try await store.fairs().isEmpty)
        try await store.save(first, etag: "\"1\"", signed: Data([1, 2]))
        try await store.save(second, etag: "\"2\"", signed: Data([3]))
        for store in [store, try fixture.open()] {
            #expect(try await store.catalogue(of: first.fair.id) == first)
            #expect(try await store.catalogue(of: second.fair.id) == second)
            #expect(try await store.etag(of: first.fair.id) == "\"1\"")
            #expect(try await store.signedCatalogue(of: first.fair.id) == Data([1, 2]))
            #expect(try await store.fairs() == [second.fair, first.fair])
        }
        let replacement = CatalogueFixture.catalogue(vacancies: 1, name: "春风行动二")
        try await store.save(replacement, etag: "\"3\"", signed: Data([4]))
        #expect(try await store.catalogue(of: first.fair.id) == replacement)
        #expect(try await store.catalogue(of: second.fair.id) == second)
        #expect(try fixture.files == ["catalogue.sqlite"])
    }

    @Test func aCatalogueThatDoesNotHoldTogetherChangesNothing() async throws {
        let fixture = try CatalogueFixture()
        let store = try fixture.open()
        let good = CatalogueFixture.catalogue()
        try await store.save(good, etag: "1", signed: Data())
        var bad = good
        bad.vacancies[0].employerID = .random()
        await #expect(throws: (any Error).self) { try await store.save(bad, etag: "2", signed: Data()) }
        #expect(try await store.catalogue(of: good.fair.id) == good)
        #expect(try fixture.files == ["catalogue.sqlite"])
    }

    @Test func anotherProgramsFileIsNotDeleted() async throws {
        let fixture = try StoreFixture()
        try fixture.open().close()
        let error = #expect(throws: KioskStoreError.self) {
            try SQLiteCatalogueStore(
                path: fixture.path, verified: FakeSignatures().verified, logger: LogLines().logger)
        }
        #expect(error?.code == .notOurs)
        try fixture.open().close()
    }

    @Test func twentyThousandVacanciesAreFine() async throws {
        let fixture = try CatalogueFixture()
        let store = try fixture.open()
        let large = CatalogueFixture.catalogue(vacancies: 20_000)
        try await store.save(large, etag: "1", signed: Data(repeating: 1, count: 1 << 20))
        #expect(try await store.catalogue(of: large.fair.id) == large)
    }

    /// The order of events decides: the building is held at its end, with every vacancy in the new file.
    @Test func readersAreAnsweredWhileTwentyThousandVacanciesAreBuilt() async throws {
        let fixture = try CatalogueFixture()
        let log = HeldLog(at: "the next catalogue file is built")
        let store = try fixture.open(logger: log.logger)
        let old = CatalogueFixture.catalogue(), other = CatalogueFixture.catalogue(StoreFixture.otherFair)
        log.hold(false)
        try await fixture.save(old, etag: "old", in: store)
        log.hold(true)
        var large = CatalogueFixture.catalogue(vacancies: 20_000)
        large.version = 5
        let (next, signed) = (large, fixture.signatures.sign(large))
        let current = CurrentFair(store: store)
        let events = Events()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await store.save(next, etag: "new", signed: signed)
                events.add("saved")
            }
            await log.isHeld()
            events.add("built")
            // One that comes meanwhile is built afterwards, on what the first has made.
            group.addTask { try await fixture.save(other, etag: "other", in: store) }
            #expect(try await store.etag(of: old.fair.id) == "old")
            #expect(try await store.fairs() == [old.fair])
            #expect(try await store.catalogue(of: old.fair.id) == old)
            #expect(try await current.catalogue(of: old.fair.id) == old)
            events.add("read")
            log.hold(false)
            try await group.waitForAll()
        }
        #expect(events.all == ["built", "read", "saved"])
        #expect(try await store.etag(of: old.fair.id) == "new")
        #expect(try await current.catalogue(of: old.fair.id) == next)
        #expect(try await store.catalogue(of: other.fair.id) == other)
        #expect(try fixture.files == ["catalogue.sqlite"])
    }
}

@Suite struct SQLiteLibraryTests {
    @Test(
        arguments: [
            (
                "abort at 5 in [INSERT INTO record VALUES (?)]: UNIQUE constraint failed: record.recordID",
                "abort at 5: UNIQUE constraint failed: record.recordID"
            ),
            ("recovered 12 frames from WAL file x", "recovered 12 frames from WAL file x"),
        ])
    func theErrorLogIsWithoutStatements(message: String, expected: String) {
        #expect(SQLiteLibrary.withoutStatement(message) == expected)
    }
}

private final class Events: Sendable {
    private let list = Mutex<[String]>([])
    var all: [String] { list.withLock { $0 } }
    func add(_ event: String) { list.withLock { $0.append(event) } }
}

/// A log that holds whoever writes one certain line, so that a test can look round meanwhile.
private final class HeldLog: Sendable {
    private let line: String
    private let holds = Mutex(true)
    private let held = AsyncStream<Void>.makeStream()

    init(at line: String) { self.line = line }

    var logger: Logger { Logger(label: "test", factory: { _ in HeldLogHandler(log: self) }) }

    func hold(_ holds: Bool) { self.holds.withLock { $0 = holds } }

    func isHeld() async { for await _ in held.stream { return } }

    private struct HeldLogHandler: LogHandler {
        let log: HeldLog
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        init(log: HeldLog) { self.log = log }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            guard event.message.description == log.line, log.holds.withLock({ $0 }) else { return }
            log.held.continuation.yield()
            // Far beyond any reading: whoever reads behind the building comes too late, and the test says so.
            for _ in 0..<3000 where log.holds.withLock({ $0 }) { usleep(10_000) }
        }
    }
}
