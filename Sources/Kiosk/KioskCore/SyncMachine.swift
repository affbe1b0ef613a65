// The pure heart of sync: events in, actions out. Time and randomness are arguments; nothing here waits or sends.

import SyncProtocol

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Decides when to say hello, what to send and fetch, and how long to wait after a failure.
///
/// Three lanes run side by side: hello and uploads, one request at a time; downloads, one at a time; and the store's own
/// work, one step at a time. Whether there is work is asked of the store again after every hello, so a lost nudge costs a
/// minute and never a record.
public struct SyncMachine: Sendable {
    public enum Event: Sendable {
        case started
        /// `wakeAt` has passed (or not: a timer too many does no harm).
        case timer
        /// The store has a new pending record.
        case recordCommitted
        /// A hint that there may be a road again.
        case networkUp
        case helloAnswered(HelloAnswer)
        case helloFailed(SyncFailure)
        /// The store had nothing pending in the window of the last `upload`.
        case nothingPending
        /// A verified receipt was applied to the store.
        case uploaded(UploadReport)
        case uploadFailed(SyncFailure, sent: SentBatch?)
        case downloaded(SyncDownload)
        case downloadFailed(SyncDownload, SyncFailure, session: Int)
        /// The store took in the news of the last hello. Without this event (it failed) the next hello brings them again.
        case settled(HelloEffect)
        /// A stick brought the order, or the news, that made this kiosk leave its lineage.
        case leftLineage(HelloAnswer.Chain)
        /// Carried out, or never to be: not asked for again while this process lives.
        case followed(directive: Data)
        /// One step of it, and how many records it touched.
        case choreDone(Chore, records: Int)
        case choreFailed(Chore)
    }

    public enum Action: Hashable, Sendable {
        case sayHello
        case upload(UploadWindow)
        /// `session` comes back with the event: a download may end after another hello.
        case download(SyncDownload, session: Int)
        /// Do this before the actions that follow.
        case settle(HelloNews)
        /// Do this before the actions that follow.
        case startNewLineage(HelloAnswer.Chain)
        case follow(DayDirective)
        case chore(Chore)
    }

    /// Work within the kiosk's own store, in small steps beside everything else.
    public enum Chore: Hashable, Sendable {
        /// After headquarters was restored: what an earlier one receipted is sent again.
        case offerAgain
        /// Takes the frames of what headquarters holds in a verified backup.
        case purge
    }

    /// Which pending records the next batch takes.
    public struct UploadWindow: Hashable, Sendable {
        /// Position to start behind.
        public var after: Int64
        public var countMax: Int
        public var bytesMax: Int

        public init(after: Int64, countMax: Int, bytesMax: Int) {
            self.after = after
            self.countMax = countMax
            self.bytesMax = bytesMax
        }
    }

    public struct SentBatch: Hashable, Sendable {
        public var count: Int
        /// `OutboxRecord.position` of its last record.
        public var lastPosition: Int64
        public init(count: Int, lastPosition: Int64) {
            self.count = count
            self.lastPosition = lastPosition
        }
    }

    public struct UploadReport: Hashable, Sendable {
        public var sent: SentBatch
        /// Records that left `pending`.
        public var moved: Int
        /// The longest that headquarters asked to wait for a record.
        public var retryAfter: Duration
        public init(sent: SentBatch, moved: Int, retryAfter: Duration) {
            self.sent = sent
            self.moved = moved
            self.retryAfter = retryAfter
        }
    }

    public enum Phase: String, Hashable, Sendable {
        case offline, hello, uploading, idle, backingOff
    }

    /// Hello is said this often even where there is nothing to send: contact, backlog and new catalogues show.
    public static let helloInterval = Duration.seconds(60)
    /// A record that failed alone this often no longer holds up those behind it.
    public static let singleFailuresMax = 3
    /// Records left behind are tried again after this long, or when headquarters said.
    public static let slowPass = Duration.seconds(60)...Duration.seconds(600)

    private enum InFlight { case hello, upload }

