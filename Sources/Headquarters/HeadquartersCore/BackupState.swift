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
    /// Kiosks may purge by it. False: it lies on the file system of the database, and one dead disk takes both; or this
    /// database was restored from it, and nothing newer was verified.
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
    /// Since it started this program has read something from the database that is damaged.
    public var hasSeenDamage: Bool

    public init(newest: VerifiedBackup? = nil, failure: FailedBackup? = nil, hasSeenDamage: Bool = false) {
        self.newest = newest
        self.failure = failure
        self.hasSeenDamage = hasSeenDamage
    }
}

/// What goes wrong with a backup or a restore. Never personal data.
public struct BackupError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        /// No such folder. It is not made: where a disk is not mounted, its place would be filled in its stead.
        case folderMissing
        case folderUnwritable
        /// The disk of the backups.
        case diskFull
        /// The disk of the database: a backup is noted there.
        case stateDiskFull
        /// Another backup is under way.
        case underway
        /// The copy is not what the database was: damaged on its way, or the database itself is damaged.
        case copyDamaged
        /// The file to restore from is not a backup, or damaged.
        case backupUnsuitable
        /// A folder was named where a file is wanted.
        case folderNamed
        /// A database is there already.
        case databaseExists
        /// A file of a newer backup lies beside it.
        case newerBackup
        /// Beside it lies a backup that neither came out of it nor led to it: nobody but a person can say which counts.
        case otherHistory
        case failed

        /// What a technician does about it.
        public var hint: String { words.en }
        /// The same in Chinese, as whole sentences.
        public var hintZh: String { words.zh }

        private var words: (zh: String, en: String) {
            switch self {
            case .folderMissing:
                (
                    "备份文件夹不在，盘可能没有挂上。请挂好盘，或者建好文件夹。",
                    "is the disk mounted? Mount it, or make the folder for headquartersd's user"
                )
            case .folderUnwritable:
                (
                    "备份文件夹不能写。请检查文件夹的属主，以及盘是不是只读。",
                    "headquartersd's user must be able to write there: owner, mount, and the unit's folders"
                )
            case .diskFull:
                (
                    "备份盘满了。请清理备份盘，或者换一块大的。",
                    "free space in the folder of backups; old ones are removed only after a new one was verified"
                )
            case .stateDiskFull:
                (
                    "数据库所在的盘满了（不是备份盘），请在那块盘上清出空间。",
                    "the disk of the database is full, not that of the backups: free space there"
                )
            case .underway: ("另一次备份正在进行。", "wait until it is done")
            case .copyDamaged:
                (
                    "写出来的备份和数据库不一样。请运行 headquartersd check：数据库没有问题，就是备份盘坏了，请换盘。",
                    """
                    headquartersd check says whether the database is damaged; if it is not, the disk of the backups is: \
                    take another. The backups of before stay
                    """
                )
            case .backupUnsuitable:
                ("请换一份完好的备份，越新越好。", "take another backup; the newest that is sound")
            case .folderNamed:
                ("这是文件夹，请写备份文件的名字。", "this is a folder: name the file")
            case .databaseExists:
                (
                    "恢复从不覆盖数据库：加 --move-aside，现有的会改名留下。",
                    "a restore never replaces a database: --move-aside keeps the one that is there under another name"
                )
            case .newerBackup:
                (
                    "请用新的那份；一定要用这份，加 --older，后来的记录就不在里面。",
                    "take the newer one; --older takes this one all the same, and what came later is missing"
                )
            case .otherHistory:
                (
                    "这里有互不相干的备份：有的是恢复了旧备份、或者新建了数据库以后做的。请看记录数和时间，选对的那份；"
                        + "就要用写明的这一份，加 --this-one。",
                    """
                    backups of more than one history lie here: of a database that was made anew, or after an older one was \
                    restored. Look at records and times; --this-one takes the one you named
                    """
                )
            case .failed: ("原因见运行日志。", "see the log for what was tried")
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

    public var description: String { "\(detail)\n  \(code.hintZh)\n  \(code.hint)" }
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
