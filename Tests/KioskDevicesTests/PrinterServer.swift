// A network printer on loopback: a real listening socket with the manners that printers have.

import Foundation
import Glibc

/// Listens on a free port and serves one connection after the other on a thread of its own.
final class PrinterServer: Sendable {
    enum Manners: Sendable { case reads, talksBack, neverCloses, stopsReading, resets, neverAccepts }
    struct Failed: Error {}

    let port: UInt16
    private let listener: Int32
    private let slips: AsyncStream<Data>

    init(_ manners: Manners) throws {
        (listener, port) = try Self.listen(
            backlog: manners == .neverAccepts ? 0 : 8, receiveBuffer: manners == .stopsReading ? 4_096 : nil)
        let (stream, continuation) = AsyncStream.makeStream(of: Data.self)
        slips = stream
        guard manners != .neverAccepts else { return }
        Thread.detachNewThread { [listener] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return continuation.finish() }
                if let slip = Self.serve(connection, manners) { continuation.yield(slip) }
                // Left open on purpose: the end of the process closes it.
                if manners != .neverCloses, manners != .stopsReading { close(connection) }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// The next whole slip.
    func received() async -> Data? {
        for await slip in slips { return slip }
        return nil
    }

    private static func serve(_ connection: Int32, _ manners: Manners) -> Data? {
        var all = Data()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        switch manners {
        case .stopsReading: return nil
        case .resets:
            _ = recv(connection, &buffer, 1_000, 0)
            // Closing with no time to linger sends a reset (socket(7), SO_LINGER).
            var now = linger(l_onoff: 1, l_linger: 0)
            setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
            return nil
        case .reads, .talksBack, .neverCloses, .neverAccepts:
            while true {
                let count = recv(connection, &buffer, buffer.count, 0)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return all }
                all += buffer[..<count]
                if manners == .talksBack { _ = Glibc.send(connection, buffer, 4, Int32(MSG_NOSIGNAL)) }
            }
        }
    }

    /// A port nobody listens on: one the kernel has just given and taken back.
    static func unusedPort() throws -> UInt16 {
        let (listener, port) = try listen(backlog: 1, receiveBuffer: nil)
        close(listener)
        return port
    }

    static func connectWithoutWaiting(_ port: UInt16) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        _ = withAddress(port) { connect(descriptor, $0, $1) }
        return descriptor
    }

    private static func listen(backlog: Int32, receiveBuffer: Int32?) throws -> (Int32, UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        guard descriptor >= 0, withAddress(0, { bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, backlog) == 0
        else { throw Failed() }
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        guard status == 0 else { throw Failed() }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    private static func withAddress(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: INADDR_LOOPBACK.bigEndian)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}
