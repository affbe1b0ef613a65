// The precious store: records.sqlite, one connection, one writer.

import DurableFiles
public import Foundation
import GRDB
public import JobFair
public import KioskCore
public import Logging
public import ServiceLifecycle
public import SyncProtocol

/// Every record this kiosk has made (docs/storage.md). Opened by `init`, committing while `run()` runs; everything else
/// works from opening to `close()`.
public final class SQLiteRecordStore: RecordStore, Service {
    /// What was found at the start.
    public let opening: RecordStoreOpening

    let database: DatabaseQueue
    let room: DiskRoom
    private let damaged: DamagedRecords
    let progress = WriterProgress()
    private let writer: RecordWriter
    private let batch: RecordBatch
    private let logger: Logger

    /// Opens or makes the file, checks settings and chain. Blocks for some milliseconds.
    ///
    /// - Parameter signer: the device key; it signs every record.
    public convenience init(
        settings: RecordStoreSettings, signer: SigningKey, logger: Logger
    ) throws(KioskStoreError) {
        try self.init(settings: settings, schema: .records, signer: signer, logger: logger)
    }

    init(
        settings: RecordStoreSettings, schema: Schema, signer: SigningKey, logger: Logger
    ) throws(KioskStoreError) {
        damaged = DamagedRecords(path: settings.path)
        room = DiskRoom(settings, logger: logger)
        var pairFile: TicketPairFile
        do { pairFile = try TicketPairFile(path: settings.pairFilePath) } catch { throw KioskStoreError(error) }
        if !pairFile.unreadable.isEmpty {
            logger.warning(
                "lines of the file of ticket pairs cannot be read",
                metadata: ["lines": "\(pairFile.unreadable.count)", "path": "\(settings.pairFilePath)"])
        }
        let openFairFile = OpenFairFile(path: DurableFile.folder(of: settings.path) + "/open.fair")
        let start = RecordStoreStart(
            settings: settings, schema: schema, signer: signer, pairFile: pairFile, openFairFile: openFairFile,
            damaged: damaged, room: room, logger: logger)
        let started = try start.run()
        opening = started.opening
        database = started.queue
        do { try pairFile.add(started.pairs) } catch { throw KioskStoreError(error) }
        batch = RecordBatch(
            signer: signer, pairFile: pairFile, openFairFile: openFairFile, damaged: damaged, progress: progress,
            logger: logger)
        writer = RecordWriter(progress: progress)
        self.logger = logger
        logOpening()
        // The power may have gone between the closing of a fair and the emptying of the WAL.
        database.inDatabase { [batch, opening, room] database in
            if opening.wasUnclean { batch.emptyWAL(in: database) }
            batch.keepOpenFair(in: database)
            _ = room.renew(in: database)
        }
    }

    /// The four pairs of letters of the grant, in order. To be called at the start and whenever a grant arrives.
    public func setTicketPairs(_ pairs: [String], for fair: FairID) {
        batch.setTicketPairs(pairs, for: fair)
    }

    /// This kiosk leaves its lineage, and headquarters has given it letters that no other card of its identity has: the
    /// last of these. The others are not begun any more; those in use go on until the lineage is left.
    public func setTicketPairs(_ pairs: [String], freshIsLastFor fair: FairID) async throws(RecordStoreError) {
        try await write { [batch] _ in try batch.giveUp(Array(pairs.dropLast()), at: fair) }
        batch.setTicketPairs(pairs, for: fair)
    }

    /// Ticket numbers this kiosk can still give at a fair; 0: registering there has to stop.
    public func ticketsLeft(at fair: FairID) async throws(RecordStoreError) -> Int {
        try await read { [batch] database in try batch.ticketsLeft(at: fair, in: database) }
    }

    /// How the writer is getting on; cheap, never blocks on the disk.
    public func writerHeartbeat() -> WriterHeartbeat { progress.heartbeat() }

