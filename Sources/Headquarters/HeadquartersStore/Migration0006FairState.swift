// A number that changes with everything an import is planned on.

import GRDB

/// Triggers, so that no statement of any program can forget it.
enum Migration0006FairState {
    static func run(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE fairState (
                    fairID BLOB PRIMARY KEY REFERENCES fair, version INTEGER NOT NULL
                ) STRICT, WITHOUT ROWID;
                INSERT INTO fairState SELECT fairID, 1 FROM fair;
                CREATE TRIGGER fairStateBegins AFTER INSERT ON fair
                    BEGIN INSERT INTO fairState VALUES (NEW.fairID, 1); END;
                """)
        let ofVacancy = "(SELECT fairID FROM vacancy WHERE vacancyID = NEW.vacancyID)"
        let ofEmployer = "(SELECT fairID FROM employer WHERE employerID = NEW.employerID)"
        for (table, fair) in [
            ("employer", "NEW.fairID"), ("employerSheet", ofEmployer), ("vacancy", "NEW.fairID"),
            ("vacancyReview", ofVacancy), ("fairRegion", "NEW.fairID"),
        ] {
            for event in ["INSERT", "UPDATE"] {
                try db.execute(
                    sql: """
                        CREATE TRIGGER fairStateAfter_\(table)_\(event) AFTER \(event) ON \(table)
                            BEGIN UPDATE fairState SET version = version + 1 WHERE fairID = \(fair); END;
                        """)
            }
        }
    }
}
