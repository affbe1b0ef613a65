// The keys of one headquarters: where they lie, how they are made and read.

internal import Crypto
public import HeadquartersCore
public import SyncProtocol

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Every secret of headquarters, in memory. On disk each lies in its one 0600 file under `keys/`.
///
/// The root signs the key list and nothing else. A fair's token key and the key that links persons are derived from
/// the token master.
public struct KeyRing: Sendable {
    public let root: SigningKey
    public let receipt: SigningKey
    public let catalogue: SigningKey
    public let directive: SigningKey
    public let sealing: AgreementKey
    public let tokenMaster: TokenMaster
    public let syncCA: SyncCA
    private let secrets: KeySecrets

    init(_ secrets: KeySecrets) throws {
        self.secrets = secrets
        root = try SigningKey(rawRepresentation: secrets.root)
        receipt = try SigningKey(rawRepresentation: secrets.receipt)
        catalogue = try SigningKey(rawRepresentation: secrets.catalogue)
        directive = try SigningKey(rawRepresentation: secrets.directive)
        sealing = try AgreementKey(rawRepresentation: secrets.sealing)
        tokenMaster = try TokenMaster(rawRepresentation: secrets.tokenMaster)
        syncCA = try SyncCA(privateKey: secrets.syncCA, certificateDER: secrets.syncCACertificate)
    }

    /// SHA-256 of the root's public key, cut to 16.
    public var headquartersID: Data { KeyName.headquartersID(rootPublicKey: root.publicKey) }

    /// Links registrations of one person.
    public var personLink: PersonLink { PersonLink(tokenMaster: secrets.tokenMaster) }

    /// Opens what kiosks sealed.
    public var opener: HPKEOpener { HPKEOpener(key: sealing) }

    /// Seals names completed on the phone.
    public func completionSealer() throws -> CompletionSealer {
        CompletionSealer(
            sealer: try HPKESealer(publicKey: sealing.publicKey), headquartersID: headquartersID)
    }

    /// The key list, signed by the root: what a kiosk pins at enrolment.
    public func signedKeyList(headquartersName: String) -> WireSigned {
        var list = WireKeyList()
        list.version = 1
        list.rootPublicKey = root.publicKey
        list.syncCaDer = syncCA.certificateDER
        list.headquartersName = headquartersName
        list.keys = [
            Self.wireKey(receipt, .receipt), Self.wireKey(catalogue, .catalogue), Self.wireKey(directive, .directive),
        ]
        var key = WireKey()
        key.keyID = sealing.keyID
        key.purpose = .sealing
        key.publicKey = sealing.publicKey
        key.current = true
        list.keys.append(key)
        return SignedMessage.sign(WireCoding.bytes(list), domain: .keyList, key: root)
    }

    private static func wireKey(_ signing: SigningKey, _ purpose: WireKeyPurpose) -> WireKey {
        var key = WireKey()
        key.keyID = signing.keyID
        key.purpose = purpose
        key.publicKey = signing.publicKey
        key.current = true
        return key
    }
}

/// The raw secrets, as they lie in `keys/` and in the backup.
struct KeySecrets: Codable, Hashable, Sendable {
    var root: Data
    var receipt: Data
    var catalogue: Data
    var directive: Data
    var sealing: Data
    var tokenMaster: Data
    var syncCA: Data
    /// Not secret, but pinned by every kiosk: it must come back with the backup, bit for bit.
    var syncCACertificate: Data

    /// File names under `keys/`, secrets only.
    static let files: [(name: String, path: any WritableKeyPath<KeySecrets, Data> & Sendable)] = [
        ("root.key", \.root), ("receipt.key", \.receipt), ("catalogue.key", \.catalogue),
        ("directive.key", \.directive), ("sealing.key", \.sealing), ("token-master.key", \.tokenMaster),
        ("sync-ca.key", \.syncCA),
    ]
    static let certificateFile = "sync-ca.pem"

    static func generate() throws -> KeySecrets {
        let authority = try SyncCA.generate()
        return KeySecrets(
            root: SigningKey().rawRepresentation, receipt: SigningKey().rawRepresentation,
            catalogue: SigningKey().rawRepresentation, directive: SigningKey().rawRepresentation,
            sealing: AgreementKey().rawRepresentation,
            tokenMaster: SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }, syncCA: authority.privateKey,
            syncCACertificate: authority.certificateDER)
    }

    /// Tells two sets apart without telling anything about either.
    var fingerprint: String {
        var hash = SHA256()
        hash.update(data: Data("jobfair key set v1".utf8))
        for part in [root, receipt, catalogue, directive, sealing, tokenMaster, syncCA, syncCACertificate] {
            hash.update(data: SHA256Digest.of(part))
        }
        return hash.finalize().map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0" + text : text
        }.joined()
    }
}
