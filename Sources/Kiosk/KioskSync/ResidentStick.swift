// The stick that stays in the kiosk: what stands on it, and appending to it. Blocking calls, for a thread of their own.

import DurableFiles
import Glibc
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Why nothing can be written to the stick now.
enum StickFault: Error, Hashable, Sendable {
    case missing
    case full
    case failed(String)

    init(_ error: DurableFileError) {
        switch error.number {
        case ENOENT, ENODEV, ENXIO, ENOTCONN, ESTALE: self = .missing
        case ENOSPC, EDQUOT: self = .full
        default: self = .failed(error.description)
        }
    }
}

/// A stick as it was found. No file stays open between two calls: a stick may be pulled out at any moment, and one that
/// is plugged in again gets a mount of its own.
///
/// What was written is told by the stick alone: opening reads every entry of this kiosk's files from the medium, so a
/// stick that was pulled out, replaced, put back or damaged gets exactly what it lacks.
struct ResidentStick: Sendable {
    /// 16 hexadecimal digits in `JOBFAIR/stick.id`: which stick this is, for people and to notice another one.
    let id: String
    /// Of the frames of this kiosk that are whole on it.
    let digests: Set<Digest16>

    private let folder: StickFolder
    private let device: Data
    private let statement: WireSigned?
    private let softwareVersion: String
    private let place: Place

    /// The first 16 bytes of a frame's digest: a million of them are 16 MB.
    struct Digest16: Hashable, Sendable {
        private let high: UInt64
        private let low: UInt64

        init(_ digest: Data) {
            func number(_ bytes: Data) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
            high = number(digest.prefix(8))
            low = number(digest.dropFirst(8).prefix(8))
        }
    }

    private struct Place: Hashable, Sendable {
        var device: UInt64
        var file: UInt64
    }

    // MARK: Opening

    /// - Parameters:
    ///   - path: where the stick is mounted.
    ///   - mustBeMounted: false takes a plain folder, too; else a folder on the kiosk's own disk is a missing stick.
    ///   - device: 16 bytes.
    ///   - statement: what headquarters signed at enrolment, in bytes; nil: not enrolled.
    static func open(
        _ path: String, mustBeMounted: Bool, device: Data, statement: Data?, softwareVersion: String
    ) -> Result<ResidentStick, StickFault> {
        Result { () throws(StickFault) in
            if mustBeMounted, try !isMount(path) { throw .missing }
            let folder = StickFolder(stick: path)
            do throws(DurableFileError) {
                try folder.make()
                let id = try stickID(folder)
                let found = try digests(in: folder, device: device)
                return ResidentStick(
                    id: id, digests: found, folder: folder, device: device, statement: WireSigned(statement: statement),
                    softwareVersion: softwareVersion, place: try place(of: folder.path))
            } catch {
                throw StickFault(error)
            }
        }
    }

    private static func isMount(_ path: String) throws(StickFault) -> Bool {
        var (own, parent) = (stat(), stat())
        guard stat(path, &own) == 0, stat(path + "/..", &parent) == 0 else { throw .missing }
        return own.st_dev != parent.st_dev
    }

    private static func place(of path: String) throws(DurableFileError) -> Place {
        var status = stat()
        guard stat(path, &status) == 0 else { throw DurableFileError(call: "stat", path: path, number: errno) }
        return Place(device: UInt64(status.st_dev), file: UInt64(status.st_ino))
    }

    private static func stickID(_ folder: StickFolder) throws(DurableFileError) -> String {
        let path = folder.path + "/stick.id"
        if let id = try readID(path) { return id }
        let id = String((0..<16).map { _ in "0123456789abcdef".randomElement() ?? "0" })
        try DurableFile.replace(path, with: Data("\(id)\n".utf8), mode: 0o644)
        return id
    }

