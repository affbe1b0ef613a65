// The newest wishes that were said with each string of four digits; what they are stays sealed.

import GRDB

/// Whether the digits are the slip's shows when its registration is here: until then each string has a row of its own, five at
/// most (`FormLimits.digitStringsMax`).
enum Migration0007StatedWishes {
    static func run(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE statedWishes (
                    seekerRecordID BLOB NOT NULL CHECK (length(seekerRecordID) = 16), digits TEXT NOT NULL,
                    recordID BLOB REFERENCES record, sealed BLOB, occurredAt INTEGER NOT NULL,
                    PRIMARY KEY (seekerRecordID, digits), CHECK ((recordID IS NULL) <> (sealed IS NULL))
                ) STRICT, WITHOUT ROWID;
                """)
    }
}
