// What the print spooler does next: events in, actions out. The service around it is a short loop.

/// Prints one slip after the other, tries a failed one again, and never prints twice on its own what may have come out.
///
/// A job lives in the store; this machine only holds the one that is being printed. A failed print goes back to
/// `queued` *before* the wait, so that a power cut in the wait leaves nothing `unknown`: `unknown` are only the jobs
/// that were with the printer when the power went, and those nobody prints again unasked.
///
/// Every action but `wait`, `endWait`, `report` and `stop` is answered by exactly one event:
/// `takeNext` by `taken` or `storeFailed`; `print` by `printed`, `printFailed` or `undrawable`; `finish` by `finished`
/// or `storeFailed`. `wait` is answered by `waited` unless `endWait` comes first.
public struct SpoolerMachine: Sendable {
    public enum Event: Sendable {
        /// At start, after `abandonPrintJobs`.
        case started
        /// A record with a print job was committed.
        case jobQueued
        /// What the store had; nil: nothing is queued.
        case taken(PrintJob?)
        /// Every byte was handed over.
        case printed
        case printFailed(PrinterError)
        /// The slip cannot be drawn at all; trying again would fail again.
        case undrawable
        case finished
        case storeFailed
        case waited
        /// The printer answered elsewhere, e.g. a test print.
        case printerBack
        case shutDown
    }

    public enum Action: Hashable, Sendable {
        case takeNext
        case print(PrintJob)
        case finish(Int64, as: PrintState)
        case wait(Duration)
        case endWait
        /// The printer's state changed: an error, or nil when it prints again.
        case report(PrinterError?)
        case stop
    }

    /// First wait after a failure; it doubles with each further one.
    public static let waitMin = Duration.seconds(1)
    /// Longest wait: a printer that has paper again must not stand idle for longer.
    public static let waitMax = Duration.seconds(30)

    private enum State: Hashable, Sendable {
        case idle
        case taking
        case printing(PrintJob)
        case finishing(Int64, PrintState)
        /// Before the next `takeNext`.
        case waiting
        /// The outcome could not be stored: before `finish` is tried again. The slip is not.
        case waitingToFinish(Int64, PrintState)
        case stopped
    }

    private var state = State.idle
    /// A job was queued while the answer to `takeNext` was on its way.
    private var isMoreQueued = false
    private var isShuttingDown = false
    private var failuresInARow = 0
    private var problem: PrinterError?

    public init() {}

    /// Nothing to print, nothing under way: for status and tests.
    public var isIdle: Bool { state == .idle }

    public mutating func handle(_ event: Event) -> [Action] {
        switch (state, event) {
        case (.stopped, _): []
        case (_, .shutDown): shutDown()
        case (.idle, .started), (.idle, .jobQueued), (.waiting, .waited): takeNext()
        case (.taking, .jobQueued): rememberQueued()
        case (.taking, .taken(let job)): take(job)
        case (.taking, .storeFailed): wait(then: .waiting)
        case (.printing(let job), .printed): finish(job.id, as: .printed, report: nil)
        case (.printing(let job), .printFailed(let error)): finish(job.id, as: .queued, report: error)
        case (.printing(let job), .undrawable): finish(job.id, as: .failed)
        case (.finishing(_, let state), .finished): afterFinishing(state)
        case (.finishing(let id, let state), .storeFailed): wait(then: .waitingToFinish(id, state))
        case (.waitingToFinish(let id, let state), .waited): finish(id, as: state)
        case (.waiting, .printerBack): printerIsBack()
        // Queued while printing, finishing or waiting: found by the next `takeNext`. A late `waited` after `endWait`.
        default: []
        }
    }

    private mutating func takeNext() -> [Action] {
        isMoreQueued = false
        state = .taking
        return [.takeNext]
    }

    private mutating func rememberQueued() -> [Action] {
        isMoreQueued = true
        return []
    }

    private mutating func take(_ job: PrintJob?) -> [Action] {
        guard let job else {
            if isShuttingDown { return stop() }
            if isMoreQueued { return takeNext() }
            state = .idle
            return []
        }
        if isShuttingDown {
            // Marked `printing` by the store, but the printer has seen nothing of it.
            return finish(job.id, as: .queued)
        }
        state = .printing(job)
        return [.print(job)]
    }

    private mutating func finish(_ id: Int64, as outcome: PrintState) -> [Action] {
        state = .finishing(id, outcome)
        return [.finish(id, as: outcome)]
    }

    private mutating func finish(_ id: Int64, as outcome: PrintState, report error: PrinterError?) -> [Action] {
        let isNews = problem != error
        problem = error
        failuresInARow = error == nil ? 0 : failuresInARow + 1
        return (isNews ? [.report(error)] : []) + finish(id, as: outcome)
    }

    private mutating func afterFinishing(_ outcome: PrintState) -> [Action] {
        if isShuttingDown { return stop() }
        return outcome == .queued ? wait(then: .waiting, isCounted: true) : takeNext()
    }

    /// 1, 2, 4, 8, 16, 30, 30 ... seconds. One printer at one kiosk: nobody to keep out of step with.
    private mutating func wait(then next: State, isCounted: Bool = false) -> [Action] {
        if isShuttingDown { return stop() }
        if !isCounted { failuresInARow += 1 }
        state = next
        let doublings = min(max(failuresInARow - 1, 0), 5)
        return [.wait(min(Self.waitMin * (1 << doublings), Self.waitMax))]
    }

    private mutating func printerIsBack() -> [Action] {
        failuresInARow = 0
        let wasFailing = problem != nil
        problem = nil
        return [.endWait] + (wasFailing ? [.report(nil)] : []) + takeNext()
    }

    /// What is with the printer is waited for; a store that cannot take the outcome now is not: the job becomes
    /// `unknown` at the next start.
    private mutating func shutDown() -> [Action] {
        isShuttingDown = true
        return switch state {
        case .idle: stop()
        case .waiting, .waitingToFinish: [.endWait] + stop()
        case .taking, .printing, .finishing, .stopped: []
        }
    }

    private mutating func stop() -> [Action] {
        state = .stopped
        return [.stop]
    }
}
