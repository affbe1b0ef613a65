// The one-time code of an enrolment, and the proof that the device holds the keys it names.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// 20 Base32 characters: 8 carry 40 random bits, 12 carry the first 60 bits of the SHA-256 of the root's public key.
public struct EnrolmentCode: Hashable, Sendable {
    /// `XXXXX-XXXXX-XXXXX-XXXXX`.
    public let text: String
    /// The 20 characters alone: what travels and is hashed.
    public let characters: String

    /// - Parameters:
    ///   - random: 5 random bytes.
    ///   - rootPublicKey: 32 bytes.
    public init(random: Data, rootPublicKey: Data) {
        precondition(random.count == 5, "an enrolment code takes 5 random bytes")
        self.init(checked: Base32.encode(random) + Self.rootPart(rootPublicKey))
    }

    /// Reads a code as people type it: either case, with or without hyphens and spaces; 0, 1 and 8, which Base32 does
    /// not have, pass for O, I and B.
    public init(_ text: String) throws(SyncProtocolError) {
        guard text.utf8.count <= 64 else { throw SyncProtocolError(.codeInvalid, "too long") }
        let characters = text.uppercased().filter { $0 != "-" && !$0.isWhitespace }
            .map { ["0": "O", "1": "I", "8": "B"][$0] ?? $0 }
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
        guard characters.count == 20, characters.allSatisfy(alphabet.contains) else {
            throw SyncProtocolError(.codeInvalid, "a code has 20 letters and digits")
        }
        self.init(checked: String(characters))
    }

    private init(checked characters: String) {
        self.characters = characters
        let groups = stride(from: 0, to: 20, by: 5).map { characters.dropFirst($0).prefix(5) }
        text = groups.joined(separator: "-")
    }

    public func matches(rootPublicKey: Data) -> Bool {
        characters.suffix(12) == Self.rootPart(rootPublicKey)
    }

    /// 32 bytes: all that headquarters keeps of a code.
    public var secretHash: Data {
        SHA256Digest.of(Data("jobfair enrolment code v1\0\(characters)".utf8))
    }

    private static func rootPart(_ rootPublicKey: Data) -> String {
        String(Base32.encode(SHA256Digest.of(rootPublicKey).prefix(8)).prefix(12))
    }
}

/// Ed25519 by the device over "jobfair enrol v1", a zero byte, the code's 20 characters and the agreement key.
public enum EnrolmentProof {
    public static func make(code: EnrolmentCode, agreementPublicKey: Data, device: SigningKey) -> Data {
        device.sign(body(code, agreementPublicKey), domain: .enrol)
    }

    public static func isValid(
        _ proof: Data, code: EnrolmentCode, agreementPublicKey: Data, devicePublicKey: Data
    ) -> Bool {
        agreementPublicKey.count == 32
            && SignatureCheck.isValid(
                proof, over: body(code, agreementPublicKey), domain: .enrol, publicKey: devicePublicKey)
    }

    private static func body(_ code: EnrolmentCode, _ agreementPublicKey: Data) -> Data {
        Data(code.characters.utf8) + agreementPublicKey
    }
}
