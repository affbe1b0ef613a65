// Performs what the spooler machine decides.

import KioskCore
import Logging
import ServiceLifecycle
import Synchronization

/// What the printer said last; shown by status and on the page.
final class PrinterState: Sendable {
    private let failure = Mutex<PrinterError?>(nil)
    private let unknownPrints = Mutex(0)
    private let slipsWithMissingGlyphs = Mutex(0)
    private let lastSlip = Mutex<[UInt8]?>(nil)
    private let resting = Mutex(true)

    /// The last failure came after bytes had been handed over, or may have.
    var mayHavePrinted: Bool { failure.withLock { $0?.mayHavePrinted ?? false } }
    var lastFailure: String? { failure.withLock { $0.map { "\($0.code.rawValue): \($0.detail)" } } }
    var unknownPrintsCount: Int { unknownPrints.withLock { $0 } }
    var lastSlipPNG: [UInt8]? { lastSlip.withLock { $0 } }

    /// It prints, or nothing waits for it any more, so that the next job is the one to try it again. False while the
    /// spooler itself waits for a printer that fails.
    var isPrinting: Bool { failure.withLock { $0 == nil } || resting.withLock { $0 } }

    func set(isResting: Bool) { resting.withLock { $0 = isResting } }
    func report(_ error: PrinterError?) { failure.withLock { $0 = error } }
    func countUnknown(_ count: Int) { unknownPrints.withLock { $0 += count } }
    var slipsWithMissingGlyphsCount: Int { slipsWithMissingGlyphs.withLock { $0 } }
    func countMissingGlyphs() { slipsWithMissingGlyphs.withLock { $0 += 1 } }
    func keep(_ slip: PrintableSlip) { lastSlip.withLock { $0 = Array(slip.png) } }
}

/// The paper follows the record. A dead printer never stops registration: jobs wait in the store.
struct PrintService: Service {
    let jobs: any PrintJobStore
    /// Nil: no printer; jobs stay queued, the page shows number and code.
    let port: (any PrinterPort)?
    let compose: @Sendable (PrintJob) async throws -> PrintableSlip
    let state: PrinterState
    /// Only a demonstration keeps the picture of the last slip, in memory.
    let keepsLastSlip: Bool
    let events: AsyncStream<SpoolerMachine.Event>
    let send: AsyncStream<SpoolerMachine.Event>.Continuation
    let logger: Logger

    init(
        jobs: any PrintJobStore, port: (any PrinterPort)?,
        compose: @escaping @Sendable (PrintJob) async throws -> PrintableSlip, state: PrinterState,
        keepsLastSlip: Bool, logger: Logger
    ) {
        self.jobs = jobs
        self.port = port
        self.compose = compose
        self.state = state
        self.keepsLastSlip = keepsLastSlip
        self.logger = logger
        (events, send) = AsyncStream.makeStream()
    }

    func run() async throws {
        await abandon()
        guard let port else {
            // Nobody reads them.
            send.finish()
            try await gracefulShutdown()
            return
        }
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                var machine = SpoolerMachine()
                send.yield(.started)
                for await event in events {
                    let actions = machine.handle(event)
                    state.set(isResting: machine.isIdle)
                    for action in actions {
                        if await perform(action, on: port, waitingIn: &group) { continue }
                        group.cancelAll()
                        return
                    }
                }
                group.cancelAll()
            }
        } onGracefulShutdown: {
            send.yield(.shutDown)
        }
    }

    /// False: stop.
    private func perform(
        _ action: SpoolerMachine.Action, on port: any PrinterPort, waitingIn group: inout TaskGroup<Void>
    ) async -> Bool {
        switch action {
        case .takeNext:
            do {
                send.yield(.taken(try await jobs.nextPrintJob()))
            } catch {
                send.yield(.storeFailed)
            }
        case .print(let job): send.yield(await print(job, on: port))
        case .finish(let id, let outcome):
            do {
                // Some of it may be on paper: what follows is a copy, and says so.
                if outcome == .queued, state.mayHavePrinted { try await jobs.finishPrintJob(id, as: .unknown) }
                try await jobs.finishPrintJob(id, as: outcome)
                send.yield(.finished)
            } catch {
                send.yield(.storeFailed)
            }
        case .wait(let duration):
            group.addTask {
                if (try? await Task.sleep(for: duration)) != nil { send.yield(.waited) }
            }
        case .endWait: break
        case .report(let error):
            state.report(error)
            if let error {
                logger.warning(
                    "printer fails", metadata: ["printer.error": "\(error.code.rawValue)", "printer": "\(port.name)"])
            } else {
                logger.notice("printer is back", metadata: ["printer": "\(port.name)"])
            }
        case .stop: return false
        }
        return true
    }

    private func print(_ job: PrintJob, on port: any PrinterPort) async -> SpoolerMachine.Event {
        let slip: PrintableSlip
        do {
            slip = try await compose(job)
        } catch let error as SlipComposerError {
            // The catalogue or the grant comes with the next contact; the job waits for it.
            return .printFailed(PrinterError(code: .slipNotReady, detail: error.description))
        } catch {
            logger.error("slip cannot be drawn", metadata: ["error.kind": "\(type(of: error))"])
            return .undrawable
        }
        do {
            try await port.send(slip)
        } catch {
            return .printFailed(error)
        }
        if keepsLastSlip { state.keep(slip) }
        return .printed
    }

    private func abandon() async {
        do {
            let count = try await jobs.abandonPrintJobs()
            guard count > 0 else { return }
            state.countUnknown(count)
            logger.warning("outcome of prints is unknown", metadata: ["print.jobs": "\(count)"])
        } catch {
            logger.error("print jobs of the last run cannot be looked at", metadata: ["error": "\(error)"])
        }
    }
}