    /// Commits until graceful shutdown or cancellation; then every accepted request has its answer. Throws when the
    /// outcome of a commit is unknown or the disk fails: the process must end and start anew, and repeats resolve by
    /// their record id.
    public func run() async throws {
        do {
            try await withGracefulShutdownHandler {
                try await writer.run { requests in await self.commit(requests) }
            } onGracefulShutdown: {
                self.stopTakingCommits()
            }
        } catch {
            logger.critical("the record store stopped", metadata: ["error": "\(error)"])
            throw error
        }
    }

    /// Commits while `work` runs, in a process that is no daemon; once, in the place of `run()`.
    public func committing<Value>(_ work: () async throws -> Value) async throws -> Value {
        writer.open()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.run() }
            let value = try await work()
            stopTakingCommits()
            // What ended the writer early was the answer to whoever committed.
            try? await group.waitForAll()
            return value
        }
    }

    /// Those that were accepted are still committed; new ones get `.busy`.
    func stopTakingCommits() { writer.stop() }

    /// Copies the WAL into the file and gives the lock back. Nothing may be called afterwards.
    public func close() throws(KioskStoreError) {
        do { try database.close() } catch { throw KioskStoreError.opening(database.path, error) }
    }

    /// While the disk is full only changes of fair and day are taken; a repeat still gets its answer.
    public func commit(_ draft: RecordDraft, clock: ClockReading) async throws(RecordStoreError) -> CommittedRecord {
        if room.isFull, draft.opens == nil {
            let room = room
            let known = try await read { database -> CommittedRecord? in
                if room.renew(in: database) { return nil }
                let known = try RecordRows.known(draft.recordID, fingerprint: draft.fingerprint, in: database)
                guard let known else { throw RecordStoreError.diskFull }
                return known
            }
            if let known { return known }
        }
        do {
            return try await writer.commit(draft, clock: clock)
        } catch {
            guard error == .diskFull, try await giveUpBallast() || room.isFull, draft.opens != nil else { throw error }
            return try await writer.commit(draft, clock: clock)
        }
    }

    /// Nobody registers: the ballast was given up, and there is no room for a new one.
    public var isDiskFull: Bool { room.isFull }

    /// Takes records again where there is room; to be called every few seconds.
    public func renewBallast() async throws(RecordStoreError) {
        guard room.isFull else { return }
        let room = room
        _ = try await read { room.renew(in: $0) }
    }

    private func giveUpBallast() async throws(RecordStoreError) -> Bool {
        let room = room
        return try await read { room.giveUp(in: $0) }
    }

    public func known(_ id: RecordID, fingerprint: Data) async throws(RecordStoreError) -> CommittedRecord? {
        try await read { try RecordRows.known(id, fingerprint: fingerprint, in: $0) }
    }

    public func registration(_ id: RecordID) async throws(RecordStoreError) -> CommittedRecord? {
        try await read { try RecordRows.registration(where: "record.recordID = ?", [Data(id.bytes)], in: $0) }
    }

    public func registration(lostSlipHash: Data) async throws(RecordStoreError) -> CommittedRecord? {
        try await read { try RecordRows.registration(where: "deskEntry.lostSlipHash = ?", [lostSlipHash], in: $0) }
    }

    /// Letters may return at another fair: the open fair's registration comes first, else the newest.
    public func registration(ticket: TicketNumber) async throws(RecordStoreError) -> CommittedRecord? {
        try await read { database in
            let ofOpenFair = try RecordRows.registration(
                where: "deskEntry.ticket = ? AND deskEntry.fairID = (SELECT fairID FROM openFair)",
                [ticket.description], in: database)
            if let ofOpenFair { return ofOpenFair }
            return try RecordRows.registration(where: "deskEntry.ticket = ?", [ticket.description], in: database)
        }
    }

    public func openFair() async throws(RecordStoreError) -> OpenFair? {
        try await read { try RecordRows.openFair(in: $0) }
    }

    public func lastFair() async throws(RecordStoreError) -> FairID? {
        try await read { try RecordRows.lastFair(in: $0) }
    }

    /// "Today" is the open fair day, not a day of the wall clock.
    public func counts() async throws(RecordStoreError) -> StoreCounts {
        try await read { database in
            func count(_ sql: String) throws -> Int { try Int.fetchOne(database.cachedStatement(sql: sql)) ?? 0 }
            func today(_ kind: RecordKind) throws -> Int {
                try count(
                    """
                    SELECT records FROM dayTally JOIN openFair ON openFair.fairID = dayTally.fairID
                        AND openFair.day = dayTally.fairDay WHERE kind = '\(kind.rawValue)'
                    """)
            }
            return StoreCounts(
                records: try count("SELECT count(*) FROM record"),
                pending: try count("SELECT count(*) FROM outbox WHERE state = 'pending'"),
                quarantined: try count("SELECT count(*) FROM outbox WHERE state = 'quarantined'"),
                registrationsToday: try today(.registration), entriesToday: try today(.entry),
                checkInsToday: try today(.checkIn),
                printJobsWaiting: try count("SELECT count(*) FROM printJob WHERE state IN ('queued', 'printing')"),
                printJobsFailed: try count("SELECT count(*) FROM printJob WHERE state = 'failed'"))
        }
    }
}

