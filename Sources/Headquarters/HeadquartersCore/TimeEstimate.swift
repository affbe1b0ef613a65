// When did it happen: an estimate with bounds from clock evidence; raw values are never overwritten.

public import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A moment at which a kiosk's boot clock and headquarters' clock were read together (hello, clock anchors).
public struct ClockPair: Hashable, Sendable {
    /// 16 bytes.
    public var bootID: Data
    public var bootMilliseconds: Int64
    public var headquartersMilliseconds: Int64
    /// Between question and answer; half of it is uncertainty.
    public var roundTripMilliseconds: Int64

    public init(
        bootID: Data, bootMilliseconds: Int64, headquartersMilliseconds: Int64, roundTripMilliseconds: Int64
    ) {
        self.bootID = bootID
        self.bootMilliseconds = bootMilliseconds
        self.headquartersMilliseconds = headquartersMilliseconds
        self.roundTripMilliseconds = roundTripMilliseconds
    }
}

/// `occurred_at` with its bounds, milliseconds since 1970.
public struct OccurredAt: Hashable, Sendable {
    public var lower: Int64
    public var estimate: Int64
    public var upper: Int64

    public init(lower: Int64, estimate: Int64, upper: Int64) {
        self.lower = lower
        self.estimate = estimate
        self.upper = upper
    }

    /// Known to the millisecond: headquarters itself took it down.
    public static func exactly(_ instant: Int64) -> OccurredAt {
        OccurredAt(lower: instant, estimate: instant, upper: instant)
    }
}

public enum TimeEstimate {
    /// A cheap crystal is wrong by up to 100 millionths; twice that.
    static let driftMillionths: Int64 = 200
    /// NTP on a kiosk, milliseconds either way.
    static let ntpMilliseconds: Int64 = 2_000
    /// A clock set by hand, milliseconds either way.
    static let handMilliseconds: Int64 = 600_000
    private static let dayMilliseconds: Int64 = 86_400_000
    /// Fair days are days of China (UTC+8, no summer time since 1991).
    private static let chinaOffsetMilliseconds: Int64 = 8 * 3_600_000

    /// The best evidence first: the boot clock against a clock pair of the same boot, then a wall clock of quality NTP
    /// or better, then one set by hand, then the fair day alone. Nothing happened after it was received.
    public static func occurredAt(
        _ clock: ClockSample, fairDay: CalendarDate?, receivedAt: Int64, pairs: [ClockPair]
    ) -> OccurredAt {
        let same = pairs.filter { !$0.bootID.isEmpty && $0.bootID == clock.bootID }
        if let nearest = same.min(by: { distance($0, clock) < distance($1, clock) }) {
            let elapsed = clock.bootMilliseconds.subtractingReportingOverflow(nearest.bootMilliseconds)
            let estimate = nearest.headquartersMilliseconds.addingReportingOverflow(elapsed.partialValue)
            if !elapsed.overflow, !estimate.overflow {
                let drift = Int64(elapsed.partialValue.magnitude / 1_000_000) * driftMillionths
                return bounded(
                    estimate.partialValue, give: drift + nearest.roundTripMilliseconds + 1_000, upper: receivedAt)
            }
        }
        switch clock.quality {
        case .ntp, .headquarters:
            return bounded(clock.wallMilliseconds, give: ntpMilliseconds, upper: receivedAt)
        case .hand:
            return bounded(clock.wallMilliseconds, give: handMilliseconds, upper: receivedAt)
        case .none:
            guard let fairDay else { return OccurredAt(lower: 0, estimate: receivedAt, upper: receivedAt) }
            let start = min(startOfDay(fairDay), receivedAt)
            let end = min(start + dayMilliseconds, receivedAt)
            return OccurredAt(lower: start, estimate: end, upper: end)
        }
    }

    private static func bounded(_ instant: Int64, give: Int64, upper: Int64) -> OccurredAt {
        let limited = min(max(instant, 0), upper)
        return OccurredAt(
            lower: max(0, limited - give), estimate: limited, upper: min(upper, limited + give))
    }

    private static func distance(_ pair: ClockPair, _ clock: ClockSample) -> UInt64 {
        let difference = pair.bootMilliseconds.subtractingReportingOverflow(clock.bootMilliseconds)
        return difference.overflow ? .max : difference.partialValue.magnitude
    }

    /// Midnight in China, in milliseconds since 1970.
    static func startOfDay(_ day: CalendarDate) -> Int64 {
        Int64(day.daysSince1970) * dayMilliseconds - chinaOffsetMilliseconds
    }
}

extension CalendarDate {
    /// The day that many days later; nil outside the years 1970 to 9999.
    public func adding(days: Int) -> CalendarDate? {
        CalendarDate(daysSince1970: daysSince1970 + days)
    }
}
