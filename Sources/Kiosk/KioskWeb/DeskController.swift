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
        let body = try await RequestBody.read(request, RegistrationRequest.init)
        let answer = try await desk.register(body.form, recordID: body.recordID, formKey: body.formKey)
        return JSONAnswer.response(RegistrationAnswerBody(answer), status: .created)
    }

    @Sendable func countEntry(_ request: Request, _ context: Context) async throws -> Response {
        let body = try await RequestBody.read(request, EntryRequest.init)
        let answer = try await desk.countEntry(recordID: body.recordID, way: body.way)
        return JSONAnswer.response(
            EntryAnswerBody(recordId: body.recordID, fairOpen: answer.isFairOpen), status: .created)
    }

    @Sendable func checkIn(_ request: Request, _ context: Context) async throws -> Response {
        let body = try await RequestBody.read(request, CheckInRequest.init)
        let answer = try await desk.checkIn(scanned: body.scanned, recordID: body.recordID)
        return JSONAnswer.response(CheckInAnswerBody(answer), status: .created)
    }

    @Sendable func copySlip(_ request: Request, _ context: Context) async throws -> Response {
        let body = try await RequestBody.read(request, SlipCopyRequest.init)
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
}
