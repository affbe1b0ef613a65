// The four digits that prove a slip is in the right hands, and the hash by which its kiosk checks them.

import JobFair
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The last four of the phone, else of the document, where the last may be X.
enum SlipDigits {
    enum Verdict: Hashable, Sendable {
        case right, wrong
        /// Neither phone nor document was given: only a clerk can help.
        case none
        /// Another kiosk made the slip, the fair has closed since, or the key is gone: headquarters decides.
        case unknown
    }

    /// Half width, upper case, without spaces and hyphens; nil unless they are four, with X at most at the end.
    static func read(_ text: String) -> String? {
        let scalars = PlainText.number(text)
        guard scalars.count == 4, scalars.dropLast().allSatisfy(PlainText.isDigit),
            scalars.last.map({ PlainText.isDigit($0) || $0 == "X" }) == true
        else { return nil }
        return PlainText.string(scalars)
    }

    /// 32 bytes: 8 that tell which key it was, then 24 of the HMAC. 32 zeros where there are no digits that anybody could
    /// type: a registration without phone and document, or a document that ends in letters.
    static func hash(_ digits: String?, of registration: RecordID, with hash: KeyedHash) -> Data {
        guard let digits, read(digits) == digits else { return Data(count: 32) }
        return mark(of: hash) + hash("digits", registration.bytes, Array(digits.utf8)).prefix(24)
    }

    /// - Parameter stored: what `hash` made at registration; nil where it was taken out.
    static func verdict(
        _ digits: String, of registration: RecordID, stored: Data?, with hash: KeyedHash
    ) -> Verdict {
        guard let stored, stored.count == 32 else { return .unknown }
        if stored == Data(count: 32) { return .none }
        // After a power cut the key is another one, and every string would be wrong.
        guard stored.prefix(8) == mark(of: hash) else { return .unknown }
        return isEqualInConstantTime(stored, self.hash(digits, of: registration, with: hash)) ? .right : .wrong
    }

    private static func mark(of hash: KeyedHash) -> Data { hash("key of digits").prefix(8) }
}
