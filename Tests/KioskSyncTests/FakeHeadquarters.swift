// A small headquarters over plain HTTP for tests: real protocol, real signatures, and a hook to misbehave.

import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import SwiftProtobuf
import SyncProtocol
import Synchronization
import TestSupport

@testable import KioskSync

/// Keys of the fake and the messages it signs.
struct FakeKeys: Sendable {
    let root = SigningKey()
    let receipt = SigningKey()
    let directive = SigningKey()
    var catalogue = SigningKey()
    let sealing = AgreementKey()

    /// A self-signed certificate, DER; nobody has its key.
    static let certificate =
        Data(
            base64Encoded: """
                MIIBdTCCARugAwIBAgIUP9lRI+cEi1iGQUg8c6KEsLmxghwwCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjExMzQ2
                NTJaGA8yMTI2MTAyODEzNDY1MlowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDp8xP01KN+a4jFPMVZW
                lugdoduh5R9gdvEs4CZnHdiXw84lbK6wap87WrJNsI9fFr5fJIq/1ZrSVDUhYSnoGyOjUzBRMB0GA1UdDgQWBBSQI4+TbKKTUwdnTalh
                d/wRaf/P8TAfBgNVHSMEGDAWgBSQI4+TbKKTUwdnTalhd/wRaf/P8TAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCf
                2+QrIMT3RgwrF/2jyS5s/baR4hhOLXaHs1fxrj17XwIgCpYp0Gb/MjU5WxkQQGei5J+1zSpMellGfAc0ZnFbkFI=
                """, options: .ignoreUnknownCharacters) ?? Data()

    func keyList(version: UInt64 = 1, certificate: Data = certificate) -> WireSigned {
        var list = WireKeyList()
        list.syncCaDer = certificate
        list.version = version
        list.rootPublicKey = root.publicKey
        list.headquartersName = "测试总部"
        for (key, purpose) in [
            (receipt, WireKeyPurpose.receipt), (directive, .directive), (catalogue, .catalogue),
        ] {
            var wire = WireKey()
            wire.keyID = key.keyID
            wire.purpose = purpose
            wire.publicKey = key.publicKey
            wire.current = true
            list.keys.append(wire)
        }
        var wire = WireKey()
        wire.keyID = sealing.keyID
        wire.purpose = .sealing
        wire.publicKey = sealing.publicKey
        wire.current = true
        list.keys.append(wire)
        return SignedMessage.sign(WireCoding.bytes(list), domain: .keyList, key: root)
    }

    func statement(device: SigningKey, agreement: AgreementKey) -> WireSigned {
        var statement = WireStatement()
        statement.deviceID = device.deviceID
        statement.devicePublicKey = device.publicKey
        statement.agreementPublicKey = agreement.publicKey
        statement.headquartersID = KeyName.headquartersID(rootPublicKey: root.publicKey)
        statement.kioskLabel = "测试机"
        return SignedMessage.sign(WireCoding.bytes(statement), domain: .statement, key: directive)
    }
}

/// An answer as it goes out.
struct FakeAnswer: Sendable {
    var status = 200
    var headers: [(String, String)] = [("content-type", "application/protobuf")]
    var body = Data()
    /// The body breaks off after the headers promised more.
    var isCut = false

    static func problem(_ status: Int, _ code: String) -> FakeAnswer {
        FakeAnswer(
            status: status, headers: [("content-type", "application/problem+json")],
            body: Data(#"{"type":"urn:jobfair:problem:\#(code)","code":"\#(code)"}"#.utf8))
    }
}

final class FakeHeadquarters: Sendable {
    struct State {
        var sessionNonce = Data(repeating: 1, count: 16)
        var requests: [String] = []
        var received: [Data: Data] = [:]
        var serial: UInt64 = 0
        var counters: [UInt64] = []
        var badSignatures = 0
        var offers: [WireCatalogueOffer] = []
        /// Of version 2: announced in hello where it is there.
        var newKeyList: WireSigned?
        var catalogue = FakeAnswer.problem(404, "fair.notGranted")
        var grant = FakeAnswer.problem(404, "fair.notGranted")
        var changeReceipt: (@Sendable (inout WireReceipt) -> Void)?
        /// The answer to a batch in the place of the one that is rightly signed.
        var forge: (@Sendable (WireReceipt, FakeKeys) -> WireSigned)?
        var changeHello: (@Sendable (inout WireHelloResponse) -> Void)?
        /// Every question of hello so far.
        var hellos: [WireHelloRequest] = []
        var generation = Data(repeating: 7, count: 16)
        /// Digests by lineage and sequence.
        var chains: [Data: [UInt64: Data]] = [:]
        /// Answers instead of the real thing, while it says something.
        var misbehave: (@Sendable (_ path: String, _ count: Int) -> FakeAnswer?)?
    }

    let keys = FakeKeys()
    let devicePublicKey: Data
    let state = Mutex(State())

    init(devicePublicKey: Data) {
        self.devicePublicKey = devicePublicKey
    }

    /// Serves on a free port of loopback while `work` runs.
    func serving(_ work: @Sendable @escaping (_ address: String) async throws -> Void) async throws {
        let router = Router()
        for path in ["sync/v1/keys", "sync/v1/hello", "sync/v1/batches", "sync/v1/fairs/:fair/:what"] {
            for method in [HTTPRequest.Method.get, .post] {
                router.on("\(path)", method: method) { request, _ in
                    let body = Data(try await request.body.collect(upTo: 1 << 20).readableBytesView)
                    return Self.response(self.answer(request, body))
                }
            }
        }
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        var configuration = ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0))
        configuration.serverName = nil
        let application = Application(
            router: router, configuration: configuration,
            onServerRunning: { channel in port.yield(channel.localAddress?.port ?? 0) })
        try await TestSupport.serving(application.run) {
            guard let number = await ports.first(where: { _ in true }) else { return }
            try await work("http://127.0.0.1:\(number)")
        }
    }

