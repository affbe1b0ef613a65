// Links registrations of one person without keeping a readable document number.

internal import Crypto
internal import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// HMAC-SHA256 over document kind and number: 32 bytes that tell nothing without headquarters' key.
public struct PersonKey: Hashable, Sendable {
    public let bytes: Data

    public init(bytes: Data) { self.bytes = bytes }
}

/// Makes person keys. Persons are linked by (document kind inferred from the number, normalised number), nothing
/// else: not by name, not by phone (shared phones are normal).
public struct PersonLink: Sendable {
    private let key: SymmetricKey

    /// - Parameter tokenMaster: 32 bytes; the linking key is derived from it, so a restored backup links as before.
    public init(tokenMaster: Data) {
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: tokenMaster), info: Data("jobfair person v1".utf8),
            outputByteCount: 32)
    }

    /// - Parameter number: normalised: half width, upper case, without spaces, 15 digits converted to 18.
    public func personKey(documentNumber number: String) -> PersonKey {
        // The kind as the number shows it, whatever was chosen on the screen.
        let kind = DocumentRules.inferredKind(of: number) ?? .passport
        let code = HMAC<SHA256>.authenticationCode(for: Data("\(kind.rawValue)\0\(number)".utf8), using: key)
        return PersonKey(bytes: Data(code))
    }
}
