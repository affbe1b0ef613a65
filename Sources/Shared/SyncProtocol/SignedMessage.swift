// What headquarters signs, and the list of keys that says whose signatures count.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

public enum SignedMessage {
    public static func sign(_ body: Data, domain: SigningDomain, key: SigningKey) -> WireSigned {
        var signed = WireSigned()
        signed.body = body
        signed.keyID = key.keyID
        signed.signature = key.sign(body, domain: domain)
        return signed
    }

    /// The body, once its signature was found valid. Throws `keyUnknown` for another key, else `signatureInvalid`.
    public static func verify(
        _ signed: WireSigned, domain: SigningDomain, publicKey: Data
    ) throws(SyncProtocolError) -> Data {
        guard signed.keyID == KeyName.keyID(publicKey: publicKey) else {
            throw SyncProtocolError(.keyUnknown, domain.rawValue)
        }
        guard SignatureCheck.isValid(signed.signature, over: signed.body, domain: domain, publicKey: publicKey) else {
            throw SyncProtocolError(.signatureInvalid, domain.rawValue)
        }
        return signed.body
    }
}

/// A key list whose root and signature were checked.
public struct TrustedKeyList: Sendable {
    public let list: WireKeyList
    /// The message as it was signed, to be kept.
    public let signed: WireSigned

    /// - Parameters:
    ///   - rootHash: SHA-256 of the root's public key, 32 bytes, known from elsewhere (a stored list, a QR code).
    ///   - signed: as it came over a road that nobody trusts.
    public init(verifying signed: WireSigned, rootHash: Data) throws(SyncProtocolError) {
        try self.init(signed) { SHA256Digest.of($0) == rootHash }
    }

    /// - Parameter code: holds 60 bits of the root's hash.
    public init(verifying signed: WireSigned, code: EnrolmentCode) throws(SyncProtocolError) {
        try self.init(signed) { code.matches(rootPublicKey: $0) }
    }

    private init(_ signed: WireSigned, isRoot: (Data) -> Bool) throws(SyncProtocolError) {
        let list: WireKeyList = try parse(signed.body, "key list")
        try require(list.rootPublicKey, count: 32, "root_public_key")
        guard isRoot(list.rootPublicKey) else { throw SyncProtocolError(.rootMismatch, "root_public_key") }
        _ = try SignedMessage.verify(signed, domain: .keyList, publicKey: list.rootPublicKey)
        guard list.keys.count <= SyncLimits.keysMax, list.syncCaDer.count <= SyncLimits.certificateBytesMax else {
            throw SyncProtocolError(.tooLarge, "key list")
        }
        for key in list.keys {
            try require(key.publicKey, count: 32, "public_key")
            guard key.keyID == KeyName.keyID(publicKey: key.publicKey) else {
                throw SyncProtocolError(.malformed, "key_id")
            }
        }
        self.list = list
        self.signed = signed
    }

    /// SHA-256 of the root's public key, 32 bytes.
    public var rootHash: Data { SHA256Digest.of(list.rootPublicKey) }
    /// 16 bytes.
    public var headquartersID: Data { KeyName.headquartersID(rootPublicKey: list.rootPublicKey) }

    public func publicKey(_ purpose: WireKeyPurpose, keyID: Data) -> Data? {
        list.keys.first { $0.purpose == purpose && $0.keyID == keyID }?.publicKey
    }

    /// What new records are sealed to.
    public var currentSealingKey: WireKey? {
        list.keys.first { $0.purpose == .sealing && $0.current }
    }

    /// The body of a message that one of the list's keys for `purpose` signed.
    public func verify(
        _ signed: WireSigned, domain: SigningDomain, purpose: WireKeyPurpose
    ) throws(SyncProtocolError) -> Data {
        guard let key = publicKey(purpose, keyID: signed.keyID) else {
            throw SyncProtocolError(.keyUnknown, domain.rawValue)
        }
        return try SignedMessage.verify(signed, domain: domain, publicKey: key)
    }
}
