// The JSON API: decode, call the desk, encode. No logic here.

import HTTPTypes
import Hummingbird
import JobFair
import KioskCore
import NIOCore

struct DeskController: Sendable {
    typealias Context = KioskRequestContext
    let desk: any Desk
    let version: String

    @Sendable func status(_ request: Request, _ context: Context) async throws -> Response {
        JSONAnswer.response(StatusAnswer(await desk.context(), version: version))
    }

    @Sendable func register(_ request: Request, _ context: Context) async throws -> Response {
        let body = try await Self.body(of: request, RegistrationRequest.init)
        let answer = try await desk.register(body.form, recordID: body.recordID, formKey: body.formKey)
        return JSONAnswer.response(RegistrationAnswerBody(answer), status: .created)
    }

    @Sendable func countEntry(_ request: Request, _ context: Context) async throws -> Response {
        let body = try await Self.body(of: request, EntryRequest.init)
        let answer = try await desk.countEntry(recordID: body.recordID, way: body.way)
        return JSONAnswer.response(
            EntryAnswerBody(recordId: body.recordID, fairOpen: answer.isFairOpen), status: .created)
    }

    @Sendable func checkIn(_ request: Request, _ context: Context) async throws -> Response {
        let body = try await Self.body(of: request, CheckInRequest.init)
        let answer = try await desk.checkIn(scanned: body.scanned, recordID: body.recordID)
        return JSONAnswer.response(CheckInAnswerBody(answer), status: .created)
    }

    @Sendable func copySlip(_ request: Request, _ context: Context) async throws -> Response {
        let body = try await Self.body(of: request, SlipCopyRequest.init)
        try await desk.copySlip(
            documentNumber: body.documentNumber, phoneDigits: body.phoneDigits, recordID: body.recordID,
            formKey: body.formKey)
        return JSONAnswer.response(EmptyAnswer(), status: .accepted)
    }

    @Sendable func printState(_ request: Request, _ context: Context) async throws -> Response {
        guard let text = context.parameters.get("recordId"), let id = RecordID(text),
            let state = await desk.printState(of: id)
        else { throw WebProblem.notFound }
        return JSONAnswer.response(PrintStateAnswer(state: state))
    }

    @Sendable func lastSlip(_ request: Request, _ context: Context) async throws -> Response {
        guard let picture = await desk.lastSlipPNG() else { throw WebProblem.notFound }
        return Response(
            status: .ok, headers: [.contentType: "image/png"], body: .init(byteBuffer: ByteBuffer(bytes: picture)))
    }

    /// Checks type, size and syntax, then reads the fields; all problems of the shape at once.
    private static func body<Body>(
        of request: Request, _ read: (JSONValue, ShapeProblems) -> Body?
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
