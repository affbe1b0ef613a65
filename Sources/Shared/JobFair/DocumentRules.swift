// Documents: from what was typed to a normalised number, its kind and the birth date it holds.

/// Rules of GB 11643-1999 (18 digits, check digit by ISO 7064 MOD 11-2), of the 15 digits before it, of residence
/// permits, foreign permanent residents and passports. The region prefix is never judged: half of all codes ever
/// issued are abolished, and it says where a number was first issued, not where the person lives.
public enum DocumentRules {
    /// Longest text looked at, in code points: 18 digits with separators fit three times over.
    public static let typedCodePointsMax = 64
    public static let passportLength = 5...17
    /// More digits than this, and nothing else, is a mistyped resident ID or a phone number, not a passport, unless
    /// "passport" was chosen.
    public static let inferredPassportDigitsMax = 10

    /// - Parameters:
    ///   - number: as typed: full width, x, Roman ten, spaces, hyphens, the letter O for a zero.
    ///   - kind: what the seeker chose; nil lets the number decide.
    ///   - day: the open fair day; nobody is born after it.
    public static func check(
        number: String, kind: DocumentKind?, on day: CalendarDate
    ) -> Result<Document, ProblemCode> {
        Result { () throws(ProblemCode) in
            guard number.unicodeScalars.count <= typedCodePointsMax else { throw .documentTooLong }
            let plain = PlainText.number(number)
            if isFloatingPoint(plain) { throw .documentFloatingPoint }
            guard plain.allSatisfy({ PlainText.isDigit($0) || PlainText.isLetter($0) }) else {
                throw .documentCharacters
            }
            let shown = if let kind { kind } else { try infer(plain) }
            switch shown {
            case .residentID: return try residentID(plain, on: day)
            case .residencePermit: return try residencePermit(plain, on: day)
            case .permanentResident: return try permanentResident(plain, on: day)
            case .passport: return try passport(plain)
            }
        }
    }

    /// The kind a number shows by itself; persons are linked by this kind and the number. Nil: none.
    public static func inferredKind(of number: String) -> DocumentKind? {
        try? infer(PlainText.number(number))
    }

    /// The check digit of 17 digits, `0` to `9` or `X`. `11010519491231002` has `X`. Nil unless there are 17 digits.
    public static func checkDigit(of digits: String) -> Character? {
        let scalars = Array(digits.unicodeScalars)
        guard scalars.count == 17, scalars.allSatisfy(PlainText.isDigit) else { return nil }
        return Character(checkDigit(scalars[...]))
    }
}

// MARK: - Kinds

extension DocumentRules {
    private static func infer(_ plain: [Unicode.Scalar]) throws(ProblemCode) -> DocumentKind {
        let digits = zeroed(plain[...])
        if plain.count == 18 {
            guard isEighteen(digits) else { throw .documentCharacters }
            if isPermitPrefix(digits) { return .residencePermit }
            return digits[0] == "9" ? .permanentResident : .residentID
        }
        if plain.count == 15 {
            if isOldPermanentResident(plain) { return .permanentResident }
            if digits.allSatisfy(PlainText.isDigit) { return .residentID }
        }
        let isNumberOnly =
            digits.dropLast().allSatisfy(PlainText.isDigit) && (digits.last.map(isLastOfEighteen) ?? true)
        guard !isNumberOnly || plain.count <= inferredPassportDigitsMax, passportLength.contains(plain.count) else {
            throw .documentLength
        }
        return .passport
    }

    private static func residentID(
        _ plain: [Unicode.Scalar], on day: CalendarDate
    ) throws(ProblemCode) -> Document {
        let digits = zeroed(plain[...])
        guard digits.count == 15 else { return try eighteen(digits, kind: .residentID, on: day) }
        guard digits.allSatisfy(PlainText.isDigit) else { throw .documentCharacters }
        // Sequences 996 to 999 were kept for people born before 1900.
        let century = (996...999).contains(value(digits[12...])) ? "18" : "19"
        let seventeen = digits[..<6] + Array(century.unicodeScalars) + digits[6...]
        let converted = Array(seventeen) + [checkDigit(seventeen)]
        var document = try eighteen(converted, kind: .residentID, on: day)
        document.typed = PlainText.string(digits)
        document.isConverted = true
        return document
    }

