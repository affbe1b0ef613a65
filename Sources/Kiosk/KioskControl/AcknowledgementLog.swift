// What the kiosk acknowledged, kept outside its state: the evidence that a later comparison needs.

import Glibc

/// Appends one line per acknowledged registration and syncs it before it returns.
actor AcknowledgementLog {
    private let descriptor: Int32
    private let path: String

    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure("\(path): \(String(cString: strerror(errno)))")
        }
    }

    func append(_ line: String) throws {
        let bytes = Array((line + "\n").utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count, fdatasync(descriptor) == 0 else {
            throw CommandFailure("\(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }
}
