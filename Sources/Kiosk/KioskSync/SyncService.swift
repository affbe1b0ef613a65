// The short loop around the sync machine: events in, actions out to tasks, their results back in as events.

public import JobFair
public import KioskCore
public import Logging
public import ServiceLifecycle
import SyncProtocol
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What sync is made of.
public struct SyncParts: Sendable {
    public var outbox: any OutboxStore
    public var catalogues: any CatalogueStore
    public var enrolments: EnrolmentStore
    public var clock: any ClockSource
    public var softwareVersion: String
    /// Open health problems, for hello: code and severity travel, nothing else.
    public var problems: @Sendable () async -> [HealthProblem]
    public var openFair: @Sendable () async -> FairID?
    /// Told headquarters' time against this boot's clock after every hello (about once a minute). Whether to make a
    /// record of it, or to trust the clock for it, is decided there.
    public var anchored: @Sendable (ClockAnchor) async -> Void
    /// Told after something new was saved: a catalogue, a grant, a key list.
    public var downloaded: @Sendable (SyncDownload) async -> Void
    /// This kiosk is to leave its lineage: its letters at the open fair, the last of which no other card has.
    public var freshLetters: @Sendable (FairID, [String]) async throws(RecordStoreError) -> Void
    /// Carries out headquarters' word about fair and day.
    public var follow: @Sendable (DayDirective) async -> DirectiveOutcome
    public var logger: Logger

    public init(
        outbox: any OutboxStore, catalogues: any CatalogueStore, enrolments: EnrolmentStore, clock: any ClockSource,
        softwareVersion: String, problems: @escaping @Sendable () async -> [HealthProblem],
        openFair: @escaping @Sendable () async -> FairID?, anchored: @escaping @Sendable (ClockAnchor) async -> Void,
        downloaded: @escaping @Sendable (SyncDownload) async -> Void,
        freshLetters: @escaping @Sendable (FairID, [String]) async throws(RecordStoreError) -> Void,
        follow: @escaping @Sendable (DayDirective) async -> DirectiveOutcome, logger: Logger
    ) {
        self.outbox = outbox
        self.catalogues = catalogues
        self.enrolments = enrolments
        self.clock = clock
        self.softwareVersion = softwareVersion
        self.problems = problems
        self.openFair = openFair
        self.anchored = anchored
        self.downloaded = downloaded
        self.freshLetters = freshLetters
        self.follow = follow
        self.logger = logger
    }
}

/// What became of a directive.
public enum DirectiveOutcome: Sendable {
    case done
    /// Something it needs is missing; it is tried again when headquarters repeats it.
    case notYet
    /// It does not fit this kiosk, and never will.
    case never
    /// The store did not take it; it is tried again when headquarters repeats it.
    case failed
}

/// What `kioskctl status` and the health list need.
public struct SyncSnapshot: Sendable {
    public var phase = SyncMachine.Phase.offline
    /// Milliseconds since boot of the last verified answer; nil: none since this daemon started.
    public var lastContactBootMilliseconds: Int64?
    /// Milliseconds since boot when hello is said or records are sent; nil: now under way.
    public var nextTryBootMilliseconds: Int64?
    /// Why the last try failed, in a closed set of words; nil: it did not.
    public var lastFailure: String?
    /// Headquarters answers, and does not want this kiosk's requests.
    public var isRefused = false
    /// Records that headquarters lacks and that are not here any more.
    public var recordsMissing = 0
    /// Some records go in a pass of their own, later.
    public var hasSlowLane = false
    /// Why the lineage was left, if it was since the start.
    public var lineageLeft: HelloAnswer.Chain?

    /// Nothing has been tried yet.
    public init() {}
}

/// Says hello, sends records, fetches catalogues and grants, for ever. Runs from the start of the daemon; without an
/// enrolment it waits for one.
public final class SyncService: Service {
    private enum Input: Sendable {
        case machine(SyncMachine.Event)
        case enrolled
        case keysChanged
        case timer(at: Duration)
    }

