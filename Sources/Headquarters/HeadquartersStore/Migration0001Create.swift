// The first schema of headquarters.

import GRDB

/// Ids of 16 bytes and digests of 32 are BLOBs with their length checked. Times are milliseconds since 1970. What is
/// readable of a person: surname, four digits, age band; all else stays in the sealed frame.
enum Migration0001Create {
    static func run(_ db: Database) throws {
        for part in [fairs, kiosks, frames, opened, form] { try db.execute(sql: part) }
    }

    private static let fairs = """
        CREATE TABLE heartbeat (id INTEGER PRIMARY KEY CHECK (id = 1), beats INTEGER NOT NULL) STRICT;
        INSERT INTO heartbeat VALUES (1, 0);
        CREATE TABLE fair (
            fairID BLOB PRIMARY KEY CHECK (length(fairID) = 16),
            keyNumber INTEGER NOT NULL UNIQUE CHECK (keyNumber BETWEEN 1 AND 16777215),
            name TEXT NOT NULL, venue TEXT NOT NULL, organiser TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('fair', 'rehearsal')),
            formAddress TEXT NOT NULL, servicePhone TEXT NOT NULL,
            region TEXT NOT NULL, formOpenDaysAfter INTEGER NOT NULL,
            noticeVersion TEXT NOT NULL, noticeTitle TEXT NOT NULL, noticeShort TEXT NOT NULL, noticeFull TEXT NOT NULL,
            catalogueVersion INTEGER NOT NULL CHECK (catalogueVersion >= 1), createdAt INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE fairDay (
            fairID BLOB NOT NULL REFERENCES fair, day TEXT NOT NULL, PRIMARY KEY (fairID, day)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE keyGroup (
            fairID BLOB NOT NULL REFERENCES fair, position INTEGER NOT NULL, code TEXT NOT NULL, label TEXT NOT NULL,
            PRIMARY KEY (fairID, position), UNIQUE (fairID, code)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE employer (
            employerID BLOB PRIMARY KEY CHECK (length(employerID) = 16), fairID BLOB NOT NULL REFERENCES fair,
            position INTEGER NOT NULL, name TEXT NOT NULL, booth TEXT NOT NULL, details TEXT NOT NULL,
            UNIQUE (fairID, position)
        ) STRICT;
        CREATE TABLE vacancy (
            vacancyID BLOB PRIMARY KEY CHECK (length(vacancyID) = 16), fairID BLOB NOT NULL REFERENCES fair,
            employerID BLOB NOT NULL REFERENCES employer, position INTEGER NOT NULL, title TEXT NOT NULL,
            headcount INTEGER CHECK (headcount > 0), isWithdrawn INTEGER NOT NULL CHECK (isWithdrawn IN (0, 1)),
            isNotUnder18 INTEGER NOT NULL CHECK (isNotUnder18 IN (0, 1)), details TEXT NOT NULL,
            UNIQUE (fairID, position)
        ) STRICT;
        """

