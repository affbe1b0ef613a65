// Which alarms about kiosks somebody has seen, and which letters a kiosk that leaves its lineage was given.

import GRDB

/// `through`: of forks and conflicts the newest `fork.id` that was on the page, 0 where hello found it out; of a
/// rollback its `lineage.leaveAt`. What is above it alarms again. The audit has every look, this the newest.
///
/// `freshPair` was told to the kiosk that said hello with `freshDigest` as its newest record, in a lineage to be left; NULL
/// since a hello in another lineage.
enum Migration0010Alarms {
    static func run(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE seenAlarm (
                    deviceID BLOB NOT NULL, lineageID BLOB NOT NULL,
                    kind TEXT NOT NULL CHECK (kind IN ('fork', 'conflict', 'rollback')),
                    through INTEGER NOT NULL CHECK (through >= 0), seenBy TEXT NOT NULL, seenAt INTEGER NOT NULL,
                    PRIMARY KEY (deviceID, lineageID, kind),
                    FOREIGN KEY (deviceID, lineageID) REFERENCES lineage (deviceID, lineageID)
                ) STRICT, WITHOUT ROWID;
                ALTER TABLE device ADD COLUMN freshPair TEXT;
                ALTER TABLE device ADD COLUMN freshDigest BLOB;
                """)
    }
}
