// The routes of the job-intent form: bytes in, one call, a page out.

import HTTPTypes
import HeadquartersCore
public import Hummingbird
import JobFair
public import Logging
import NIOCore

/// The job-intent form: `/` for numbers typed by hand, `/I/{token}` (and `/i/`) behind the QR code. GET changes
/// nothing; every answer is kept out of caches and referrers. Throws only where a built-in template does not parse.
public func makeFormRouter(_ parts: FormParts, logger: Logger) throws -> Router<FormRequestContext> {
    let files = try PageFiles()
    let form = FormRoutes(desk: FormDesk(parts: parts), pages: FormPages(files: files), logger: logger)
    let router = Router(context: FormRequestContext.self, options: [.autoGenerateHeadEndpoints])
    router.add(middleware: FormFailures(pages: form.pages, logger: logger))
    router.get("/") { _, _ in PageSafety.page(form.pages.find()) }
    router.post("/") { request, context in try await form.find(request, context) }
    router.get("/assets/:file") { _, context in try form.asset(context) }
    router.get("/robots.txt") { _, _ in
        PageSafety.answer(Array("User-agent: *\nDisallow: /\n".utf8), type: "text/plain; charset=utf-8")
    }
    for letter in ["I", "i"] {
        router.get("/\(letter)/:token") { _, context in try await form.show(context) }
        router.post("/\(letter)/:token") { request, context in try await form.state(request, context) }
        router.get("/\(letter)/:token/wishes") { _, context in try await form.showWishes(context) }
        router.post("/\(letter)/:token/wishes") { request, context in try await form.stateWishes(request, context) }
        router.post("/\(letter)/:token/mine") { request, context in try await form.openVisit(request, context) }
        router.get("/\(letter)/:token/:visit") { _, context in try await form.showVisit(context) }
        router.post("/\(letter)/:token/:visit") { request, context in try await form.withdraw(request, context) }
    }
    return router
}

struct FormRoutes: Sendable {
    /// Bytes of a post: 20 ticked boxes of 47 bytes twice, a name of 50 code points, and room.
    static let bodyBytesMax = 16_384

    let desk: FormDesk
    let pages: FormPages
    let logger: Logger

    func asset(_ context: FormRequestContext) throws -> Response {
        guard let file = context.parameters.get("file"), let asset = pages.files.assets["/assets/\(file)"] else {
            throw HTTPError(.notFound)
        }
        return PageSafety.asset(asset.bytes, type: asset.type)
    }

    func slip(_ context: FormRequestContext) async throws -> FormSlip? {
        try await desk.slip(context.parameters.get("token") ?? "")
    }

    var unknownSlip: Response { PageSafety.page(pages.word(FormWords.unknownSlip), status: .notFound) }

    func show(_ context: FormRequestContext) async throws -> Response {
        guard let slip = try await slip(context) else { return unknownSlip }
        if !slip.allowsIntents { return PageSafety.page(pages.word(FormWords.notAllowed, fair: slip.catalogue.fair)) }
        if !slip.isOpen { return closed(slip, status: .ok) }
        return PageSafety.page(pages.list(slip))
    }

    func closed(_ slip: FormSlip, status: HTTPResponse.Status) -> Response {
        PageSafety.page(
            pages.word(FormWords.closed, fair: slip.catalogue.fair, mineAction: "\(slip.path)/mine"), status: status)
    }

    func state(_ request: Request, _ context: FormRequestContext) async throws -> Response {
        guard let slip = try await slip(context) else { return unknownSlip }
        guard let fields = try await fields(of: request) else { return notOurPage(slip) }
        return answer(try await desk.state(fields, with: slip), slip, typed: FormTyped(fields))
    }

    func openVisit(_ request: Request, _ context: FormRequestContext) async throws -> Response {
        guard let slip = try await slip(context) else { return unknownSlip }
        guard let fields = try await fields(of: request) else { return notOurPage(slip) }
        return answer(try await desk.openVisit(fields, with: slip), slip, typed: FormTyped())
    }

    func showVisit(_ context: FormRequestContext) async throws -> Response {
        guard let slip = try await slip(context), let key = context.parameters.get("visit") else { return unknownSlip }
        let now = desk.parts.now()
        guard slip.allowsIntents, let visit = await desk.visits.visit(key, of: slip.seeker, now: now) else {
            return PageSafety.seeOther(slip.path)
        }
        let stated = try await desk.parts.store.intents(of: slip.seeker, digits: visit.digits)
        return PageSafety.page(pages.intents(slip, visitKey: key, visit: visit, stated: stated))
    }