    private let parts: SyncParts
    private let batch: SyncMachine.BatchLimits
    private let inputs: AsyncStream<Input>
    private let input: AsyncStream<Input>.Continuation
    private let snapshotNow = Mutex(SyncSnapshot())
    /// A nudge is under way: a burst of commits is one event.
    private let isNudged = Mutex(false)

    public convenience init(parts: SyncParts) {
        self.init(parts: parts, batch: .standard)
    }

    init(parts: SyncParts, batch: SyncMachine.BatchLimits) {
        self.parts = parts
        self.batch = batch
        (inputs, input) = AsyncStream.makeStream(of: Input.self)
    }

    /// After a commit. Cheap, from anywhere, as often as you like.
    public func recordCommitted() {
        let isFirst = isNudged.withLock { nudged in
            defer { nudged = true }
            return !nudged
        }
        if isFirst { input.yield(.machine(.recordCommitted)) }
    }

    /// A hint that there may be a road.
    public func networkUp() { input.yield(.machine(.networkUp)) }

    /// After `EnrolmentClient.enrol` returned.
    public func enrolled() { input.yield(.enrolled) }

    /// After a newer key list came by another road: its CA may be another one.
    public func keysChanged() { input.yield(.keysChanged) }

    /// After orders that came by stick made this kiosk leave its lineage.
    public func leftLineage(_ chain: HelloAnswer.Chain) { input.yield(.machine(.leftLineage(chain))) }

    public var snapshot: SyncSnapshot { snapshotNow.withLock { $0 } }

    /// For `kioskctl status`; nil while the kiosk is not enrolled.
    public func status() async -> ControlStatus.SyncStatus? {
        guard let enrolment = parts.enrolments.enrolment else { return nil }
        let snapshot = snapshot
        let pending = try? await parts.outbox.chainHead().pendingCount
        return ControlStatus.SyncStatus(
            headquarters: enrolment.address, pending: pending ?? -1,
            secondsSinceContact: secondsSinceContact(snapshot),
            lastError: snapshot.lastFailure, phase: snapshot.phase.rawValue,
            secondsToNextTry: secondsToNextTry(snapshot))
    }

    /// For `kioskctl outbox`; nil while the kiosk is not enrolled.
    public func outboxStatus() -> OutboxListing.Sync? {
        guard parts.enrolments.enrolment != nil else { return nil }
        let snapshot = snapshot
        return OutboxListing.Sync(
            phase: snapshot.phase.rawValue, secondsSinceContact: secondsSinceContact(snapshot),
            secondsToNextTry: secondsToNextTry(snapshot), lastError: snapshot.lastFailure,
            hasSlowLane: snapshot.hasSlowLane, missing: snapshot.recordsMissing)
    }

    private func secondsSinceContact(_ snapshot: SyncSnapshot) -> Int? {
        let now = parts.clock.read().bootMilliseconds
        return snapshot.lastContactBootMilliseconds.map { Int(max(0, now - $0) / 1000) }
    }

    private func secondsToNextTry(_ snapshot: SyncSnapshot) -> Int? {
        let now = parts.clock.read().bootMilliseconds
        return snapshot.nextTryBootMilliseconds.map { Int(max(0, $0 - now) / 1000) }
    }

    /// Ends with graceful shutdown or cancellation; requests under way are dropped, which loses nothing.
    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.loop() }
    }
}

// MARK: - The loop

