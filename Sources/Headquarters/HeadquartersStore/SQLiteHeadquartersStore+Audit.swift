// The audit in SQLite: lines are added and read, and nothing else.

import GRDB
public import HeadquartersCore
import JobFair

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SQLiteHeadquartersStore {
    public func addAuditLine(_ line: AuditLine) async throws {
        try await write { db in try Self.add(line, db) }
    }

    /// For a change's own transaction: a change without its line, or a line without its change, cannot be.
    static func add(_ line: AuditLine, _ db: Database) throws {
        let login: String?
        let role: String
        switch line.actor {
        case .login(let name, let loginRole): (login, role) = (name, loginRole.rawValue)
        case .terminal: (login, role) = (nil, "terminal")
        case .unknown: (login, role) = (nil, "unknown")
        }
        try db.execute(
            sql: """
                INSERT INTO auditLine (at, login, role, action, subject, fairID, employerID, reason, rows)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                line.at, login, role, line.action.rawValue, line.subject.map(Self.cut), line.fairID?.blob,
                line.employerID?.blob, line.reason.map(Self.cut), line.rows,
            ])
    }

    private static func cut(_ text: String) -> String { String(text.prefix(LoginLimits.auditTextCharactersMax)) }

    public func auditEntries(before: Int64?, limit: Int) async throws -> [AuditEntry] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT auditLine.*, fair.name AS fairName, employer.name AS employerName FROM auditLine
                    LEFT JOIN fair ON fair.fairID = auditLine.fairID
                    LEFT JOIN employer ON employer.employerID = auditLine.employerID
                    WHERE auditLine.id < ? ORDER BY auditLine.id DESC LIMIT ?
                    """,
                arguments: [before ?? Int64.max, limit]
            ).map(Self.auditEntry)
        }
    }

    private static func auditEntry(_ row: Row) throws -> AuditEntry {
        guard let action = AuditAction(rawValue: row["action"]) else { throw damaged("auditLine.action") }
        let actor: AuditActor
        switch row["role"] as String {
        case "terminal": actor = .terminal
        case "unknown": actor = .unknown
        case let name:
            guard let role = LoginRole(rawValue: name), let login = row["login"] as String? else {
                throw damaged("auditLine.role")
            }
            actor = .login(name: login, role: role)
        }
        return AuditEntry(
            id: row["id"],
            line: AuditLine(
                at: row["at"], actor: actor, action: action, subject: row["subject"],
                fairID: (row["fairID"] as Data?).flatMap { FairID(bytes: $0) },
                employerID: (row["employerID"] as Data?).flatMap { EmployerID(bytes: $0) },
                reason: row["reason"], rows: row["rows"]),
            fairName: row["fairName"], employerName: row["employerName"])
    }
}
