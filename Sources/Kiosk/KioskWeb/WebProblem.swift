// Everything that can go wrong on the way in or at the desk, as RFC 9457 problem details with a sentence in Chinese and
// in English.

import HTTPTypes
import Hummingbird
import JobFair
import KioskCore
import NIOCore

/// One answer that is no success. Neither sentence repeats anything that came with the request.
struct WebProblem: Error, Equatable {
    var status: HTTPResponse.Status
    /// Stable, for programs; `type` is `urn:jobfair:problem:<code>`.
    var code: String
    var title: String
    var zh: String
    var en: String
    var errors: [FieldProblem] = []
    var retryAfterSeconds: Int?
    var allow: [String] = []
    /// The rest of the request is not worth reading.
    var closesConnection = false

    struct Body: Encodable {
        var type: String
        var title: String
        var status: Int
        var code: String
        var zh: String
        var en: String
        var errors: [FieldProblem]
    }

    func response() -> Response {
        let body = Body(
            type: "urn:jobfair:problem:\(code)", title: title, status: status.code, code: code, zh: zh, en: en,
            errors: errors)
        var response = JSONAnswer.response(body, status: status, contentType: "application/problem+json")
        if let retryAfterSeconds { response.headers[.retryAfter] = String(retryAfterSeconds) }
        if !allow.isEmpty { response.headers[.allow] = allow.joined(separator: ", ") }
        if closesConnection { response.headers[.connection] = "close" }
        return response
    }
}

extension WebProblem {
    static let notFound = WebProblem(
        status: .notFound, code: "path.notFound", title: "Not found", zh: "没有这个地址。", en: "There is no such address.")
    static func methodNotAllowed(_ allow: [String]) -> WebProblem {
        WebProblem(
            status: .methodNotAllowed, code: "method.notAllowed", title: "Method not allowed",
            zh: "这个地址不能这样访问。", en: "This address does not take this method.", allow: allow)
    }
    static let hostNotAllowed = WebProblem(
        status: .misdirectedRequest, code: "host.notAllowed", title: "Host not allowed",
        zh: "只能用本机地址访问。", en: "Only this machine's own loopback names are answered.", closesConnection: true)
    static let originNotAllowed = WebProblem(
        status: .forbidden, code: "origin.notAllowed", title: "Origin not allowed",
        zh: "不接受其他网页发来的请求。", en: "Requests of other pages are not answered.")
    static let contentType = WebProblem(
        status: .unsupportedMediaType, code: "content.type", title: "Unsupported content type",
        zh: "请求内容的类型必须是 application/json。", en: "The content type must be application/json.")
    static let bodyTooLarge = WebProblem(
        status: .contentTooLarge, code: "body.tooLarge", title: "Body too large",
        zh: "请求内容超过 16 KiB。", en: "The body is larger than 16 KiB.", closesConnection: true)
    static let failed = WebProblem(
        status: .internalServerError, code: "kiosk.internal", title: "Internal error",
        zh: "机器出了点问题，请找工作人员。", en: "Something went wrong in the kiosk; please ask a clerk.")

    static func shape(_ problems: [FieldProblem]) -> WebProblem {
        WebProblem(
            status: .badRequest, code: "json.invalid", title: "Request not understood",
            zh: "请求的格式不对，见各项说明。", en: "The request has the wrong shape; each field says how.", errors: problems)
    }

    static func query(_ problems: [FieldProblem]) -> WebProblem {
        WebProblem(
            status: .badRequest, code: "query.invalid", title: "Query not understood",
            zh: "查询条件不对，见各项说明。", en: "The query is not right; each field says how.", errors: problems)
    }

    init(_ error: JSONSyntaxError) {
        let (zh, en) = error.reason.sentences
        self = .shape([
            FieldProblem(
                code: "json.\(error.reason.rawValue)", field: "",
                zh: "\(zh)（第 \(error.offset) 字节）", en: "\(en) (byte \(error.offset))")
        ])
    }
}

