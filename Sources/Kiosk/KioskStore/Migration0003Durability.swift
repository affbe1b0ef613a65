// What headquarters holds for good, under which of its generations, and what it told this kiosk. docs/storage.md explains
// every column.

import GRDB

extension SchemaMigration {
    static let durability = SchemaMigration(version: 3) { database in
        try database.execute(
            sql: """
                CREATE TABLE generation (
                    number INTEGER NOT NULL PRIMARY KEY,
                    generationID BLOB NOT NULL CHECK (length(generationID) BETWEEN 1 AND 64)
                ) STRICT;
                INSERT INTO generation
                    SELECT 1, headquartersGeneration FROM newestReceipt WHERE length(headquartersGeneration) > 0;
                ALTER TABLE chain ADD COLUMN durableThrough INTEGER NOT NULL DEFAULT 0 CHECK (durableThrough >= 0);
                ALTER TABLE outbox ADD COLUMN receiptedUnder INTEGER REFERENCES generation (number);
                ALTER TABLE outbox ADD COLUMN reason TEXT CHECK (length(reason) BETWEEN 1 AND 64);
                UPDATE outbox SET receiptedUnder = (SELECT number FROM generation) WHERE state = 'receipted';
                CREATE INDEX outboxReceipted ON outbox (receiptedUnder, record) WHERE state = 'receipted';
                CREATE TABLE directive (
                    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
                    directiveID BLOB NOT NULL UNIQUE CHECK (length(directiveID) = 16),
                    signed BLOB CHECK (length(signed) BETWEEN 1 AND 1024),
                    isConfirmed INTEGER NOT NULL DEFAULT 0 CHECK (isConfirmed IN (0, 1)),
                    knownTo INTEGER REFERENCES generation (number)
                ) STRICT;
                CREATE INDEX directiveToConfirm ON directive (number) WHERE isConfirmed = 0;
                CREATE TABLE standing (
                    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
                    isRevoked INTEGER NOT NULL CHECK (isRevoked IN (0, 1))
                ) STRICT;
                """)
    }
}
