// Headquarters of the simulation: the pure record store, what it remembers of kiosks, and its backups.

import Foundation
import HeadquartersCore
import JobFair
import KioskCore

struct SimulatedHeadquarters {
    /// What is on its disk, and therefore in a backup.
    struct Disk {
        var records: IngestModel
        var directives: [Data: Erased] = [:]
        var confirmed: [Data: Set<Data>] = [:]
        /// Devices whose records are held.
        var revoked: Set<Data> = []
    }

    /// A record that a receipt named as taken in or held.
    struct Line: Hashable {
        var generation: Data
        var digest: Data
    }

    /// As `IngestGate` of HeadquartersWeb: one writer, a bound on batches, half of the places kept for who was turned away.
    struct Gate {
        static let batchesMax = 24
        /// Of one record in the slowest machine this runs on; 256 take about a second.
        static let perRecord = Duration.milliseconds(4)
        var underWay = 0
        var turnedAway = 0
        var waiting: Set<Data> = []
        var writerFreeAt = Duration.zero
    }

    enum Entry {
        case turnedAway(Duration)
        /// When the batch will be taken in.
        case done(Duration)
    }

    struct Erased: Hashable {
        var person: PersonKey
        var before: Int64
    }

    /// What hello brings back.
    struct HelloReply {
        var knownThrough: Int64
        var digestAtKnownThrough: Data
        var durableThrough: Int64
        var digestAtDurable: Data
        var gaps: [ClosedRange<Int64>]
        var others: [KioskCore.LineageMark]
        var generation: Data
        var lineagesToLeave: [Data]
        var isRevoked: Bool
        var erasures: [ErasureDirective]
        var session: Data
    }

    var disk: Disk
    var isUp = true
    /// In memory: a restart forgets them.
    var sessions: [Data: Data] = [:]
    /// Verified, the newest last.
    var backups: [Disk] = []

    /// How far its clock is from the truth, milliseconds.
    var wallError: Int64 = 0
    /// Nil: it takes in whatever comes at once.
    var gate: Gate?
    // What the judges know; no backup holds it.
    var acknowledged: Set<Line> = []
    /// Boots that it read its clock with.
    var paired: Set<Data> = []
    /// Boots that it read its clock with, or took records of, while the clock was wrong.
    var spoiled: Set<Data> = []

    init(generationID: Data) { disk = Disk(records: IngestModel(generationID: generationID)) }

    mutating func restart() { sessions = [:] }

    mutating func backUp() {
        let copy = disk
        backups.append(copy)
        disk.records.markDurable(copy.records)
    }

    /// The machine is gone; what is left is the backup at this index, and those before it.
    mutating func restore(_ index: Int) {
        disk = backups[index]
        backups.removeSubrange((index + 1)...)
        restart()
    }

    mutating func hello(
        _ facts: HelloFacts, of deviceID: Data, clock: ClockSample, content: [Data: Erased], at: Int64,
        random: inout SeededGenerator
    ) -> HelloReply {
        let head = facts.head
        var generation = disk.records.generation
        if let receipt = ReceiptBytes(head.newestReceipt) {
            generation = disk.records.noteForeignReceipt(
                generation: receipt.generation, serial: receipt.serial, batchID: receipt.batchID, next: random.bytes(16)
            )
        }
        for offered in facts.erasuresToOffer { learn(offered.id, content[offered.id]) }
        disk.confirmed[deviceID, default: []].formUnion(facts.directivesToConfirm)
        paired.insert(clock.bootID)
        if wallError != 0 { spoiled.insert(clock.bootID) }
        let pair = ClockPair(
            bootID: clock.bootID, bootMilliseconds: clock.bootMilliseconds, headquartersMilliseconds: at,
            roundTripMilliseconds: TimeEstimate.helloDoubtMilliseconds)
        let isToLeave = disk.records.noteContact(
            head.lineageID, of: deviceID, lastSequence: head.lastSequence, lastDigest: head.lastDigest, pair: pair)
        let lineage = disk.records.lineage(head.lineageID, of: deviceID)
        let session = random.bytes(16)
        sessions[deviceID] = session
        let unconfirmed = disk.directives.keys.filter { !(disk.confirmed[deviceID] ?? []).contains($0) }
        return HelloReply(
            knownThrough: lineage.contiguousThrough, digestAtKnownThrough: lineage.digestAtContiguous,
            durableThrough: lineage.durableThrough, digestAtDurable: lineage.digestAtDurable, gaps: lineage.gaps,
            others: disk.records.lineageMarks(of: deviceID, except: head.lineageID).map {
                KioskCore.LineageMark(
                    lineageID: $0.lineageID, knownThrough: $0.knownThrough, durableThrough: $0.durableThrough,
                    digestAtDurable: $0.digestAtDurable)
            }, generation: generation.id, lineagesToLeave: isToLeave ? [head.lineageID] : [],
            isRevoked: disk.revoked.contains(deviceID),
            erasures: unconfirmed.sorted { $0.lexicographicallyPrecedes($1) }
                .prefix(ErasureLimits.perHelloMax).map { ErasureDirective(id: $0, signed: $0) }, session: session)
    }

