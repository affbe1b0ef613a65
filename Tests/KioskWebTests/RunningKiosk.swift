// The real application on a real port, and a client that sends exactly the bytes it is given.

import Foundation
import Hummingbird
import KioskCore
import KioskWeb
import Logging
import Testing

#if canImport(Glibc)
import Glibc
import TestSupport
#endif

/// Starts the application on a free port, runs `body` with the port, stops it.
func withKiosk(
    _ desk: FakeDesk, settings: KioskWebSettings = KioskWebSettings(port: 0, version: "test"),
    logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, _ body: (Int) async throws -> Void
) async throws {
    let (ports, started) = AsyncStream.makeStream(of: Int.self)
    let application = try makeKioskApplication(desk: desk, settings: settings, logger: logger) { started.yield($0) }
    try await serving(application.run) {
        var iterator = ports.makeAsyncIterator()
        try await body(try #require(await iterator.next()))
    }
}

struct RawAnswer: Sendable {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    var bytes: [UInt8]

    func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }
    var text: String { String(decoding: body, as: UTF8.self) }
    var json: [String: Any]? { (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] }
    var code: String? { json?["code"] as? String }
}

enum RawHTTP {
    /// Sends `bytes` on a connection of its own and reads until the answer is whole or the other side closes.
    static func send(_ bytes: [UInt8], port: Int) async throws -> RawAnswer {
        try await withCheckedThrowingContinuation { continuation in
            // A thread of its own: it blocks, and the pool it would block is the one the server runs on.
            Thread { continuation.resume(with: Result { try exchange(bytes, port: port) }) }.start()
        }
    }

    static func request(
        _ method: String, _ path: String, port: Int, headers: [(String, String)] = [], body: [UInt8]? = nil,
        host: String? = nil
    ) async throws -> RawAnswer {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: \(host ?? "127.0.0.1:\(port)")\r\nConnection: close\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        return try await send(Array((head + "\r\n").utf8) + (body ?? []), port: port)
    }

    static func post(_ path: String, _ json: String, port: Int) async throws -> RawAnswer {
        try await request(
            "POST", path, port: port, headers: [("Content-Type", "application/json")], body: Array(json.utf8))
    }

    private static func exchange(_ bytes: [UInt8], port: Int) throws -> RawAnswer {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw POSIXError(.EIO) }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw POSIXError(.ECONNREFUSED) }
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { break }
            sent += count
        }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count <= 0 { break }
            received += buffer[..<count]
            if let answer = parse(received), isWhole(answer, isHead: bytes.starts(with: "HEAD ".utf8)) { return answer }
        }
        guard let answer = parse(received) else { throw POSIXError(.ECONNRESET) }
        return answer
    }

    private static func isWhole(_ answer: RawAnswer, isHead: Bool) -> Bool {
        isHead || answer.header("content-length").flatMap(Int.init).map { answer.body.count >= $0 } ?? false
    }

    private static func parse(_ bytes: [UInt8]) -> RawAnswer? {
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: [13, 10, 13, 10]) }) else { return nil }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (String(line[..<colon]), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
        }
        return RawAnswer(status: status, headers: headers, body: Array(bytes[(end + 4)...]), bytes: bytes)
    }
}

/// A registration nobody could have: region prefixes never issued.
enum Sample {
    static let formKey = "00112233445566778899aabbccddeeff"
    static func id(_ number: Int) -> String { "0199a000-0000-7000-8000-" + String(format: "%012d", number) }

    static func registration(
        _ id: Int = 1, name: String = "张三", document: String = "001122197503080011", phone: String = "13900005678",
        extra: String = ""
    ) -> String {
        """
        {"recordId":"\(Self.id(id))","formKey":"\(formKey)","noticeVersion":"2026-1","document":{"number":"\(document)"},\
        "name":"\(name)","phone":"\(phone)"\(extra)}
        """
    }
}
