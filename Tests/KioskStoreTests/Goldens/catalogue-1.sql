CREATE TABLE fair (
    fairID BLOB NOT NULL PRIMARY KEY CHECK (length(fairID) = 16),
    name TEXT NOT NULL,
    venue TEXT NOT NULL,
    organiser TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('fair', 'rehearsal')),
    keyNumber INTEGER NOT NULL CHECK (keyNumber BETWEEN 0 AND 16777215),
    formAddress TEXT NOT NULL,
    servicePhone TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 0),
    etag TEXT NOT NULL,
    signed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE fairDay (
    fairID BLOB NOT NULL REFERENCES fair (fairID),
    day TEXT NOT NULL CHECK (day GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'),
    PRIMARY KEY (fairID, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE employer (
    fairID BLOB NOT NULL REFERENCES fair (fairID),
    position INTEGER NOT NULL,
    employerID BLOB NOT NULL CHECK (length(employerID) = 16),
    name TEXT NOT NULL,
    booth TEXT NOT NULL,
    isVerified INTEGER NOT NULL CHECK (isVerified IN (0, 1)),
    PRIMARY KEY (fairID, position),
    UNIQUE (fairID, employerID)
) STRICT, WITHOUT ROWID;
CREATE TABLE vacancy (
    fairID BLOB NOT NULL REFERENCES fair (fairID),
    position INTEGER NOT NULL,
    vacancyID BLOB NOT NULL CHECK (length(vacancyID) = 16),
    employerID BLOB NOT NULL CHECK (length(employerID) = 16),
    title TEXT NOT NULL,
    headcount INTEGER CHECK (headcount >= 1),
    lowestFen INTEGER NOT NULL CHECK (lowestFen >= 0),
    highestFen INTEGER NOT NULL CHECK (highestFen >= 0),
    payUnit TEXT CHECK (payUnit IN ('hour', 'day', 'month', 'year', 'piece')),
    payText TEXT NOT NULL,
    booth TEXT NOT NULL,
    place TEXT NOT NULL,
    boardAndLodging TEXT NOT NULL,
    insurance TEXT NOT NULL,
    hours TEXT NOT NULL,
    isWithdrawn INTEGER NOT NULL CHECK (isWithdrawn IN (0, 1)),
    isNotUnder18 INTEGER NOT NULL CHECK (isNotUnder18 IN (0, 1)),
    PRIMARY KEY (fairID, position),
    UNIQUE (fairID, vacancyID),
    FOREIGN KEY (fairID, employerID) REFERENCES employer (fairID, employerID)
) STRICT, WITHOUT ROWID;
CREATE TABLE notice (
    fairID BLOB NOT NULL PRIMARY KEY REFERENCES fair (fairID),
    version TEXT NOT NULL,
    title TEXT NOT NULL,
    shortText TEXT NOT NULL,
    fullText TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE keyGroup (
    fairID BLOB NOT NULL REFERENCES fair (fairID),
    position INTEGER NOT NULL,
    code TEXT NOT NULL,
    label TEXT NOT NULL,
    PRIMARY KEY (fairID, position),
    UNIQUE (fairID, code)
) STRICT, WITHOUT ROWID;