    private static let kiosks = """
        CREATE TABLE enrolmentCode (
            hash BLOB PRIMARY KEY CHECK (length(hash) = 32), kioskLabel TEXT NOT NULL, createdAt INTEGER NOT NULL,
            expiresAt INTEGER NOT NULL, usedAt INTEGER, usedBy BLOB, CHECK ((usedAt IS NULL) = (usedBy IS NULL))
        ) STRICT;
        CREATE TABLE enrolmentCodeFair (
            hash BLOB NOT NULL REFERENCES enrolmentCode, fairID BLOB NOT NULL REFERENCES fair, PRIMARY KEY (hash, fairID)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE device (
            deviceID BLOB PRIMARY KEY CHECK (length(deviceID) = 16), kioskLabel TEXT NOT NULL,
            publicKey BLOB NOT NULL UNIQUE CHECK (length(publicKey) = 32),
            agreementPublicKey BLOB NOT NULL CHECK (length(agreementPublicKey) = 32),
            softwareVersion TEXT NOT NULL, enrolledAt INTEGER NOT NULL,
            frames INTEGER NOT NULL DEFAULT 0, lastContactAt INTEGER, pendingAtHello INTEGER, framesAtHello INTEGER,
            problems TEXT NOT NULL DEFAULT ''
        ) STRICT;
        CREATE TABLE deviceFair (
            deviceID BLOB NOT NULL REFERENCES device, fairID BLOB NOT NULL REFERENCES fair,
            PRIMARY KEY (deviceID, fairID)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE ticketPair (
            fairID BLOB NOT NULL REFERENCES fair, pair TEXT NOT NULL CHECK (length(pair) = 2),
            deviceID BLOB NOT NULL REFERENCES device, position INTEGER NOT NULL, PRIMARY KEY (fairID, pair),
            UNIQUE (fairID, deviceID, position)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE clockPair (
            deviceID BLOB NOT NULL REFERENCES device, bootID BLOB NOT NULL, bootMilliseconds INTEGER NOT NULL,
            headquartersMilliseconds INTEGER NOT NULL, roundTripMilliseconds INTEGER NOT NULL,
            PRIMARY KEY (deviceID, bootID, bootMilliseconds)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE generation (
            position INTEGER PRIMARY KEY, generationID BLOB NOT NULL UNIQUE CHECK (length(generationID) = 16),
            newestSerial INTEGER NOT NULL, startedAt INTEGER NOT NULL
        ) STRICT;
        INSERT INTO generation VALUES (1, randomblob(16), 0, 0);
        CREATE TABLE receipt (
            generationID BLOB NOT NULL REFERENCES generation (generationID), serial INTEGER NOT NULL,
            batchID BLOB NOT NULL, deviceID BLOB NOT NULL REFERENCES device, givenAt INTEGER NOT NULL,
            PRIMARY KEY (generationID, serial)
        ) STRICT, WITHOUT ROWID;
        """

    private static let frames = """
        CREATE TABLE lineage (
            deviceID BLOB NOT NULL REFERENCES device, lineageID BLOB NOT NULL CHECK (length(lineageID) = 16),
            contiguousThrough INTEGER NOT NULL DEFAULT 0, digestAtContiguous BLOB NOT NULL DEFAULT x'',
            highestSequence INTEGER NOT NULL DEFAULT 0, saidLastSequence INTEGER NOT NULL DEFAULT 0,
            firstSeenAt INTEGER NOT NULL, PRIMARY KEY (deviceID, lineageID)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE frame (
            digest BLOB PRIMARY KEY CHECK (length(digest) = 32), recordID BLOB NOT NULL CHECK (length(recordID) = 16),
            deviceID BLOB NOT NULL REFERENCES device, lineageID BLOB NOT NULL, sequence INTEGER NOT NULL,
            fairID BLOB NOT NULL CHECK (length(fairID) = 16),
            state TEXT NOT NULL CHECK (state IN ('accepted', 'held')), heldReason TEXT, receivedAt INTEGER NOT NULL,
            bytes BLOB NOT NULL, CHECK ((state = 'held') = (heldReason IS NOT NULL)),
            FOREIGN KEY (deviceID, lineageID) REFERENCES lineage (deviceID, lineageID)
        ) STRICT;
        CREATE INDEX frameRecord ON frame (recordID);
        CREATE INDEX framePlace ON frame (deviceID, lineageID, sequence);
        CREATE INDEX frameHeld ON frame (fairID) WHERE state = 'held';
        CREATE TABLE fork (
            id INTEGER PRIMARY KEY, deviceID BLOB NOT NULL, lineageID BLOB NOT NULL, sequence INTEGER NOT NULL,
            fairID BLOB NOT NULL, recordID BLOB NOT NULL, digest BLOB NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('sequence', 'conflict')), seenAt INTEGER NOT NULL,
            UNIQUE (digest, kind)
        ) STRICT;
        CREATE TABLE record (
            recordID BLOB PRIMARY KEY CHECK (length(recordID) = 16), digest BLOB NOT NULL UNIQUE REFERENCES frame,
            kind TEXT NOT NULL, fairID BLOB NOT NULL REFERENCES fair, deviceID BLOB NOT NULL REFERENCES device,
            fairDay TEXT, isDayConfirmed INTEGER NOT NULL, ticket TEXT,
            occurredLower INTEGER NOT NULL, occurredAt INTEGER NOT NULL, occurredUpper INTEGER NOT NULL,
            isRehearsal INTEGER NOT NULL CHECK (isRehearsal IN (0, 1)),
            isErased INTEGER NOT NULL DEFAULT 0 CHECK (isErased IN (0, 1)),
            CHECK (occurredLower <= occurredAt AND occurredAt <= occurredUpper)
        ) STRICT;
        CREATE INDEX recordFair ON record (fairID, kind);
        CREATE INDEX recordTicket ON record (fairID, ticket) WHERE ticket IS NOT NULL;
        """

