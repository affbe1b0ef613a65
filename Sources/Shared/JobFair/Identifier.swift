// Sixteen-byte identifiers, one type per thing they name.

/// A 16-byte identifier, written as a UUID in lower case (RFC 9562, section 4).
///
/// `Scope` keeps a vacancy's identifier from being handed over where a record's is meant.
public struct Identifier<Scope>: Hashable, Sendable {
    /// Exactly 16 bytes.
    public let bytes: [UInt8]

    /// Nil unless there are exactly 16 bytes.
    public init?(bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// Reads `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` in either case; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let characters = Array(text.utf8)
        guard characters.count == 36 else { return nil }
        var bytes: [UInt8] = []
        var high: UInt8?
        for (index, character) in characters.enumerated() {
            if [8, 13, 18, 23].contains(index) {
                guard character == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Character(UnicodeScalar(character)).hexDigitValue.map(UInt8.init) else { return nil }
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        self.bytes = bytes
    }

    /// A version 7 UUID: 48 bits of time, which is only a hint, and 74 random bits (RFC 9562, section 5.7).
    ///
    /// - Parameters:
    ///   - milliseconds: since 1970; only the low 48 bits are used.
    ///   - random: 10 random bytes.
    public init(milliseconds: Int64, random: [UInt8]) {
        precondition(random.count == 10, "a version 7 UUID takes 10 random bytes")
        let time = UInt64(bitPattern: milliseconds)
        var bytes = (0..<6).map { UInt8(truncatingIfNeeded: time >> UInt64(40 - 8 * $0)) } + random
        bytes[6] = 0x70 | bytes[6] & 0x0F
        bytes[8] = 0x80 | bytes[8] & 0x3F
        self.bytes = bytes
    }
}

extension Identifier: CustomStringConvertible {
    public var description: String {
        let digits = Array("0123456789abcdef")
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append("-") }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return text
    }
}

extension Identifier: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a UUID of 36 characters")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

public enum RecordScope {}
public enum FairScope {}
public enum EmployerScope {}
public enum VacancyScope {}

/// Names a record for ever; made with the form, before anything is sent.
public typealias RecordID = Identifier<RecordScope>
public typealias FairID = Identifier<FairScope>
public typealias EmployerID = Identifier<EmployerScope>
public typealias VacancyID = Identifier<VacancyScope>
