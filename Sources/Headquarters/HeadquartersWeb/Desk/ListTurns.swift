// Whose turn it is to get an employer's list, and what a session was shown a moment ago.

import HeadquartersCore
import JobFair

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A list of the largest fair takes seconds of one core and some 40 MB: a session gets one at a time, a page that is loaded
/// again waits.
///
/// Audit: the page of an employer's own list is one look for `lookMilliseconds`. Loaded again by the same session, with the
/// same lines in the same standing, it adds no line; one more or one less on the list does. Files, and whatever a clerk sees
/// in full, are never the same look.
actor ListTurns {
    /// Ten minutes.
    static let lookMilliseconds: Int64 = 10 * 60_000
    /// Requests of one session that wait, besides the one that is served: somebody who presses F5.
    static let waitingMax = 3
    /// Looks that are remembered; the oldest go first, and cost a line.
    static let looksMax = 1024

    struct Place: Hashable, Sendable {
        /// Digest of its token.
        var session: Data
        var fair: FairID
        var employer: EmployerID
    }

    private struct Look {
        var fingerprint: Int
        var at: Int64
    }

    private var looks: [Place: Look] = [:]
    private var waiting: [Data: [CheckedContinuation<Void, Never>]] = [:]

    /// False: too many of this session are waiting. After true `end` has to follow.
    func begin(_ session: Data) async -> Bool {
        guard let others = waiting[session] else {
            waiting[session] = []
            return true
        }
        guard others.count < Self.waitingMax else { return false }
        await withCheckedContinuation { waiting[session, default: []].append($0) }
        return true
    }

    func end(_ session: Data) {
        guard let others = waiting[session], let next = others.first else {
            waiting[session] = nil
            return
        }
        waiting[session] = Array(others.dropFirst())
        next.resume()
    }

    /// Fingerprint of the list this session was shown a moment ago; nil: the next look is a new one.
    func seen(_ place: Place, now: Int64) -> Int? {
        guard let look = looks[place], abs(now - look.at) < Self.lookMilliseconds else { return nil }
        return look.fingerprint
    }

    /// The list was shown. `at` stays that of the line: somebody who loads the page every minute is in the audit every ten.
    func note(_ fingerprint: Int, at place: Place, now: Int64) {
        if let look = looks[place], look.fingerprint == fingerprint, abs(now - look.at) < Self.lookMilliseconds {
            return
        }
        looks[place] = Look(fingerprint: fingerprint, at: now)
        if looks.count > Self.looksMax, let oldest = looks.min(by: { $0.value.at < $1.value.at }) {
            looks[oldest.key] = nil
        }
    }
}
