// How long to wait before the next try: for ever, with jitter, on the clock since boot.

/// Full jitter (`protocol.md`, Kiosk): between 1 s and 2^n s, at most 300 s. There is no limit on tries or age.
public enum SyncBackoff {
    public static let least = Duration.seconds(1)
    public static let most = Duration.seconds(300)
    /// What headquarters asks for is honoured up to here.
    public static let retryAfterMost = Duration.seconds(3600)
    /// After the network came up: a little spread, so that a hall full of kiosks does not knock at once.
    public static let networkUpMost = Duration.seconds(5)

    /// - Parameters:
    ///   - failures: in a row, 1 or more.
    ///   - retryAfter: as headquarters said; spread by up to half of itself, upwards.
    public static func wait(
        failures: Int, retryAfter: Duration? = nil, random: inout some RandomNumberGenerator
    ) -> Duration {
        let ceiling = min(least * (1 << min(max(failures, 0), 9)), most)
        let backoff = duration(least...ceiling, random: &random)
        guard let retryAfter, retryAfter > .zero else { return backoff }
        let asked = min(retryAfter, retryAfterMost)
        return max(backoff, asked) + duration(.zero...(asked / 2), random: &random)
    }

    static func duration(
        _ range: ClosedRange<Duration>, random: inout some RandomNumberGenerator
    ) -> Duration {
        let bounds = range.lowerBound.milliseconds...range.upperBound.milliseconds
        return .milliseconds(Int64.random(in: bounds, using: &random))
    }
}

extension Duration {
    /// Whole milliseconds.
    public var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
