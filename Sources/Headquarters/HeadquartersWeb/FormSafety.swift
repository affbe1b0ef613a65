// What every answer of form and desk carries, and where a post may come from.

import HTTPTypes
import Hummingbird

/// Headers that keep pages out of caches, frames, referrers and search engines; no script or style but our own.
enum PageSafety {
    static let headers: [(HTTPField.Name, String)] = {
        let policy =
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; "
            + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        var headers: [(HTTPField.Name, String)] = [
            (.cacheControl, "no-store"), (.contentSecurityPolicy, policy), (.xContentTypeOptions, "nosniff"),
        ]
        for (name, value) in [
            ("referrer-policy", "no-referrer"), ("x-frame-options", "DENY"), ("x-robots-tag", "noindex, nofollow"),
            ("cross-origin-opener-policy", "same-origin"), ("cross-origin-resource-policy", "same-origin"),
            ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
        ] {
            if let name = HTTPField.Name(name) { headers.append((name, value)) }
        }
        return headers
    }()

    static func page(_ html: String, status: HTTPResponse.Status = .ok) -> Response {
        answer([UInt8](html.utf8), type: "text/html; charset=utf-8", status: status)
    }

    static func answer(_ body: [UInt8], type: String, status: HTTPResponse.Status = .ok) -> Response {
        var fields = HTTPFields()
        fields[.contentType] = type
        for (name, value) in headers { fields[name] = value }
        return Response(status: status, headers: fields, body: .init(byteBuffer: .init(bytes: body)))
    }

    /// A file of ours, named by the hash of its bytes: kept for a year.
    static func asset(_ body: [UInt8], type: String) -> Response {
        var response = answer(body, type: type)
        response.headers[.cacheControl] = "public, max-age=31536000, immutable"
        return response
    }

    /// After a post: the next page by GET, so that going back or reloading sends nothing again.
    static func seeOther(_ path: String) -> Response {
        var response = answer([], type: "text/html; charset=utf-8", status: .seeOther)
        response.headers[.location] = path
        return response
    }

    /// Whether a post comes from a page of ours. `Sec-Fetch-Site` decides where the browser sends it. Older ones send
    /// `Origin`, which is `null` under our own no-referrer policy (Fetch, "append a request Origin header") and else
    /// has to name our host; the slip token and the four digits are needed in any case.
    static func isSameOrigin(_ request: Request) -> Bool {
        if let name = HTTPField.Name("sec-fetch-site"), let site = request.headers[name] {
            return site == "same-origin" || site == "none"
        }
        guard let origin = request.headers[.origin], origin != "null" else { return true }
        guard let host = request.head.authority, let slashes = origin.firstRange(of: "://") else { return false }
        return origin[slashes.upperBound...].lowercased() == host.lowercased()
    }

    /// Loopback names only: no page of another site can reach the desk by a name of its own (DNS rebinding).
    static func isLoopbackHost(_ request: Request) -> Bool {
        guard let authority = request.head.authority?.lowercased() else { return false }
        let host =
            authority.hasPrefix("[")
            ? String(authority.prefix(while: { $0 != "]" }).dropFirst())
            : String(authority.prefix(while: { $0 != ":" }))
        return ["127.0.0.1", "localhost", "::1"].contains(host)
    }
}
