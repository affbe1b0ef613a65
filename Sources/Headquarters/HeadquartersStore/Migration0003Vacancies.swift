// What stands behind the catalogue: the words of vacancies and what was decided, checked employers, names of regions.

import GRDB
import HeadquartersCore
import JobFair

/// A vacancy's `details` are what may be shown; the employer's own words are in its review.
enum Migration0003Vacancies {
    static func run(_ db: Database) throws {
        try db.execute(sql: tables)
        try fillIn(db)
    }

    private static let tables = """
        CREATE TABLE fairRegion (
            fairID BLOB NOT NULL REFERENCES fair, code TEXT NOT NULL CHECK (length(code) = 6), name TEXT NOT NULL,
            PRIMARY KEY (fairID, code)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE employerCheck (
            employerID BLOB PRIMARY KEY REFERENCES employer, creditCode TEXT NOT NULL, licence TEXT NOT NULL,
            checkedBy TEXT NOT NULL, checkedAt INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE employerSheet (
            employerID BLOB PRIMARY KEY REFERENCES employer, booth TEXT NOT NULL
        ) STRICT;
        CREATE TABLE vacancyReview (
            vacancyID BLOB PRIMARY KEY REFERENCES vacancy,
            standing TEXT NOT NULL CHECK (standing IN ('clear', 'held', 'released', 'rejected')),
            posting TEXT NOT NULL, findings TEXT NOT NULL,
            decidedBy TEXT, decidedAt INTEGER, reason TEXT, sheetBooth TEXT NOT NULL, sheetHeadcount INTEGER,
            CHECK ((decidedBy IS NULL) = (decidedAt IS NULL) AND (decidedBy IS NULL) = (reason IS NULL)),
            CHECK (standing NOT IN ('released', 'rejected') OR decidedBy IS NOT NULL)
        ) STRICT;
        CREATE INDEX vacancyEmployer ON vacancy (employerID);
        """

    /// Fairs of before: their vacancies are linted, and kiosks fetch a catalogue without what is held.
    private static func fillIn(_ db: Database) throws {
        // What the first program did not know and today's types always write.
        try db.execute(
            sql: """
                UPDATE employer SET details = json_patch('{"creditCode":""}', details);
                UPDATE vacancy SET details = json_patch('{"isFilled":false,"region":"","requirements":""}', details)
                """)
        try db.execute(sql: "UPDATE fair SET catalogueVersion = catalogueVersion + 1")
        try db.execute(sql: "INSERT INTO employerSheet SELECT employerID, booth FROM employer")
        try db.execute(
            sql: """
                INSERT INTO employerCheck
                SELECT employerID, COALESCE(json_extract(details, '$.creditCode'), ''), '', ?, fair.createdAt
                FROM employer JOIN fair USING (fairID) WHERE json_extract(details, '$.isVerified')
                """,
            arguments: [DeskAuthor.fairFile])
        let details = try String.fetchAll(db, sql: "SELECT details FROM vacancy")
        for text in details {
            let stored = StoredVacancy(try JSONColumn.value(Vacancy.self, text, column: "vacancy.details"))
            try SQLiteHeadquartersStore.update(stored.vacancy, db)
            try SQLiteHeadquartersStore.insertReview(try WritableVacancy(stored), db)
        }
    }
}
