// The employers' lists in SQLite: who is on them, what was sealed of whom, who was signed.

import GRDB
public import HeadquartersCore
public import JobFair

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SQLiteHeadquartersStore {
    public func employerList(
        of employer: EmployerID, at fair: FairID, for purpose: EmployerListPurpose
    ) async throws -> EmployerList? {
        switch purpose {
        case .masked:
            return try await read { db in try Self.employerList(of: employer, at: fair, db) }
        case .maskedExport(let line):
            let list = try await read { db in try Self.employerList(of: employer, at: fair, db) }
            if let list { try await note(list, line) }
            return list
        case .full(let line, let seen):
            let list = try await read { db in
                var list = try Self.employerList(of: employer, at: fair, db)
                if let lines = list?.lines { list?.lines = try Self.withSealed(lines, of: employer, at: fair, db) }
                return list
            }
            if let list, list.fingerprint != seen { try await note(list, line) }
            return list
        }
    }

    private func note(_ list: EmployerList, _ line: AuditLine) async throws {
        var line = line
        (line.fairID, line.employerID, line.rows) = (list.fair.id, list.employer.id, list.lines.count)
        try await addAuditLine(line)
    }

    public func setSigned(
        _ isSigned: Bool, seeker: RecordID, vacancy: VacancyID, of employer: EmployerID, at fair: FairID,
        line: AuditLine
    ) async throws -> SigningOutcome {
        try await write { db in
            let list = try Self.employerList(of: employer, at: fair, db)
            let listed = list?.lines.first {
                $0.seeker == seeker && $0.vacancyID == vacancy && $0.standing == .open
            }
            guard let listed else { return .notListed }
            guard (listed.signing != nil) != isSigned else { return .unchanged }
            // A mark that is left on another slip of the same person would stay in force.
            try db.execute(
                sql: """
                    UPDATE intent SET level = ?1, signedAt = ?2, signedBy = ?3
                    WHERE vacancyID = ?4 AND (seekerRecordID = ?5 OR (NOT ?6 AND seekerRecordID IN (
                        SELECT recordID FROM registration WHERE personKey =
                            (SELECT personKey FROM registration WHERE recordID = ?5))))
                    """,
                arguments: [
                    (isSigned ? IntentLevel.signed : .preliminary).rawValue, isSigned ? line.at : nil,
                    isSigned ? line.actor.name : nil, vacancy.blob, seeker.blob, isSigned,
                ])
            var line = line
            (line.fairID, line.employerID, line.rows) = (fair, employer, 1)
            line.subject = "\(listed.ticket?.description ?? seeker.description) \(listed.vacancyTitle)"
            try Self.add(line, db)
            return .done
        }
    }

    // MARK: Who is on it

    private static func employerList(
        of employerID: EmployerID, at fairID: FairID, _ db: Database
    ) throws -> EmployerList? {
        let row = try Row.fetchOne(
            db, sql: "SELECT details FROM employer WHERE employerID = ? AND fairID = ?",
            arguments: [employerID.blob, fairID.blob])
        let fairRow = try Row.fetchOne(db, sql: "SELECT * FROM fair WHERE fairID = ?", arguments: [fairID.blob])
        guard let row, let fairRow else { return nil }
        let fair = try fair(fairRow, db)
        let intents = try employerIntents(of: employerID, at: fair, db)
        var (lines, people) = EmployerListRule.lines(intents, consents: try consents(for: employerID, db))
        let isCut = lines.count > EmployerListLimits.linesMax
        if isCut { lines = Array(lines.prefix(EmployerListLimits.linesMax)) }
        return EmployerList(
            fair: fair, employer: try JSONColumn.value(Employer.self, row["details"], column: "employer.details"),
            lines: lines, people: people, isCut: isCut)
    }

    /// A fair's own list leaves rehearsals out; at a rehearsal there is nothing else.
    private static func employerIntents(
        of employer: EmployerID, at fair: Fair, _ db: Database
    ) throws -> [EmployerIntent] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT intent.*, COALESCE(registration.personKey, registration.recordID) AS person,
                    registration.surname, registration.ageBand, record.ticket, vacancy.title, vacancy.isNotUnder18
                FROM vacancy JOIN intent USING (vacancyID)
                JOIN registration ON registration.recordID = intent.seekerRecordID
                JOIN record ON record.recordID = registration.recordID
                WHERE vacancy.employerID = ? AND vacancy.fairID = ? AND record.isErased = 0 AND record.wipedAt IS NULL
                    AND record.isRehearsal <= ?
                ORDER BY vacancy.position, intent.occurredAt, intent.seekerRecordID
                """,
            arguments: [employer.blob, fair.id.blob, fair.kind == .rehearsal]
        ).map { row in
            let isMinor = AgeBand(rawValue: row["ageBand"]) == .from16to17
            // The vacancy was open to minors when it was stated: nobody is sent there, but what was taken back with this
            // slip counts for the person's other slips.
            let isBarred = isMinor && row["isNotUnder18"]
            let words = isBarred ? intentWords(row).takenBack : intentWords(row)
            let signedAt: Int64? = isBarred ? nil : row["signedAt"]
            let signing = signedAt.map { IntentSigning(at: $0, by: row["signedBy"] ?? "") }
            return EmployerIntent(
                person: row["person"], words: words, signing: signing,
                line: EmployerListLine(
                    seeker: try row.identifier("seekerRecordID", as: RecordID.self),
                    ticket: (row["ticket"] as String?).flatMap { TicketNumber($0) }, surname: row["surname"],
                    vacancyID: try row.identifier("vacancyID", as: VacancyID.self), vacancyTitle: row["title"],
                    standing: .open, signing: signing, occurred: row.occurred(),
                    isMinor: isMinor))
        }
    }

    static func intentWords(_ row: Row) -> IntentWords {
        IntentWords(
            statedLower: row["statedLower"], withdrawnUpper: row["withdrawnUpper"], consentLower: row["consentLower"],
            refusedUpper: row["refusedUpper"])
    }

    private static func consents(for employer: EmployerID, _ db: Database) throws -> [EmployerConsent] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT consentChange.isGiven, said.occurredLower, said.occurredAt, said.occurredUpper,
                    said.deviceID = slip.deviceID AS isVouched,
                    COALESCE(registration.personKey, registration.recordID) AS person
                FROM consentChange JOIN record AS said ON said.recordID = consentChange.recordID
                JOIN registration ON registration.recordID = consentChange.seekerRecordID
                JOIN record AS slip ON slip.recordID = registration.recordID
                WHERE consentChange.employerID = ? AND said.isErased = 0
                """,
            arguments: [employer.blob]
        ).map {
            EmployerConsent(
                person: $0["person"], isGiven: $0["isGiven"], occurred: $0.occurred(), isVouched: $0["isVouched"])
        }
    }

    // MARK: What is sealed

    /// One query for the whole list; bytes are copied for open lines only.
    private static func withSealed(
        _ lines: [EmployerListLine], of employer: EmployerID, at fair: FairID, _ db: Database
    ) throws -> [EmployerListLine] {
        let open = Set(lines.filter { $0.standing == .open }.map(\.seeker.blob))
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT registration.recordID, frame.bytes, registration.completion, named.bytes AS completionFrame,
                    statedWishes.sealed AS wishes, wished.bytes AS wishesFrame
                FROM registration JOIN record ON record.recordID = registration.recordID
                JOIN frame ON frame.digest = record.digest
                LEFT JOIN completion ON completion.seekerRecordID = registration.recordID
                LEFT JOIN record AS naming ON naming.recordID = completion.recordID AND naming.isErased = 0
                LEFT JOIN frame AS named ON named.digest = naming.digest
                LEFT JOIN statedWishes ON statedWishes.seekerRecordID = registration.recordID
                    AND statedWishes.digits = registration.slipDigits
                LEFT JOIN record AS wishing ON wishing.recordID = statedWishes.recordID AND wishing.isErased = 0
                LEFT JOIN frame AS wished ON wished.digest = wishing.digest
                WHERE record.isErased = 0 AND registration.recordID IN (
                    SELECT seekerRecordID FROM vacancy JOIN intent USING (vacancyID)
                    WHERE vacancy.employerID = ? AND vacancy.fairID = ?)
                ORDER BY registration.recordID, named.receivedAt, naming.recordID
                """,
            arguments: [employer.blob, fair.blob])
        var sealed: [Data: SealedParticulars] = [:]
        while let row = try rows.next() {
            let seeker: Data = row["recordID"]
            guard open.contains(seeker) else { continue }
            var found = sealed[seeker] ?? SealedParticulars(frame: row["bytes"], completion: row["completion"])
            if let named = row["completionFrame"] as Data? { found.completionFrames.append(named) }
            if let body = row["wishes"] as Data? { found.wishes = .body(body) }
            if let frame = row["wishesFrame"] as Data? { found.wishes = .frame(frame) }
            sealed[seeker] = found
        }
        return lines.map { line in
            var line = line
            if line.standing == .open { line.sealed = sealed[line.seeker.blob] }
            return line
        }
    }
}

extension AuditActor {
    /// As it stays with what was decided.
    fileprivate var name: String {
        switch self {
        case .login(let name, _): name
        case .terminal: "terminal"
        case .unknown: "unknown"
        }
    }
}
