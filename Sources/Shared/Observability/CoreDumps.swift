// Keeps the memory of a crashed daemon off the disk.

import CLinux

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// From here on no crash of this process leaves its memory (names, numbers, keys) in a core file or with a crash
/// collector. First call of a daemon, before it holds anything.
///
/// Two locks, since neither does alone: `RLIMIT_CORE` 0, soft and hard, stops files and cannot be raised again without
/// privilege, but a core that is piped to a program (`|` in `core_pattern`) ignores it (core(5), getrlimit(2)); a
/// process that is not dumpable leaves no core at all, and can neither be attached to nor have its memory read by other
/// programs of the same user (prctl(2), PR_SET_DUMPABLE; ptrace(2)), but `execve` sets the flag again. Root may still.
///
/// - Returns: whether this process can leave no core now. False only under a system call filter that refuses prctl.
@discardableResult public func forbidCoreDumps() -> Bool {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    // Refused by a system call filter without @resources; a unit that has one says LimitCORE=0 itself.
    setrlimit(.init(RLIMIT_CORE.rawValue), &none)
    clinux_set_dumpable(0)
    return clinux_get_dumpable() == 0
}
