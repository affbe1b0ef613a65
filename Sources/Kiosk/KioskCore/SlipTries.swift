// What was tried with each slip at this kiosk: strings of digits, and vacancies with the string they were stated under.

import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The file in which `SlipTries` outlives a restart of the daemon: beside the key of its hashes, gone with it in a power
/// cut. Written in memory (`/run`), so nobody waits for a disk.
public protocol SlipTryStore: Sendable {
    /// Empty where there is none.
    func load() -> Data
    /// Replaces all of it at once. What cannot be written now still counts in memory until the daemon ends; where the
    /// folder is lost the key goes with it, and then this kiosk calls no string right or wrong.
    func save(_ bytes: Data)
}

/// Bounds guessing (`docs/protocol.md`, Intents and wishes from kiosks), and remembers what a slip may take back.
///
/// The bound on strings that are wrong at the kiosk which made the slip is this one alone: such a statement is refused
/// here and never sent. Headquarters counts only the strings that reach it.
///
/// Nothing personal is in the file: slips and strings of digits are keyed hashes, vacancies are public. It is emptied
/// when the fair closes.
public actor SlipTries {
    /// Different strings of digits with one slip, right ones included; the same string again costs nothing.
    public static let digitStringsMax = 5
    /// Vacancies with one slip, withdrawn ones not counted.
    public static let vacanciesMax = 20
    /// With the head 1 MiB, the most that a small file may have: 8,000 slips with one string and three vacancies each.
    /// Beyond it the slips that were shown first are forgotten.
    public static let entriesMax = 32_767

    /// Bytes of an entry (marks of slip and string, 8 each, then the vacancy or zeros) and of the head.
    private static let entryBytes = 32
    private static let magic = Data("jobfair tries v1".utf8)

    private struct Statement: Hashable {
        var vacancy: VacancyID
        var digits: UInt64
    }

    private struct Tally {
        var digits: [UInt64] = []
        /// In the order in which they were stated.
        var stated: [Statement] = []
        /// Counted, but not known to be on the disk yet: how many requests are on their way there.
        var unsure: [Statement: Int] = [:]

        var entries: Int { digits.count + stated.count }
    }

    private let hash: KeyedHash
    private let entriesMax: Int
    private let store: any SlipTryStore
    private var fair: FairID?
    private var tallies: [UInt64: Tally] = [:]
    /// In the order in which they were first shown.
    private var shown: [UInt64] = []
    private var entries = 0

    /// - Parameters:
    ///   - hash: with the key of the runtime folder.
    ///   - entriesMax: lower in tests.
    public init(store: any SlipTryStore, hash: KeyedHash, entriesMax: Int = SlipTries.entriesMax) {
        self.store = store
        self.hash = hash
        self.entriesMax = entriesMax
        guard let read = Self.read(store.load()) else { return }
        (fair, tallies, shown) = read
        entries = tallies.values.reduce(0) { $0 + $1.entries }
    }

    /// How many further strings are left after this one; nil: there were five others before, nothing is looked at.
    func take(_ digits: String, of slip: RecordID, at fair: FairID) -> Int? {
        begin(fair)
        let (slip, digits) = marks(slip, digits)
        var tally = tallies[slip] ?? Tally()
        if !tally.digits.contains(digits) {
            guard tally.digits.count < Self.digitStringsMax else { return nil }
            tally.digits.append(digits)
            keep(tally, of: slip)
        }
        return Self.digitStringsMax - tally.digits.count
    }

    /// Counts a vacancy before its record is made, so that requests beside each other cannot pass the bound; `settle`
    /// has to follow. False: there are 20 others.
    func reserve(_ vacancy: VacancyID, with slip: RecordID, digits: String, at fair: FairID) -> Bool {
        begin(fair)
        let (slip, digits) = marks(slip, digits)
        let statement = Statement(vacancy: vacancy, digits: digits)
        var tally = tallies[slip] ?? Tally()
        if tally.stated.contains(statement) {
            if let count = tally.unsure[statement] { tallies[slip]?.unsure[statement] = count + 1 }
            return true
        }
        guard Set(tally.stated.map(\.vacancy)).union([vacancy]).count <= Self.vacanciesMax else { return false }
        tally.stated.append(statement)
        tally.unsure[statement] = 1
        keep(tally, of: slip)
        return true
    }

    /// What became of a reserved one. Where nobody knows it counts.
    func settle(_ vacancy: VacancyID, with slip: RecordID, digits: String, isStated: Bool) {
        let (slip, digits) = marks(slip, digits)
        let statement = Statement(vacancy: vacancy, digits: digits)
        guard var tally = tallies[slip], let count = tally.unsure[statement] else { return }
        tally.unsure[statement] = isStated || count == 1 ? nil : count - 1
        if isStated || count > 1 {
            tallies[slip] = tally
        } else {
            tally.stated.removeAll { $0 == statement }
            keep(tally, of: slip)
        }
    }

    /// To be called once the withdrawal is on the disk. Takes back only what was stated under the same string: where this
    /// kiosk cannot judge the digits, nobody else's.
    func takeBack(_ vacancy: VacancyID, with slip: RecordID, digits: String) {
        let (slip, digits) = marks(slip, digits)
        let statement = Statement(vacancy: vacancy, digits: digits)
        guard var tally = tallies[slip], tally.stated.contains(statement) else { return }
        tally.stated.removeAll { $0 == statement }
        tally.unsure[statement] = nil
        keep(tally, of: slip)
    }

    /// What was stated with this slip under the same string. Not what was stated elsewhere, or before a power cut.
    func stated(with slip: RecordID, digits: String, at fair: FairID) -> [VacancyID] {
        guard fair == self.fair else { return [] }
        let (slip, digits) = marks(slip, digits)
        return tallies[slip]?.stated.filter { $0.digits == digits }.map(\.vacancy) ?? []
    }

    /// The fair is closed: what the desk knew of people goes.
    public func forget() {
        guard fair != nil else { return }
        (fair, tallies, shown, entries) = (nil, [:], [], 0)
        store.save(Data())
    }
}