    private static let opened = """
        CREATE TABLE person (
            personKey BLOB PRIMARY KEY CHECK (length(personKey) = 32), firstRecordID BLOB NOT NULL
        ) STRICT;
        CREATE TABLE registration (
            recordID BLOB PRIMARY KEY REFERENCES record, personKey BLOB REFERENCES person, surname TEXT,
            slipDigits TEXT CHECK (length(slipDigits) = 4), ageBand TEXT NOT NULL,
            hasBirthDate INTEGER NOT NULL, allowsIntents INTEGER NOT NULL,
            completion BLOB, completedAt INTEGER, CHECK ((completion IS NULL) = (completedAt IS NULL))
        ) STRICT;
        CREATE INDEX registrationPerson ON registration (personKey);
        CREATE TABLE entry (
            recordID BLOB PRIMARY KEY REFERENCES record, people INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE checkIn (
            recordID BLOB PRIMARY KEY REFERENCES record, seekerRecordID BLOB NOT NULL
        ) STRICT;
        CREATE INDEX checkInSeeker ON checkIn (seekerRecordID);
        """

    private static let form = """
        CREATE TABLE intent (
            seekerRecordID BLOB NOT NULL REFERENCES registration, vacancyID BLOB NOT NULL REFERENCES vacancy,
            fairID BLOB NOT NULL REFERENCES fair, level TEXT NOT NULL CHECK (level IN ('preliminary', 'signed')),
            passOnConsent INTEGER NOT NULL, isWithdrawn INTEGER NOT NULL,
            occurredLower INTEGER NOT NULL, occurredAt INTEGER NOT NULL, occurredUpper INTEGER NOT NULL,
            PRIMARY KEY (seekerRecordID, vacancyID)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX intentFair ON intent (fairID);
        CREATE TABLE intentClaim (
            seekerRecordID BLOB NOT NULL CHECK (length(seekerRecordID) = 16), vacancyID BLOB NOT NULL REFERENCES vacancy,
            digits TEXT NOT NULL, fairID BLOB NOT NULL REFERENCES fair,
            level TEXT NOT NULL CHECK (level IN ('preliminary', 'signed')),
            passOnConsent INTEGER NOT NULL, isWithdrawn INTEGER NOT NULL,
            occurredLower INTEGER NOT NULL, occurredAt INTEGER NOT NULL, occurredUpper INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('claimed', 'confirmed', 'void')), settledAt INTEGER,
            PRIMARY KEY (seekerRecordID, vacancyID, digits)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE digitTry (
            recordID BLOB NOT NULL CHECK (length(recordID) = 16), digits TEXT NOT NULL, triedAt INTEGER NOT NULL,
            PRIMARY KEY (recordID, digits)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE handTry (
            id INTEGER PRIMARY KEY, fairID BLOB NOT NULL REFERENCES fair, ticket TEXT NOT NULL, triedAt INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX handTryTicket ON handTry (fairID, ticket, triedAt);
        """
}
