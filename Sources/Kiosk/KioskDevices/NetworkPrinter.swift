// A printer on the network: raw bytes to TCP port 9100.

import Glibc
public import KioskCore

/// One connection per slip, as such printers expect; many take only one at a time.
public final class NetworkPrinter: PrinterPort {
    /// The port of raw printing (AppSocket, JetDirect).
    public static let portDefault: UInt16 = 9100

    public let name: String
    private let host: String
    private let port: UInt16
    private let deadlines: PrinterDeadlines
    private let queue: BlockingQueue

    /// - Parameter host: an IP address; a name is not looked up (`isAddress`).
    public init(host: String, port: UInt16 = portDefault, deadlines: PrinterDeadlines = PrinterDeadlines()) {
        self.host = host
        self.port = port
        self.deadlines = deadlines
        name = host.contains(":") ? "tcp [\(host)]:\(port)" : "tcp \(host):\(port)"
        queue = BlockingQueue(label: "printer.network")
    }

    /// Whether `host` is an IPv4 or IPv6 address, as inet_pton(3) reads them.
    public static func isAddress(_ host: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1
    }

    /// Returns when the printer's network side has confirmed every byte, which is more than handing them to our own
    /// buffers and less than paper.
    ///
    /// - Throws: `unreachable`: refused, no route, not an address; `timedOut`; `disconnected`: it broke half way.
    public func send(_ slip: PrintableSlip) async throws(PrinterError) {
        let bytes = [UInt8](slip.printerBytes)
        try await queue.run { [host, port, name, deadlines] cancel throws(PrinterError) in
            var wait = Wait(printer: name, cancel: cancel, doing: "connect", within: deadlines.connect)
            let descriptor = try Self.connect(host: host, port: port, wait: wait)
            defer { close(descriptor) }
            wait.begin("send", within: deadlines.send)
            try wait.writeAll(bytes, to: descriptor) { Glibc.send($0, $1.baseAddress, $1.count, Int32(MSG_NOSIGNAL)) }
            try Self.awaitConfirmation(descriptor, wait: wait)
            shutdown(descriptor, Int32(SHUT_WR))
            Self.sayFarewell(descriptor, within: deadlines.farewell, wait: wait)
        }
    }

    private static func connect(host: String, port: UInt16, wait: Wait) throws(PrinterError) -> Int32 {
        // Nothing is looked up: the resolver knows no deadline of ours.
        guard isAddress(host) else { throw wait.error(.unreachable, "not an IP address") }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &found)
        guard status == 0, let found else { throw wait.error(.unreachable, String(cString: gai_strerror(status))) }
        defer { freeaddrinfo(found) }
        let descriptor = socket(
            found.pointee.ai_family,
            found.pointee.ai_socktype | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw wait.error(errno: errno, otherwise: .unreachable) }
        do {
            try finishConnecting(descriptor, to: found, wait: wait)
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func finishConnecting(
        _ descriptor: Int32, to address: UnsafeMutablePointer<addrinfo>, wait: Wait
    ) throws(PrinterError) {
        if Glibc.connect(descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0 { return }
        guard errno == EINPROGRESS || errno == EINTR else {
            throw wait.error(.unreachable, String(cString: strerror(errno)))
        }
        _ = try wait.poll(descriptor, for: POLLOUT)
        var number: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size)
        if number != 0 { throw wait.error(.unreachable, String(cString: strerror(number))) }
    }

    /// Until nothing is left in our send buffer: a printer that stopped reading with the slip half taken is not done.
    private static func awaitConfirmation(_ descriptor: Int32, wait: Wait) throws(PrinterError) {
        // SIOCOUTQ (linux/sockios.h): bytes the other side has not confirmed.
        let outQueue: UInt = 0x5411
        while true {
            var left: Int32 = 0
            guard ioctl(descriptor, outQueue, &left) == 0 else {
                throw wait.error(errno: errno, otherwise: .disconnected)
            }
            var number: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size)
            if number != 0 { throw wait.error(errno: number, otherwise: .disconnected) }
            if left == 0 { return }
            if wait.cancel.isSet { throw wait.error(.timedOut, "stopped") }
            guard wait.deadline > .now else { throw wait.error(.timedOut, "the printer takes no more bytes") }
            usleep(5_000)
        }
    }

    /// Reads away what the printer says until it closes: closing with unread bytes would reset the connection, and some
    /// printers then drop what they have not printed. Never fails: every byte was confirmed.
    private static func sayFarewell(_ descriptor: Int32, within limit: Duration, wait: Wait) {
        var wait = wait
        wait.begin("close", within: limit)
        var waste = [UInt8](repeating: 0, count: 512)
        while (try? wait.poll(descriptor, for: POLLIN)) != nil {
            let count = recv(descriptor, &waste, waste.count, 0)
            if count > 0 || count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
            return
        }
    }
}
