// Carries blocking calls to a thread of their own and their outcome back.

import Dispatch
import KioskCore
import Synchronization

/// A serial queue for one printer. `open`, `write` and `poll` block, and a blocked thread of Swift's pool would hold up
/// the answers of the page: so each runs here, one slip after the other, and a continuation carries the outcome back.
///
/// Cancelling the waiting task does not abandon the thread: the flag is read between two waits of at most
/// `Wait.sliceMilliseconds`, and the call ends with `timedOut`.
final class BlockingQueue: Sendable {
    private let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label)
    }

    func run(
        _ body: @escaping @Sendable (CancelFlag) throws(PrinterError) -> Void
    ) async throws(PrinterError) {
        let flag = CancelFlag()
        let result: Result<Void, PrinterError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async {
                    continuation.resume(returning: Result { () throws(PrinterError) in try body(flag) })
                }
            }
        } onCancel: {
            flag.set()
        }
        try result.get()
    }
}

/// Set once, by the task that no longer waits.
final class CancelFlag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .relaxed) }

    func set() { value.store(true, ordering: .relaxed) }
}
