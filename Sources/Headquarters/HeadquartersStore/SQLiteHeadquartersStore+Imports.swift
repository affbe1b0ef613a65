// Imports in SQLite: everything a fair has is read, the plan is made, and what it changes is written, at once.

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
        try await read { db in
            ImportPlan(batch, on: try Self.importState(of: fair, batch, db), at: 0, random: Self.randomBytes).outcome
        }
    }

    public func applyImport(
        _ batch: ImportBatch, into fair: FairID, by author: DeskAuthor, at: Int64
    ) async throws -> ImportOutcome {
        try await write { db in
            let state = try Self.importState(of: fair, batch, db)
            let plan = ImportPlan(batch, on: state, at: at, random: Self.randomBytes)
            guard plan.outcome.refusal == nil else { return plan.outcome }
            let regionsBefore = try Self.shownRegions(of: fair, db)
            for stored in plan.changedEmployers { try Self.update(stored, db) }
            try Self.insert(plan.addedEmployers, of: fair, verifiedBy: nil, at: at, db)
            for stored in plan.changedVacancies {
                try Self.update(stored, db)
                try Self.updateReview(stored, db)
            }
            try Self.insert(plan.addedVacancies, of: fair, db)
            for region in batch.regions { try Self.insert(region, of: fair, db) }
            if try plan.changesCatalogue || Self.shownRegions(of: fair, db) != regionsBefore {
                try Self.takeNextVersion(of: fair, db)
            }
            try Self.add(
                AuditLine(
                    at: at, actor: author.actor, action: .vacanciesImported, fairID: fair, rows: plan.outcome.rows), db)
            return plan.outcome
        }
    }

    public func regions(of fair: FairID) async throws -> [Region] {
        try await read { db in try Self.regions(of: fair, db) }
    }

    // MARK: State

    private static func randomBytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max) }
    }

    private static func importState(of fair: FairID, _ batch: ImportBatch, _ db: Database) throws -> ImportState {
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
            StoredEmployer(
                employer: try JSONColumn.value(Employer.self, row["details"], column: "employer.details"),
                sheetBooth: row["sheetBooth"], sheetCreditCode: row["sheetCreditCode"])
        }
        let cursor = try Row.fetchCursor(
            db,
            sql: """
                SELECT vacancy.details, vacancyReview.* FROM vacancy JOIN vacancyReview USING (vacancyID)
                WHERE fairID = ? ORDER BY position
                """,
            arguments: [fair.blob])
        var vacancies: [StoredVacancy] = []
        while let row = try cursor.next() { vacancies.append(try storedVacancy(row)) }
        let regions = Set(try regions(of: fair, db) + batch.regions)
        let header = try header(row, db)
        let other =
            CatalogueSize.bytesAtMost(header.fair, notice: header.notice, keyGroups: header.keyGroups)
            + regions.reduce(0) { $0 + CatalogueSize.bytesAtMost($1) }
        return ImportState(employers: employers, vacancies: vacancies, otherBytes: other)
    }

    // MARK: Rows

    static func storedVacancy(_ row: Row) throws -> StoredVacancy {
        StoredVacancy(
            vacancy: try JSONColumn.value(Vacancy.self, row["details"], column: "vacancy.details"),
            review: try review(row), sheetBooth: row["sheetBooth"], sheetHeadcount: row["sheetHeadcount"])
    }

    static func review(_ row: Row) throws -> VacancyReview {
        guard let standing = VacancyStanding(rawValue: row["standing"]) else { throw damaged("vacancyReview.standing") }
        let texts = try JSONColumn.value([String: String].self, row["posting"], column: "vacancyReview.posting")
        var posting = Posting([:])
        for (name, text) in texts {
            guard let field = Posting.Field(rawValue: name) else { throw damaged("vacancyReview.posting") }
            posting[field] = text
        }
        var decision: VacancyDecision?
        if let by = row["decidedBy"] as String? {
            decision = VacancyDecision(by: by, at: row["decidedAt"], reason: row["reason"])
        }
        return VacancyReview(
            posting: posting,
            findings: try JSONColumn.value([StoredFinding].self, row["findings"], column: "vacancyReview.findings"),
            standing: standing, decision: decision)
    }

    /// The same text for the same words.
    static func text(of posting: Posting) throws -> String {
        let filled = Posting.Field.allCases.filter { !posting[$0].isEmpty }
        return try JSONColumn.text(Dictionary(uniqueKeysWithValues: filled.map { ($0.rawValue, posting[$0]) }))
    }

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
        let newest =
            try Int.fetchOne(db, sql: "SELECT MAX(position) FROM vacancy WHERE fairID = ?", arguments: [fair.blob])
            ?? -1
        for (offset, stored) in vacancies.enumerated() {
            let vacancy = stored.vacancy
            try db.cachedStatement(sql: "INSERT INTO vacancy VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)").execute(
                arguments: [
                    vacancy.id.blob, fair.blob, vacancy.employerID.blob, newest + 1 + offset, vacancy.title,
                    vacancy.headcount, vacancy.isWithdrawn, vacancy.isNotUnder18, try JSONColumn.text(vacancy),
                ])
            try insertReview(stored, db)
        }
    }

    static func insertReview(_ stored: StoredVacancy, _ db: Database) throws {
        let review = stored.review
        try db.cachedStatement(sql: "INSERT INTO vacancyReview VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)").execute(
            arguments: [
                stored.vacancy.id.blob, review.standing.rawValue, try text(of: review.posting),
                try JSONColumn.text(review.findings), review.decision?.by, review.decision?.at,
                review.decision?.reason, stored.sheetBooth, stored.sheetHeadcount,
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

    static func update(_ stored: StoredVacancy, _ db: Database) throws { try update(stored.vacancy, db) }

    static func update(_ vacancy: Vacancy, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                UPDATE vacancy SET title = ?, headcount = ?, isWithdrawn = ?, isNotUnder18 = ?, details = ?
                WHERE vacancyID = ?
                """
        ).execute(
            arguments: [
                vacancy.title, vacancy.headcount, vacancy.isWithdrawn, vacancy.isNotUnder18,
                try JSONColumn.text(vacancy), vacancy.id.blob,
            ])
    }

    static func updateReview(_ stored: StoredVacancy, _ db: Database) throws {
        try db.execute(sql: "DELETE FROM vacancyReview WHERE vacancyID = ?", arguments: [stored.vacancy.id.blob])
        try insertReview(stored, db)
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
