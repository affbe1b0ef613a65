// The routes of the desk: live figures on loopback, as pages and as JSON.

import HTTPTypes
import HeadquartersCore
import Hummingbird
import JobFair
import Logging
import SyncProtocol

/// Live figures: `/`, `/fairs/{id}`, `/api/v1/fairs`, `/api/v1/fairs/{id}/figures`, `/api/v1/kiosks`: counts only, nobody's particulars,
/// without a login. Behind it, `/desk`. Host names other than loopback's and that of `settings.address` are refused
/// (421). Throws only where a built-in template does not parse.
///
/// - Parameters:
///   - opener: with headquarters' key; nil: there are no lists of seekers.
///   - erasures: nil: nobody is erased at the desk.
///   - machine: backups and free space, on the list of fairs; nil: nothing is said of them.
///   - now: milliseconds since 1970 by headquarters' clock.
func makeDeskRouter(
    store: any HeadquartersStore, settings: DeskSettings = DeskSettings(), opener: HPKEOpener? = nil,
    erasures: PersonErasure? = nil,
    machine: MachineWatch? = nil, now: @escaping @Sendable () -> Int64, logger: Logger
) throws -> Router<FormRequestContext> {
    let files = try PageFiles()
    let routes = FiguresRoutes(store: store, machine: machine, now: now, pages: FiguresPages(files: files))
    let parts = DeskParts(store: store, settings: settings, now: now, files: files, logger: logger)
    let router = Router(context: FormRequestContext.self, options: [.autoGenerateHeadEndpoints])
    router.add(middleware: FiguresFailures(address: settings.address, logger: logger))
    router.get("/") { _, _ in try await routes.list() }
    router.get("/fairs/:id") { _, context in try await routes.fair(context) }
    router.get("/api/v1/kiosks") { _, _ in try await routes.kiosksJSON() }
    router.get("/api/v1/fairs") { _, _ in try await routes.listJSON() }
    router.get("/api/v1/fairs/:id/figures") { _, context in try await routes.fairJSON(context) }
    router.get("/assets/:file") { _, context in try routes.asset(context) }
    parts.addLoginRoutes(to: router)
    parts.addImportRoutes(to: router)
    parts.addVacancyRoutes(to: router)
    parts.addKioskRoutes(to: router)
    if let erasures { parts.addPersonRoutes(to: router, erasures: erasures) }
    if let opener { parts.addEmployerListRoutes(to: router, opener: opener) }
    return router
}

private struct FiguresRoutes: Sendable {
    static let json = "application/json; charset=utf-8"

    let store: any HeadquartersStore
    let machine: MachineWatch?
    let now: @Sendable () -> Int64
    let pages: FiguresPages

    func list() async throws -> Response {
        let now = now()
        var entries: [(fair: Fair, figures: FairFigures?)] = []
        for fair in try await store.fairs() { entries.append((fair, try await store.figures(of: fair.id, now: now))) }
        let machine = MachineWords.lines(try await machine?.state(), now: now)
        return PageSafety.page(pages.list(entries, machine: machine, now: now))
    }

    func fair(_ context: FormRequestContext) async throws -> Response {
        let now = now()
        guard let id = context.parameters.get("id").flatMap({ FairID($0) }) else { throw HTTPError(.notFound) }
        if let figures = try await store.figures(of: id, now: now) { return PageSafety.page(pages.fair(figures)) }
        guard let fair = try await store.catalogue(of: id)?.fair else { throw HTTPError(.notFound) }
        return PageSafety.page(pages.rehearsal(fair, now: now))
    }

    func listJSON() async throws -> Response {
        let fairs = try await store.fairs().map(FairAnswer.init)
        return PageSafety.answer(try FiguresJSON.encode(FairsAnswer(fairs: fairs)), type: Self.json)
    }

    func kiosksJSON() async throws -> Response {
        let now = now()
        let answer = KiosksAnswer(try await store.kioskReports(now: now), now: now)
        return PageSafety.answer(try FiguresJSON.encode(answer), type: Self.json)
    }

    func fairJSON(_ context: FormRequestContext) async throws -> Response {
        guard let id = context.parameters.get("id").flatMap({ FairID($0) }),
            let figures = try await store.figures(of: id, now: now())
        else {
            return FiguresFailures.problem(
                .notFound, "fair.withoutFigures", "没有这场招聘会，或者它是演练。", "No such fair, or a rehearsal.")
        }
        return PageSafety.answer(try FiguresJSON.encode(FiguresAnswer(figures)), type: Self.json)
    }

    func asset(_ context: FormRequestContext) throws -> Response {
        guard let file = context.parameters.get("file"), let asset = pages.files.assets["/assets/\(file)"] else {
            throw HTTPError(.notFound)
        }
        return PageSafety.asset(asset.bytes, type: asset.type)
    }
}

/// Problem details (RFC 9457) for everything that goes wrong, and the check of the Host.
private struct FiguresFailures: RouterMiddleware {
    let address: String?
    let logger: Logger

    func handle(
        _ request: Request, context: FormRequestContext,
        next: (Request, FormRequestContext) async throws -> Response
    ) async throws -> Response {
        guard DeskOrigin.isOurHost(request, address: address) else {
            return Self.problem(
                .misdirectedRequest, "host.notAllowed", "请在本机用 127.0.0.1 打开。", "Open it on this machine, by 127.0.0.1.")
        }
        // The router alone would say 404, as if the address were not there.
        guard request.method == .get || request.method == .head || request.uri.path.hasPrefix("/desk") else {
            var response = Self.problem(
                .methodNotAllowed, "method.notAllowed", "这里只能查看。", "There is nothing here but to look at.")
            response.headers[.allow] = "GET, HEAD"
            return response
        }
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status.kind == .clientError {
            return Self.problem(error.status, "request.unknown", "没有这一页。", "There is no such page.")
        } catch {
            logger.error("figures request failed", metadata: .describing(error))
            if let code = (error as? HeadquartersStoreError)?.code, code == .damaged {
                return Self.problem(.serviceUnavailable, "store.damaged", code.hintZh + "。", code.hint)
            }
            return Self.problem(.serviceUnavailable, "store.unavailable", "数据库暂时读不了。", "The store cannot be read.")
        }
    }

    static func problem(_ status: HTTPResponse.Status, _ code: String, _ zh: String, _ en: String) -> Response {
        let answer = ProblemAnswer(
            type: "urn:jobfair:problem:\(code)", title: status.reasonPhrase, status: status.code, code: code, zh: zh,
            en: en)
        let body = (try? FiguresJSON.encode(answer)) ?? []
        return PageSafety.answer(body, type: "application/problem+json; charset=utf-8", status: status)
    }
}
