// The print spooler's decisions, as tables of events and the actions each must bring.

import Foundation
import JobFair
import KioskCore
import Testing

@Suite struct SpoolerMachineTests {
    typealias Step = (event: SpoolerMachine.Event, actions: [SpoolerMachine.Action])

    let unreachable = PrinterError(code: .unreachable, detail: "tcp 192.0.2.1:9100: connect: Connection refused")
    let noPaper = PrinterError(code: .paperOut, detail: "device /dev/usb/lp0: status: no paper")

    private func job(_ id: Int64) throws -> PrintJob {
        PrintJob(
            id: id,
            content: .registration(
                CommittedRecord(
                    recordID: try #require(RecordID(bytes: [UInt8](repeating: UInt8(id), count: 16))), sequence: id,
                    digest: Data(), fairID: try #require(FairID(bytes: [UInt8](repeating: 9, count: 16))),
                    fairDay: CalendarDate("2026-02-01"), isDayConfirmed: true, ticket: TicketNumber("AB0237"),
                    desk: nil, isRepeat: false)),
            isCopy: false, attempts: 0)
    }

    @discardableResult
    private func check(
        _ machine: SpoolerMachine, _ steps: [Step], at location: SourceLocation = #_sourceLocation
    ) -> SpoolerMachine {
        var machine = machine
        for (index, step) in steps.enumerated() {
            let actions = machine.handle(step.event)
            #expect(actions == step.actions, "step \(index): \(step.event)", sourceLocation: location)
        }
        return machine
    }

    @discardableResult
    private func check(_ steps: [Step], at location: SourceLocation = #_sourceLocation) -> SpoolerMachine {
        check(SpoolerMachine(), steps, at: location)
    }

    private func started(with job: PrintJob, at location: SourceLocation = #_sourceLocation) -> SpoolerMachine {
        check([(.started, [.takeNext]), (.taken(job), [.print(job)])], at: location)
    }

    @Test func printsOneAfterTheOtherAndRests() throws {
        let (first, second) = (try job(1), try job(2))
        let machine = check([
            (.started, [.takeNext]),
            (.taken(first), [.print(first)]),
            (.jobQueued, []),
            (.printed, [.finish(1, as: .printed)]),
            (.finished, [.takeNext]),
            (.taken(second), [.print(second)]),
            (.printed, [.finish(2, as: .printed)]),
            (.finished, [.takeNext]),
            (.taken(nil), []),
        ])
        #expect(machine.isIdle)
        check(machine, [(.jobQueued, [.takeNext]), (.taken(nil), [])])
    }

    @Test func jobQueuedWhileTheStoreIsAskedIsNotForgotten() {
        check([
            (.started, [.takeNext]), (.jobQueued, []), (.jobQueued, []), (.taken(nil), [.takeNext]), (.taken(nil), []),
        ])
    }

    @Test func failedPrintGoesBackToTheQueueBeforeTheWaitAndIsTriedForEver() throws {
        let job = try job(1)
        var machine = started(with: job)
        var reported: [SpoolerMachine.Action] = [.report(unreachable)]
        for seconds in [1, 2, 4, 8, 16, 30, 30, 30] + [Int](repeating: 30, count: 1_000) {
            machine = check(
                machine,
                [
                    (.printFailed(unreachable), reported + [.finish(1, as: .queued)]),
                    (.jobQueued, []),
                    (.finished, [.wait(.seconds(seconds))]),
                    (.jobQueued, []),
                    (.waited, [.takeNext]),
                    (.taken(job), [.print(job)]),
                ])
            reported = []
        }
        // It prints again: said once, and the next failure waits one second again.
        check(
            machine,
            [
                (.printed, [.report(nil), .finish(1, as: .printed)]),
                (.finished, [.takeNext]),
                (.taken(job), [.print(job)]),
                (.printFailed(noPaper), [.report(noPaper), .finish(1, as: .queued)]),
                (.finished, [.wait(.seconds(1))]),
            ])
    }

    @Test func otherErrorIsReportedAgain() throws {
        let job = try job(1)
        check(
            started(with: job),
            [
                (.printFailed(unreachable), [.report(unreachable), .finish(1, as: .queued)]),
                (.finished, [.wait(.seconds(1))]),
                (.waited, [.takeNext]),
                (.taken(job), [.print(job)]),
                (.printFailed(noPaper), [.report(noPaper), .finish(1, as: .queued)]),
                (.finished, [.wait(.seconds(2))]),
            ])
    }

    @Test func printerThatIsBackEndsTheWait() throws {
        let job = try job(1)
        check(
            started(with: job),
            [
                (.printFailed(unreachable), [.report(unreachable), .finish(1, as: .queued)]),
                (.finished, [.wait(.seconds(1))]),
                (.printerBack, [.endWait, .report(nil), .takeNext]),
                // The timer had gone off already.
                (.waited, []),
                (.taken(job), [.print(job)]),
                (.printerBack, []),
                (.printFailed(unreachable), [.report(unreachable), .finish(1, as: .queued)]),
                (.finished, [.wait(.seconds(1))]),
            ])
    }