    private static func residencePermit(
        _ plain: [Unicode.Scalar], on day: CalendarDate
    ) throws(ProblemCode) -> Document {
        let digits = zeroed(plain[...])
        guard digits.count == 18 else { throw .documentLength }
        guard isPermitPrefix(digits) else { throw .documentKindMismatch }
        return try eighteen(digits, kind: .residencePermit, on: day)
    }

    private static func permanentResident(
        _ plain: [Unicode.Scalar], on day: CalendarDate
    ) throws(ProblemCode) -> Document {
        switch plain.count {
        case 15:
            guard isOldPermanentResident(plain) else { throw .documentKindMismatch }
            // The old number has a year of two digits; the form asks for the birth date.
            let number = PlainText.string(plain[..<3] + zeroed(plain[3...]))
            return Document(
                kind: .permanentResident, number: number, typed: number, isConverted: false, birthDate: nil)
        case 18:
            let digits = zeroed(plain[...])
            guard digits[0] == "9" else { throw .documentKindMismatch }
            return try eighteen(digits, kind: .permanentResident, on: day)
        default: throw .documentLength
        }
    }

    private static func passport(_ plain: [Unicode.Scalar]) throws(ProblemCode) -> Document {
        guard passportLength.contains(plain.count) else { throw .documentLength }
        // O and 0 are both possible here: nothing is replaced.
        let number = PlainText.string(plain)
        return Document(kind: .passport, number: number, typed: number, isConverted: false, birthDate: nil)
    }

    private static func eighteen(
        _ digits: [Unicode.Scalar], kind: DocumentKind, on day: CalendarDate
    ) throws(ProblemCode) -> Document {
        guard digits.count == 18 else { throw .documentLength }
        guard isEighteen(digits) else { throw .documentCharacters }
        guard
            let birthDate = CalendarDate(
                year: value(digits[6..<10]), month: value(digits[10..<12]), day: value(digits[12..<14]))
        else { throw .documentBirthDate }
        guard birthDate <= day else { throw .documentBornInFuture }
        guard digits[17] == checkDigit(digits[..<17]) else { throw .documentCheckDigit }
        let number = PlainText.string(digits)
        return Document(kind: kind, number: number, typed: number, isConverted: false, birthDate: birthDate)
    }
}

// MARK: - Digits

extension DocumentRules {
    /// What a spreadsheet makes of a long number: `5.10229E+17`. Its last digits are lost for good.
    private static func isFloatingPoint(_ plain: [Unicode.Scalar]) -> Bool {
        guard let exponentMark = plain.firstIndex(of: "E"), plain.contains("+") || plain.contains(".") else {
            return false
        }
        let mantissa = plain[..<exponentMark]
        let exponent = plain[(exponentMark + 1)...]
        return mantissa.first.map(PlainText.isDigit) ?? false
            && mantissa.allSatisfy { PlainText.isDigit($0) || $0 == "." }
            && exponent.last.map(PlainText.isDigit) ?? false
            && exponent.drop { $0 == "+" }.allSatisfy(PlainText.isDigit)
    }

    private static func zeroed(_ plain: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar] {
        plain.map { $0 == "O" ? "0" : $0 }
    }

    private static func isEighteen(_ digits: [Unicode.Scalar]) -> Bool {
        digits.count == 18 && digits[..<17].allSatisfy(PlainText.isDigit) && isLastOfEighteen(digits[17])
    }

    private static func isLastOfEighteen(_ scalar: Unicode.Scalar) -> Bool {
        PlainText.isDigit(scalar) || scalar == "X"
    }

    private static func isPermitPrefix(_ digits: [Unicode.Scalar]) -> Bool {
        digits[0] == "8" && ("1"..."3").contains(digits[1])
    }

    private static func isOldPermanentResident(_ plain: [Unicode.Scalar]) -> Bool {
        plain[..<3].allSatisfy(PlainText.isLetter) && zeroed(plain[3...]).allSatisfy(PlainText.isDigit)
    }

    private static func value(_ digits: ArraySlice<Unicode.Scalar>) -> Int {
        digits.reduce(0) { $0 * 10 + Int($1.value) - 48 }
    }

    private static func checkDigit(_ seventeen: ArraySlice<Unicode.Scalar>) -> Unicode.Scalar {
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(seventeen, weights).reduce(0) { $0 + (Int($1.0.value) - 48) * $1.1 }
        return Array("10X98765432".unicodeScalars)[sum % 11]
    }
}
