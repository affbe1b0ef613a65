// Fairs and their catalogues in SQLite.

import GRDB
public import HeadquartersCore
public import JobFair

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SQLiteHeadquartersStore {
    public func createFair(_ catalogue: Catalogue, at: Int64) async throws -> Catalogue {
        try await write { db in
            var stored = catalogue
            stored.version = 1
            let newest = try Int.fetchOne(db, sql: "SELECT MAX(keyNumber) FROM fair") ?? 0
            guard newest < 0xFF_FFFF else { throw HeadquartersStoreError(.keyNumbersExhausted) }
            stored.fair.keyNumber = newest + 1
            let taken = try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM fair WHERE fairID = ?)", arguments: [stored.fair.id.blob])
            guard taken == false else { throw HeadquartersStoreError(.fairExists) }
            try Self.insert(stored, at: at, db)
            return stored
        }
    }

    public func fairs() async throws -> [Fair] {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT fair.*, (SELECT MIN(day) FROM fairDay WHERE fairDay.fairID = fair.fairID) AS firstDay
                    FROM fair ORDER BY firstDay, keyNumber
                    """)
            return try rows.map { try Self.fair($0, db) }
        }
    }

    public func catalogue(of fair: FairID) async throws -> Catalogue? {
        try await read { db in
            let row = try Row.fetchOne(db, sql: "SELECT * FROM fair WHERE fairID = ?", arguments: [fair.blob])
            return try row.map { try Self.catalogue($0, db) }
        }
    }

    public func fair(keyNumber: Int) async throws -> FairEdition? {
        try await read { db in
            let statement = try db.cachedStatement(
                sql: "SELECT fairID, keyNumber, catalogueVersion FROM fair WHERE keyNumber = ?")
            return try Row.fetchOne(statement, arguments: [keyNumber]).map(Self.edition)
        }
    }

    public func editions(of fairs: [FairID]) async throws -> [FairEdition] {
        try await read { db in
            let statement = try db.cachedStatement(
                sql: "SELECT fairID, keyNumber, catalogueVersion FROM fair WHERE fairID = ?")
            return try fairs.compactMap { try Row.fetchOne(statement, arguments: [$0.blob]).map(Self.edition) }
        }
    }

    // MARK: Parts

    private static func insert(_ catalogue: Catalogue, at: Int64, _ db: Database) throws {
        let fair = catalogue.fair
        try db.execute(
            sql: "INSERT INTO fair VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                fair.id.blob, fair.keyNumber, fair.name, fair.venue, fair.organiser, fair.kind.rawValue,
                fair.formAddress, fair.servicePhone, fair.region, fair.formOpenDaysAfter, catalogue.notice.version,
                catalogue.notice.title, catalogue.notice.shortText, catalogue.notice.fullText, catalogue.version, at,
            ])
        for day in fair.days {
            try db.execute(
                sql: "INSERT INTO fairDay VALUES (?, ?)", arguments: [fair.id.blob, day.description])
        }
        for (position, group) in catalogue.keyGroups.enumerated() {
            try db.execute(
                sql: "INSERT INTO keyGroup VALUES (?, ?, ?, ?)",
                arguments: [fair.id.blob, position, group.code, group.label])
        }
        for region in catalogue.regions { try insert(region, of: fair.id, db) }
        try insert(
            catalogue.employers.map { StoredEmployer($0) }, of: fair.id, verifiedBy: DeskAuthor.fairFile, at: at, db)
        try insert(catalogue.vacancies.map { StoredVacancy($0) }, of: fair.id, db)
    }

    static func fair(_ row: Row, _ db: Database) throws -> Fair {
        let id = try row.identifier("fairID", as: FairID.self)
        let days = try String.fetchAll(
            db, sql: "SELECT day FROM fairDay WHERE fairID = ? ORDER BY day", arguments: [id.blob])
        guard let kind = FairKind(rawValue: row["kind"]) else { throw damaged("fair.kind") }
        return Fair(
            id: id, name: row["name"], venue: row["venue"], organiser: row["organiser"], kind: kind,
            days: days.compactMap { CalendarDate($0) }, keyNumber: row["keyNumber"], formAddress: row["formAddress"],
            servicePhone: row["servicePhone"], region: row["region"], formOpenDaysAfter: row["formOpenDaysAfter"])
    }

    private static func edition(_ row: Row) throws -> FairEdition {
        FairEdition(
            fairID: try row.identifier("fairID", as: FairID.self), keyNumber: row["keyNumber"],
            catalogueVersion: row["catalogueVersion"])
    }

    /// Everything of a catalogue but employers, vacancies and regions.
    static func header(_ row: Row, _ db: Database) throws -> Catalogue {
        let fair = try fair(row, db)
        let groups = try Row.fetchAll(
            db, sql: "SELECT code, label FROM keyGroup WHERE fairID = ? ORDER BY position", arguments: [fair.id.blob])
        return Catalogue(
            fair: fair, version: row["catalogueVersion"], employers: [], vacancies: [],
            notice: PrivacyNotice(
                version: row["noticeVersion"], title: row["noticeTitle"], shortText: row["noticeShort"],
                fullText: row["noticeFull"]),
            keyGroups: groups.map { KeyGroup(code: $0["code"], label: $0["label"]) })
    }

    private static func catalogue(_ row: Row, _ db: Database) throws -> Catalogue {
        var catalogue = try header(row, db)
        let id = catalogue.fair.id
        let employers = try String.fetchAll(
            db,
            sql: """
                SELECT details FROM employer JOIN employerCheck USING (employerID) WHERE fairID = ? ORDER BY position
                """,
            arguments: [id.blob])
        let vacancies = try String.fetchAll(
            db,
            sql: """
                SELECT details FROM vacancy JOIN vacancyReview USING (vacancyID) JOIN employerCheck USING (employerID)
                WHERE fairID = ? AND standing IN ('clear', 'released') ORDER BY position
                """,
            arguments: [id.blob])
        catalogue.employers = try employers.map {
            try JSONColumn.value(Employer.self, $0, column: "employer.details")
        }
        catalogue.vacancies = try vacancies.map { try JSONColumn.value(Vacancy.self, $0, column: "vacancy.details") }
        catalogue.regions = try shownRegions(of: id, db)
        return catalogue
    }
}
