// Failed logins with names that no login has: counted, so that the audit does not grow with every guess.

import HeadquartersCore

/// The count is in memory: with the process go the tries of its last minute. What is due is written with the next failed
/// login of this kind, and before anybody reads the audit.
actor StrangerCount {
    private var count = 0
    private var lineAt: Int64?

    /// Counts one; the number for a line of the audit where one is due.
    func add(now: Int64) -> Int? {
        count += 1
        return due(now: now)
    }

    /// The number for a line of the audit; nil where there is none, or the last line is younger than
    /// `LoginLimits.strangersLineMilliseconds`. A clock that is set back holds no line up for longer.
    func due(now: Int64) -> Int? {
        if let lineAt, abs(now - lineAt) < LoginLimits.strangersLineMilliseconds { return nil }
        guard count > 0 else { return nil }
        defer { count = 0 }
        lineAt = now
        return count
    }
}
