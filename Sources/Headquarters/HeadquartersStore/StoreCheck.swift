// Whether the database says the truth about itself: one line per question.

import GRDB
import HeadquartersCore
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#endif

/// One question and its answer.
public struct CheckLine: Hashable, Sendable {
    public enum Verdict: String, Sendable {
        case ok
        /// No damage, and somebody has to look.
        case look
        case wrong = "FALSE"
    }

    public var verdict: Verdict
    public var name: String
    /// What was counted, and what to do; never personal data.
    public var text: String

    public init(_ verdict: Verdict, _ name: String, _ text: String) {
        self.verdict = verdict
        self.name = name
        self.text = text
    }
}

/// Reads one snapshot of the database, also while headquartersd serves; every frame is read once.
public enum StoreCheck {
    /// Of the lines about single lineages; the rest is counted.
    private static let detailsMax = 20

    /// Damage is a line. Throws `HeadquartersStoreError` where there is no database, or the disk does not let it be read.
    public static func run(stateFolder: String) async throws -> [CheckLine] {
        let path = try existing(stateFolder: stateFolder)
        do {
            let file = try DatabaseQueue(
                path: path, configuration: BackupCopy.configuration(isReadOnly: true))
            return try await file.read { db in
                let migrator = SQLiteHeadquartersStore.migrator()
                guard try !migrator.hasBeenSuperseded(db) else {
                    let error = HeadquartersStoreError(.newerProgram, SQLiteHeadquartersStore.newerText)
                    return [CheckLine(.wrong, "program", "\(error)")]
                }
                guard try migrator.hasCompletedMigrations(db) else {
                    throw HeadquartersStoreError(
                        .unsuitable, "the database is of an older headquartersd: start this one once, then check")
                }
                // The other questions are asked of a sound file: of a damaged one they say nothing that helps.
                let integrity = try integrity(db)
                if integrity.verdict == .wrong { return [integrity] }
                return try [integrity]
                    + [foreignKeys, counts, chains, frames, receipts, kiosks, durability].flatMap { try $0(db) }
            } + [journal(stateFolder)]
        } catch let error as DatabaseError {
            let error = SQLiteHeadquartersStore.mapped(error)
            guard error.code == .damaged else { throw error }
            return [damaged(error.detail), journal(stateFolder)]
        }
    }

    /// Path of the database. Throws `databaseMissing`: whoever asks must not make an empty one.
    public static func existing(stateFolder: String) throws -> String {
        let path = stateFolder + "/" + SQLiteHeadquartersStore.fileName
        guard access(path, F_OK) == 0 else { throw HeadquartersStoreError(.databaseMissing, "there is no \(path)") }
        return path
    }

    private static func integrity(_ db: Database) throws -> CheckLine {
        let found = try String.fetchAll(db, sql: "PRAGMA integrity_check(10)")
        if found == ["ok"] { return CheckLine(.ok, "integrity", "integrity_check") }
        return damaged(found.first ?? "integrity_check says nothing")
    }

    private static func damaged(_ detail: String) -> CheckLine {
        CheckLine(.wrong, "integrity", "\(HeadquartersStoreError(.damaged, detail))")
    }

    private static func foreignKeys(_ db: Database) throws -> [CheckLine] {
        let broken = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").count
        return [line(broken == 0, "foreign keys", "\(broken) rows name others that are not there")]
    }

    private static func line(_ isTrue: Bool, _ name: String, _ text: String) -> CheckLine {
        CheckLine(isTrue ? .ok : .wrong, name, text)
    }

