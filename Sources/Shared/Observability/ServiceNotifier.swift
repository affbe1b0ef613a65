// Tells systemd how the service is doing (sd_notify(3)), without libsystemd.

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif
#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Datagrams to the socket named by `NOTIFY_SOCKET`: a path, or `@name` in the abstract namespace. Outside systemd every
/// call does nothing.
public struct ServiceNotifier: Sendable {
    /// Longest status in bytes; it is one line of `systemctl status`.
    public static let statusBytesMax = 400
    /// `sun_path` of unix(7), without the zero at its end.
    static let addressBytesMax = 107

    private let address: String?
    /// After this time without `watchdog()` systemd kills the service (`WatchdogSec=`); nil: no watchdog for this
    /// process. Feed it at half of it (sd_watchdog_enabled(3)).
    public let watchdogInterval: Duration?

    public init() {
        self.init(environment: ProcessInfo.processInfo.environment, processID: getpid())
    }

    /// - Parameters:
    ///   - environment: `NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`.
    ///   - processID: `WATCHDOG_PID` is only meant for this one.
    public init(environment: [String: String], processID: Int32) {
        let socket = environment["NOTIFY_SOCKET"] ?? ""
        let isUsable = (socket.hasPrefix("/") || socket.hasPrefix("@")) && socket.utf8.count > 1
        address = isUsable && socket.utf8.count <= Self.addressBytesMax ? socket : nil
        let isForUs = environment["WATCHDOG_PID"].map { Int32($0) == processID } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap(Int64.init) ?? 0
        watchdogInterval = isForUs && microseconds > 0 ? .microseconds(microseconds) : nil
    }

    /// Whether anybody listens.
    public var isActive: Bool { address != nil }

    /// The service answers now. The other calls: it began to stop; what it is doing; it still makes progress.
    @discardableResult public func ready(status: String? = nil) -> Bool {
        send("READY=1" + (status.map { "\nSTATUS=\(Self.oneLine($0))" } ?? ""))
    }
    @discardableResult public func stopping() -> Bool { send("STOPPING=1") }
    @discardableResult public func status(_ text: String) -> Bool { send("STATUS=\(Self.oneLine(text))") }
    @discardableResult public func watchdog() -> Bool { send("WATCHDOG=1") }

    /// False when nobody listens or the datagram did not arrive; there is nothing a service could do about it.
    private func send(_ message: String) -> Bool {
        guard let address else { return false }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        // A name in the abstract namespace begins with a zero and ends where the address ends.
        let bytes = address.hasPrefix("@") ? [0] + Array(address.utf8.dropFirst()) : Array(address.utf8)
        withUnsafeMutableBytes(of: &target.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2) + socklen_t(bytes.count)
        let payload = Array(message.utf8)
        while true {
            let sent = withUnsafePointer(to: &target) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(descriptor, payload, payload.count, Int32(MSG_NOSIGNAL), $0, length)
                }
            }
            if sent < 0, errno == EINTR { continue }
            return sent == payload.count
        }
    }

    private static func oneLine(_ text: String) -> String {
        JournalLogHandler.cut(JournalLogHandler.escaped(text), bytesMax: statusBytesMax)
    }
}
