// Wishes in SQLite: the newest for each slip and string of digits, sealed.

import GRDB
public import HeadquartersCore
import JobFair

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SQLiteHeadquartersStore {
    public func saveWishes(_ statement: WishesStatement) async throws -> WishesOutcome {
        try await write { db in
            guard let standing = try Self.standing(statement.seeker, db) else {
                guard try Self.takeUncheckedTry(statement.digits, of: statement.seeker, at: statement.at, db) else {
                    return .tooManyTries
                }
                try Self.keep(statement, db)
                return .claimed
            }
            if standing.fairID != statement.fairID { return .otherFair }
            // Digits first: no other answer may tell a stranger anything of this person.
            switch try Self.tryDigits(
                statement.digits, of: statement.seeker, right: standing.slipDigits, at: statement.at, db)
            {
            case .right: break
            case .wrong(let left): return .wrongDigits(triesLeft: left)
            case .tooManyTries: return .tooManyTries
            case .clerkOnly, .undecided: return .clerkOnly
            }
            guard standing.allowsIntents, standing.ageBand.allowsIntents else { return .notAllowed }
            try Self.keep(statement, db)
            return .saved
        }
    }

    private static func keep(_ statement: WishesStatement, _ db: Database) throws {
        try keepWishes(
            of: statement.seeker, digits: statement.digits, recordID: nil, sealed: statement.sealed, at: statement.at,
            db)
    }

    /// Wishes that came as a record of a kiosk stay in its frame. Digits that are not known to be right count towards the
    /// five, as with intents.
    static func applyWishes(
        of seeker: RecordID, digits: String, in record: RecordID, occurred: OccurredAt, at: Int64, _ db: Database
    ) throws {
        let isRight = try standing(seeker, db)?.slipDigits == digits
        guard try isRight || takeUncheckedTry(digits, of: seeker, at: at, db) else { return }
        try keepWishes(
            of: seeker, digits: digits, recordID: record.blob, sealed: nil, at: occurred.estimate, db)
    }

    private static func keepWishes(
        of seeker: RecordID, digits: String, recordID: Data?, sealed: Data?, at: Int64, _ db: Database
    ) throws {
        try db.execute(
            sql: """
                INSERT INTO statedWishes VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (seekerRecordID, digits) DO UPDATE SET recordID = excluded.recordID,
                    sealed = excluded.sealed, occurredAt = excluded.occurredAt
                    WHERE excluded.occurredAt >= statedWishes.occurredAt
                """,
            arguments: [seeker.blob, digits, recordID, sealed, at])
    }
}
