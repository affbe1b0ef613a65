// The routes of login, logout, first page, password and audit.

import HTTPTypes
import HeadquartersCore
import Hummingbird

extension DeskParts {
    func addLoginRoutes(to router: Router<FormRequestContext>) {
        let desk = DeskRoutes(parts: self, logins: DeskLogins(store: store, now: now))
        router.get("/desk/login") { request, _ in
            desk.login(problem: request.uri.query == "ended" ? DeskWords.ended : nil)
        }
        router.post("/desk/login") { request, context in try await answering { try await desk.logIn(request, context) }
        }
        let everybody = routes(in: router, for: .clerk, .employer)
        everybody.get("") { request, context in try await desk.home(request, context) }
        everybody.post("/logout") { _, context in try await desk.logOut(context) }
        everybody.get("/password") { _, context in desk.password(try context.session()) }
        everybody.post("/password") { request, context in try await desk.setPassword(request, context) }
        let clerks = routes(in: router, for: .clerk)
        clerks.get("/audit") { request, context in try await desk.audit(request, context) }
    }
}

private struct DeskRoutes: Sendable {
    let parts: DeskParts
    let logins: DeskLogins

    // MARK: Login

    func login(problem: String?, name: String = "", status: HTTPResponse.Status = .ok) -> Response {
        parts.answer(
            "desk-login", DeskLoginView(page: parts.page("登录", for: nil), problem: problem, name: name), status: status)
    }

    func logIn(_ request: Request, _ context: FormRequestContext) async throws -> Response {
        guard DeskOrigin.isOurs(request, address: parts.settings.address) else {
            return login(problem: DeskWords.notOurPage, status: .forbidden)
        }
        let fields = try await DeskForm.read(request, bytesMax: DeskForm.bodyBytesMax).fields
        // What was typed as a name is not shown again before it is known to be one: it may be a password.
        guard let name = fields.first("name"), let password = fields.all("password").first, !password.isEmpty else {
            return login(problem: DeskWords.incomplete, status: .unprocessableContent)
        }
        let outcome = try await logins.logIn(
            name, password: password, client: client(request, context), replacing: DeskCookie.token(of: request))
        return opened(outcome, at: "/desk") { login(problem: $0, status: $1) }
    }

    private func client(_ request: Request, _ context: FormRequestContext) -> String? {
        context.client(header: parts.settings.clientHeader, of: request)
    }

    /// The cookie, or the same page with what is wrong.
    private func opened(
        _ outcome: LoginOutcome, at path: String, else page: (String, HTTPResponse.Status) -> Response
    ) -> Response {
        switch outcome {
        case .opened(let token): return DeskCookie.set(token, in: parts.seeOther(path), settings: parts.settings)
        case .refused: return page(DeskWords.refused, .forbidden)
        case .unsuitable(let problem): return page(DeskWords.problem(problem), .unprocessableContent)
        case .busy:
            var response = page(DeskWords.passwordsBusy, .serviceUnavailable)
            response.headers[.retryAfter] = "5"
            return response
        case .wait(let milliseconds):
            var response = page(DeskWords.wait(milliseconds: milliseconds), .tooManyRequests)
            response.headers[.retryAfter] = String(max(1, (milliseconds + 999) / 1000))
            return response
        }
    }

    func logOut(_ context: FormRequestContext) async throws -> Response {
        try await parts.store.endSession(try context.session().tokenDigest, at: parts.now())
        return DeskCookie.ended(parts.seeOther("/desk/login"), settings: parts.settings)
    }

    // MARK: Password

    func password(_ session: DeskSession, problem: String? = nil, status: HTTPResponse.Status = .ok) -> Response {
        parts.answer(
            "desk-password",
            DeskPasswordView(
                page: parts.page("修改密码", for: session), problem: problem, name: session.name,
                charactersMin: LoginLimits.passwordCharactersMin),
            status: status)
    }

    func setPassword(_ request: Request, _ context: FormRequestContext) async throws -> Response {
        let session = try context.session()
        let fields = try context.form().fields
        let again = { (problem: String, status: HTTPResponse.Status) in
            password(session, problem: problem, status: status)
        }
        guard let old = fields.all("old").first, !old.isEmpty, let new = fields.all("new").first, !new.isEmpty else {
            return again(DeskWords.incomplete, .unprocessableContent)
        }
        guard new == fields.all("again").first else { return again(DeskWords.passwordsDiffer, .unprocessableContent) }
        let outcome = try await logins.changePassword(
            of: session, from: old, to: new, client: client(request, context))
        if case .refused = outcome { return again(DeskWords.oldPasswordWrong, .forbidden) }
        return opened(outcome, at: "/desk?password", else: again)
    }

    // MARK: Pages

    func home(_ request: Request, _ context: FormRequestContext) async throws -> Response {
        let session = try context.session()
        let fairs = session.role == .clerk ? try await parts.store.fairs() : []
        let employers = session.role == .employer ? try await parts.store.employers(session.employerIDs) : []
        return parts.answer(
            "desk-home",
            DeskHomeView(
                page: parts.page("工作台", for: session), session: session,
                note: request.uri.query == "password" ? DeskWords.passwordSet : nil, fairs: fairs, employers: employers)
        )
    }

    func audit(_ request: Request, _ context: FormRequestContext) async throws -> Response {
        let session = try context.session()
        try await logins.noteStrangers()
        let before = request.uri.queryParameters["before"].flatMap { Int64($0) }
        let entries = try await parts.store.auditEntries(before: before, limit: LoginLimits.auditPageLines + 1)
        return parts.answer(
            "desk-audit",
            DeskAuditView(page: parts.page("操作记录", for: session), entries: entries, isFirst: before == nil))
    }
}
