// Logins, their sessions, and an audit that only grows.

import GRDB

/// A session's token is not here, only its SHA-256; a password only as scrypt made it.
enum Migration0002Logins {
    static func run(_ db: Database) throws {
        try db.execute(sql: logins)
        try db.execute(sql: audit)
    }

    private static let logins = """
        CREATE TABLE login (
            loginID INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 2 AND 32),
            role TEXT NOT NULL CHECK (role IN ('clerk', 'employer')),
            passwordSalt BLOB NOT NULL CHECK (length(passwordSalt) = 16),
            passwordKey BLOB NOT NULL CHECK (length(passwordKey) = 32),
            scryptRounds INTEGER NOT NULL, scryptBlockSize INTEGER NOT NULL, scryptParallelism INTEGER NOT NULL,
            createdAt INTEGER NOT NULL, disabledAt INTEGER
        ) STRICT;
        CREATE TABLE loginEmployer (
            loginID INTEGER NOT NULL REFERENCES login, employerID BLOB NOT NULL REFERENCES employer,
            PRIMARY KEY (loginID, employerID)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE loginCreditCode (
            loginID INTEGER NOT NULL REFERENCES login, creditCode TEXT NOT NULL CHECK (length(creditCode) = 18),
            PRIMARY KEY (loginID, creditCode)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX employerCreditCode ON employer (json_extract(details, '$.creditCode'));
        CREATE TABLE loginSession (
            token BLOB PRIMARY KEY CHECK (length(token) = 32), loginID INTEGER NOT NULL REFERENCES login,
            openedAt INTEGER NOT NULL, lastSeenAt INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX loginSessionLogin ON loginSession (loginID);
        """

    /// No foreign keys: a line stays true whatever becomes of what it names. The last trigger stops INSERT OR REPLACE,
    /// which deletes without asking the others (sqlite.org/lang_conflict.html).
    private static let audit = """
        CREATE TABLE auditLine (
            id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, login TEXT,
            role TEXT NOT NULL CHECK (role IN ('clerk', 'employer', 'terminal', 'unknown')),
            action TEXT NOT NULL, subject TEXT, fairID BLOB CHECK (length(fairID) = 16),
            employerID BLOB CHECK (length(employerID) = 16), reason TEXT, rows INTEGER CHECK (rows >= 0),
            CHECK ((login IS NULL) = (role IN ('terminal', 'unknown')))
        ) STRICT;
        CREATE TRIGGER auditLineIsNeverChanged BEFORE UPDATE ON auditLine
            BEGIN SELECT RAISE(ABORT, 'an audit line is never changed'); END;
        CREATE TRIGGER auditLineIsNeverDeleted BEFORE DELETE ON auditLine
            BEGIN SELECT RAISE(ABORT, 'an audit line is never deleted'); END;
        CREATE TRIGGER auditLineIsNeverReplaced BEFORE INSERT ON auditLine
            WHEN EXISTS (SELECT 1 FROM auditLine WHERE id = NEW.id)
            BEGIN SELECT RAISE(ABORT, 'an audit line is never replaced'); END;
        """
}
