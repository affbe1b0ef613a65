// Small files that survive a power cut whole or not at all, and secrets that only the daemon may read.

import Glibc

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What the system refused: which call, which file, errno. Never holds content.
public struct DurableFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// `open`, `write`, `fsync` ...
    public var call: String
    public var path: String
    public var number: Int32

    public init(call: String, path: String, number: Int32) {
        self.call = call
        self.path = path
        self.number = number
    }

    public var isDiskFull: Bool { number == ENOSPC || number == EDQUOT }
    public var isDiskFailing: Bool { number == EIO }
    public var isReadOnly: Bool { number == EROFS }

    public var description: String {
        "\(call) \(path): " + (number == 0 ? "not as it should be" : String(cString: strerror(number)))
    }
}

/// Replaces, reads and creates files. `replace` writes beside the target, syncs, renames, syncs the folder: after a
/// power cut there is the old file or the new one (rename(2), fsync(2)).
public enum DurableFile {
    /// Far above any key, certificate or small state file here.
    public static let sizeBytesMax = 1 << 20

    /// - Parameters:
    ///   - path: replaced at once.
    ///   - mode: 0600 for secrets, 0644 for public parts.
    public static func replace(_ path: String, with bytes: Data, mode: UInt32 = 0o600) throws(DurableFileError) {
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw error("open", temporary) }
        do throws(DurableFileError) {
            defer { close(descriptor) }
            if fchmod(descriptor, mode) != 0 { throw error("fchmod", temporary) }
            try writeAll(bytes, to: descriptor, path: temporary)
        } catch {
            unlink(temporary)
            throw error
        }
        try replace(path, withFile: temporary)
    }

    /// Syncs `temporary`, renames it to `path`, syncs the folder.
    public static func replace(_ path: String, withFile temporary: String) throws(DurableFileError) {
        try sync(temporary)
        guard rename(temporary, path) == 0 else { throw error("rename", path) }
        try sync(folder(of: path))
    }

    /// Gives a file a second name, so that what it holds outlives a replacement of `path`. Throws EEXIST where the name is
    /// taken.
    public static func link(_ path: String, as other: String) throws(DurableFileError) {
        guard Glibc.link(path, other) == 0 else { throw error("link", other) }
        try sync(folder(of: other))
    }

    /// Adds to the end of a file, which is made where there is none; on disk when this returns. A power cut in between may
    /// leave a part of `bytes` there.
    public static func append(_ bytes: Data, to path: String, mode: UInt32 = 0o600) throws(DurableFileError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw error("open", path) }
        defer { close(descriptor) }
        try writeAll(bytes, to: descriptor, path: path)
        guard fsync(descriptor) == 0 else { throw error("fsync", path) }
        try sync(folder(of: path))
    }

    /// Nil where there is no such file. A larger one than `bytesMax` is refused with EFBIG: above `sizeBytesMax` it is not
    /// one of ours.
    public static func read(_ path: String, bytesMax: Int = sizeBytesMax) throws(DurableFileError) -> Data? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw error("open", path)
        }
        defer { close(descriptor) }
        var content = Data()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw error("read", path) }
            if count == 0 { return content }
            content.append(contentsOf: buffer.prefix(count))
            guard content.count <= bytesMax else {
                throw DurableFileError(call: "read", path: path, number: EFBIG)
            }
        }
    }

    /// As `read`; a secret that others may read is refused with EPERM.
    public static func readSecret(_ path: String) throws(DurableFileError) -> Data? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw error("stat", path)
        }
        guard status.st_mode & 0o077 == 0 else {
            throw DurableFileError(call: "read secret (mode is not 0600)", path: path, number: EPERM)
        }
        return try read(path)
    }

    /// The secret in the file; where there is none, `make` fills it first.
    public static func readOrCreateSecret(_ path: String, make: () -> Data) throws(DurableFileError) -> Data {
        if let bytes = try readSecret(path) { return bytes }
        let bytes = make()
        try replace(path, with: bytes)
        return bytes
    }

    /// Makes an empty file of mode 0600 where there is none; true where it made one.
    public static func create(_ path: String) throws(DurableFileError) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor < 0 {
            if errno == EEXIST { return false }
            throw error("create", path)
        }
        close(descriptor)
        try sync(folder(of: path))
        return true
    }

    /// Makes a folder that only its owner may enter, and the folders above it, where they are not there.
    public static func makeFolder(_ path: String) throws(DurableFileError) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, folder(of: path) != path else { throw error("mkdir", path) }
        try makeFolder(folder(of: path))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw error("mkdir", path) }
    }

    /// Bytes of a file.
    public static func size(_ path: String) throws(DurableFileError) -> Int64 {
        var status = stat()
        guard stat(path, &status) == 0 else { throw error("stat", path) }
        return Int64(status.st_size)
    }

    /// Makes a file of `bytes` that really takes their room on the disk (posix_fallocate(3)), whole or not at all.
    public static func reserve(_ path: String, bytes: Int) throws(DurableFileError) {
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw error("open", temporary) }
        let refused = posix_fallocate(descriptor, 0, off_t(bytes))
        close(descriptor)
        guard refused == 0 else {
            unlink(temporary)
            throw DurableFileError(call: "posix_fallocate", path: temporary, number: refused)
        }
        try replace(path, withFile: temporary)
    }

    /// Syncs a file or a folder.
    public static func sync(_ path: String) throws(DurableFileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw error("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw error("fsync", path) }
    }

    public static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func writeAll(_ bytes: Data, to descriptor: Int32, path: String) throws(DurableFileError) {
        let bytes = [UInt8](bytes)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw error("write", path) }
            written += count
        }
    }

    private static func error(_ call: String, _ path: String) -> DurableFileError {
        DurableFileError(call: call, path: path, number: errno)
    }
}
