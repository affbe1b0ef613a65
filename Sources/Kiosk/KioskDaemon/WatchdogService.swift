// Feeds systemd's watchdog from real progress: a kiosk that cannot write must look dead, and be restarted.

import KioskCore
import Logging
import Observability
import ServiceLifecycle

/// Every third of the watchdog's interval the store has to answer, through the one queue that its commits go through,
/// and no commit may have waited too long; only then WATCHDOG=1 (sd_notify(3)). A disk that hangs for longer than the
/// interval, or a writer that died, ends in SIGABRT and a restart.
struct WatchdogService: Service {
    let notifier: ServiceNotifier
    /// Throws or hangs when the kiosk makes no progress.
    let probe: @Sendable () async throws -> Void
    let status: @Sendable () async -> String
    let logger: Logger

    func run() async throws {
        let interval = notifier.watchdogInterval ?? .seconds(30)
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await probe()
                    notifier.watchdog()
                    notifier.status(await status())
                } catch is CancellationError {
                    return
                } catch {
                    logger.error("watchdog probe failed", metadata: ["error.kind": "\(type(of: error))"])
                }
                try? await Task.sleep(for: interval / 3)
            }
        }
    }
}
