// Keeps the stick in the kiosk up to date with the store, and says when it cannot.

public import KioskCore
public import Logging
public import ServiceLifecycle
import SyncProtocol
import Synchronization

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Every record's frame is appended to the stick right after its commit. Never holds up a registration: it reads the store
/// like sync does and waits for the stick on a thread of its own.
///
/// Nothing about the stick is kept in the kiosk: after a pull, a remount, a fault or a restart the stick itself is read,
/// and gets what it lacks of everything that is not purged.
public final class ResidentStickService: Service {
    /// Between two looks for a stick that is missing or failed, and at one that is up to date.
    static let interval = Duration.seconds(5)
    /// For one page; the slowest sticks write some 100 KB/s in small pieces.
    static let appendMax = Duration.seconds(15)
    /// For reading back what is on a stick that was plugged in: a full piece at 5 MB/s takes 13 s.
    static let openMax = Duration.seconds(180)

    private struct Snapshot {
        var condition = StickCondition.catchingUp
        var id: String?
        var written = 0
    }

    private let folder: String
    private let mustBeMounted: Bool
    private let store: any FrameStore
    private let device: Data
    private let statement: @Sendable () -> Data?
    private let softwareVersion: String
    private let interval: Duration
    private let thread = StickThread()
    private let logger: Logger
    private let snapshot = Mutex(Snapshot())
    private let inputs: AsyncStream<Bool>
    private let input: AsyncStream<Bool>.Continuation

    /// - Parameters:
    ///   - folder: where the stick is mounted.
    ///   - mustBeMounted: false takes a plain folder for a stick; for trying things.
    ///   - device: 16 bytes.
    ///   - statement: what headquarters signed at enrolment, in bytes; nil: not enrolled.
    public convenience init(
        folder: String, mustBeMounted: Bool, store: any FrameStore, device: Data,
        statement: @escaping @Sendable () -> Data?, softwareVersion: String, logger: Logger
    ) {
        self.init(
            folder: folder, mustBeMounted: mustBeMounted, store: store, device: device, statement: statement,
            softwareVersion: softwareVersion, interval: Self.interval, logger: logger)
    }

    init(
        folder: String, mustBeMounted: Bool, store: any FrameStore, device: Data,
        statement: @escaping @Sendable () -> Data?, softwareVersion: String, interval: Duration,
        logger: Logger
    ) {
        self.folder = folder
        self.mustBeMounted = mustBeMounted
        self.store = store
        self.device = device
        self.statement = statement
        self.softwareVersion = softwareVersion
        self.interval = interval
        self.logger = logger
        (inputs, input) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// After a commit. Cheap, from anywhere, as often as you like.
    public func recordCommitted() { input.yield(true) }

    public var condition: StickCondition { snapshot.withLock { $0.condition } }

    public var status: StickStatus {
        snapshot.withLock { snapshot in
            let word =
                switch snapshot.condition {
                case .upToDate: "upToDate"
                case .catchingUp: "catchingUp"
                case .missing: "missing"
                case .full: "full"
                case .failed: "failed"
                }
            return StickStatus(folder: folder, condition: word, stickID: snapshot.id, written: snapshot.written)
        }
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.loop() }
    }
}

extension ResidentStickService {
    private struct Opened {
        var stick: ResidentStick
        /// In the store: everything up to here is on the stick.
        var position: Int64 = 0
        /// What the stick had when it was opened; empty once the store was gone through.
        var digests: Set<ResidentStick.Digest16>
    }

    private func loop() async {
        await withDiscardingTaskGroup { group in
            let input = input
            let interval = interval
            group.addTask {
                while (try? await Task.sleep(for: interval)) != nil { input.yield(false) }
            }
            input.yield(false)
            var opened: Opened?
            for await isCommit in inputs {
                // A stick that is missing or failed is looked for at its own pace, however many register.
                if isCommit, opened == nil { continue }
                do throws(StickFault) {
                    try await keepUp(&opened)
                } catch {
                    opened = nil
                    settle(condition(of: error))
                }
            }
            group.cancelAll()
        }
    }

    private func condition(of fault: StickFault) -> StickCondition {
        switch fault {
        case .missing: .missing
        case .full: .full
        case .failed(let detail): .failed(detail)
        }
    }

    private func keepUp(_ opened: inout Opened?) async throws(StickFault) {
        if opened == nil {
            let stick = try await open()
            opened = Opened(stick: stick, digests: stick.digests)
            snapshot.withLock { $0.id = stick.id }
            settle(.catchingUp)
        }
        guard var current = opened else { return }
        while !Task.isCancelled {
            let page: [StoredFrame]
            do {
                page = try await store.frames(
                    .unpurged, after: current.position, countMax: FramePage.recordsMax, bytesMax: FramePage.bytesMax)
            } catch {
                // The store's own trouble is told by others.
                return
            }
            guard let last = page.last else { break }
            try await append(page, &current)
            current.position = last.position
            opened = current
        }
        if Task.isCancelled { return }
        // Also while nothing is to be written: a stick that was pulled out must show.
        try await look(current.stick)
        current.digests = []
        opened = current
        settle(.upToDate)
    }

    private func open() async throws(StickFault) -> ResidentStick {
        let (folder, mustBeMounted, device, version) = (folder, mustBeMounted, device, softwareVersion)
        let statement = statement()
        let result = await thread.run(within: Self.openMax) {
            ResidentStick.open(
                folder, mustBeMounted: mustBeMounted, device: device, statement: statement, softwareVersion: version)
        }
        guard let result else { throw .failed("no answer") }
        return try result.get()
    }

    private func look(_ stick: ResidentStick) async throws(StickFault) {
        guard let result = await thread.run(within: Self.appendMax, { stick.look() }) else {
            throw .failed("no answer")
        }
        try result.get()
    }

    private func append(_ page: [StoredFrame], _ opened: inout Opened) async throws(StickFault) {
        var runs: [(lineage: Data, frames: [Data])] = []
        for stored in page {
            if !opened.digests.isEmpty,
                opened.digests.contains(ResidentStick.Digest16(RecordFrame.digest(stored.frame)))
            {
                continue
            }
            // The disk gave back other bytes than were written: they prove nothing on a stick either.
            guard let lineage = try? RecordFrame.decode(stored.frame).body.place.lineageID else { continue }
            if runs.last?.lineage == lineage {
                runs[runs.count - 1].frames.append(stored.frame)
            } else {
                runs.append((lineage, [stored.frame]))
            }
        }
        for (lineage, frames) in runs {
            let stick = opened.stick
            let result = await thread.run(within: Self.appendMax) { stick.append(frames, lineage: lineage) }
            guard let result else { throw .failed("no answer") }
            try result.get()
            snapshot.withLock { $0.written += frames.count }
        }
    }

    /// Logged once, when it changes.
    private func settle(_ condition: StickCondition) {
        let before = snapshot.withLock { snapshot in
            defer { snapshot.condition = condition }
            return snapshot.condition
        }
        guard before != condition, !Task.isCancelled else { return }
        switch condition {
        case .upToDate: logger.info("the stick has every record", metadata: ["stick.folder": "\(folder)"])
        case .catchingUp: logger.info("writing records to the stick", metadata: ["stick.folder": "\(folder)"])
        case .missing: logger.warning("no stick", metadata: ["stick.folder": "\(folder)"])
        case .full: logger.warning("the stick is full", metadata: ["stick.folder": "\(folder)"])
        case .failed(let detail): logger.warning("the stick fails", metadata: ["stick.detail": "\(detail)"])
        }
    }
}