    private let batch: BatchLimits
    private var inFlight: InFlight?
    private var session = 0
    private var hasSession = false
    private var helloDueAt = Duration.zero
    private var notBefore = Duration.zero
    private var failures = 0

    private var hasPending = true
    private var isCommittedMeanwhile = false
    private var after: Int64 = 0
    private var countMax: Int
    private var singleFailures = 0
    private var leftBehind = false
    private var leftBehindWait = Duration.zero
    private var passRestartAt: Duration?

    private var downloads: [SyncDownload] = []
    private var downloadInFlight = false
    private var downloadNotBefore = Duration.zero
    private var downloadFailures = 0

    private var chores: [Chore] = []
    private var choreInFlight = false
    private var choreNotBefore = Duration.zero
    private var filled: [SequenceGap] = []
    private var filledAt: Duration?
    private var isSettled = true
    private var directivesDone: Set<Data> = []

    /// Time since boot of the last verified answer; nil: none since the start.
    public private(set) var lastContactAt: Duration?
    /// Why the last hello or upload failed; nil: it did not.
    public private(set) var lastFailure: SyncFailure?
    /// Why the last download failed; nil: it did not.
    public private(set) var lastDownloadFailure: SyncFailure?
    public private(set) var isRevoked = false
    /// Why the lineage was left, if it was since the start.
    public private(set) var lineageLeft: HelloAnswer.Chain?
    /// Records that headquarters lacks and this kiosk no longer has, as of the last hello.
    public private(set) var recordsMissing = 0
    /// Times that headquarters was found to be another one, restored from a backup, since the start.
    public private(set) var restores = 0
    /// Some records failed alone, or headquarters put them off: they go in a pass of their own, later.
    public var hasSlowLane: Bool { leftBehind || passRestartAt != nil }

    /// Sizes of batches; the protocol's own unless a test says otherwise.
    public struct BatchLimits: Sendable {
        public var first: Int
        public var most: Int
        public var bytes: Int

        public static let standard = BatchLimits(
            first: SyncLimits.batchRecordsFirst, most: SyncLimits.batchRecordsMax, bytes: SyncLimits.batchBytesMax)

        public init(first: Int, most: Int, bytes: Int) {
            self.first = first
            self.most = most
            self.bytes = bytes
        }
    }

    public init(batch: BatchLimits) {
        self.batch = batch
        countMax = batch.first
    }

    public var phase: Phase {
        switch inFlight {
        case .hello: .hello
        case .upload: .uploading
        case nil: failures > 0 ? .backingOff : hasSession ? .idle : .offline
        }
    }

    /// When hello is said or records are sent; nil: now under way.
    public var nextTryAt: Duration? {
        if inFlight != nil { return nil }
        let work = !hasSession || hasPending ? Duration.zero : min(helloDueAt, passRestartAt ?? helloDueAt)
        return max(notBefore, work)
    }

    /// When to send `timer`; nil: not before another event.
    public var wakeAt: Duration? {
        var times: [Duration] = []
        if let nextTryAt { times.append(nextTryAt) }
        if hasSession, !downloadInFlight, !downloads.isEmpty { times.append(downloadNotBefore) }
        if !choreInFlight, !chores.isEmpty { times.append(choreNotBefore) }
        return times.min()
    }

    public mutating func handle(
        _ event: Event, at now: Duration, random: inout some RandomNumberGenerator
    ) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .started, .timer: break
        case .recordCommitted:
            hasPending = true
            // The store may have been asked just before: what it answers next is no news of this record.
            isCommittedMeanwhile = inFlight == .upload
        case .networkUp: networkUp(at: now, random: &random)
        case .helloAnswered(let answer): actions = helloAnswered(answer, at: now, random: &random)
        case .helloFailed(let failure):
            inFlight = nil
            hasSession = false
            backOff(failure, at: now, random: &random)
        case .nothingPending: nothingPending(at: now, random: &random)
        case .uploaded(let report): uploaded(report, at: now, random: &random)
        case .uploadFailed(let failure, let sent): uploadFailed(failure, sent, at: now, random: &random)
        case .downloaded(let download):
            downloadInFlight = false
            downloadFailures = 0
            lastDownloadFailure = nil
            downloads.removeAll { $0 == download }
        case .downloadFailed(let download, let failure, let session):
            downloadFailed(download, failure, session, at: now, random: &random)
        case .settled(let effect): settled(effect)
        case .leftLineage(let chain):
            lineageLeft = chain
            hasPending = true
        case .followed(let directive): directivesDone.insert(directive)
        case .choreDone(let chore, let records): choreDone(chore, records: records, at: now)
        case .choreFailed(let chore):
            choreInFlight = false
            // The next hello asks for it again.
            chores.removeAll { $0 == chore }
        }
        if let action = nextUpload(at: now) { actions.append(action) }
        if let action = nextDownload(at: now) { actions.append(action) }
        if let action = nextChore(at: now) { actions.append(action) }
        return actions
    }
}