// MARK: - On the queue of the database

extension SQLiteRecordStore {
    /// Runs statements that read. Not cancellable: an interrupted statement would only look like a failing disk.
    func read<T: Sendable>(
        _ work: @escaping @Sendable (Database) throws -> T
    ) async throws(RecordStoreError) -> T {
        let result: Result<T, RecordStoreError> = await withCheckedContinuation { continuation in
            database.asyncWriteWithoutTransaction { database in
                let result = Result { try work(database) }
                if case .failure(let error) = result { self.stopIfBroken(error) }
                continuation.resume(returning: result.mapError { RecordStoreError.beforeCommit($0) })
            }
        }
        return try result.get()
    }

    /// Runs statements in a transaction of their own. A failing commit here costs no record: the caller asks again.
    func write<T: Sendable>(
        _ work: @escaping @Sendable (Database) throws -> T
    ) async throws(RecordStoreError) -> T {
        do {
            return try await writeOnce(work)
        } catch {
            guard error == .diskFull, try await giveUpBallast() else { throw error }
            return try await writeOnce(work)
        }
    }

    /// Whoever meets a failing disk or damage ends the process: the next start stands still where the disk cannot be
    /// written, and reads the whole file where it is damaged.
    private func stopIfBroken(_ error: any Error) {
        guard let error = error as? DatabaseError, error.stopsTheStore else { return }
        if error.isDamage { damaged.suspect() }
        writer.fail(
            KioskStoreError(
                .stopped, "the database cannot be used, SQLite result \(error.extendedResultCode.rawValue)",
                hint: "the service starts anew and checks the file; check the disk"))
    }

    private func writeOnce<T: Sendable>(
        _ work: @escaping @Sendable (Database) throws -> T
    ) async throws(RecordStoreError) -> T {
        progress.begin()
        defer { progress.end() }
        return try await read { database in
            var value: T?
            try database.inTransaction(.immediate) {
                value = try work(database)
                return .commit
            }
            guard let value else { throw RecordRows.unreadable }
            return value
        }
    }

    private func commit(_ requests: [RecordWriter.Request]) async -> RecordWriter.Outcome {
        let drafts = requests.map { (draft: $0.draft, clock: $0.clock) }
        return await withCheckedContinuation { continuation in
            database.asyncWriteWithoutTransaction { [batch] database in
                continuation.resume(returning: batch.commit(drafts, in: database))
            }
        }
    }

    private func logOpening() {
        logger.info(
            "opened the record store",
            metadata: [
                "sqlite.version": "\(SQLiteLibrary.version)", "store.new": "\(opening.isNew)",
                "store.unclean": "\(opening.wasUnclean)",
            ])
        if let problem = opening.chainProblem {
            logger.error(
                "the chain of records is broken; a new lineage begins", metadata: ["chain.problem": "\(problem)"])
        }
        if let aside = opening.setAside {
            logger.critical(
                "the damaged database was set aside; a new one goes on",
                metadata: ["file": "\(aside.name)", "salvaged": "\(aside.salvagedCount)"])
        }
        if opening.pairFileWasMissing {
            logger.warning("the file of ticket pairs was missing and was made anew from the database")
        }
    }
}
