// Sessions that hello opened: a nonce per session, and counters that never come twice.

import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Lives in memory only: after a restart kiosks are told `session.unknown` and say hello again.
actor SyncSessions {
    /// The session before the newest stays valid: a request may have been under way when hello was said.
    private static let sessionsPerDevice = 2
    /// Requests of one session may overtake each other by this many.
    fileprivate static let window: UInt64 = 64

    struct Session: Sendable {
        let nonce: Data
        /// As hello said it; a batch whose frames cannot be read is answered for this one.
        let lineageID: Data
        fileprivate var highest: UInt64 = 0
        /// Bit i: counter `highest - i` was seen.
        fileprivate var seen: UInt64 = 0

        /// Whether the counter has not come yet; one too far below the highest counts as come.
        func isFresh(_ counter: UInt64) -> Bool {
            guard counter > 0 else { return false }
            if counter > highest { return true }
            let back = highest - counter
            return back < SyncSessions.window && seen >> back & 1 == 0
        }
    }

    private var sessions: [Data: [Session]] = [:]

    func open(nonce: Data, lineageID: Data, for deviceID: Data) {
        var list = sessions[deviceID] ?? []
        list.append(Session(nonce: nonce, lineageID: lineageID))
        sessions[deviceID] = Array(list.suffix(Self.sessionsPerDevice))
    }

    func session(nonce: Data, of deviceID: Data) -> Session? {
        sessions[deviceID]?.first { $0.nonce == nonce }
    }

    /// Once per counter, after the signature was checked. False: used before, or too old to tell.
    func use(counter: UInt64, nonce: Data, of deviceID: Data) -> Bool {
        guard let index = sessions[deviceID]?.firstIndex(where: { $0.nonce == nonce }),
            var session = sessions[deviceID]?[index], session.isFresh(counter)
        else { return false }
        if counter > session.highest {
            let step = counter - session.highest
            session.seen = step >= Self.window ? 1 : session.seen << step | 1
            session.highest = counter
        } else {
            session.seen |= 1 << (session.highest - counter)
        }
        sessions[deviceID]?[index] = session
        return true
    }
}

/// Slows down guessing of enrolment codes: 40 random bits, a handful of tries.
actor EnrolmentThrottle {
    /// Wrong tries from one address within `periodMilliseconds`.
    static let perAddressMax = 10
    /// Wrong tries from anywhere: 2^40 codes at this rate take 10^6 years.
    static let overallMax = 100
    static let periodMilliseconds: Int64 = 900_000

    private var wrong: [(address: String, at: Int64)] = []

    /// Milliseconds to wait; nil: go on.
    func delay(for address: String, now: Int64) -> Int64? {
        wrong.removeAll { now - $0.at >= Self.periodMilliseconds || $0.at > now }
        let own = wrong.filter { $0.address == address }
        if own.count >= Self.perAddressMax, let first = own.first { return Self.periodMilliseconds - (now - first.at) }
        if wrong.count >= Self.overallMax, let first = wrong.first {
            return Self.periodMilliseconds - (now - first.at)
        }
        return nil
    }

    func noteWrong(_ address: String, now: Int64) {
        if wrong.count < Self.overallMax { wrong.append((address, now)) }
    }
}
