// A few tries within a window of time, for questions whose answer must not be guessed.

/// Counts tries on the clock since boot; the wall clock may jump.
actor TryLimiter {
    private let triesMax: Int
    private let window: Duration
    /// Milliseconds since boot, ascending.
    private var tries: [Int64] = []

    init(triesMax: Int, window: Duration) {
        self.triesMax = triesMax
        self.window = window
    }

    /// Nil: go ahead, the try is counted. Otherwise how long to wait.
    func waitAfterTry(bootMilliseconds now: Int64) -> Duration? {
        tries.removeAll { .milliseconds(now - $0) >= window }
        if tries.count >= triesMax, let oldest = tries.first { return window - .milliseconds(now - oldest) }
        tries.append(now)
        return nil
    }
}
