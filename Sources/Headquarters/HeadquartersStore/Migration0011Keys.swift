// Whose keys the records of this database are sealed to.

import GRDB

/// One row, written when headquarters serves; none in a database of before. Told to nobody: a database that is restored
/// beside other keys is found out by it, before a kiosk meets headquarters' new certificate.
enum Migration0011Keys {
    static func run(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE keyOwner (
                    id INTEGER PRIMARY KEY CHECK (id = 1),
                    headquartersID BLOB NOT NULL CHECK (length(headquartersID) = 16)
                ) STRICT;
                """)
    }
}
