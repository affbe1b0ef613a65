// 统一社会信用代码 in a cell, and how a spreadsheet spoils it.

import JobFair

/// Reads the code from a cell; what a code is, `CreditCode` of JobFair knows.
public enum CreditCodeReader {
    public enum Failure: Error, Hashable, Sendable {
        /// `9.1330100E+17`, or a number of more digits than a spreadsheet keeps: the end is lost.
        case floatingPoint
        case length
        case characters
        case check
    }

    /// Upper case and half width. `isNumber`: the cell holds a number, of which 15 digits are true.
    public static func read(_ raw: String, isNumber: Bool = false) throws(Failure) -> String {
        let code = CellText.key(raw).filter { $0 != "-" }
        if LostDigits.isFloatingPoint(raw) || (isNumber && code.utf8.count > 15) { throw .floatingPoint }
        guard code.unicodeScalars.count == CreditCode.length else { throw .length }
        guard code.utf8.allSatisfy({ (48...57).contains($0) || (65...90).contains($0) }) else { throw .characters }
        // A code of digits alone that ends in 000 went through a spreadsheet as a number and came back as text.
        guard CreditCode.isValid(code) else {
            let isNumeric = code.utf8.allSatisfy { (48...57).contains($0) }
            throw isNumeric && code.hasSuffix("000") ? .floatingPoint : .check
        }
        return code
    }
}

/// What a spreadsheet leaves of a long number: `9.133E+17`.
enum LostDigits {
    static func isFloatingPoint(_ text: String) -> Bool {
        let key = Array(CellText.key(text).utf8)
        guard let exponent = key.firstIndex(of: UInt8(ascii: "E")), exponent > 0, exponent + 1 < key.count else {
            return false
        }
        let mantissa = key[..<exponent]
        let isDecimal = { (byte: UInt8) in (48...57).contains(byte) || byte == UInt8(ascii: ".") }
        let power = key[(exponent + 1)...].drop { $0 == UInt8(ascii: "+") }
        // 91330106MA2E12345 has an E too, but letters around it; 1E5 without a point or sign may be a booth.
        return mantissa.allSatisfy(isDecimal) && (1...3).contains(power.count)
            && power.allSatisfy { (48...57).contains($0) }
            && (mantissa.contains(UInt8(ascii: ".")) || key.contains(UInt8(ascii: "+")))
    }
}
