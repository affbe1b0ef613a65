// Opens the next fair day by itself, but only while the clock can be trusted.

import JobFair
import KioskCore
import Logging
import ServiceLifecycle

/// Looks once at the start (another boot, an untrusted clock: the day has to be confirmed) and then every minute.
struct DayService: Service {
    static let interval = Duration.seconds(60)

    let fairControl: FairControl
    let isNewBoot: Bool
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await step { try await fairControl.dayAfterStart(isNewBoot: isNewBoot) }
            while !Task.isCancelled {
                guard (try? await Task.sleep(for: Self.interval)) != nil else { return }
                await step { try await fairControl.dayByClock() }
            }
        }
    }

    private func step(_ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            logger.warning("day could not be changed", metadata: ["error.kind": "\(type(of: error))"])
        }
    }
}
