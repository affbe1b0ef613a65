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
        var erasures: [ErasureDirective]
        var session: Data
    }

    var disk: Disk
    var isUp = true
    /// In memory: a restart forgets them.
    var sessions: [Data: Data] = [:]
    /// Verified, the newest last.
    var backups: [Disk] = []

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
        let batch = IngestBatch(
            deviceID: deviceID, lineageID: lineageID, batchID: random.bytes(16), records: records, receivedAt: at)
        let report = disk.records.ingest(batch)
        let bytes = ReceiptBytes(
            generation: report.generation.id, serial: report.generation.newestSerial, batchID: batch.batchID)
        return VerifiedReceipt(
            lineageID: lineageID, serial: report.generation.newestSerial,
            headquartersGeneration: report.generation.id, lines: report.results.compactMap(Self.line),
            durableThrough: report.lineage.durableThrough, digestAtDurable: report.lineage.digestAtDurable,
            signed: bytes.encoded)
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
