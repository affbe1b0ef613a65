// Sealing to headquarters' key: HPKE (RFC 9180), base mode, single shot, padded to size classes.

import Crypto

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// An X25519 key pair: headquarters' sealing key, or the key a kiosk gets its grants with.
public struct AgreementKey: Sendable {
    let key: Curve25519.KeyAgreement.PrivateKey

    /// A new key from the system's randomness.
    public init() {
        key = Curve25519.KeyAgreement.PrivateKey()
    }

    /// - Parameter rawRepresentation: 32 bytes.
    public init(rawRepresentation: Data) throws(SyncProtocolError) {
        do {
            key = try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: rawRepresentation)
        } catch {
            throw SyncProtocolError(.keyInvalid, "an X25519 key has 32 bytes")
        }
    }

    /// 32 bytes, secret.
    public var rawRepresentation: Data { key.rawRepresentation }
    /// 32 bytes.
    public var publicKey: Data { key.publicKey.rawRepresentation }
    /// 8 bytes: the public key's SHA-256, cut.
    public var keyID: Data { KeyName.keyID(publicKey: publicKey) }
}

public struct SealedPayload: Hashable, Sendable {
    /// 32 bytes.
    public var encapsulatedKey: Data
    /// A size class and 16 bytes of tag.
    public var ciphertext: Data

    public init(encapsulatedKey: Data, ciphertext: Data) {
        self.encapsulatedKey = encapsulatedKey
        self.ciphertext = ciphertext
    }
}

/// Seals a payload. The one place that draws randomness inside the pure rooms: simulations put a seeded stand-in here.
public protocol Sealer: Sendable {
    /// 8 bytes, named in the identity.
    var keyID: Data { get }
    var suite: WireSuite { get }
    func seal(_ payload: WirePayload, identity: Data) throws(SyncProtocolError) -> SealedPayload
}

public struct HPKESealer: Sealer {
    private let key: Curve25519.KeyAgreement.PublicKey
    public let keyID: Data
    public let suite: WireSuite

    /// - Parameter publicKey: headquarters' current sealing key, 32 bytes.
    public init(publicKey: Data, suite: WireSuite = .x25519Sha256Aes256Gcm) throws(SyncProtocolError) {
        _ = try suite.hpke()
        do {
            key = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: publicKey)
        } catch {
            throw SyncProtocolError(.keyInvalid, "an X25519 public key has 32 bytes")
        }
        keyID = KeyName.keyID(publicKey: publicKey)
        self.suite = suite
    }

    public func seal(_ payload: WirePayload, identity: Data) throws(SyncProtocolError) -> SealedPayload {
        let padded = try Padding.pad(try payload.bytes())
        return try SingleShot.seal(
            padded, to: key, suite: suite, purpose: .record, associatedData: identity)
    }
}

/// Opens what was sealed to one key.
public struct HPKEOpener: Sendable {
    private let key: AgreementKey

    public init(key: AgreementKey) {
        self.key = key
    }

    /// Throws `keyUnknown` where the record was sealed to another key, `sealInvalid` where one bit was changed.
    public func open(_ body: WireRecordBody) throws(SyncProtocolError) -> WirePayload {
        let identity: WireIdentity = try parse(body.identity, "identity")
        guard identity.keyID == key.keyID else { throw SyncProtocolError(.keyUnknown, "sealed to another key") }
        let padded = try SingleShot.open(
            SealedPayload(encapsulatedKey: body.encapsulatedKey, ciphertext: body.ciphertext), with: key,
            suite: identity.suite, purpose: .record, associatedData: body.identity)
        return try parse(try Padding.unpad(padded), "payload")
    }
}

/// Four bytes of length, big endian, the payload, zeros up to the next size class.
enum Padding {
    static func pad(_ payload: Data) throws(SyncProtocolError) -> Data {
        guard let size = SyncLimits.payloadClasses.first(where: { payload.count + 4 <= $0 }) else {
            throw SyncProtocolError(.tooLarge, "payload of \(payload.count) bytes")
        }
        var padded = Data(capacity: size)
        padded.append(contentsOf: bigEndian(UInt32(payload.count)))
        padded.append(payload)
        padded.append(Data(count: size - padded.count))
        return padded
    }

    static func unpad(_ padded: Data) throws(SyncProtocolError) -> Data {
        guard SyncLimits.payloadClasses.contains(padded.count) else {
            throw SyncProtocolError(.malformed, "payload is not of a size class")
        }
        let length = padded.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        guard length <= padded.count - 4, padded.dropFirst(4 + length).allSatisfy({ $0 == 0 }) else {
            throw SyncProtocolError(.malformed, "padding of the payload")
        }
        return Data(padded.dropFirst(4).prefix(length))
    }
}

/// HPKE with a fresh ephemeral key for each message: no counter that a restored card could repeat.
enum SingleShot {
    static func seal(
        _ plain: Data, to key: Curve25519.KeyAgreement.PublicKey, suite: WireSuite, purpose: SigningDomain,
        associatedData: Data
    ) throws(SyncProtocolError) -> SealedPayload {
        let ciphersuite = try suite.hpke()
        do {
            var sender = try HPKE.Sender(
                recipientKey: key, ciphersuite: ciphersuite, info: Data(purpose.rawValue.utf8))
            let ciphertext = try sender.seal(plain, authenticating: associatedData)
            return SealedPayload(encapsulatedKey: sender.encapsulatedKey, ciphertext: ciphertext)
        } catch {
            // A public key of low order: the shared secret would be zero.
            throw SyncProtocolError(.keyInvalid, "HPKE refuses the recipient's key")
        }
    }

    static func open(
        _ sealed: SealedPayload, with key: AgreementKey, suite: WireSuite, purpose: SigningDomain, associatedData: Data
    ) throws(SyncProtocolError) -> Data {
        let ciphersuite = try suite.hpke()
        guard sealed.encapsulatedKey.count == 32, sealed.ciphertext.count >= 16,
            sealed.ciphertext.count <= SyncLimits.frameBytesMax
        else { throw SyncProtocolError(.malformed, "lengths of the sealed parts") }
        do {
            var recipient = try HPKE.Recipient(
                privateKey: key.key, ciphersuite: ciphersuite, info: Data(purpose.rawValue.utf8),
                encapsulatedKey: sealed.encapsulatedKey)
            return try recipient.open(sealed.ciphertext, authenticating: associatedData)
        } catch {
            throw SyncProtocolError(.sealInvalid, "the seal does not open")
        }
    }
}

extension WireSuite {
    func hpke() throws(SyncProtocolError) -> HPKE.Ciphersuite {
        switch self {
        case .x25519Sha256Aes256Gcm:
            HPKE.Ciphersuite(kem: .Curve25519_HKDF_SHA256, kdf: .HKDF_SHA256, aead: .AES_GCM_256)
        case .x25519Sha256Chacha20Poly1305:
            HPKE.Ciphersuite.Curve25519_SHA256_ChachaPoly
        case .unspecified, .UNRECOGNIZED:
            throw SyncProtocolError(.suiteUnknown, "suite \(rawValue)")
        }
    }
}
