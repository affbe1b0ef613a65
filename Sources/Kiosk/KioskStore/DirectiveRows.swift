// Generations of headquarters and the directives it gave, as rows of records.sqlite.

import Foundation
import GRDB
import KioskCore

/// A headquarters between two restores, in the order in which this kiosk heard of them.
struct GenerationRow {
    var number: Int64
    var generationID: Data

    /// Today's; nil: none was heard of.
    static func newest(in database: Database) throws -> GenerationRow? {
        try Row.fetchOne(
            database.cachedStatement(
                sql: "SELECT number, generationID FROM generation ORDER BY number DESC LIMIT 1")
        ).map { GenerationRow(number: $0[0], generationID: $0[1]) }
    }

    static func begin(_ generationID: Data, _ database: Database) throws -> GenerationRow {
        try database.execute(sql: "INSERT INTO generation (generationID) VALUES (?)", arguments: [generationID])
        return GenerationRow(number: database.lastInsertedRowID, generationID: generationID)
    }
}

/// Erasures, kept as they were signed, and directives about fair and day that were followed (`signed` is NULL).
enum DirectiveRows {
    static func toConfirm(in database: Database) throws -> [Data] {
        try Data.fetchAll(
            database.cachedStatement(
                sql: "SELECT directiveID FROM directive WHERE isConfirmed = 0 ORDER BY number LIMIT ?"),
            arguments: [OutboxRule.directivesInHelloMax])
    }

    /// Those that today's generation does not know from this kiosk.
    static func toOffer(in database: Database) throws -> [ErasureDirective] {
        try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT directiveID, signed FROM directive WHERE signed IS NOT NULL
                        AND coalesce(knownTo, 0) < coalesce((SELECT max(number) FROM generation), 0)
                    ORDER BY number LIMIT ?
                    """), arguments: [OutboxRule.directivesInHelloMax]
        ).map { ErasureDirective(id: $0[0], signed: $0[1]) }
    }

    /// False: it is here already, and nothing was done.
    @discardableResult
    static func keep(_ id: Data, signed: Data?, in database: Database) throws -> Bool {
        try database.execute(
            sql: "INSERT INTO directive (directiveID, signed) VALUES (?, ?) ON CONFLICT DO NOTHING",
            arguments: [id, signed])
        guard database.changesCount > 0 else { return false }
        try database.execute(
            sql: """
                DELETE FROM directive WHERE number IN
                    (SELECT number FROM directive ORDER BY number DESC LIMIT -1 OFFSET ?)
                """, arguments: [OutboxRule.directivesMax])
        return true
    }

    /// What hello said was heard; what its answer brought is kept, and confirmed by the next one.
    static func settle(_ news: HelloNews, generation: Int64?, in database: Database) throws {
        for id in news.confirmed {
            try database.execute(sql: "UPDATE directive SET isConfirmed = 1 WHERE directiveID = ?", arguments: [id])
        }
        for id in news.offered {
            try database.execute(
                sql: "UPDATE directive SET knownTo = ? WHERE directiveID = ?", arguments: [generation, id])
        }
        for erasure in news.erasures {
            try keep(erasure.id, signed: erasure.signed, in: database)
            try database.execute(
                sql: "UPDATE directive SET isConfirmed = 0, knownTo = ? WHERE directiveID = ?",
                arguments: [generation, erasure.id])
        }
    }
}
