// The small file in the runtime folder in which tries with slips outlive a restart.

import DurableFiles
public import Foundation
public import KioskCore
public import Logging

/// `slips.tried` beside `desk.key`, mode 0600, at most `DurableFile.sizeBytesMax`; replaced whole by rename.
public struct SlipTryFile: SlipTryStore {
    private let path: String
    private let logger: Logger

    public init(path: String, logger: Logger) {
        self.path = path
        self.logger = logger
    }

    public func load() -> Data {
        do {
            return try DurableFile.read(path) ?? Data()
        } catch {
            logger.warning("tries with slips begin anew", metadata: ["error": "\(error)"])
            return Data()
        }
    }

    public func save(_ bytes: Data) {
        do {
            try DurableFile.replace(path, with: bytes)
        } catch {
            logger.warning("tries with slips are counted in memory only", metadata: ["error": "\(error)"])
        }
    }
}
