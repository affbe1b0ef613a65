// The loop around the spooler: what a printer that fails means for slips of vacancies.

import Foundation
import JobFair
import KioskCore
import Logging
import Synchronization
import TestSupport
import Testing

@testable import KioskDaemon

@Suite struct PrintServiceTests {
    /// Jobs in a line, and what they became.
    private actor FakeJobs: PrintJobStore {
        private var waiting: [PrintJob]
        private(set) var finished: [String] = []

        init(_ jobs: [PrintJob]) { waiting = jobs }

        func add(_ job: PrintJob) { waiting.append(job) }
        func nextPrintJob() async throws(RecordStoreError) -> PrintJob? { waiting.popLast() }
        func finishPrintJob(_ id: Int64, as state: PrintState) async throws(RecordStoreError) {
            finished.append("\(id) \(state)")
            // As the store does: only a registration's job is put back.
            if state == .queued, id < 100 { waiting.append(PrintServiceTests.registration(id)) }
        }
        func abandonPrintJobs() async throws(RecordStoreError) -> Int { 0 }
        func printState(of recordID: RecordID) async throws(RecordStoreError) -> PrintState? { nil }
        func queueVacancySlip(_ recordID: RecordID, vacancy: VacancyID) async throws(RecordStoreError) {}
    }

    private final class FakePrinter: PrinterPort {
        let name = "folder /nowhere"
        private let works = Mutex(false)

        func mend() { works.withLock { $0 = true } }
        func send(_ slip: PrintableSlip) async throws(PrinterError) {
            if !works.withLock({ $0 }) { throw PrinterError(code: .unreachable, detail: "refused") }
        }
    }

    private static func registration(_ id: Int64) -> PrintJob {
        PrintJob(
            id: id,
            content: .registration(
                CommittedRecord(
                    recordID: RecordID(milliseconds: 1, random: Array(repeating: 1, count: 10)), sequence: id,
                    digest: Data(), fairID: FairID(milliseconds: 1, random: Array(repeating: 1, count: 10)),
                    fairDay: nil, isDayConfirmed: true, ticket: nil, desk: nil, isRepeat: false)),
            isCopy: false, attempts: 0)
    }

    private static func vacancy(_ id: Int64) -> PrintJob {
        PrintJob(
            id: id,
            content: .vacancy(
                VacancyID(milliseconds: 1, random: Array(repeating: 1, count: 10)),
                FairID(milliseconds: 1, random: Array(repeating: 1, count: 10))),
            isCopy: false, attempts: 0)
    }

    private func running(
        _ jobs: FakeJobs, _ printer: FakePrinter, _ work: @Sendable (PrintService, PrinterState) async throws -> Void
    ) async throws {
        let state = PrinterState()
        let service = PrintService(
            jobs: jobs, port: printer, compose: { _ in PrintableSlip(name: "1", png: Data(), printerBytes: Data()) },
            state: state, keepsLastSlip: false, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            try await work(service, state)
            group.cancelAll()
        }
    }

    private func eventually(_ condition: @Sendable () async -> Bool) async throws {
        for _ in 0..<2000 {
            if await condition() { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("it never came")
    }

    @Test func nobodyIsLetWaitForAPrinterThatFails() async throws {
        let (jobs, printer) = (FakeJobs([Self.registration(1)]), FakePrinter())
        try await running(jobs, printer) { service, state in
            try await eventually { await jobs.finished == ["1 queued"] }
            try await eventually { !state.isPrinting }
            service.send.yield(.jobQueued)
            service.send.yield(.waited)
            try await eventually { await jobs.finished.count == 2 }
            #expect(!state.isPrinting, "the spooler waits for it")
            printer.mend()
            service.send.yield(.waited)
            try await eventually { state.isPrinting }
            #expect(await jobs.finished.last == "1 printed")
        }
    }

    /// Otherwise a printer that has failed with a single vacancy would be called dead until somebody registers.
    @Test func whereNothingWaitsTheNextSlipTriesThePrinter() async throws {
        let (jobs, printer) = (FakeJobs([]), FakePrinter())
        try await running(jobs, printer) { service, state in
            #expect(state.isPrinting)
            await jobs.add(Self.vacancy(100))
            service.send.yield(.jobQueued)
            try await eventually { await jobs.finished == ["100 queued"] }
            try await eventually { !state.isPrinting }
            service.send.yield(.waited)
            try await eventually { state.isPrinting }
            #expect(state.lastFailure != nil)
            await jobs.add(Self.vacancy(101))
            printer.mend()
            service.send.yield(.jobQueued)
            try await eventually { await jobs.finished.last == "101 printed" }
            try await eventually { state.lastFailure == nil }
        }
    }
}