extension JSONSyntaxError.Reason {
    var sentences: (zh: String, en: String) {
        switch self {
        case .notUTF8: ("不是有效的 UTF-8", "not valid UTF-8")
        case .byteOrderMark: ("开头不能有字节顺序标记", "a byte order mark is not allowed")
        case .empty: ("内容是空的", "the body is empty")
        case .unexpectedEnd: ("内容不完整", "the body ends too early")
        case .unexpectedCharacter: ("这里不应该有这个字符", "this character does not belong here")
        case .controlCharacter: ("文字里有未转义的控制字符", "a control character in a string must be escaped")
        case .badEscape: ("转义写错了", "not an escape of JSON")
        case .loneSurrogate: ("代理对不完整", "a surrogate without its partner")
        case .badNumber: ("数字写法不对", "not a number of JSON")
        case .duplicateName: ("同一项出现了两次", "the same field stands twice")
        case .tooDeep: ("嵌套太深", "nested too deeply")
        case .tooManyMembers: ("项目太多", "too many members")
        case .trailingBytes: ("后面有多余的内容", "something follows after the end")
        }
    }
}

/// The one place where the desk's refusals become status codes and sentences.
extension WebProblem {
    init(_ error: DeskError) {
        let retry = WebLimits.retrySeconds
        self =
            switch error {
            case .invalid(let problems):
                WebProblem(
                    status: .unprocessableContent, code: "registration.invalid", title: "Registration not accepted",
                    zh: "有几项需要改一下。", en: "Some fields need another look.", errors: problems)
            case .conflict:
                WebProblem(
                    status: .conflict, code: "record.conflict", title: "Record id in use",
                    zh: "这个编号已经用过，请换一个新编号再提交。",
                    en: "This record id was used for another request; take a new one.")
            case .checking:
                WebProblem(
                    status: .serviceUnavailable, code: "record.checking", title: "Outcome not known yet",
                    zh: "正在确认是否已经存好，请稍候再发同一请求。",
                    en: "It is being checked whether this was stored; repeat the same request.",
                    retryAfterSeconds: retry)
            case .busy:
                WebProblem(
                    status: .serviceUnavailable, code: "kiosk.busy", title: "Busy",
                    zh: "机器正忙，还没有保存，请稍候再试。", en: "The kiosk is busy; nothing was stored, try again.",
                    retryAfterSeconds: retry)
            case .noFairOpen, .notEnrolled, .revoked, .ticketsExhausted, .diskFull, .failed: Self.standstill(error)
            case .slipNotFound, .slipOfOtherFair, .slipInvalid, .tooManyTries: Self.slip(error)
            case .request(let problems):
                WebProblem(
                    status: .unprocessableContent, code: "request.invalid", title: "Request not accepted",
                    zh: "有几项需要改一下。", en: "Some fields need another look.", errors: problems)
            case .slipWithoutIntents, .digitsWrong, .digitsExhausted, .clerkOnly: Self.holder(error)
            case .vacancyNotFound, .vacancyUnavailable, .tooManyVacancies: Self.vacancy(error)
            case .tooManyVacancySlips, .printerUnavailable: Self.printing(error)
            }
    }

    /// Only a technician or clerk can help.
    private static func standstill(_ error: DeskError) -> WebProblem {
        switch error {
        case .noFairOpen:
            WebProblem(
                status: .serviceUnavailable, code: "fair.notOpen", title: "No fair is open",
                zh: "招聘会还没有开始登记，请找工作人员。", en: "No fair is open on this kiosk; please ask a clerk.")
        case .notEnrolled:
            WebProblem(
                status: .serviceUnavailable, code: "kiosk.notEnrolled", title: "Kiosk not enrolled",
                zh: "这台机器还没有启用，请找工作人员。", en: "This kiosk is not enrolled yet; please ask a clerk.")
        case .revoked:
            WebProblem(
                status: .serviceUnavailable, code: "kiosk.revoked", title: "Kiosk revoked",
                zh: "这台机器已停用，请到另一台机器。", en: "This kiosk is out of service; please use another one.")
        case .ticketsExhausted:
            WebProblem(
                status: .serviceUnavailable, code: "tickets.exhausted", title: "No ticket numbers left",
                zh: "这台机器的号码用完了，请到另一台机器。", en: "This kiosk has no numbers left; please use another one.")
        case .diskFull:
            WebProblem(
                status: .init(code: 507, reasonPhrase: "Insufficient Storage"), code: "disk.full", title: "Disk full",
                zh: "机器存满了，没有保存，请找工作人员。", en: "The disk is full and nothing was stored; please ask a clerk.")
        default: .failed
        }
    }

