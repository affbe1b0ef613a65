// Talks to the daemon over its control socket.

import AsyncHTTPClient
import Glibc
import KioskCore
import NIOCore
import NIOHTTP1
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One request per call; the socket is the daemon's, mode 0600.
struct ControlClient {
    /// The daemon answers at once, except enrolment: two requests to headquarters of up to 60 s each.
    static let deadline = TimeAmount.seconds(150)
    static let answerBytesMax = 1 << 20

    let socket: String

    func status() async throws -> ControlStatus {
        try await JSONDecoder().decode(ControlStatus.self, from: send(.GET, "status", body: nil))
    }

    func outbox() async throws -> OutboxListing {
        try await JSONDecoder().decode(OutboxListing.self, from: send(.GET, "outbox", body: nil))
    }

    func retryOutbox() async throws -> OutboxRetry {
        try await JSONDecoder().decode(OutboxRetry.self, from: send(.POST, "outbox/retry", body: nil))
    }

    func frames(_ scope: FrameScope, after: Int64) async throws -> FramePage {
        try await JSONDecoder().decode(
            FramePage.self, from: send(.GET, "frames?scope=\(scope.rawValue)&after=\(after)", body: nil))
    }

    func take(_ entry: StickEntry) async throws -> StickIntake {
        try await JSONDecoder().decode(
            StickIntake.self, from: send(.POST, "stick/\(entry.kind.rawValue)", body: entry.bytes))
    }

    /// For commands that look at records: where nobody answers, what can be done without a daemon.
    func looking<Answer>(_ ask: (ControlClient) async throws -> Answer) async throws -> Answer {
        do {
            return try await ask(self)
        } catch let error as NoDaemon {
            throw CommandFailure(
                """
                \(error)
                记录都在卡上；没有 kioskd 也可以导出：kioskctl export --to U盘目录。
                The records are on the card; they can be exported without kioskd: kioskctl export --to STICK.
                """)
        }
    }

    func post(_ path: String, _ body: (some Encodable)? = String?.none) async throws {
        _ = try await send(.POST, path, body: body.map { try JSONEncoder().encode($0) })
    }

    private func send(_ method: HTTPMethod, _ path: String, body: Data?) async throws -> Data {
        var encoded = ""
        for byte in socket.utf8 {
            let isPlain = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            encoded +=
                isPlain ? String(UnicodeScalar(byte)) : "%" + String(byte, radix: 16, uppercase: true).leftPadded(2)
        }
        var request = HTTPClientRequest(url: "http+unix://\(encoded)/control/v1/\(path)")
        request.method = method
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        // The shared HTTP client would try to connect until the deadline.
        guard isListened else { throw noDaemon }
        let response: HTTPClientResponse
        do {
            response = try await HTTPClient.shared.execute(request, timeout: Self.deadline)
        } catch let error as HTTPClientError where error == .deadlineExceeded {
            throw CommandFailure("还没有结果，请用 kioskctl status 查看。 No answer yet; see kioskctl status.")
        } catch {
            throw noDaemon
        }
        let answer = Data(try await response.body.collect(upTo: Self.answerBytesMax).readableBytesView)
        if response.status == .ok { return answer }
        if let refusal = try? JSONDecoder().decode(ControlError.self, from: answer) {
            throw CommandFailure(refusal.description)
        }
        throw CommandFailure("kioskd: HTTP \(response.status.code)")
    }
}

extension ControlClient {
    fileprivate var noDaemon: NoDaemon {
        NoDaemon(
            """
            kioskd 没有应答（\(socket)）。它在运行吗？ systemctl status kioskd；需要 root 或同一用户。
            kioskd does not answer on \(socket). Is it running? systemctl status kioskd; root or its own user is needed.
            """)
    }

    /// Whether a process listens on the socket and lets us in (connect(2), unix(7)).
    private var isListened: Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array(socket.utf8)
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}

/// Nobody listens on the control socket, or it may not be opened.
struct NoDaemon: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Ends a command with a message on standard error and exit code 1.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension String {
    func leftPadded(_ width: Int, with character: Character = "0") -> String {
        String(repeating: character, count: max(0, width - count)) + self
    }
}
