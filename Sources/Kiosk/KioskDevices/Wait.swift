// Waiting for a file descriptor until a deadline, and writing all of it.

import Glibc
import KioskCore

/// A deadline for one printer, and what its errors begin with.
struct Wait {
    /// How soon a cancelled task is noticed.
    static let sliceMilliseconds: Int64 = 100

    /// `device /dev/usb/lp0`: begins every error.
    let printer: String
    let cancel: CancelFlag
    private(set) var deadline: ContinuousClock.Instant
    private(set) var doing: String

    init(printer: String, cancel: CancelFlag, doing: String, within limit: Duration) {
        self.printer = printer
        self.cancel = cancel
        self.doing = doing
        deadline = .now + limit
    }

    mutating func begin(_ doing: String, within limit: Duration) {
        self.doing = doing
        deadline = .now + limit
    }

    /// From here on the printer may have something on paper.
    private var isSending: Bool { doing == "write" || doing == "send" }

    func error(_ code: PrinterError.Code, _ text: String) -> PrinterError {
        PrinterError(code: code, detail: "\(printer): \(doing): \(text)", mayHavePrinted: isSending)
    }

    func error(errno number: Int32, otherwise code: PrinterError.Code) -> PrinterError {
        let text = String(cString: strerror(number))
        switch number {
        case ENODEV, ENXIO, EIO, EPIPE, ECONNRESET, ENOTCONN: return error(.disconnected, text)
        case EACCES, EPERM, EROFS: return error(.notWritable, text)
        // usblp says so where the printer reports it is out of paper.
        case ENOSPC where code == .disconnected: return error(.paperOut, text)
        case ETIMEDOUT: return error(.timedOut, text)
        default: return error(code, text)
        }
    }

    /// Waits until one of `events` is there. Returns what poll reported, errors of the descriptor included.
    ///
    /// - Throws: `timedOut` at the deadline and when the task was cancelled.
    func poll(_ descriptor: Int32, for events: Int32) throws(PrinterError) -> Int32 {
        while true {
            if cancel.isSet { throw error(.timedOut, "stopped") }
            let left = deadline - .now
            guard left > .zero else { throw error(.timedOut, "no answer in time") }
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1
            var watched = pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: events), revents: 0)
            let count = Glibc.poll(&watched, 1, Int32(min(milliseconds, Self.sliceMilliseconds)))
            if count > 0 { return Int32(watched.revents) }
            if count < 0, errno != EINTR { throw error(errno: errno, otherwise: .unreachable) }
        }
    }

    /// Writes every byte, waiting where the printer is slow.
    ///
    /// - Parameter writing: `write` or `send`; returns what the call returns.
    func writeAll(
        _ bytes: [UInt8], to descriptor: Int32, writing: (Int32, UnsafeRawBufferPointer) -> Int
    ) throws(PrinterError) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { writing(descriptor, UnsafeRawBufferPointer(rebasing: $0[offset...])) }
            if count > 0 {
                offset += count
                continue
            }
            let number = errno
            if count < 0, number == EINTR { continue }
            if count < 0, number != EAGAIN { throw error(errno: number, otherwise: .disconnected) }
            let events = try poll(descriptor, for: POLLOUT)
            // With an error pending the next write says which; without one that could be written the other end is gone.
            if events & POLLOUT == 0, events & (POLLERR | POLLHUP | POLLNVAL) != 0 {
                throw error(.disconnected, "the printer is gone after \(offset) of \(bytes.count) bytes")
            }
        }
    }
}
