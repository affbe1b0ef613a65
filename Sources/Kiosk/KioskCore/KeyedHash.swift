// HMAC-SHA256 with a key of this kiosk: fingerprints of requests, the index of lost slips.

import Crypto

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// HMAC-SHA256 (RFC 2104), 32 bytes. Every part is prefixed by its length, so that no two lists of parts collide.
public struct KeyedHash: Sendable {
    private let key: SymmetricKey

    /// - Parameter key: 16 or 32 random bytes.
    public init(key: some Sequence<UInt8>) {
        self.key = SymmetricKey(data: Array(key))
    }

    /// For requests without anything personal in them, where only "the same or another" matters.
    public static let plain = KeyedHash(key: "jobfair".utf8)

    public func callAsFunction(_ label: String, _ parts: [UInt8]...) -> Data {
        var code = HMAC<SHA256>(key: key)
        for part in [Array(label.utf8)] + parts {
            code.update(data: withUnsafeBytes(of: UInt32(part.count).bigEndian) { Array($0) })
            code.update(data: part)
        }
        return Data(code.finalize())
    }
}
