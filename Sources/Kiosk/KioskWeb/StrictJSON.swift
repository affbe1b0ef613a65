// JSON as RFC 8259 writes it and nothing else: what is wrong is said with its place, never with its value.

/// A parsed value. Members keep their order; a name stands once (RFC 8259, section 4 leaves more than one undefined).
enum JSONValue: Sendable, Equatable {
    struct Member: Sendable, Equatable {
        var name: String
        var value: JSONValue
    }
    case object([Member])
    case array([JSONValue])
    case string(String)
    /// As it was written.
    case number(String)
    case bool(Bool)
    case null
}

/// Why bytes are not JSON that we take, and at which byte (from 0).
struct JSONSyntaxError: Error, Equatable {
    enum Reason: String, Sendable {
        case notUTF8, byteOrderMark, empty, unexpectedEnd, unexpectedCharacter, controlCharacter, badEscape
        case loneSurrogate, badNumber, duplicateName, tooDeep, tooManyMembers, trailingBytes
    }
    var reason: Reason
    var offset: Int
}

/// A parser over bytes that were checked to be UTF-8. It never recurses deeper than `WebLimits.jsonDepthMax`.
struct StrictJSONParser {
    private let bytes: [UInt8]
    private var position = 0

    static func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSONValue {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw JSONSyntaxError(reason: .byteOrderMark, offset: 0) }
        if let offset = UTF8Check.firstBadByte(bytes) { throw JSONSyntaxError(reason: .notUTF8, offset: offset) }
        var parser = StrictJSONParser(bytes: bytes)
        parser.skipSpace()
        guard parser.position < bytes.count else { throw JSONSyntaxError(reason: .empty, offset: 0) }
        let value = try parser.value(depth: 1)
        parser.skipSpace()
        guard parser.position == bytes.count else { throw parser.error(.trailingBytes) }
        return value
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private func error(_ reason: JSONSyntaxError.Reason) -> JSONSyntaxError {
        JSONSyntaxError(reason: position < bytes.count ? reason : .unexpectedEnd, offset: position)
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    private mutating func expect(_ text: StaticString) throws(JSONSyntaxError) {
        for offset in 0..<text.utf8CodeUnitCount {
            guard current == text.utf8Start[offset] else { throw error(.unexpectedCharacter) }
            position += 1
        }
    }

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        guard let current else { throw error(.unexpectedEnd) }
        switch current {
        case UInt8(ascii: "{"): return .object(try members(depth: depth))
        case UInt8(ascii: "["): return .array(try elements(depth: depth))
        case UInt8(ascii: "\""): return .string(try text())
        case UInt8(ascii: "t"):
            try expect("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try expect("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try expect("null")
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: throw error(.unexpectedCharacter)
        }
    }

    private mutating func members(depth: Int) throws(JSONSyntaxError) -> [JSONValue.Member] {
        guard depth <= WebLimits.jsonDepthMax else { throw error(.tooDeep) }
        position += 1
        var members: [JSONValue.Member] = []
        skipSpace()
        if current == UInt8(ascii: "}") {
            position += 1
            return members
        }
        while true {
            skipSpace()
            let start = position
            guard current == UInt8(ascii: "\"") else { throw error(.unexpectedCharacter) }
            let name = try text()
            guard !members.contains(where: { $0.name == name }) else {
                throw JSONSyntaxError(reason: .duplicateName, offset: start)
            }
            guard members.count < WebLimits.jsonMembersMax else { throw error(.tooManyMembers) }
            skipSpace()
            guard current == UInt8(ascii: ":") else { throw error(.unexpectedCharacter) }
            position += 1
            skipSpace()
            members.append(JSONValue.Member(name: name, value: try value(depth: depth + 1)))
            if try isAtEnd(UInt8(ascii: "}")) { return members }
        }
    }

    private mutating func elements(depth: Int) throws(JSONSyntaxError) -> [JSONValue] {
        guard depth <= WebLimits.jsonDepthMax else { throw error(.tooDeep) }
        position += 1
        var elements: [JSONValue] = []
        skipSpace()
        if current == UInt8(ascii: "]") {
            position += 1
            return elements
        }
        while true {
            skipSpace()
            guard elements.count < WebLimits.jsonMembersMax else { throw error(.tooManyMembers) }
            elements.append(try value(depth: depth + 1))
            if try isAtEnd(UInt8(ascii: "]")) { return elements }
        }
    }

    /// After a member: true at the closing bracket, false after a comma.
    private mutating func isAtEnd(_ closing: UInt8) throws(JSONSyntaxError) -> Bool {
        skipSpace()
        guard current == closing || current == UInt8(ascii: ",") else { throw error(.unexpectedCharacter) }
        position += 1
        return bytes[position - 1] == closing
    }

    private mutating func number() throws(JSONSyntaxError) -> String {
        let start = position
        func digits(_ parser: inout StrictJSONParser) throws(JSONSyntaxError) {
            let first = parser.position
            while let byte = parser.current, (48...57).contains(byte) { parser.position += 1 }
            guard parser.position > first else { throw parser.error(.badNumber) }
        }
        if current == UInt8(ascii: "-") { position += 1 }
        let isZero = current == UInt8(ascii: "0")
        let first = position
        try digits(&self)
        guard !isZero || position == first + 1 else { throw JSONSyntaxError(reason: .badNumber, offset: first) }
        if current == UInt8(ascii: ".") {
            position += 1
            try digits(&self)
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            try digits(&self)
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func text() throws(JSONSyntaxError) -> String {
        position += 1
        var content: [UInt8] = []
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"):
                content.append(contentsOf: String(Character(try escaped())).utf8)
            case 0..<0x20:
                throw error(.controlCharacter)
            default:
                content.append(byte)
                position += 1
            }
        }
        throw error(.unexpectedEnd)
    }

    private mutating func escaped() throws(JSONSyntaxError) -> UnicodeScalar {
        let start = position
        position += 1
        guard let letter = current else { throw error(.unexpectedEnd) }
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UnicodeScalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw JSONSyntaxError(reason: .badEscape, offset: start)
        }
        let first = try fourDigits(from: start)
        if let scalar = UnicodeScalar(first) { return scalar }
        // RFC 8259, section 7: a character outside the first plane is a pair of surrogates; alone they mean nothing.
        guard first < 0xDC00, current == UInt8(ascii: "\\"), position + 1 < bytes.count,
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw JSONSyntaxError(reason: .loneSurrogate, offset: start) }
        position += 2
        let second = try fourDigits(from: start)
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = UnicodeScalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw JSONSyntaxError(reason: .loneSurrogate, offset: start) }
        return scalar
    }

    private mutating func fourDigits(from start: Int) throws(JSONSyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current else { throw error(.unexpectedEnd) }
            guard let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
                throw JSONSyntaxError(reason: .badEscape, offset: start)
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}

/// Well-formed UTF-8 (Unicode 15, table 3-7): no overlong forms, no surrogates, nothing above U+10FFFF.
enum UTF8Check {
    /// The offset of the first byte that does not belong, or nil.
    static func firstBadByte(_ bytes: [UInt8]) -> Int? {
        var offset = 0
        while offset < bytes.count {
            guard let length = sequenceLength(bytes, at: offset) else { return offset }
            offset += length
        }
        return nil
    }

    private static func sequenceLength(_ bytes: [UInt8], at offset: Int) -> Int? {
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch bytes[offset] {
        case 0x00...0x7F: return 1
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return nil
        }
        guard offset + length <= bytes.count, second.contains(bytes[offset + 1]),
            bytes[(offset + 1)..<(offset + length)].allSatisfy({ (0x80...0xBF).contains($0) })
        else { return nil }
        return length
    }
}
