// What the QR code on a slip carries: names a record, proves nothing about the holder, holds no personal data.

import Crypto

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Headquarters' secret behind the token keys of all fairs.
public struct TokenMaster: Sendable {
    /// 32 bytes, secret.
    public let rawRepresentation: Data

    /// - Parameter rawRepresentation: 32 random bytes.
    public init(rawRepresentation: Data) throws(SyncProtocolError) {
        guard rawRepresentation.count == 32 else {
            throw SyncProtocolError(.keyInvalid, "a token master has 32 bytes")
        }
        self.rawRepresentation = rawRepresentation
    }

    /// 32 bytes: HKDF-SHA256 (RFC 5869) without salt, info "jobfair slip key v1", a zero byte, and the fair id.
    public func tokenKey(fairID: Data) -> Data {
        let key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: rawRepresentation), info: Data("jobfair slip key v1\0".utf8) + fairID,
            outputByteCount: 32)
        return key.withUnsafeBytes { Data($0) }
    }
}

/// 30 bytes, 48 Base32 characters:
/// version and purpose (1), fair key number (3), record id (16), HMAC-SHA256 over "jobfair slip v1" and all before (10).
public struct SlipToken: Hashable, Sendable {
    public static let textLength = 48
    public static let fairKeyNumberMax = 16_777_215
    private static let version: UInt8 = 1

    /// The 30 bytes.
    public let bytes: Data

    /// 1: intents allowed. 2: none, refused everywhere.
    public var purpose: Int { Int(bytes[0] & 0x0F) }
    /// 1 to 16,777,215: which fair's key, and the number typed by hand.
    public var fairKeyNumber: Int { bytes[1..<4].reduce(0) { $0 << 8 | Int($1) } }
    /// 16 bytes: the registration.
    public var recordID: Data { Data(bytes[4..<20]) }

    /// - Parameters:
    ///   - purpose: 1 or 2.
    ///   - fairKeyNumber: 1 to 16,777,215.
    ///   - recordID: 16 bytes.
    ///   - tokenKey: the fair's, 32 bytes.
    public static func make(purpose: Int, fairKeyNumber: Int, recordID: Data, tokenKey: Data) -> SlipToken {
        precondition(purpose == 1 || purpose == 2, "a slip's purpose is 1 or 2")
        precondition((1...fairKeyNumberMax).contains(fairKeyNumber), "a fair key number has 24 bits")
        precondition(recordID.count == 16, "a record id has 16 bytes")
        var bytes = Data([version << 4 | UInt8(purpose)])
        bytes.append(contentsOf: bigEndian(UInt32(fairKeyNumber)).dropFirst())
        bytes.append(recordID)
        bytes.append(authenticationCode(of: bytes, tokenKey: tokenKey))
        return SlipToken(checked: bytes)
    }

    /// Reads a bare token or a whole address that ends in `/I/TOKEN`, in either case, as a scanner types it.
    public init(_ text: String) throws(SyncProtocolError) {
        guard text.utf8.count <= 512 else { throw SyncProtocolError(.tokenInvalid, "too long") }
        let trimmed = text.filter { !$0.isWhitespace }
        let parts = trimmed.split(separator: "/", omittingEmptySubsequences: false)
        guard let last = parts.last, parts.count == 1 || parts[parts.count - 2].uppercased() == "I" else {
            throw SyncProtocolError(.tokenInvalid, "not an address of a slip")
        }
        guard last.utf8.count == Self.textLength, let bytes = Base32.decode(last) else {
            throw SyncProtocolError(.tokenInvalid, "a token has 48 letters and digits")
        }
        let token = SlipToken(checked: bytes)
        guard bytes[0] >> 4 == Self.version, (1...2).contains(token.purpose), token.fairKeyNumber > 0 else {
            throw SyncProtocolError(.tokenInvalid, "version, purpose or fair")
        }
        self = token
    }

    private init(checked bytes: Data) {
        self.bytes = bytes
    }

    /// 48 characters.
    public var text: String { Base32.encode(bytes) }

    /// `FORM/I/TOKEN`, upper case as a whole: one alphanumeric segment of a QR code.
    ///
    /// - Parameter form: scheme and host (and port) of the job-intent form, e.g. `https://form.example.cn`.
    public func address(form: String) -> String {
        let base = form.hasSuffix("/") ? String(form.dropLast()) : form
        return "\(base.uppercased())/I/\(text)"
    }

    public func isAuthentic(tokenKey: Data) -> Bool {
        isEqualInConstantTime(
            Self.authenticationCode(of: Data(bytes.prefix(20)), tokenKey: tokenKey), Data(bytes.suffix(10)))
    }

    private static func authenticationCode(of bytes: Data, tokenKey: Data) -> Data {
        var code = HMAC<SHA256>(key: SymmetricKey(data: tokenKey))
        code.update(data: Data("jobfair slip v1".utf8))
        code.update(data: bytes)
        return Data(code.finalize().prefix(10))
    }
}
