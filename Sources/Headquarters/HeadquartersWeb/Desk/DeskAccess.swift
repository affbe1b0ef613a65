// The door of the desk: cookie, role, where a post comes from; and what became of a refused request.

import HTTPTypes
import HeadquartersCore
import Hummingbird
import Logging
import NIOCore
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Lets in sessions of these roles, and posts only from a page of the same session. Use `DeskParts.routes`.
struct DeskAccess: RouterMiddleware {
    let parts: DeskParts
    let roles: Set<LoginRole>
    let bodyBytesMax: Int

    func handle(
        _ request: Request, context: FormRequestContext,
        next: (Request, FormRequestContext) async throws -> Response
    ) async throws -> Response {
        try await parts.answering {
            guard let token = DeskCookie.token(of: request) else {
                // Whoever just comes to the desk is not told that something ended.
                return parts.seeOther(request.isSafe ? "/desk/login" : "/desk/login?ended")
            }
            guard let found = try await parts.store.session(token.digest, at: parts.now()) else {
                return DeskCookie.ended(parts.seeOther("/desk/login?ended"), settings: parts.settings)
            }
            return try await next(request, try await admitted(found, by: token, request, context))
        }
    }

    private func admitted(
        _ found: LoginSession, by token: DeskToken, _ request: Request, _ context: FormRequestContext
    ) async throws -> FormRequestContext {
        guard roles.contains(found.role) else { throw DeskRefusal.forbidden }
        var context = context
        context.deskSession = DeskSession(
            name: found.name, role: found.role, employerIDs: found.employerIDs, csrf: token.csrf,
            tokenDigest: token.digest)
        if !request.isSafe {
            guard DeskOrigin.isOurs(request, address: parts.settings.address) else { throw DeskRefusal.notOurPage }
            let form = try await DeskForm.read(request, bytesMax: bodyBytesMax)
            let said = Data((form.fields.first("csrf") ?? "").utf8)
            guard isEqualInConstantTime(said, Data(token.csrf.utf8)) else {
                throw DeskRefusal.notOurPage
            }
            context.deskForm = form
        }
        return context
    }
}

extension Request {
    /// Changes nothing (RFC 9110, 9.2.1).
    fileprivate var isSafe: Bool { method == .get || method == .head }
}

/// Where a post of the desk may come from: a page of the desk, in a browser that says so.
enum DeskOrigin {
    /// Every browser of the last ten years sends `Origin` with a post; newer ones `Sec-Fetch-Site`, too. What is there
    /// has to say that it is us, and one has to be there.
    ///
    /// - Parameter address: `https://HOST` by which a proxy publishes the desk, lower case; nil: loopback only.
    static func isOurs(_ request: Request, address: String?) -> Bool {
        let site = HTTPField.Name("sec-fetch-site").flatMap { request.headers[$0] }
        if let site, site != "same-origin" { return false }
        guard let origin = request.headers[.origin]?.lowercased() else { return site != nil }
        if let address, origin == address { return true }
        guard PageSafety.isLoopbackHost(request), let host = request.head.authority else { return false }
        return origin == "http://\(host.lowercased())"
    }

    /// Loopback names, and the host of `address`: a proxy may pass either.
    static func isOurHost(_ request: Request, address: String?) -> Bool {
        if PageSafety.isLoopbackHost(request) { return true }
        guard let address, let host = request.head.authority?.lowercased() else { return false }
        return address == "https://\(host)" || address == "https://\(host.replacing(":443", with: ""))"
    }
}

/// The cookie `jobfair-desk`: for this host only, out of reach of scripts, sent by our own pages only. Without an age: it
/// goes with the browser, and the session ends at headquarters in any case.
enum DeskCookie {
    static let name = "jobfair-desk"

    static func token(of request: Request) -> DeskToken? {
        request.cookies[name].flatMap { DeskToken($0.value) }
    }

    static func set(_ token: DeskToken, in response: Response, settings: DeskSettings) -> Response {
        adding("\(name)=\(token.text)", to: response, settings: settings)
    }

    static func ended(_ response: Response, settings: DeskSettings) -> Response {
        adding("\(name)=; Max-Age=0", to: response, settings: settings)
    }

    private static func adding(_ text: String, to response: Response, settings: DeskSettings) -> Response {
        var response = response
        let secure = settings.address == nil ? "" : "; Secure"
        response.headers[.setCookie] = "\(text); Path=/; HttpOnly; SameSite=Strict\(secure)"
        return response
    }
}

extension DeskParts {
    /// Runs a route and turns what goes wrong into a page; the log gets a code, never an address or a body.
    func answering(_ route: () async throws -> Response) async throws -> Response {
        do {
            return try await route()
        } catch let refusal as DeskRefusal {
            return word(DeskWords.refusal(refusal))
        } catch is NIOTooManyBytesError {
            return word(DeskWords.refusal(.tooLarge))
        } catch let error as HTTPError where error.status.kind == .clientError {
            return word(DeskWords.refusal(error.status == .contentTooLarge ? .tooLarge : .notFound))
        } catch {
            logger.error("desk request failed", metadata: .describing(error))
            var response = word(DeskWords.busy)
            response.headers[.retryAfter] = "60"
            return response
        }
    }
}