// MARK: - What next

extension SyncMachine {
    private mutating func nextUpload(at now: Duration) -> Action? {
        guard inFlight == nil, now >= notBefore else { return nil }
        if !hasSession || now >= helloDueAt {
            inFlight = .hello
            return .sayHello
        }
        if let restart = passRestartAt, now >= restart {
            passRestartAt = nil
            after = 0
            hasPending = true
        }
        guard hasPending else { return nil }
        inFlight = .upload
        isCommittedMeanwhile = false
        return .upload(UploadWindow(after: after, countMax: countMax, bytesMax: batch.bytes))
    }

    private mutating func nextDownload(at now: Duration) -> Action? {
        guard hasSession, !downloadInFlight, now >= downloadNotBefore, let first = downloads.first else { return nil }
        downloadInFlight = true
        return .download(first, session: session)
    }

    private mutating func backOff(
        _ failure: SyncFailure, at now: Duration, random: inout some RandomNumberGenerator
    ) {
        failures += 1
        lastFailure = failure
        var retryAfter: Duration?
        if case .busy(let asked) = failure { retryAfter = asked }
        notBefore = now + SyncBackoff.wait(failures: failures, retryAfter: retryAfter, random: &random)
    }

    private mutating func networkUp(at now: Duration, random: inout some RandomNumberGenerator) {
        failures /= 2
        downloadFailures /= 2
        // A wait that headquarters asked for stands.
        if case .busy = lastFailure { return }
        let soon = now + SyncBackoff.duration(.zero...SyncBackoff.networkUpMost, random: &random)
        notBefore = min(notBefore, soon)
        downloadNotBefore = min(downloadNotBefore, soon)
    }
}

// MARK: - Hello

extension SyncMachine {
    private mutating func helloAnswered(
        _ answer: HelloAnswer, at now: Duration, random: inout some RandomNumberGenerator
    ) -> [Action] {
        inFlight = nil
        hasSession = true
        session += 1
        lastContactAt = now
        lastFailure = nil
        isRevoked = answer.isRevoked
        helloDueAt = now + SyncBackoff.duration(Self.helloInterval...(Self.helloInterval * 6 / 5), random: &random)
        // Ask the store again in any case: the nudge for a record may have been lost with the last process.
        hasPending = true
        downloads = answer.downloads
        chores = [.offerAgain, .purge]
        var actions: [Action] = [.settle(news(of: answer, at: now))]
        actions += answer.dayDirectives.filter { !directivesDone.contains($0.id) }.map(Action.follow)
        let chain = answer.chain
        if chain != .continues {
            lineageLeft = chain
            after = 0
            actions.append(.startNewLineage(chain))
        }
        return actions
    }
}

// MARK: - The store's own work

extension SyncMachine {
    /// A gap that stays is filled once an hour: what is under way, or what headquarters cannot keep, need not go each minute.
    private mutating func news(of answer: HelloAnswer, at now: Duration) -> HelloNews {
        let lacking = answer.lacking
        let isRepeat = isSettled && lacking == filled
        if isRepeat, let filledAt, now - filledAt < OutboxRule.refillInterval { return answer.news(filling: []) }
        filled = lacking
        filledAt = now
        isSettled = false
        if lacking.isEmpty { recordsMissing = 0 }
        return answer.news(filling: lacking)
    }

