// What hangs on the keys of headquarters: kiosks that trust them, records that only they open.

import GRDB
import SyncProtocol

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
#if canImport(Glibc)
import Glibc
#endif

/// What a database says about the keys it needs.
public struct KeyedContent: Hashable, Sendable {
    /// Enrolled.
    public var kiosks: Int
    /// Frames that arrived, held ones included.
    public var records: Int
    /// Of the root key (`KeyName.headquartersID`); nil: no program that writes it down has served from this database.
    public var headquartersID: Data?
    /// The key to which the frame that was accepted last is sealed; nil: there is none, or its bytes were wiped.
    public var sealingKeyID: Data?

    /// New keys do no harm.
    public var isEmpty: Bool { kiosks == 0 && records == 0 }
}

extension SQLiteHeadquartersStore {
    /// Nil where there is no database; none is made. Throws `HeadquartersStoreError` where it cannot be read.
    public static func keyedContent(stateFolder: String) throws -> KeyedContent? {
        let path = stateFolder + "/" + fileName
        guard access(path, F_OK) == 0 else { return nil }
        do {
            let file = try DatabaseQueue(path: path, configuration: BackupCopy.configuration(isReadOnly: true))
            let content = try file.read { db -> KeyedContent in
                // A file that is there and empty, or of another program: whoever opens it next says so.
                guard try db.tableExists("device"), try db.tableExists("frame") else {
                    return KeyedContent(kiosks: 0, records: 0)
                }
                let row = try Row.fetchOne(db, sql: "SELECT COUNT(*), COALESCE(SUM(frames), 0) FROM device")
                let newest = try Data.fetchOne(
                    db,
                    sql: """
                        SELECT bytes FROM frame WHERE state = 'accepted' AND length(bytes) > 0
                        ORDER BY rowid DESC LIMIT 1
                        """)
                return KeyedContent(
                    kiosks: row?[0] ?? 0, records: row?[1] ?? 0,
                    headquartersID: try db.tableExists("keyOwner")
                        ? Data.fetchOne(db, sql: "SELECT headquartersID FROM keyOwner") : nil,
                    sealingKeyID: newest.flatMap { try? RecordFrame.decode($0).identity.keyID })
            }
            try file.close()
            return content
        } catch let error as DatabaseError {
            throw mapped(error)
        }
    }

    /// Writes down whose keys this database needs. Only for keys that were compared with `keyedContent`.
    public func noteKeyOwner(_ headquartersID: Data) async throws {
        let noted = try await read { try Data.fetchOne($0, sql: "SELECT headquartersID FROM keyOwner") }
        // Headquarters starts on a full disk, too.
        if noted == headquartersID { return }
        try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO keyOwner (id, headquartersID) VALUES (1, ?1)
                    ON CONFLICT (id) DO UPDATE SET headquartersID = ?1
                    """,
                arguments: [headquartersID])
        }
    }
}
