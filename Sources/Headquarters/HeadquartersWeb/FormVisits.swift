// What the form remembers between two requests, in memory only and for minutes: no cookies, nothing on the disk.

import HeadquartersCore
import JobFair
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What became of one vacancy in a post, where it is not simply stated.
enum FormNote: Hashable, Sendable {
    case tooManyVacancies
    case vacancyUnavailable
    case vacancyNotUnder18
    case withdrawn
    case consentWithdrawn
}

/// What became of wishes.
enum WishesNote: Hashable, Sendable {
    case stated
    case takenBack
}

/// Somebody who said the right four digits a moment ago (or digits nobody can check yet).
struct FormVisit: Sendable {
    var seeker: RecordID
    var digits: String
    var notes: [VacancyID: FormNote]
    /// What opened it; nil where it was opened to see or withdraw.
    var post: FormPost?
    /// Nil where it was not opened by wishes.
    var wishes: WishesNote?
    var endsAt: Int64
}

/// What makes two posts the same: everything a page sends, the id of the page included. A page that came back by the
/// Back button keeps its id; with other ticks it is another post.
struct FormPost: Hashable, Sendable {
    /// A digest: no name is kept for it.
    private let digest: Data

    /// Nil where the post carries no id of a page of ours.
    ///
    /// - Parameter nameTyped: as it was sent; a post sent again is no longer asked for the name, and has it all the same.
    init?(_ submission: IntentSubmission, nameTyped: String?, seeker: RecordID) {
        guard let postID = submission.postID else { return nil }
        let parts =
            [seeker.description, postID, submission.digits] + submission.vacancies.map(\.description).sorted()
            + ["withheld"] + submission.withheld.map(\.description).sorted() + [nameTyped ?? ""]
        digest = SHA256Digest.of(Data(parts.joined(separator: "\n").utf8))
    }
}

/// Visits by their random key, and tries with hand-typed numbers by client. Lost with the process: the person then
/// types the four digits again.
actor FormVisits {
    /// A visit ends after a quarter of an hour: phones are passed on.
    static let visitMilliseconds: Int64 = 15 * 60_000
    /// About 1 MB; the oldest go first.
    static let visitsMax = 4096
    /// Addresses with tries in the last hour: 16 MB at most.
    static let clientsMax = 16_384
    private static let hourMilliseconds: Int64 = 3_600_000

    private var visits: [String: FormVisit] = [:]
    private var posts: [FormPost: String] = [:]
    private var order: [String] = []
    private var tries: [String: [Int64]] = [:]

    /// Opens a visit and returns its key: 32 hexadecimal digits, 128 random bits.
    func open(
        seeker: RecordID, digits: String, notes: [VacancyID: FormNote], post: FormPost?, wishes: WishesNote? = nil,
        now: Int64
    ) -> String {
        endOld(now: now)
        let key = Self.randomKey()
        visits[key] = FormVisit(
            seeker: seeker, digits: digits, notes: notes, post: post, wishes: wishes,
            endsAt: now + Self.visitMilliseconds)
        order.append(key)
        if let post { posts[post] = key }
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
    func visitKey(of post: FormPost, now: Int64) -> String? {
        guard let key = posts[post], let visit = visits[key], visit.endsAt > now else { return nil }
        return key
    }

    /// Takes one of this client's tries of the hour. False: none is left.
    func takeTry(client: String, now: Int64) -> Bool {
        let recent = tries[client, default: []].filter { $0 > now - Self.hourMilliseconds }
        guard recent.count < FormLimits.handTriesPerClientHourMax else { return false }
        if tries[client] == nil, tries.count >= Self.clientsMax {
            tries = tries.filter { entry in entry.value.contains { $0 > now - Self.hourMilliseconds } }
            if tries.count >= Self.clientsMax, let any = tries.keys.first { tries[any] = nil }
        }
        tries[client] = recent + [now]
        return true
    }

    /// The digits were right: the try that was taken at `takenAt` does not count.
    func giveBackTry(client: String, takenAt: Int64) {
        guard let index = tries[client]?.lastIndex(of: takenAt) else { return }
        tries[client]?.remove(at: index)
        if tries[client]?.isEmpty == true { tries[client] = nil }
    }

    private func endOld(now: Int64) {
        while let oldest = order.first,
            visits[oldest].map({ $0.endsAt <= now }) ?? true || order.count >= Self.visitsMax
        {
            order.removeFirst()
            guard let ended = visits.removeValue(forKey: oldest), let post = ended.post, posts[post] == oldest else {
                continue
            }
            posts[post] = nil
        }
    }

    /// 128 bits of the system's generator, as 32 hexadecimal digits.
    static func randomKey() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
