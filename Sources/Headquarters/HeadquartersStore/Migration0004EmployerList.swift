// What decides who is on an employer's list: every word's bounds, marks of signing, consents, completed names.

import GRDB

enum Migration0004EmployerList {
    static func run(_ db: Database) throws {
        for table in ["intent", "intentClaim"] {
            for column in ["statedLower", "withdrawnUpper", "consentLower", "refusedUpper"] {
                try db.execute(sql: "ALTER TABLE \(table) ADD COLUMN \(column) INTEGER")
            }
            // Of before only the statement in force is known.
            try db.execute(
                sql: """
                    UPDATE \(table) SET statedLower = iif(isWithdrawn, NULL, occurredLower),
                        withdrawnUpper = iif(isWithdrawn, occurredUpper, NULL),
                        consentLower = iif(isWithdrawn OR NOT passOnConsent, NULL, occurredLower),
                        refusedUpper = iif(isWithdrawn OR NOT passOnConsent, occurredUpper, NULL)
                    """)
        }
        try db.execute(sql: tables)
    }

    /// A consent change or a completed name may arrive before the registration it is about.
    private static let tables = """
        ALTER TABLE intent ADD COLUMN signedAt INTEGER;
        ALTER TABLE intent ADD COLUMN signedBy TEXT CHECK ((signedAt IS NULL) = (signedBy IS NULL));
        CREATE INDEX intentVacancy ON intent (vacancyID);
        CREATE TABLE consentChange (
            recordID BLOB PRIMARY KEY REFERENCES record, seekerRecordID BLOB NOT NULL CHECK (length(seekerRecordID) = 16),
            employerID BLOB NOT NULL CHECK (length(employerID) = 16),
            isGiven INTEGER NOT NULL CHECK (isGiven IN (0, 1))
        ) STRICT;
        CREATE INDEX consentChangeEmployer ON consentChange (employerID);
        CREATE TABLE completion (
            recordID BLOB PRIMARY KEY REFERENCES record, seekerRecordID BLOB NOT NULL CHECK (length(seekerRecordID) = 16)
        ) STRICT;
        CREATE INDEX completionSeeker ON completion (seekerRecordID);
        """
}
