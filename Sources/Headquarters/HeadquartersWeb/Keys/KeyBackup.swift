// The encrypted backup of the keys: scrypt over a passphrase, AES-256-GCM over the key set.

internal import Crypto
internal import CryptoExtras

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `JOBFAIR-KEYS-1\n`, 16 bytes of salt, then nonce, ciphertext and tag of AES-256-GCM over the JSON of the key set;
/// everything before the nonce is authenticated.
enum KeyBackup {
    private static let magic = Data("JOBFAIR-KEYS-1\n".utf8)
    private static let saltBytes = 16
    /// scrypt N = 2^15, r = 8, p = 1: 32 MiB and about a tenth of a second (RFC 7914; OWASP's lower bound is 2^17,
    /// which a small server with the memory limit of its unit cannot spare; the passphrase's length makes up for it).
    private static let rounds = 1 << 15
    /// Characters of a passphrase at least, of whatever script: it guards every record for years.
    static let passphraseCharactersMin = 12

    static func encode(_ secrets: KeySecrets, passphrase: Data) throws -> Data {
        guard String(decoding: passphrase, as: UTF8.self).count >= passphraseCharactersMin else {
            throw HeadquartersError(
                .passphraseUnsuitable, "the passphrase is shorter than \(passphraseCharactersMin) characters",
                hint: "口令至少要 \(passphraseCharactersMin) 个字，汉字也按一个字算")
        }
        let salt = SymmetricKey(size: .bits128).withUnsafeBytes { Data($0) }
        let header = magic + salt
        let box = try AES.GCM.seal(
            try JSONEncoder().encode(secrets), using: try key(passphrase, salt: salt), authenticating: header)
        guard let combined = box.combined else {
            throw HeadquartersError(.internalFailure, "AES-GCM gave no combined form")
        }
        return header + combined
    }

    static func decode(_ content: Data, passphrase: Data) throws -> KeySecrets {
        let headerBytes = magic.count + saltBytes
        guard content.count > headerBytes, content.prefix(magic.count) == magic else {
            throw HeadquartersError(.backupUnreadable, "the file is not a backup of headquarters' keys")
        }
        let header = Data(content.prefix(headerBytes))
        let key = try key(passphrase, salt: Data(header.suffix(saltBytes)))
        do {
            let box = try AES.GCM.SealedBox(combined: content.dropFirst(headerBytes))
            return try JSONDecoder().decode(
                KeySecrets.self, from: AES.GCM.open(box, using: key, authenticating: header))
        } catch {
            throw HeadquartersError(.passphraseWrong, "the passphrase is wrong, or the backup is damaged")
        }
    }

    private static func key(_ passphrase: Data, salt: Data) throws -> SymmetricKey {
        try KDF.Scrypt.deriveKey(
            from: passphrase, salt: salt, outputByteCount: 32, rounds: rounds, blockSize: 8, parallelism: 1)
    }
}
