// Notices that a cable was plugged in: a hint for sync that there may be a road.

import Glibc
public import ServiceLifecycle

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Looks at `/sys/class/net/*/carrier` every two seconds (sysfs-class-net). Polling needs no netlink socket, which the
/// service's sandbox forbids, and no daemon beside us.
public struct CarrierService: Service {
    public static let interval = Duration.seconds(2)

    private let folder: String
    private let interval: Duration
    private let plugged: @Sendable () -> Void

    /// - Parameter plugged: called when an interface other than loopback gets a carrier that it had not before.
    public init(
        folder: String = "/sys/class/net", interval: Duration = interval, plugged: @escaping @Sendable () -> Void
    ) {
        self.folder = folder
        self.interval = interval
        self.plugged = plugged
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var before = carriers()
            while (try? await Task.sleep(for: interval)) != nil {
                let now = carriers()
                if !now.subtracting(before).isEmpty { plugged() }
                before = now
            }
        }
    }

    /// Interfaces with a carrier. One that is down cannot be read (EINVAL) and has none.
    private func carriers() -> Set<String> {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return Set(
            names.filter { name in
                name != "lo"
                    && (try? String(contentsOfFile: "\(folder)/\(name)/carrier", encoding: .utf8))?.first == "1"
            })
    }
}
