// A folder of PNG files in place of a printer: `make run`, tests, and kiosks that only show.

import Glibc
public import KioskCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Writes each slip as `<name>.png`, under a temporary name first: whoever watches the folder never sees half a slip.
/// Files are never readable by others, because a slip carries a number that leads to a person: by owner and group, and
/// under the umask of kioskd.service (077) by the owner alone.
public final class FolderPrinter: PrinterPort {
    public let name: String
    private static let allowedInNames = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-".utf8)

    private let folder: String
    private let queue: BlockingQueue

    /// - Parameter folder: is made where it does not exist.
    public init(folder: String) {
        self.folder = folder
        name = "folder \(folder)"
        queue = BlockingQueue(label: "printer.folder")
    }

    /// - Throws: `notWritable`.
    public func send(_ slip: PrintableSlip) async throws(PrinterError) {
        try await queue.run { [folder, name] _ throws(PrinterError) in
            try Self.write(slip, to: folder, printer: name)
        }
    }

    private static func write(_ slip: PrintableSlip, to folder: String, printer: String) throws(PrinterError) {
        // The name becomes a file name.
        guard (1...64).contains(slip.name.utf8.count), slip.name.utf8.allSatisfy(allowedInNames.contains) else {
            throw PrinterError(code: .notWritable, detail: "\(printer): a slip's name is letters, digits and '-'")
        }
        func failure(_ doing: String) -> PrinterError {
            PrinterError(code: .notWritable, detail: "\(printer): \(doing): \(String(cString: strerror(errno)))")
        }
        if mkdir(folder, 0o750) != 0, errno != EEXIST { throw failure("make the folder") }
        let path = "\(folder)/\(slip.name).png"
        let temporary = "\(folder)/.\(slip.name).png.new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { throw failure("open") }
        let written = writeAll(slip.png.withUnsafeBytes { Array($0) }, to: descriptor)
        // A full disk may show only here.
        var error: PrinterError? = written && fsync(descriptor) == 0 ? nil : failure("write")
        close(descriptor)
        if error == nil, rename(temporary, path) != 0 { error = failure("rename") }
        if let error {
            unlink(temporary)
            throw error
        }
    }

    /// False with `errno` set.
    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + offset }, bytes.count - offset)
            }
            if count > 0 { offset += count } else if count == 0 || errno != EINTR { return false }
        }
        return true
    }
}
