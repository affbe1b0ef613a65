// The unified social credit code (统一社会信用代码) of an employer, as it is written and checked.

public enum CreditCode {
    /// Characters of a code: authority, kind, six digits of a region, nine of an organisation, one that checks the rest.
    public static let length = 18

    /// Without I, O, S, V and Z, which are taken for other characters. Their places are their values.
    private static let characters = Array("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)

    /// Upper case, the right length, and the last character checks the seventeen before it: each times 3 to the power
    /// of its place, and the last, make a multiple of 31 (GB 32100-2015). Whether anybody has the code, only the
    /// register can say.
    public static func isValid(_ text: String) -> Bool {
        let values = text.utf8.prefix(length + 1).compactMap { characters.firstIndex(of: $0) }
        guard values.count == length, text.utf8.count == length else { return false }
        var sum = values[length - 1]
        var weight = 1
        for value in values.dropLast() {
            sum += value * weight
            weight = weight * 3 % 31
        }
        return sum % 31 == 0
    }
}
