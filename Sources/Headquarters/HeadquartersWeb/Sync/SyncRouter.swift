// The routes of the sync API: limits, request signatures, one call, bytes out.

import HTTPTypes
import HeadquartersCore
import Hummingbird
import JobFair
import Logging
import NIOCore
import SwiftProtobuf
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `/sync/v1/...`: kiosks only, over TLS. All but keys and enrolments carry the request signature.
func makeSyncRouter(_ exchange: SyncExchange, logger: Logger) -> Router<FormRequestContext> {
    let routes = SyncRoutes(exchange: exchange)
    let router = Router(context: FormRequestContext.self)
    router.add(middleware: SyncFailures(logger: logger))
    router.get("/sync/v1/keys") { _, _ in SyncRoutes.answer(exchange.keyList()) }
    router.post("/sync/v1/enrolments") { request, context in try await routes.enrol(request, context) }
    router.post("/sync/v1/hello") { request, _ in try await routes.hello(request) }
    router.post("/sync/v1/batches") { request, _ in try await routes.batch(request) }
    router.get("/sync/v1/fairs/:fair/catalogue") { request, context in try await routes.catalogue(request, context) }
    router.get("/sync/v1/fairs/:fair/grant") { request, context in try await routes.grant(request, context) }
    return router
}

private struct SyncRoutes: Sendable {
    static let contentType = "application/protobuf"

    let exchange: SyncExchange

    // MARK: Routes

    func enrol(_ request: Request, _ context: FormRequestContext) async throws -> Response {
        try checkContentType(of: request)
        let body = try await body(of: request, bytesMax: SyncLimits.messageBytesMax)
        let message = try Self.message(WireEnrolRequest.self, body)
        return Self.answer(try await exchange.enrol(message, from: context.address))
    }

    func hello(_ request: Request) async throws -> Response {
        try checkContentType(of: request)
        let signature = try Self.signature(of: request)
        guard signature.counter == 0 else { throw SyncProblem.signatureInvalid }
        var device = try await exchange.store.device(signature.deviceID)
        // Of a stranger no more than of one that enrols.
        let bytesMax = SyncLimits.messageBytesMax * (device == nil ? 1 : 4)
        let body = try await body(of: request, bytesMax: bytesMax)
        if let device { try check(signature, by: device.publicKey, request, body) }
        let message = try Self.message(WireHelloRequest.self, body)
        guard signature.nonce == message.clientNonce else { throw SyncProblem.signatureInvalid }
        if device == nil, let statement = exchange.verified(message.statement, of: signature.deviceID) {
            try check(signature, by: statement.devicePublicKey, request, body)
            device = try await exchange.takeIn(statement, softwareVersion: message.softwareVersion)
        }
        guard let device else { throw SyncProblem.deviceUnknown }
        return Self.answer(try await exchange.hello(message, from: device))
    }

    func batch(_ request: Request) async throws -> Response {
        try checkContentType(of: request)
        let (device, session, body) = try await authenticate(request, bodyBytesMax: SyncLimits.requestBytesMax)
        let message = try Self.message(WireBatch.self, body)
        return Self.answer(
            try await exchange.gate.run(of: device.deviceID) {
                try await exchange.take(message, from: device, session: session)
            })
    }

    func catalogue(_ request: Request, _ context: FormRequestContext) async throws -> Response {
        let (device, _, _) = try await authenticate(request, bodyBytesMax: nil)
        let catalogue = try await exchange.catalogue(of: try Self.fairID(context), for: device)
        let etag = catalogue.etag
        var response = Self.answer(catalogue.signed)
        if let held = request.headers[.ifNoneMatch],
            held.split(separator: ",").contains(where: { $0.filter { $0 != " " } == etag })
        {
            response = Response(status: .notModified)
        }
        response.headers[.eTag] = etag
        return response
    }

    func grant(_ request: Request, _ context: FormRequestContext) async throws -> Response {
        let (device, _, _) = try await authenticate(request, bodyBytesMax: nil)
        return Self.answer(try await exchange.grant(of: try Self.fairID(context), for: device))
    }

    // MARK: Requests

    private struct RequestSignature {
        /// 16 bytes.
        var deviceID: Data
        var nonce: Data
        var counter: UInt64
        var signature: Data
    }

