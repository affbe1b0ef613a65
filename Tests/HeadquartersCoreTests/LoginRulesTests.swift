// Names of logins, and which passwords are refused.

import HeadquartersCore
import Testing

@Suite struct LoginRulesTests {
    @Test(arguments: [
        ("zhang.min", "zhang.min"), ("  Zhang.Min ", "zhang.min"), ("ＺＨＡＮＧ１", "zhang1"), ("张敏", "张敏"),
        ("a-b_c", "a-b_c"), ("張㐀𠀀", "張㐀𠀀"),
    ])
    func namesAreFolded(_ typed: String, _ name: String) {
        #expect(LoginName.folded(typed) == name)
    }

    @Test(arguments: [
        "", " ", "a", "a b", "a\u{0}b", "zhang@min", "é1", "e\u{301}1", "<b>x", "ab\u{200B}", "名\u{F900}",
        String(repeating: "a", count: 33), String(repeating: " ", count: 40) + String(repeating: "a", count: 70),
    ])
    func whatIsNoNameIsRefused(_ typed: String) {
        #expect(LoginName.folded(typed) == nil)
    }

    @Test(arguments: [
        ("short", PasswordProblem.tooShort), ("九个字的句子也太短", .tooShort), ("1234567890", .tooObvious),
        ("Password123", .tooObvious), ("QWERTYUIOP", .tooObvious), ("aaaaaaaaaaaa", .tooObvious),
        ("abababababab", .tooObvious), ("zhang.min123", .tooObvious), ("zhang.minzhang.min", .tooObvious),
        (String(repeating: "长密码", count: 60), .tooLong),
    ])
    func obviousPasswordsAreRefused(_ password: String, _ problem: PasswordProblem) {
        #expect(PasswordRule.problem(password, name: "zhang.min") == problem)
    }

    @Test(arguments: ["correct horse", "今天下雨我没有带伞出门", "kq7rm2vxw9", "zhang.min 在三楼"])
    func longOnesWillDoWhateverTheyAreMadeOf(_ password: String) {
        #expect(PasswordRule.problem(password, name: "zhang.min") == nil)
    }
}
