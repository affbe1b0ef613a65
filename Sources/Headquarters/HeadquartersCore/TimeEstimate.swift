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
    /// Between question and answer: the uncertainty. `TimeEstimate.helloDoubtMilliseconds` for a pair of hello.
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
    /// A kiosk calls its clock headquarters' while it is within 60 s of what hello said; milliseconds either way.
    static let headquartersMilliseconds: Int64 = 62_000
    /// A clock set by hand, milliseconds either way.
    static let handMilliseconds: Int64 = 600_000
    /// A kiosk reads its clock for hello before it resolves, connects and shakes hands; headquarters reads its own when
    /// the request is there. In between lies at most the deadline of a whole request.
    public static let helloDoubtMilliseconds: Int64 = 60_000
    private static let dayMilliseconds: Int64 = 86_400_000

    /// The best evidence first: the boot clock against the least doubtful clock pair of the same boot, then a wall clock of
    /// quality NTP or better, then one set by hand, then the fair day alone. Nothing happened after it was received. A boot
    /// of which there is no pair is not dated by its neighbours: a copied card may have been alive in two machines.
    ///
    /// - Parameter fairDay: nil where the kiosk had not confirmed it: such a day is no evidence.
    public static func occurredAt(
        _ clock: ClockSample, fairDay: CalendarDate?, receivedAt: Int64, pairs: [ClockPair]
    ) -> OccurredAt {
        let same = agreeing(pairs.filter { !$0.bootID.isEmpty && $0.bootID == clock.bootID })
        if let nearest = same.min(by: { doubt($0, clock) < doubt($1, clock) }) {
            let elapsed = clock.bootMilliseconds.subtractingReportingOverflow(nearest.bootMilliseconds)
            let estimate = nearest.headquartersMilliseconds.addingReportingOverflow(elapsed.partialValue)
            if !elapsed.overflow, !estimate.overflow {
                return bounded(
                    estimate.partialValue, give: Int64(clamping: doubt(nearest, clock)), upper: receivedAt)
            }
        }
        switch clock.quality {
        case .headquarters:
            return bounded(clock.wallMilliseconds, give: headquartersMilliseconds, upper: receivedAt)
        case .ntp:
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

    /// Pairs of one boot that contradict the latest are left out: headquarters' own clock was set in between, and the latest
    /// was read by the clock as it is now.
    private static func agreeing(_ pairs: [ClockPair]) -> [ClockPair] {
        guard let latest = pairs.max(by: { $0.bootMilliseconds < $1.bootMilliseconds }) else { return [] }
        return pairs.filter { pair in
            // What a kiosk sends may be any number: no sum of these overflows.
            let apart = Double(latest.bootMilliseconds) - Double(pair.bootMilliseconds)
            let jump = Double(latest.headquartersMilliseconds) - Double(pair.headquartersMilliseconds) - apart
            let roundTrips = Double(latest.roundTripMilliseconds) + Double(pair.roundTripMilliseconds)
            return abs(jump) <= roundTrips + abs(apart) / 1_000_000 * Double(driftMillionths) + 2_000
        }
    }

    private static func bounded(_ instant: Int64, give: Int64, upper: Int64) -> OccurredAt {
        let limited = min(max(instant, 0), upper)
        return OccurredAt(
            lower: max(0, limited - give), estimate: limited, upper: limited + min(give, upper - limited))
    }

    /// Milliseconds either way: drift since the pair was read, its round trip, one second for what else there is.
    private static func doubt(_ pair: ClockPair, _ clock: ClockSample) -> UInt64 {
        let difference = pair.bootMilliseconds.subtractingReportingOverflow(clock.bootMilliseconds)
        if difference.overflow { return .max }
        let drift = difference.partialValue.magnitude / 1_000_000 * UInt64(driftMillionths)
        return drift + UInt64(clamping: pair.roundTripMilliseconds) + 1_000
    }

    /// Midnight in China, in milliseconds since 1970.
    static func startOfDay(_ day: CalendarDate) -> Int64 {
        Int64(day.daysSince1970) * dayMilliseconds - BeijingTime.offsetMilliseconds
    }
}

extension CalendarDate {
    /// The day that many days later; nil outside the years 1970 to 9999.
    public func adding(days: Int) -> CalendarDate? {
        CalendarDate(daysSince1970: daysSince1970 + days)
    }
}
