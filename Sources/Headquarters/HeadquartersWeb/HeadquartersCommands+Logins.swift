// headquartersd login, as functions: who may sit at the desk.

import DurableFiles
import HeadquartersCore
import HeadquartersStore
import JobFair

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#endif

extension HeadquartersCommands {
    /// Whether `addLogin` could take this, before anybody types a password for it.
    public func checkLogin(name: String, role: String, employers: [String]) throws {
        _ = try Self.login(name: name, role: role, employers: employers)
    }

    /// - Parameters:
    ///   - role: `clerk` or `employer`.
    ///   - employers: ids and credit codes; for role employer one at least, for clerks none.
    public func addLogin(name: String, role: String, employers: [String], password: String) async throws -> String {
        let login = try Self.login(name: name, role: role, employers: employers)
        do {
            try await openStore().addLogin(
                login, password: try await Self.hash(password, name: login.name), by: .terminal, at: Self.now())
        } catch let error as HeadquartersStoreError where error.code == .loginExists {
            throw HeadquartersError(
                .loginUnsuitable, "there is a login \(login.name) already, or there was",
                hint: "names are used once: the audit tells them apart by name. headquartersd login list shows them")
        } catch let error as HeadquartersStoreError where error.code == .employerUnknown {
            throw HeadquartersError(.loginUnsuitable, "no fair has \(error.detail)")
        }
        return Self.line(of: login)
    }

    private static func login(name typed: String, role: String, employers: [String]) throws -> Login {
        guard let name = LoginName.folded(typed) else {
            throw HeadquartersError(
                .loginUnsuitable,
                "a name has \(LoginLimits.nameCharacters.lowerBound) to \(LoginLimits.nameCharacters.upperBound) letters, "
                    + "digits, Chinese characters, '.', '-' and '_'")
        }
        guard let role = LoginRole(rawValue: role) else {
            throw HeadquartersError(.loginUnsuitable, "a role is clerk or employer")
        }
        let (ids, codes) = try Self.employers(employers)
        guard employers.isEmpty == (role == .clerk), employers.count <= LoginLimits.employersPerLoginMax else {
            throw employersUnsuitable
        }
        return Login(name: name, role: role, employerIDs: ids, creditCodes: codes)
    }

    private static let employersUnsuitable = HeadquartersError(
        .loginUnsuitable,
        "an employer's login is for 1 to \(LoginLimits.employersPerLoginMax) employers, a clerk's for none")

    /// Ids and credit codes apart.
    private static func employers(_ names: [String]) throws -> (ids: Set<EmployerID>, codes: Set<String>) {
        var (ids, codes): (Set<EmployerID>, Set<String>) = ([], [])
        for name in names {
            if let id = EmployerID(name) {
                ids.insert(id)
            } else if CreditCode.isValid(name.uppercased()) {
                codes.insert(name.uppercased())
            } else {
                throw HeadquartersError(
                    .loginUnsuitable, "\(name) is neither an employer's id nor a credit code",
                    hint:
                        "a credit code (统一社会信用代码) has \(CreditCode.length) characters, the last of which checks the others"
                )
            }
        }
        return (ids, codes)
    }

    /// Puts these in the place of all employers of an employer's login.
    ///
    /// - Parameter employers: ids and credit codes, one at least.
    public func setEmployers(of typed: String, to employers: [String]) async throws -> String {
        let (ids, codes) = try Self.employers(employers)
        guard (1...LoginLimits.employersPerLoginMax).contains(employers.count) else { throw Self.employersUnsuitable }
        return try await changing(typed) { store, name in
            do {
                try await store.setEmployers(ids, creditCodes: codes, of: name, by: .terminal, at: Self.now())
            } catch let error as HeadquartersStoreError where error.code == .loginNotOfEmployer {
                throw HeadquartersError(
                    .loginUnsuitable, "\(name) is a clerk's login", hint: "headquartersd login add --role employer")
            } catch let error as HeadquartersStoreError where error.code == .employerUnknown {
                throw HeadquartersError(.loginUnsuitable, "no fair has \(error.detail)")
            }
            return try await store.logins().first { $0.name == name }.map(Self.line) ?? ""
        }
    }

    private static func hash(_ password: String, name: String) async throws -> PasswordHash {
        if let problem = PasswordRule.problem(password, name: name) {
            let words =
                switch problem {
                case .tooShort: "has fewer than \(LoginLimits.passwordCharactersMin) characters"
                case .tooLong: "has more than \(LoginLimits.passwordBytesMax) bytes"
                case .tooObvious: "is among the first that anybody tries"
                }
            throw HeadquartersError(.passphraseUnsuitable, "the password \(words)", hint: "a short sentence is best")
        }
        return try await PasswordScrypt().hash(password)
    }

    public func listLogins() async throws -> String {
        let logins = try await openStore().logins()
        return logins.isEmpty ? "no logins yet" : logins.map(Self.line).joined(separator: "\n")
    }

    private static func line(of login: Login) -> String {
        let employers = login.creditCodes.sorted() + login.employerIDs.map(\.description).sorted()
        return "\(login.name)  \(login.role.rawValue)"
            + (employers.isEmpty ? "" : "  " + employers.joined(separator: " "))
            + (login.isDisabled ? "  disabled" : "")
    }

    public func disableLogin(_ typed: String) async throws -> String {
        try await changing(typed) { store, name in
            try await store.disableLogin(name, by: .terminal, at: Self.now())
            return "\(name) is disabled, and its sessions have ended"
        }
    }

    public func setPassword(of typed: String, to password: String) async throws -> String {
        try await changing(typed) { store, name in
            try await store.setPassword(
                try await Self.hash(password, name: name), of: name, by: .terminal, at: Self.now())
            return "\(name) has a new password and may log in; its sessions have ended"
        }
    }

    private func changing(
        _ typed: String, _ change: (SQLiteHeadquartersStore, String) async throws -> String
    ) async throws -> String {
        do {
            return try await change(try openStore(), LoginName.folded(typed) ?? typed)
        } catch let error as HeadquartersStoreError where error.code == .loginUnknown {
            throw HeadquartersError(
                .loginUnsuitable, "there is no login \(typed)", hint: "headquartersd login list shows them")
        }
    }
}

/// A password from a file or from the terminal, where it is not shown.
public enum LoginPassword {
    /// The first line of `file`; without one it is typed twice (getpass(3): /dev/tty without echo, else standard input).
    public static func read(file: String?) throws -> String {
        guard let file else {
            let first = try typed("password: ")
            guard try typed("once more: ") == first else {
                throw HeadquartersError(.passphraseUnsuitable, "the two passwords differ")
            }
            return first
        }
        guard let content = try DurableFile.read(file) else {
            throw HeadquartersError(.passphraseUnsuitable, "there is no file \(file)")
        }
        let line = content.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard let password = String(validating: line, as: UTF8.self) else {
            throw HeadquartersError(.passphraseUnsuitable, "the first line of \(file) is not UTF-8")
        }
        return password
    }

    private static func typed(_ prompt: String) throws -> String {
        guard let line = getpass(prompt) else {
            throw HeadquartersError(
                .passphraseUnsuitable, "no password was typed", hint: "name a file with --password-file")
        }
        // glibc keeps the line in a buffer of its own.
        defer { memset(line, 0, strlen(line)) }
        guard let password = String(validatingCString: line) else {
            throw HeadquartersError(.passphraseUnsuitable, "the password is not UTF-8")
        }
        return password
    }
}
