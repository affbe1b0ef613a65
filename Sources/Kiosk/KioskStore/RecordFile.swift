// Opening records.sqlite: settings set, then read back; nothing is trusted to have worked.

import CSQLite
import DurableFiles
import Foundation
import GRDB
import Logging

enum RecordFile {
    /// Pages after which a commit also copies the WAL into the file: 4000 pages are 16 MiB. Seldom is better
    /// (sqlite.org/howtocorrupt.html, section 3.1).
    static let checkpointPages = 4000
    /// The WAL is cut back to this after a checkpoint.
    static let walBytesKept = 16 * 1024 * 1024

    struct Opened {
        var queue: DatabaseQueue
        var isNew: Bool
        var wasUnclean: Bool
    }

    /// - Parameter room: says how large the file may become.
    static func open(
        _ settings: RecordStoreSettings, schema: Schema, room: DiskRoom, logger: Logger
    ) throws(KioskStoreError) -> Opened {
        SQLiteLibrary.logErrors(to: logger)
        try SQLiteLibrary.check()
        let path = settings.path
        let damaged = DamagedRecords(path: path)
        do {
            let isNew = try DurableFile.create(path)
            let walSize = try? FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int
            let queue = try DatabaseQueue(path: path, configuration: configuration())
            try queue.writeWithoutTransaction { database in
                // Only here: whatever switches to WAL may set synchronous to NORMAL on the way.
                try database.execute(sql: "PRAGMA synchronous = FULL")
                try room.limitSize(database)
                try check(database, path: path)
                try damaged.check(database)
                try schema.migrate(database, path: path)
                damaged.clear()
            }
            try DurableFile.sync(DurableFile.folder(of: path))
            return Opened(queue: queue, isNew: isNew, wasUnclean: (walSize ?? 0) > 0)
        } catch {
            throw KioskStoreError.opening(path, error)
        }
    }

    private static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.label = "records"
        configuration.foreignKeysEnabled = true
        configuration.publicStatementArguments = false
        configuration.busyMode = .immediateError
        configuration.prepareDatabase { database in
            var became: Int32 = 0
            csqlite_db_config(database.sqliteConnection, SQLITE_DBCONFIG_DEFENSIVE, 1, &became)
            // A file that turns out to be damaged is set aside as it was found.
            keepWALOnClose(true, database)
            // Before the first read: a WAL that only one process uses needs no shared memory file.
            for setting in [
                "locking_mode = EXCLUSIVE", "trusted_schema = OFF", "cell_size_check = ON", "temp_store = MEMORY",
                "mmap_size = 0", "cache_size = -8000", "secure_delete = ON", "journal_mode = WAL",
                "journal_size_limit = \(walBytesKept)", "wal_autocheckpoint = \(checkpointPages)",
            ] {
                try database.execute(sql: "PRAGMA \(setting)")
            }
        }
        return configuration
    }

    /// From now on closing the file also copies the WAL into it.
    static func keepWALOnClose(_ isKept: Bool, _ database: Database) {
        var became: Int32 = 0
        csqlite_db_config(database.sqliteConnection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, isKept ? 1 : 0, &became)
    }

    /// Every setting on which safety rests, and what `PRAGMA` answers when it holds.
    static let settings: KeyValuePairs = [
        "journal_mode": "wal", "synchronous": "2", "locking_mode": "exclusive", "foreign_keys": "1",
        "secure_delete": "1", "temp_store": "2", "trusted_schema": "0", "cell_size_check": "1", "mmap_size": "0",
        "page_size": "4096",
    ]

    static func check(_ database: Database, path: String) throws {
        for (name, expected) in settings {
            // A limit of the library may leave mmap_size without an answer: then there is no mapping.
            let found = try Row.fetchOne(database, sql: "PRAGMA \(name)").map { "\($0[0] as DatabaseValue)" } ?? "0"
            let plain = found.trimmingCharacters(in: CharacterSet(charactersIn: "\""))
            guard plain == expected else {
                throw KioskStoreError(.settingRefused, "\(path): \(name) reads \(plain) instead of \(expected)")
            }
        }
    }
}