    @Test func slipThatCannotBeDrawnFailsAndHoldsNobodyUp() throws {
        let (first, second) = (try job(1), try job(2))
        check(
            started(with: first),
            [
                (.undrawable, [.finish(1, as: .failed)]),
                (.finished, [.takeNext]),
                (.taken(second), [.print(second)]),
            ])
    }

    @Test func printedSlipIsNotPrintedAgainWhenTheStoreFails() throws {
        let job = try job(1)
        check(
            started(with: job),
            [
                (.printed, [.finish(1, as: .printed)]),
                (.storeFailed, [.wait(.seconds(1))]),
                (.jobQueued, []),
                (.printerBack, []),
                (.waited, [.finish(1, as: .printed)]),
                (.storeFailed, [.wait(.seconds(2))]),
                (.waited, [.finish(1, as: .printed)]),
                (.finished, [.takeNext]),
                (.taken(nil), []),
            ])
    }

    @Test func storeThatCannotBeReadIsAskedAgain() throws {
        let job = try job(1)
        check([
            (.started, [.takeNext]), (.storeFailed, [.wait(.seconds(1))]), (.jobQueued, []), (.waited, [.takeNext]),
            (.storeFailed, [.wait(.seconds(2))]), (.waited, [.takeNext]), (.taken(job), [.print(job)]),
        ])
    }

    @Test func shuttingDownWaitsForThePrinterOnly() throws {
        let job = try job(1)
        check([(.started, [.takeNext]), (.taken(nil), []), (.shutDown, [.stop]), (.jobQueued, []), (.started, [])])
        check(
            started(with: job),
            [(.shutDown, []), (.printed, [.finish(1, as: .printed)]), (.finished, [.stop]), (.jobQueued, [])])
        check(
            started(with: job),
            [
                (.shutDown, []), (.printFailed(unreachable), [.report(unreachable), .finish(1, as: .queued)]),
                (.finished, [.stop]),
            ])
        check(started(with: job), [(.shutDown, []), (.printed, [.finish(1, as: .printed)]), (.storeFailed, [.stop])])
        check(
            started(with: job),
            [
                (.printFailed(unreachable), [.report(unreachable), .finish(1, as: .queued)]),
                (.finished, [.wait(.seconds(1))]), (.shutDown, [.endWait, .stop]), (.waited, []),
            ])
        check(
            started(with: job),
            [
                (.printed, [.finish(1, as: .printed)]), (.storeFailed, [.wait(.seconds(1))]),
                (.shutDown, [.endWait, .stop]),
            ])
    }

    @Test func jobTakenWhileShuttingDownGoesBackUnprinted() throws {
        let job = try job(1)
        check([
            (.started, [.takeNext]), (.shutDown, []), (.taken(job), [.finish(1, as: .queued)]), (.finished, [.stop]),
        ])
        check([(.started, [.takeNext]), (.shutDown, []), (.taken(nil), [.stop])])
        check([(.started, [.takeNext]), (.shutDown, []), (.storeFailed, [.stop])])
    }

    /// Five hundred random runs: a job with the printer is never with it twice, whatever comes in whatever order.
    @Test func noOrderOfEventsPrintsTwiceOrLosesAJob() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            var machine = SpoolerMachine()
            var queued: [Int64] = [1, 2, 3]
            var printed: [Int64] = []
            var withPrinter: Int64?
            var open = machine.handle(.started)
            for _ in 0..<400 where !(queued.isEmpty && withPrinter == nil && machine.isIdle) {
                guard let action = open.first else {
                    open = machine.handle(.jobQueued)
                    continue
                }
                open.removeFirst()
                if Bool.random(using: &random) { open += machine.handle(.jobQueued) }
                switch action {
                case .takeNext where Int.random(in: 0..<4, using: &random) == 0: open += machine.handle(.storeFailed)
                case .takeNext:
                    withPrinter = queued.first
                    if !queued.isEmpty { queued.removeFirst() }
                    open += machine.handle(.taken(try withPrinter.map(job)))
                case .print(let job):
                    #expect(job.id == withPrinter)
                    #expect(!printed.contains(job.id))
                    if Bool.random(using: &random) {
                        printed.append(job.id)
                        open += machine.handle(.printed)
                    } else {
                        open += machine.handle(.printFailed(unreachable))
                    }
                case .finish(let id, let state):
                    #expect(id == withPrinter)
                    if Int.random(in: 0..<4, using: &random) == 0 {
                        open += machine.handle(.storeFailed)
                        continue
                    }
                    if state == .queued { queued.insert(id, at: 0) }
                    withPrinter = nil
                    open += machine.handle(.finished)
                case .wait: open += machine.handle(.waited)
                case .endWait, .report, .stop: break
                }
            }
            #expect(printed == [1, 2, 3])
        }
    }
}
