// Logins, sessions and the audit in a real SQLite file.

import Foundation
import GRDB
import HeadquartersCore
import HeadquartersStore
import JobFair
import TestSupport
import Testing

@Suite struct LoginStoreTests {
    private static let now = StoreFixture.now
    private static let minute: Int64 = 60_000
    private static let password = hash(1)
    private static let code = "91990121MA9001017G"

    private static func hash(_ seed: UInt8) -> PasswordHash {
        PasswordHash(
            salt: Data(repeating: seed, count: 16), key: Data(repeating: seed, count: 32), rounds: 32_768, blockSize: 8,
            parallelism: 1)
    }

    private static func token(_ seed: UInt8) -> Data { Data(repeating: seed, count: 32) }

    /// A clerk with a session under `token(1)`.
    private static func loggedIn(_ store: any LoginStore, at: Int64 = now) async throws {
        try await store.addLogin(Login(name: "min", role: .clerk), password: password, by: .terminal, at: at)
        #expect(try await store.openSession(token(1), of: "min", checked: password, replacing: nil, at: at))
    }

    private static func actions(_ store: any LoginStore) async throws -> [AuditAction] {
        try await store.auditEntries(before: nil, limit: 100).map(\.line.action)
    }

    @Test func aSessionEndsAfterHalfAnHourWithoutUse() async throws {
        let store = try await StoreFixture().store
        try await Self.loggedIn(store)
        let session = LoginSession(name: "min", role: .clerk, employerIDs: [])
        #expect(try await store.session(Self.token(1), at: Self.now + 29 * Self.minute) == session)
        #expect(try await store.session(Self.token(1), at: Self.now + 58 * Self.minute) == session)
        #expect(try await store.session(Self.token(1), at: Self.now + 88 * Self.minute) == nil)
        #expect(try await store.session(Self.token(2), at: Self.now) == nil)
    }

    @Test func aSessionEndsAfterEightHoursWhateverItsUse() async throws {
        let store = try await StoreFixture().store
        try await Self.loggedIn(store)
        for minutes in stride(from: Int64(20), to: 480, by: 20) {
            #expect(try await store.session(Self.token(1), at: Self.now + minutes * Self.minute) != nil, "\(minutes)")
        }
        #expect(try await store.session(Self.token(1), at: Self.now + 480 * Self.minute) == nil)
    }

    @Test func aClockThatIsSetBackLengthensNoSession() async throws {
        let store = try await StoreFixture().store
        try await Self.loggedIn(store)
        #expect(try await store.session(Self.token(1), at: Self.now - 30 * Self.minute) == nil)
    }

