// Where erasure directives stand outside the database, so that a restored headquarters does not bring people back.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Signed erasure directives, exactly as kiosks get them, in a file of their own beside the database. It only grows, and
/// goes along with every backup: a database that is restored from before an erasure learns of it at its next start.
public protocol ErasureJournal: Sendable {
    /// Adds those that are not in it yet, in this order; on disk when this returns. Write here before the database is
    /// changed: what stands here and not there is applied at the next start.
    ///
    /// - Parameter directives: 1 to `ErasureJournalContent.directiveBytesMax` bytes each.
    func append(_ directives: [Data]) throws
    func read() throws -> ErasureJournalContent
}

/// What a journal holds.
public struct ErasureJournalContent: Hashable, Sendable {
    /// In the order in which they were added, each once.
    public var directives: [Data]
    /// Lines that are not what was written: torn by a power cut, or damaged. They are skipped.
    public var damagedLines: Int

    /// A signed directive has some 200 bytes.
    public static let directiveBytesMax = 4096

    public init(directives: [Data] = [], damagedLines: Int = 0) {
        self.directives = directives
        self.damagedLines = damagedLines
    }
}
