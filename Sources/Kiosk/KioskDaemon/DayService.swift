// Opens the next fair day by itself, but only while the clock can be trusted.

import JobFair
import KioskCore
import KioskDevices
import Logging
import ServiceLifecycle
import Synchronization

/// Whether the day was looked at since the start. Until then nothing is registered: records of a new boot must not say
/// that a day is confirmed which nobody has confirmed.
final class DayState: Sendable {
    private enum Phase { case starting, failing, settled }

    private let phase = Mutex(Phase.starting)

    var isReady: Bool { phase.withLock { $0 == .settled } }

    /// It lasts longer than a start needs.
    var isFailing: Bool { phase.withLock { $0 == .failing } }

    func settle() { phase.withLock { $0 = .settled } }

    func fail() { phase.withLock { if $0 == .starting { $0 = .failing } } }
}

/// Looks once at the start (another boot, an untrusted clock: the day has to be confirmed) and then every minute.
struct DayService: Service {
    static let interval = Duration.seconds(60)
    /// At the start the store may not take records yet.
    static let retryInterval = Duration.milliseconds(200)
    static let quietFailures = 10

    let fairControl: FairControl
    let clock: SystemClock
    let state: DayState
    let logger: Logger
    var retryInterval = Self.retryInterval

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var failures = 0
            while !Task.isCancelled {
                do {
                    if state.isReady {
                        try await fairControl.dayByClock()
                    } else {
                        try await settle()
                    }
                    failures = 0
                } catch {
                    failures += 1
                    // The writer needs a moment after the start; what lasts longer keeps people from registering.
                    if failures == Self.quietFailures {
                        state.fail()
                        logger.error("day cannot be settled", metadata: ["error": "\(error)"])
                    }
                }
                let retry = failures < Self.quietFailures ? retryInterval : retryInterval * 25
                guard (try? await Task.sleep(for: state.isReady ? Self.interval : retry)) != nil else { return }
            }
        }
    }

    private func settle() async throws {
        try await fairControl.dayAfterStart(isNewBoot: clock.isNewBoot)
        do {
            try clock.keepBootCounter()
        } catch {
            logger.warning("boot counter could not be kept", metadata: ["error": "\(error)"])
        }
        state.settle()
    }
}