    @Test func disablingEndsEverySessionAtOnceAndANewPasswordOpensTheLoginAgain() async throws {
        let store = try await StoreFixture().store
        try await Self.loggedIn(store)
        try await store.disableLogin("min", by: .terminal, at: Self.now)
        #expect(try await store.session(Self.token(1), at: Self.now) == nil)
        #expect(try await store.password(of: "min") == nil)
        #expect(
            try await !store.openSession(
                Self.token(2), of: "min", checked: Self.password, replacing: nil, at: Self.now))
        #expect(try await store.logins().map(\.isDisabled) == [true])
        try await store.setPassword(Self.hash(2), of: "min", by: .terminal, at: Self.now)
        #expect(try await store.session(Self.token(1), at: Self.now) == nil)
        #expect(try await store.password(of: "min") == Self.hash(2))
        #expect(try await store.logins().map(\.isDisabled) == [false])
        #expect(try await Self.actions(store) == [.passwordSet, .loginDisabled, .loggedIn, .loginAdded])
    }

    /// Between the check of the old password and the new one lies a second of hashing.
    @Test func aLoginThatWasDisabledMeanwhileDoesNotOpenItself() async throws {
        let store = try await StoreFixture().store
        try await Self.loggedIn(store)
        #expect(
            try await !store.changePassword(
                Self.hash(2), of: "min", checked: Self.hash(3), by: .terminal, at: Self.now))
        try await store.disableLogin("min", by: .terminal, at: Self.now)
        #expect(
            try await !store.changePassword(
                Self.hash(2), of: "min", checked: Self.password, by: .terminal, at: Self.now))
        #expect(try await store.logins().map(\.isDisabled) == [true])
    }

    @Test func aPasswordThatWasChangedMeanwhileOpensNothing() async throws {
        let store = try await StoreFixture().store
        try await Self.loggedIn(store)
        try await store.setPassword(Self.hash(2), of: "min", by: .terminal, at: Self.now)
        #expect(try await store.session(Self.token(1), at: Self.now) == nil)
        #expect(
            try await !store.openSession(
                Self.token(2), of: "min", checked: Self.password, replacing: nil, at: Self.now))
    }

    @Test func loggingInEndsTheSessionThatWasThereAndTheOldestOfTooMany() async throws {
        let store = try await StoreFixture().store
        try await Self.loggedIn(store)
        _ = try await store.openSession(
            Self.token(2), of: "min", checked: Self.password, replacing: Self.token(1), at: Self.now)
        #expect(try await store.session(Self.token(1), at: Self.now) == nil)
        for index in 0..<LoginLimits.sessionsPerLoginMax {
            let at = Self.now + Int64(index) + 1
            _ = try await store.openSession(
                Self.token(UInt8(10 + index)), of: "min", checked: Self.password, replacing: nil, at: at)
        }
        #expect(try await store.session(Self.token(2), at: Self.now) == nil)
        #expect(try await store.session(Self.token(10), at: Self.now) != nil)
    }

    @Test func namesAreUsedOnceAndUnknownOnesAreErrors() async throws {
        let store = try await StoreFixture().store
        try await Self.loggedIn(store)
        await #expect(throws: HeadquartersStoreError(.loginExists)) {
            try await store.addLogin(
                Login(name: "min", role: .clerk), password: Self.password, by: .terminal, at: Self.now)
        }
        await #expect(throws: HeadquartersStoreError(.loginUnknown)) {
            try await store.disableLogin("nobody", by: .terminal, at: Self.now)
        }
        let stranger: EmployerID = StoreFixture.id(77)
        await #expect(throws: HeadquartersStoreError(.employerUnknown, "employer \(stranger)")) {
            try await store.addLogin(
                Login(name: "firm", role: .employer, employerIDs: [stranger]), password: Self.password, by: .terminal,
                at: Self.now)
        }
        #expect(try await store.logins().map(\.name) == ["min"])
    }

    /// The company comes to the next fair: same code, another id. At a third somebody wrote its code, and no clerk has
    /// looked at the licence.
    @Test func aCreditCodeStandsForEveryVerifiedEmployerUnderIt() async throws {
        let fixture = try await StoreFixture()
        func fair(_ seed: Int, isVerified: Bool) async throws -> EmployerID {
            var catalogue = StoreFixture.makeCatalogue(seed: seed)
            catalogue.employers[0].creditCode = Self.code
            catalogue.employers[0].isVerified = isVerified
            return try await fixture.store.createFair(catalogue, at: Self.now).employers[0].id
        }
        let second = try await fair(2, isVerified: true)
        _ = try await fair(3, isVerified: false)
        let named = fixture.catalogue.employers[0].id
        let login = Login(name: "firm", role: .employer, employerIDs: [named], creditCodes: [Self.code])
        try await fixture.store.addLogin(login, password: Self.password, by: .terminal, at: Self.now)
        #expect(try await fixture.store.logins() == [login])
        _ = try await fixture.store.openSession(
            Self.token(1), of: "firm", checked: Self.password, replacing: nil, at: Self.now)
        let session = try await fixture.store.session(Self.token(1), at: Self.now)
        #expect(session?.employerIDs == [named, second])
        let later = try await fair(4, isVerified: true)
        #expect(try await fixture.store.session(Self.token(1), at: Self.now)?.employerIDs == [named, second, later])
        #expect(try await fixture.store.employers([named, later]).map(\.id) == [later, named])
    }

    @Test func aLoginGetsOtherEmployersAtOnce() async throws {
        let fixture = try await StoreFixture()
        let store = fixture.store
        let employer = fixture.catalogue.employers[0].id
        try await store.addLogin(
            Login(name: "firm", role: .employer, creditCodes: ["91990121MA9006010Y"]), password: Self.hash(1),
            by: .terminal, at: Self.now)
        #expect(
            try await store.openSession(
                Self.token(1), of: "firm", checked: Self.hash(1), replacing: nil, at: Self.now))
        #expect(try await store.session(Self.token(1), at: Self.now)?.employerIDs == [])
        try await store.setEmployers([employer], creditCodes: [], of: "firm", by: .terminal, at: Self.now)
        #expect(try await store.session(Self.token(1), at: Self.now)?.employerIDs == [employer])
        #expect(try await store.logins().map(\.creditCodes) == [[]])
        let line = try #require(try await store.auditEntries(before: nil, limit: 1).first?.line)
        #expect(line.action == .loginEmployersSet && line.subject == "firm" && line.reason == employer.description)
        for (employers, name, code) in [
            ([StoreFixture.id(9, 9)], "firm", HeadquartersStoreError.Code.employerUnknown),
            ([employer], "nobody", .loginUnknown), ([employer], "min", .loginNotOfEmployer),
        ] as [(Set<EmployerID>, String, HeadquartersStoreError.Code)] {
            if name == "min" {
                try await store.addLogin(
                    Login(name: "min", role: .clerk), password: Self.hash(1), by: .terminal, at: Self.now)
            }
            let error = await #expect(throws: HeadquartersStoreError.self) {
                try await store.setEmployers(employers, creditCodes: [], of: name, by: .terminal, at: Self.now)
            }
            #expect(error?.code == code)
        }
        #expect(try await store.session(Self.token(1), at: Self.now)?.employerIDs == [employer])
    }

    // MARK: Audit

    @Test func auditLinesAreNeverChangedDeletedOrReplaced() async throws {
        let fixture = try await StoreFixture()
        try await Self.loggedIn(fixture.store)
        let queue = try DatabaseQueue(path: fixture.folder.file("headquarters.sqlite"))
        for sql in [
            "UPDATE auditLine SET login = 'other'", "DELETE FROM auditLine", "DELETE FROM auditLine WHERE id = 1",
            "INSERT OR REPLACE INTO auditLine (id, at, role, action) VALUES (1, 1, 'unknown', 'login.failed')",
            "UPDATE OR REPLACE auditLine SET id = 2 WHERE id = 1",
        ] {
            let message = await #expect(throws: DatabaseError.self, "\(sql)") {
                try await queue.write { try $0.execute(sql: sql) }
            }?.message
            #expect(message?.hasPrefix("an audit line is never") == true, "\(sql)")
        }
        #expect(try await Self.actions(fixture.store) == [.loggedIn, .loginAdded])
    }

    @Test func aFailedLoginHasANameOnlyWhereThereIsOne() async throws {
        let store = try await StoreFixture().store
        try await Self.loggedIn(store)
        #expect(try await store.noteFailedLogin("min", at: Self.now))
        #expect(try await !store.noteFailedLogin("hunter2hunter2", at: Self.now))
        let lines = try await store.auditEntries(before: nil, limit: 3).map(\.line)
        #expect(lines.map(\.action) == [.loginFailed, .loggedIn, .loginAdded])
        #expect(lines[0].subject == "min" && lines[0].actor == .unknown)
    }

    @Test func auditLinesComeBackAsTheyWereNewestFirstByPages() async throws {
        let fixture = try await StoreFixture()
        let line = AuditLine(
            at: Self.now, actor: .login(name: "firm", role: .employer), action: .loggedOut, subject: "x",
            fairID: fixture.catalogue.fair.id, employerID: fixture.catalogue.employers[0].id,
            reason: String(repeating: "由", count: LoginLimits.auditTextCharactersMax + 1), rows: 7)
        for _ in 0..<3 { try await fixture.store.addAuditLine(line) }
        let first = try await fixture.store.auditEntries(before: nil, limit: 2)
        #expect(first.map(\.id) == [3, 2])
        #expect(try await fixture.store.auditEntries(before: 2, limit: 2).map(\.id) == [1])
        #expect(first[0].fairName == "春风行动" && first[0].employerName == "样例工厂")
        var cut = line
        cut.reason = String(repeating: "由", count: LoginLimits.auditTextCharactersMax)
        #expect(first[0].line == cut)
    }
}
