// Locks between processes: one server per state folder, one writer at a time.

import HeadquartersCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#endif

/// An exclusive `flock` on a file of its own (flock(2)): let go by the kernel when the process ends, however it ends.
final class FileLock: Sendable {
    private let descriptor: Int32

    init(path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw HeadquartersStoreError(.failed, "cannot open \(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    /// False where another process has it.
    func tryLock() -> Bool {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno != EINTR { return false }
        }
        return true
    }

    /// Waits. Holders keep it for one transaction only.
    func lock() throws {
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                throw HeadquartersStoreError(.failed, "flock: \(String(cString: strerror(errno)))")
            }
        }
    }

    func unlock() {
        _ = flock(descriptor, LOCK_UN)
    }
}

/// Held by `headquartersd serve` as long as it lives.
public final class InstanceLock: Sendable {
    private let lock: FileLock

    /// Throws `served` where another `headquartersd` serves from this folder.
    public init(stateFolder: String) throws {
        let path = stateFolder + "/headquarters.lock"
        lock = try FileLock(path: path)
        guard lock.tryLock() else {
            throw HeadquartersStoreError(.served, "another headquartersd serves from \(stateFolder) (it holds \(path))")
        }
    }
}
