// A file for a medium that lies: what was written is read back from the medium itself before anybody is told so.

import CLinux
import Crypto
import Glibc

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Writes one file under a temporary name, syncs it, renames it, syncs the folder, and reads it back past the page cache
/// (open(2), O_DIRECT; where the file system has none: posix_fadvise(2), POSIX_FADV_DONTNEED). USB sticks lie about
/// their size and about having written; only then is a file called written.
///
/// Never replaces anything: the temporary file reserves the name.
public final class VerifiedFile {
    /// What names of unfinished files end in. Nobody reads them; `begin` takes over none.
    public static let temporarySuffix = ".part"

    public let path: String
    /// So far.
    public private(set) var byteCount: Int64 = 0
    private let temporary: String
    private var descriptor: Int32
    private var hash = SHA256()

    /// Throws EEXIST where `name` is taken, or reserved by another program.
    public init(folder: String, name: String) throws(DurableFileError) {
        path = "\(folder)/\(name)"
        temporary = path + Self.temporarySuffix
        descriptor = -1
        guard access(path, F_OK) != 0 else {
            throw DurableFileError(call: "create", path: path, number: EEXIST)
        }
        // Readable by whoever is at the place the stick goes to; nothing in it can be read without headquarters' keys.
        descriptor = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw Self.error("create", path) }
    }

    deinit { close() }

    public func append(_ bytes: Data) throws(DurableFileError) {
        precondition(descriptor >= 0, "a verified file is written once")
        let bytes = [UInt8](bytes)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.error("write", path) }
            written += count
        }
        hash.update(data: bytes)
        byteCount += Int64(bytes.count)
    }

    /// Throws EIO where what is read back is not what was written; the file is removed then.
    public func finish() throws(DurableFileError) {
        guard fsync(descriptor) == 0 else { throw Self.error("fsync", path) }
        guard access(path, F_OK) != 0 else { throw DurableFileError(call: "rename", path: path, number: EEXIST) }
        guard rename(temporary, path) == 0 else { throw Self.error("rename", path) }
        // The file system writes name and size with the folder; all of it has to be on the medium before it is read.
        try DurableFile.sync(DurableFile.folder(of: path))
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
        close()
        guard try Self.digest(of: path, byteCount: byteCount) == Array(hash.finalize()) else {
            unlink(path)
            throw DurableFileError(call: "read back (the medium holds something else)", path: path, number: EIO)
        }
    }

    /// Gives the file up; what was written is removed.
    public func abandon() {
        close()
        unlink(temporary)
    }

    private func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    // MARK: Reading back

    /// Aligned as block devices want it for O_DIRECT.
    private static let alignment = 4096
    private static let bufferBytes = 1 << 20

    private static func digest(of path: String, byteCount: Int64) throws(DurableFileError) -> [UInt8] {
        var descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | Int32(clinux_O_DIRECT))
        if descriptor < 0, errno == EINVAL { descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        guard descriptor >= 0 else { throw error("open", path) }
        defer { Glibc.close(descriptor) }
        var memory: UnsafeMutableRawPointer?
        guard posix_memalign(&memory, alignment, bufferBytes) == 0, let buffer = memory else {
            throw DurableFileError(call: "memalign", path: path, number: ENOMEM)
        }
        defer { free(buffer) }
        var hash = SHA256()
        var left = byteCount
        while left > 0 {
            let count = read(descriptor, buffer, bufferBytes)
            if count < 0, errno == EINTR { continue }
            // Some file systems take the flag and then refuse to read by it.
            if count < 0, errno == EINVAL, left == byteCount, fcntl(descriptor, F_SETFL, 0) == 0 { continue }
            guard count >= 0 else { throw error("read back", path) }
            if count == 0 { break }
            hash.update(bufferPointer: UnsafeRawBufferPointer(start: buffer, count: count))
            left -= Int64(count)
        }
        return Array(hash.finalize())
    }

    private static func error(_ call: String, _ path: String) -> DurableFileError {
        DurableFileError(call: call, path: path, number: errno)
    }
}
