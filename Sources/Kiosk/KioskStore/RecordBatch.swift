// One batch on the queue of the database: savepoints, the commit, and what each failure means.

import DurableFiles
import Foundation
import GRDB
import JobFair
import KioskCore
import Logging
import SyncProtocol
import Synchronization

/// Everything a batch needs besides the database.
///
/// `@unchecked Sendable`: `pairFile` and `isWALToBeEmptied` are touched on the queue of the database only.
final class RecordBatch: @unchecked Sendable {
    typealias Answer = Result<CommittedRecord, RecordStoreError>

    private let signer: SigningKey
    private let logger: Logger
    private let progress: WriterProgress
    private var pairFile: TicketPairFile
    private let openFairFile: OpenFairFile
    private let damaged: DamagedRecords
    /// Pages with what a closing took out may still be in the WAL.
    private var isWALToBeEmptied = false
    /// The letters of the grants, by fair.
    private let pairs = Mutex<[FairID: [String]]>([:])

    init(
        signer: SigningKey, pairFile: TicketPairFile, openFairFile: OpenFairFile, damaged: DamagedRecords,
        progress: WriterProgress, logger: Logger
    ) {
        self.signer = signer
        self.pairFile = pairFile
        self.openFairFile = openFairFile
        self.damaged = damaged
        self.progress = progress
        self.logger = logger
    }

    func setTicketPairs(_ pairs: [String], for fair: FairID) {
        self.pairs.withLock { $0[fair] = pairs }
    }

    func commit(_ requests: [(draft: RecordDraft, clock: ClockReading)], in database: Database) -> RecordWriter.Outcome
    {
        var answers: [Answer] = []
        /// The request that a pair of letters was just fetched for.
        var served: Int?
        while answers.count < requests.count {
            let part = commitPart(requests[answers.count...], in: database)
            answers += part.answers
            if let fatal = part.fatal {
                // What was not begun may still be a repeat of what is not known.
                answers += Array(repeating: .failure(.unknownOutcome), count: requests.count - answers.count)
                return RecordWriter.Outcome(answers: answers, fatal: fatal)
            }
            guard let fair = part.pairNeeded else { continue }
            do {
                guard served != answers.count else { throw RecordStoreError.ticketsExhausted }
                served = answers.count
                try takePair(for: fair, in: database)
            } catch {
                answers.append(.failure(pairFailure(error)))
                guard let fatal = Self.brokenDisk(error) else { continue }
                answers += Array(repeating: .failure(.unknownOutcome), count: requests.count - answers.count)
                return RecordWriter.Outcome(answers: answers, fatal: fatal)
            }
        }
        return RecordWriter.Outcome(answers: answers, fatal: nil)
    }
}

// MARK: - One transaction

extension RecordBatch {
    private struct Part {
        var answers: [Answer] = []
        var pairNeeded: FairID?
        /// A fair was opened, moved to another day, or closed.
        var changesFair = false
        var fatal: KioskStoreError?

        /// Only what was new hung on the commit, and its repeats. A refusal stays a refusal; the answer to a repeat of an
        /// earlier commit stays true.
        mutating func fail(_ error: RecordStoreError) {
            let records = answers.compactMap { try? $0.get() }
            let new = Set(records.filter { !$0.isRepeat }.map(\.recordID))
            answers = answers.map { answer in
                if case .success(let record) = answer, new.contains(record.recordID) { .failure(error) } else { answer }
            }
        }
    }

