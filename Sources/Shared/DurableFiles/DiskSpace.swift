// How much room a file system has, and whether two paths share one.

import Glibc

public enum DiskSpace {
    /// Bytes that a program without privileges may still write; nil where the path cannot be asked.
    public static func freeBytes(_ path: String) -> Int64? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Int64(clamping: status.f_bavail) * Int64(clamping: status.f_frsize)
    }

    /// Whether both paths lie on one file system; nil where one cannot be asked. Two file systems may still share a disk:
    /// that no program can tell.
    public static func isSameFileSystem(_ one: String, _ other: String) -> Bool? {
        var (first, second) = (stat(), stat())
        guard stat(one, &first) == 0, stat(other, &second) == 0 else { return nil }
        return first.st_dev == second.st_dev
    }
}
