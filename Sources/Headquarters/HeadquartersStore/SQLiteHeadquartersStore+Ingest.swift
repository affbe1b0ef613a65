// Taking records in: one batch, one transaction.

import GRDB
public import HeadquartersCore
import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension SQLiteHeadquartersStore {
    public func ingest(_ batch: IngestBatch) async throws -> IngestReport {
        do {
            return try await write { try Self.ingest(batch, take: Self.take, $0) }
        } catch let error as HeadquartersStoreError where [.failed, .unsuitable].contains(error.code) {
            // One record that the database does not take must not stop the others: each for itself.
            return try await write { try Self.ingest(batch, take: Self.takeOrHold, $0) }
        }
    }

    private static func ingest(
        _ batch: IngestBatch, take: (ArrivedRecord, Int64, Database) throws -> Outcome, _ db: Database
    ) throws -> IngestReport {
        var results: [IngestResult] = []
        var forks = 0
        var conflicts = 0
        try touchLineage(batch.lineageID, of: batch.deviceID, at: batch.receivedAt, db)
        for arrived in batch.records {
            let outcome = try take(arrived, batch.receivedAt, db)
            results.append(outcome.result)
            forks += outcome.isFork ? 1 : 0
            conflicts += outcome.isConflict ? 1 : 0
        }
        try advance(batch.lineageID, of: batch.deviceID, db)
        let generation = try takeSerial(batch, db)
        let lineage = try lineageState(batch.lineageID, of: batch.deviceID, db)
        return IngestReport(
            results: results, generation: generation, lineage: lineage, forks: forks, conflicts: conflicts)
    }

    /// A record with a savepoint of its own; where it fails it is held as it came. What concerns the whole store is thrown.
    private static func takeOrHold(_ arrived: ArrivedRecord, _ at: Int64, _ db: Database) throws -> Outcome {
        do {
            var outcome: Outcome?
            try db.inSavepoint {
                outcome = try take(arrived, at, db)
                return .commit
            }
            guard let outcome else { throw HeadquartersStoreError(.failed, "a savepoint gave no result") }
            return outcome
        } catch let error as DatabaseError where mapped(error).code != .failed {
            throw error
        } catch {
            guard case .opened(let envelope, _) = arrived else { throw error }
            return try take(.sealed(envelope, reason: .storeFailed), at, db)
        }
    }

    public func generation() async throws -> Generation {
        try await read { try Self.currentGeneration($0) }
    }

    public func noteForeignReceipt(
        generation: Data, serial: Int64, batchID: Data, at: Int64
    ) async throws -> Generation {
        try await write { db in
            let isKnown = try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM receipt WHERE generationID = ? AND serial = ? AND batchID = ?)
                    """,
                arguments: [generation, serial, batchID])
            let current = try Self.currentGeneration(db)
            if isKnown == true { return current }
            let generations = try Data.fetchAll(db, sql: "SELECT generationID FROM generation")
            if generation != current.id, generations.contains(generation) {
                // An older generation: the loss was noticed before, the kiosk sees that the generation changed.
                return current
            }
            if !generations.contains(generation) {
                try db.execute(
                    sql: """
                        INSERT INTO generation (position, generationID, newestSerial, startedAt)
                        VALUES ((SELECT MIN(position) - 1 FROM generation), ?, ?, 0)
                        """,
                    arguments: [generation, serial])
            }
            try db.execute(
                sql: """
                    INSERT INTO generation (position, generationID, newestSerial, startedAt)
                    VALUES ((SELECT MAX(position) + 1 FROM generation), randomblob(16), ?, ?)
                    """,
                arguments: [max(current.newestSerial, serial), at])
            // They were of backups of a machine that is gone: nobody purges by them.
            try Self.forgetDurableMarks(db)
            return try Self.currentGeneration(db)
        }
    }

    // MARK: Held records

    public func heldFrames(
        _ reasons: Set<IngestReason>, after digest: Data, limit: Int
    ) async throws -> [HeldFrame] {
        let names = reasons.map(\.rawValue)
        guard !names.isEmpty else { return [] }
        return try await read { db in
            let marks = names.map { _ in "?" }.joined(separator: ", ")
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT digest, bytes FROM frame WHERE state = 'held' AND heldReason IN (\(marks)) AND digest > ?
                        AND (heldReason <> ? OR fairID IN (SELECT fairID FROM fair))
                        AND (heldReason <> ? OR deviceID IN (SELECT deviceID FROM device WHERE revokedAt IS NULL))
                    ORDER BY digest LIMIT ?
                    """,
                arguments: StatementArguments(names) + [
                    digest, IngestReason.fairUnknown.rawValue, IngestReason.deviceRevoked.rawValue, limit,
                ]
            ).map { HeldFrame(digest: $0["digest"], frame: $0["bytes"]) }
        }
    }

    public func takeHeld(_ record: ArrivedRecord, at: Int64) async throws -> Bool {
        try await write { db in
            let result = try Self.take(record, at, db).result
            if result.code == .held, let reason = result.reason, reason != .recordConflict {
                try db.execute(
                    sql: "UPDATE frame SET heldReason = ? WHERE digest = ? AND state = 'held'",
                    arguments: [reason.rawValue, result.digest])
            }
            return result.code == .accepted
        }
    }

    // MARK: One record

    private struct Outcome {
        var result: IngestResult
        var isFork = false
        var isConflict = false
    }

    private static func take(_ arrived: ArrivedRecord, _ at: Int64, _ db: Database) throws -> Outcome {
        var arrived = arrived
        if case .opened(let envelope, let content) = arrived {
            if try isErased(content, of: envelope, at: at, db) {
                let isEmptied = try Bool.fetchOne(
                    db, sql: "SELECT EXISTS (SELECT 1 FROM frame WHERE digest = ? AND length(bytes) = 0)",
                    arguments: [envelope.digest])
                let decision = isEmptied == true ? IngestDecision(.duplicateErased) : IngestRule.erased
                return try store(envelope, content, decision, at: at, db)
            }
            if try isRevoked(envelope.deviceID, db) {
                arrived = .sealed(envelope, reason: .deviceRevoked)
            } else if try !hasFair(envelope.fairID, db) {
                arrived = .sealed(envelope, reason: .fairUnknown)
            }
        }
        switch arrived {
        case .refused(let id, let digest, _), .postponed(let id, let digest, _):
            let decision = IngestRule.decide(arrived, known: nil)
            return Outcome(
                result: IngestResult(recordID: id, digest: digest, code: decision.code, reason: decision.reason))
        case .sealed(let envelope, _):
            return try store(envelope, nil, IngestRule.decide(arrived, known: known(envelope, db)), at: at, db)
        case .opened(let envelope, let content):
            return try store(
                envelope, content, IngestRule.decide(arrived, known: known(envelope, db)), at: at, db)
        }
    }

    private static func known(_ envelope: RecordEnvelope, _ db: Database) throws -> KnownRecord? {
        let id = envelope.recordID.blob
        let frames = try Row.fetchAll(
            db, sql: "SELECT digest, state, length(bytes) AS size FROM frame WHERE recordID = ?", arguments: [id])
        if frames.isEmpty { return nil }
        let row = try Row.fetchOne(db, sql: "SELECT digest, isErased FROM record WHERE recordID = ?", arguments: [id])
        let accepted: Data? = row?["digest"]
        let held = frames.filter { $0["state"] == "held" }.map { $0["digest"] as Data }
        // A frame without bytes beside a record that stays is somebody else's who was erased.
        let isEmptied = frames.contains { frame in
            let digest: Data = frame["digest"]
            return frame["size"] == 0 && digest != accepted && (row == nil || digest == envelope.digest)
        }
        return KnownRecord(
            acceptedDigest: accepted, isErased: row?["isErased"] ?? false || isEmptied, heldDigests: Set(held))
    }

    private static func store(
        _ envelope: RecordEnvelope, _ content: RecordContent?, _ decision: IngestDecision, at: Int64, _ db: Database
    ) throws -> Outcome {
        var outcome = Outcome(
            result: IngestResult(
                recordID: envelope.recordID.blob, digest: envelope.digest, code: decision.code,
                reason: decision.reason))
        guard decision.storing != .nothing else { return outcome }
        outcome.isFork = try noteFork(envelope, at: at, db)
        outcome.isConflict = decision.isAlarm
        if decision.isAlarm { try insertFork(envelope, kind: "conflict", at: at, db) }
        switch decision.storing {
        case .nothing: break
        case .held: try insertFrame(envelope, heldReason: decision.reason ?? .recordConflict, at: at, db)
        case .record:
            try insertFrame(envelope, heldReason: nil, at: at, db)
            if let content { try insertRecord(envelope, content, at: at, db) }
        case .erased:
            var emptied = envelope
            emptied.frame = Data()
            try insertFrame(emptied, heldReason: nil, at: at, db)
            if try isErased(envelope.recordID.blob, db) { try wipeWhatNames(envelope.recordID.blob, db) }
        }
        return outcome
    }

    private static func insertFrame(
        _ envelope: RecordEnvelope, heldReason: IngestReason?, at: Int64, _ db: Database
    ) throws {
        try touchLineage(envelope.lineageID, of: envelope.deviceID, at: at, db)
        let isNew = try Bool.fetchOne(
            db, sql: "SELECT NOT EXISTS (SELECT 1 FROM frame WHERE digest = ?)", arguments: [envelope.digest])
        // The same bytes that were held before and are understood now change their state only.
        try db.execute(
            sql: """
                INSERT INTO frame (digest, recordID, deviceID, lineageID, sequence, fairID, state, heldReason, receivedAt,
                    bytes, previousDigest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (digest) DO UPDATE SET state = excluded.state, heldReason = excluded.heldReason,
                    bytes = excluded.bytes
                """,
            arguments: [
                envelope.digest, envelope.recordID.blob, envelope.deviceID, envelope.lineageID, envelope.sequence,
                envelope.fairID.blob, heldReason == nil ? "accepted" : "held", heldReason?.rawValue, at,
                envelope.frame, envelope.previousDigest,
            ])
        guard isNew == true else { return }
        try db.execute(
            sql: "UPDATE device SET frames = frames + 1 WHERE deviceID = ?", arguments: [envelope.deviceID])
        try db.execute(
            sql: "UPDATE lineage SET highestSequence = MAX(highestSequence, ?) WHERE deviceID = ? AND lineageID = ?",
            arguments: [envelope.sequence, envelope.deviceID, envelope.lineageID])
    }

    private static func insertRecord(
        _ envelope: RecordEnvelope, _ content: RecordContent, at: Int64, _ db: Database
    ) throws {
        let occurred = try occurred(envelope, at: at, db)
        try db.execute(
            sql: """
                INSERT INTO record (recordID, digest, kind, fairID, deviceID, fairDay, isDayConfirmed, ticket,
                    occurredLower, occurredAt, occurredUpper, isRehearsal, seekerRecordID)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                envelope.recordID.blob, envelope.digest, content.kind, envelope.fairID.blob, envelope.deviceID,
                envelope.fairDay?.description, envelope.isDayConfirmed, envelope.ticket?.description, occurred.lower,
                occurred.estimate, occurred.upper, content.isRehearsal, content.seeker?.blob,
            ])
        try apply(content, of: envelope, occurred: occurred, at: at, db)
    }

    /// A frame that was held is dated by the moment it arrived, not by the one it was understood.
    static func occurred(_ envelope: RecordEnvelope, at: Int64, _ db: Database) throws -> OccurredAt {
        let receivedAt =
            try Int64.fetchOne(
                db, sql: "SELECT receivedAt FROM frame WHERE digest = ?", arguments: [envelope.digest]) ?? at
        return TimeEstimate.occurredAt(
            envelope.clock, fairDay: envelope.isDayConfirmed ? envelope.fairDay : nil, receivedAt: receivedAt,
            pairs: try clockPairs(of: envelope.deviceID, bootID: envelope.clock.bootID, db))
    }

    private static func apply(
        _ content: RecordContent, of envelope: RecordEnvelope, occurred: OccurredAt, at: Int64, _ db: Database
    ) throws {
        switch content {
        case .registration(let registration):
            try insertRegistration(registration, envelope.recordID, db)
            try settleClaims(of: envelope.recordID, at: at, db)
        case .entry(let people, _):
            try db.execute(sql: "INSERT INTO entry VALUES (?, ?)", arguments: [envelope.recordID.blob, people])
        case .checkIn(let seeker):
            try db.execute(
                sql: "INSERT INTO checkIn VALUES (?, ?)", arguments: [envelope.recordID.blob, seeker.blob])
        case .intent(let intent):
            try applyIntent(intent, fair: envelope.fairID, occurred: occurred, at: at, db)
        case .completion(let seeker, let surname):
            try db.execute(
                sql: "UPDATE registration SET surname = ? WHERE recordID = ? AND surname IS NULL",
                arguments: [surname, seeker.blob])
            try db.execute(
                sql: "INSERT INTO completion VALUES (?, ?)", arguments: [envelope.recordID.blob, seeker.blob])
            try settleClaims(of: seeker, at: at, db)
        case .consentChange(let seeker, let employer, let isGiven):
            try db.execute(
                sql: "INSERT INTO consentChange VALUES (?, ?, ?, ?)",
                arguments: [envelope.recordID.blob, seeker.blob, employer.blob, isGiven])
        case .clockAnchor(let bootID, let bootMilliseconds, let headquartersMilliseconds, let roundTrip):
            try noteClockPair(
                ClockPair(
                    bootID: bootID, bootMilliseconds: bootMilliseconds,
                    headquartersMilliseconds: headquartersMilliseconds, roundTripMilliseconds: roundTrip),
                of: envelope.deviceID, db)
        case .wishesChange(let seeker, let digits):
            try applyWishes(
                of: seeker, digits: digits, in: envelope.recordID, occurred: occurred, at: at, db)
        case .dayChange(let said):
            try applyDayChange(said, of: envelope, occurred: occurred, at: at, db)
        case .aboutSlip, .noted:
            break
        }
    }

    private static func insertRegistration(
        _ registration: OpenedRegistration, _ recordID: RecordID, _ db: Database
    ) throws {
        if let person = registration.person {
            try db.execute(
                sql: "INSERT OR IGNORE INTO person VALUES (?, ?)", arguments: [person.bytes, recordID.blob])
        }
        try db.execute(
            sql: """
                INSERT INTO registration (recordID, personKey, surname, slipDigits, ageBand, hasBirthDate, allowsIntents)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                recordID.blob, registration.person?.bytes, registration.surname, registration.slipDigits,
                registration.ageBand.rawValue, registration.hasBirthDate, registration.allowsIntents,
            ])
    }

    // MARK: Chain

    private static func noteFork(_ envelope: RecordEnvelope, at: Int64, _ db: Database) throws -> Bool {
        let sql = "SELECT digest FROM frame WHERE deviceID = ? AND lineageID = ? AND sequence = ?"
        let place: [any DatabaseValueConvertible] = [envelope.deviceID, envelope.lineageID]
        let taken = try Data.fetchAll(db, sql: sql, arguments: StatementArguments(place + [envelope.sequence]))
        let before = try Data.fetchAll(db, sql: sql, arguments: StatementArguments(place + [envelope.sequence - 1]))
        let after = try Data.fetchAll(
            db,
            sql: """
                SELECT previousDigest FROM frame
                WHERE deviceID = ? AND lineageID = ? AND sequence = ? AND previousDigest IS NOT NULL
                """, arguments: StatementArguments(place + [envelope.sequence + 1]))
        let isFork = IngestRule.isFork(
            envelope, digestsAtSequence: Set(taken), digestsBefore: Set(before), namedAfter: Set(after))
        guard isFork else { return false }
        try insertFork(envelope, kind: "sequence", at: at, db)
        try leave(envelope.lineageID, of: envelope.deviceID, .fork, directiveID: nil, at: at, db)
        return true
    }

    private static func insertFork(_ envelope: RecordEnvelope, kind: String, at: Int64, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT OR IGNORE INTO fork (deviceID, lineageID, sequence, fairID, recordID, digest, kind, seenAt)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                envelope.deviceID, envelope.lineageID, envelope.sequence, envelope.fairID.blob, envelope.recordID.blob,
                envelope.digest, kind, at,
            ])
    }

    /// Moves `contiguousThrough` along the chain: of two branches goes on the one it stands on, and where they part the one
    /// that came first.
    private static func advance(_ lineageID: Data, of deviceID: Data, _ db: Database) throws {
        let mark = try Row.fetchOne(
            db,
            sql: "SELECT contiguousThrough, digestAtContiguous FROM lineage WHERE deviceID = ? AND lineageID = ?",
            arguments: [deviceID, lineageID])
        var through: Int64 = mark?[0] ?? 0
        var digest: Data = mark?[1] ?? Data()
        let start = through
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT sequence, digest, previousDigest FROM frame
                WHERE deviceID = ? AND lineageID = ? AND sequence > ? ORDER BY sequence, rowid
                """,
            arguments: [deviceID, lineageID, start])
        while let row = try rows.next() {
            let sequence: Int64 = row["sequence"]
            guard sequence <= through + 1 else { break }
            let previous: Data? = row["previousDigest"]
            guard sequence == through + 1, previous == nil || previous == digest else { continue }
            through = sequence
            digest = row["digest"]
        }
        guard through > start else { return }
        try db.execute(
            sql: """
                UPDATE lineage SET contiguousThrough = ?, digestAtContiguous = ? WHERE deviceID = ? AND lineageID = ?
                """,
            arguments: [through, digest, deviceID, lineageID])
    }

    private static func takeSerial(_ batch: IngestBatch, _ db: Database) throws -> Generation {
        var generation = try currentGeneration(db)
        generation.newestSerial += 1
        try db.execute(
            sql: "UPDATE generation SET newestSerial = ? WHERE generationID = ?",
            arguments: [generation.newestSerial, generation.id])
        try db.execute(
            sql: "INSERT INTO receipt VALUES (?, ?, ?, ?, ?)",
            arguments: [generation.id, generation.newestSerial, batch.batchID, batch.deviceID, batch.receivedAt])
        return generation
    }

    private static func currentGeneration(_ db: Database) throws -> Generation {
        let row = try Row.fetchOne(db, sql: "SELECT * FROM generation ORDER BY position DESC LIMIT 1")
        guard let row else { throw damaged("generation") }
        return Generation(id: row["generationID"], newestSerial: row["newestSerial"])
    }

    private static func clockPairs(of deviceID: Data, bootID: Data, _ db: Database) throws -> [ClockPair] {
        try Row.fetchAll(
            db, sql: "SELECT * FROM clockPair WHERE deviceID = ? AND bootID = ?", arguments: [deviceID, bootID]
        ).map {
            ClockPair(
                bootID: $0["bootID"], bootMilliseconds: $0["bootMilliseconds"],
                headquartersMilliseconds: $0["headquartersMilliseconds"],
                roundTripMilliseconds: $0["roundTripMilliseconds"])
        }
    }
}

extension RecordContent {
    var isRehearsal: Bool {
        switch self {
        case .registration(let registration): registration.isRehearsal
        case .entry(_, let isRehearsal): isRehearsal
        default: false
        }
    }
}
