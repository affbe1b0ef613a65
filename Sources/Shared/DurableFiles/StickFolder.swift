// The folder on a stick: which files are read, in bounded pieces, and how new ones are named.

import Glibc
public import SyncProtocol

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// `JOBFAIR/` on a stick (docs/protocol.md, Sticks). What stands there was written by anybody: names are never used as
/// paths, links are not followed, sizes are bounded, and what is read counts by its signatures alone.
public struct StickFolder: Sendable {
    /// Files that are read; a stick of twenty kiosks with several pieces each has fewer.
    public static let filesMax = 1000
    /// Bytes of a file that are read; ours end at 64 MiB and one entry.
    public static let fileBytesMax: Int64 = 128 << 20
    /// Bytes read at once.
    static let readBytes = 256 << 10

    public let path: String

    /// - Parameter stick: the stick's top folder, or the `JOBFAIR` folder itself.
    public init(stick: String) {
        var trimmed = Substring(stick)
        while trimmed.count > 1, trimmed.last == "/" { trimmed.removeLast() }
        let name = trimmed.split(separator: "/").last.map(String.init) ?? ""
        path = name == StickFile.folderName ? String(trimmed) : "\(trimmed)/\(StickFile.folderName)"
    }

    /// Makes the folder where it is not there. Its parent has to be.
    public func make() throws(DurableFileError) {
        if mkdir(path, 0o755) == 0 {
            try DurableFile.sync(DurableFile.folder(of: path))
        } else if errno != EEXIST {
            throw DurableFileError(call: "mkdir", path: path, number: errno)
        }
    }

    /// Names of finished files, sorted; throws where the folder cannot be read, ENOENT where there is none.
    public func names() throws(DurableFileError) -> [String] {
        guard let handle = opendir(path) else {
            throw DurableFileError(call: "open", path: path, number: errno)
        }
        defer { closedir(handle) }
        var names: [String] = []
        while names.count < Self.filesMax, let entry = readdir(handle) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasSuffix(StickFile.nameSuffix), !name.hasPrefix("."), !name.contains("/"),
                name.utf8.count <= StickFile.nameCharactersMax
            else { continue }
            names.append(name)
        }
        return names.sorted()
    }

    /// Removes finished files, syncs the folder, and looks whether they are gone.
    ///
    /// - Parameter names: as `names()` gave them.
    public func remove(_ names: [String]) throws(DurableFileError) {
        for name in names where unlink("\(path)/\(name)") != 0 && errno != ENOENT {
            throw DurableFileError(call: "unlink", path: path, number: errno)
        }
        try DurableFile.sync(path)
        if try !Set(names).isDisjoint(with: self.names()) {
            throw DurableFileError(call: "unlink (still there)", path: path, number: 0)
        }
    }

    /// Every intact entry of a file, in order, and what was passed over. A place the stick cannot read is damage like any
    /// other; throws only where the file cannot be opened, and what `take` throws.
    public func read(_ name: String, _ take: (StickEntry) throws -> Void) throws -> StickDamage {
        let file = "\(path)/\(name)"
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw DurableFileError(call: "open", path: file, number: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw DurableFileError(call: "read (not a file)", path: file, number: 0)
        }
        let end = min(Int64(status.st_size), Self.fileBytesMax)
        var reader = StickFileReader()
        var unreadable = 0
        var buffer = [UInt8](repeating: 0, count: Self.readBytes)
        var offset: Int64 = 0
        while offset < end {
            let wanted = Int(min(Int64(Self.readBytes), end - offset))
            var count = pread(descriptor, &buffer, wanted, off_t(offset))
            if count < 0, errno == EINTR { continue }
            if count == 0 { break }
            if count < 0 {
                // A bad block: zeros in its place, and on behind it.
                count = min(4096, wanted)
                for index in 0..<count { buffer[index] = 0 }
                unreadable += count
                guard unreadable <= 4 << 20 else { break }
            }
            reader.append(Data(buffer[..<count]))
            offset += Int64(count)
            while let entry = reader.next() { try take(entry) }
        }
        reader.finish()
        while let entry = reader.next() { try take(entry) }
        return reader.damage
    }

    /// A new file under the first number that is free for this role, device and lineage, its magic line written.
    public func begin(_ role: StickFile.Role, device: Data, lineage: Data) throws(DurableFileError) -> VerifiedFile {
        for number in 1...9999 {
            do throws(DurableFileError) {
                let name = StickFile.name(role, device: device, lineage: lineage, number: number)
                let file = try VerifiedFile(folder: path, name: name)
                try file.append(StickFile.magic)
                return file
            } catch {
                guard error.number == EEXIST else { throw error }
            }
        }
        throw DurableFileError(call: "create (9999 files are there)", path: path, number: EEXIST)
    }
}
