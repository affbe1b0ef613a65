// SHA-256, and comparing without telling how far two values agree.

import Crypto

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

public enum SHA256Digest {
    public static let byteCount = 32

    /// 32 bytes (FIPS 180-4).
    public static func of(_ bytes: Data) -> Data {
        Data(SHA256.hash(data: bytes))
    }
}

/// True for equal bytes; the time taken depends on the length alone.
public func isEqualInConstantTime(_ left: Data, _ right: Data) -> Bool {
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}
