// The code that a sheet named for an employer, beside the one a clerk read from its licence.

import GRDB

enum Migration0005SheetCodes {
    static func run(_ db: Database) throws {
        try db.execute(
            sql: """
                ALTER TABLE employerSheet ADD COLUMN creditCode TEXT NOT NULL DEFAULT '';
                UPDATE employerSheet SET creditCode = COALESCE(
                    (SELECT json_extract(details, '$.creditCode') FROM employer
                        WHERE employer.employerID = employerSheet.employerID), '');
                """)
    }
}
