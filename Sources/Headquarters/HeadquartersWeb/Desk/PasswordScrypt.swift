// Passwords through scrypt: one at a time, away from the threads that serve.

import Crypto
import CryptoExtras
import Dispatch
import HeadquartersCore
import SyncProtocol
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Makes and checks password hashes. The queue is serial: whatever is asked, one run of 32 MiB is all there is.
final class PasswordScrypt: Sendable {
    /// scrypt N = 2^15, r = 8, p = 1 (RFC 7914): 32 MiB and about a tenth of a second, so that a server of two cores stays
    /// usable for the kiosks while a bureau logs in. OWASP's lower bound is 2^17 (128 MiB); ten characters at least and the
    /// throttle make up for it. Each hash keeps its own parameters: raise these, and new passwords have the new ones.
    static let rounds = 1 << 15
    static let blockSize = 8
    static let parallelism = 1
    private static let saltBytes = 16
    private static let keyBytes = 32
    /// Who waits longest waits about two seconds; more at once is an attack, and is told to come again.
    static let waitingMax = 16

    /// Too many wait already.
    struct Busy: Error {}

    private let queue = DispatchQueue(label: "jobfair.headquarters.passwords")
    private let waiting = Mutex(0)
    /// What a name that does not exist is checked against, so that it takes the same time as a wrong password.
    private let decoy = PasswordHash(
        salt: Randomness.bytes(saltBytes), key: Randomness.bytes(keyBytes), rounds: rounds, blockSize: blockSize,
        parallelism: parallelism)

    /// Throws `Busy`.
    ///
    /// - Parameter password: not empty.
    func hash(_ password: String) async throws -> PasswordHash {
        var hash = PasswordHash(
            salt: Randomness.bytes(Self.saltBytes), key: Data(), rounds: Self.rounds, blockSize: Self.blockSize,
            parallelism: Self.parallelism)
        hash.key = try await derive(password, like: hash)
        return hash
    }

    /// False where there is no hash, after the same work. Throws `Busy`.
    func matches(_ password: String, _ hash: PasswordHash?) async throws -> Bool {
        let derived = try await derive(password, like: hash ?? decoy)
        return isEqualInConstantTime(derived, (hash ?? decoy).key) && hash != nil
    }

    private func derive(_ password: String, like hash: PasswordHash) async throws -> Data {
        precondition(!password.isEmpty, "an empty password is refused before it is hashed")
        let hasPlace = waiting.withLock { count in
            guard count < Self.waitingMax else { return false }
            count += 1
            return true
        }
        guard hasPlace else { throw Busy() }
        defer { waiting.withLock { $0 -= 1 } }
        return try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(
                    with: Result {
                        try KDF.Scrypt.deriveKey(
                            from: Data(password.utf8), salt: hash.salt, outputByteCount: Self.keyBytes,
                            rounds: hash.rounds, blockSize: hash.blockSize, parallelism: hash.parallelism
                        ).withUnsafeBytes { Data($0) }
                    })
            }
        }
    }
}
