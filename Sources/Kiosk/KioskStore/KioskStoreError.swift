// Why a file of the store could not be opened, or why the store stopped.

/// An error of opening or keeping a file; the text is for the technician and never holds a value of a row.
public struct KioskStoreError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// Another process holds the file.
        case inUse
        /// The file was made by a newer version of this program.
        case newerVersion
        /// The file is no file of this program.
        case notOurs
        /// SQLite reads the file as damaged.
        case corrupted
        /// SQLite did not take a setting on which safety rests.
        case settingRefused
        /// The SQLite library is older than this program needs.
        case libraryTooOld
        /// File or folder cannot be written.
        case notWritable
        /// No room on the disk.
        case diskFull
        /// The disk does not read or write as it should.
        case diskFailing
        /// A commit whose outcome is unknown, or an input/output error: the process has to start anew.
        case stopped
        /// SQLite said something else.
        case failed
    }

    public var code: Code
    public var detail: String
    /// What a person can do about it.
    public var hint: String

    public init(_ code: Code, _ detail: String, hint: String = "") {
        self.code = code
        self.detail = detail
        self.hint = hint
    }

    public var description: String {
        hint.isEmpty ? "\(code.rawValue): \(detail)" : "\(code.rawValue): \(detail); \(hint)"
    }
}
