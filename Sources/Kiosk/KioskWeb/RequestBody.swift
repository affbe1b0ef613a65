// From the bytes of a request to its typed body.

import HTTPTypes
import Hummingbird
import NIOCore

enum RequestBody {
    /// Checks type, size and syntax, then reads the fields; all problems of the shape at once.
    static func read<Body>(
        _ request: Request, _ read: (JSONValue, ShapeProblems) -> Body?
    ) async throws -> Body {
        try checkContentType(request.headers)
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > WebLimits.bodyBytesMax {
            throw WebProblem.bodyTooLarge
        }
        let buffer = try await request.body.collect(upTo: WebLimits.bodyBytesMax)
        let value: JSONValue
        do {
            value = try StrictJSONParser.parse(Array(buffer.readableBytesView))
        } catch {
            throw WebProblem(error)
        }
        let problems = ShapeProblems()
        let body = read(value, problems)
        guard let body, problems.problems.isEmpty else { throw WebProblem.shape(problems.problems) }
        return body
    }

    /// `application/json`, with no parameter or `charset=utf-8` (RFC 8259, section 11 defines none).
    private static func checkContentType(_ headers: HTTPFields) throws {
        guard headers[values: .contentType].count == 1, headers[.contentEncoding] == nil,
            let type = headers[.contentType]?.lowercased().filter({ $0 != " " }),
            ["application/json", "application/json;charset=utf-8", "application/json;charset=\"utf-8\""].contains(type)
        else { throw WebProblem.contentType }
    }
}
