// Where the precious store lives, and its limits.

/// Settings of `SQLiteRecordStore`.
public struct RecordStoreSettings: Sendable {
    /// `records.sqlite`.
    public var path: String
    /// `lineage.pairs`, outside the database and its backups.
    public var pairFilePath: String
    /// Size `records.sqlite` may reach, in bytes; a full disk then is a planned state with room left to clean up.
    /// Nil: what SQLite and the disk allow.
    public var sizeBytesMax: Int?
    /// A file of 32 MiB that is given up when the disk is full. Nil: none.
    public var ballastPath: String?

    public init(path: String, pairFilePath: String, sizeBytesMax: Int? = nil, ballastPath: String? = nil) {
        self.path = path
        self.pairFilePath = pairFilePath
        self.sizeBytesMax = sizeBytesMax
        self.ballastPath = ballastPath
    }
}

/// What was found when the store was opened.
public struct RecordStoreOpening: Hashable, Sendable {
    /// The file was made just now.
    public var isNew: Bool
    /// The last process did not close the file: SQLite went through the WAL.
    public var wasUnclean: Bool
    /// Why the chain on the disk was left and a new lineage begun; nil: the chain is whole.
    public var chainProblem: String?
    /// `lineage.pairs` was gone although tickets had been given; it was made anew from the database.
    public var pairFileWasMissing: Bool
    /// A damaged database was set aside just now; nil: it was not.
    public var setAside: RecordsSetAside?
}

/// What became of a damaged database (docs/storage.md, Recovery).
public struct RecordsSetAside: Hashable, Sendable {
    /// Its new name, beside the old one.
    public var name: String
    /// Records found in it that are offered to headquarters.
    public var salvagedCount: Int
}