    mutating func learn(_ id: Data, _ erased: Erased?) {
        guard let erased, disk.directives[id] == nil else { return }
        disk.directives[id] = erased
        _ = disk.records.erase(erased.person, before: erased.before)
    }

    /// Takes a batch in and gives the receipt, as it would be signed after the commit.
    mutating func take(
        _ records: [ArrivedRecord], of deviceID: Data, lineageID: Data, at: Int64, random: inout SeededGenerator
    ) -> VerifiedReceipt {
        let isRevoked = disk.revoked.contains(deviceID)
        let batch = IngestBatch(
            deviceID: deviceID, lineageID: lineageID, batchID: random.bytes(16),
            records: isRevoked ? records.map(Self.held) : records, receivedAt: at)
        let report = disk.records.ingest(batch)
        for case .opened(let envelope, _) in records where wallError != 0 { spoiled.insert(envelope.clock.bootID) }
        for result in report.results where ![.retryLater, .refused].contains(result.code) {
            acknowledged.insert(Line(generation: report.generation.id, digest: result.digest))
        }
        let bytes = ReceiptBytes(
            generation: report.generation.id, serial: report.generation.newestSerial, batchID: batch.batchID)
        return VerifiedReceipt(
            lineageID: lineageID, serial: report.generation.newestSerial,
            headquartersGeneration: report.generation.id, lines: report.results.compactMap(Self.line),
            durableThrough: report.lineage.durableThrough, digestAtDurable: report.lineage.digestAtDurable,
            signed: bytes.encoded)
    }

    private static func held(_ arrived: ArrivedRecord) -> ArrivedRecord {
        guard case .opened(let envelope, _) = arrived else { return arrived }
        return .sealed(envelope, reason: .deviceRevoked)
    }

    // MARK: - The gate

    mutating func enter(_ deviceID: Data, records: Int, at now: Duration) -> Entry {
        guard var gate else { return .done(now) }
        defer { self.gate = gate }
        let isKept = !gate.waiting.isEmpty && !gate.waiting.contains(deviceID)
        guard gate.underWay < (isKept ? (Gate.batchesMax + 1) / 2 : Gate.batchesMax) else {
            gate.turnedAway += 1
            gate.waiting.insert(deviceID)
            return .turnedAway(.seconds(min(120, 5 + gate.turnedAway / 4)))
        }
        gate.waiting.remove(deviceID)
        gate.underWay += 1
        gate.writerFreeAt = max(gate.writerFreeAt, now) + Gate.perRecord * records
        return .done(gate.writerFreeAt)
    }

    mutating func leave() {
        guard var gate else { return }
        gate.underWay -= 1
        if gate.underWay * 2 <= Gate.batchesMax { gate.turnedAway = 0 }
        if gate.underWay == 0 { gate.waiting = [] }
        self.gate = gate
    }

    private static func line(_ result: IngestResult) -> VerifiedReceipt.Line? {
        guard let id = RecordID(bytes: result.recordID) else { return nil }
        let outcome: VerifiedReceipt.Outcome =
            switch result.code {
            case .accepted: .accepted
            case .duplicate: .duplicate
            case .duplicateErased: .duplicateErased
            case .held: .held
            case .retryLater: .retryLater
            case .refused: .refused
            }
        return VerifiedReceipt.Line(
            recordID: id, digest: result.digest, outcome: outcome, reason: result.reason?.rawValue ?? "")
    }
}

/// What a kiosk keeps of its newest receipt, as headquarters reads it back.
struct ReceiptBytes {
    var generation: Data
    var serial: Int64
    var batchID: Data

    init(generation: Data, serial: Int64, batchID: Data) {
        self.generation = generation
        self.serial = serial
        self.batchID = batchID
    }

    init?(_ bytes: Data) {
        let bytes = Array(bytes)
        guard bytes.count == 40 else { return nil }
        generation = Data(bytes[0..<16])
        batchID = Data(bytes[16..<32])
        serial = bytes[32..<40].reduce(0) { $0 << 8 | Int64($1) }
    }

    var encoded: Data {
        generation + batchID + Data((0..<8).map { UInt8(truncatingIfNeeded: serial >> Int64(56 - 8 * $0)) })
    }
}
