// A kiosk made of SyncProtocol alone: enrols, says hello, seals and sends records over real TLS.

import AsyncHTTPClient
import Foundation
import HeadquartersCore
import JobFair
import NIOCore
import NIOHTTP1
import NIOSSL
import SwiftProtobuf
import SyncProtocol
import Testing

/// An answer as it came: status, code of the problem if it is one, body.
struct KioskAnswer {
    var status: UInt
    var headers: HTTPHeaders
    var body: Data

    var problem: String? {
        struct Problem: Decodable { var code: String }
        return (try? JSONDecoder().decode(Problem.self, from: body))?.code
    }
}

/// One kiosk. Used by one task at a time.
final class FakeKiosk {
    let device: SigningKey
    let agreement: AgreementKey
    let lineageID = Data((0..<16).map { _ in UInt8.random(in: 0...255) })
    let client: HTTPClient
    private let address: String
    private var nonce = Data(count: 16)
    private var counter: UInt64 = 0
    private var sequence: UInt64 = 0
    private var lastDigest = Data()

    /// - Parameter authority: DER of the sync CA, the only trust root.
    init(
        address: String, authority: Data, device: SigningKey = SigningKey(), agreement: AgreementKey = AgreementKey()
    ) throws {
        self.address = address
        self.device = device
        self.agreement = agreement
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates([try NIOSSLCertificate(bytes: [UInt8](authority), format: .der)])
        // Headquarters closes what is silent for 60 s, and a test may have to wait as long for a processor.
        client = HTTPClient(
            configuration: HTTPClient.Configuration(
                tlsConfiguration: tls, connectionPool: .init(idleTimeout: .seconds(20))))
    }

    // MARK: HTTP

