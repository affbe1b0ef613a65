// What a login's name and a password have to be, and how long sessions last.

/// Limits of the desk's logins, each with its unit and reason.
public enum LoginLimits {
    /// Characters of a name: it is typed every morning, and stands in every audit line.
    public static let nameCharacters = 2...32
    /// Characters of a password at least: with scrypt and the throttle out of reach of guessing, without rules about
    /// which characters, that only lead to `Abc@1234` (NIST SP 800-63B, 5.1.1.2).
    public static let passwordCharactersMin = 10
    /// Bytes of a password at most: the limit of a form's field.
    public static let passwordBytesMax = 512
    /// A session ends when nothing was asked of it for half an hour: somebody left the desk.
    public static let idleMilliseconds: Int64 = 30 * 60_000
    /// And eight hours after it was opened in any case: a working day.
    public static let sessionMilliseconds: Int64 = 8 * 3_600_000
    /// The last use of a session is written down at most once a minute, so that reading a page costs no commit; a session
    /// may end that much too early.
    public static let touchMilliseconds: Int64 = 60_000
    /// Sessions of one login: somebody's few browsers. The ones used longest ago end.
    public static let sessionsPerLoginMax = 8
    /// Employers and codes of one login: an agency that sends people to several.
    public static let employersPerLoginMax = 32
    /// Characters of a reason or subject in an audit line: a sentence.
    public static let auditTextCharactersMax = 100
    /// Lines on one page of the audit.
    public static let auditPageLines = 50
    /// Failed logins with names that no login has get one line of the audit in this time, with their number: 1440 lines a
    /// day at most, however many are tried.
    public static let strangersLineMilliseconds: Int64 = 60_000
}

/// The name of a login, as it is stored: ASCII letters in lower case, digits, `.`, `-`, `_` and Chinese characters.
public enum LoginName {
    /// Folds what was typed (case, full width, white space at the ends); nil where that is no name.
    public static func folded(_ text: String) -> String? {
        var folded = ""
        for scalar in text.unicodeScalars.drop(while: \.properties.isWhitespace) {
            var scalar = scalar
            if (0xFF01...0xFF5E).contains(scalar.value), let narrow = UnicodeScalar(scalar.value - 0xFEE0) {
                scalar = narrow
            }
            folded.unicodeScalars.append(scalar)
            if folded.unicodeScalars.count > 2 * LoginLimits.nameCharacters.upperBound { return nil }
        }
        while let last = folded.unicodeScalars.last, last.properties.isWhitespace { folded.unicodeScalars.removeLast() }
        folded = folded.lowercased()
        guard LoginLimits.nameCharacters.contains(folded.unicodeScalars.count),
            folded.unicodeScalars.allSatisfy(isAllowed)
        else { return nil }
        return folded
    }

    private static func isAllowed(_ scalar: UnicodeScalar) -> Bool {
        switch scalar {
        case "a"..."z", "0"..."9", ".", "-", "_": true
        default: scalar.properties.isUnifiedIdeograph
        }
    }
}

/// Why a password is refused when it is set.
public enum PasswordProblem: String, Sendable {
    case tooShort
    case tooLong
    /// It is the name, one character over and over, or among the first that anybody tries.
    case tooObvious
}

public enum PasswordRule {
    /// Long enough, and what everybody chooses first all the same.
    private static let obvious: Set<String> = [
        "1234567890", "0123456789", "0987654321", "12345678910", "1234512345", "1122334455", "a123456789",
        "abc1234567", "abcd123456", "qwertyuiop", "1q2w3e4r5t", "1qaz2wsx3edc", "qwer123456", "asdfghjkl1",
        "password12", "password123", "password1234", "admin12345", "admin123456", "woaini1314", "5201314520",
    ]

    /// Nil: it will do.
    ///
    /// - Parameter name: of the login, folded.
    public static func problem(_ password: String, name: String) -> PasswordProblem? {
        if password.count < LoginLimits.passwordCharactersMin { return .tooShort }
        if password.utf8.count > LoginLimits.passwordBytesMax { return .tooLong }
        let plain = password.lowercased()
        if Set(plain).count < 3 || obvious.contains(plain) || plain.replacing(name, with: "").count < 4 {
            return .tooObvious
        }
        return nil
    }
}