    /// Device, session and counter; each counter once. They are looked at before the body is read, so that a stranger
    /// cannot make headquarters keep bytes; the signature covers the body and comes after it.
    ///
    /// - Parameter bodyBytesMax: nil: the request has no body, and none is read.
    private func authenticate(
        _ request: Request, bodyBytesMax: Int?
    ) async throws -> (EnrolledDevice, SyncSessions.Session, body: Data) {
        let signature = try Self.signature(of: request)
        guard let device = try await exchange.store.device(signature.deviceID) else { throw SyncProblem.deviceUnknown }
        let sessions = exchange.sessions
        guard let session = await sessions.session(nonce: signature.nonce, of: device.deviceID),
            session.isFresh(signature.counter)
        else { throw SyncProblem.sessionUnknown }
        var content = Data()
        // Before the body: bytes that would be thrown away cost a slow line a minute.
        if bodyBytesMax != nil { try exchange.gate.check(device.deviceID) }
        if let bodyBytesMax { content = try await body(of: request, bytesMax: bodyBytesMax) }
        try check(signature, by: device.publicKey, request, content)
        guard await sessions.use(counter: signature.counter, nonce: signature.nonce, of: device.deviceID)
        else { throw SyncProblem.sessionUnknown }
        return (device, session, content)
    }

    private static func signature(of request: Request) throws -> RequestSignature {
        guard let deviceText = header(RequestSigner.deviceHeader, request),
            let deviceID = Hexadecimal.decode(deviceText), deviceID.count == 16,
            let nonceText = header(RequestSigner.nonceHeader, request),
            let nonce = Data(base64Encoded: nonceText), nonce.count == 16,
            let counterText = header(RequestSigner.counterHeader, request), let counter = UInt64(counterText),
            let signatureText = header(RequestSigner.signatureHeader, request),
            let signature = Data(base64Encoded: signatureText)
        else { throw SyncProblem.signatureInvalid }
        return RequestSignature(deviceID: deviceID, nonce: nonce, counter: counter, signature: signature)
    }

    private func check(
        _ signature: RequestSignature, by publicKey: Data, _ request: Request, _ body: Data
    ) throws {
        guard
            RequestSigner.isValid(
                signature.signature, method: request.method.rawValue, path: request.uri.string,
                bodyDigest: SHA256Digest.of(body), nonce: signature.nonce, counter: signature.counter,
                publicKey: publicKey)
        else { throw SyncProblem.signatureInvalid }
    }

    private func checkContentType(of request: Request) throws {
        guard request.headers[.contentType]?.lowercased().hasPrefix(Self.contentType) == true else {
            throw SyncProblem.contentType
        }
    }

    private func body(of request: Request, bytesMax: Int) async throws -> Data {
        do {
            return Data(try await request.body.collect(upTo: bytesMax, within: RequestBody.duration).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw SyncProblem.tooLarge
        } catch let error as any HTTPResponseError where error.status == .contentTooLarge {
            throw SyncProblem.tooLarge
        } catch let error as HTTPError where error.status == .requestTimeout {
            throw SyncProblem.tooSlow
        }
    }

    private static func header(_ name: String, _ request: Request) -> String? {
        HTTPField.Name(name).flatMap { request.headers[$0] }
    }

    /// UUID text or 32 hexadecimal digits.
    private static func fairID(_ context: FormRequestContext) throws -> FairID {
        let text = context.parameters.get("fair") ?? ""
        if let id = FairID(text) { return id }
        guard let bytes = Hexadecimal.decode(text), let id = FairID(bytes: bytes) else { throw SyncProblem.notGranted }
        return id
    }

    private static func message<Value: Message>(_ type: Value.Type, _ body: Data) throws -> Value {
        do {
            return try WireCoding.message(type, from: body, bytesMax: SyncLimits.requestBytesMax, name: "request")
        } catch {
            throw SyncProblem.malformed
        }
    }

    static func answer(_ signed: WireSigned) -> Response {
        var response = Response(
            status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(bytes: WireCoding.bytes(signed))))
        response.headers[.contentType] = contentType
        response.headers[.cacheControl] = "no-store"
        return response
    }
}

/// Turns everything that goes wrong into problem details; the log gets a code, never a body.
private struct SyncFailures: RouterMiddleware {
    let logger: Logger

    func handle(
        _ request: Request, context: FormRequestContext,
        next: (Request, FormRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as SyncProblem {
            return problem.response()
        } catch let error as HTTPError where error.status.kind == .clientError {
            return SyncProblem(error.status, "request.unknown", "没有这个接口。", "There is no such route.").response()
        } catch {
            logger.error("sync request failed", metadata: .describing(error))
            return SyncProblem.answering(error).response()
        }
    }
}

extension Logger.Metadata {
    /// Code, detail and what to do about it; never data.
    static func describing(_ error: any Error) -> Logger.Metadata {
        guard let error = error as? HeadquartersStoreError else {
            return ["error.code": "\(type(of: error))", "error.detail": ""]
        }
        var metadata: Logger.Metadata = ["error.code": "\(error.code.rawValue)", "error.detail": "\(error.detail)"]
        if !error.code.hint.isEmpty { metadata["error.hint"] = "\(error.code.hint)" }
        return metadata
    }
}