    /// Places requests until all are placed or one needs letters, and commits.
    private func commitPart(
        _ requests: ArraySlice<(draft: RecordDraft, clock: ClockReading)>, in database: Database
    ) -> Part {
        var part = Part()
        let placing = RecordPlacing(signer: signer, isPairSafe: { [pairFile] in pairFile.contains($0) })
        do {
            try database.execute(sql: "BEGIN IMMEDIATE")
            for request in requests {
                do {
                    try database.cachedStatement(sql: "SAVEPOINT record").execute()
                    let record = try placing.place(request.draft, clock: request.clock, in: database)
                    try database.cachedStatement(sql: "RELEASE record").execute()
                    part.answers.append(.success(record))
                    if request.draft.opens != nil { part.changesFair = true }
                } catch {
                    // SQLite itself rolls the whole transaction back after some errors: then nobody is committed.
                    guard database.isInsideTransaction, (error as? DatabaseError)?.stopsTheStore != true else {
                        throw error
                    }
                    try database.cachedStatement(sql: "ROLLBACK TO record").execute()
                    try database.cachedStatement(sql: "RELEASE record").execute()
                    if let needed = error as? TicketPairNeeded {
                        part.pairNeeded = needed.fairID
                        break
                    }
                    part.answers.append(.failure(.beforeCommit(error)))
                }
            }
        } catch {
            return rolledBack(error, part: part, count: requests.count, in: database)
        }
        commit(&part, in: database)
        return part
    }

    private func rolledBack(_ error: any Error, part: Part, count: Int, in database: Database) -> Part {
        if database.isInsideTransaction { try? database.execute(sql: "ROLLBACK") }
        var part = part
        let failure = RecordStoreError.beforeCommit(error)
        part.fail(failure)
        part.answers += Array(repeating: .failure(failure), count: count - part.answers.count)
        part.pairNeeded = nil
        if let error = error as? DatabaseError, error.stopsTheStore || database.isInsideTransaction {
            if error.isDamage { damaged.suspect() }
            part.fatal = KioskStoreError(
                .stopped, "a transaction failed with SQLite result \(error.extendedResultCode.rawValue)",
                hint: "the service starts anew; check the disk")
        }
        return part
    }

    private func commit(_ part: inout Part, in database: Database) {
        do {
            try database.execute(sql: "COMMIT")
            progress.countBatch()
            if part.changesFair { keepOpenFair(in: database) }
            isWALToBeEmptied = isWALToBeEmptied || part.changesFair
            if isWALToBeEmptied { emptyWAL(in: database) }
        } catch {
            if database.isInsideTransaction { try? database.execute(sql: "ROLLBACK") }
            let code = (error as? DatabaseError)?.extendedResultCode ?? .SQLITE_ERROR
            if code.primaryResultCode == .SQLITE_FULL {
                part.fail(.diskFull)
                return
            }
            if (error as? DatabaseError)?.isDamage == true { damaged.suspect() }
            // The frames may be on the disk or not: only the next start can tell.
            part.fail(.unknownOutcome)
            part.fatal = KioskStoreError(
                .stopped, "the outcome of a commit is unknown, SQLite result \(code.rawValue)",
                hint: "the service starts anew and looks the records up; check the disk")
        }
    }
}

// MARK: - The fair of a new database

extension RecordBatch {
    /// On the database's queue, outside transactions. The record stands; a file that is behind it costs a technician
    /// `fair open` where the database is lost, too.
    func keepOpenFair(in database: Database) {
        do {
            try openFairFile.keep(try RecordRows.openFair(in: database))
        } catch {
            logger.warning("the file of the open fair was not written", metadata: ["error": "\(error)"])
        }
    }
}

// MARK: - The WAL after a closing

extension RecordBatch {
    /// Copies the WAL into the file and cuts it to nothing, so that no older page stays readable. Outside transactions,
    /// on the database's queue. Where that fails it is tried again after the next commit, and at the next start.
    func emptyWAL(in database: Database) {
        do {
            try database.checkpoint(.truncate)
            isWALToBeEmptied = false
        } catch {
            isWALToBeEmptied = true
            let code = (error as? DatabaseError)?.extendedResultCode.rawValue ?? 0
            logger.warning("the WAL was not emptied; it is tried again", metadata: ["sqlite.code": "\(code)"])
        }
    }
}

// MARK: - Letters

