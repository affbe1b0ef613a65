// Names on the form: the rules of the fair, and the surname that may be shown.

import JobFair

enum FormNames {
    /// Nil where the rules of `NameRules` refuse it.
    static func read(_ text: String) -> PersonName? {
        try? NameRules.check(text).get()
    }

    /// What a masked name shows, without its stars: one character, or a compound surname.
    static func surname(of name: PersonName) -> String {
        NameRules.masked(name).filter { $0 != "*" }
    }
}
