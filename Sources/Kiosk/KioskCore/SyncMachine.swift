// The pure heart of sync: events in, actions out. Time and randomness are arguments; nothing here waits or sends.

/// Decides when to say hello, what to send and fetch, and how long to wait after a failure.
///
/// Two lanes run side by side: hello and uploads, one request at a time, and downloads, one at a time. Whether there is
/// work is asked of the store again after every hello, so a lost nudge costs a minute and never a record.
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
    }

    public enum Action: Hashable, Sendable {
        case sayHello
        case upload(UploadWindow)
        /// `session` comes back with the event: a download may end after another hello.
        case download(SyncDownload, session: Int)
        /// Do this before the actions that follow.
        case offerAgain
        /// Do this before the actions that follow.
        case startNewLineage(HelloAnswer.Chain)
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

    /// Time since boot of the last verified answer; nil: none since the start.
    public private(set) var lastContactAt: Duration?
    /// Why the last hello or upload failed; nil: it did not.
    public private(set) var lastFailure: SyncFailure?
    /// Why the last download failed; nil: it did not.
    public private(set) var lastDownloadFailure: SyncFailure?
    public private(set) var isRevoked = false
    /// Why the lineage was left, if it was since the start.
    public private(set) var lineageLeft: HelloAnswer.Chain?

    /// Sizes of batches; the protocol's own unless a test says otherwise.
    public struct BatchLimits: Sendable {
        public var first: Int
        public var most: Int
        public var bytes: Int
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

    /// When to send `timer`; nil: not before another event.
    public var wakeAt: Duration? {
        var times: [Duration] = []
        if inFlight == nil {
            let work = !hasSession || hasPending ? Duration.zero : min(helloDueAt, passRestartAt ?? helloDueAt)
            times.append(max(notBefore, work))
        }
        if hasSession, !downloadInFlight, !downloads.isEmpty { times.append(downloadNotBefore) }
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
        }
        if let action = nextUpload(at: now) { actions.append(action) }
        if let action = nextDownload(at: now) { actions.append(action) }
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
        var actions: [Action] = []
        if answer.isOtherGeneration {
            after = 0
            passRestartAt = nil
            actions.append(.offerAgain)
        }
        let chain = answer.chain
        if chain != .continues {
            lineageLeft = chain
            after = 0
            actions.append(.startNewLineage(chain))
        }
        return actions
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
        if failure == .sessionUnknown { hasSession = false }
        var isWorthTryingAtOnce = failure == .sessionUnknown && failures == 0
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
