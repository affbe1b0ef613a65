// What a stick carries: a file of entries, each of which stands or falls alone (docs/protocol.md, Sticks).

import Crypto

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What an entry holds.
public enum StickEntryKind: UInt8, Sendable, CaseIterable {
    /// `StickManifest`, the first entry of a file: what the file was meant to hold.
    case manifest = 1
    /// A record's frame, exactly as stored.
    case frame = 2
    /// `Signed(Receipt)`.
    case receipt = 3
    /// `StickCatalogue`.
    case catalogue = 4
    /// `Signed(SealedGrant)`.
    case grant = 5
    /// `Signed(KeyList)`.
    case keyList = 6
    /// `Signed(Directive)` in the erasure domain.
    case erasure = 7
    /// `Signed(StickOrders)`.
    case orders = 8

    /// Bytes of the largest entry of this kind; a header that claims more is damage.
    public var bytesMax: Int {
        switch self {
        case .frame: SyncLimits.frameBytesMax
        case .manifest, .grant, .keyList, .erasure, .orders: SyncLimits.messageBytesMax
        case .receipt: SyncLimits.receiptBytesMax + StickFile.signedRoomBytes
        case .catalogue: SyncLimits.catalogueBytesMax + StickFile.signedRoomBytes
        }
    }
}

/// One entry. Its check sum finds accidents alone: what it says counts only by the signature inside.
public struct StickEntry: Hashable, Sendable {
    public var kind: StickEntryKind
    public var bytes: Data

    public init(_ kind: StickEntryKind, _ bytes: Data) {
        self.kind = kind
        self.bytes = bytes
    }
}

/// The file: magic line, then entries `marker (8) | kind (1) | length (4) | check (16) | bytes`, `check` being the
/// first 16 bytes of SHA-256(kind, length, bytes). Entries are only ever appended, so a file that was cut off at any
/// byte goes on after the cut.
public enum StickFile {
    /// The folder on the stick, in its top folder.
    public static let folderName = "JOBFAIR"
    /// What names of finished files end in; files with other names are not read.
    public static let nameSuffix = ".jobfair"
    /// Characters of a file's name; all ASCII.
    public static let nameCharactersMax = 60
    /// First bytes of a file, for people and `file(1)`. A reader does without them.
    public static let magic = Data("JOBFAIR STICK 1\n".utf8)
    /// Its first byte occurs in it once and in no text; the line ends show a transfer that changed them.
    public static let marker = Data([0x89, 0x4A, 0x46, 0x53, 0x0D, 0x0A, 0x1A, 0x0A])
    /// Bytes before an entry's own: marker, kind, length, check.
    public static let headerBytes = 8 + 1 + 4 + 16
    /// Bytes of a file, after which the next is begun: far below FAT32's 4 GiB, and one read into memory is harmless.
    public static let pieceBytesMax = 64 << 20
    /// Bytes of the largest entry without its header.
    public static let entryBytesMax = SyncLimits.catalogueBytesMax + signedRoomBytes
    /// Bytes of key id, signature, ETag and framing around a signed body.
    static let signedRoomBytes = 1024

    /// What a file is there for; the first word of its name.
    public enum Role: String, Sendable, CaseIterable {
        /// Stays in the kiosk; frames are appended as they are made.
        case resident
        /// Written at once to be carried to headquarters.
        case export
        /// From headquarters to a kiosk: receipts, orders, catalogues, grants, key lists, erasures.
        case answer
    }

    /// For instance `resident-0123456789ab-ba9876543210-0001.jobfair`. Tells files apart, nothing more: a reader reads
    /// every file of the folder and believes only what is in it.
    ///
    /// - Parameters:
    ///   - device: 16 bytes; of the kiosk in every role.
    ///   - lineage: 16 bytes, or empty where the file holds what belongs to none.
    ///   - number: 1 to 9999 for the pieces and repetitions.
    public static func name(_ role: Role, device: Data, lineage: Data, number: Int) -> String {
        let digits = String(number)
        let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return prefix(role, device: device)
            + [lineage.isEmpty ? "all" : shortName(lineage), padded].joined(separator: "-") + nameSuffix
    }

    /// What names of files of this role and device begin with.
    public static func prefix(_ role: Role, device: Data) -> String { "\(role.rawValue)-\(shortName(device))-" }

    /// The bytes to append for an entry. Throws `tooLarge` above the kind's `bytesMax`.
    public static func encode(_ entry: StickEntry) throws(SyncProtocolError) -> Data {
        guard entry.bytes.count <= entry.kind.bytesMax else {
            throw SyncProtocolError(.tooLarge, "stick entry of \(entry.bytes.count) bytes")
        }
        let length = bigEndian(UInt32(entry.bytes.count))
        var bytes = Data(capacity: headerBytes + entry.bytes.count)
        bytes.append(marker)
        bytes.append(entry.kind.rawValue)
        bytes.append(contentsOf: length)
        bytes.append(check([entry.kind.rawValue] + length, entry.bytes))
        bytes.append(entry.bytes)
        return bytes
    }

    /// A whole file in memory: its intact entries in order, and what was passed over.
    public static func read(_ bytes: Data) -> (entries: [StickEntry], damage: StickDamage) {
        var reader = StickFileReader()
        reader.append(bytes)
        reader.finish()
        var entries: [StickEntry] = []
        while let entry = reader.next() { entries.append(entry) }
        return (entries, reader.damage)
    }

    static func check(_ head: [UInt8], _ bytes: Data) -> Data {
        var hash = SHA256()
        hash.update(data: head)
        hash.update(data: bytes)
        return Data(hash.finalize().prefix(16))
    }

    /// The first six bytes in hexadecimal.
    private static func shortName(_ id: Data) -> String {
        id.prefix(6).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
