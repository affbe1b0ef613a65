// Imports in SQLite: everything a fair has is read, the plan is made, and what it changes is written, at once.

import Dispatch
import GRDB
public import HeadquartersCore
public import JobFair

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SQLiteHeadquartersStore {
    public func previewImport(_ batch: ImportBatch, into fair: FairID) async throws -> ImportOutcome {
        try await plan(batch, into: fair, at: 0).outcome
    }

    public func applyImport(
        _ batch: ImportBatch, into fair: FairID, previewed: Int64?, by author: DeskAuthor, at: Int64
    ) async throws -> ImportOutcome {
        let planned = try await plan(batch, into: fair, at: at)
        guard previewed == nil || previewed == planned.outcome.plannedOn else {
            throw HeadquartersStoreError(.importOutdated)
        }
        return try await apply(planned, into: fair, by: author, at: at)
    }

    /// Reads what the fair has within the connection; decodes, plans and encodes outside.
    ///
    /// - Parameter random: that many random bytes.
    func plan(
        _ batch: ImportBatch, into fair: FairID, at: Int64,
        random: @escaping @Sendable (Int) -> [UInt8] = SQLiteHeadquartersStore.randomBytes
    ) async throws -> PlannedImport {
        let rows = try await read { db in try Self.importRows(of: fair, regions: batch.regions, db) }
        return try await withCheckedThrowingContinuation { continuation in
            planning.async {
                continuation.resume(
                    with: Result {
                        try PlannedImport(
                            ImportPlan(batch, on: rows.state(), at: at, random: random), regions: batch.regions)
                    })
            }
        }
    }

    /// Throws `importOutdated`.
    func apply(
        _ planned: PlannedImport, into fair: FairID, by author: DeskAuthor, at: Int64
    ) async throws -> ImportOutcome {
        guard planned.outcome.refusal == nil else { return planned.outcome }
        return try await write { db in
            guard try Self.stateVersion(of: fair, db) == planned.outcome.plannedOn else {
                throw HeadquartersStoreError(.importOutdated)
            }
            let regionsBefore = try Self.shownRegions(of: fair, db)
            for stored in planned.changedEmployers { try Self.update(stored, db) }
            try Self.insert(planned.addedEmployers, of: fair, verifiedBy: nil, at: at, db)
            for vacancy in planned.changedVacancies {
                try Self.update(vacancy.vacancy, details: vacancy.details, db)
                try Self.updateReview(vacancy, db)
            }
            try Self.insert(planned.addedVacancies, of: fair, db)
            for region in planned.regions { try Self.insert(region, of: fair, db) }
            if try planned.changesCatalogue || Self.shownRegions(of: fair, db) != regionsBefore {
                try Self.takeNextVersion(of: fair, db)
            }
            try Self.add(
                AuditLine(
                    at: at, actor: author.actor, action: .vacanciesImported, fairID: fair, rows: planned.outcome.rows),
                db)
            return planned.outcome
        }
    }

    public func regions(of fair: FairID) async throws -> [Region] {
        try await read { db in try Self.regions(of: fair, db) }
    }

    // MARK: State

    static let randomBytes: @Sendable (Int) -> [UInt8] = { count in
        (0..<count).map { _ in UInt8.random(in: .min ... .max) }
    }

    private static func stateVersion(of fair: FairID, _ db: Database) throws -> Int64 {
        let version = try Int64.fetchOne(
            db, sql: "SELECT version FROM fairState WHERE fairID = ?", arguments: [fair.blob])
        guard let version else { throw HeadquartersStoreError(.fairUnknown) }
        return version
    }

    private static func importRows(of fair: FairID, regions named: [Region], _ db: Database) throws -> ImportRows {
        let row = try Row.fetchOne(db, sql: "SELECT * FROM fair WHERE fairID = ?", arguments: [fair.blob])
        guard let row else { throw HeadquartersStoreError(.fairUnknown) }
        let employers = try Row.fetchAll(
            db,
            sql: """
                SELECT details, employerSheet.booth AS sheetBooth, employerSheet.creditCode AS sheetCreditCode
                FROM employer JOIN employerSheet USING (employerID)
                WHERE fairID = ? ORDER BY position
                """,
            arguments: [fair.blob]
        ).map { row in
            ImportRows.EmployerRow(
                details: row["details"], sheetBooth: row["sheetBooth"], sheetCreditCode: row["sheetCreditCode"])
        }
        let cursor = try Row.fetchCursor(
            db,
            sql: """
                SELECT vacancy.details, vacancyReview.* FROM vacancy JOIN vacancyReview USING (vacancyID)
                WHERE fairID = ? ORDER BY position
                """,
            arguments: [fair.blob])
        var vacancies: [ImportRows.VacancyRow] = []
        while let row = try cursor.next() { vacancies.append(ImportRows.VacancyRow(row)) }
        let regions = Set(try regions(of: fair, db) + named)
        let header = try header(row, db)
        let other =
            CatalogueSize.bytesAtMost(header.fair, notice: header.notice, keyGroups: header.keyGroups)
            + regions.reduce(0) { $0 + CatalogueSize.bytesAtMost($1) }
        return ImportRows(
            version: try stateVersion(of: fair, db), otherBytes: other, employers: employers, vacancies: vacancies)
    }

    // MARK: Rows

    /// - Parameter verifiedBy: who verified those that are; nil where none can be.
    static func insert(
        _ employers: [StoredEmployer], of fair: FairID, verifiedBy: String?, at: Int64, _ db: Database
    ) throws {
        let newest =
            try Int.fetchOne(db, sql: "SELECT MAX(position) FROM employer WHERE fairID = ?", arguments: [fair.blob])
            ?? -1
        for (offset, stored) in employers.enumerated() {
            let employer = stored.employer
            try db.execute(
                sql: "INSERT INTO employer VALUES (?, ?, ?, ?, ?, ?)",
                arguments: [
                    employer.id.blob, fair.blob, newest + 1 + offset, employer.name, employer.booth,
                    try JSONColumn.text(employer),
                ])
            try db.execute(
                sql: "INSERT INTO employerSheet (employerID, booth, creditCode) VALUES (?, ?, ?)",
                arguments: [employer.id.blob, stored.sheetBooth, stored.sheetCreditCode])
            if employer.isVerified {
                guard let verifiedBy else { throw HeadquartersStoreError(.failed, "an employer nobody verified") }
                try db.execute(
                    sql: "INSERT INTO employerCheck VALUES (?, ?, '', ?, ?)",
                    arguments: [employer.id.blob, employer.creditCode, verifiedBy, at])
            }
        }
    }

    static func insert(_ vacancies: [StoredVacancy], of fair: FairID, _ db: Database) throws {
        try insert(vacancies.map { try WritableVacancy($0) }, of: fair, db)
    }

    static func insert(_ vacancies: [WritableVacancy], of fair: FairID, _ db: Database) throws {
        let newest =
            try Int.fetchOne(db, sql: "SELECT MAX(position) FROM vacancy WHERE fairID = ?", arguments: [fair.blob])
            ?? -1
        for (offset, writable) in vacancies.enumerated() {
            let vacancy = writable.vacancy
            try db.cachedStatement(sql: "INSERT INTO vacancy VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)").execute(
                arguments: [
                    vacancy.id.blob, fair.blob, vacancy.employerID.blob, newest + 1 + offset, vacancy.title,
                    vacancy.headcount, vacancy.isWithdrawn, vacancy.isNotUnder18, writable.details,
                ])
            try insertReview(writable, db)
        }
    }

    static func insertReview(_ writable: WritableVacancy, _ db: Database) throws {
        let review = writable.review
        try db.cachedStatement(sql: "INSERT INTO vacancyReview VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)").execute(
            arguments: [
                writable.vacancy.id.blob, review.standing, review.posting, review.findings, review.decidedBy,
                review.decidedAt, review.reason, review.sheetBooth, review.sheetHeadcount,
            ])
    }

    static func update(_ stored: StoredEmployer, _ db: Database) throws {
        try update(stored.employer, db)
        try db.execute(
            sql: "UPDATE employerSheet SET booth = ?, creditCode = ? WHERE employerID = ?",
            arguments: [stored.sheetBooth, stored.sheetCreditCode, stored.employer.id.blob])
    }

    static func update(_ employer: Employer, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE employer SET name = ?, booth = ?, details = ? WHERE employerID = ?",
            arguments: [employer.name, employer.booth, try JSONColumn.text(employer), employer.id.blob])
    }

    static func update(_ vacancy: Vacancy, _ db: Database) throws {
        try update(vacancy, details: JSONColumn.text(vacancy), db)
    }

    private static func update(_ vacancy: Vacancy, details: String, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                UPDATE vacancy SET title = ?, headcount = ?, isWithdrawn = ?, isNotUnder18 = ?, details = ?
                WHERE vacancyID = ?
                """
        ).execute(
            arguments: [
                vacancy.title, vacancy.headcount, vacancy.isWithdrawn, vacancy.isNotUnder18, details, vacancy.id.blob,
            ])
    }

    private static func updateReview(_ writable: WritableVacancy, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM vacancyReview WHERE vacancyID = ?")
            .execute(arguments: [writable.vacancy.id.blob])
        try insertReview(writable, db)
    }

    // MARK: Catalogue

    static func takeNextVersion(of fair: FairID, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE fair SET catalogueVersion = catalogueVersion + 1 WHERE fairID = ?", arguments: [fair.blob])
    }

    static func insert(_ region: Region, of fair: FairID, _ db: Database) throws {
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO fairRegion VALUES (?, ?, ?)").execute(
            arguments: [fair.blob, region.code, region.name])
    }

    static func regions(of fair: FairID, _ db: Database) throws -> [Region] {
        try Row.fetchAll(
            db, sql: "SELECT code, name FROM fairRegion WHERE fairID = ? ORDER BY code", arguments: [fair.blob]
        ).map { Region(code: $0["code"], name: $0["name"]) }
    }

    /// Names of the regions that the fair and its shown vacancies name, and of those they lie in.
    static func shownRegions(of fair: FairID, _ db: Database) throws -> [Region] {
        let known = try regions(of: fair, db)
        if known.isEmpty { return [] }
        let named = try String.fetchAll(
            db,
            sql: """
                SELECT DISTINCT json_extract(vacancy.details, '$.region') FROM vacancy
                JOIN vacancyReview USING (vacancyID) JOIN employerCheck USING (employerID)
                WHERE fairID = ?1 AND standing IN ('clear', 'released')
                UNION SELECT region FROM fair WHERE fairID = ?1
                """,
            arguments: [fair.blob])
        let codes = Set(named.flatMap { [$0, $0.prefix(4) + "00", $0.prefix(2) + "0000"] })
        return known.filter { codes.contains($0.code) }
    }
}
