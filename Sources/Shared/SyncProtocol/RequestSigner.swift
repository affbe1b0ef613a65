// Signed requests: each is bound to its method, path, body, and to the session that hello opened; never to a time.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The signature covers "jobfair request v1", a zero byte, method, a zero byte, path, a zero byte, the body's SHA-256
/// (32), the nonce (16) and the counter (8, big endian).
public enum RequestSigner {
    /// Device id, 32 hexadecimal digits.
    public static let deviceHeader = "jobfair-device"
    /// Session nonce, base64; in hello the kiosk's own.
    public static let nonceHeader = "jobfair-nonce"
    /// Decimal; rises with each request of a session, 0 in hello.
    public static let counterHeader = "jobfair-counter"
    /// 64 bytes, base64.
    public static let signatureHeader = "jobfair-signature"

    public static func signature(
        method: String, path: String, bodyDigest: Data, nonce: Data, counter: UInt64, key: SigningKey
    ) -> Data {
        key.sign(
            message(method: method, path: path, bodyDigest: bodyDigest, nonce: nonce, counter: counter),
            domain: .request)
    }

    public static func isValid(
        _ signature: Data, method: String, path: String, bodyDigest: Data, nonce: Data, counter: UInt64,
        publicKey: Data
    ) -> Bool {
        guard bodyDigest.count == 32, nonce.count == 16, path.utf8.count <= SyncLimits.pathCharactersMax else {
            return false
        }
        return SignatureCheck.isValid(
            signature,
            over: message(method: method, path: path, bodyDigest: bodyDigest, nonce: nonce, counter: counter),
            domain: .request, publicKey: publicKey)
    }

    private static func message(
        method: String, path: String, bodyDigest: Data, nonce: Data, counter: UInt64
    ) -> Data {
        var message = Data("\(method)\0\(path)\0".utf8)
        message.append(bodyDigest)
        message.append(nonce)
        message.append(contentsOf: bigEndian(counter))
        return message
    }
}

/// Hexadecimal digits in lower case, as ids travel in headers and paths.
public enum Hexadecimal {
    public static func encode(_ bytes: Data) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Either case; nil for anything else.
    public static func decode(_ text: some StringProtocol) -> Data? {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
        return Data(stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
    }
}
