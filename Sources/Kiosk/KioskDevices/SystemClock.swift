// Tells the time as this machine knows it, with the evidence for how far to believe it.

import CLinux
import DurableFiles
import Glibc
public import KioskCore
import Synchronization

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Wall clock, boot clock, boot id and boot counter. Reading never fails: what cannot be read counts as not trusted.
public final class SystemClock: ClockSource {
    /// The wall clock is believed only between the year of this software and 15 years later: a dead battery says 1970
    /// or 2000, a loose one 2099.
    static let plausibleMilliseconds: Range<Int64> = 1_767_225_600_000..<2_240_611_200_000
    /// The wall clock has headquarters' quality while it is within this of headquarters' time.
    static let headquartersToleranceMilliseconds: Int64 = 60_000

    public let bootID: Data
    public let bootCounter: Int
    /// This is the first start of the daemon since the machine booted.
    public let isNewBoot: Bool
    /// Headquarters' time minus boot time, from the newest verified hello of this boot.
    private let headquartersOffset = Mutex<Int64?>(nil)

    private let counterFile: String
    private let counterLine: String

    /// - Parameter counterFile: counts boots: one line `count boot-id`; `keepBootCounter` writes it.
    public init(counterFile: String) throws {
        let text = try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        let digits = text.compactMap(\.hexDigitValue)
        bootID = Data(
            stride(from: 0, to: min(32, digits.count & ~1), by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
        let hex = digits.map { String($0, radix: 16) }.joined()
        let kept = (try? String(contentsOfFile: counterFile, encoding: .utf8))?.split(separator: " ") ?? []
        let count = kept.first.flatMap { Int($0) } ?? 0
        isNewBoot = kept.count < 2 || kept[1].prefix(32) != hex
        bootCounter = isNewBoot ? count + 1 : count
        self.counterFile = counterFile
        counterLine = "\(bootCounter) \(hex)\n"
    }

    /// Remembers this boot. Only after what a new boot asks for is on the disk: a crash before it makes the next start
    /// ask again.
    public func keepBootCounter() throws {
        if isNewBoot { try DurableFile.replace(counterFile, with: Data(counterLine.utf8)) }
    }

    public func read() -> ClockReading {
        let wall = Self.milliseconds(CLOCK_REALTIME)
        let boot = Self.milliseconds(CLOCK_BOOTTIME)
        return ClockReading(
            wallMilliseconds: wall, bootID: bootID, bootCounter: bootCounter, bootMilliseconds: boot,
            quality: quality(wall: wall, boot: boot))
    }

    /// Headquarters said what time it is, in an answer whose signature was verified.
    public func learn(headquartersMilliseconds: Int64, atBootMilliseconds: Int64) {
        headquartersOffset.withLock { $0 = headquartersMilliseconds - atBootMilliseconds }
    }

    private func quality(wall: Int64, boot: Int64) -> ClockReading.Quality {
        guard Self.plausibleMilliseconds.contains(wall) else { return .none }
        if let offset = headquartersOffset.withLock({ $0 }) {
            return abs(boot + offset - wall) <= Self.headquartersToleranceMilliseconds ? .headquarters : .none
        }
        return Self.isSynchronised ? .ntp : .none
    }

    /// adjtimex(2) says so, or systemd-timesyncd does (its flag file), where the sandbox forbids the call.
    private static var isSynchronised: Bool {
        var reading = timex()
        if adjtimex(&reading) >= 0 { return reading.status & STA_UNSYNC == 0 }
        return access("/run/systemd/timesync/synchronized", F_OK) == 0
    }

    public static func milliseconds(_ clock: Int32) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
