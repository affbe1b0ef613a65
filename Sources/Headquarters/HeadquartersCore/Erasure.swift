// Erasure of a person: what is asked, what it does to a record, and what is asked of the store.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// One person and one instant: records of that person that happened before it are wiped, here and whenever they arrive.
public struct Erasure: Hashable, Sendable {
    /// 16 random bytes.
    public var directiveID: Data
    public var person: PersonKey
    /// Milliseconds since 1970 by headquarters' clock.
    public var before: Int64
    /// The signed directive, byte for byte as kiosks and the journal keep it.
    public var signed: Data

    public init(directiveID: Data, person: PersonKey, before: Int64, signed: Data) {
        self.directiveID = directiveID
        self.person = person
        self.before = before
        self.signed = signed
    }
}

public enum ErasureRule {
    /// A registration goes only where it surely happened before: judged by its upper bound. What may have been later is a
    /// new registration of somebody who came again.
    ///
    /// - Parameter before: of the latest erasure of this person; nil: there is none.
    public static func erases(_ occurred: OccurredAt, before: Int64?) -> Bool {
        guard let before else { return false }
        return occurred.upper <= before
    }
}

public enum ErasureLimits {
    /// Characters of a reason at least, so that somebody can tell later why.
    public static let reasonCharactersMin = 4
    /// Digits in a row, hyphens and spaces left out, that a reason may hold: a day; no document, no mobile telephone.
    public static let reasonDigitsMax = 8
    /// Directives in one answer to hello, or offered back in one hello.
    public static let perHelloMax = 64

    /// Whether a reason may stand in the audit: long enough, and without what looks like a document or a telephone.
    public static func isReason(_ reason: String) -> Bool {
        guard reason.count >= reasonCharactersMin, reason.count <= LoginLimits.auditTextCharactersMax else {
            return false
        }
        var row = 0
        for scalar in reason.unicodeScalars {
            if scalar.properties.numericType == .decimal {
                row += 1
                if row > reasonDigitsMax { return false }
            } else if scalar != " " && scalar != "-" {
                row = 0
            }
        }
        return true
    }
}

/// What an erasure did to what is stored: counts, nobody's particulars.
public struct ErasureCounts: Hashable, Sendable {
    /// Directives that were not known before.
    public var directives: Int
    public var registrations: Int
    /// Intents, check-ins, completed names, wishes, copies of slips that named one of them.
    public var otherRecords: Int

    public init(directives: Int = 0, registrations: Int = 0, otherRecords: Int = 0) {
        self.directives = directives
        self.registrations = registrations
        self.otherRecords = otherRecords
    }

    public var records: Int { registrations + otherRecords }
}

/// A record whose seeker was found by reading its frame again.
public struct SlipLink: Hashable, Sendable {
    public var digest: Data
    /// 16 bytes; nil: it names nobody.
    public var seeker: Data?

    public init(digest: Data, seeker: Data?) {
        self.digest = digest
        self.seeker = seeker
    }
}

/// Erasures in force. Every call is one transaction. Errors are `HeadquartersStoreError`.
public protocol ErasureStore: Sendable {
    /// Stores directives and wipes what is stored of these persons: of each record its id and digest stay. Directives that
    /// are known change nothing. What was wiped is overwritten in the file and its log.
    ///
    /// - Parameter line: of the audit, written in the same transaction with the count of records as its rows; nil where
    ///   the directives come back from kiosks or the journal.
    func erase(_ erasures: [Erasure], line: AuditLine?, at: Int64) async throws -> ErasureCounts
    /// Every signed directive, the oldest first.
    func erasures() async throws -> [Data]
    /// Those that this device has not said to hold in this lineage, the oldest first.
    func erasures(unconfirmedBy deviceID: Data, lineageID: Data, limit: Int) async throws -> [Data]
    /// How many there are, whatever the limit.
    func erasureCount(unconfirmedBy deviceID: Data, lineageID: Data) async throws -> Int
    /// Accepted records about a slip of which an older program did not note whose it is, ascending by digest.
    func unlinkedFrames(after digest: Data, limit: Int) async throws -> [HeldFrame]
    /// Notes what those frames say; those of somebody erased are wiped.
    func linkFrames(_ links: [SlipLink]) async throws
}
