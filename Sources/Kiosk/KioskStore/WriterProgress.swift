// Whether the writer gets anywhere: what the watchdog is fed by.

import Synchronization

/// The writer's state at one moment.
public struct WriterHeartbeat: Hashable, Sendable {
    /// Transactions that wait or are under way.
    public var outstanding: Int
    /// How long there has been work without any of it getting done; zero while there is none. A hanging `fdatasync`
    /// shows here, as does a loop that has died.
    public var stalledFor: Duration
    /// Transactions of the writer since the start, each of one commit.
    public var batches: Int
}

/// Counts work begun and done.
final class WriterProgress: Sendable {
    private struct State {
        var outstanding = 0
        /// The later of: work appeared, work got done.
        var since = ContinuousClock.now
        var batches = 0
    }

    private let state = Mutex(State())

    func begin() {
        state.withLock { state in
            if state.outstanding == 0 { state.since = .now }
            state.outstanding += 1
        }
    }

    func end(_ count: Int = 1) {
        state.withLock { state in
            state.outstanding -= count
            state.since = .now
        }
    }

    func countBatch() {
        state.withLock { $0.batches += 1 }
    }

    func heartbeat() -> WriterHeartbeat {
        state.withLock { state in
            WriterHeartbeat(
                outstanding: state.outstanding,
                stalledFor: state.outstanding == 0 ? .zero : ContinuousClock.now - state.since,
                batches: state.batches)
        }
    }
}
