// What every request passes on its way in, and every answer on its way out.

import HTTPTypes
import Hummingbird
import KioskCore
import Logging
import NIOCore

/// Context of one request: the port it came in by, for the check of `Host`.
struct KioskRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let localPort: Int?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        localPort = source.channel.localAddress?.port
    }
}

/// Turns every error into problem details. What nobody expected is logged, without any of its text: an error may quote
/// what a person typed.
struct ProblemMiddleware: RouterMiddleware {
    typealias Context = KioskRequestContext

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let problem = Self.problem(error, request: request, context: context)
            let response = problem.response()
            return request.method == .head ? response.createHeadResponse() : response
        }
    }

    private static func problem(_ error: any Error, request: Request, context: Context) -> WebProblem {
        switch error {
        case let problem as WebProblem: return problem
        case let error as DeskError: return WebProblem(error)
        case is NIOTooManyBytesError: return .bodyTooLarge
        case let error as HTTPError where error.status == .notFound:
            let allowed = KioskRoutes.methods(at: request.uri.path)
            return allowed.isEmpty ? .notFound : .methodNotAllowed(allowed)
        default:
            context.logger.error(
                "request failed unexpectedly",
                metadata: [
                    "error.type": "\(type(of: error))", "http.route": "\(context.endpointPath ?? "none")",
                    "http.method": "\(request.method.rawValue)",
                ])
            return .failed
        }
    }
}

/// Only the browser on this machine is answered. A page of the internet that resolves its name to 127.0.0.1 (DNS
/// rebinding) carries its own name in `Host`; another page that posts to us carries its own `Origin`.
struct OriginMiddleware: RouterMiddleware {
    typealias Context = KioskRequestContext
    private static let names = ["127.0.0.1", "localhost", "[::1]"]

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let hosts = Self.names.flatMap { name in
            context.localPort.map { $0 == 80 ? [name, "\(name):80"] : ["\(name):\($0)"] } ?? []
        }
        // The first Host field is the authority; a second one stays among the fields. A target in absolute form names
        // a host of its own (RFC 9112, 3.2.2).
        guard let authority = request.head.authority?.lowercased(), hosts.contains(authority),
            request.headers[values: Self.host].isEmpty, request.head.path?.hasPrefix("/") ?? false
        else { throw WebProblem.hostNotAllowed }
        for origin in request.headers[values: .origin] {
            guard origin.lowercased() == "http://\(authority)" else { throw WebProblem.originNotAllowed }
        }
        let site = request.headers[values: Self.fetchSite]
        guard site.allSatisfy({ $0 == "same-origin" || $0 == "none" }) else { throw WebProblem.originNotAllowed }
        return try await next(request, context)
    }

    private static let host = fieldName("Host")
    private static let fetchSite = fieldName("Sec-Fetch-Site")
}

/// Nothing is kept by the browser, nothing is told to others, nothing but our own files is loaded.
struct SecurityHeadersMiddleware: RouterMiddleware {
    typealias Context = KioskRequestContext

    private static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
        "font-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    ].joined(separator: "; ")

    private static let fields: [(HTTPField.Name, String)] = [
        (.cacheControl, "no-store"),
        (.contentSecurityPolicy, policy),
        (.xContentTypeOptions, "nosniff"),
        (fieldName("X-Frame-Options"), "DENY"),
        (fieldName("Referrer-Policy"), "no-referrer"),
        (fieldName("Cross-Origin-Opener-Policy"), "same-origin"),
        (fieldName("Cross-Origin-Resource-Policy"), "same-origin"),
        (fieldName("Permissions-Policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ]

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for (name, value) in Self.fields { response.headers[name] = value }
        return response
    }
}

/// A field name known to be a token (RFC 9110, 5.1).
private func fieldName(_ text: String) -> HTTPField.Name {
    guard let name = HTTPField.Name(text) else { preconditionFailure("not a field name: \(text)") }
    return name
}
