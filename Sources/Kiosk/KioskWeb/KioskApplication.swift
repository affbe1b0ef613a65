// The kiosk's web application: routes, middlewares, listener.

import HTTPTypes
public import Hummingbird
import HummingbirdCore
public import KioskCore
public import Logging
import NIOCore

/// The addresses there are, and the methods each takes.
enum KioskRoutes {
    static let table: [(path: String, methods: [String])] = [
        ("/", ["GET", "HEAD"]),
        ("/assets/:name", ["GET", "HEAD"]),
        ("/demonstration/last-slip.png", ["GET", "HEAD"]),
        ("/api/v1/status", ["GET", "HEAD"]),
        ("/api/v1/registrations", ["POST"]),
        ("/api/v1/registrations/:recordId/print-state", ["GET", "HEAD"]),
        ("/api/v1/entries", ["POST"]),
        ("/api/v1/check-ins", ["POST"]),
        ("/api/v1/slip-copies", ["POST"]),
        ("/api/v1/vacancies", ["GET", "HEAD"]),
        ("/api/v1/vacancies/:vacancyId", ["GET", "HEAD"]),
        ("/api/v1/occupations", ["GET", "HEAD"]),
        ("/api/v1/regions", ["GET", "HEAD"]),
        ("/api/v1/matches", ["POST"]),
        ("/api/v1/vacancy-slips", ["POST"]),
        ("/api/v1/vacancy-slips/:recordId/print-state", ["GET", "HEAD"]),
        ("/api/v1/intents", ["POST"]),
        ("/api/v1/slip-intents", ["POST"]),
        ("/api/v1/wishes", ["POST"]),
    ]

    /// Which methods an address takes; empty where there is no such address.
    static func methods(at path: String) -> [String] {
        let parts = path.split(separator: "/")
        return table.first { route in
            let pattern = route.path.split(separator: "/")
            return pattern.count == parts.count && zip(pattern, parts).allSatisfy { $0.hasPrefix(":") || $0 == $1 }
        }?.methods ?? []
    }

    static func router(desk: any Desk, page: PageController, version: String) -> Router<KioskRequestContext> {
        let api = DeskController(desk: desk, version: version)
        let router = Router(context: KioskRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: SecurityHeadersMiddleware())
        router.add(middleware: ProblemMiddleware())
        router.add(middleware: OriginMiddleware())
        router.get("/", use: page.page)
        router.get("/assets/:name", use: page.asset)
        router.get("/demonstration/last-slip.png", use: api.lastSlip)
        router.get("/api/v1/status", use: api.status)
        router.post("/api/v1/registrations", use: api.register)
        router.get("/api/v1/registrations/:recordId/print-state", use: api.printState)
        router.post("/api/v1/entries", use: api.countEntry)
        router.post("/api/v1/check-ins", use: api.checkIn)
        router.post("/api/v1/slip-copies", use: api.copySlip)
        let vacancies = VacancyController(desk: desk)
        router.get("/api/v1/vacancies", use: vacancies.vacancies)
        router.get("/api/v1/vacancies/:vacancyId", use: vacancies.vacancy)
        router.get("/api/v1/occupations", use: vacancies.occupations)
        router.get("/api/v1/regions", use: vacancies.regions)
        router.post("/api/v1/matches", use: vacancies.match)
        router.post("/api/v1/vacancy-slips", use: vacancies.printVacancy)
        router.get("/api/v1/vacancy-slips/:recordId/print-state", use: api.printState)
        router.post("/api/v1/intents", use: vacancies.stateIntent)
        router.post("/api/v1/slip-intents", use: vacancies.slipIntents)
        router.post("/api/v1/wishes", use: vacancies.changeWishes)
        return router
    }
}

/// Makes the application that serves the page and the JSON API; put it into a `ServiceGroup`.
///
/// - Parameters:
///   - desk: does all the work.
///   - settings: where it listens, and its limits.
///   - logger: told of unexpected errors only, without personal data.
///   - onListening: called once with the port, when requests are taken.
/// - Throws: where the page that is built into the program does not parse.
public func makeKioskApplication(
    desk: any Desk, settings: KioskWebSettings, logger: Logger,
    onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
) throws -> some ApplicationProtocol {
    let page = try PageController(desk: desk)
    let router = KioskRoutes.router(desk: desk, page: page, version: settings.version)
    let idle = TimeAmount.nanoseconds(Int64(settings.idleTimeout / .nanoseconds(1)))
    return Application(
        router: router,
        server: .http1(
            configuration: .init(
                idleTimeout: idle,
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: WebLimits.headerFieldBytesMax, maxHeaderListSize: WebLimits.headerBytesMax,
                    maxHeaderFieldCount: WebLimits.headerFieldsMax))),
        configuration: ApplicationConfiguration(
            address: .hostname(settings.host, port: settings.port), serverName: nil,
            availableConnectionsDelegate: MaximumAvailableConnections(settings.connectionsMax, logger: logger)),
        onServerRunning: { channel in await onListening(channel.localAddress?.port ?? settings.port) },
        logger: logger)
}
