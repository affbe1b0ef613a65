// The one writer: gathers the requests of the moment and has them committed together.

import Foundation
import KioskCore
import Synchronization

/// A bounded queue and the loop that empties it. While one commit waits for the disk the next requests gather; they
/// share the next commit, so that a burst costs few syncs.
final class RecordWriter: Sendable {
    /// Requests that may wait; more get `.busy`. At 64 clients the queue holds 64; 1024 bounds memory at about 1 MiB.
    static let queueMax = 1024
    /// Requests that share one transaction; bounds how long the first of them waits.
    static let batchMax = 256

    struct Request: Sendable {
        var draft: RecordDraft
        var clock: ClockReading
        var answer: CheckedContinuation<Result<CommittedRecord, RecordStoreError>, Never>
    }

    /// What became of a batch: one answer each, and why the store must stop, if it must.
    struct Outcome: Sendable {
        var answers: [Result<CommittedRecord, RecordStoreError>]
        var fatal: KioskStoreError?
    }

    private enum Phase { case notStarted, open, running, draining, ended, failed }

    private struct State {
        var phase = Phase.notStarted
        var waiting: [Request] = []
        /// Why the writer must end although no commit failed.
        var failure: KioskStoreError?
    }

    private let state = Mutex(State())
    private let progress: WriterProgress
    private let wakeups: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    init(progress: WriterProgress) {
        self.progress = progress
        (wakeups, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Waits until the draft is durable. Cancelling the caller's task does not take the request back.
    func commit(_ draft: RecordDraft, clock: ClockReading) async throws(RecordStoreError) -> CommittedRecord {
        let result = await withCheckedContinuation { answer in
            let refusal: RecordStoreError? = state.withLock { state in
                // "Not stored" would be a promise: this may be a repeat of the request whose outcome is unknown.
                if state.phase == .failed { return .unknownOutcome }
                guard state.phase == .running || state.phase == .open, state.waiting.count < Self.queueMax else {
                    return .busy
                }
                state.waiting.append(Request(draft: draft, clock: clock, answer: answer))
                progress.begin()
                return nil
            }
            if let refusal { answer.resume(returning: .failure(refusal)) } else { wake.yield() }
        }
        return try result.get()
    }

    /// Takes requests from here on. They wait for `run`, which has to follow.
    func open() {
        state.withLock { if $0.phase == .notStarted { $0.phase = .open } }
    }

    /// Takes no more requests; those that wait are still committed, then `run` returns.
    func stop() {
        state.withLock { if $0.phase == .running { $0.phase = .draining } }
        wake.finish()
    }

    /// Somebody else met what stops the store.
    func fail(_ error: KioskStoreError) {
        state.withLock { $0.failure = $0.failure ?? error }
        wake.yield()
    }

    /// Runs once. Returns after `stop()` or cancellation with every accepted request answered; throws after an outcome
    /// that stops the store.
    func run(committing: @Sendable ([Request]) async -> Outcome) async throws(KioskStoreError) {
        state.withLock { state in
            precondition(state.phase == .notStarted || state.phase == .open, "a record writer runs once")
            state.phase = .running
        }
        do throws(KioskStoreError) {
            for await _ in wakeups { try await empty(committing) }
            stop()
            try await empty(committing)
        } catch {
            end(as: .failed, answering: .unknownOutcome)
            throw error
        }
        end(as: .ended, answering: .busy)
    }

    private func empty(_ committing: ([Request]) async -> Outcome) async throws(KioskStoreError) {
        while true {
            if let failure = state.withLock({ $0.failure }) { throw failure }
            let batch = state.withLock { state in
                let batch = Array(state.waiting.prefix(Self.batchMax))
                state.waiting.removeFirst(batch.count)
                return batch
            }
            if batch.isEmpty { return }
            let outcome = await committing(batch)
            precondition(outcome.answers.count == batch.count, "every request has one answer")
            progress.end(batch.count)
            // Before anybody hears of it: whoever does may repeat at once.
            if outcome.fatal != nil { state.withLock { $0.phase = .failed } }
            for (request, answer) in zip(batch, outcome.answers) { request.answer.resume(returning: answer) }
            if let fatal = outcome.fatal { throw fatal }
        }
    }

    /// Nothing of what still waits was begun.
    private func end(as phase: Phase, answering error: RecordStoreError) {
        let left = state.withLock { state in
            state.phase = phase
            defer { state.waiting = [] }
            return state.waiting
        }
        progress.end(left.count)
        for request in left { request.answer.resume(returning: .failure(error)) }
    }
}