    private static func response(_ answer: FakeAnswer) -> Response {
        var headers = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        let body = ByteBuffer(bytes: answer.body)
        if answer.isCut {
            return Response(
                status: .init(code: answer.status), headers: headers,
                body: ResponseBody(contentLength: answer.body.count + 1000) { writer in
                    try await writer.write(body)
                    throw CancellationError()
                })
        }
        return Response(status: .init(code: answer.status), headers: headers, body: ResponseBody(byteBuffer: body))
    }

    private func answer(_ request: Request, _ body: Data) -> FakeAnswer {
        let path = request.uri.path
        let (count, misbehave) = state.withLock { state in
            state.requests.append("\(request.method) \(path)")
            return (state.requests.filter { $0.hasSuffix(path) }.count, state.misbehave)
        }
        if let answer = misbehave?(path, count) { return answer }
        guard path == "/sync/v1/keys" || isSigned(request, body) else { return .problem(403, "signature.invalid") }
        switch path {
        case "/sync/v1/keys":
            return FakeAnswer(body: WireCoding.bytes(state.withLock { $0.newKeyList } ?? keys.keyList()))
        case "/sync/v1/hello": return hello(body)
        case "/sync/v1/batches": return batch(body)
        case let path where path.hasSuffix("/catalogue"): return state.withLock { $0.catalogue }
        default: return state.withLock { $0.grant }
        }
    }

    private func isSigned(_ request: Request, _ body: Data) -> Bool {
        func header(_ name: String) -> String { HTTPField.Name(name).flatMap { request.headers[$0] } ?? "" }
        let nonce = Data(base64Encoded: header(RequestSigner.nonceHeader)) ?? Data()
        let counter = UInt64(header(RequestSigner.counterHeader)) ?? 0
        let isValid = RequestSigner.isValid(
            Data(base64Encoded: header(RequestSigner.signatureHeader)) ?? Data(), method: request.method.rawValue,
            path: request.uri.path, bodyDigest: SHA256Digest.of(body), nonce: nonce, counter: counter,
            publicKey: devicePublicKey)
        state.withLock { state in
            if !isValid { state.badSignatures += 1 }
            if counter > 0 { state.counters.append(counter) }
        }
        return isValid
    }

    private func hello(_ body: Data) -> FakeAnswer {
        guard let request = try? WireHelloRequest(serializedBytes: body) else {
            return .problem(400, "message.malformed")
        }
        var response = WireHelloResponse()
        response.clientNonce = request.clientNonce
        response.receivedMilliseconds = 1_772_236_800_000
        response.answeredMilliseconds = 1_772_236_800_005
        state.withLock { state in
            state.hellos.append(request)
            response.headquartersGeneration = state.generation
            response.sessionNonce = state.sessionNonce
            response.catalogues = state.offers
            response.keyListVersion = state.newKeyList == nil ? 1 : 2
            let chain = state.chains[request.lineageID] ?? [:]
            while let digest = chain[response.knownThrough + 1] {
                response.knownThrough += 1
                response.digestAtKnownThrough = digest
            }
            state.changeHello?(&response)
            response.digestAtDurable = chain[response.durableThrough] ?? Data()
        }
        return FakeAnswer(
            body: WireCoding.bytes(
                SignedMessage.sign(WireCoding.bytes(response), domain: .directive, key: keys.directive)))
    }

    private func batch(_ body: Data) -> FakeAnswer {
        guard let batch = try? WireBatch(serializedBytes: body) else { return .problem(400, "message.malformed") }
        var receipt = WireReceipt()
        receipt.deviceID = KeyName.deviceID(publicKey: devicePublicKey)
        receipt.batchID = batch.batchID
        state.withLock { state in
            receipt.headquartersGeneration = state.generation
            state.serial += 1
            receipt.serial = state.serial
            for bytes in batch.frames {
                guard let frame = try? RecordFrame.decode(bytes), frame.isSigned(by: devicePublicKey) else { continue }
                receipt.lineageID = frame.body.place.lineageID
                var result = WireRecordResult()
                result.recordID = frame.identity.recordID
                result.digest = frame.digest
                result.code = state.received[frame.identity.recordID] == nil ? .accepted : .duplicate
                state.received[frame.identity.recordID] = frame.digest
                state.chains[receipt.lineageID, default: [:]][frame.body.place.sequence] = frame.digest
                receipt.results.append(result)
            }
            state.changeReceipt?(&receipt)
        }
        if let forge = state.withLock({ $0.forge }) {
            return FakeAnswer(body: WireCoding.bytes(forge(receipt, keys)))
        }
        return FakeAnswer(
            body: WireCoding.bytes(
                SignedMessage.sign(WireCoding.bytes(receipt), domain: .receipt, key: keys.receipt)))
    }
}
