// Backups of headquarters' database as the desk, the log and the commands speak of them.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A backup that was opened again and found to hold what the database held. Times are milliseconds since 1970.
public struct VerifiedBackup: Hashable, Sendable {
    /// Ascending in one database.
    public var number: Int64
    public var folder: String
    /// Of the file in `folder`.
    public var name: String
    /// It holds what was committed before.
    public var startedAt: Int64
    public var verifiedAt: Int64
    public var bytes: Int64
    /// Frames in it, held ones included.
    public var records: Int
    /// Kiosks may purge by it. False: it lies on the file system of the database, and one dead disk takes both.
    public var allowsPurge: Bool

    public init(
        number: Int64, folder: String, name: String, startedAt: Int64, verifiedAt: Int64, bytes: Int64, records: Int,
        allowsPurge: Bool
    ) {
        self.number = number
        self.folder = folder
        self.name = name
        self.startedAt = startedAt
        self.verifiedAt = verifiedAt
        self.bytes = bytes
        self.records = records
        self.allowsPurge = allowsPurge
    }

    public var path: String { folder + "/" + name }
}

/// A backup that came to nothing.
public struct FailedBackup: Hashable, Sendable {
    public var failedAt: Int64
    public var code: BackupError.Code

    public init(failedAt: Int64, code: BackupError.Code) {
        self.failedAt = failedAt
        self.code = code
    }
}

public struct BackupState: Hashable, Sendable {
    /// Nil: there is none yet.
    public var newest: VerifiedBackup?
    /// Nil: none failed after `newest`.
    public var failure: FailedBackup?

    public init(newest: VerifiedBackup? = nil, failure: FailedBackup? = nil) {
        self.newest = newest
        self.failure = failure
    }
}

/// What goes wrong with a backup or a restore. Never personal data.
public struct BackupError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        /// No such folder. It is not made: where a disk is not mounted, its place would be filled in its stead.
        case folderMissing
        case folderUnwritable
        case diskFull
        /// Another backup is under way.
        case underway
        /// The copy is not what the database was: damaged on its way, or the database itself is damaged.
        case copyDamaged
        /// The file to restore from is not a backup, or damaged.
        case backupUnsuitable
        /// A database is there already.
        case databaseExists
        /// A file of a newer backup lies beside it.
        case newerBackup
        case failed

        /// What a technician does about it.
        public var hint: String {
            switch self {
            case .folderMissing: "is the disk mounted? Mount it, or make the folder for headquartersd's user"
            case .folderUnwritable:
                "headquartersd's user must be able to write there: owner, mount, and the unit's folders"
            case .diskFull:
                "free space in the folder of backups; old ones are removed only after a new one was verified"
            case .underway: "wait until it is done"
            case .copyDamaged:
                """
                headquartersd check says whether the database is damaged; if it is not, the disk of the backups is: take \
                another. The backups of before stay
                """
            case .backupUnsuitable: "take another backup; the newest that is sound"
            case .databaseExists:
                "a restore never replaces a database: --move-aside keeps the one that is there under another name"
            case .newerBackup: "take the newer one; --older takes this one all the same, and what came later is missing"
            case .failed: "see the log for what was tried"
            }
        }
    }

    public var code: Code
    /// What was tried and what SQLite or errno said.
    public var detail: String

    public init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    public var description: String { "\(detail)\n  \(code.hint)" }
}

/// Where another lineage of a device stands, as hello tells a kiosk that has purged nothing of it yet.
public struct LineageMark: Hashable, Sendable {
    /// 16 bytes.
    public var lineageID: Data
    public var knownThrough: Int64
    public var durableThrough: Int64
    /// As in `LineageState`.
    public var digestAtDurable: Data

    /// Told at once; a device of more lineages is a device to be replaced.
    public static let marksMax = 64

    public init(lineageID: Data, knownThrough: Int64, durableThrough: Int64, digestAtDurable: Data) {
        self.lineageID = lineageID
        self.knownThrough = knownThrough
        self.durableThrough = durableThrough
        self.digestAtDurable = digestAtDurable
    }
}