// MARK: - Keeping

extension SlipTries {
    private func marks(_ slip: RecordID, _ digits: String) -> (slip: UInt64, digits: UInt64) {
        (Self.mark(hash("slip", slip.bytes)), Self.mark(hash("string", slip.bytes, Array(digits.utf8))))
    }

    private static func mark(_ bytes: Data) -> UInt64 { bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }

    /// A slip belongs to one fair; those of the one before are refused by now.
    private func begin(_ fair: FairID) {
        guard fair != self.fair else { return }
        (self.fair, tallies, shown, entries) = (fair, [:], [], 0)
    }

    private func keep(_ tally: Tally, of slip: UInt64) {
        if tallies[slip] == nil { shown.append(slip) }
        entries += tally.entries - (tallies[slip]?.entries ?? 0)
        tallies[slip] = tally
        while entries > entriesMax, let first = shown.first(where: { $0 != slip }) {
            entries -= tallies.removeValue(forKey: first)?.entries ?? 0
            shown.removeAll { $0 == first }
        }
        save()
    }

    private func save() {
        guard let fair else { return }
        var bytes = Self.magic + fair.bytes
        bytes.reserveCapacity((entries + 1) * Self.entryBytes)
        func append(_ slip: UInt64, _ digits: UInt64, _ vacancy: [UInt8]) {
            for mark in [slip, digits] {
                withUnsafeBytes(of: mark.bigEndian) { bytes.append(contentsOf: $0) }
            }
            bytes.append(contentsOf: vacancy)
        }
        for slip in shown {
            guard let tally = tallies[slip] else { continue }
            for digits in tally.digits { append(slip, digits, Array(repeating: 0, count: 16)) }
            for statement in tally.stated { append(slip, statement.digits, statement.vacancy.bytes) }
        }
        store.save(bytes)
    }

    /// Nil: nothing, or not as `save` writes it.
    private static func read(_ bytes: Data) -> (FairID, [UInt64: Tally], [UInt64])? {
        guard bytes.count >= entryBytes, bytes.count % entryBytes == 0, bytes.prefix(16) == magic,
            let fair = FairID(bytes: bytes.dropFirst(16).prefix(16))
        else { return nil }
        var (tallies, shown): ([UInt64: Tally], [UInt64]) = ([:], [])
        for start in stride(from: bytes.startIndex + entryBytes, to: bytes.endIndex, by: entryBytes) {
            let (slip, digits) = (mark(bytes[start...]), mark(bytes[(start + 8)...]))
            let vacancy = bytes[(start + 16)..<(start + entryBytes)]
            if tallies[slip] == nil { shown.append(slip) }
            if vacancy.allSatisfy({ $0 == 0 }) {
                tallies[slip, default: Tally()].digits.append(digits)
            } else if let vacancy = VacancyID(bytes: vacancy) {
                tallies[slip, default: Tally()].stated.append(Statement(vacancy: vacancy, digits: digits))
            }
        }
        return (fair, tallies, shown)
    }
}
