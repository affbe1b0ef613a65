// The SQLite library of this process: its version, and its error log on its way to ours.

import CSQLite
import Foundation
public import Logging
import Synchronization

/// What concerns the library as a whole, not one file.
public enum SQLiteLibrary {
    /// STRICT tables need 3.37; 3.38 has the JSON functions built in.
    static let versionNumberMin: Int32 = 3_038_000

    public static var version: String { String(cString: sqlite3_libversion()) }

    /// Must hold before any file is opened: version, and thread safety that connections on several threads need.
    static func check() throws(KioskStoreError) {
        guard sqlite3_libversion_number() >= versionNumberMin else {
            throw KioskStoreError(
                .libraryTooOld, "SQLite \(version) is older than 3.38", hint: "install Debian's libsqlite3-0")
        }
        guard sqlite3_threadsafe() != 0 else {
            throw KioskStoreError(.settingRefused, "SQLite was built without thread safety")
        }
    }

    /// The logger of the first caller; SQLite has one error log per process, set before its first connection.
    private static let logger = Mutex<Logger?>(nil)

    /// Sends SQLite's error log (sqlite.org/errlog.html) to `logger`. Only the first call of a process, before anything
    /// opened a database, has an effect.
    public static func logErrors(to logger: Logger) {
        let isFirst = self.logger.withLock { current in
            guard current == nil else { return false }
            current = logger
            return true
        }
        guard isFirst else { return }
        let result = csqlite_config_log({ _, code, message in SQLiteLibrary.log(code, message) }, nil)
        if result != SQLITE_OK { logger.debug("SQLite was already in use; its error log stays where it was") }
    }

    private static func log(_ code: Int32, _ message: UnsafePointer<CChar>?) {
        guard let logger = logger.withLock({ $0 }) else { return }
        logger.log(
            level: level(of: code), "SQLite reported",
            metadata: [
                "sqlite.code": "\(code)",
                "sqlite.message": "\(message.map { withoutStatement(String(cString: $0)) } ?? "")",
            ])
    }

    /// Values never stand in these messages, for they are bound; SQL text says nothing that the code does not.
    static func withoutStatement(_ message: String) -> String {
        guard let statement = message.range(of: " in [") else { return String(message.prefix(200)) }
        let rest = message.range(of: "]: ", options: .backwards).map { message[$0.upperBound...] } ?? ""
        return String((message[..<statement.lowerBound] + ": " + rest).prefix(200))
    }

    /// Recovery of a WAL is normal after a power cut; a constraint or a held lock is answered where it happens.
    private static func level(of code: Int32) -> Logger.Level {
        switch code & 0xFF {
        case SQLITE_NOTICE: .info
        case SQLITE_WARNING: .notice
        case SQLITE_CONSTRAINT, SQLITE_BUSY, SQLITE_LOCKED, SQLITE_SCHEMA, SQLITE_ABORT, SQLITE_INTERRUPT: .debug
        default: .error
        }
    }
}
