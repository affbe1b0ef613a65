// A disk that fails or hangs on demand: SQLite's own write call, replaced for the files of one folder.

import CSQLite
import Foundation
import Synchronization

/// Faults for every file whose path begins with a prefix; other tests of the process notice nothing.
enum FakeDisk {
    enum Fault {
        /// The write fails with this errno.
        case failing(Int32)
        /// The bytes reach the file, and yet an error is reported: the outcome is unknown.
        case failingAfterWriting(Int32)
        /// The write waits until the fault is taken away.
        case hanging
    }

    private static let faults = Mutex<[String: Fault]>([:])

    static func set(_ fault: Fault?, under prefix: String) {
        _ = isInstalled
        faults.withLock { $0[prefix] = fault }
    }

    private static func fault(of descriptor: Int32) -> Fault? {
        let faults = faults.withLock { $0 }
        guard !faults.isEmpty else { return nil }
        let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
        return faults.first { path?.hasPrefix($0.key) == true }?.value
    }

    /// `xSetSystemCall` of the default VFS (sqlite.org/c3ref/vfs.html).
    private static let isInstalled: Bool = {
        typealias Write = @convention(c) (Int32, UnsafeRawPointer?, Int, Int64) -> Int
        let write: Write = { descriptor, bytes, count, offset in
            while true {
                switch FakeDisk.fault(of: descriptor) {
                case .failing(let number)?:
                    errno = number
                    return -1
                case .failingAfterWriting(let number)?:
                    _ = pwrite(descriptor, bytes, count, Int(offset))
                    errno = number
                    return -1
                case .hanging?: usleep(1000)
                case nil: return pwrite(descriptor, bytes, count, Int(offset))
                }
            }
        }
        guard let vfs = sqlite3_vfs_find(nil) else { return false }
        return vfs.pointee.xSetSystemCall(vfs, "pwrite64", unsafeBitCast(write, to: sqlite3_syscall_ptr.self))
            == SQLITE_OK
    }()
}

/// Commits in a write-ahead log, counted in its bytes (sqlite.org/fileformat2.html, section 4.1).
enum WriteAheadLog {
    static func commits(in path: String) throws -> Int { try ends(in: path).count }

    /// Where each commit ends, in bytes.
    static func ends(in path: String) throws -> [Int] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        func number(at offset: Int) -> UInt32 { bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } }
        guard bytes.count > 32 else { return [] }
        let salt = bytes[16..<24]
        let frames = stride(from: 32, to: bytes.count - 24, by: 24 + 4096).filter { frame in
            bytes[frame + 8..<frame + 16] == salt && number(at: frame + 4) != 0
        }
        return frames.map { $0 + 24 + 4096 }
    }
}
