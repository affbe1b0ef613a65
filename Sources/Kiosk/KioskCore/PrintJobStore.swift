// What the spooler needs of the store, and what a printer is.

public import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

public enum PrintState: String, Sendable, Codable {
    case queued, printing, printed, failed, unknown
}

/// A reference to a slip; the picture is made when it is printed.
public struct PrintJob: Hashable, Sendable {
    public enum Content: Hashable, Sendable {
        case registration(CommittedRecord)
        /// One vacancy of a fair; names nobody.
        case vacancy(VacancyID, FairID)
    }

    public var id: Int64
    public var content: Content
    /// Printed again for a lost slip, or after a print whose outcome is unknown.
    public var isCopy: Bool
    public var attempts: Int

    public init(id: Int64, content: Content, isCopy: Bool, attempts: Int) {
        self.id = id
        self.content = content
        self.isCopy = isCopy
        self.attempts = attempts
    }
}

/// Slips of vacancies that may wait for the printer: whoever asked for an older one has left.
public let vacancySlipsWaitingMax = 20

public protocol PrintJobStore: Sendable {
    /// The job queued last, now marked `printing`; nil when none is queued. Newest first: after a printer has failed for
    /// an hour, whoever stands before it now gets paper before those who have left.
    func nextPrintJob() async throws(RecordStoreError) -> PrintJob?
    /// A job put back as `queued` keeps its place behind newer ones; one of a fair that has closed becomes `failed`. So does
    /// the slip of a vacancy (or it stays `unknown`), and with it those that wait: when the printer works again, nobody
    /// stands there for them.
    func finishPrintJob(_ id: Int64, as state: PrintState) async throws(RecordStoreError)
    /// At start: jobs that were `printing` when the power went become `unknown`, slips of vacancies that waited `failed`.
    /// Returns how many are unknown.
    func abandonPrintJobs() async throws(RecordStoreError) -> Int
    /// State of the newest print job of a registration, or of the slip of a vacancy that was asked for under this id.
    func printState(of recordID: RecordID) async throws(RecordStoreError) -> PrintState?
    /// Queues the slip of a vacancy of the open fair; under the same id once. Throws `conflict` where the id stands for
    /// something else. Of more than `vacancySlipsWaitingMax` that wait the oldest become `failed`.
    func queueVacancySlip(_ recordID: RecordID, vacancy: VacancyID) async throws(RecordStoreError)
}

/// A printed slip on its way: PNG for folders and screens, printer bytes for the rest.
public struct PrintableSlip: Sendable {
    /// For file names: fair number and ticket, `12-AB0237` or `12-AB0237-copy-7`.
    public var name: String
    public var png: Data
    /// ESC/POS, complete with initialisation, feed and cut.
    public var printerBytes: Data

    public init(name: String, png: Data, printerBytes: Data) {
        self.name = name
        self.png = png
        self.printerBytes = printerBytes
    }
}

public struct PrinterError: Error, Hashable, Sendable {
    public enum Code: String, Sendable { case unreachable, timedOut, notWritable, paperOut, disconnected, slipNotReady }
    public var code: Code
    /// What the technician reads: which printer, what was tried, errno's text. Never slip content.
    public var detail: String
    /// Bytes had been handed over, or may have been: what is printed after it is a copy.
    public var mayHavePrinted: Bool

    public init(code: Code, detail: String, mayHavePrinted: Bool = false) {
        self.code = code
        self.detail = detail
        self.mayHavePrinted = mayHavePrinted
    }
}

/// A printer: folder of PNG files, device file, TCP port 9100. Blocking calls run on the port's own thread.
public protocol PrinterPort: Sendable {
    /// One line for status: `folder ...`, `device /dev/usb/lp0`, `tcp 10.99.0.1:9100`.
    var name: String { get }
    /// Returns when every byte was handed over (which proves only that).
    func send(_ slip: PrintableSlip) async throws(PrinterError)
}
