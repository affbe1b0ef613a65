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
    public var logger: Logger

    public init(
        outbox: any OutboxStore, catalogues: any CatalogueStore, enrolments: EnrolmentStore, clock: any ClockSource,
        softwareVersion: String, problems: @escaping @Sendable () async -> [HealthProblem],
        openFair: @escaping @Sendable () async -> FairID?, anchored: @escaping @Sendable (ClockAnchor) async -> Void,
        downloaded: @escaping @Sendable (SyncDownload) async -> Void, logger: Logger
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
        self.logger = logger
    }
}

/// What `kioskctl status` and the health list need.
public struct SyncSnapshot: Sendable {
    public var phase = SyncMachine.Phase.offline
    /// Milliseconds since boot of the last verified answer; nil: none since this daemon started.
    public var lastContactBootMilliseconds: Int64?
    /// Why the last try failed, in a closed set of words; nil: it did not.
    public var lastFailure: String?
    /// Headquarters answers, and does not want this kiosk.
    public var isRefused = false
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
        self.init(
            parts: parts,
            batch: SyncMachine.BatchLimits(
                first: SyncLimits.batchRecordsFirst, most: SyncLimits.batchRecordsMax,
                bytes: SyncLimits.batchBytesMax))
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

    public var snapshot: SyncSnapshot { snapshotNow.withLock { $0 } }

    /// For `kioskctl status`; nil while the kiosk is not enrolled.
    public func status() async -> ControlStatus.SyncStatus? {
        guard let enrolment = parts.enrolments.enrolment else { return nil }
        let snapshot = snapshot
        let pending = try? await parts.outbox.chainHead().pendingCount
        let now = parts.clock.read().bootMilliseconds
        return ControlStatus.SyncStatus(
            headquarters: enrolment.address, pending: pending ?? -1,
            secondsSinceContact: snapshot.lastContactBootMilliseconds.map { Int(max(0, now - $0) / 1000) },
            lastError: snapshot.lastFailure)
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
        case .offerAgain:
            parts.logger.warning("headquarters was restored; offering records again")
            await attempt("offer again") { _ = try await parts.outbox.offerAgain() }
        case .startNewLineage(let reason):
            parts.logger.error("leaving the lineage", metadata: ["sync.chain": "\(reason.rawValue)"])
            await attempt("new lineage") { try await parts.outbox.startNewLineage() }
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
            snapshot.lastContactBootMilliseconds = machine.lastContactAt.map {
                $0.components.seconds * 1000 + $0.components.attoseconds / 1_000_000_000_000_000
            }
            snapshot.lastFailure = (machine.lastFailure ?? machine.lastDownloadFailure)?.shortDescription
            snapshot.lineageLeft = machine.lineageLeft
            if case .refused = machine.lastFailure {
                snapshot.isRefused = true
            } else {
                snapshot.isRefused = machine.isRevoked
            }
        }
    }
}
