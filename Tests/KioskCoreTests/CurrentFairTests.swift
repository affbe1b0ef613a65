// The catalogue in memory: one reading for all who ask, and nobody waits for a newer one.

import Foundation
import JobFair
import Synchronization
import Testing

@testable import KioskCore

// A reading that nobody waits for any more would hang, not fail.
@Suite(.timeLimit(.minutes(1))) struct CurrentFairTests {
    private let fair = FairID(milliseconds: 1, random: Array(repeating: 1, count: 10))

    @Test func oneReadingServesAllWhoAskForAVersion() async throws {
        let store = FakeSlowCatalogues()
        store.offer(fair, etag: "1")
        let fairs = CurrentFair(store: store)
        try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<10 { group.addTask { try await fairs.catalogue(of: self.fair)?.fair.name } }
            for _ in 0..<10 { group.addTask { try await fairs.current(of: self.fair)?.catalogue.fair.name } }
            // All have asked for the ETag, which each does before anything else.
            while store.asked < 20 { await Task.yield() }
            await store.readingBegins()
            store.letRead()
            for try await name in group { #expect(name == "1") }
        }
        #expect(try await fairs.catalogue(of: fair)?.fair.name == "1")
        #expect(store.readings == 1)
    }

    @Test func whileANewerOneIsReadTheOldOneIsServed() async throws {
        let store = FakeSlowCatalogues()
        store.offer(fair, etag: "1")
        store.letRead()
        let fairs = CurrentFair(store: store)
        #expect(try await fairs.catalogue(of: fair)?.fair.name == "1")
        await store.readingBegins()
        store.offer(fair, etag: "2")
        async let newest = fairs.current(of: fair)
        await store.readingBegins()
        #expect(try await fairs.catalogue(of: fair)?.fair.name == "1")
        store.letRead()
        #expect(try await newest?.etag == "2")
        #expect(try await fairs.catalogue(of: fair)?.fair.name == "2")
        #expect(store.readings == 2)
    }

    @Test func aReadingThatFailsIsAnErrorForAllAndIsTriedAgain() async throws {
        let store = FakeSlowCatalogues()
        store.offer(fair, etag: "1")
        store.fail(true)
        let fairs = CurrentFair(store: store)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<5 { group.addTask { (try? await fairs.catalogue(of: self.fair)) == nil } }
            while store.asked < 5 { await Task.yield() }
            // Who asks late reads anew.
            for _ in 0..<5 { store.letRead() }
            for await hasFailed in group { #expect(hasFailed) }
        }
        store.fail(false)
        store.letRead()
        #expect(try await fairs.catalogue(of: fair)?.fair.name == "1")
    }
}

/// Catalogues whose reading waits until it is let; a catalogue is called by its ETag.
private final class FakeSlowCatalogues: CatalogueStore {
    private struct Unreadable: Error {}

    private struct State {
        var etag = ""
        var asked = 0
        var readings = 0
        var fails = false
    }

    private let state = Mutex(State())
    private let begun = AsyncStream<Void>.makeStream()
    private let gate = AsyncStream<Void>.makeStream()

    var asked: Int { state.withLock { $0.asked } }
    var readings: Int { state.withLock { $0.readings } }

    func offer(_ fair: FairID, etag: String) { state.withLock { $0.etag = etag } }
    func fail(_ fails: Bool) { state.withLock { $0.fails = fails } }
    func letRead() { gate.continuation.yield() }
    func readingBegins() async { for await _ in begun.stream { return } }

    func save(_ catalogue: Catalogue, etag: String, signed: Data) async throws {}

    func etag(of fair: FairID) async throws -> String? {
        state.withLock {
            $0.asked += 1
            return $0.etag
        }
    }

    func catalogue(of fair: FairID) async throws -> Catalogue? {
        let (etag, fails) = state.withLock {
            $0.readings += 1
            return ($0.etag, $0.fails)
        }
        begun.continuation.yield()
        for await _ in gate.stream { break }
        if fails { throw Unreadable() }
        return Catalogue(
            fair: Fair(
                id: fair, name: etag, venue: "", organiser: "", kind: .fair, days: [], keyNumber: 1, formAddress: "",
                servicePhone: ""),
            version: 1, employers: [], vacancies: [],
            notice: PrivacyNotice(version: "1", title: "", shortText: "", fullText: ""), keyGroups: [])
    }

    func fairs() async throws -> [Fair] { [] }
}
