// Wipes what is personal in the records of fairs that ended long ago.

import HeadquartersCore
import HeadquartersStore
import JobFair
import Logging
import ServiceLifecycle

enum Retention {
    private static let dayMilliseconds: Int64 = 86_400_000

    /// Fairs whose last day lies before this one are over; nil where the clock stands before 1970.
    static func firstDayKept(days: Int, now: Int64) -> CalendarDate? {
        BeijingTime(milliseconds: now - Int64(days) * dayMilliseconds)?.day
    }

    static func line(days: Int, now: Int64) -> AuditLine {
        AuditLine(at: now, actor: .terminal, action: .recordsWiped, reason: "daysAfterFair \(days)")
    }
}

/// `retention.daysAfterFair` in `serve`: at the start, then every hour, so that a late record of an old fair goes soon.
struct RetentionService: Service {
    let store: SQLiteHeadquartersStore
    let days: Int
    let now: @Sendable () -> Int64
    let logger: Logger

    private static let interval = Duration.seconds(3600)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await turn()
                } catch is CancellationError {
                    break
                } catch {
                    logger.error("records whose time is over cannot be wiped", metadata: .describing(error))
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    func turn() async throws {
        guard let day = Retention.firstDayKept(days: days, now: now()) else { return }
        for fair in try await store.expiredFairs(before: day) {
            let done = try await store.wipe(fair.id, line: Retention.line(days: days, now: now()))
            logger.notice(
                "records of a fair that is over were wiped",
                metadata: ["fair.number": "\(fair.keyNumber)", "retention.records": "\(done.records)"])
        }
    }
}