    /// Somebody holds a slip that does not open what they want. Neither age nor name is hinted at.
    private static func holder(_ error: DeskError) -> WebProblem {
        func refused(_ code: String, _ title: String, zh: String, en: String) -> WebProblem {
            WebProblem(status: .unprocessableContent, code: code, title: title, zh: zh, en: en)
        }
        switch error {
        case .slipWithoutIntents:
            return refused(
                "slip.noIntents", "No intents with this slip", zh: "这张小票不能填用工意向，请找工作人员帮忙。",
                en: "No intent can be stated with this slip; please ask a clerk.")
        case .digitsWrong(let left) where left > 0:
            return refused(
                "slip.digitsWrong", "Digits not right", zh: "四位数字不对，还可以试 \(left) 次。",
                en: "The four digits are not right; \(left) more may be tried.")
        case .digitsWrong:
            return refused(
                "slip.digitsWrong", "Digits not right", zh: "四位数字不对，请找工作人员帮忙。",
                en: "The four digits are not right; please ask a clerk.")
        case .digitsExhausted:
            return refused(
                "slip.digitsExhausted", "No more tries", zh: "这张小票试的次数太多了，请找工作人员帮忙。",
                en: "Too many digits were tried with this slip; please ask a clerk.")
        default:
            return refused(
                "slip.clerkOnly", "A clerk has to help", zh: "登记时没有留手机号和证件号，请找工作人员帮忙。",
                en: "No phone and no document was given at registration; please ask a clerk.")
        }
    }

    private static func vacancy(_ error: DeskError) -> WebProblem {
        switch error {
        case .vacancyNotFound:
            WebProblem(
                status: .notFound, code: "vacancy.notFound", title: "Vacancy not found",
                zh: "没有这个岗位，或者已经招满、撤回。", en: "There is no such vacancy, or it is filled or withdrawn.")
        case .vacancyUnavailable:
            WebProblem(
                status: .unprocessableContent, code: "vacancy.unavailable", title: "Vacancy no longer open",
                zh: "这个岗位已经招满或撤回，请看看别的岗位。", en: "This vacancy is filled or withdrawn; please look at others.")
        default:
            WebProblem(
                status: .unprocessableContent, code: "intents.tooMany", title: "Too many vacancies",
                zh: "一张小票最多选 20 个岗位，请先撤回几个。",
                en: "Twenty vacancies can be chosen with one slip; please take some back first.")
        }
    }

    /// The booth stands on the screen; nobody needs the paper to go there.
    private static func printing(_ error: DeskError) -> WebProblem {
        if case .tooManyVacancySlips(let seconds) = error {
            return WebProblem(
                status: .tooManyRequests, code: "vacancySlips.tooMany", title: "Too many vacancies printed",
                zh: "刚才打印的岗位太多了，请过一分钟再打，或者先记下展位。",
                en: "Too many vacancies were printed just now; wait a minute, or note the booth.",
                retryAfterSeconds: max(1, seconds))
        }
        return WebProblem(
            status: .serviceUnavailable, code: "printer.unavailable", title: "Printer not available",
            zh: "打印机现在不能用，请记下展位，或者用手机拍下来。",
            en: "The printer does not work now; please note the booth or take a photo.")
    }

    private static func slip(_ error: DeskError) -> WebProblem {
        switch error {
        case .slipNotFound:
            WebProblem(
                status: .notFound, code: "slip.notFound", title: "Slip not found",
                zh: "这里没有找到，请重新登记。", en: "Not found here; please register.")
        case .slipOfOtherFair:
            WebProblem(
                status: .unprocessableContent, code: "slip.otherFair", title: "Slip of another fair",
                zh: "这是另一场招聘会的小票，请在本机重新登记。", en: "This slip is of another fair; please register here.")
        case .tooManyTries(let seconds):
            WebProblem(
                status: .tooManyRequests, code: "slip.tooManyTries", title: "Too many tries",
                zh: "试的次数太多，请稍候再试或找工作人员。", en: "Too many tries; wait a little or ask a clerk.",
                retryAfterSeconds: max(1, seconds))
        default:
            WebProblem(
                status: .unprocessableContent, code: "slip.invalid", title: "Not a slip",
                zh: "这不是本系统的小票。", en: "This is not a slip of this system.")
        }
    }
}
