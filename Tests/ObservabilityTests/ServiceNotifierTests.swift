// What systemd hears, over real datagram sockets: a path and the abstract namespace.

import Foundation
import Observability
import TestSupport
import Testing

/// Stands where systemd listens.
private final class NotifySocket: Sendable {
    let descriptor: Int32

    /// - Parameter address: a path, or `@name`.
    init(_ address: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        let bytes = address.hasPrefix("@") ? [0] + Array(address.utf8.dropFirst()) : Array(address.utf8)
        withUnsafeMutableBytes(of: &target.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(2 + bytes.count)
        let bound = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(bound == 0)
        var patience = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    func receive() -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}

@Suite struct ServiceNotifierTests {
    private func check(_ address: String) throws {
        let socket = try NotifySocket(address)
        let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": address], processID: 1)
        #expect(notifier.isActive)
        #expect(notifier.ready())
        #expect(socket.receive() == "READY=1")
        #expect(notifier.ready(status: "registering"))
        #expect(socket.receive() == "READY=1\nSTATUS=registering")
        #expect(notifier.status("12 waiting\nREADY=0"))
        #expect(socket.receive() == "STATUS=12 waiting\\nREADY=0")
        #expect(notifier.watchdog())
        #expect(socket.receive() == "WATCHDOG=1")
        #expect(notifier.stopping())
        #expect(socket.receive() == "STOPPING=1")
        #expect(notifier.status(String(repeating: "票", count: 500)))
        let long = try #require(socket.receive())
        #expect(long.utf8.count <= ServiceNotifier.statusBytesMax + "STATUS=".utf8.count)
        #expect(long.hasSuffix("…"))
    }

    @Test func overAPath() throws {
        let folder = try TemporaryFolder("notify")
        try check(folder.file("s"))
    }

    @Test func overTheAbstractNamespace() throws {
        try check("@jobfair-test-\(UUID().uuidString)")
    }

    @Test(arguments: [
        [:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "relative/path"], ["NOTIFY_SOCKET": "@"],
        ["NOTIFY_SOCKET": "vsock:2:1234"], ["NOTIFY_SOCKET": "/" + String(repeating: "a", count: 200)],
    ])
    func nobodyListens(environment: [String: String]) {
        let notifier = ServiceNotifier(environment: environment, processID: 1)
        #expect(!notifier.isActive)
        #expect(!notifier.ready())
        #expect(!notifier.watchdog())
    }

    @Test func aSocketThatIsGoneIsNoError() {
        let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": "/nonexistent/notify"], processID: 1)
        #expect(notifier.isActive)
        #expect(!notifier.ready())
    }

    @Test(
        arguments: [
            (["WATCHDOG_USEC": "10000000"], Duration.seconds(10)),
            (["WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "42"], .seconds(10)),
            (["WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "43"], nil),
            (["WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "x"], nil),
            (["WATCHDOG_USEC": "0"], nil), (["WATCHDOG_USEC": "-1"], nil), (["WATCHDOG_USEC": "soon"], nil), ([:], nil),
        ] as [([String: String], Duration?)])
    func watchdogInterval(environment: [String: String], interval: Duration?) {
        #expect(ServiceNotifier(environment: environment, processID: 42).watchdogInterval == interval)
    }
}
