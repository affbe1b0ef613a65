// The stick file: its bytes are golden, and whatever is damaged takes no other entry with it.

import Foundation
import SyncProtocol
import TestSupport
import Testing

@Suite struct StickFileTests {
    /// Small entries of every kind, two of them empty or holding a marker, so that every byte can be tried.
    static let entries: [StickEntry] = [
        StickEntry(.manifest, Data("what it was meant to hold".utf8)),
        StickEntry(.frame, Data((0..<40).map { UInt8($0) })),
        StickEntry(.frame, Data()),
        StickEntry(.receipt, Data([1, 2, 3]) + StickFile.marker + Data([9, 0, 0])),
        StickEntry(.catalogue, Data(repeating: 0x89, count: 9)),
        StickEntry(.grant, StickFile.magic),
        StickEntry(.keyList, Data("key list".utf8)),
        StickEntry(.erasure, Data("erasure".utf8)),
    ]

    static func file(_ entries: [StickEntry] = entries) throws -> (bytes: Data, ends: [Int]) {
        var bytes = StickFile.magic
        var ends: [Int] = []
        for entry in entries {
            bytes.append(try StickFile.encode(entry))
            ends.append(bytes.count)
        }
        return (bytes, ends)
    }

    @Test("the bytes of a file")
    func goldenBytes() throws {
        let bytes = try Self.file().bytes
        try checkGolden("stick-file.golden", Array(bytes))
        let fixed = try fixedBytes("record-frame-suite1.hex") { try Samples.frame() }
        let entry = try StickFile.encode(StickEntry(.frame, fixed))
        try checkGolden("stick-entry-digest.golden", Hexadecimal.encode(SHA256Digest.of(entry)) + "\n")
    }

