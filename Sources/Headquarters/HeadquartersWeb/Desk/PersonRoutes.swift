// Erasing a person at the desk: a document number and a reason in the body of a post, counts as the answer.

import HTTPTypes
import HeadquartersCore
import Hummingbird
import JobFair

extension DeskParts {
    /// `/desk/person`, for clerks. The number is in no address, no log, no audit line, and is not shown again.
    func addPersonRoutes(to router: Router<FormRequestContext>, erasures: PersonErasure) {
        let desk = PersonRoutes(parts: self, erasures: erasures)
        let clerks = routes(in: router, for: .clerk)
        clerks.get("/person") { _, context in desk.form(try context.session()) }
        clerks.post("/person") { _, context in try await desk.erase(context) }
    }
}

private struct PersonRoutes: Sendable {
    let parts: DeskParts
    let erasures: PersonErasure

    func form(_ session: DeskSession, problem: String? = nil, done: String? = nil, reason: String = "") -> Response {
        parts.answer(
            "desk-person",
            DeskPersonView(
                page: parts.page("删除个人信息", for: session), problem: problem, done: done, reason: reason,
                reasonMin: ErasureLimits.reasonCharactersMin, reasonMax: LoginLimits.auditTextCharactersMax),
            status: problem == nil ? .ok : .unprocessableContent)
    }

    func erase(_ context: FormRequestContext) async throws -> Response {
        let session = try context.session()
        let fields = try context.form().fields
        let reason = fields.first("reason") ?? ""
        guard ErasureLimits.isReason(reason) else {
            // What was typed may hold what must not be shown again.
            return form(session, problem: PersonErasureWords.reasonUnsuitable)
        }
        guard let number = fields.first("number"), let document = PersonErasure.document(number, now: parts.now())
        else { return form(session, problem: PersonErasureWords.numberUnsuitable, reason: reason) }
        guard fields.first("sure") == "yes" else {
            return form(session, problem: PersonErasureWords.notSure, reason: reason)
        }
        let counts = try await erasures.erase(
            document, line: session.line(.personErased, at: parts.now(), reason: reason))
        return form(session, done: PersonErasureWords.done(counts))
    }
}

struct DeskPersonView {
    var page: DeskPageView
    var problem: String?
    var done: String?
    var reason: String
    var reasonMin: Int
    var reasonMax: Int
}

enum PersonErasureWords {
    static let numberUnsuitable = "证件号码不对，没有删除任何内容。请对照证件重新输入。"
    static let notSure = "请勾选“已经核对本人身份”。没有删除任何内容。"
    static let reasonUnsuitable =
        "请写明理由，\(ErasureLimits.reasonCharactersMin) 到 \(LoginLimits.auditTextCharactersMax) 个字，"
        + "里面不要有证件号码、电话和姓名。没有删除任何内容。"

    static func done(_ counts: ErasureCounts) -> String {
        let stored =
            counts.records == 0
            ? "总部现在没有这个人的记录。"
            : "删除了 \(counts.registrations) 条登记、\(counts.otherRecords) 条有关的记录。"
        return stored + "这一刻以前、还留在自助机和U盘上的，到了总部也会删除。以后再登记，算新的登记。"
    }
}
