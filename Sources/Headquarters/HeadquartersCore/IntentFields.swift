// What a phone posts to the job-intent form, read strictly: every limit and every spelling is decided here.

public import JobFair

/// The fields of an `application/x-www-form-urlencoded` body, in order; names may repeat.
public struct IntentFields: Sendable {
    /// Fields in one post: 200 tick boxes twice, and the few others.
    public static let fieldsMax = 512
    /// UTF-8 bytes of one decoded value: a name of 50 code points takes 200.
    public static let valueBytesMax = 512

    private let pairs: [(name: String, value: String)]

    /// Nil where the body is not what a browser's form sends: broken percent signs or UTF-8, too many or too long.
    public init?(_ body: some Sequence<UInt8>) {
        var pairs: [(name: String, value: String)] = []
        for part in Array(body).split(separator: UInt8(ascii: "&")) {
            let sides = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard pairs.count < Self.fieldsMax, let first = sides.first, let name = Self.decode(first),
                let value = sides.count == 2 ? Self.decode(sides[1]) : ""
            else { return nil }
            pairs.append((name, value))
        }
        self.pairs = pairs
    }

    /// The same from parts that were read elsewhere (multipart), within the same limits.
    public init?(pairs: [(name: String, value: String)]) {
        guard pairs.count <= Self.fieldsMax, pairs.allSatisfy({ $0.value.utf8.count <= Self.valueBytesMax }) else {
            return nil
        }
        self.pairs = pairs
    }

    /// The first value of this name, without white space at its ends; nil where there is none or it is empty.
    public func first(_ name: String) -> String? {
        guard let value = pairs.first(where: { $0.name == name })?.value else { return nil }
        let trimmed = value.trimmingSpaces()
        return trimmed.isEmpty ? nil : trimmed
    }

    public func all(_ name: String) -> [String] {
        pairs.filter { $0.name == name }.map(\.value)
    }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> String? {
        var decoded: [UInt8] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            switch bytes[index] {
            case UInt8(ascii: "+"):
                decoded.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard index + 2 < bytes.endIndex, let high = hexadecimal(bytes[index + 1]),
                    let low = hexadecimal(bytes[index + 2])
                else { return nil }
                decoded.append(high << 4 | low)
                index += 2
            case let byte:
                decoded.append(byte)
            }
            index += 1
        }
        guard decoded.count <= valueBytesMax else { return nil }
        return String(validating: decoded, as: UTF8.self)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init)
    }
}

/// The four digits a holder says: the last four of the phone, else of the document, where the last may be X.
public enum IntentDigits {
    /// Half width, upper case, without spaces; nil unless they are four, with X at most at the end.
    public static func read(_ text: String) -> String? {
        let folded = IntentText.folded(text)
        guard folded.utf8.count == 4 else { return nil }
        let characters = Array(folded.utf8)
        let areDigits = characters.dropLast().allSatisfy { (48...57).contains($0) }
        guard areDigits, (48...57).contains(characters[3]) || characters[3] == UInt8(ascii: "X") else { return nil }
        return folded
    }
}

/// A number typed by hand from a slip that no camera can read.
public struct IntentHandNumber: Hashable, Sendable {
    public var fairKeyNumber: Int
    public var ticket: TicketNumber

    /// The fair's number (1 to 16,777,215) and the ticket number in any case, width and spacing; nil otherwise.
    public init?(fair: String, ticket: String) {
        let fairText = IntentText.folded(fair)
        guard (1...8).contains(fairText.utf8.count), fairText.utf8.allSatisfy({ (48...57).contains($0) }),
            let number = Int(fairText), (1...0xFF_FFFF).contains(number),
            let ticket = TicketNumber(IntentText.folded(ticket))
        else { return nil }
        self.fairKeyNumber = number
        self.ticket = ticket
    }
}

/// Folding of what thumbs and input methods produce.
enum IntentText {
    /// Full-width forms to ASCII, Roman ten (Ⅹ) to X, upper case; spaces, hyphens and dots between groups dropped.
    static func folded(_ text: String) -> String {
        var folded = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0xFF01...0xFF5E:
                if let ascii = UnicodeScalar(scalar.value - 0xFEE0), ascii != "-" {
                    folded.unicodeScalars.append(ascii)
                }
            case 0x2169, 0x2179:
                folded.append("X")
            case 0x20, 0x3000, 0xA0, 0x2D, 0x2010...0x2015, 0x09, 0x0A, 0x0D, 0x200B...0x200D, 0xFEFF:
                continue
            default:
                folded.unicodeScalars.append(scalar)
            }
        }
        return folded.uppercased()
    }
}

extension String {
    fileprivate func trimmingSpaces() -> String {
        let spaces: (Character) -> Bool = { $0.isWhitespace || $0 == "\u{200B}" || $0 == "\u{FEFF}" }
        var text = self[...]
        while let first = text.first, spaces(first) { text.removeFirst() }
        while let last = text.last, spaces(last) { text.removeLast() }
        return String(text)
    }
}
