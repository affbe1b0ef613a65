// The first tables of records.sqlite. docs/storage.md explains every column.

import GRDB

extension Schema {
    /// `JFkr` in ASCII.
    static let records = Schema(
        applicationID: 0x4A46_6B72, migrations: [.createRecords, .vacancySlips, .durability, .heard])
}

extension SchemaMigration {
    static let createRecords = SchemaMigration(version: 1) { database in
        try database.execute(sql: recordTables)
        try database.execute(sql: fairTables)
        try database.execute(sql: deskTables)
    }

    private static let recordTables = """
        CREATE TABLE chain (
            number INTEGER NOT NULL PRIMARY KEY,
            lineageID BLOB NOT NULL UNIQUE CHECK (length(lineageID) = 16),
            lastSequence INTEGER NOT NULL DEFAULT 0 CHECK (lastSequence >= 0),
            lastDigest BLOB NOT NULL DEFAULT x''
                CHECK (length(lastDigest) = CASE lastSequence WHEN 0 THEN 0 ELSE 32 END)
        ) STRICT;
        CREATE TABLE record (
            position INTEGER NOT NULL PRIMARY KEY,
            recordID BLOB NOT NULL UNIQUE CHECK (length(recordID) = 16),
            chain INTEGER NOT NULL REFERENCES chain (number),
            sequence INTEGER NOT NULL CHECK (sequence >= 1),
            fairID BLOB NOT NULL CHECK (length(fairID) = 16),
            fairDay TEXT CHECK (fairDay GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'),
            isDayConfirmed INTEGER NOT NULL CHECK (isDayConfirmed IN (0, 1)),
            fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
            digest BLOB NOT NULL CHECK (length(digest) = 32),
            UNIQUE (chain, sequence)
        ) STRICT;
        CREATE TRIGGER recordNeverChanges BEFORE UPDATE ON record BEGIN
            SELECT RAISE(ABORT, 'a committed record never changes');
        END;
        CREATE TRIGGER recordNeverVanishes BEFORE DELETE ON record BEGIN
            SELECT RAISE(ABORT, 'a committed record never vanishes');
        END;
        CREATE TABLE outbox (
            record INTEGER NOT NULL PRIMARY KEY REFERENCES record (position),
            state TEXT NOT NULL CHECK (state IN ('pending', 'receipted', 'quarantined', 'purged')),
            frame BLOB CHECK (length(frame) BETWEEN 1 AND 65536),
            CHECK ((frame IS NULL) = (state = 'purged'))
        ) STRICT;
        CREATE INDEX outboxPending ON outbox (record) WHERE state = 'pending';
        CREATE INDEX outboxQuarantined ON outbox (record) WHERE state = 'quarantined';
        CREATE TABLE newestReceipt (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
            serial INTEGER NOT NULL CHECK (serial >= 1),
            headquartersGeneration BLOB NOT NULL CHECK (length(headquartersGeneration) <= 64),
            durableThrough INTEGER NOT NULL CHECK (durableThrough >= 0),
            signed BLOB NOT NULL CHECK (length(signed) BETWEEN 1 AND 262144)
        ) STRICT;

        """

    private static let fairTables = """
        CREATE TABLE openFair (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
            fairID BLOB NOT NULL CHECK (length(fairID) = 16),
            day TEXT NOT NULL CHECK (day GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'),
            isDayConfirmed INTEGER NOT NULL CHECK (isDayConfirmed IN (0, 1))
        ) STRICT;
        CREATE TABLE ticketPair (
            number INTEGER NOT NULL PRIMARY KEY,
            chain INTEGER NOT NULL REFERENCES chain (number),
            fairID BLOB NOT NULL CHECK (length(fairID) = 16),
            pair TEXT NOT NULL CHECK (pair GLOB '[A-HJ-NPR-UW-Z][A-HJ-NPR-UW-Z]'),
            lastNumber INTEGER NOT NULL DEFAULT 0 CHECK (lastNumber BETWEEN 0 AND 9999),
            UNIQUE (fairID, pair)
        ) STRICT;
        CREATE TABLE dayTally (
            fairID BLOB NOT NULL CHECK (length(fairID) = 16),
            fairDay TEXT NOT NULL CHECK (fairDay GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'),
            kind TEXT NOT NULL CHECK (kind IN ('registration', 'entry', 'checkIn')),
            records INTEGER NOT NULL CHECK (records >= 1),
            PRIMARY KEY (fairID, fairDay, kind)
        ) STRICT, WITHOUT ROWID;

        """

    private static let deskTables = """
        CREATE TABLE deskEntry (
            record INTEGER NOT NULL PRIMARY KEY REFERENCES record (position),
            fairID BLOB NOT NULL CHECK (length(fairID) = 16),
            ticket TEXT NOT NULL CHECK (
                ticket GLOB '[A-HJ-NPR-UW-Z][A-HJ-NPR-UW-Z][0-9][0-9][0-9][0-9]' AND substr(ticket, 3) <> '0000'),
            maskedName TEXT NOT NULL CHECK (length(maskedName) <= 64),
            wishes TEXT NOT NULL CHECK (length(wishes) <= 8192 AND wishes GLOB '{*}'),
            slipPurpose INTEGER NOT NULL CHECK (slipPurpose IN (1, 2)),
            lostSlipHash BLOB CHECK (length(lostSlipHash) = 32),
            digitsHash BLOB CHECK (length(digitsHash) = 32),
            UNIQUE (fairID, ticket)
        ) STRICT;
        CREATE INDEX deskEntryByLostSlip ON deskEntry (lostSlipHash) WHERE lostSlipHash IS NOT NULL;
        CREATE TABLE printJob (
            id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
            registration INTEGER NOT NULL REFERENCES deskEntry (record),
            isCopy INTEGER NOT NULL CHECK (isCopy IN (0, 1)),
            state TEXT NOT NULL DEFAULT 'queued'
                CHECK (state IN ('queued', 'printing', 'printed', 'failed', 'unknown')),
            attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0)
        ) STRICT;
        CREATE INDEX printJobByState ON printJob (state, id);
        CREATE INDEX printJobByRegistration ON printJob (registration);
        """
}
