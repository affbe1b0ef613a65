// The number on the slip.

/// `AB0237`: two letters of the lineage, four digits from 0001 to 9999. The letters I, O, Q and V are not used:
/// read aloud or badly printed they pass for others.
public struct TicketNumber: Hashable, Sendable, Comparable, CustomStringConvertible {
    public static let letters = Array("ABCDEFGHJKLMNPRSTUWXYZ")
    public static let numberMax = 9999

    /// Two letters.
    public let pair: String
    /// 1 to 9999.
    public let number: Int

    public init?(pair: String, number: Int) {
        guard pair.count == 2, pair.allSatisfy(Self.letters.contains), (1...Self.numberMax).contains(number) else {
            return nil
        }
        self.pair = pair
        self.number = number
    }

    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 6, text.dropFirst(2).utf8.allSatisfy({ (48...57).contains($0) }),
            let number = Int(text.dropFirst(2))
        else { return nil }
        self.init(pair: String(text.prefix(2)), number: number)
    }

    public var description: String {
        let digits = String(number)
        return pair + String(repeating: "0", count: 4 - digits.count) + digits
    }

    public static func < (left: TicketNumber, right: TicketNumber) -> Bool {
        (left.pair, left.number) < (right.pair, right.number)
    }
}
