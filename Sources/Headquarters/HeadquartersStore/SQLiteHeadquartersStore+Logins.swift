// Logins and their sessions in SQLite.

import GRDB
public import HeadquartersCore
public import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension SQLiteHeadquartersStore {
    // MARK: Logins

    public func addLogin(_ login: Login, password: PasswordHash, by actor: AuditActor, at: Int64) async throws {
        try await write { db in
            guard try Self.loginID(of: login.name, db) == nil else { throw HeadquartersStoreError(.loginExists) }
            try db.execute(
                sql: """
                    INSERT INTO login (name, role, passwordSalt, passwordKey, scryptRounds, scryptBlockSize,
                        scryptParallelism, createdAt) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    login.name, login.role.rawValue, password.salt, password.key, password.rounds, password.blockSize,
                    password.parallelism, at,
                ])
            try Self.insertEmployers(login.employerIDs, creditCodes: login.creditCodes, of: db.lastInsertedRowID, db)
            try Self.add(AuditLine(at: at, actor: actor, action: .loginAdded, subject: login.name), db)
        }
    }

    private static func insertEmployers(
        _ employerIDs: Set<EmployerID>, creditCodes: Set<String>, of login: Int64, _ db: Database
    ) throws {
        for employer in employerIDs {
            let isKnown = try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM employer WHERE employerID = ?)", arguments: [employer.blob])
            guard isKnown == true else { throw HeadquartersStoreError(.employerUnknown, "employer \(employer)") }
            try db.execute(sql: "INSERT INTO loginEmployer VALUES (?, ?)", arguments: [login, employer.blob])
        }
        for code in creditCodes {
            try db.execute(sql: "INSERT INTO loginCreditCode VALUES (?, ?)", arguments: [login, code])
        }
    }

    public func setEmployers(
        _ employerIDs: Set<EmployerID>, creditCodes: Set<String>, of name: String, by actor: AuditActor, at: Int64
    ) async throws {
        try await write { db in
            let id = try Self.knownLoginID(of: name, db)
            let role = try String.fetchOne(db, sql: "SELECT role FROM login WHERE loginID = ?", arguments: [id])
            guard role == LoginRole.employer.rawValue else { throw HeadquartersStoreError(.loginNotOfEmployer) }
            try db.execute(sql: "DELETE FROM loginEmployer WHERE loginID = ?", arguments: [id])
            try db.execute(sql: "DELETE FROM loginCreditCode WHERE loginID = ?", arguments: [id])
            try Self.insertEmployers(employerIDs, creditCodes: creditCodes, of: id, db)
            let names = creditCodes.sorted() + employerIDs.map(\.description).sorted()
            try Self.add(
                AuditLine(
                    at: at, actor: actor, action: .loginEmployersSet, subject: name,
                    reason: names.joined(separator: " "), rows: names.count), db)
        }
    }

    public func logins() async throws -> [Login] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM login ORDER BY name").map { row in
                guard let role = LoginRole(rawValue: row["role"]) else { throw damaged("login.role") }
                let id: Int64 = row["loginID"]
                let employers = try Row.fetchAll(
                    db, sql: "SELECT employerID FROM loginEmployer WHERE loginID = ?", arguments: [id])
                let codes = try String.fetchAll(
                    db, sql: "SELECT creditCode FROM loginCreditCode WHERE loginID = ?", arguments: [id])
                return Login(
                    name: row["name"], role: role,
                    employerIDs: Set(try employers.map { try $0.identifier("employerID", as: EmployerID.self) }),
                    creditCodes: Set(codes), isDisabled: (row["disabledAt"] as Int64?) != nil)
            }
        }
    }

    public func changePassword(
        _ password: PasswordHash, of name: String, checked: PasswordHash, by actor: AuditActor, at: Int64
    ) async throws -> Bool {
        try await write { db in
            guard let login = try Self.enabledLogin(name, db), login.password == checked else { return false }
            try Self.set(password, of: login.id, name: name, by: actor, at: at, db)
            return true
        }
    }

    public func setPassword(_ password: PasswordHash, of name: String, by actor: AuditActor, at: Int64) async throws {
        try await write { db in
            try Self.set(password, of: try Self.knownLoginID(of: name, db), name: name, by: actor, at: at, db)
        }
    }

    private static func set(
        _ password: PasswordHash, of id: Int64, name: String, by actor: AuditActor, at: Int64, _ db: Database
    ) throws {
        try db.execute(
            sql: """
                UPDATE login SET passwordSalt = ?, passwordKey = ?, scryptRounds = ?, scryptBlockSize = ?,
                    scryptParallelism = ?, disabledAt = NULL WHERE loginID = ?
                """,
            arguments: [password.salt, password.key, password.rounds, password.blockSize, password.parallelism, id])
        try db.execute(sql: "DELETE FROM loginSession WHERE loginID = ?", arguments: [id])
        try add(AuditLine(at: at, actor: actor, action: .passwordSet, subject: name), db)
    }

    public func disableLogin(_ name: String, by actor: AuditActor, at: Int64) async throws {
        try await write { db in
            let id = try Self.knownLoginID(of: name, db)
            try db.execute(
                sql: "UPDATE login SET disabledAt = COALESCE(disabledAt, ?) WHERE loginID = ?", arguments: [at, id])
            try db.execute(sql: "DELETE FROM loginSession WHERE loginID = ?", arguments: [id])
            try Self.add(AuditLine(at: at, actor: actor, action: .loginDisabled, subject: name), db)
        }
    }

    private static func loginID(of name: String, _ db: Database) throws -> Int64? {
        try Int64.fetchOne(db, sql: "SELECT loginID FROM login WHERE name = ?", arguments: [name])
    }

    private static func knownLoginID(of name: String, _ db: Database) throws -> Int64 {
        guard let id = try loginID(of: name, db) else { throw HeadquartersStoreError(.loginUnknown) }
        return id
    }

    // MARK: Logging in

    public func password(of name: String) async throws -> PasswordHash? {
        try await read { db in try Self.enabledLogin(name, db)?.password }
    }

    private static func enabledLogin(
        _ name: String, _ db: Database
    ) throws -> (id: Int64, role: LoginRole, password: PasswordHash)? {
        let row = try Row.fetchOne(
            db, sql: "SELECT * FROM login WHERE name = ? AND disabledAt IS NULL", arguments: [name])
        guard let row else { return nil }
        guard let role = LoginRole(rawValue: row["role"]) else { throw damaged("login.role") }
        let password = PasswordHash(
            salt: row["passwordSalt"], key: row["passwordKey"], rounds: row["scryptRounds"],
            blockSize: row["scryptBlockSize"], parallelism: row["scryptParallelism"])
        return (row["loginID"], role, password)
    }

    public func noteFailedLogin(_ name: String, at: Int64) async throws -> Bool {
        guard try await read({ db in try Self.loginID(of: name, db) != nil }) else { return false }
        try await addAuditLine(AuditLine(at: at, actor: .unknown, action: .loginFailed, subject: name))
        return true
    }

    public func openSession(
        _ token: Data, of name: String, checked password: PasswordHash, replacing old: Data?, at: Int64
    ) async throws -> Bool {
        try await write { db in
            guard let login = try Self.enabledLogin(name, db), login.password == password else { return false }
            if let old { try db.execute(sql: "DELETE FROM loginSession WHERE token = ?", arguments: [old]) }
            try db.execute(
                sql: "DELETE FROM loginSession WHERE ABS(lastSeenAt - ?) >= ? OR ABS(openedAt - ?) >= ?",
                arguments: [at, LoginLimits.idleMilliseconds, at, LoginLimits.sessionMilliseconds])
            try db.execute(
                sql: """
                    DELETE FROM loginSession WHERE token IN (
                        SELECT token FROM loginSession WHERE loginID = ? ORDER BY lastSeenAt DESC LIMIT -1 OFFSET ?)
                    """,
                arguments: [login.id, LoginLimits.sessionsPerLoginMax - 1])
            try db.execute(
                sql: "INSERT INTO loginSession VALUES (?, ?, ?, ?)", arguments: [token, login.id, at, at])
            try Self.add(
                AuditLine(at: at, actor: .login(name: name, role: login.role), action: .loggedIn), db)
            return true
        }
    }

    // MARK: Sessions

    public func session(_ token: Data, at: Int64) async throws -> LoginSession? {
        let found = try await read { db in try Self.runningSession(token, at: at, db) }
        guard let found else { return nil }
        if at - found.lastSeenAt >= LoginLimits.touchMilliseconds {
            try await write { db in
                try db.execute(
                    sql: "UPDATE loginSession SET lastSeenAt = MAX(lastSeenAt, ?) WHERE token = ?",
                    arguments: [at, token])
            }
        }
        return found.session
    }

    /// A clock that was set back makes no session last longer: the difference counts in both directions.
    private static func runningSession(
        _ token: Data, at: Int64, _ db: Database
    ) throws -> (session: LoginSession, lastSeenAt: Int64)? {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT loginID, name, role, lastSeenAt FROM loginSession JOIN login USING (loginID)
                WHERE token = ? AND disabledAt IS NULL AND ABS(lastSeenAt - ?) < ? AND ABS(openedAt - ?) < ?
                """,
            arguments: [token, at, LoginLimits.idleMilliseconds, at, LoginLimits.sessionMilliseconds])
        guard let row else { return nil }
        guard let role = LoginRole(rawValue: row["role"]) else { throw damaged("login.role") }
        let employers = role == .employer ? try employers(of: row["loginID"], db) : []
        return (LoginSession(name: row["name"], role: role, employerIDs: employers), row["lastSeenAt"])
    }

    /// A code counts only where a clerk verified it: anybody can write another company's code into a spreadsheet.
    private static func employers(of loginID: Int64, _ db: Database) throws -> Set<EmployerID> {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT employerID FROM loginEmployer WHERE loginID = ?
                UNION
                SELECT employerID FROM loginCreditCode
                JOIN employer ON json_extract(employer.details, '$.creditCode') = loginCreditCode.creditCode
                WHERE loginID = ? AND json_extract(employer.details, '$.isVerified')
                """,
            arguments: [loginID, loginID])
        return Set(try rows.map { try $0.identifier("employerID", as: EmployerID.self) })
    }

    public func endSession(_ token: Data, at: Int64) async throws {
        try await write { db in
            guard let ended = try Self.runningSession(token, at: at, db)?.session else { return }
            try db.execute(sql: "DELETE FROM loginSession WHERE token = ?", arguments: [token])
            try Self.add(
                AuditLine(at: at, actor: .login(name: ended.name, role: ended.role), action: .loggedOut), db)
        }
    }

    public func employers(_ employers: Set<EmployerID>) async throws -> [DeskEmployer] {
        try await read { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT employer.employerID, employer.name, fair.fairID, fair.name AS fairName, fair.keyNumber
                    FROM employer JOIN fair USING (fairID) WHERE employerID = ?
                    """)
            return try employers.compactMap { try Row.fetchOne(statement, arguments: [$0.blob]) }
                .map { row in
                    (
                        fair: row["keyNumber"] as Int,
                        employer: DeskEmployer(
                            id: try row.identifier("employerID", as: EmployerID.self), name: row["name"],
                            fairID: try row.identifier("fairID", as: FairID.self), fairName: row["fairName"])
                    )
                }
                .sorted { ($1.fair, $0.employer.name) < ($0.fair, $1.employer.name) }.map(\.employer)
        }
    }
}
