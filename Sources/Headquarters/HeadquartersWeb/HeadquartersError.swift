// What goes wrong in commands and at start, with a hint for the person who must act.

/// Error of headquarters' settings, keys and commands. Messages never hold personal data, codes or keys.
public struct HeadquartersError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case settingsInvalid
        case fairFileInvalid
        case keysMissing
        case keysExist
        /// Not those that the database needs.
        case keysForeign
        case backupMissing
        case backupUnreadable
        case backupDiffers
        case passphraseUnsuitable
        case passphraseWrong
        case loginUnsuitable
        case sheetUnsuitable
        case fairUnknown
        case fairChanged
        case vacancyUnknown
        case employerUnknown
        case employerUnsuitable
        case kioskUnknown
        case kioskUnsuitable
        case personUnsuitable
        case stickUnsuitable
        case fileFailed
        case fileUnsuitable
        case anotherInstance
        case listenFailed
        case internalFailure
    }

    public var code: Code
    public var message: String
    /// What to do about it; empty where nothing can be said.
    public var hint: String

    public init(_ code: Code, _ message: String, hint: String = "") {
        self.code = code
        self.message = message
        self.hint = hint
    }

    public var description: String { hint.isEmpty ? message : "\(message)\n  \(hint)" }
}