    func withdraw(_ request: Request, _ context: FormRequestContext) async throws -> Response {
        guard let slip = try await slip(context), let key = context.parameters.get("visit") else { return unknownSlip }
        guard let fields = try await fields(of: request) else { return notOurPage(slip) }
        let answered = try await desk.withdraw(fields, visitKey: key, with: slip)
        if answered == .problems([.digitsMissing]) { return PageSafety.seeOther(slip.path) }
        return answer(answered, slip, typed: FormTyped())
    }

    func find(_ request: Request, _ context: FormRequestContext) async throws -> Response {
        guard let fields = try await fields(of: request) else {
            return PageSafety.page(pages.word(FormWords.notOurPage, back: "/", backWords: "重新填"), status: .forbidden)
        }
        let client = context.client(header: desk.parts.settings.clientHeader, of: request)
        switch try await desk.find(fields, client: client) {
        case .success(let path): return PageSafety.seeOther(path)
        case .failure(let problem):
            let (words, status): (String, HTTPResponse.Status) =
                switch problem {
                case .incomplete: (FormWords.findIncomplete, .unprocessableContent)
                case .notFound: (FormWords.findNothing, .notFound)
                case .tooManyTries: (FormWords.findTooMany, .tooManyRequests)
                }
            return PageSafety.page(
                pages.find(alert: words, fair: fields.first("fair") ?? "", ticket: fields.first("ticket") ?? ""),
                status: status)
        }
    }

    /// Nil: not a post of a page of ours.
    func fields(of request: Request) async throws -> IntentFields? {
        guard PageSafety.isSameOrigin(request),
            request.headers[.contentType]?.lowercased().hasPrefix("application/x-www-form-urlencoded") == true
        else { return nil }
        let body = try await request.body.collect(upTo: Self.bodyBytesMax, within: RequestBody.duration)
        return IntentFields(body.readableBytesView)
    }

    func notOurPage(_ slip: FormSlip) -> Response {
        PageSafety.page(
            pages.word(FormWords.notOurPage, fair: slip.catalogue.fair, back: slip.path), status: .forbidden)
    }

    func answer(_ answer: FormAnswer, _ slip: FormSlip, typed: FormTyped) -> Response {
        let fair = slip.catalogue.fair
        switch answer {
        case .visit(let key): return PageSafety.seeOther("\(slip.path)/\(key)")
        case .problems(let problems):
            return again(slip, status: .unprocessableContent, problems: problems, extra: nil, typed: typed)
        case .wrongDigits(let triesLeft):
            let words = FormWords.wrongDigits(triesLeft: triesLeft)
            return again(slip, status: .forbidden, problems: [], extra: words, typed: typed)
        case .locked: return PageSafety.page(pages.word(FormWords.locked, fair: fair), status: .tooManyRequests)
        case .notAllowed: return PageSafety.page(pages.word(FormWords.notAllowed, fair: fair), status: .forbidden)
        case .clerkOnly: return PageSafety.page(pages.word(FormWords.clerkOnly, fair: fair), status: .forbidden)
        case .closed: return closed(slip, status: .gone)
        // Wishes have a page of their own.
        case .wishesProblems, .notFound, .tooManyTries, .unknownSlip: return unknownSlip
        }
    }

    /// The page again with what is wrong; after closing only the view of what was stated is left.
    private func again(
        _ slip: FormSlip, status: HTTPResponse.Status, problems: [IntentProblem], extra: String?, typed: FormTyped
    ) -> Response {
        guard slip.isOpen else {
            let sentences = problems.map(FormWords.problem) + [extra].compactMap(\.self)
            let word = FormWord(title: "查看或撤回", heading: "查看或撤回", sentences: sentences)
            return PageSafety.page(
                pages.word(word, fair: slip.catalogue.fair, mineAction: "\(slip.path)/mine"), status: status)
        }
        return PageSafety.page(pages.list(slip, problems: problems, extra: extra, typed: typed), status: status)
    }
}

/// Turns everything that goes wrong into a kind page; the log gets a code, never an address or a body.
private struct FormFailures: RouterMiddleware {
    let pages: FormPages
    let logger: Logger

    func handle(
        _ request: Request, context: FormRequestContext,
        next: (Request, FormRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound || error.status == .methodNotAllowed {
            return PageSafety.page(pages.word(FormWords.unknownSlip), status: error.status)
        } catch let error as HTTPError where error.status.kind == .clientError {
            return PageSafety.page(pages.word(FormWords.tooLarge), status: error.status)
        } catch is NIOTooManyBytesError {
            return PageSafety.page(pages.word(FormWords.tooLarge), status: .contentTooLarge)
        } catch {
            let code = (error as? HeadquartersStoreError)?.code.rawValue ?? String(describing: type(of: error))
            logger.error("form request failed", metadata: ["error.code": "\(code)"])
            var response = PageSafety.page(pages.word(FormWords.busy), status: .serviceUnavailable)
            response.headers[.retryAfter] = "60"
            return response
        }
    }
}
