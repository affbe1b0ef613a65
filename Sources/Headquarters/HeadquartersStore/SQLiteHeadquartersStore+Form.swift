// The job-intent form in SQLite: digits, intents, claims, completed names.

import GRDB
public import HeadquartersCore
public import JobFair

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SQLiteHeadquartersStore {
    private static let hourMilliseconds: Int64 = 3_600_000
    private static let dayMilliseconds: Int64 = 86_400_000

    public func registration(_ recordID: RecordID) async throws -> SlipRegistration? {
        try await read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT registration.*, record.fairID, record.ticket, record.fairDay
                    FROM registration JOIN record USING (recordID) WHERE recordID = ? AND isErased = 0
                    """,
                arguments: [recordID.blob])
            guard let row else { return nil }
            return SlipRegistration(
                recordID: recordID, fairID: try row.identifier("fairID", as: FairID.self),
                ticket: (row["ticket"] as String?).flatMap { TicketNumber($0) },
                fairDay: (row["fairDay"] as String?).flatMap { CalendarDate($0) }, surname: row["surname"],
                ageBand: AgeBand(rawValue: row["ageBand"]) ?? .unknown, hasBirthDate: row["hasBirthDate"],
                hasDigits: (row["slipDigits"] as String?) != nil)
        }
    }

    public func findByHand(
        ticket: TicketNumber, digits: String, at fair: FairID, now: Int64
    ) async throws -> HandFind {
        try await write { db in
            guard try Self.takeHandTry(ticket, at: fair, now: now, db) else { return .tooManyTries }
            let ids = try Data.fetchAll(
                db,
                sql: """
                    SELECT recordID FROM record
                    WHERE fairID = ? AND ticket = ? AND kind = 'registration' AND isErased = 0 LIMIT 2
                    """,
                arguments: [fair.blob, ticket.description])
            // Two registrations with one number (a cloned kiosk): the number names nobody.
            guard ids.count == 1, let seeker = RecordID(bytes: ids[0]), let standing = try Self.standing(seeker, db),
                standing.slipDigits == digits
            else { return .notFound }
            return .found(seeker, allowsIntents: standing.allowsIntents && standing.ageBand.allowsIntents)
        }
    }

    /// False: five in the last hour already.
    private static func takeHandTry(
        _ ticket: TicketNumber, at fair: FairID, now: Int64, _ db: Database
    ) throws -> Bool {
        try db.execute(sql: "DELETE FROM handTry WHERE triedAt <= ?", arguments: [now - hourMilliseconds])
        let count =
            try Int.fetchOne(
                db, sql: "SELECT COUNT(*) FROM handTry WHERE fairID = ? AND ticket = ?",
                arguments: [fair.blob, ticket.description]) ?? 0
        guard count < FormLimits.handTriesPerHourMax else { return false }
        try db.execute(
            sql: "INSERT INTO handTry (fairID, ticket, triedAt) VALUES (?, ?, ?)",
            arguments: [fair.blob, ticket.description, now])
        return true
    }

    public func checkDigits(_ digits: String, of recordID: RecordID, at: Int64) async throws -> DigitCheck {
        try await write { db in
            guard let standing = try Self.standing(recordID, db) else {
                return try Self.takeUncheckedTry(digits, of: recordID, at: at, db) ? .undecided : .tooManyTries
            }
            return try Self.tryDigits(digits, of: recordID, right: standing.slipDigits, at: at, db)
        }
    }

    public func saveIntent(_ statement: IntentStatement) async throws -> IntentOutcome {
        try await write { db in
            let vacancy = try Self.vacancy(statement.vacancyID, at: statement.fairID, db)
            guard let standing = try Self.standing(statement.seeker, db) else {
                // Counted before anything is answered: an answer that costs nothing would let digits be guessed.
                guard try Self.takeUncheckedTry(statement.digits, of: statement.seeker, at: statement.at, db) else {
                    return .tooManyTries
                }
                guard let vacancy else { return .vacancyUnavailable }
                if vacancy.isOpen || statement.isWithdrawn { return try Self.claim(statement, db) }
                return try Self.refuseConsent(statement, db) ?? .vacancyUnavailable
            }
            if standing.fairID != statement.fairID { return .otherFair }
            // Digits first: no other answer may tell a stranger anything of this person, their age least of all.
            switch try Self.tryDigits(
                statement.digits, of: statement.seeker, right: standing.slipDigits, at: statement.at, db)
            {
            case .right: break
            case .wrong(let left): return .wrongDigits(triesLeft: left)
            case .tooManyTries: return .tooManyTries
            case .clerkOnly, .undecided: return .clerkOnly
            }
            if statement.isWithdrawn { return vacancy == nil ? .vacancyUnavailable : try Self.state(statement, db) }
            let objection = IntentRule.objection(
                standing: standing, fair: statement.fairID, vacancyIsNotUnder18: vacancy?.isNotUnder18 ?? false)
            if objection == nil, let vacancy, vacancy.isOpen { return try Self.state(statement, db) }
            return try Self.refuseConsent(statement, db) ?? objection ?? .vacancyUnavailable
        }
    }

    public func completeName(_ completion: NameCompletion) async throws -> CompletionOutcome {
        try await write { db in
            guard let standing = try Self.standing(completion.seeker, db) else { return .notArrived }
            if standing.fairID != completion.fairID { return .otherFair }
            switch try Self.tryDigits(
                completion.digits, of: completion.seeker, right: standing.slipDigits, at: completion.at, db)
            {
            case .right: break
            case .wrong(let left): return .wrongDigits(triesLeft: left)
            case .tooManyTries: return .tooManyTries
            case .clerkOnly, .undecided: return .clerkOnly
            }
            guard standing.isNameOpen else { return .alreadyKnown }
            try db.execute(
                sql: "UPDATE registration SET surname = ?, completion = ?, completedAt = ? WHERE recordID = ?",
                arguments: [completion.surname, completion.sealed, completion.at, completion.seeker.blob])
            try Self.settleClaims(of: completion.seeker, at: completion.at, db)
            return .completed
        }
    }

    public func intents(of recordID: RecordID, digits: String) async throws -> [StatedIntent] {
        try await read { db in
            if let standing = try Self.standing(recordID, db), standing.slipDigits != digits { return [] }
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT vacancyID, 'confirmed' AS state, level, passOnConsent, occurredAt FROM intent
                    WHERE seekerRecordID = ?1 AND isWithdrawn = 0
                    UNION ALL
                    SELECT vacancyID, state, level, passOnConsent, occurredAt FROM intentClaim
                    WHERE seekerRecordID = ?1 AND digits = ?2 AND state IN ('claimed', 'void') AND isWithdrawn = 0
                        AND NOT EXISTS (SELECT 1 FROM intent
                            WHERE seekerRecordID = ?1 AND intent.vacancyID = intentClaim.vacancyID)
                    ORDER BY occurredAt
                    """,
                arguments: [recordID.blob, digits])
            return try rows.map { row in
                guard let state = IntentState(rawValue: row["state"]), let level = IntentLevel(rawValue: row["level"])
                else { throw damaged("intent.level") }
                return StatedIntent(
                    vacancyID: try row.identifier("vacancyID", as: VacancyID.self), state: state, level: level,
                    passOnConsent: row["passOnConsent"], at: row["occurredAt"])
            }
        }
    }

    // MARK: Digits

    static func standing(_ recordID: RecordID, _ db: Database) throws -> SeekerStanding? {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT registration.*, record.fairID FROM registration JOIN record USING (recordID)
                WHERE recordID = ? AND isErased = 0
                """,
            arguments: [recordID.blob])
        guard let row else { return nil }
        return SeekerStanding(
            fairID: try row.identifier("fairID", as: FairID.self), isNameOpen: (row["surname"] as String?) == nil,
            ageBand: AgeBand(rawValue: row["ageBand"]) ?? .unknown, allowsIntents: row["allowsIntents"],
            slipDigits: row["slipDigits"])
    }

    private static func triedDigits(of recordID: RecordID, _ db: Database) throws -> Set<String> {
        Set(try String.fetchAll(db, sql: "SELECT digits FROM digitTry WHERE recordID = ?", arguments: [recordID.blob]))
    }

    private static func noteDigits(_ digits: String, of recordID: RecordID, at: Int64, _ db: Database) throws {
        try db.execute(
            sql: "INSERT OR IGNORE INTO digitTry VALUES (?, ?, ?)", arguments: [recordID.blob, digits, at])
    }

    static func tryDigits(
        _ digits: String, of recordID: RecordID, right: String?, at: Int64, _ db: Database
    ) throws -> DigitCheck {
        let check = IntentRule.checkDigits(digits, right: right, tried: try triedDigits(of: recordID, db))
        switch check {
        case .right, .wrong: try noteDigits(digits, of: recordID, at: at, db)
        default: break
        }
        return check
    }

    /// The record has not arrived, nobody can tell whether the digits are right: the different strings are counted all
    /// the same. False: there were five others before.
    static func takeUncheckedTry(
        _ digits: String, of recordID: RecordID, at: Int64, _ db: Database
    ) throws -> Bool {
        // Nothing is kept of whoever holds the slip of somebody erased.
        if try isErased(recordID.blob, db) { return false }
        guard IntentRule.mayTry(digits, tried: try triedDigits(of: recordID, db)) else { return false }
        try noteDigits(digits, of: recordID, at: at, db)
        return true
    }

    // MARK: Claims

    /// The record has not arrived: keep what was said until it does. The digits were counted.
    private static func claim(_ statement: IntentStatement, _ db: Database) throws -> IntentOutcome {
        let key: StatementArguments = [statement.seeker.blob, statement.vacancyID.blob, statement.digits]
        let held = try Row.fetchOne(
            db,
            sql: "SELECT * FROM intentClaim WHERE seekerRecordID = ? AND vacancyID = ? AND digits = ?", arguments: key)
        let isRepeat = held.map { ($0["isWithdrawn"] as Bool) == statement.isWithdrawn } ?? false
        if !statement.isWithdrawn, !isRepeat {
            let others =
                try Int.fetchOne(
                    db,
                    sql: """
                        SELECT COUNT(DISTINCT vacancyID) FROM intentClaim
                        WHERE seekerRecordID = ? AND isWithdrawn = 0 AND vacancyID <> ?
                        """,
                    arguments: [statement.seeker.blob, statement.vacancyID.blob]) ?? 0
            guard others < FormLimits.vacanciesMax else { return .tooManyVacancies }
        }
        try insertClaim(statement, occurred: .exactly(statement.at), db)
        return statement.isWithdrawn ? .withdrawn(isRepeat: isRepeat) : .claimed(isRepeat: isRepeat)
    }

    /// Joined with what was claimed before about the same vacancy with the same digits: records arrive in any order.
    ///
    /// - Parameter words: what is added where it is not the whole statement.
    private static func insertClaim(
        _ statement: IntentStatement, words: IntentWords? = nil, occurred: OccurredAt, _ db: Database
    ) throws {
        let held = try Row.fetchOne(
            db,
            sql: """
                SELECT * FROM intentClaim WHERE seekerRecordID = ? AND vacancyID = ? AND digits = ? AND state <> 'void'
                """,
            arguments: [statement.seeker.blob, statement.vacancyID.blob, statement.digits])
        let said = Said(statement, words: words, occurred: occurred, held: held)
        try db.execute(
            sql: """
                INSERT OR REPLACE INTO intentClaim (seekerRecordID, vacancyID, digits, fairID, level, passOnConsent,
                    isWithdrawn, occurredLower, occurredAt, occurredUpper, state, settledAt, statedLower, withdrawnUpper,
                    consentLower, refusedUpper) VALUES (?, ?, ?, ?, 'preliminary', ?, ?, ?, ?, ?, 'claimed', NULL, ?, ?, ?, ?)
                """,
            arguments: [
                statement.seeker.blob, statement.vacancyID.blob, statement.digits, statement.fairID.blob,
            ] + said.arguments + said.wordArguments)
    }

    /// What holds of a vacancy once a statement is added to what was said before.
    private struct Said {
        var words: IntentWords
        /// Of the statement that holds.
        var occurred: OccurredAt

        /// - Parameter words: what is added where it is not the whole statement.
        init(_ statement: IntentStatement, words added: IntentWords?, occurred: OccurredAt, held: Row?) {
            let added = added ?? statement.words(occurred)
            words = held.map(SQLiteHeadquartersStore.intentWords) ?? IntentWords()
            words.join(added)
            self.occurred = occurred
            guard let held else { return }
            let before = held.occurred()
            let isOvertaken = statement.isWithdrawn == words.isStanding
            let isEarlier = held["isWithdrawn"] == statement.isWithdrawn && before.estimate > occurred.estimate
            // A word about consent alone states nothing anew.
            let isAboutConsent = !statement.isWithdrawn && added.statedLower == nil
            if isOvertaken || isEarlier || isAboutConsent { self.occurred = before }
        }

        /// `passOnConsent` to `occurredUpper`, as in both tables.
        var arguments: StatementArguments {
            StatementArguments([words.isConsented, !words.isStanding])
                + StatementArguments([occurred.lower, occurred.estimate, occurred.upper])
        }

        var wordArguments: StatementArguments {
            StatementArguments([words.statedLower, words.withdrawnUpper, words.consentLower, words.refusedUpper])
        }
    }

    /// The record has arrived, or its name was completed: claims are confirmed, void, or wait on.
    static func settleClaims(of recordID: RecordID, at: Int64, _ db: Database) throws {
        guard let standing = try standing(recordID, db) else { return }
        let rows = try Row.fetchAll(
            db, sql: "SELECT * FROM intentClaim WHERE seekerRecordID = ? AND state = 'claimed' ORDER BY occurredAt",
            arguments: [recordID.blob])
        for row in rows {
            let statement = try Self.statement(row, seeker: recordID)
            let occurred = row.occurred()
            let vacancy = try vacancy(statement.vacancyID, at: statement.fairID, db)
            func settle(takesBack: Bool) -> IntentState {
                IntentRule.settle(
                    claimDigits: statement.digits, standing: standing, fair: statement.fairID,
                    vacancyIsNotUnder18: vacancy?.isNotUnder18 ?? false, takesBack: takesBack)
            }
            var words = intentWords(row)
            var state = settle(takesBack: statement.isWithdrawn)
            // What takes something back is never too late.
            if !statement.isWithdrawn, at - occurred.upper > Int64(FormLimits.claimDaysMax) * dayMilliseconds {
                state = .void
            }
            if state == .claimed { continue }
            if state == .confirmed, !statement.isWithdrawn,
                try otherVacancies(than: statement, db) >= FormLimits.vacanciesMax
            {
                state = .void
            }
            // What may not be stated anew still takes back the consent to what stands.
            if state == .void, !statement.passOnConsent, try isIntentStanding(statement, db) {
                state = settle(takesBack: true)
                words = words.takenBack
            }
            if state == .confirmed { try upsertIntent(statement, words: words, occurred: occurred, db) }
            try db.execute(
                sql: """
                    UPDATE intentClaim SET state = ?, settledAt = ?
                    WHERE seekerRecordID = ? AND vacancyID = ? AND digits = ?
                    """,
                arguments: [state.rawValue, at, recordID.blob, statement.vacancyID.blob, statement.digits])
        }
    }

    private static func statement(_ row: Row, seeker: RecordID) throws -> IntentStatement {
        guard let level = IntentLevel(rawValue: row["level"]) else { throw damaged("intentClaim.level") }
        return IntentStatement(
            seeker: seeker, fairID: try row.identifier("fairID", as: FairID.self),
            vacancyID: try row.identifier("vacancyID", as: VacancyID.self), level: level,
            passOnConsent: row["passOnConsent"], isWithdrawn: row["isWithdrawn"], digits: row["digits"],
            at: row["occurredAt"])
    }

    // MARK: Intents

    private static func state(_ statement: IntentStatement, _ db: Database) throws -> IntentOutcome {
        let held = try Row.fetchOne(
            db, sql: "SELECT isWithdrawn FROM intent WHERE seekerRecordID = ? AND vacancyID = ?",
            arguments: [statement.seeker.blob, statement.vacancyID.blob])
        let isRepeat = held.map { ($0["isWithdrawn"] as Bool) == statement.isWithdrawn } ?? false
        if statement.isWithdrawn {
            try upsertIntent(statement, occurred: .exactly(statement.at), db)
            return .withdrawn(isRepeat: isRepeat)
        }
        if !isRepeat {
            let others = try otherVacancies(than: statement, db)
            guard others < FormLimits.vacanciesMax else { return .tooManyVacancies }
        }
        try upsertIntent(statement, occurred: .exactly(statement.at), db)
        return .confirmed(isRepeat: isRepeat)
    }

    /// Takes back only the consent to pass name and phone on, of what stands or waits for its record; at any time, of any
    /// vacancy. Nil: the statement is no refusal, or there is nothing it could take back.
    private static func refuseConsent(_ statement: IntentStatement, _ db: Database) throws -> IntentOutcome? {
        guard !statement.passOnConsent else { return nil }
        let occurred = OccurredAt.exactly(statement.at)
        var words = IntentWords()
        words.note(occurred, isConsentGiven: false)
        if try isIntentStanding(statement, db) {
            try upsertIntent(statement, words: words, occurred: occurred, db)
            return .confirmed(isRepeat: true)
        }
        guard try isClaimWaiting(statement, db) else { return nil }
        try insertClaim(statement, words: words, occurred: occurred, db)
        return .claimed(isRepeat: true)
    }

    private static func isIntentStanding(_ statement: IntentStatement, _ db: Database) throws -> Bool {
        try Row.fetchOne(
            db, sql: "SELECT 1 FROM intent WHERE seekerRecordID = ? AND vacancyID = ? AND isWithdrawn = 0",
            arguments: [statement.seeker.blob, statement.vacancyID.blob]) != nil
    }

    private static func isClaimWaiting(_ statement: IntentStatement, _ db: Database) throws -> Bool {
        try Row.fetchOne(
            db,
            sql: """
                SELECT 1 FROM intentClaim
                WHERE seekerRecordID = ? AND vacancyID = ? AND digits = ? AND state = 'claimed' AND isWithdrawn = 0
                """,
            arguments: [statement.seeker.blob, statement.vacancyID.blob, statement.digits]) != nil
    }

    /// What the slip stands for besides this vacancy.
    private static func otherVacancies(than statement: IntentStatement, _ db: Database) throws -> Int {
        try Int.fetchOne(
            db,
            sql: "SELECT COUNT(*) FROM intent WHERE seekerRecordID = ? AND isWithdrawn = 0 AND vacancyID <> ?",
            arguments: [statement.seeker.blob, statement.vacancyID.blob]) ?? 0
    }

    /// - Parameter words: what is added where it is not the whole statement; of a claim, all that was said with it.
    private static func upsertIntent(
        _ statement: IntentStatement, words: IntentWords? = nil, occurred: OccurredAt, _ db: Database
    ) throws {
        let held = try Row.fetchOne(
            db, sql: "SELECT * FROM intent WHERE seekerRecordID = ? AND vacancyID = ?",
            arguments: [statement.seeker.blob, statement.vacancyID.blob])
        let said = Said(statement, words: words, occurred: occurred, held: held)
        // Nobody signs by a slip: the level is the business of `setSigned`.
        try db.execute(
            sql: """
                INSERT INTO intent (seekerRecordID, vacancyID, fairID, level, passOnConsent, isWithdrawn, occurredLower,
                    occurredAt, occurredUpper, statedLower, withdrawnUpper, consentLower, refusedUpper)
                VALUES (?, ?, ?, 'preliminary', ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (seekerRecordID, vacancyID) DO UPDATE SET passOnConsent = excluded.passOnConsent,
                    isWithdrawn = excluded.isWithdrawn, occurredLower = excluded.occurredLower,
                    occurredAt = excluded.occurredAt, occurredUpper = excluded.occurredUpper,
                    statedLower = excluded.statedLower, withdrawnUpper = excluded.withdrawnUpper,
                    consentLower = excluded.consentLower, refusedUpper = excluded.refusedUpper
                """,
            arguments: [statement.seeker.blob, statement.vacancyID.blob, statement.fairID.blob] + said.arguments
                + said.wordArguments)
    }

    /// An intent that came as a record of a kiosk: the same rules. Digits that are not known to be right count towards the
    /// five whichever way they came: ten kiosks that cannot check them must not be fifty tries.
    static func applyIntent(
        _ intent: OpenedIntent, fair: FairID, occurred: OccurredAt, at: Int64, _ db: Database
    ) throws {
        let statement = IntentStatement(
            seeker: intent.seeker, fairID: fair, vacancyID: intent.vacancyID, level: intent.level,
            passOnConsent: intent.passOnConsent, isWithdrawn: intent.isWithdrawn, digits: intent.digits,
            at: occurred.estimate)
        // An intent for a vacancy that is not this fair's stays in its frame.
        guard try vacancy(intent.vacancyID, at: fair, db) != nil else { return }
        let isRight = try standing(intent.seeker, db)?.slipDigits == intent.digits
        guard try isRight || takeUncheckedTry(intent.digits, of: intent.seeker, at: at, db) else { return }
        try insertClaim(statement, occurred: occurred, db)
        try settleClaims(of: intent.seeker, at: at, db)
    }

    /// `isOpen`: neither withdrawn nor filled, and nobody has to look at it or its employer first.
    private static func vacancy(
        _ vacancyID: VacancyID, at fair: FairID, _ db: Database
    ) throws -> (isOpen: Bool, isNotUnder18: Bool)? {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT details, employerCheck.employerID IS NOT NULL AND standing IN ('clear', 'released') AS isShown
                FROM vacancy JOIN vacancyReview USING (vacancyID)
                LEFT JOIN employerCheck ON employerCheck.employerID = vacancy.employerID
                WHERE vacancyID = ? AND vacancy.fairID = ?
                """,
            arguments: [vacancyID.blob, fair.blob])
        guard let row else { return nil }
        let vacancy = try JSONColumn.value(Vacancy.self, row["details"], column: "vacancy.details")
        return (isOpen: vacancy.isOpen && row["isShown"], isNotUnder18: vacancy.isNotUnder18)
    }
}

extension IntentStatement {
    fileprivate func words(_ occurred: OccurredAt) -> IntentWords {
        var words = IntentWords()
        words.note(occurred, isWithdrawal: isWithdrawn, passOnConsent: passOnConsent)
        return words
    }
}
