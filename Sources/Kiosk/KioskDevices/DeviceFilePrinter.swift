// A printer behind a device file: usblp's /dev/usb/lp0, a serial line, a pipe.

import Glibc
public import KioskCore

/// Opens the device for one slip and closes it after: a printer that was pulled out and put back is found again, also
/// under the link that udev makes for it.
public final class DeviceFilePrinter: PrinterPort {
    public let name: String
    private let path: String
    private let deadlines: PrinterDeadlines
    private let queue: BlockingQueue

    public init(path: String, deadlines: PrinterDeadlines = PrinterDeadlines()) {
        self.path = path
        self.deadlines = deadlines
        name = "device \(path)"
        queue = BlockingQueue(label: "printer.device")
    }

    /// - Throws: `unreachable`: no such device, or it is busy; `notWritable`: no permission; `paperOut`: the printer
    ///   says so before a byte was written; `timedOut`; `disconnected`: pulled out, also half way.
    public func send(_ slip: PrintableSlip) async throws(PrinterError) {
        let bytes = [UInt8](slip.printerBytes)
        try await queue.run { [path, name, deadlines] cancel throws(PrinterError) in
            let wait = Wait(printer: name, cancel: cancel, doing: "open", within: deadlines.send)
            try BrokenPipe.held { () throws(PrinterError) in try Self.print(bytes, to: path, wait: wait) }
        }
    }

    private static func print(_ bytes: [UInt8], to path: String, wait: Wait) throws(PrinterError) {
        // Non-blocking: a device that is not ready must not hold the thread beyond the deadline.
        let descriptor = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw openError(errno, wait: wait) }
        defer { close(descriptor) }
        var wait = wait
        wait.begin("status", within: wait.deadline - .now)
        if isOutOfPaper(descriptor) { throw wait.error(.paperOut, "no paper") }
        makeTransparent(descriptor)
        wait.begin("write", within: wait.deadline - .now)
        try wait.writeAll(bytes, to: descriptor) { write($0, $1.baseAddress, $1.count) }
        // usblp takes the last block at once and sends it afterwards; closing the file would kill it. Writable again
        // means it arrived (drivers/usb/class/usblp.c: usblp_write, usblp_release).
        let events = try wait.poll(descriptor, for: POLLOUT)
        if events & (POLLERR | POLLHUP | POLLNVAL) != 0 {
            throw wait.error(.disconnected, "the printer is gone after the last byte")
        }
    }

    private static func openError(_ number: Int32, wait: Wait) -> PrinterError {
        switch number {
        // Of a pipe nobody reads, and of a device whose driver has lost it.
        case ENXIO, ENODEV: wait.error(.disconnected, String(cString: strerror(number)))
        case EACCES, EPERM, EROFS: wait.error(.notWritable, String(cString: strerror(number)))
        default: wait.error(.unreachable, String(cString: strerror(number)))
        }
    }

    /// The printer port status byte (linux/lp.h: `LPGETSTATUS`, `LP_POUTPA`). False where the device has none; cheap
    /// printers report a fixed byte that never says "no paper".
    private static func isOutOfPaper(_ descriptor: Int32) -> Bool {
        let getStatus: UInt = 0x060B
        let paperOut: Int32 = 0x20
        var status: Int32 = 0
        return ioctl(descriptor, getStatus, &status) == 0 && status & paperOut != 0
    }

    /// A serial line would turn each 0x0A of a picture into two bytes.
    private static func makeTransparent(_ descriptor: Int32) {
        guard isatty(descriptor) == 1 else { return }
        var settings = termios()
        guard tcgetattr(descriptor, &settings) == 0 else { return }
        cfmakeraw(&settings)
        _ = tcsetattr(descriptor, TCSANOW, &settings)
    }
}

/// Writing to a pipe whose reader left raises SIGPIPE, whose default ends the program: held back on this thread, the
/// write fails with EPIPE instead.
enum BrokenPipe {
    static func held(_ body: () throws(PrinterError) -> Void) throws(PrinterError) {
        var pipeOnly = sigset_t()
        sigemptyset(&pipeOnly)
        sigaddset(&pipeOnly, SIGPIPE)
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, &pipeOnly, &before)
        defer {
            // Take the signal that may be pending for this thread, or it comes as soon as the mask is lifted.
            if sigismember(&before, SIGPIPE) == 0 {
                var none = timespec(tv_sec: 0, tv_nsec: 0)
                while sigtimedwait(&pipeOnly, nil, &none) == SIGPIPE {}
            }
            pthread_sigmask(SIG_SETMASK, &before, nil)
        }
        try body()
    }
}
