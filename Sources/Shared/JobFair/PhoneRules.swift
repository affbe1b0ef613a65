// Phone numbers as people write them, and the one way they are stored.

/// A phone number that passed its rules. Not unique: families, villages and foremen share one.
public struct PhoneNumber: Hashable, Sendable {
    public enum Kind: Sendable {
        case mobile
        case landline
        /// A number kept for machines (140 to 149 and 106): noted, not refused.
        case machine
    }

    /// Digits only.
    public var number: String
    public var kind: Kind
}

public enum PhoneRules {
    /// Longest text looked at, in code points: a landline with country code and every separator.
    public static let typedCodePointsMax = 40

    /// Mobiles `1[3-9]` with 11 digits, landlines `0` with area code and 7 or 8 digits, machines with 13.
    /// `+86`, `0086`, spaces, hyphens, brackets, full width and the letter O for a zero are accepted.
    public static func check(_ text: String) -> Result<PhoneNumber, ProblemCode> {
        guard text.unicodeScalars.count <= typedCodePointsMax else { return .failure(.phoneTooLong) }
        var digits = PlainText.number(text).filter { $0 != "(" && $0 != ")" }.map { $0 == "O" ? "0" : $0 }
        if digits.starts(with: "+86".unicodeScalars) {
            digits.removeFirst(3)
        } else if digits.starts(with: "0086".unicodeScalars) {
            digits.removeFirst(4)
        } else if digits.count == 13, digits.starts(with: "861".unicodeScalars) {
            digits.removeFirst(2)
        }
        guard digits.allSatisfy(PlainText.isDigit), let kind = kind(of: digits) else { return .failure(.phoneInvalid) }
        return .success(PhoneNumber(number: PlainText.string(digits), kind: kind))
    }

    private static func kind(of digits: [Unicode.Scalar]) -> PhoneNumber.Kind? {
        guard digits.count >= 10 else { return nil }
        switch (digits[0], digits[1], digits.count) {
        case ("1", "4", 11), ("1", "4", 13): return .machine
        case ("1", "3"..."9", 11): return .mobile
        case ("1", "0", 13): return digits[2] == "6" ? .machine : nil
        // 0 and two or three digits of the area, 7 or 8 of the number.
        case ("0", "1"..."9", 10...12): return .landline
        default: return nil
        }
    }
}