    private static func readID(_ path: String) throws(DurableFileError) -> String? {
        guard let bytes = try DurableFile.read(path, bytesMax: 4096) else { return nil }
        let text = String(decoding: bytes.prefix(16), as: UTF8.self)
        return text.utf8.count == 16 && text.allSatisfy(\.isHexDigit) ? text : nil
    }

    private static func digests(in folder: StickFolder, device: Data) throws(DurableFileError) -> Set<Digest16> {
        var found: Set<Digest16> = []
        for name in try folder.names() where name.hasPrefix(prefix(device)) {
            forgetCache(of: "\(folder.path)/\(name)")
            do {
                _ = try folder.read(name) { entry in
                    if entry.kind == .frame { found.insert(Digest16(RecordFrame.digest(entry.bytes))) }
                }
            } catch let error as DurableFileError {
                throw error
            } catch {
                throw DurableFileError(call: "read", path: name, number: EIO)
            }
        }
        return found
    }

    /// What the page cache says about a stick that failed is not what is on it.
    private static func forgetCache(of path: String) {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return }
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
        close(descriptor)
    }

    private static func prefix(_ device: Data) -> String {
        let name = StickFile.name(.resident, device: device, lineage: Data(), number: 1)
        return String(name.prefix { $0 != "-" }) + "-" + name.split(separator: "-")[1] + "-"
    }

    // MARK: Appending

    /// Whether it is still there, and the same.
    func look() -> Result<Void, StickFault> {
        Result { () throws(StickFault) in
            do throws(DurableFileError) { try checkPlace() } catch { throw StickFault(error) }
        }
    }

    private func checkPlace() throws(DurableFileError) {
        guard try Self.place(of: folder.path) == place, try Self.readID(folder.path + "/stick.id") == id else {
            throw DurableFileError(call: "another stick", path: folder.path, number: ENODEV)
        }
    }

    /// Appends frames of one lineage and syncs them. After a fault nothing is known of them: open the stick anew.
    func append(_ frames: [Data], lineage: Data) -> Result<Void, StickFault> {
        Result { () throws(StickFault) in
            do throws(DurableFileError) {
                try checkPlace()
                var entries = Data()
                for frame in frames {
                    guard let entry = try? StickFile.encode(StickEntry(.frame, frame)) else { continue }
                    entries.append(entry)
                }
                try append(entries, to: try currentFile(of: lineage, adding: entries.count))
            } catch {
                throw StickFault(error)
            }
        }
    }

    private func currentFile(of lineage: Data, adding bytes: Int) throws(DurableFileError) -> String {
        for number in 1...9999 {
            let path = folder.path + "/" + StickFile.name(.resident, device: device, lineage: lineage, number: number)
            guard access(path, F_OK) == 0 else { return path }
            if try DurableFile.size(path) + Int64(bytes) <= StickFile.pieceBytesMax { return path }
        }
        throw DurableFileError(call: "create (9999 files are there)", path: folder.path, number: EEXIST)
    }

    private func append(_ entries: Data, to path: String) throws(DurableFileError) {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw DurableFileError(call: "open", path: path, number: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw DurableFileError(call: "stat", path: path, number: errno)
        }
        let bytes = [UInt8](status.st_size == 0 ? StickFile.magic + manifest + entries : entries)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let number = errno
                // Half an entry would be skipped by readers; on a full stick it would also take room for ever.
                _ = ftruncate(descriptor, status.st_size)
                throw DurableFileError(call: "write", path: path, number: number)
            }
            written += count
        }
        guard fdatasync(descriptor) == 0 else {
            throw DurableFileError(call: "fdatasync", path: path, number: errno)
        }
        if status.st_size == 0 { try DurableFile.sync(folder.path) }
    }

    private var manifest: Data {
        var manifest = WireStickManifest()
        manifest.deviceID = device
        manifest.softwareVersion = softwareVersion
        if let statement { manifest.statement = statement }
        return (try? StickFile.encode(StickEntry(.manifest, WireCoding.bytes(manifest)))) ?? Data()
    }
}
