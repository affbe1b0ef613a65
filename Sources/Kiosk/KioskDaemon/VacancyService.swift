// Makes the vacancies of a new catalogue ready beside the requests.

import JobFair
import KioskCore
import Logging
import ServiceLifecycle

/// At the start for the open fair, then whenever a catalogue has changed.
struct VacancyService: Service {
    let shelf: VacancyShelf
    let openFair: @Sendable () async -> FairID?
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            if let fair = await openFair() { shelf.expect(fair) }
            for await fair in shelf.stale {
                do {
                    try await shelf.renew(fair)
                } catch {
                    // The old ones are still served; the next request finds the new ones missing and asks again.
                    logger.warning("vacancies could not be made ready", metadata: ["error": "\(type(of: error))"])
                }
            }
        }
    }
}
