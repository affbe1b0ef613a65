// Erasures, orders to kiosks, and whose slip a record is about.

import GRDB

/// Of an erased record there are digest, id and place in the chain: its frame has no bytes, its `record`, where there was
/// one, is marked. `erasure.signed` is what kiosks keep, byte for byte.
enum Migration0008KioskOrders {
    static func run(_ db: Database) throws {
        for part in [erasures, orders, links] { try db.execute(sql: part) }
    }

    private static let erasures = """
        CREATE TABLE erasure (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            directiveID BLOB NOT NULL UNIQUE CHECK (length(directiveID) = 16),
            personKey BLOB NOT NULL CHECK (length(personKey) = 32), before INTEGER NOT NULL,
            signed BLOB NOT NULL, learntAt INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX erasurePerson ON erasure (personKey);
        CREATE TABLE erasureConfirmed (
            deviceID BLOB NOT NULL, lineageID BLOB NOT NULL, directiveID BLOB NOT NULL,
            PRIMARY KEY (deviceID, lineageID, directiveID),
            FOREIGN KEY (deviceID, lineageID) REFERENCES lineage (deviceID, lineageID)
        ) STRICT, WITHOUT ROWID;
        """

    /// `lineageID` of a device: the one in which it said hello last. `leave...` of a lineage: the kiosk is told to leave it;
    /// `saidThen` and `knownThen`: what kiosk and headquarters knew when it was found out.
    private static let orders = """
        ALTER TABLE device ADD COLUMN lineageID BLOB;
        ALTER TABLE device ADD COLUMN openFairID BLOB;
        ALTER TABLE device ADD COLUMN revokedAt INTEGER;
        ALTER TABLE device ADD COLUMN revocationID BLOB;
        ALTER TABLE lineage ADD COLUMN leaveID BLOB;
        ALTER TABLE lineage ADD COLUMN leaveReason TEXT CHECK (leaveReason IN ('rollback', 'fork', 'hand'));
        ALTER TABLE lineage ADD COLUMN leaveAt INTEGER;
        ALTER TABLE lineage ADD COLUMN saidThen INTEGER;
        ALTER TABLE lineage ADD COLUMN knownThen INTEGER;
        CREATE TABLE dayOrder (
            directiveID BLOB PRIMARY KEY CHECK (length(directiveID) = 16), deviceID BLOB NOT NULL REFERENCES device,
            fairID BLOB NOT NULL REFERENCES fair,
            change TEXT NOT NULL CHECK (change IN ('fairOpened', 'dayOpened', 'fairClosed')), day TEXT NOT NULL,
            madeAt INTEGER NOT NULL, endedAt INTEGER,
            ending TEXT CHECK (ending IN ('done', 'replaced', 'moot', 'expired')),
            CHECK ((endedAt IS NULL) = (ending IS NULL))
        ) STRICT;
        CREATE INDEX dayOrderOpen ON dayOrder (deviceID) WHERE endedAt IS NULL;
        """

    private static let links = """
        ALTER TABLE record ADD COLUMN seekerRecordID BLOB;
        UPDATE record SET seekerRecordID = COALESCE(
            (SELECT seekerRecordID FROM checkIn WHERE checkIn.recordID = record.recordID),
            (SELECT seekerRecordID FROM consentChange WHERE consentChange.recordID = record.recordID),
            (SELECT seekerRecordID FROM completion WHERE completion.recordID = record.recordID));
        CREATE INDEX recordSeeker ON record (seekerRecordID) WHERE seekerRecordID IS NOT NULL;
        CREATE TABLE unlinkedRecord (digest BLOB PRIMARY KEY REFERENCES frame) STRICT, WITHOUT ROWID;
        INSERT INTO unlinkedRecord SELECT digest FROM record
            WHERE kind IN ('intent', 'wishesChange', 'slipCopy', 'slipReplaced', 'withdrawal')
                AND seekerRecordID IS NULL AND isErased = 0;
        """
}
