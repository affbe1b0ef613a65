// Places by GB/T 2260: which lies in which, and how near two of them are.

/// A province, city or county: six digits, of which the first 2, 4 or 6 mean something.
public struct RegionCode: Hashable, Sendable {
    /// The meaning digits as a number: `33`, `3310` or `331003`.
    let digits: Int32
    /// 1 province, 2 city, 3 county.
    let level: UInt8

    /// Nil unless `text` begins with six digits and names a province; codes of towns and villages (9 and 12 digits) are
    /// cut to their county.
    public init?(_ text: some StringProtocol) {
        let head = text.utf8.prefix(7)
        let six = head.prefix(6)
        guard six.count == 6, six.allSatisfy({ (48...57).contains($0) }), head.count == 6 || text.utf8.count >= 9
        else { return nil }
        let number = six.reduce(Int32(0)) { $0 * 10 + Int32($1 - 48) }
        guard number >= 100_000 else { return nil }
        if number % 10_000 == 0 {
            (digits, level) = (number / 10_000, 1)
        } else if number % 100 == 0 {
            (digits, level) = (number / 100, 2)
        } else {
            (digits, level) = (number, 3)
        }
    }

    private init(digits: Int32, level: UInt8) {
        self.digits = digits
        self.level = level
    }

    /// How far apart. Ordered: the nearer, the smaller.
    public enum Distance: Int, Comparable, Sendable {
        case sameCounty, sameCity, sameProvince, elsewhere

        public static func < (left: Distance, right: Distance) -> Bool { left.rawValue < right.rawValue }
    }

    /// As far as both codes tell: of a code without county nobody knows that it is the same county.
    public func distance(to other: RegionCode) -> Distance {
        guard cut(to: 1) == other.cut(to: 1) else { return .elsewhere }
        guard level >= 2, other.level >= 2, cut(to: 2) == other.cut(to: 2) else { return .sameProvince }
        if level == 3, other.level == 3, digits == other.digits { return .sameCounty }
        // 省直辖县级行政区划 (429004, 429005 ...) share four digits, not a city.
        return cut(to: 2).digits % 100 == 90 ? .sameProvince : .sameCity
    }

    /// Whether a place with the code `other` lies here; nil: `other` is too coarse to tell.
    public func contains(_ other: RegionCode) -> Bool? {
        if other.level >= level { return other.cut(to: level) == self }
        return cut(to: other.level) == other ? nil : false
    }

    func cut(to other: UInt8) -> RegionCode {
        var (digits, level) = (digits, level)
        while level > other {
            digits /= 100
            level -= 1
        }
        return RegionCode(digits: digits, level: level)
    }
}
