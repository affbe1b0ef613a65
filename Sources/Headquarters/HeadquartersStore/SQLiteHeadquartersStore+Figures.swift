// Counting in SQLite: what each figure counts is written beside its statement.

import GRDB
public import HeadquartersCore
public import JobFair

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SQLiteHeadquartersStore {
    public func figures(of fair: FairID, now: Int64) async throws -> FairFigures? {
        try await read { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT * FROM fair WHERE fairID = ? AND kind = 'fair'", arguments: [fair.blob])
            guard let row else { return nil }
            let people = try Self.people(fair, db)
            let intents = try Self.intents(fair, db)
            let vacancies = try Self.vacancies(fair, db)
            let checkIns = try Self.checkIns(fair, db)
            return FairFigures(
                fair: try Self.fair(row, db), entries: try Self.entries(fair, db), registrations: people.linked,
                unlinkedRegistrations: people.alone, checkIns: checkIns.days, checkInsWithoutDay: checkIns.withoutDay,
                intentPeople: intents.people, intentPairs: intents.pairs, vacancyPostings: vacancies.postings,
                vacancyHeadcount: vacancies.headcount, vacanciesWithoutHeadcount: vacancies.withoutHeadcount,
                employers: try Self.count(
                    db, "SELECT COUNT(*) FROM employer JOIN employerCheck USING (employerID) WHERE fairID = ?", fair),
                heldRecords: try Self.count(
                    db, "SELECT COUNT(*) FROM frame WHERE fairID = ? AND state = 'held'", fair),
                forks: try Self.count(db, "SELECT COUNT(DISTINCT digest) FROM fork WHERE fairID = ?", fair),
                recordsToCheck: try Self.recordsToCheck(fair, db),
                kiosks: try Self.kiosks(fair, now: now, db), countedAt: now, signedPeople: intents.signedPeople,
                signedPairs: intents.signedPairs, occupations: try Self.occupations(fair, db),
                byEmployer: try Self.byEmployer(fair, db))
        }
    }

    private static func count(_ db: Database, _ sql: String, _ fair: FairID) throws -> Int {
        try Int.fetchOne(db, sql: sql, arguments: [fair.blob]) ?? 0
    }

    /// 待查: records held, and records that show a fork. One that is all of this counts once.
    private static func recordsToCheck(_ fair: FairID, _ db: Database) throws -> Int {
        try Int.fetchOne(
            db,
            sql: """
                SELECT COUNT(*) FROM (SELECT digest FROM frame WHERE fairID = ?1 AND state = 'held'
                    UNION SELECT digest FROM fork WHERE fairID = ?1)
                """,
            arguments: [fair.blob]) ?? 0
    }

    /// Kiosks that were given the fair, and kiosks whose records came. To every other kiosk that has letters the fair came
    /// by itself: it may have been there as long as it has records to send, or has been silent since before the end.
    private static func kiosks(_ fair: FairID, now: Int64, _ db: Database) throws -> [KioskState] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                WITH days AS (
                    SELECT unixepoch(MIN(day)) * 1000 - ?2 AS first,
                        unixepoch(MAX(day), '+1 day') * 1000 - ?2 AS afterLast FROM fairDay WHERE fairID = ?1)
                SELECT device.*, deviceID IN (SELECT deviceID FROM deviceFair WHERE fairID = ?1
                    UNION SELECT deviceID FROM record WHERE fairID = ?1) AS wasThere,
                    ?3 >= days.first AND lastContactAt < days.afterLast AND lastContactAt < ?3 - ?4 AS isSilent
                FROM device, days
                WHERE wasThere OR deviceID IN (SELECT deviceID FROM ticketPair WHERE fairID = ?1)
                ORDER BY kioskLabel
                """,
            arguments: [fair.blob, BeijingTime.offsetMilliseconds, now, KioskState.silentMilliseconds])
        return try rows.compactMap { row in
            let state = try kioskState(row, db)
            let mayHaveBeenThere = (state.backlog ?? 0) > 0 || (row["isSilent"] as Bool? ?? true)
            return row["wasThere"] || mayHaveBeenThere ? state : nil
        }
    }

    /// 进场: entry records.
    private static func entries(_ fair: FairID, _ db: Database) throws -> Int {
        try count(
            db,
            "SELECT COUNT(*) FROM record WHERE fairID = ? AND kind = 'entry' AND isRehearsal = 0 AND isErased = 0", fair
        )
    }

    /// 求职登记: people linked by document; a registration without a document stands alone.
    private static func people(_ fair: FairID, _ db: Database) throws -> (linked: Int, alone: Int) {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT COUNT(DISTINCT COALESCE(personKey, recordID)) AS linked, COUNT(*) - COUNT(personKey) AS alone
                FROM record JOIN registration USING (recordID)
                WHERE fairID = ? AND isRehearsal = 0 AND isErased = 0
                """,
            arguments: [fair.blob])
        return (row?["linked"] ?? 0, row?["alone"] ?? 0)
    }

    /// 签到: people per fair day. A check-in whose registration has not arrived stands for its slip. A day that the kiosk
    /// had confirmed counts as it stands; else the Beijing day of `occurred_at` where both bounds lie in one day of the
    /// fair, and where they do not, nobody knows the day.
    private static func checkIns(
        _ fair: FairID, _ db: Database
    ) throws -> (days: [FairFigures.DayCount], withoutDay: Int) {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT day, COUNT(DISTINCT person) AS people FROM (
                    SELECT COALESCE(registration.personKey, checkIn.seekerRecordID) AS person,
                        CASE WHEN record.isDayConfirmed THEN record.fairDay ELSE (
                            SELECT fairDay.day FROM fairDay WHERE fairDay.fairID = record.fairID
                                AND fairDay.day = date((record.occurredLower + ?2) / 1000, 'unixepoch')
                                AND fairDay.day = date((record.occurredUpper + ?2) / 1000, 'unixepoch')) END AS day
                    FROM record JOIN checkIn USING (recordID)
                    LEFT JOIN registration ON registration.recordID = checkIn.seekerRecordID
                    LEFT JOIN record AS seeker ON seeker.recordID = checkIn.seekerRecordID
                    WHERE record.fairID = ?1 AND record.isErased = 0 AND COALESCE(seeker.isRehearsal, 0) = 0)
                GROUP BY day ORDER BY day
                """,
            arguments: [fair.blob, BeijingTime.offsetMilliseconds])
        let days = rows.compactMap { row in
            (row["day"] as String?).flatMap { CalendarDate($0) }.map {
                FairFigures.DayCount(day: $0, people: row["people"])
            }
        }
        let unknown = rows.first { ($0["day"] as String?) == nil }
        return (days, unknown?["people"] ?? 0)
    }

    /// One row for each person and vacancy whose intent stands (`IntentWords.isStanding`), of all slips of that person.
    /// 签约: it was marked as signed after the last withdrawal. Claims are in another table and are not counted.
    private static let standingPairs = """
        WITH standing AS (
            SELECT COALESCE(registration.personKey, registration.recordID) AS person, employerID,
                COALESCE(MAX(signedAt), -1) > COALESCE(MAX(withdrawnUpper), -1) AS isSigned
            FROM intent JOIN vacancy USING (vacancyID)
            JOIN registration ON registration.recordID = intent.seekerRecordID
            JOIN record ON record.recordID = registration.recordID
            WHERE intent.fairID = ?1 AND record.isRehearsal = 0 AND record.isErased = 0
            GROUP BY person, intent.vacancyID
            HAVING MAX(statedLower) > COALESCE(MAX(withdrawnUpper), -1))
        """

    /// 用工意向 by people (人) and by pairs of person and vacancy (人次); of them those that were signed.
    private static let intentColumns = """
        COUNT(*) AS pairs, COUNT(DISTINCT person) AS people, COALESCE(SUM(isSigned), 0) AS signedPairs,
        COUNT(DISTINCT iif(isSigned, person, NULL)) AS signedPeople
        """

    private static func intents(_ fair: FairID, _ db: Database) throws -> IntentFigures {
        let row = try Row.fetchOne(
            db, sql: "\(standingPairs) SELECT \(intentColumns) FROM standing", arguments: [fair.blob])
        return row.map(intentFigures) ?? IntentFigures()
    }

    private static func intentFigures(_ row: Row) -> IntentFigures {
        IntentFigures(
            people: row["people"], pairs: row["pairs"], signedPeople: row["signedPeople"],
            signedPairs: row["signedPairs"])
    }

    /// Verified employers, in the order of the catalogue.
    private static func byEmployer(_ fair: FairID, _ db: Database) throws -> [EmployerFigures] {
        let intents = try Row.fetchAll(
            db, sql: "\(standingPairs) SELECT employerID, \(intentColumns) FROM standing GROUP BY employerID",
            arguments: [fair.blob]
        ).reduce(into: [Data: IntentFigures]()) { $0[$1["employerID"]] = intentFigures($1) }
        return try Row.fetchAll(
            db,
            sql: """
                SELECT employer.employerID, employer.name, employer.booth, COUNT(standing) AS postings,
                    COALESCE(SUM(iif(standing IS NULL, NULL, headcount)), 0) AS headcount,
                    COUNT(standing) - COUNT(iif(standing IS NULL, NULL, headcount)) AS withoutHeadcount
                FROM employer JOIN employerCheck USING (employerID)
                LEFT JOIN vacancy ON vacancy.employerID = employer.employerID AND isWithdrawn = 0
                LEFT JOIN vacancyReview
                    ON vacancyReview.vacancyID = vacancy.vacancyID AND standing IN ('clear', 'released')
                WHERE employer.fairID = ? GROUP BY employer.employerID ORDER BY employer.position
                """,
            arguments: [fair.blob]
        ).map { row in
            let id = try row.identifier("employerID", as: EmployerID.self)
            return EmployerFigures(
                employerID: id, name: row["name"], booth: row["booth"], postings: row["postings"],
                headcount: row["headcount"], withoutHeadcount: row["withoutHeadcount"],
                intents: intents[id.blob] ?? IntentFigures())
        }
    }

    /// The kinds of work with the highest headcounts, unknown ones as one each.
    private static func occupations(_ fair: FairID, _ db: Database) throws -> [Occupation] {
        try String.fetchAll(
            db,
            sql: """
                SELECT json_extract(vacancy.details, '$.occupation') AS occupation
                FROM vacancy JOIN vacancyReview USING (vacancyID) JOIN employerCheck USING (employerID)
                WHERE fairID = ? AND isWithdrawn = 0 AND standing IN ('clear', 'released') AND occupation <> ?
                GROUP BY occupation ORDER BY SUM(COALESCE(headcount, 1)) DESC, occupation LIMIT ?
                """,
            arguments: [fair.blob, Occupation.other.rawValue, FairFigures.occupationsMax]
        ).compactMap { Occupation(rawValue: $0) }
    }

    /// 岗位 as postings (条) and headcount (人数): those that were published, filled ones too.
    private static func vacancies(
        _ fair: FairID, _ db: Database
    ) throws -> (postings: Int, headcount: Int, withoutHeadcount: Int) {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT COUNT(*) AS postings, COALESCE(SUM(headcount), 0) AS headcount,
                    COUNT(*) - COUNT(headcount) AS withoutHeadcount
                FROM vacancy JOIN vacancyReview USING (vacancyID) JOIN employerCheck USING (employerID)
                WHERE fairID = ? AND isWithdrawn = 0 AND standing IN ('clear', 'released')
                """,
            arguments: [fair.blob])
        return (row?["postings"] ?? 0, row?["headcount"] ?? 0, row?["withoutHeadcount"] ?? 0)
    }
}
