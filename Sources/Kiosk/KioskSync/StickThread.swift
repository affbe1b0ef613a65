// A thread for a stick, which may never answer: whoever waits for it waits no longer than agreed.

import Dispatch
import Synchronization

/// One call at a time. A call that hangs (a stick that was half pulled out leaves its thread in the kernel) keeps the thread
/// and nothing else; until it returns every further call is refused at once.
final class StickThread: Sendable {
    private let queue = DispatchQueue(label: "kiosk.stick")
    private let isBusy = Mutex(false)

    /// Nil: it did not end in time, an earlier one still hangs, or the task was cancelled.
    func run<Value: Sendable>(
        within deadline: Duration, _ body: @escaping @Sendable () -> Value
    ) async -> Value? {
        let isFree = isBusy.withLock { busy in
            defer { busy = true }
            return !busy
        }
        guard isFree else { return nil }
        let (outcomes, outcome) = AsyncStream.makeStream(of: Value.self, bufferingPolicy: .bufferingNewest(1))
        queue.async { [self] in
            let value = body()
            isBusy.withLock { $0 = false }
            outcome.yield(value)
            outcome.finish()
        }
        return await withTaskGroup(of: Value?.self) { group in
            group.addTask { await outcomes.first { _ in true } }
            group.addTask {
                try? await Task.sleep(for: deadline)
                return nil
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? nil
        }
    }
}
