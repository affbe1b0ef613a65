// How many requests are open at each kiosk: a test that kills a kiosk wants to know.

import Glibc
import Synchronization

/// Counts, and mirrors the counts into a file of one line of six digits per kiosk.
final class OpenRequests: Sendable {
    private let kiosks: [String]
    private let descriptor: Int32
    private let counts: Mutex<[Int]>

    init(kiosks: [String], path: String?) throws {
        self.kiosks = kiosks
        counts = Mutex(kiosks.map { _ in 0 })
        descriptor = path.map { open($0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600) } ?? -1
        if let path, descriptor < 0 { throw CommandFailure("\(path): \(String(cString: strerror(errno)))") }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func begin(_ kiosk: String) { change(kiosk, by: 1) }

    func end(_ kiosk: String) { change(kiosk, by: -1) }

    private func change(_ kiosk: String, by step: Int) {
        guard let index = kiosks.firstIndex(of: kiosk) else { return }
        counts.withLock { counts in
            counts[index] += step
            guard descriptor >= 0 else { return }
            let line = Array((String(counts[index]).leftPadded(6) + "\n").utf8)
            _ = pwrite(descriptor, line, line.count, index * line.count)
        }
    }
}
