// Steps from one version of a file's tables to the next.

import GRDB

/// One step. Steps are numbered 1, 2, 3 ... and never change once released; `user_version` holds the last one applied.
struct SchemaMigration: Sendable {
    var version: Int
    var apply: @Sendable (Database) throws -> Void
}

/// A file's identity and the steps of its tables.
struct Schema: Sendable {
    /// `PRAGMA application_id`, so that `file` and we recognise the file.
    var applicationID: Int
    var migrations: [SchemaMigration]

    var version: Int { migrations.last?.version ?? 0 }
    /// No version of ours will ever be higher.
    static let versionEver = 9999

    /// Brings the file to `version`, each step in a transaction of its own. A file of another program and one of a
    /// newer version are refused untouched.
    func migrate(_ database: Database, path: String) throws {
        precondition(migrations.map(\.version) == Array(1...max(1, migrations.count)), "versions are 1, 2, 3 ...")
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        let owner = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let objects = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        // A bit that flipped in the header makes no other program's file of ours.
        let isOurs = try Int.fetchOne(
            database, sql: "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('chain', 'outbox')")
        if isOurs == 2, owner != applicationID || !(1...Self.versionEver).contains(found) {
            throw DamagedRecords.damage(path, "its header names owner \(owner), version \(found)")
        }
        guard owner == applicationID || (owner == 0 && found == 0 && objects == 0) else {
            throw KioskStoreError(.notOurs, "\(path) belongs to another program", hint: "check the state folder")
        }
        guard found <= version else {
            throw KioskStoreError(
                .newerVersion, "\(path) has version \(found) of the tables, this program knows \(version)",
                hint: "install the newer program again")
        }
        for migration in migrations where migration.version > found {
            try database.inTransaction(.immediate) {
                try migration.apply(database)
                try database.execute(sql: "PRAGMA application_id = \(applicationID)")
                try database.execute(sql: "PRAGMA user_version = \(migration.version)")
                return .commit
            }
        }
    }
}