    private mutating func settled(_ effect: HelloEffect) {
        if !isSettled { recordsMissing = effect.unavailable }
        isSettled = true
        if effect.isNewGeneration { restores += 1 }
        if effect.offeredAgain > 0 { lookFromTheStart() }
    }

    private mutating func choreDone(_ chore: Chore, records: Int, at now: Duration) {
        choreInFlight = false
        if records < OutboxRule.stepRecordsMax { chores.removeAll { $0 == chore } }
        if records > 0 { choreNotBefore = now + OutboxRule.stepPause }
        if chore == .offerAgain, records > 0 { lookFromTheStart() }
    }

    private mutating func nextChore(at now: Duration) -> Action? {
        guard !choreInFlight, now >= choreNotBefore, let first = chores.first else { return nil }
        choreInFlight = true
        return .chore(first)
    }

    /// Records behind the window have become pending again.
    private mutating func lookFromTheStart() {
        hasPending = true
        isCommittedMeanwhile = inFlight == .upload
        after = 0
        passRestartAt = nil
    }
}

// MARK: - Uploads

extension SyncMachine {
    private mutating func uploaded(
        _ report: UploadReport, at now: Duration, random: inout some RandomNumberGenerator
    ) {
        inFlight = nil
        lastContactAt = now
        singleFailures = 0
        after = report.sent.lastPosition
        if report.moved < report.sent.count {
            leftBehind = true
            leftBehindWait = max(leftBehindWait, report.retryAfter)
        }
        if report.moved == 0, report.retryAfter == .zero {
            backOff(.noProgress, at: now, random: &random)
            return
        }
        failures = 0
        lastFailure = nil
        countMax = min(countMax * 2, batch.most)
    }

    private mutating func nothingPending(at now: Duration, random: inout some RandomNumberGenerator) {
        inFlight = nil
        failures = 0
        if leftBehind {
            leftBehind = false
            let wait = max(
                SyncBackoff.duration(Self.slowPass, random: &random), min(leftBehindWait, SyncBackoff.retryAfterMost))
            leftBehindWait = .zero
            passRestartAt = min(passRestartAt ?? now + wait, now + wait)
            hasPending = isCommittedMeanwhile
        } else if after > 0, passRestartAt == nil {
            // The end of a pass: look once more from the start, where records may have become pending again.
            after = 0
        } else {
            hasPending = isCommittedMeanwhile
        }
    }

    private mutating func uploadFailed(
        _ failure: SyncFailure, _ sent: SentBatch?, at now: Duration, random: inout some RandomNumberGenerator
    ) {
        inFlight = nil
        if failure.asksForHello { hasSession = false }
        var isWorthTryingAtOnce = failure.asksForHello && failures == 0
        if failure.mayBeSize, let sent {
            if sent.count > 1 {
                countMax = max(1, sent.count / 2)
                isWorthTryingAtOnce = failure == .tooLarge
            } else {
                singleFailures += 1
                if failure == .tooLarge || singleFailures >= Self.singleFailuresMax {
                    singleFailures = 0
                    leftBehind = true
                    after = sent.lastPosition
                    isWorthTryingAtOnce = failure == .tooLarge
                }
            }
        } else {
            countMax = min(countMax, batch.first)
        }
        backOff(failure, at: now, random: &random)
        if isWorthTryingAtOnce { notBefore = now }
    }
}

// MARK: - Downloads

extension SyncMachine {
    private mutating func downloadFailed(
        _ download: SyncDownload, _ failure: SyncFailure, _ session: Int, at now: Duration,
        random: inout some RandomNumberGenerator
    ) {
        downloadInFlight = false
        downloadFailures += 1
        lastDownloadFailure = failure
        // The others get their turn first.
        if let index = downloads.firstIndex(of: download) { downloads.append(downloads.remove(at: index)) }
        if failure == .sessionUnknown, session == self.session { hasSession = false }
        var retryAfter: Duration?
        if case .busy(let asked) = failure { retryAfter = asked }
        downloadNotBefore = now + SyncBackoff.wait(failures: downloadFailures, retryAfter: retryAfter, random: &random)
    }
}
