// Ed25519 signatures (RFC 8032), each bound to what it is for.

import Crypto

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What a signature is for. The signature covers domain, a zero byte, and the body: one made for a receipt can never
/// pass for a key list.
public enum SigningDomain: String, Sendable, CaseIterable {
    case record = "jobfair record v1"
    case receipt = "jobfair receipt v1"
    case keyList = "jobfair key list v1"
    case statement = "jobfair statement v1"
    /// The answer to hello, which carries the directives.
    case directive = "jobfair directive v1"
    case catalogue = "jobfair catalogue v1"
    case grant = "jobfair grant v1"
    /// One erasure directive, which kiosks keep and offer back.
    case erasure = "jobfair erasure v1"
    /// What an answer to hello would say, for one kiosk, on a stick.
    case stickOrders = "jobfair stick orders v1"
    case enrol = "jobfair enrol v1"
    case request = "jobfair request v1"

    func message(_ body: Data) -> Data {
        var message = Data(rawValue.utf8)
        message.append(0)
        message.append(body)
        return message
    }
}

/// An Ed25519 key pair.
public struct SigningKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    /// A new key from the system's randomness.
    public init() {
        key = Curve25519.Signing.PrivateKey()
    }

    /// - Parameter rawRepresentation: 32 bytes.
    public init(rawRepresentation: Data) throws(SyncProtocolError) {
        do {
            key = try Curve25519.Signing.PrivateKey(rawRepresentation: rawRepresentation)
        } catch {
            throw SyncProtocolError(.keyInvalid, "an Ed25519 key has 32 bytes")
        }
    }

    /// 32 bytes, secret.
    public var rawRepresentation: Data { key.rawRepresentation }
    /// 32 bytes.
    public var publicKey: Data { key.publicKey.rawRepresentation }
    /// 8 bytes: the public key's SHA-256, cut.
    public var keyID: Data { KeyName.keyID(publicKey: publicKey) }
    /// 16 bytes: the public key's SHA-256, cut.
    public var deviceID: Data { KeyName.deviceID(publicKey: publicKey) }

    /// 64 bytes; the same for the same body and domain.
    public func sign(_ body: Data, domain: SigningDomain) -> Data {
        do {
            return try key.signature(for: domain.message(body))
        } catch {
            preconditionFailure("Ed25519 signing of \(body.count) bytes failed: out of memory")
        }
    }
}

/// Names of keys, derived from the keys themselves.
public enum KeyName {
    /// 8 bytes.
    public static func keyID(publicKey: Data) -> Data { SHA256Digest.of(publicKey).prefix(8) }
    /// 16 bytes: of a device, from its Ed25519 key.
    public static func deviceID(publicKey: Data) -> Data { SHA256Digest.of(publicKey).prefix(16) }
    /// 16 bytes: of a headquarters, from its root key.
    public static func headquartersID(rootPublicKey: Data) -> Data { SHA256Digest.of(rootPublicKey).prefix(16) }
}

public enum SignatureCheck {
    /// False also for keys and signatures of the wrong length.
    public static func isValid(
        _ signature: Data, over body: Data, domain: SigningDomain, publicKey: Data
    ) -> Bool {
        guard signature.count == 64, publicKey.count == 32,
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey)
        else { return false }
        return key.isValidSignature(signature, for: domain.message(body))
    }
}
