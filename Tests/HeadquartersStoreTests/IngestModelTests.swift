// The SQLite store and the value that simulations run on, side by side: the same batches, the same answers.

import Foundation
import HeadquartersCore
import JobFair
import Testing

@testable import HeadquartersStore

@Suite struct IngestModelTests {
    @Test("the same receipts, forks, lineages and erasures", arguments: 0..<12 as Range<UInt64>)
    func sideBySide(seed: UInt64) async throws {
        let fixture = try await StoreFixture(label: "sideBySide\(seed)")
        var pair = StorePair(fixture, seed: seed, generation: try await fixture.store.generation().id)
        for _ in 0..<40 { try await pair.step() }
        #expect(pair.reached.isSuperset(of: ["duplicate", "held", "accepted", "to leave"]), "\(pair.reached.sorted())")
    }
}

private struct StorePair {
    let fixture: StoreFixture
    var model: IngestModel
    var random: SeededGenerator
    var reached: Set<String> = []
    private var heads: [Data: (sequence: Int64, digest: Data)] = [:]
    private var sent: [(RecordEnvelope, RecordContent)] = []
    private var late: [(RecordEnvelope, RecordContent)] = []
    private var index = 0
    private var now = StoreFixture.now
    private let lineages = [Data(repeating: 0x11, count: 16), Data(repeating: 0x22, count: 16)]

    init(_ fixture: StoreFixture, seed: UInt64, generation: Data) {
        self.fixture = fixture
        model = IngestModel(generationID: generation)
        random = SeededGenerator(seed: seed)
    }

    mutating func step() async throws {
        now += 60_000
        if Int.random(in: 0..<10, using: &random) == 0 { try await erase() }
        if Int.random(in: 0..<3, using: &random) == 0 { try await hello() }
        let lineageID = lineages[Int.random(in: 0..<2, using: &random)]
        var records: [ArrivedRecord] = []
        for _ in 0..<Int.random(in: 1...5, using: &random) { records += next(lineageID) }
        guard !records.isEmpty else { return }
        let batch = IngestBatch(
            deviceID: fixture.deviceID, lineageID: lineageID, batchID: bytes(16), records: records, receivedAt: now)
        let stored = try await fixture.store.ingest(batch)
        let modelled = model.ingest(batch)
        #expect(stored.results == modelled.results)
        #expect(stored.lineage == modelled.lineage)
        #expect((stored.forks, stored.conflicts) == (modelled.forks, modelled.conflicts))
        #expect(stored.generation == modelled.generation)
        for result in stored.results { reached.insert(result.code.rawValue) }
        for lineageID in lineages {
            let state = try await fixture.store.lineage(lineageID, of: fixture.deviceID)
            #expect(state == model.lineage(lineageID, of: fixture.deviceID))
        }
    }

    /// A new record, one that was sent before, one that was held back, a second branch, a taken id, or one nobody can read.
    private mutating func next(_ lineageID: Data) -> [ArrivedRecord] {
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1: return sent.randomElement(using: &random).map { [.opened($0.0, $0.1)] } ?? []
        case 2:
            late.append(make(lineageID, after: heads[lineageID]))
            return []
        case 3:
            guard let index = late.indices.randomElement(using: &random) else { return [] }
            let record = late.remove(at: index)
            sent.append(record)
            return [.opened(record.0, record.1)]
        case 4:
            // From an older head: what a copied card would write.
            let old = sent.filter { $0.0.lineageID == lineageID }.randomElement(using: &random)
            let record = make(lineageID, after: old.map { ($0.0.sequence, $0.0.digest) }, movesHead: false)
            sent.append(record)
            return [.opened(record.0, record.1)]
        case 5:
            guard var (envelope, content) = sent.randomElement(using: &random) else { return [] }
            envelope.digest = bytes(32)
            envelope.frame = envelope.digest
            if case .checkIn = content { content = .entry(people: 1, isRehearsal: false) }
            return [.opened(envelope, content)]
        case 6:
            let record = make(lineageID, after: heads[lineageID])
            return [.sealed(record.0, reason: .schemaUnknown)]
        default:
            let record = make(lineageID, after: heads[lineageID])
            sent.append(record)
            return [.opened(record.0, record.1)]
        }
    }

    private mutating func make(
        _ lineageID: Data, after head: (sequence: Int64, digest: Data)?, movesHead: Bool = true
    ) -> (RecordEnvelope, RecordContent) {
        index += 1
        var envelope = fixture.envelope(
            1000 + index, sequence: (head?.sequence ?? 0) + 1, previous: head?.digest ?? Data(),
            clock: StoreFixture.clock(.ntp, wall: now - 3_600_000))
        envelope.lineageID = lineageID
        envelope.digest = bytes(32)
        envelope.frame = envelope.digest
        if movesHead { heads[lineageID] = (envelope.sequence, envelope.digest) }
        let seeker = sent.first { if case .registration = $0.1 { true } else { false } }
        if Int.random(in: 0..<4, using: &random) == 0, let seeker {
            return (envelope, .checkIn(seeker: seeker.0.recordID))
        }
        return (envelope, StoreFixture.registration(person: UInt8.random(in: 1...3, using: &random)))
    }

    /// At the head, behind it, without a digest, or on a branch that headquarters has not.
    private mutating func hello() async throws {
        let lineageID = lineages[Int.random(in: 0..<2, using: &random)]
        let head = heads[lineageID]
        let isBehind = Int.random(in: 0..<4, using: &random) == 0
        let digest = [head?.digest ?? Data(), head?.digest ?? Data(), Data(), bytes(32)].randomElement(using: &random)
        let (sequence, said) = (max(0, (head?.sequence ?? 0) - (isBehind ? 1 : 0)), digest ?? Data())
        let anchor = StoreFixture.clock(.ntp, wall: now, boot: now - StoreFixture.now)
        let orders = try await fixture.store.noteContact(
            KioskContact(
                deviceID: fixture.deviceID, lineageID: lineageID, lastSequence: sequence, pendingRecords: 0,
                softwareVersion: "1", problems: [], anchor: anchor, at: now, lastDigest: said))
        let isToLeave = model.noteContact(
            lineageID, of: fixture.deviceID, lastSequence: sequence, lastDigest: said,
            pair: ClockPair(
                bootID: anchor.bootID, bootMilliseconds: anchor.bootMilliseconds, headquartersMilliseconds: now,
                roundTripMilliseconds: TimeEstimate.helloDoubtMilliseconds))
        #expect((orders.leaveID != nil) == isToLeave)
        reached.insert(isToLeave ? "to leave" : "may stay")
    }

    private mutating func erase() async throws {
        let person = PersonKey(bytes: Data(repeating: UInt8.random(in: 1...3, using: &random), count: 32))
        reached.insert("erasure")
        let erasure = Erasure(directiveID: bytes(16), person: person, before: now - 1_800_000, signed: Data([1]))
        _ = try await fixture.store.erase([erasure], line: nil, at: now)
        _ = model.erase(person, before: erasure.before)
    }

    private mutating func bytes(_ count: Int) -> Data {
        Data((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) })
    }
}
