// One catalogue.sqlite as it lies on the disk: opened for reading, and what can be wrong with it.

import Foundation
import GRDB
import JobFair

/// A file that was opened and found right. Nothing writes to it: it is replaced whole, and whoever still reads the old one
/// reads on. It is closed with the last reference.
struct CatalogueFile: Sendable {
    let queue: DatabaseQueue
    /// By first day.
    let fairs: [Fair]
    let etags: [FairID: String]

    /// Nil where there is no file. Throws `CatalogueFault` or what `CatalogueFault` takes for one where the file is the
    /// kiosk's and cannot be used as it is.
    static func open(_ path: String) throws -> CatalogueFile? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let queue = try connect(path)
        return try queue.inDatabase { database in
            try check(database, path)
            return CatalogueFile(
                queue: queue, fairs: try CatalogueTables.fairs(in: database),
                etags: try CatalogueTables.etags(in: database))
        }
    }

    /// A connection that may read and nothing else, to a file that was not looked at.
    ///
    /// - Parameter salvages: takes a file also where pages at its end are missing.
    static func connect(_ path: String, salvages: Bool = false) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "catalogue"
        configuration.readonly = true
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
            // Without it SQLite refuses a file that is shorter than its header says.
            if salvages { try database.execute(sql: "PRAGMA writable_schema = ON") }
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    private static func check(_ database: Database, _ path: String) throws {
        guard try Int.fetchOne(database, sql: "PRAGMA application_id") == CatalogueTables.applicationID else {
            if try Int.fetchOne(database, sql: "PRAGMA page_count") == 0 { throw CatalogueFault.damage("empty") }
            throw KioskStoreError(.notOurs, "\(path) belongs to another program", hint: "check the settings")
        }
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard version == CatalogueTables.version else { throw CatalogueFault.version(version) }
        let verdict = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
        guard verdict == "ok" else { throw CatalogueFault.damage("quick_check fails") }
    }
}

/// Why a file of this kiosk cannot be used as it is.
enum CatalogueFault: Error, CustomStringConvertible {
    /// Made by an older or a newer program.
    case version(Int)
    case damage(String)

    /// Nil: the error says nothing about what is in the file.
    init?(_ error: any Error) {
        switch error {
        case let fault as CatalogueFault: self = fault
        case let error as DatabaseError where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode):
            self = .damage("SQLite result \(error.extendedResultCode.rawValue)")
        default: return nil
        }
    }

    var isNewer: Bool {
        if case .version(let version) = self { version > CatalogueTables.version } else { false }
    }

    var isDamage: Bool {
        if case .damage = self { true } else { false }
    }

    var description: String {
        switch self {
        case .version(let version): "version \(version) of the tables, this program has \(CatalogueTables.version)"
        case .damage(let what): "damaged: \(what)"
        }
    }
}
