// Whether a write-ahead log ends where its writer ended, or is broken before commits that are still in it.

import Foundation

/// SQLite takes a write-ahead log up to the first frame with a wrong check sum and holds what follows for never written; its
/// integrity check is content. That is right after a power cut, and wrong for a card that has lost a sector: then commits
/// that were synced lie behind it. The two cannot be told apart for sure; an export would rather take too much.
///
/// The format is that of sqlite.org/fileformat2.html, section 4.
struct WriteAheadLog {
    private static let headerBytes = 32
    private static let frameHeaderBytes = 24
    /// The lowest bit of the magic number says which end of a word comes first in check sums.
    private static let magic: UInt32 = 0x377f_0682

    private let bytes: Data

    init(_ bytes: Data) { self.bytes = bytes }

    /// True where a commit of the log's present round stands behind a frame that SQLite will not read, and where the log
    /// has frames and no header that fits.
    var isBrokenBeforeACommit: Bool {
        guard bytes.count >= Self.headerBytes + Self.frameHeaderBytes else { return false }
        let pageBytes = Int(word(at: 8))
        var sum = CheckSum(isBigEndian: word(at: 0) & 1 == 1)
        sum.add(bytes, 0..<24)
        guard word(at: 0) & ~1 == Self.magic, (512...65_536).contains(pageBytes), sum.matches(bytes, at: 24) else {
            return true
        }
        var isBroken = false
        var place = Self.headerBytes
        while place + Self.frameHeaderBytes + pageBytes <= bytes.count {
            let end = place + Self.frameHeaderBytes + pageBytes
            // Another salt: left from an earlier round, which was copied into the database before this one began.
            let isOfThisRound = word(at: place + 8) == word(at: 16) && word(at: place + 12) == word(at: 20)
            if isBroken {
                let isCommit = word(at: place + 4) != 0
                if isOfThisRound, isCommit { return true }
            } else {
                sum.add(bytes, place..<place + 8)
                sum.add(bytes, place + Self.frameHeaderBytes..<end)
                isBroken = !isOfThisRound || !sum.matches(bytes, at: place + 16)
            }
            place = end
        }
        return false
    }

    private func word(at offset: Int) -> UInt32 { bytes.word(at: offset, isBigEndian: true) }
}

/// Two sums over words, each taking up the other.
private struct CheckSum {
    let isBigEndian: Bool
    private var first: UInt32 = 0
    private var second: UInt32 = 0

    init(isBigEndian: Bool) { self.isBigEndian = isBigEndian }

    mutating func add(_ bytes: Data, _ range: Range<Int>) {
        for offset in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
            first &+= bytes.word(at: offset, isBigEndian: isBigEndian) &+ second
            second &+= bytes.word(at: offset + 4, isBigEndian: isBigEndian) &+ first
        }
    }

    func matches(_ bytes: Data, at offset: Int) -> Bool {
        bytes.word(at: offset, isBigEndian: true) == first && bytes.word(at: offset + 4, isBigEndian: true) == second
    }
}

extension Data {
    fileprivate func word(at offset: Int, isBigEndian: Bool) -> UInt32 {
        let word = withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
        return isBigEndian ? UInt32(bigEndian: word) : UInt32(littleEndian: word)
    }
}
