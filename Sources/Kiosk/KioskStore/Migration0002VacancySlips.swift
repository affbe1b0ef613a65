// Print jobs of single vacancies beside those of registrations. docs/storage.md explains every column.

import GRDB

extension SchemaMigration {
    /// SQLite takes no NOT NULL from a column: the table is made anew, jobs keep their numbers.
    static let vacancySlips = SchemaMigration(version: 2) { database in
        try database.execute(
            sql: """
                CREATE TABLE newPrintJob (
                    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
                    registration INTEGER REFERENCES deskEntry (record),
                    requestID BLOB UNIQUE CHECK (length(requestID) = 16),
                    fairID BLOB CHECK (length(fairID) = 16),
                    vacancyID BLOB CHECK (length(vacancyID) = 16),
                    isCopy INTEGER NOT NULL CHECK (isCopy IN (0, 1)),
                    state TEXT NOT NULL DEFAULT 'queued'
                        CHECK (state IN ('queued', 'printing', 'printed', 'failed', 'unknown')),
                    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
                    CHECK ((registration IS NULL) = (requestID IS NOT NULL)),
                    CHECK ((requestID IS NULL) = (fairID IS NULL)),
                    CHECK ((requestID IS NULL) = (vacancyID IS NULL))
                ) STRICT;
                INSERT INTO newPrintJob (id, registration, isCopy, state, attempts)
                    SELECT id, registration, isCopy, state, attempts FROM printJob;
                DROP TABLE printJob;
                ALTER TABLE newPrintJob RENAME TO printJob;
                CREATE INDEX printJobByState ON printJob (state, id);
                CREATE INDEX printJobByRegistration ON printJob (registration);
                """)
    }
}
