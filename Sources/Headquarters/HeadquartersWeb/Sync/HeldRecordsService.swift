// Looks again at records that were stored and not understood: a newer program, a key or a fair may have come since.

import HeadquartersCore
import JobFair
import Logging
import ServiceLifecycle

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads held frames once more, at start and then every minute: `fair create` runs in another process.
struct HeldRecordsService: Service {
    let store: any HeadquartersStore
    let reader: RecordReader
    let now: @Sendable () -> Int64
    let logger: Logger

    /// What a newer program or other keys may understand: these change with the process only.
    static let atStart: Set<IngestReason> = [
        .fairUnknown, .keyUnknown, .schemaUnknown, .payloadInvalid, .sealBroken, .deviceRevoked, .storeFailed,
    ]
    /// What may come to be understood while this process runs.
    static let later: Set<IngestReason> = [.fairUnknown, .deviceRevoked]
    private static let interval = Duration.seconds(60)
    /// Frames in memory at once: 64 times 64 KiB at most.
    private static let framesMax = 64

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var reasons = Self.atStart
            while !Task.isCancelled {
                do {
                    _ = try await takeAll(reasons)
                    reasons = Self.later
                } catch is CancellationError {
                    break
                } catch {
                    report(error)
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    /// Returns how many were understood and taken in. A frame that fails is logged and holds no other up.
    func takeAll(_ reasons: Set<IngestReason>) async throws -> Int {
        var taken = 0
        var last = Data()
        while true {
            let frames = try await store.heldFrames(reasons, after: last, limit: Self.framesMax)
            guard let end = frames.last?.digest else { break }
            last = end
            for held in frames {
                try Task.checkCancellation()
                do {
                    let record = try await reader.read(held.frame) { try await store.device($0)?.publicKey }
                    if case .opened = record { taken += try await store.takeHeld(record, at: now()) ? 1 : 0 }
                } catch let error as HeadquartersStoreError where error.code == .failed {
                    report(error)
                }
            }
        }
        if taken > 0 { logger.notice("held records are understood now", metadata: ["ingest.taken": "\(taken)"]) }
        return taken
    }

    /// Notes whose slip records are about that an older program took in, so that an erasure finds them.
    func linkAll() async throws {
        var last = Data()
        while true {
            let frames = try await store.unlinkedFrames(after: last, limit: Self.framesMax)
            guard let end = frames.last?.digest else { return }
            last = end
            var links: [SlipLink] = []
            for frame in frames {
                let record = try await reader.read(frame.frame) { try await store.device($0)?.publicKey }
                guard case .opened(_, let content) = record else { continue }
                links.append(SlipLink(digest: frame.digest, seeker: content.seeker.map { Data($0.bytes) }))
            }
            try await store.linkFrames(links)
        }
    }

    private func report(_ error: any Error) {
        let code = (error as? HeadquartersStoreError)?.code.rawValue ?? String(describing: type(of: error))
        logger.error("held records cannot be read again", metadata: ["error.code": "\(code)"])
    }
}
