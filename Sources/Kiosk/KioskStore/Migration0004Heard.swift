// When headquarters said what this kiosk heard last. docs/storage.md explains every column.

import GRDB

extension SchemaMigration {
    static let heard = SchemaMigration(version: 4) { database in
        try database.execute(
            sql: "ALTER TABLE standing ADD COLUMN heardMilliseconds INTEGER NOT NULL DEFAULT 0")
    }
}
