// Errors of the sync API: RFC 9457 problem details with a stable code.

import HTTPTypes
import HeadquartersCore
import Hummingbird

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What went wrong with a request. Says nothing about keys, codes or data.
struct SyncProblem: Error {
    var status: HTTPResponse.Status
    var code: String
    var zh: String
    var en: String
    var retryAfterSeconds: Int?

    init(_ status: HTTPResponse.Status, _ code: String, _ zh: String, _ en: String, retryAfterSeconds: Int? = nil) {
        self.status = status
        self.code = code
        self.zh = zh
        self.en = en
        self.retryAfterSeconds = retryAfterSeconds
    }

    static let malformed = SyncProblem(.badRequest, "message.malformed", "消息格式不对。", "The message is malformed.")
    static let tooLarge = SyncProblem(.contentTooLarge, "body.tooLarge", "内容太大。", "The body is too large.")
    static let tooSlow = SyncProblem(
        .requestTimeout, "body.tooSlow", "内容来得太慢。", "The body took longer than 90 s.")
    static let contentType = SyncProblem(
        .unsupportedMediaType, "content.type", "内容类型不对。", "The content type has to be application/protobuf.")
    static let sessionUnknown = SyncProblem(
        .unauthorized, "session.unknown", "会话已失效，请重新问候。", "The session is not known; say hello again.")
    static let deviceUnknown = SyncProblem(
        .forbidden, "device.unknown", "本总部没有这台自助机。", "No such device is enrolled here.")
    static let signatureInvalid = SyncProblem(
        .forbidden, "signature.invalid", "请求签名不对。", "The signature of the request is not valid.")
    static let codeInvalid = SyncProblem(
        .forbidden, "enrolment.codeInvalid", "开通码不对、已用过或已过期。", "The code is wrong, used, or has ended.")
    static let notBackedUp = SyncProblem(
        .serviceUnavailable, "keys.notBackedUp", "总部密钥还没有备份，不能开通自助机。",
        "The keys of headquarters are not backed up; no kiosk can be enrolled.", retryAfterSeconds: 60)
    static let notGranted = SyncProblem(
        .notFound, "fair.notGranted", "这台自助机没有这场招聘会。", "This kiosk has no such fair.")
    static let busy = SyncProblem(
        .serviceUnavailable, "headquarters.busy", "总部暂时处理不了。", "Headquarters cannot take it right now.",
        retryAfterSeconds: 30)
    /// Too many batches are under way (`IngestGate`).
    static func paced(seconds: Int) -> SyncProblem {
        SyncProblem(
            .tooManyRequests, "ingest.paced", "总部正忙，请稍后再传。", "Headquarters takes many batches now; come back later.",
            retryAfterSeconds: seconds)
    }
    /// Without `Retry-After`: a kiosk halves its batch at this answer, and so finds the one record that cannot be taken.
    static let failed = SyncProblem(
        .internalServerError, "headquarters.failed", "总部处理时出错。", "Headquarters failed to take it.")

    /// What an error that is no `SyncProblem` is answered with. 503 only where headquarters as a whole cannot write now:
    /// the kiosk then waits and sends the same again.
    static func answering(_ error: any Error) -> SyncProblem {
        if error is CancellationError { return busy }
        switch (error as? HeadquartersStoreError)?.code {
        case .diskFull, .locked, .unavailable, .damaged: return busy
        default: return failed
        }
    }

    func response() -> Response {
        struct Body: Encodable {
            var type, title: String
            var status: Int
            var code, zh, en: String
        }
        let body = Body(
            type: "urn:jobfair:problem:\(code)", title: status.reasonPhrase, status: status.code, code: code, zh: zh,
            en: en)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = (try? encoder.encode(body)) ?? Data("{}".utf8)
        var response = Response(status: status, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        response.headers[.contentType] = "application/problem+json"
        response.headers[.cacheControl] = "no-store"
        if let retryAfterSeconds { response.headers[.retryAfter] = String(retryAfterSeconds) }
        return response
    }
}
