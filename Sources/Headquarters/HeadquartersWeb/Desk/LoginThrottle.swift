// Slows down guessing of passwords, by name and by address, and never locks anybody out for good.

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Failed tries in memory: who restarts headquarters is not who guesses. A try is counted before its password is checked
/// and given back when it was right, so that a hundred at once are no way around it.
actor LoginThrottle {
    /// Tries of a name before one has to wait: somebody with caps lock on.
    static let nameTries = 5
    /// Tries of an address: a whole bureau behind one.
    static let clientTries = 30
    /// The first wait; every further try doubles it.
    static let firstWaitMilliseconds: Int64 = 15_000
    /// The longest: about a hundred tries a day for whoever guesses, a quarter of an hour for whoever was guessed at.
    static let waitMillisecondsMax: Int64 = 15 * 60_000
    /// Forgotten after an hour without a try.
    static let memoryMilliseconds: Int64 = 3_600_000
    /// Names and addresses that are remembered: about 1 MB. Beyond that the least tried go first.
    static let entriesMax = 8192

    private struct Tries {
        var count = 0
        var lastAt: Int64 = 0
    }

    private var names: [Data: Tries] = [:]
    private var clients: [String: Tries] = [:]

    /// Takes a try; milliseconds to wait where none is left, which then does not count.
    ///
    /// - Parameters:
    ///   - name: a digest of what was typed: people type passwords into name fields.
    ///   - client: nil where no address is known that is one person's or one office's.
    func take(name: Data, client: String?, now: Int64) -> Int64? {
        let nameWait = Self.wait(&names[name], free: Self.nameTries, now: now)
        let clientWait = client.map { Self.wait(&clients[$0], free: Self.clientTries, now: now) } ?? 0
        guard max(nameWait, clientWait) == 0 else { return max(nameWait, clientWait) }
        Self.count(name, in: &names, now: now)
        if let client { Self.count(client, in: &clients, now: now) }
        return nil
    }

    /// The password was right: the name starts afresh. The address only gets this try back: else one right password of
    /// its own would give it thirty more for others.
    func succeed(name: Data, client: String?) {
        names[name] = nil
        if let client { clients[client]?.count -= 1 }
    }

    /// The password was not checked at all.
    func giveBack(name: Data, client: String?) {
        names[name]?.count -= 1
        if let client { clients[client]?.count -= 1 }
    }

    private static func wait(_ tries: inout Tries?, free: Int, now: Int64) -> Int64 {
        guard let held = tries, held.count >= free, now - held.lastAt < memoryMilliseconds else { return 0 }
        // After a clock was set back, the wait begins anew instead of lasting until then.
        let lastAt = min(held.lastAt, now)
        tries?.lastAt = lastAt
        let doublings = min(held.count - free, 16)
        return max(0, lastAt + min(waitMillisecondsMax, firstWaitMilliseconds << doublings) - now)
    }

    private static func count<Key: Hashable>(_ key: Key, in entries: inout [Key: Tries], now: Int64) {
        if entries[key] == nil, entries.count >= entriesMax {
            entries = entries.filter { now - $0.value.lastAt < memoryMilliseconds }
            if entries.count >= entriesMax,
                let least = entries.min(by: { ($0.value.count, $0.value.lastAt) < ($1.value.count, $1.value.lastAt) })
            {
                entries[least.key] = nil
            }
        }
        var tries = entries[key] ?? Tries()
        if now - tries.lastAt >= memoryMilliseconds { tries.count = 0 }
        tries.count += 1
        tries.lastAt = now
        entries[key] = tries
    }
}