extension SyncService {
    private func loop() async {
        await withDiscardingTaskGroup { group in
            var machine = SyncMachine(batch: batch)
            var random = SystemRandomNumberGenerator()
            var errands: SyncErrands?
            var armedFor: Duration?
            input.yield(.enrolled)
            for await next in inputs {
                let event: SyncMachine.Event
                switch next {
                case .machine(let inner): event = inner
                case .enrolled: event = .started
                case .keysChanged:
                    if let old = errands {
                        errands = makeErrands()
                        group.addTask { await old.client.shutdown() }
                    }
                    event = .networkUp
                case .timer(let at):
                    if armedFor == at { armedFor = nil }
                    event = .timer
                }
                if case .recordCommitted = event { isNudged.withLock { $0 = false } }
                if errands == nil { errands = makeErrands() }
                guard let current = errands else { continue }
                let actions = machine.handle(event, at: now, random: &random)
                note(machine)
                if case .downloaded(let item) = event {
                    group.addTask { await self.parts.downloaded(item) }
                    // Other keys, perhaps another CA: the next request goes over a new client.
                    if item == .keyList {
                        errands = makeErrands()
                        group.addTask { await current.client.shutdown() }
                    }
                }
                for action in actions { await perform(action, errands ?? current, in: &group) }
                if let wake = machine.wakeAt, wake < armedFor ?? .seconds(Int64.max / 2) {
                    armedFor = wake
                    arm(wake, in: &group)
                }
            }
            group.cancelAll()
            await errands?.client.shutdown()
        }
    }

    private func perform(
        _ action: SyncMachine.Action, _ errands: SyncErrands, in group: inout DiscardingTaskGroup
    ) async {
        let input = input
        switch action {
        case .sayHello:
            group.addTask { input.yield(.machine(await errands.sayHello())) }
        case .upload(let window):
            group.addTask { input.yield(.machine(await errands.upload(window))) }
        case .download(let item, let session):
            group.addTask { input.yield(.machine(await errands.download(item, session: session))) }
        case .chore(let chore):
            group.addTask { input.yield(.machine(await errands.perform(chore))) }
        case .settle(let news): await attempt("settle") { try await settle(news) }
        case .follow(let directive):
            group.addTask { await self.follow(directive) }
        case .startNewLineage(let reason): await attempt("new lineage") { try await word.leaveLineage(reason) }
        }
    }

    private var word: HeadquartersWord {
        HeadquartersWord(outbox: parts.outbox, carryOut: parts.follow, logger: parts.logger)
    }

    private func settle(_ news: HelloNews) async throws {
        input.yield(.machine(.settled(try await word.settle(news))))
    }

    private func follow(_ directive: DayDirective) async {
        await attempt("directive") {
            if try await word.follow(directive) == .notYet { return }
            input.yield(.machine(.followed(directive: directive.id)))
        }
    }

    /// The next hello finds the same and tries again.
    private func attempt(_ errand: String, _ work: () async throws -> Void) async {
        do {
            try await work()
        } catch {
            parts.logger.error(
                "store failed", metadata: ["sync.errand": "\(errand)", "sync.detail": "\(error)"])
        }
    }

    private func arm(_ wake: Duration, in group: inout DiscardingTaskGroup) {
        let input = input
        let wait = max(.zero, wake - now)
        group.addTask {
            try? await Task.sleep(for: wait)
            input.yield(.timer(at: wake))
        }
    }

    private func makeErrands() -> SyncErrands? {
        guard let enrolment = parts.enrolments.enrolment else { return nil }
        do {
            let client = try HTTPHeadquartersClient(
                address: enrolment.address, trust: .authority(enrolment.keyList.list.syncCaDer),
                device: enrolment.device)
            return SyncErrands(parts: parts, enrolment: enrolment, client: client)
        } catch {
            parts.logger.error("the CA in the key list is not a certificate")
            return nil
        }
    }

    /// Since boot: the wall clock decides nothing.
    private var now: Duration { .milliseconds(parts.clock.read().bootMilliseconds) }

    private func note(_ machine: SyncMachine) {
        snapshotNow.withLock { snapshot in
            snapshot.phase = machine.phase
            snapshot.lastContactBootMilliseconds = machine.lastContactAt?.milliseconds
            snapshot.nextTryBootMilliseconds = machine.nextTryAt?.milliseconds
            snapshot.lastFailure = (machine.lastFailure ?? machine.lastDownloadFailure)?.shortDescription
            snapshot.lineageLeft = machine.lineageLeft
            snapshot.recordsMissing = machine.recordsMissing
            snapshot.hasSlowLane = machine.hasSlowLane
            if case .refused = machine.lastFailure { snapshot.isRefused = true } else { snapshot.isRefused = false }
        }
    }
}
