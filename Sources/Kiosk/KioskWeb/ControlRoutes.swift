// The control socket's routes: decode, call the desk, encode.

import HTTPTypes
public import Hummingbird
public import KioskCore
public import Logging
import NIOCore
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Serves `kioskctl` on a Unix socket of mode 0600: who may open it is who may run the daemon, or root.
public func makeControlApplication(
    desk: any ControlDesk, socket: String, logger: Logger
) -> some ApplicationProtocol {
    let router = Router(context: BasicRequestContext.self)
    let routes = router.group("control/v1")
    routes.get("status") { _, _ in
        await ControlAnswer.make(logger) { () throws(ControlError) in try await desk.status() }
    }
    routes.post("fair/open") { request, _ in
        await ControlAnswer.make(logger) { () throws(ControlError) in
            try await desk.openFair(try await ControlAnswer.decode(request))
            return ControlAnswer.Done()
        }
    }
    routes.post("fair/day") { request, _ in
        await ControlAnswer.make(logger) { () throws(ControlError) in
            try await desk.changeDay(try await ControlAnswer.decode(request))
            return ControlAnswer.Done()
        }
    }
    routes.post("fair/close") { _, _ in
        await ControlAnswer.make(logger) { () throws(ControlError) in
            try await desk.closeFair()
            return ControlAnswer.Done()
        }
    }
    routes.post("enrol") { request, _ in
        await ControlAnswer.make(logger) { () throws(ControlError) in
            try await desk.enrol(try await ControlAnswer.decode(request))
            return ControlAnswer.Done()
        }
    }
    routes.post("print-test") { _, _ in
        await ControlAnswer.make(logger) { () throws(ControlError) in
            try await desk.printTest()
            return ControlAnswer.Done()
        }
    }
    routes.get("outbox") { _, _ in
        await ControlAnswer.make(logger) { () throws(ControlError) in try await desk.outbox() }
    }
    routes.post("outbox/retry") { _, _ in
        await ControlAnswer.make(logger) { () throws(ControlError) in try await desk.retryOutbox() }
    }
    addStickRoutes(to: routes, desk: desk, logger: logger)
    return Application(
        router: router, configuration: ApplicationConfiguration(address: .unixDomainSocket(path: socket)),
        logger: logger)
}

/// Frames out and entries in, for `kioskctl export` and `import`.
private func addStickRoutes(
    to routes: RouterGroup<BasicRequestContext>, desk: any ControlDesk, logger: Logger
) {
    routes.get("frames") { request, _ in
        await ControlAnswer.make(logger) { () throws(ControlError) in
            let query = request.uri.queryParameters
            guard let scope = query["scope"].flatMap({ FrameScope(rawValue: String($0)) }),
                let after = query["after"].flatMap({ Int64($0) })
            else { throw ControlAnswer.invalid }
            return try await desk.frames(scope, after: after)
        }
    }
    routes.post("stick/:kind") { request, context in
        await ControlAnswer.make(logger) { () throws(ControlError) in
            guard let number = context.parameters.get("kind", as: UInt8.self),
                let kind = StickEntryKind(rawValue: number),
                let body = try? await request.body.collect(upTo: kind.bytesMax)
            else { throw ControlAnswer.invalid }
            return try await desk.take(StickEntry(kind, Data(body.readableBytesView)))
        }
    }
}

/// Encodes what the desk answers; a refusal is 409 with the `ControlError` as JSON.
private enum ControlAnswer {
    struct Done: Codable {}

    /// A control request is two short fields.
    static let bodyBytesMax = 4096

    static let invalid = ControlError(
        code: "control.invalid", zh: "无法读懂该请求；请使用同一版本的 kioskctl。",
        en: "The request cannot be read; use the kioskctl of the same version.")

    static func make<Value: Encodable>(
        _ logger: Logger, _ body: () async throws(ControlError) -> Value
    ) async -> Response {
        do {
            return response(.ok, try await body(), logger)
        } catch {
            return response(.conflict, error, logger)
        }
    }

    static func decode<Value: Decodable>(_ request: Request) async throws(ControlError) -> Value {
        do {
            let body = try await request.body.collect(upTo: bodyBytesMax)
            return try JSONDecoder().decode(Value.self, from: Data(body.readableBytesView))
        } catch {
            throw invalid
        }
    }

    private static func response(_ status: HTTPResponse.Status, _ value: some Encodable, _ logger: Logger) -> Response {
        guard let bytes = try? JSONEncoder().encode(value) else {
            logger.error("control answer could not be encoded")
            return Response(status: .internalServerError)
        }
        return Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
