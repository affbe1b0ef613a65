// Who sits at the desk, and how a page behind the login is made.
//
// 1. Routes:   let clerks = parts.routes(in: router, for: .clerk)            // or .clerk, .employer
//              clerks.get("/fairs/:id/vacancies") { request, context in ... } // that is /desk/fairs/{id}/vacancies
//    called from `makeDeskRouter`, one line per group. Whoever has no session gets the login page, the wrong role 403.
// 2. Who:      let session = try context.session()                            // name, role, employerIDs, csrf
//    Pages of one employer: `try session.requireEmployer(id)`; a clerk passes, another employer gets 403.
// 3. Posts:    <form method="post"> holds <input type="hidden" name="csrf" value="{{page.csrf}}">. Origin and token are
//    checked before the route runs; `let form = try context.form()` has the fields: `form.fields.first("reason")`.
// 4. Uploads:  parts.routes(in: router, for: .clerk, bodyBytesMax: 16 << 20); enctype="multipart/form-data"; `form.upload`.
// 5. Pages:    a template `desk-x.mustache` between {{>desk-head}} and {{>desk-foot}}, listed in `PageFiles`; its view has
//    `var page: DeskPageView`, made by `parts.page("标题", for: session)`; answer `parts.answer("desk-x", view)`.
// 6. Refuse:   throw DeskRefusal.notFound, .forbidden, or `.unsuitable("一句话")`: a page with that sentence.
// 7. Link:     one line in `DeskLinks`. Audit: a case in `AuditAction`, its words in `DeskWords`, and `session.line(...)`
//    added by `SQLiteHeadquartersStore.add(line, db)` within the change, or by `store.addAuditLine` for what is only seen.

import Crypto
import HeadquartersCore
import Hummingbird
import JobFair
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A running session of the desk, as a route sees it.
struct DeskSession: Sendable {
    let name: String
    let role: LoginRole
    /// What an employer's login stands for at this moment; empty for clerks.
    let employerIDs: Set<EmployerID>
    /// Stands in every form; nothing is changed without it.
    let csrf: String
    /// SHA-256 of the cookie's token: what the store knows.
    let tokenDigest: Data

    var actor: AuditActor { .login(name: name, role: role) }

    /// Throws `forbidden` where an employer asks for another one's page.
    func requireEmployer(_ employer: EmployerID) throws {
        guard role == .clerk || employerIDs.contains(employer) else { throw DeskRefusal.forbidden }
    }

    /// - Parameter at: the desk's clock, `parts.now()`.
    func line(
        _ action: AuditAction, at: Int64, subject: String? = nil, fair: FairID? = nil, employer: EmployerID? = nil,
        reason: String? = nil, rows: Int? = nil
    ) -> AuditLine {
        AuditLine(
            at: at, actor: actor, action: action, subject: subject, fairID: fair, employerID: employer, reason: reason,
            rows: rows)
    }
}

/// The secret of a session: 32 random bytes, in the cookie and nowhere else.
struct DeskToken: Sendable {
    static let byteCount = 32
    private let bytes: Data

    init() { bytes = Randomness.bytes(Self.byteCount) }

    /// Nil unless it is written as `text` is.
    init?(_ text: some StringProtocol) {
        guard text.utf8.count == 2 * Self.byteCount, let bytes = Hexadecimal.decode(text) else { return nil }
        self.bytes = bytes
    }

    var text: String { Hexadecimal.encode(bytes) }
    /// A stolen database opens no session.
    var digest: Data { SHA256Digest.of(bytes) }
    /// Made from the token, so that nothing more is to be stored; from it the token cannot be found.
    var csrf: String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("jobfair-desk csrf".utf8), using: SymmetricKey(data: bytes))
        return Hexadecimal.encode(Data(code))
    }
}

/// Why a page of the desk is not given; becomes a page with a sentence.
enum DeskRefusal: Error, Hashable {
    /// 403: of another role or another employer.
    case forbidden
    /// 403: not sent by a page of this session.
    case notOurPage
    /// 404.
    case notFound
    /// 413.
    case tooLarge
    /// 422 with this sentence.
    case unsuitable(String)
}

extension FormRequestContext {
    /// Who asks. Throws where the route is not behind `DeskAccess`.
    func session() throws -> DeskSession {
        guard let deskSession else { throw DeskRefusal.forbidden }
        return deskSession
    }

    /// What was posted. Throws where the route is not behind `DeskAccess`, and for GET.
    func form() throws -> DeskForm {
        guard let deskForm else { throw DeskRefusal.notOurPage }
        return deskForm
    }
}
