// Finds telephone numbers, WeChat and QQ names in free text, however they are spaced and spelled.

/// A number or name by which somebody can be reached, found in a text. Personal: never log it.
public struct FoundPhone: Hashable, Sendable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        case mobile
        case landline
        /// 400 and 800 numbers.
        case service
        case weChat
        case qq
    }

    public var kind: Kind
    /// Digits only; for WeChat the name in upper case.
    public var number: String
    /// Characters of the text, counted from 0.
    public var range: Range<Int>
}

public enum PhoneFinder {
    /// In the order they stand in. `130 0000 0001`, `１３０－００００－０００１`, `一三零…`, `0571-88000001`, `(010)88000001`,
    /// `400-000-0001`, `电话88000001`, `微信：name_1`, `QQ 100001`.
    public static func phones(in text: String) -> [FoundPhone] {
        phones(in: LintText(text))
    }

    static func phones(in text: LintText) -> [FoundPhone] {
        var found = numbers(digitGroups(text), in: text)
        found += names(in: text).filter { name in !found.contains { $0.range.overlaps(name.range) } }
        return found.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }

    /// The text with every letter and digit of every number and name replaced by `*`.
    public static func masked(_ text: String) -> String {
        var characters = Array(text)
        for phone in phones(in: text) {
            for index in phone.range where characters[index].isLetter || characters[index].isNumber {
                characters[index] = "*"
            }
        }
        return String(characters)
    }

    // MARK: - Numbers

    /// Digits that stand together.
    private struct Group {
        var digits: [Unicode.Scalar]
        var range: Range<Int>
        /// How many of them are written as words: one 一 between digits is a dash (`6000一9000`), three are a number.
        var spelled: Int
    }

    private static func spelledDigit(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar {
        case "零", "〇": "0"
        case "一", "幺", "壹": "1"
        case "二", "贰", "两": "2"
        case "三", "叁": "3"
        case "四", "肆": "4"
        case "五", "伍": "5"
        case "六", "陆": "6"
        case "七", "柒": "7"
        case "八", "捌": "8"
        case "九", "玖": "9"
        default: nil
        }
    }

    private static func digitGroups(_ text: LintText) -> [Group] {
        var groups: [Group] = []
        var group: Group?
        for (index, scalar) in text.scalars.enumerated() {
            let isFigure = PlainText.isDigit(scalar)
            guard let digit = isFigure ? scalar : spelledDigit(scalar) else {
                if let done = group { groups.append(done) }
                group = nil
                continue
            }
            if let done = group, text.hasBlank(before: index) {
                groups.append(done)
                group = nil
            }
            var current = group ?? Group(digits: [], range: index..<index, spelled: 0)
            current.digits.append(digit)
            current.range = current.range.lowerBound..<(index + 1)
            current.spelled += isFigure ? 0 : 1
            group = current
        }
        if let done = group { groups.append(done) }
        return groups
    }

    /// A number is one group, or groups joined by blanks, hyphens, dots and brackets; some write each digit apart.
    private static let partsMax = 11

    private static func numbers(_ groups: [Group], in text: LintText) -> [FoundPhone] {
        var found: [FoundPhone] = []
        var first = 0
        while first < groups.count {
            var digits: [Unicode.Scalar] = []
            var next = first + 1
            for last in first..<min(groups.count, first + partsMax) {
                if last > first, !isJoint(text, groups[last - 1].range.upperBound..<groups[last].range.lowerBound) {
                    break
                }
                let group = groups[last]
                guard group.spelled == 0 || group.spelled >= 3 else { break }
                digits += group.digits
                let start = groups[first].range.lowerBound
                if let (kind, number) = kind(of: digits, isCalled: isCalled(text, before: start)) {
                    let range = text.characterRange(start..<group.range.upperBound)
                    found.append(FoundPhone(kind: kind, number: PlainText.string(number), range: range))
                    next = last + 1
                    break
                }
            }
            first = next
        }
        return found
    }

    private static func isJoint(_ text: LintText, _ range: Range<Int>) -> Bool {
        range.count <= 2
            && text.scalars[range].allSatisfy { $0 == "-" || $0 == "." || $0 == ")" || $0 == "·" || $0 == "(" }
    }

