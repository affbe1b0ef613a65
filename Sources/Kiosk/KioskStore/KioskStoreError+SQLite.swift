// The one place that maps SQLite's result codes, and what the system refuses, to errors of ours.

import DurableFiles
import GRDB
import KioskCore

extension KioskStoreError {
    init(_ error: DurableFileError) {
        self.init(
            error.isDiskFull ? .diskFull : error.isDiskFailing ? .diskFailing : .notWritable, error.description,
            hint: error.isDiskFull ? "make room on the disk" : "check owner and mode of the file and its folder")
    }

    /// - Parameter path: names the file in the text.
    static func opening(_ path: String, _ error: any Error) -> KioskStoreError {
        if let known = error as? KioskStoreError { return known }
        if let error = error as? DurableFileError { return KioskStoreError(error) }
        guard let error = error as? DatabaseError else {
            return KioskStoreError(.failed, "\(path): \(type(of: error))")
        }
        let number = "SQLite result \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return KioskStoreError(
                .inUse, "\(path) is held by another process", hint: "stop the other kioskd, or wait until it has ended")
        case .SQLITE_NOTADB:
            return KioskStoreError(.notOurs, "\(path) is no SQLite file", hint: "move it away and start again")
        case .SQLITE_CORRUPT:
            return KioskStoreError(
                .corrupted, "\(path) is damaged (\(number))",
                hint: "keep the file and its -wal for salvage, move both away and start again")
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
            return KioskStoreError(
                .notWritable, "\(path) cannot be opened for writing (\(number))",
                hint: "check owner and mode of the file and its folder")
        case .SQLITE_FULL: return KioskStoreError(.diskFull, "no room for \(path)", hint: "make room on the disk")
        case .SQLITE_IOERR:
            return KioskStoreError(
                .diskFailing, "\(path) cannot be read or written (\(number))", hint: "check the disk: dmesg")
        default:
            // The message names tables and columns, never a value: values are bound.
            return KioskStoreError(.failed, "\(path): \(number), \(error.message ?? "no message")")
        }
    }
}

extension RecordStoreError {
    /// For errors before a commit: nothing of the transaction remains.
    static func beforeCommit(_ error: any Error) -> RecordStoreError {
        if let known = error as? RecordStoreError { return known }
        guard let error = error as? DatabaseError else { return .failed(code: ResultCode.SQLITE_ERROR.rawValue) }
        return error.resultCode == .SQLITE_FULL ? .diskFull : .failed(code: error.extendedResultCode.rawValue)
    }
}

extension DatabaseError {
    /// The file is not what SQLite wrote.
    var isDamage: Bool { resultCode == .SQLITE_CORRUPT || resultCode == .SQLITE_NOTADB }

    /// After these the file or the disk cannot be trusted to work: the process has to start anew.
    var stopsTheStore: Bool {
        switch resultCode {
        case .SQLITE_IOERR, .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_READONLY, .SQLITE_CANTOPEN: true
        default: false
        }
    }
}
