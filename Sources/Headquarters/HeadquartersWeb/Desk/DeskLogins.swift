// Logging in, and changing one's own password: decisions without HTTP.

import HeadquartersCore
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

enum LoginOutcome {
    case opened(DeskToken)
    /// Name or password is wrong, or the login is disabled; which of them is not said.
    case refused
    case wait(milliseconds: Int64)
    /// Too many passwords are being checked.
    case busy
    /// The new password will not do.
    case unsuitable(PasswordProblem)
}

struct DeskLogins: Sendable {
    let store: any HeadquartersStore
    let now: @Sendable () -> Int64
    let passwords = PasswordScrypt()
    let throttle = LoginThrottle()
    private let strangers = StrangerCount()

    init(store: any HeadquartersStore, now: @escaping @Sendable () -> Int64) {
        self.store = store
        self.now = now
    }

    /// - Parameters:
    ///   - name: as typed.
    ///   - client: see `LoginThrottle.take`.
    ///   - old: the session this browser has already; it ends.
    func logIn(_ name: String, password: String, client: String?, replacing old: DeskToken?) async throws
        -> LoginOutcome
    {
        try await checking(name, password: password, client: client) { name, hash in
            let token = DeskToken()
            let isOpen = try await store.openSession(
                token.digest, of: name, checked: hash, replacing: old?.digest, at: now())
            return isOpen ? .opened(token) : nil
        }
    }

    /// Every session of the login ends, and a new one opens.
    func changePassword(of session: DeskSession, from old: String, to new: String, client: String?) async throws
        -> LoginOutcome
    {
        if let problem = PasswordRule.problem(new, name: session.name) { return .unsuitable(problem) }
        return try await checking(session.name, password: old, client: client) { name, checked in
            let hash = try await passwords.hash(new)
            // Somebody may have disabled the login meanwhile.
            guard
                try await store.changePassword(
                    hash, of: name, checked: checked, by: session.actor, at: now())
            else { return nil }
            let token = DeskToken()
            let isOpen = try await store.openSession(
                token.digest, of: name, checked: hash, replacing: nil, at: now())
            return isOpen ? .opened(token) : nil
        }
    }

    /// `then` runs after the right password; nil from it is a refusal.
    private func checking(
        _ typed: String, password: String, client: String?,
        then: (String, PasswordHash) async throws -> LoginOutcome?
    ) async throws -> LoginOutcome {
        let name = LoginName.folded(typed)
        let key = SHA256Digest.of(Data((name ?? typed).utf8))
        if let milliseconds = await throttle.take(name: key, client: client, now: now()) {
            return .wait(milliseconds: milliseconds)
        }
        do {
            let hash: PasswordHash? = if let name { try await store.password(of: name) } else { nil }
            if try await passwords.matches(password, hash), let name, let hash,
                let outcome = try await then(name, hash)
            {
                await throttle.succeed(name: key, client: client)
                return outcome
            }
        } catch {
            await throttle.giveBack(name: key, client: client)
            if error is PasswordScrypt.Busy { return .busy }
            throw error
        }
        try await noteFailure(name)
        return .refused
    }

    private func noteFailure(_ name: String?) async throws {
        if let name, try await store.noteFailedLogin(name, at: now()) { return }
        let at = now()
        if let count = await strangers.add(now: at) { try await addStrangersLine(count, at: at) }
    }

    /// Before somebody reads the audit.
    func noteStrangers() async throws {
        let at = now()
        if let count = await strangers.due(now: at) { try await addStrangersLine(count, at: at) }
    }

    private func addStrangersLine(_ count: Int, at: Int64) async throws {
        try await store.addAuditLine(AuditLine(at: at, actor: .unknown, action: .loginFailed, rows: count))
    }
}