    private static func kind(
        of digits: [Unicode.Scalar], isCalled: Bool
    ) -> (FoundPhone.Kind, [Unicode.Scalar])? {
        switch (digits[0], digits.count) {
        case ("1", 11): return ("3"..."9").contains(digits[1]) ? (.mobile, digits) : nil
        case ("8", 13) where digits[1] == "6" && digits[2] == "1":
            return kind(of: Array(digits.dropFirst(2)), isCalled: false)
        case ("0", 15) where digits.starts(with: "0086".unicodeScalars):
            return kind(of: Array(digits.dropFirst(4)), isCalled: false)
        // Area code of 3 or 4 digits, number of 7 or 8.
        case ("0", 10...12): return digits[1] == "0" ? nil : (.landline, digits)
        case ("4", 10), ("8", 10): return digits[1] == "0" && digits[2] == "0" ? (.service, digits) : nil
        case ("2"..."8", 7...8): return isCalled ? (.landline, digits) : nil
        default: return nil
        }
    }

    /// 电话 or the like stands right before: then seven digits are a number too.
    private static func isCalled(_ text: LintText, before index: Int) -> Bool {
        let end = text[index - 1] == ":" ? index - 1 : index
        return ["电话", "热线", "座机", "致电", "拨打", "联系方式", "咨询", "TEL"].contains {
            text.has($0, at: end - $0.unicodeScalars.count)
        }
    }

    // MARK: - Names

    /// Words that announce a WeChat name, longest first. The Latin ones count only apart from other letters.
    private static let weChatWords = ["微信号", "微信", "威信", "薇信", "V信", "WECHAT", "加VX", "加V", "VX", "WX"]
    private static let qqWords = ["QQ号", "QQ", "扣扣"]
    /// Tencent's rule: 6 to 20 letters, digits, hyphens and underscores.
    private static let weChatLength = 6...20
    private static let qqLength = 5...11

    private static func names(in text: LintText) -> [FoundPhone] {
        var found: [FoundPhone] = []
        var index = 0
        while index < text.scalars.count {
            let name = name(in: text, at: index)
            if let name { found.append(name.phone) }
            index = name?.end ?? index + 1
        }
        return found
    }

    private static func name(in text: LintText, at index: Int) -> (phone: FoundPhone, end: Int)? {
        switch text.scalars[index] {
        case "微", "威", "薇", "V", "W", "加", "Q", "扣": break
        default: return nil
        }
        if index > 0, isNameScalar(text.scalars[index]), isNameScalar(text.scalars[index - 1]) { return nil }
        if let word = weChatWords.first(where: { text.has($0, at: index) }) {
            var start = index + word.unicodeScalars.count
            let isAnnounced = skipAnnouncement(text, &start) || word.hasSuffix("号")
            let id = text.scalars[start...].prefix { isNameScalar($0) }
            guard weChatLength.contains(id.count), isAnnounced || id.contains(where: PlainText.isDigit) else {
                return nil
            }
            return phone(.weChat, id, in: text)
        }
        if let word = qqWords.first(where: { text.has($0, at: index) }) {
            var start = index + word.unicodeScalars.count
            _ = skipAnnouncement(text, &start)
            let id = text.scalars[start...].prefix(while: PlainText.isDigit)
            return qqLength.contains(id.count) ? phone(.qq, id, in: text) : nil
        }
        return nil
    }

    private static func phone(
        _ kind: FoundPhone.Kind, _ id: ArraySlice<Unicode.Scalar>, in text: LintText
    ) -> (phone: FoundPhone, end: Int) {
        let range = text.characterRange(id.startIndex..<id.endIndex)
        return (FoundPhone(kind: kind, number: PlainText.string(id), range: range), id.endIndex)
    }

    private static func skipAnnouncement(_ text: LintText, _ index: inout Int) -> Bool {
        let start = index
        while let scalar = text[index], scalar == ":" || scalar == "是" || scalar == "为" { index += 1 }
        return index > start
    }

    private static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
        PlainText.isDigit(scalar) || PlainText.isLetter(scalar) || scalar == "_" || scalar == "-"
    }
}