    func send(
        _ method: HTTPMethod, _ path: String, body: Data = Data(), contentType: String = "application/protobuf",
        signing: (nonce: Data, counter: UInt64)? = nil, signer: SigningKey? = nil,
        headers extra: [(String, String)] = []
    ) async throws -> KioskAnswer {
        var request = HTTPClientRequest(url: address + path)
        request.method = method
        if method == .POST {
            request.headers.add(name: "content-type", value: contentType)
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        for (name, value) in extra { request.headers.add(name: name, value: value) }
        if let signing {
            let signature = RequestSigner.signature(
                method: method.rawValue, path: path, bodyDigest: SHA256Digest.of(body), nonce: signing.nonce,
                counter: signing.counter, key: signer ?? device)
            request.headers.add(name: RequestSigner.deviceHeader, value: Hexadecimal.encode(device.deviceID))
            request.headers.add(name: RequestSigner.nonceHeader, value: signing.nonce.base64EncodedString())
            request.headers.add(name: RequestSigner.counterHeader, value: String(signing.counter))
            request.headers.add(name: RequestSigner.signatureHeader, value: signature.base64EncodedString())
        }
        let response = try await client.execute(request, timeout: .seconds(20))
        let content = Data(try await response.body.collect(upTo: 1 << 20).readableBytesView)
        return KioskAnswer(status: response.status.code, headers: response.headers, body: content)
    }

    func sendInSession(
        _ method: HTTPMethod, _ path: String, body: Data = Data(), headers: [(String, String)] = []
    ) async throws -> KioskAnswer {
        counter += 1
        return try await send(method, path, body: body, signing: (nonce, counter), headers: headers)
    }

    // MARK: Steps

    func enrol(_ text: String, proofKey: SigningKey? = nil) async throws -> KioskAnswer {
        let code = try EnrolmentCode(text)
        var request = WireEnrolRequest()
        request.code = code.characters
        request.devicePublicKey = device.publicKey
        request.agreementPublicKey = agreement.publicKey
        request.proof = EnrolmentProof.make(
            code: code, agreementPublicKey: agreement.publicKey, device: proofKey ?? device)
        request.softwareVersion = "test"
        return try await send(.POST, "/sync/v1/enrolments", body: WireCoding.bytes(request))
    }

    func hello(
        keys: TrustedKeyList, newestReceipt: WireSigned? = nil, problems: [String] = [], openFair: Data = Data(),
        pairs: Int = 0, change: (inout WireHelloRequest) -> Void = { _ in }
    ) async throws -> WireHelloResponse {
        let (request, answer) = try await tryHello(
            newestReceipt: newestReceipt, problems: problems, openFair: openFair, pairs: pairs, change: change)
        #expect(answer.status == 200, "\(answer.problem ?? "")")
        let signed = try WireSigned(serializedBytes: answer.body)
        let response = try WireHelloResponse(
            serializedBytes: keys.verify(signed, domain: .directive, purpose: .directive))
        #expect(response.clientNonce == request.clientNonce)
        nonce = response.sessionNonce
        counter = 0
        return response
    }

    /// - Parameter signer: another key than the device's.
    func tryHello(
        newestReceipt: WireSigned? = nil, problems: [String] = [], openFair: Data = Data(), pairs: Int = 0,
        signer: SigningKey? = nil, change: (inout WireHelloRequest) -> Void = { _ in }
    ) async throws -> (WireHelloRequest, KioskAnswer) {
        var request = WireHelloRequest()
        request.deviceID = device.deviceID
        request.lineageID = lineageID
        request.lastSequence = sequence
        request.pendingRecords = 3
        request.clientNonce = Data((0..<16).map { _ in UInt8.random(in: 0...255) })
        request.clock = Self.clock
        request.problems = problems.map { code in
            var problem = WireProblem()
            problem.code = code
            return problem
        }
        request.openFairID = openFair
        request.openFairTicketPairs = UInt32(pairs)
        if let newestReceipt { request.newestReceipt = newestReceipt }
        change(&request)
        let body = WireCoding.bytes(request)
        return (
            request,
            try await send(.POST, "/sync/v1/hello", body: body, signing: (request.clientNonce, 0), signer: signer)
        )
    }

    func upload(_ frames: [Data], keys: TrustedKeyList) async throws -> (receipt: WireReceipt, signed: WireSigned) {
        var batch = WireBatch()
        batch.batchID = Data((0..<16).map { _ in UInt8.random(in: 0...255) })
        batch.frames = frames
        let answer = try await sendInSession(.POST, "/sync/v1/batches", body: WireCoding.bytes(batch))
        #expect(answer.status == 200, "\(answer.problem ?? "")")
        let signed = try WireSigned(serializedBytes: answer.body)
        let receipt = try WireReceipt(serializedBytes: keys.verify(signed, domain: .receipt, purpose: .receipt))
        #expect(receipt.batchID == batch.batchID)
        return (receipt, signed)
    }

    /// The next record of this kiosk's chain, sealed and signed.
    func frame(
        _ payload: WirePayload, recordID: RecordID, fair: Data, sealer: any Sealer, ticket: String = "",
        signer: SigningKey? = nil, day: String = "", clock: WireClockEvidence = FakeKiosk.clock
    ) throws -> Data {
        let identity = RecordFrame.identity(
            recordID: Data(recordID.bytes), deviceID: device.deviceID, fairID: fair, keyID: sealer.keyID,
            suite: sealer.suite)
        var place = WirePlace()
        sequence += 1
        place.lineageID = lineageID
        place.sequence = sequence
        place.previousDigest = lastDigest
        place.fairDay = day
        place.dayConfirmed = true
        place.ticket = ticket
        let frame = RecordFrame.encode(
            identity: identity, sealed: try sealer.seal(payload, identity: identity), place: place, clock: clock,
            signer: signer ?? device)
        lastDigest = RecordFrame.digest(frame)
        return frame
    }

    static var clock: WireClockEvidence {
        var clock = WireClockEvidence()
        clock.bootID = Data(repeating: 3, count: 16)
        clock.bootMilliseconds = 60_000
        return clock
    }

    static func registration(
        name: String = "测试人", number: String = "999999199001010015", phone: String = "13900001234"
    ) -> WirePayload {
        var payload = WirePayload()
        payload.registration.name = name
        payload.registration.document.kind = "residentID"
        payload.registration.document.number = number
        payload.registration.phone = phone
        payload.registration.ageBand = "adult"
        payload.registration.birthDate = "1990-01-01"
        payload.registration.slipPurpose = 1
        return payload
    }

    static var entry: WirePayload {
        var payload = WirePayload()
        payload.entry.people = 1
        return payload
    }
}