extension RecordBatch {
    /// Gives the current lineage its next pair for a fair: first durable in the database, then in the synced file, and
    /// only then is a number given.
    private func takePair(for fair: FairID, in database: Database) throws {
        let chain = try ChainRow.current(in: database)
        let row = try Row.fetchOne(
            database,
            sql: "SELECT pair, lastNumber FROM ticketPair WHERE chain = ? AND fairID = ? ORDER BY number DESC LIMIT 1",
            arguments: [chain.number, Data(fair.bytes)])
        if let row, (row[1] as Int) < TicketNumber.numberMax {
            // Taken before, but the file did not hear of it.
            try pairFile.add([TicketPairFile.Line(fairID: fair, lineageID: chain.lineageID, pair: row[0])])
            return
        }
        let granted = pairs.withLock { $0[fair] ?? [] }
        let next = try granted.first { try isUsable($0, at: fair, in: database) }
        guard let next else { throw RecordStoreError.ticketsExhausted }
        try database.inTransaction(.immediate) {
            try database.execute(
                sql: "INSERT INTO ticketPair (chain, fairID, pair) VALUES (?, ?, ?)",
                arguments: [chain.number, Data(fair.bytes), next])
            return .commit
        }
        try pairFile.add([TicketPairFile.Line(fairID: fair, lineageID: chain.lineageID, pair: next)])
        logger.info("took a ticket pair", metadata: ["ticket.pair": "\(next)", "fair.id": "\(fair)"])
    }

    /// Another card of this identity may have taken any of these: from now on they count as taken, by a lineage that is
    /// none. On the database's queue.
    func giveUp(_ pairs: [String], at fair: FairID) throws {
        let lines = pairs.filter { isUsable($0, at: fair) }
            .map { TicketPairFile.Line(fairID: fair, lineageID: TicketPairFile.nobody, pair: $0) }
        if !lines.isEmpty { try pairFile.add(lines) }
    }

    /// What is left of the current letters, and the granted letters that nobody has used. On the database's queue.
    func ticketsLeft(at fair: FairID, in database: Database) throws -> Int {
        let used = try Int.fetchOne(
            database,
            sql: """
                SELECT lastNumber FROM ticketPair WHERE chain = ? AND fairID = ? ORDER BY number DESC LIMIT 1
                """,
            arguments: [ChainRow.current(in: database).number, Data(fair.bytes)])
        let usable = try pairs.withLock { $0[fair] ?? [] }.count { try isUsable($0, at: fair, in: database) }
        return usable * TicketNumber.numberMax + (used.map { TicketNumber.numberMax - $0 } ?? 0)
    }

    /// As the file says; where that was lost, a number of a salvaged record says so too.
    private func isUsable(_ pair: String, at fair: FairID, in database: Database) throws -> Bool {
        guard isUsable(pair, at: fair) else { return false }
        let given = try Int.fetchOne(
            database.cachedStatement(
                sql: "SELECT 1 FROM deskEntry WHERE fairID = ? AND ticket BETWEEN ? AND ? LIMIT 1"),
            arguments: [Data(fair.bytes), pair + "0001", pair + "9999"])
        return given == nil
    }

    /// Letters of which numbers can be made, and that nobody has taken.
    private func isUsable(_ pair: String, at fair: FairID) -> Bool {
        TicketNumber(pair: pair, number: 1) != nil && !pairFile.isUsed(pair, of: fair)
    }

    /// Letters that cannot be written down because the disk fails: the next request would fare no better.
    private static func brokenDisk(_ error: any Error) -> KioskStoreError? {
        let hint = "the service starts anew; check the disk"
        if let error = error as? DurableFileError, error.isReadOnly || error.isDiskFailing {
            return KioskStoreError(.stopped, error.description, hint: hint)
        }
        guard let error = error as? DatabaseError, error.stopsTheStore else { return nil }
        return KioskStoreError(
            .stopped, "taking letters failed with SQLite result \(error.extendedResultCode.rawValue)", hint: hint)
    }

    private func pairFailure(_ error: any Error) -> RecordStoreError {
        guard let error = error as? DurableFileError else { return .beforeCommit(error) }
        logger.error("the file of ticket pairs was not written", metadata: ["error": "\(error)"])
        return error.isDiskFull ? .diskFull : .failed(code: ResultCode.SQLITE_IOERR.rawValue)
    }
}
