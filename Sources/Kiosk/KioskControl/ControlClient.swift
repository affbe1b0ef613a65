// Talks to the daemon over its control socket.

import AsyncHTTPClient
import KioskCore
import NIOCore
import NIOHTTP1

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
        let response: HTTPClientResponse
        do {
            response = try await HTTPClient.shared.execute(request, timeout: Self.deadline)
        } catch let error as HTTPClientError where error == .deadlineExceeded {
            throw CommandFailure("还没有结果，请用 kioskctl status 查看。 No answer yet; see kioskctl status.")
        } catch {
            throw CommandFailure(
                """
                kioskd 没有应答（\(socket)）。它在运行吗？ systemctl status kioskd；需要 root 或同一用户。
                kioskd does not answer on \(socket). Is it running? systemctl status kioskd; root or its own user is needed.
                """)
        }
        let answer = Data(try await response.body.collect(upTo: Self.answerBytesMax).readableBytesView)
        if response.status == .ok { return answer }
        if let refusal = try? JSONDecoder().decode(ControlError.self, from: answer) {
            throw CommandFailure(refusal.description)
        }
        throw CommandFailure("kioskd: HTTP \(response.status.code)")
    }
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
