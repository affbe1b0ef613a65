// Which fair and day were open, kept outside the database so that a new database goes on with them.

import DurableFiles
import Foundation
import JobFair
import KioskCore

/// `open.fair`: one line, `fair id, day, confirmed or unconfirmed`, or `closed`. Written after each change of fair or day;
/// read only where the database is new. Confined to the queue of the database.
struct OpenFairFile {
    private static let closed = "closed\n"
    let path: String

    /// Durable when it returns; what is there already is not written again.
    func keep(_ open: OpenFair?) throws(DurableFileError) {
        let text =
            open.map { "\($0.fairID) \($0.day) \($0.isDayConfirmed ? "confirmed" : "unconfirmed")\n" } ?? Self.closed
        if let old = try? DurableFile.read(path), old == Data(text.utf8) { return }
        try DurableFile.replace(path, with: Data(text.utf8))
    }

    /// Nil: none, or the file says nothing that can be read.
    func read() -> OpenFair? {
        guard let bytes = try? DurableFile.read(path) else { return nil }
        let parts = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard parts.count == 3, let fairID = FairID(parts[0]), let day = CalendarDate(String(parts[1])) else {
            return nil
        }
        return OpenFair(fairID: fairID, day: day, isDayConfirmed: parts[2] == "confirmed")
    }
}