    /// Each accepted frame is one record, and each record one accepted frame. Of who was erased before there is a frame
    /// without bytes and no record.
    private static func counts(_ db: Database) throws -> [CheckLine] {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT (SELECT COUNT(*) FROM frame) AS frames, (SELECT COUNT(*) FROM record) AS records,
                    (SELECT COUNT(*) FROM frame WHERE state = 'held') AS held,
                    (SELECT COUNT(*) FROM frame LEFT JOIN record USING (digest)
                        WHERE record.digest IS NULL AND state = 'accepted' AND length(bytes) = 0) AS erased,
                    (SELECT COUNT(*) FROM record JOIN frame USING (digest)
                        WHERE frame.state = 'accepted' AND frame.recordID = record.recordID) AS paired
                """)
        let erased: Int = row?["erased"] ?? 0
        let (frames, records, held): (Int, Int, Int) = (row?["frames"] ?? 0, row?["records"] ?? 0, row?["held"] ?? 0)
        let isTrue = frames == records + held + erased && (row?["paired"] ?? 0) == records
        let hint = held > 0 ? "; the log says why records are held" : ""
        return [line(isTrue, "counts", "\(frames) frames, \(records) records + \(held) held + \(erased) erased\(hint)")]
    }

    // MARK: Chains

    private static func chains(_ db: Database) throws -> [CheckLine] {
        var lines: [CheckLine] = []
        let rows = try Row.fetchAll(
            db, sql: "SELECT lineage.*, kioskLabel FROM lineage JOIN device USING (deviceID) ORDER BY firstSeenAt")
        var records: Int64 = 0
        for row in rows {
            records += row["contiguousThrough"]
            lines += try chain(row, db)
        }
        let wrong = lines.filter { $0.verdict == .wrong }.count
        var result = [line(wrong == 0, "chains", "\(rows.count) lineages, \(records) records without a gap")]
        result += lines.prefix(detailsMax)
        if lines.count > detailsMax {
            result.append(CheckLine(.look, "chains", "and \(lines.count - detailsMax) lines more about lineages"))
        }
        return result
    }

    private static func chain(_ row: Row, _ db: Database) throws -> [CheckLine] {
        let (device, lineage): (Data, Data) = (row["deviceID"], row["lineageID"])
        let name = "\(row["kioskLabel"] as String) \(Hexadecimal.encode(lineage).prefix(8))"
        let through: Int64 = row["contiguousThrough"]
        let found = try Row.fetchOne(
            db,
            sql: """
                SELECT COALESCE(MAX(sequence), 0) AS highest,
                    COUNT(DISTINCT CASE WHEN sequence BETWEEN 1 AND ?3 THEN sequence END) AS present,
                    MAX(sequence = ?3 AND digest = ?4) AS isDigestThere
                FROM frame WHERE deviceID = ?1 AND lineageID = ?2
                """,
            arguments: [device, lineage, through, row["digestAtContiguous"] as Data])
        var lines: [CheckLine] = []
        if (found?["present"] ?? 0) != through || (found?["highest"] ?? 0) != row["highestSequence"] as Int64
            || (through > 0 && (found?["isDigestThere"] as Bool?) != true)
        {
            lines.append(CheckLine(.wrong, "chain", "\(name): it is not as far as it says; restore the newest backup"))
        }
        let state = try SQLiteHeadquartersStore.lineageState(lineage, of: device, db)
        let said: Int64 = row["saidLastSequence"]
        var missing = state.gaps.map { "\($0.lowerBound)-\($0.upperBound)" }
        if said > state.highestSequence { missing.append("\(state.highestSequence + 1)-\(said)") }
        if !missing.isEmpty {
            lines.append(
                CheckLine(
                    .look, "gap",
                    "\(name) lacks \(missing.joined(separator: ", ")): the kiosk sends what it still has with its next "
                        + "contact; what it has purged is in the newest backup (restore) or on a stick (import)"))
        }
        return lines
    }

    /// Each frame is what its digest says, signed by nobody else since; and it follows the one before it.
    private static func frames(_ db: Database) throws -> [CheckLine] {
        let forks = try Set(Data.fetchAll(db, sql: "SELECT digest FROM fork WHERE kind = 'sequence'"))
        var (read, wiped, altered, unlinked) = (0, 0, 0, 0)
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT frame.*, COALESCE(record.wipedAt IS NOT NULL OR record.isErased, 1) AS isWiped
                FROM frame LEFT JOIN record USING (digest) ORDER BY frame.deviceID, frame.lineageID, frame.sequence
                """)
        var before: (device: Data, lineage: Data, sequence: Int64, digests: Set<Data>)?
        while let row = try rows.next() {
            let (device, lineage): (Data, Data) = (row["deviceID"], row["lineageID"])
            let (sequence, digest, bytes): (Int64, Data, Data) = (row["sequence"], row["digest"], row["bytes"])
            let isSameLineage = before?.device == device && before?.lineage == lineage
            if bytes.isEmpty, row["isWiped"] {
                wiped += 1
            } else {
                read += 1
                if SHA256Digest.of(bytes) != digest { altered += 1 }
                // A fork is noted at the frame that came second, which may be the one before this.
                if isSameLineage, let before, before.sequence == sequence - 1, !forks.contains(digest),
                    before.digests.isDisjoint(with: forks),
                    let previous = try? RecordFrame.decode(bytes).body.place.previousDigest,
                    !before.digests.contains(previous)
                {
                    unlinked += 1
                }
            }
            if isSameLineage, before?.sequence == sequence {
                before?.digests.insert(digest)
            } else {
                before = (device, lineage, sequence, [digest])
            }
        }
        return [
            line(altered == 0, "frames", "\(read) read, \(altered) are not what their digest says; \(wiped) wiped"),
            line(unlinked == 0, "links", "\(unlinked) frames do not follow the one before them"),
        ]
    }

    // MARK: Receipts, kiosks, backups

    /// Serials of a generation have no gaps and end at its newest one.
    private static func receipts(_ db: Database) throws -> [CheckLine] {
        let wrong =
            try Int.fetchOne(
                db,
                sql: """
                    SELECT COUNT(*) FROM (
                        SELECT newestSerial, COUNT(serial) AS given, MIN(serial) AS first, MAX(serial) AS last
                        FROM generation JOIN receipt USING (generationID) GROUP BY generationID)
                    WHERE last <> newestSerial OR given <> last - first + 1
                    """) ?? 0
        let given = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM receipt") ?? 0
        let generations = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM generation WHERE startedAt > 0") ?? 0
        let restored = generations > 0 ? "; restored from a backup \(generations) times" : ""
        return [
            line(
                wrong == 0, "receipts", "\(given) given, their serials are\(wrong == 0 ? "" : " not") whole\(restored)")
        ]
    }

    private static func kiosks(_ db: Database) throws -> [CheckLine] {
        let wrong =
            try Int.fetchOne(
                db,
                sql: """
                    SELECT COUNT(*) FROM device WHERE frames <> (
                        SELECT COUNT(*) FROM frame WHERE frame.deviceID = device.deviceID)
                    """) ?? 0
        let kiosks = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM device") ?? 0
        return [line(wrong == 0, "kiosks", "\(kiosks), \(wrong) with another count of records than there are")]
    }

    private static func durability(_ db: Database) throws -> [CheckLine] {
        let ahead =
            try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM lineage WHERE durableThrough > contiguousThrough") ?? 0
        let newest = try Row.fetchOne(
            db,
            sql: """
                SELECT folder, name FROM backup WHERE verifiedAt IS NOT NULL AND removedAt IS NULL
                ORDER BY number DESC LIMIT 1
                """)
        let marks = line(ahead == 0, "durable", "\(ahead) lineages are said to be durable beyond what is here")
        guard let newest else {
            return [marks, CheckLine(.look, "backup", "none was verified yet: headquartersd backup --to FOLDER")]
        }
        return [
            marks,
            CheckLine(
                .ok, "backup", "the newest verified one is \(newest["folder"] as String)/\(newest["name"] as String)"),
        ]
    }

    private static func journal(_ stateFolder: String) -> CheckLine {
        do {
            let content = try ErasureJournalFile(folder: stateFolder).read()
            return CheckLine(
                content.damagedLines == 0 ? .ok : .look, "erasures",
                "\(content.directives.count) in the journal, \(content.damagedLines) damaged lines")
        } catch {
            return CheckLine(.wrong, "erasures", "\(error)")
        }
    }
}
