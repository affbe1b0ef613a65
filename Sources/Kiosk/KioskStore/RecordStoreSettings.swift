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

    public init(path: String, pairFilePath: String, sizeBytesMax: Int? = nil) {
        self.path = path
        self.pairFilePath = pairFilePath
        self.sizeBytesMax = sizeBytesMax
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
}
