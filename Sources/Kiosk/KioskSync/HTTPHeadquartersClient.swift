// One request, one answer: HTTP to headquarters with deadlines and limits, and a closed list of what can go wrong.

import AsyncHTTPClient
import KioskCore
import NIOCore
import NIOHTTP1
import NIOSSL
import SyncProtocol
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An answer of headquarters that looks like one. Whether it is believed is decided by signatures, not here.
struct HeadquartersAnswer: Sendable {
    /// 304: what is held here is still right.
    var isNotModified: Bool
    var body: Data
}

/// Talks to one headquarters. Redirects are never followed, nothing is decompressed, nothing is retried here.
final class HTTPHeadquartersClient: Sendable {
    enum Trust: Sendable {
        /// DER of the sync CA: the only root, with the host name checked.
        case authority(Data)
        /// To fetch the key list before anything is known; no secret may be sent.
        case nobodyYet
    }
    enum Signing: Sendable {
        case none
        /// Hello: the kiosk's own nonce, counter 0.
        case hello(nonce: Data)
        /// The session that hello opened.
        case session
    }

    /// To connect, TLS included.
    static let connectTimeout = TimeAmount.seconds(10)
    /// For a whole request and its answer.
    static let deadline = Duration.seconds(60)
    /// For a catalogue: 16 MiB at 56 KiB/s.
    static let catalogueDeadline = Duration.seconds(300)

    private struct Session {
        var nonce: Data
        var counter: UInt64
    }

    private let client: HTTPClient
    private let address: String
    private let device: SigningKey?
    private let session = Mutex<Session?>(nil)

    init(address: String, trust: Trust, device: SigningKey?) throws {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        switch trust {
        case .authority(let certificate):
            tls.trustRoots = .certificates(
                certificate.isEmpty ? [] : [try NIOSSLCertificate(bytes: [UInt8](certificate), format: .der)])
            tls.certificateVerification = .fullVerification
        case .nobodyYet:
            tls.certificateVerification = .none
        }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: HTTPClient.Configuration.Timeout(connect: Self.connectTimeout, read: .seconds(30)),
            decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.idleTimeout = .seconds(15)
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        self.address = address
        self.device = device
    }

    /// Whether `authority`, DER, can be the root of a connection. A key list with anything else in its place would end
    /// every conversation with headquarters for good.
    static func canTrust(_ authority: Data) -> Bool {
        (try? NIOSSLCertificate(bytes: [UInt8](authority), format: .der)) != nil
    }

    func shutdown() async {
        try? await client.shutdown()
    }

    /// After a verified answer to hello.
    func open(session nonce: Data) {
        session.withLock { $0 = Session(nonce: nonce, counter: 0) }
    }

    func get(
        _ path: String, signing: Signing, etag: String? = nil, bytesMax: Int, deadline: Duration = deadline
    ) async throws(SyncFailure) -> HeadquartersAnswer {
        var request = HTTPClientRequest(url: address + path)
        if let etag { request.headers.add(name: "if-none-match", value: etag) }
        return try await send(request, path: path, body: Data(), signing, bytesMax: bytesMax, deadline: deadline)
    }

    func post(
        _ path: String, body: Data, signing: Signing, bytesMax: Int
    ) async throws(SyncFailure) -> HeadquartersAnswer {
        var request = HTTPClientRequest(url: address + path)
        request.method = .POST
        request.headers.add(name: "content-type", value: Self.contentType)
        request.body = .bytes(ByteBuffer(bytes: body))
        return try await send(
            request, path: path, body: body, signing, bytesMax: bytesMax, deadline: Self.deadline)
    }

    private static let contentType = "application/protobuf"

    private func send(
        _ request: HTTPClientRequest, path: String, body: Data, _ signing: Signing, bytesMax: Int, deadline: Duration
    ) async throws(SyncFailure) -> HeadquartersAnswer {
        var request = request
        request.headers.add(name: "accept", value: Self.contentType)
        try sign(&request, path: path, body: body, signing)
        let prepared = request
        do {
            return try await withDeadline(deadline) { [client] in
                let response = try await client.execute(
                    prepared, timeout: .milliseconds(deadline.components.seconds * 1000))
                let content: Data
                do {
                    content = Data(try await response.body.collect(upTo: bytesMax).readableBytesView)
                } catch is NIOTooManyBytesError {
                    throw SyncFailure.notHeadquarters
                }
                return try AnswerReading.answer(
                    status: response.status.code, headers: response.headers, body: content)
            }
        } catch let failure as SyncFailure {
            throw failure
        } catch let error as HTTPClientError where error == .readTimeout || error == .deadlineExceeded {
            throw .timedOut
        } catch {
            throw .unreachable
        }
    }

    private func sign(
        _ request: inout HTTPClientRequest, path: String, body: Data, _ signing: Signing
    ) throws(SyncFailure) {
        let nonce: Data
        let counter: UInt64
        switch signing {
        case .none: return
        case .hello(let own): (nonce, counter) = (own, 0)
        case .session:
            let next = session.withLock { session -> Session? in
                session?.counter += 1
                return session
            }
            guard let next else { throw .sessionUnknown }
            (nonce, counter) = (next.nonce, next.counter)
        }
        guard let device else { throw .sessionUnknown }
        let signature = RequestSigner.signature(
            method: request.method.rawValue, path: path, bodyDigest: SHA256Digest.of(body), nonce: nonce,
            counter: counter, key: device)
        request.headers.add(name: RequestSigner.deviceHeader, value: Hexadecimal.encode(device.deviceID))
        request.headers.add(name: RequestSigner.nonceHeader, value: nonce.base64EncodedString())
        request.headers.add(name: RequestSigner.counterHeader, value: String(counter))
        request.headers.add(name: RequestSigner.signatureHeader, value: signature.base64EncodedString())
    }
}

/// Throws `SyncFailure.timedOut` when `work` takes longer; a cancelled task ends both.
func withDeadline<Value: Sendable>(
    _ limit: Duration, _ work: @Sendable @escaping () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await work() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let value = first else { throw SyncFailure.timedOut }
        return value
    }
}
