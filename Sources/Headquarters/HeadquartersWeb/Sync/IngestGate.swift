// How many batches are taken in at once: beyond that kiosks are asked to come back later.

import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A bound on batches that are being taken in or wait for the store's one writer. Whoever finds it full is told when to come
/// back, later the more others were told so; and half of the places are kept for those, so that a kiosk with a large backlog
/// that sends batch upon batch does not keep the others out.
final class IngestGate: Sendable {
    /// Batches at once. The writer takes them one after the other; the largest needs about a second on the slowest machine
    /// this runs on, so the last of 24 waits less than half of a kiosk's 60 s; with half a megabyte of frames and what is
    /// made of them they take some 50 MB.
    static let batchesMax = 24
    /// Seconds in which a full gate empties.
    static let emptyingSeconds = 5
    /// Kiosks that may come back in the same second: less than the gate takes in one.
    static let perSecond = 4
    /// Seconds that nobody is asked to wait beyond; kiosks add up to half of it themselves.
    static let retryAfterSecondsMax = 120

    private struct State {
        var underWay = 0
        /// Turned away since the gate was half empty.
        var turnedAway = 0
        /// Kiosks that were turned away and have not come back, since the gate was empty.
        var waiting: Set<Data> = []
    }

    private let batchesMax: Int
    private let state = Mutex(State())

    init(batchesMax: Int = IngestGate.batchesMax) { self.batchesMax = batchesMax }

    /// Takes a batch of this kiosk in. Throws a problem with the seconds to wait where there are too many.
    func run<Result: Sendable>(of device: Data, _ body: () async throws -> Result) async throws -> Result {
        try enter(device)
        defer { leave() }
        return try await body()
    }

    /// Before a body is read: throws as `run` would, and takes no place.
    func check(_ device: Data) throws {
        if let seconds = state.withLock({ isOpen($0, for: device) ? nil : turnAway(device, &$0) }) {
            throw SyncProblem.paced(seconds: seconds)
        }
    }

    private func enter(_ device: Data) throws {
        let seconds = state.withLock { state -> Int? in
            guard isOpen(state, for: device) else { return turnAway(device, &state) }
            state.waiting.remove(device)
            state.underWay += 1
            return nil
        }
        if let seconds { throw SyncProblem.paced(seconds: seconds) }
    }

    private func leave() {
        state.withLock { state in
            state.underWay -= 1
            if state.underWay * 2 <= batchesMax { state.turnedAway = 0 }
            if state.underWay == 0 { state.waiting = [] }
        }
    }

    private func isOpen(_ state: State, for device: Data) -> Bool {
        let isKept = !state.waiting.isEmpty && !state.waiting.contains(device)
        return state.underWay < (isKept ? (batchesMax + 1) / 2 : batchesMax)
    }

    private func turnAway(_ device: Data, _ state: inout State) -> Int {
        state.turnedAway += 1
        state.waiting.insert(device)
        return min(Self.retryAfterSecondsMax, Self.emptyingSeconds + state.turnedAway / Self.perSecond)
    }
}
