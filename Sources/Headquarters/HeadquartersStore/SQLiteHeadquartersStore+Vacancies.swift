// Vacancies and employers at the desk in SQLite: lists, decisions, verification, booths.

import GRDB
public import HeadquartersCore
public import JobFair
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SQLiteHeadquartersStore {
    // MARK: Lists

    public func backlog(of fair: FairID) async throws -> DeskBacklog {
        try await read { db in
            let vacancies = try Row.fetchOne(
                db,
                sql: """
                    SELECT COUNT(*) AS total, COALESCE(SUM(standing = 'held'), 0) AS held,
                        COALESCE(SUM(standing = 'clear' AND findings <> '[]'), 0) AS flagged
                    FROM vacancy JOIN vacancyReview USING (vacancyID) WHERE fairID = ?
                    """,
                arguments: [fair.blob])
            let employers = try Row.fetchOne(
                db,
                sql: """
                    SELECT COUNT(*) AS total, COUNT(*) - COUNT(checkedAt) AS unverified
                    FROM employer LEFT JOIN employerCheck USING (employerID) WHERE fairID = ?
                    """,
                arguments: [fair.blob])
            return DeskBacklog(
                vacancies: vacancies?["total"] ?? 0, held: vacancies?["held"] ?? 0, flagged: vacancies?["flagged"] ?? 0,
                employers: employers?["total"] ?? 0, unverified: employers?["unverified"] ?? 0)
        }
    }

    public func vacancies(of fair: FairID, _ query: DeskQuery) async throws -> DeskPage<VacancyEntry> {
        let part =
            switch query.part {
            case .all: ""
            case .waiting: "AND standing = 'held'"
            case .flagged: "AND standing = 'clear' AND findings <> '[]'"
            }
        let from = """
            FROM vacancy JOIN vacancyReview USING (vacancyID) JOIN employer USING (employerID)
            WHERE vacancy.fairID = ?1 \(part)
                AND (?2 = '' OR instr(lower(title), lower(?2)) > 0 OR instr(lower(employer.name), lower(?2)) > 0)
            """
        return try await read { db in
            try Self.page(
                "SELECT vacancy.details, employer.details AS employerDetails, vacancyReview.*", from,
                order: "standing = 'held' DESC, employer.position, vacancy.position", fair, query, Self.vacancyEntry, db
            )
        }
    }

    public func vacancy(_ vacancy: VacancyID) async throws -> VacancyEntry? {
        try await read { db in try Self.vacancyEntry(vacancy, db) }
    }

    public func employers(of fair: FairID, _ query: DeskQuery) async throws -> DeskPage<EmployerEntry> {
        let from = """
            FROM employer LEFT JOIN employerCheck USING (employerID)
            WHERE fairID = ?1 \(query.part == .waiting ? "AND checkedAt IS NULL" : "")
                AND (?2 = '' OR instr(lower(name), lower(?2)) > 0)
            """
        return try await read { db in
            try Self.page(
                "SELECT employer.details, \(Self.employerColumns)", from, order: "checkedAt IS NULL DESC, position",
                fair,
                query, Self.employerEntry, db)
        }
    }

    public func employer(_ employer: EmployerID) async throws -> EmployerEntry? {
        try await read { db in try Self.employerEntry(employer, db)?.entry }
    }

    private static let employerColumns = """
        employerCheck.*, (SELECT COUNT(*) FROM vacancy WHERE vacancy.employerID = employer.employerID) AS vacancies
        """

    private static func page<Entry>(
        _ select: String, _ from: String, order: String, _ fair: FairID, _ query: DeskQuery,
        _ entry: (Row) throws -> Entry, _ db: Database
    ) throws -> DeskPage<Entry> {
        let total =
            try Int.fetchOne(db, sql: "SELECT COUNT(*) \(from)", arguments: [fair.blob, query.text]) ?? 0
        let rows = try Row.fetchAll(
            db, sql: "\(select) \(from) ORDER BY \(order) LIMIT ?3 OFFSET ?4",
            arguments: [fair.blob, query.text, VacancyLimits.pageRows, query.offset])
        return DeskPage(total: total, entries: try rows.map(entry))
    }

    private static func vacancyEntry(_ row: Row) throws -> VacancyEntry {
        VacancyEntry(
            vacancy: try JSONColumn.value(Vacancy.self, row["details"], column: "vacancy.details"),
            employer: try JSONColumn.value(Employer.self, row["employerDetails"], column: "employer.details"),
            review: try ReviewRow(row).review(), wordsDigest: wordsDigest(row["posting"]))
    }

    private static func wordsDigest(_ posting: String) -> String {
        SHA256Digest.of(Data(posting.utf8)).prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func vacancyEntry(_ vacancy: VacancyID, _ db: Database) throws -> VacancyEntry? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT vacancy.details, employer.details AS employerDetails, vacancyReview.*
                FROM vacancy JOIN vacancyReview USING (vacancyID) JOIN employer USING (employerID) WHERE vacancyID = ?
                """,
            arguments: [vacancy.blob]
        ).map(vacancyEntry)
    }

    private static func employerEntry(_ row: Row) throws -> EmployerEntry {
        var check: EmployerCheck?
        if let at = row["checkedAt"] as Int64? {
            check = EmployerCheck(creditCode: row["creditCode"], licence: row["licence"], by: row["checkedBy"], at: at)
        }
        return EmployerEntry(
            employer: try JSONColumn.value(Employer.self, row["details"], column: "employer.details"), check: check,
            vacancies: row["vacancies"])
    }

    private static func employerEntry(
        _ employer: EmployerID, _ db: Database
    ) throws -> (entry: EmployerEntry, fair: FairID)? {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT employer.details, employer.fairID, \(employerColumns)
                FROM employer LEFT JOIN employerCheck USING (employerID) WHERE employer.employerID = ?
                """,
            arguments: [employer.blob])
        return try row.map { (try employerEntry($0), try $0.identifier("fairID", as: FairID.self)) }
    }

    // MARK: Decisions and the morning

    public func decide(
        _ vacancy: VacancyID, releases: Bool, reason: String, words: String?, by author: DeskAuthor, at: Int64
    ) async throws {
        try await write { db in
            let (entry, fair) = try Self.known(vacancy, db)
            guard words == nil || words == entry.wordsDigest else { throw HeadquartersStoreError(.wordsChanged) }
            let standing: VacancyStanding = releases ? .released : .rejected
            guard entry.review.standing != standing else { return }
            try db.execute(
                sql: """
                    UPDATE vacancyReview SET standing = ?, decidedBy = ?, decidedAt = ?, reason = ? WHERE vacancyID = ?
                    """,
                arguments: [standing.rawValue, author.name, at, reason, vacancy.blob])
            var after = entry
            after.review.standing = standing
            if after.isShown != entry.isShown { try Self.takeNextVersion(of: fair, db) }
            try Self.add(
                Self.line(
                    releases ? .vacancyReleased : .vacancyRejected, of: entry, at: fair, reason: reason, author, at), db
            )
        }
    }

    public func change(
        _ vacancy: VacancyID, _ change: VacancyChange, by author: DeskAuthor, at: Int64
    ) async throws {
        try await write { db in
            let (entry, fair) = try Self.known(vacancy, db)
            var after = entry.vacancy
            let action: AuditAction
            switch change {
            case .filled: (after.isFilled, action) = (true, .vacancyFilled)
            case .withdrawn: (after.isWithdrawn, action) = (true, .vacancyWithdrawn)
            case .open: (after.isFilled, after.isWithdrawn, action) = (false, false, .vacancyOpened)
            case .booth(let booth): (after.booth, action) = (booth, .boothChanged)
            case .headcount(let count): (after.headcount, action) = (count, .headcountChanged)
            }
            guard after != entry.vacancy else { return }
            try Self.update(after, db)
            if entry.isShown { try Self.takeNextVersion(of: fair, db) }
            let reason: String? =
                switch change {
                case .booth(let booth): "\(entry.vacancy.booth) → \(booth)"
                case .headcount(let count): "\(Self.words(entry.vacancy.headcount)) → \(Self.words(count))"
                case .filled, .withdrawn, .open: nil
                }
            try Self.add(Self.line(action, of: entry, at: fair, reason: reason, author, at), db)
        }
    }

    private static func words(_ headcount: Int?) -> String { headcount.map(String.init) ?? "若干" }

    private static func known(_ vacancy: VacancyID, _ db: Database) throws -> (VacancyEntry, FairID) {
        guard let entry = try vacancyEntry(vacancy, db),
            let row = try Row.fetchOne(
                db, sql: "SELECT fairID FROM vacancy WHERE vacancyID = ?", arguments: [vacancy.blob])
        else { throw HeadquartersStoreError(.vacancyUnknown) }
        return (entry, try row.identifier("fairID", as: FairID.self))
    }

    private static func line(
        _ action: AuditAction, of entry: VacancyEntry, at fair: FairID, reason: String?, _ author: DeskAuthor,
        _ at: Int64
    ) -> AuditLine {
        AuditLine(
            at: at, actor: author.actor, action: action, subject: entry.vacancy.id.description, fairID: fair,
            employerID: entry.employer.id, reason: reason)
    }

    // MARK: Employers

    public func verify(
        _ employer: EmployerID, creditCode: String, licence: String, by author: DeskAuthor, at: Int64
    ) async throws {
        guard CreditCode.isValid(creditCode) else { throw HeadquartersStoreError(.creditCodeInvalid) }
        try await write { db in
            let (entry, fair) = try Self.known(employer, db)
            let isTaken = try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM employer
                        WHERE fairID = ? AND employerID <> ? AND json_extract(details, '$.creditCode') = ?)
                    """,
                arguments: [fair.blob, employer.blob, creditCode])
            guard isTaken != true else { throw HeadquartersStoreError(.creditCodeTaken) }
            if let check = entry.check, check.creditCode == creditCode, check.licence == licence { return }
            var after = entry.employer
            after.isVerified = true
            after.creditCode = creditCode
            try Self.update(after, db)
            try db.execute(
                sql: "INSERT OR REPLACE INTO employerCheck VALUES (?, ?, ?, ?, ?)",
                arguments: [employer.blob, creditCode, licence, author.name, at])
            if !entry.employer.isVerified { try Self.takeNextVersion(of: fair, db) }
            try Self.add(
                AuditLine(
                    at: at, actor: author.actor, action: .employerVerified, subject: creditCode, fairID: fair,
                    employerID: employer, reason: licence), db)
        }
    }

    public func unverify(
        _ employer: EmployerID, reason: String, by author: DeskAuthor, at: Int64
    ) async throws {
        try await write { db in
            let (entry, fair) = try Self.known(employer, db)
            guard entry.employer.isVerified else { return }
            var after = entry.employer
            after.isVerified = false
            try Self.update(after, db)
            try db.execute(sql: "DELETE FROM employerCheck WHERE employerID = ?", arguments: [employer.blob])
            try Self.takeNextVersion(of: fair, db)
            try Self.add(
                AuditLine(
                    at: at, actor: author.actor, action: .employerUnverified, fairID: fair, employerID: employer,
                    reason: reason), db)
        }
    }

    public func moveEmployer(
        _ employer: EmployerID, to booth: String, by author: DeskAuthor, at: Int64
    ) async throws {
        try await write { db in
            let (entry, fair) = try Self.known(employer, db)
            let old = entry.employer.booth
            guard booth != old else { return }
            var after = entry.employer
            after.booth = booth
            try Self.update(after, db)
            let details = try String.fetchAll(
                db, sql: "SELECT details FROM vacancy WHERE employerID = ?", arguments: [employer.blob])
            for text in details {
                var vacancy = try JSONColumn.value(Vacancy.self, text, column: "vacancy.details")
                guard vacancy.booth == old else { continue }
                vacancy.booth = booth
                try Self.update(vacancy, db)
            }
            if entry.employer.isVerified { try Self.takeNextVersion(of: fair, db) }
            try Self.add(
                AuditLine(
                    at: at, actor: author.actor, action: .boothChanged, fairID: fair, employerID: employer,
                    reason: "\(old) → \(booth)"), db)
        }
    }

    private static func known(_ employer: EmployerID, _ db: Database) throws -> (entry: EmployerEntry, fair: FairID) {
        guard let found = try employerEntry(employer, db) else { throw HeadquartersStoreError(.employerUnknown) }
        return found
    }
}
