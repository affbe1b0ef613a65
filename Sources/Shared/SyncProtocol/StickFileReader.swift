// Reads a stick file piece by piece, and goes on behind whatever is damaged.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What a reader passed over.
public struct StickDamage: Hashable, Sendable {
    /// Bytes that belong to no intact entry; the file's magic line is not among them.
    public var skippedBytes = 0
    /// Intact entries of a kind this program does not know, written by a newer one.
    public var unknownEntries = 0

    public init() {}

    public static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.skippedBytes += right.skippedBytes
        sum.unknownEntries += right.unknownEntries
        return sum
    }
}

/// Takes a file's bytes in pieces and yields its intact entries. Holds one entry and one piece in memory.
///
///     reader.append(piece)
///     while let entry = reader.next() { ... }
///     // after the last piece
///     reader.finish()
///     while let entry = reader.next() { ... }
public struct StickFileReader: Sendable {
    /// A claim of more bytes than this is believed `largeClaimsMax` times in vain: each is hashed whole, and a file full
    /// of false claims would keep a reader busy for days.
    static let smallEntryBytesMax = SyncLimits.receiptBytesMax + StickFile.signedRoomBytes
    static let largeClaimsMax = 64

    public private(set) var damage = StickDamage()
    /// Bytes from the start of the file to the end of the last intact entry (or magic line): where a file that was cut
    /// off would be continued.
    public private(set) var intactBytes = 0

    private var buffer: [UInt8] = []
    /// Into `buffer`: where the next marker is looked for.
    private var offset = 0
    /// Into `buffer`: everything before was yielded or counted as damage. May lie up to a marker beyond `offset`.
    private var accounted = 0
    /// Of the file's start to `buffer[0]`.
    private var dropped = 0
    private var isFinished = false
    private var isMagicRead = false
    private var largeClaims = 0

    public init() {}

    /// More bytes of the file, in order, of any number.
    public mutating func append(_ bytes: Data) {
        precondition(!isFinished, "bytes after the end of a stick file")
        if offset > 0 {
            buffer.removeFirst(offset)
            dropped += offset
            accounted -= offset
            offset = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// No more bytes will come.
    public mutating func finish() { isFinished = true }

    /// The next intact entry; nil where more bytes are needed, and after `finish` at the end.
    public mutating func next() -> StickEntry? {
        guard readMagic() else { return nil }
        while true {
            guard skipToMarker() else { return nil }
            switch claim() {
            case .needsMore:
                return nil
            case .damaged:
                // Past this marker's first byte: the next may begin inside what the damaged one claimed.
                pass(to: offset + 1)
            case .intact(let kind, let bytes):
                accounted = offset + StickFile.headerBytes + bytes.count
                intactBytes = dropped + accounted
                // An entry that lost its last bytes is whole all the same where the next marker begins with these.
                offset = accounted - (StickFile.marker.count - 1)
                if let kind = StickEntryKind(rawValue: kind) { return StickEntry(kind, bytes) }
                damage.unknownEntries += 1
            }
        }
    }

    private enum Claim {
        case needsMore
        case damaged
        case intact(kind: UInt8, bytes: Data)
    }

    /// False where it takes more bytes to tell.
    private mutating func readMagic() -> Bool {
        if isMagicRead { return true }
        let magic = StickFile.magic
        if buffer.count < magic.count {
            guard isFinished else { return false }
        } else if buffer.starts(with: magic) {
            offset = magic.count
            accounted = offset
            intactBytes = offset
        }
        isMagicRead = true
        return true
    }

    /// False where no marker begins in the bytes that are there.
    private mutating func skipToMarker() -> Bool {
        let marker = [UInt8](StickFile.marker)
        var start = offset
        while start < buffer.count {
            if buffer[start] == marker[0] {
                let end = min(start + marker.count, buffer.count)
                if buffer[start..<end].elementsEqual(marker[..<(end - start)]) {
                    if end - start == marker.count {
                        pass(to: start)
                        return true
                    }
                    // The end of what is there may be the beginning of a marker.
                    if !isFinished { break }
                }
            }
            start += 1
        }
        pass(to: start)
        return false
    }

    private mutating func pass(to position: Int) {
        offset = position
        if position > accounted {
            damage.skippedBytes += position - accounted
            accounted = position
        }
    }

    /// Reads the entry whose marker stands at `offset`.
    private mutating func claim() -> Claim {
        let left = buffer.count - offset
        guard left >= StickFile.headerBytes else { return isFinished ? .damaged : .needsMore }
        let head = Array(buffer[(offset + 8)..<(offset + 13)])
        let length = head[1...].reduce(0) { $0 << 8 | Int($1) }
        let isLarge = length > Self.smallEntryBytesMax
        guard length <= StickEntryKind(rawValue: head[0])?.bytesMax ?? StickFile.entryBytesMax,
            !isLarge || largeClaims < Self.largeClaimsMax
        else { return .damaged }
        guard left >= StickFile.headerBytes + length else { return isFinished ? .damaged : .needsMore }
        let start = offset + StickFile.headerBytes
        let bytes = Data(buffer[start..<(start + length)])
        guard StickFile.check(head, bytes).elementsEqual(buffer[(offset + 13)..<start]) else {
            if isLarge { largeClaims += 1 }
            return .damaged
        }
        return .intact(kind: head[0], bytes: bytes)
    }
}