    @Test("what was written is read, in pieces of any size", arguments: [1, 2, 3, 7, 8, 13, 29, 64, 4096])
    func readInPieces(size: Int) throws {
        let bytes = try Self.file().bytes
        var reader = StickFileReader()
        var entries: [StickEntry] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            reader.append(Data(rest.prefix(size)))
            rest = rest.dropFirst(size)
            while let entry = reader.next() { entries.append(entry) }
        }
        reader.finish()
        while let entry = reader.next() { entries.append(entry) }
        #expect(entries == Self.entries)
        #expect(reader.damage == StickDamage())
        #expect(reader.intactBytes == bytes.count)
    }

    @Test("cut off at any byte: every whole entry before is read, and the file goes on after the cut")
    func cutAnywhere() throws {
        let (bytes, ends) = try Self.file()
        let next = StickEntry(.frame, Data("written after the stick was back".utf8))
        for length in 0...bytes.count {
            let whole = ends.filter { $0 <= length }.count
            let (entries, damage) = StickFile.read(Data(bytes.prefix(length)))
            #expect(entries == Array(Self.entries.prefix(whole)), "cut at \(length)")
            let intact = ends.last { $0 <= length } ?? (length >= StickFile.magic.count ? StickFile.magic.count : 0)
            #expect(damage.skippedBytes == length - intact, "cut at \(length)")
            let continued = StickFile.read(Data(bytes.prefix(length)) + (try StickFile.encode(next))).entries
            // What the cut took off the last entry may be just how the next one begins: then it is whole, too.
            #expect(continued.last == next, "cut at \(length)")
            #expect(
                [whole, whole + 1].map { Array(Self.entries.prefix($0)) }.contains(Array(continued.dropLast())),
                "cut at \(length)")
        }
    }

    @Test("any bit changed: every other entry is read", arguments: [UInt8(0x01), 0x80, 0xFF])
    func flipAnywhere(bits: UInt8) throws {
        let (bytes, ends) = try Self.file()
        for place in 0..<bytes.count {
            var damaged = bytes
            damaged[place] ^= bits
            let (entries, damage) = StickFile.read(damaged)
            var expected = Self.entries
            if place >= StickFile.magic.count, let hit = ends.firstIndex(where: { $0 > place }) {
                expected.remove(at: hit)
            }
            #expect(entries == expected, "byte \(place)")
            #expect(damage.skippedBytes > 0, "byte \(place)")
        }
    }

    @Test("any run of bytes taken out: every entry without it is read", arguments: [1, 5, 30, 70])
    func holeAnywhere(size: Int) throws {
        let (bytes, ends) = try Self.file()
        for start in 0..<(bytes.count - size) {
            let damaged = Data(bytes.prefix(start)) + Data(bytes.dropFirst(start + size))
            let found = StickFile.read(damaged).entries
            for (index, entry) in Self.entries.enumerated() {
                let begin = index == 0 ? StickFile.magic.count : ends[index - 1]
                let isUntouched = ends[index] <= start || begin >= start + size
                #expect(found.contains(entry) || !isUntouched, "hole at \(start)")
            }
            // Nothing but what was written, in order, once.
            #expect(found == Self.entries.filter { found.contains($0) }, "hole at \(start)")
        }
    }

    @Test("noise yields nothing and never traps")
    func noise() {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        func byte() -> UInt8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        for round in 0..<200 {
            var bytes = Data((0..<Int(byte()) * 8).map { _ in byte() })
            // Markers with nonsense behind them, at the end too.
            if round % 2 == 0 { for _ in 0..<4 { bytes.append(StickFile.marker.prefix(Int(byte() % 9))) } }
            let (entries, damage) = StickFile.read(bytes)
            #expect(entries.isEmpty)
            #expect(damage.skippedBytes == bytes.count)
        }
    }

    @Test("an entry of a newer program is counted, not damage")
    func unknownKind() throws {
        var bytes = Data(StickFile.marker)
        let head: [UInt8] = [99, 0, 0, 0, 2]
        bytes.append(contentsOf: head)
        bytes.append(SHA256Digest.of(Data(head) + Data([7, 7])).prefix(16))
        bytes.append(contentsOf: [7, 7])
        let (entries, damage) = StickFile.read(try Self.file().bytes + bytes)
        #expect(entries == Self.entries)
        #expect(damage.unknownEntries == 1)
        #expect(damage.skippedBytes == 0)
    }

    @Test("limits: nothing larger is written, and a claim of more is damage at once")
    func limits() throws {
        let frame = StickEntry(.frame, Data(count: SyncLimits.frameBytesMax))
        #expect(StickFile.read(try StickFile.encode(frame)).entries == [frame])
        #expect(
            code { try StickFile.encode(StickEntry(.frame, Data(count: SyncLimits.frameBytesMax + 1))) } == .tooLarge)
        var reader = StickFileReader()
        reader.append(StickFile.magic + StickFile.marker + Data([2, 0xFF, 0xFF, 0xFF, 0xFF]) + Data(count: 16))
        // The claim of 4 GiB does not make the reader wait for them.
        reader.append(try StickFile.encode(frame))
        #expect(reader.next() == frame)
    }

    @Test("a file full of false claims ends the reading soon")
    func falseClaims() throws {
        var bytes = Data()
        for _ in 0..<2000 {
            bytes.append(StickFile.marker)
            bytes.append(contentsOf: [4, 0, 0x10, 0, 0])
        }
        bytes.append(Data(count: 1 << 20))
        bytes.append(try StickFile.encode(Self.entries[1]))
        let (entries, _) = StickFile.read(bytes)
        #expect(entries == [Self.entries[1]])
    }

    @Test("names tell device, lineage and number, in ASCII and within 60 characters")
    func names() {
        let device = Data((0..<16).map { UInt8($0 * 16) })
        for role in StickFile.Role.allCases {
            for number in [1, 42, 9999] {
                let name = StickFile.name(role, device: device, lineage: Samples.lineageID, number: number)
                #expect(name.utf8.count <= StickFile.nameCharactersMax && name.utf8.allSatisfy { $0 < 0x80 })
            }
        }
        #expect(
            StickFile.name(.resident, device: device, lineage: Samples.lineageID, number: 42)
                == "resident-001020304050-111111111111-0042.jobfair")
        #expect(
            StickFile.name(.answer, device: device, lineage: Data(), number: 1)
                == "answer-001020304050-all-0001.jobfair")
    }
}
