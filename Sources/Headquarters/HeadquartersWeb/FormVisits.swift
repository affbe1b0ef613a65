// What the form remembers between two requests, in memory only and for minutes: no cookies, nothing on the disk.

import HeadquartersCore
import JobFair

/// What became of one vacancy in a post, where it is not simply stated.
enum FormNote: Hashable, Sendable {
    case tooManyVacancies
    case vacancyUnavailable
    case vacancyNotUnder18
    case withdrawn
    case consentWithdrawn
}

/// Somebody who said the right four digits a moment ago (or digits nobody can check yet).
struct FormVisit: Sendable {
    var seeker: RecordID
    var digits: String
    var notes: [VacancyID: FormNote]
    var endsAt: Int64
}

/// Visits by their random key, and tries with hand-typed numbers by client. Lost with the process: the person then
/// types the four digits again.
actor FormVisits {
    /// A visit ends after a quarter of an hour: phones are passed on.
    static let visitMilliseconds: Int64 = 15 * 60_000
    /// About 1 MB; the oldest go first.
    static let visitsMax = 4096
    static let clientsMax = 16_384
    private static let hourMilliseconds: Int64 = 3_600_000

    private var visits: [String: FormVisit] = [:]
    private var posts: [String: String] = [:]
    private var order: [String] = []
    private var failures: [String: [Int64]] = [:]

    /// Opens a visit and returns its key: 32 hexadecimal digits, 128 random bits.
    func open(seeker: RecordID, digits: String, notes: [VacancyID: FormNote], postID: String?, now: Int64) -> String {
        endOld(now: now)
        let key = Self.randomKey()
        visits[key] = FormVisit(seeker: seeker, digits: digits, notes: notes, endsAt: now + Self.visitMilliseconds)
        order.append(key)
        if let postID { posts[Self.postKey(seeker, postID)] = key }
        return key
    }

    /// Nil: never opened, ended, or opened with another slip.
    func visit(_ key: String, of seeker: RecordID, now: Int64) -> FormVisit? {
        guard let visit = visits[key], visit.endsAt > now, visit.seeker == seeker else { return nil }
        return visit
    }

    func note(_ note: FormNote, for vacancy: VacancyID, in key: String) {
        visits[key]?.notes[vacancy] = note
    }

    /// The visit that this very post opened already: a double tap, or a page sent again.
    func visitKey(ofPost postID: String, seeker: RecordID, now: Int64) -> String? {
        guard let key = posts[Self.postKey(seeker, postID)], visit(key, of: seeker, now: now) != nil else { return nil }
        return key
    }

    /// True while this client has failures left within the hour.
    func mayTry(client: String, now: Int64) -> Bool {
        failures[client, default: []].count { $0 > now - Self.hourMilliseconds } < FormLimits.handTriesPerHourMax
    }

    func noteFailure(client: String, now: Int64) {
        let recent = failures[client, default: []].filter { $0 > now - Self.hourMilliseconds }
        if failures.count >= Self.clientsMax {
            failures = failures.filter { entry in entry.value.contains { $0 > now - Self.hourMilliseconds } }
            if failures.count >= Self.clientsMax, let any = failures.keys.first { failures[any] = nil }
        }
        failures[client] = recent + [now]
    }

    private func endOld(now: Int64) {
        while let oldest = order.first,
            visits[oldest].map({ $0.endsAt <= now }) ?? true || order.count >= Self.visitsMax
        {
            order.removeFirst()
            visits[oldest] = nil
            posts = posts.filter { $0.value != oldest }
        }
    }

    private static func postKey(_ seeker: RecordID, _ postID: String) -> String { "\(seeker) \(postID)" }

    /// 128 bits of the system's generator, as 32 hexadecimal digits.
    static func randomKey() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
