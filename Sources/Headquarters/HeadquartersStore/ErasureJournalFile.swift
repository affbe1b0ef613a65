// The erasure journal as a file: one line per directive, added and synced, never changed.

import DurableFiles
public import HeadquartersCore
import SyncProtocol

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
#if canImport(Glibc)
import Glibc
#endif

/// `erasures.journal`, in the state folder and in every folder of backups. A line is the directive in Base64, a space, and
/// the first 16 hexadecimal digits of its SHA-256; so damage stays within its line, and a torn end is one damaged line.
/// Processes take turns by `flock` on the file.
public struct ErasureJournalFile: ErasureJournal {
    public static let name = "erasures.journal"
    /// 64 MiB: 200,000 erasures.
    private static let bytesMax = 64 << 20
    private static let checkDigits = 16

    public let path: String

    /// - Parameter folder: has to exist.
    public init(folder: String) {
        path = folder + "/" + Self.name
    }

    public func append(_ directives: [Data]) throws {
        guard directives.allSatisfy({ (1...ErasureJournalContent.directiveBytesMax).contains($0.count) }) else {
            throw HeadquartersStoreError(.failed, "an erasure directive is empty or too large for \(path)")
        }
        if directives.isEmpty { return }
        let lock = try FileLock(path: path)
        try lock.lock()
        defer { lock.unlock() }
        let content = try DurableFile.read(path, bytesMax: Self.bytesMax) ?? Data()
        var known = Set(Self.read(content).directives)
        let new = directives.filter { known.insert($0).inserted }
        if new.isEmpty { return }
        // A torn end must not swallow the next line.
        let gap = content.isEmpty || content.last == UInt8(ascii: "\n") ? "" : "\n"
        try DurableFile.append(Data((gap + new.map(Self.line).joined()).utf8), to: path)
    }

    public func read() throws -> ErasureJournalContent {
        Self.read(try DurableFile.read(path, bytesMax: Self.bytesMax) ?? Data())
    }

    /// Makes both journals hold what either holds. Returns what only `other` had.
    func join(_ other: ErasureJournalFile) throws -> [Data] {
        let mine = try read().directives
        let theirs = try other.read().directives
        try other.append(mine)
        try append(theirs)
        return theirs.filter { !mine.contains($0) }
    }

    private static func line(_ directive: Data) -> String {
        "\(directive.base64EncodedString()) \(check(directive))\n"
    }

    private static func check(_ directive: Data) -> Substring {
        Hexadecimal.encode(SHA256Digest.of(directive)).prefix(checkDigits)
    }

    private static func read(_ content: Data) -> ErasureJournalContent {
        var found = ErasureJournalContent()
        var known: Set<Data> = []
        for line in content.split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 1)
            guard parts.count == 2, let directive = Data(base64Encoded: Data(parts[0])),
                String(decoding: parts[1], as: UTF8.self) == check(directive)
            else {
                found.damagedLines += 1
                continue
            }
            if known.insert(directive).inserted { found.directives.append(directive) }
        }
        return found
    }
}
