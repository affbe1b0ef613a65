// What headquarters knows of its own backups, and which records were wiped because their time was over.

import GRDB

/// A backup holds its own row, as one that has begun: so the file itself says which one it is. `previousDigest` is NULL for
/// frames of an older program: these are taken for the next of their chain, as they were then.
enum Migration0009Durability {
    static func run(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE backup (
                    number INTEGER PRIMARY KEY AUTOINCREMENT, folder TEXT NOT NULL, name TEXT NOT NULL,
                    startedAt INTEGER NOT NULL, verifiedAt INTEGER, bytes INTEGER, records INTEGER,
                    allowsPurge INTEGER CHECK (allowsPurge IN (0, 1)), failedAt INTEGER, failure TEXT, removedAt INTEGER,
                    CHECK ((verifiedAt IS NULL) = (bytes IS NULL) AND (verifiedAt IS NULL) = (records IS NULL)
                        AND (verifiedAt IS NULL) = (allowsPurge IS NULL)),
                    CHECK ((failedAt IS NULL) = (failure IS NULL) AND (failedAt IS NULL OR verifiedAt IS NULL))
                ) STRICT;
                ALTER TABLE lineage ADD COLUMN durableThrough INTEGER NOT NULL DEFAULT 0 CHECK (durableThrough >= 0);
                ALTER TABLE lineage ADD COLUMN digestAtDurable BLOB NOT NULL DEFAULT x'';
                ALTER TABLE frame ADD COLUMN previousDigest BLOB;
                ALTER TABLE record ADD COLUMN wipedAt INTEGER;
                """)
    }
}
