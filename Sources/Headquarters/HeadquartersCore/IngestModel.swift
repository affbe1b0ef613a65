// Headquarters' records as a value: what the SQLite store promises, without a disk. Simulations run on it, and a test
// holds both side by side.

public import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Events in, what the store answers out; nothing here waits, draws or reads a clock. A copy of the value is a backup.
public struct IngestModel: Sendable {
    /// A frame that was stored; of an erased one only id, digest and place are left.
    public struct StoredFrame: Hashable, Sendable {
        public var envelope: RecordEnvelope
        public var isHeld: Bool
        public var isErased: Bool
        public var person: PersonKey?
        public var seeker: RecordID?
        public var occurred: OccurredAt
    }

    struct Place: Hashable, Sendable {
        var deviceID: Data
        var lineageID: Data
    }

    struct Lineage: Sendable {
        var contiguousThrough: Int64 = 0
        var digestAtContiguous = Data()
        var highestSequence: Int64 = 0
        var durableThrough: Int64 = 0
        var digestAtDurable = Data()
        /// Nil: the kiosk may stay.
        var leaveReason: LeaveReason?
        /// Two branches of it have arrived.
        var hasFork = false
        /// In the order of arrival.
        var digests: [Int64: [Data]] = [:]

        mutating func add(_ envelope: RecordEnvelope) {
            digests[envelope.sequence, default: []].append(envelope.digest)
            highestSequence = max(highestSequence, envelope.sequence)
        }
    }

    struct Given: Hashable, Sendable {
        var generation: Data
        var serial: Int64
        var batchID: Data
    }

    public private(set) var generation: Generation
    /// By digest.
    public private(set) var frames: [Data: StoredFrame] = [:]
    /// Digests of frames that showed a second branch of a lineage.
    public private(set) var forks: Set<Data> = []
    /// Digests of frames whose id was taken by other bytes.
    public private(set) var conflicts: Set<Data> = []
    private var generations: Set<Data>
    private var given: Set<Given> = []
    private var digestsOfRecord: [RecordID: [Data]] = [:]
    private var lineages: [Place: Lineage] = [:]
    /// In the order in which they were first seen, for each device.
    private var lineageOrder: [Data: [Data]] = [:]
    private var clockPairs: [Data: [ClockPair]] = [:]
    private var erasedBefore: [PersonKey: Int64] = [:]

    /// - Parameter generationID: 16 bytes.
    public init(generationID: Data) {
        generation = Generation(id: generationID, newestSerial: 0)
        generations = [generationID]
    }

    // MARK: - As in HeadquartersStore

    public mutating func ingest(_ batch: IngestBatch) -> IngestReport {
        touch(Place(deviceID: batch.deviceID, lineageID: batch.lineageID))
        let (forksBefore, conflictsBefore) = (forks.count, conflicts.count)
        let results = batch.records.map { take($0, at: batch.receivedAt) }
        advance(Place(deviceID: batch.deviceID, lineageID: batch.lineageID))
        generation.newestSerial += 1
        given.insert(
            Given(generation: generation.id, serial: generation.newestSerial, batchID: batch.batchID))
        return IngestReport(
            results: results, generation: generation, lineage: lineage(batch.lineageID, of: batch.deviceID),
            forks: forks.count - forksBefore, conflicts: conflicts.count - conflictsBefore)
    }

    public func lineage(_ lineageID: Data, of deviceID: Data) -> LineageState {
        guard let lineage = lineages[Place(deviceID: deviceID, lineageID: lineageID)] else {
            return LineageState(contiguousThrough: 0, digestAtContiguous: Data(), gaps: [], highestSequence: 0)
        }
        var gaps: [ClosedRange<Int64>] = []
        var last = lineage.contiguousThrough
        for sequence in lineage.digests.keys.sorted() where sequence > last {
            if sequence > last + 1, gaps.count < LineageState.gapsMax { gaps.append(last + 1...sequence - 1) }
            last = sequence
        }
        return LineageState(
            contiguousThrough: lineage.contiguousThrough, digestAtContiguous: lineage.digestAtContiguous, gaps: gaps,
            highestSequence: lineage.highestSequence, durableThrough: lineage.durableThrough,
            digestAtDurable: lineage.digestAtDurable)
    }

    public func lineageMarks(of deviceID: Data, except lineageID: Data) -> [LineageMark] {
        let others = (lineageOrder[deviceID] ?? []).reversed().filter { $0 != lineageID }
        return others.prefix(LineageMark.marksMax).compactMap { other in
            lineages[Place(deviceID: deviceID, lineageID: other)].map {
                LineageMark(
                    lineageID: other, knownThrough: $0.contiguousThrough, durableThrough: $0.durableThrough,
                    digestAtDurable: $0.digestAtDurable)
            }
        }
    }

    /// What hello says of a lineage. True: the kiosk is to leave it.
    public mutating func noteContact(
        _ lineageID: Data, of deviceID: Data, lastSequence: Int64, lastDigest: Data, pair: ClockPair?
    ) -> Bool {
        if let pair { clockPairs[deviceID, default: []].append(pair) }
        let place = Place(deviceID: deviceID, lineageID: lineageID)
        touch(place)
        guard let lineage = lineages[place] else { return false }
        let objection = LineageRule.objection(
            lastSequence: lastSequence, lastDigest: lastDigest, highest: lineage.highestSequence,
            digestsThere: Set(lineage.digests[lastSequence] ?? []))
        if let objection {
            leave(place, objection)
        } else if LineageRule.isTakenBack(
            lineage.leaveReason, lastDigest: lastDigest, highest: lineage.highestSequence,
            isNewest: lineageOrder[deviceID]?.last == lineageID, hasFork: lineage.hasFork)
        {
            lineages[place]?.leaveReason = nil
        }
        return lineages[place]?.leaveReason != nil
    }

    /// - Parameter next: id of the generation that begins where the receipt is not known, 16 bytes.
    public mutating func noteForeignReceipt(
        generation foreign: Data, serial: Int64, batchID: Data, next: Data
    ) -> Generation {
        if given.contains(Given(generation: foreign, serial: serial, batchID: batchID)) { return generation }
        if foreign != generation.id, generations.contains(foreign) { return generation }
        generations.formUnion([foreign, next])
        generation = Generation(id: next, newestSerial: max(generation.newestSerial, serial))
        for place in lineages.keys {
            lineages[place]?.durableThrough = 0
            lineages[place]?.digestAtDurable = Data()
        }
        return generation
    }

    /// Wipes what is stored of a person, and what arrives later of before this instant. False: it was known.
    public mutating func erase(_ person: PersonKey, before: Int64) -> Bool {
        guard before > erasedBefore[person] ?? .min else { return false }
        erasedBefore[person] = before
        let seekers = frames.values.filter { $0.person == person && ErasureRule.erases($0.occurred, before: before) }
        for seeker in seekers { wipe(seeker.envelope.recordID) }
        return true
    }

    /// A backup was verified: kiosks may purge what it holds.
    public mutating func markDurable(_ backup: IngestModel) {
        for (place, lineage) in backup.lineages {
            guard lineages[place] != nil else { continue }
            lineages[place]?.durableThrough = lineage.contiguousThrough
            lineages[place]?.digestAtDurable = lineage.digestAtContiguous
        }
    }

    /// Whether a record was taken in, or is held; erased ones count.
    public func holds(_ recordID: RecordID, digest: Data) -> Bool {
        frames[digest].map { $0.envelope.recordID == recordID } ?? false
    }

    // MARK: - One record

    private mutating func take(_ arrived: ArrivedRecord, at: Int64) -> IngestResult {
        switch arrived {
        case .refused(let id, let digest, _), .postponed(let id, let digest, _):
            let decision = IngestRule.decide(arrived, known: nil)
            return IngestResult(recordID: id, digest: digest, code: decision.code, reason: decision.reason)
        case .sealed(let envelope, _):
            return store(envelope, nil, IngestRule.decide(arrived, known: known(envelope)), at: at)
        case .opened(let envelope, let content):
            if isErased(content, of: envelope, at: at) {
                let isEmptied = frames[envelope.digest]?.isErased ?? false
                return store(
                    envelope, content, isEmptied ? IngestDecision(.duplicateErased) : IngestRule.erased, at: at)
            }
            return store(envelope, content, IngestRule.decide(arrived, known: known(envelope)), at: at)
        }
    }

    private func known(_ envelope: RecordEnvelope) -> KnownRecord? {
        let stored = (digestsOfRecord[envelope.recordID] ?? []).compactMap { frames[$0] }
        if stored.isEmpty { return nil }
        let accepted = stored.first { !$0.isHeld }
        return KnownRecord(
            acceptedDigest: accepted?.envelope.digest, isErased: accepted?.isErased ?? false,
            heldDigests: Set(stored.filter(\.isHeld).map(\.envelope.digest)))
    }

    private func isErased(_ content: RecordContent, of envelope: RecordEnvelope, at: Int64) -> Bool {
        if case .registration(let registration) = content, let person = registration.person {
            return ErasureRule.erases(occurred(envelope, at: at), before: erasedBefore[person])
        }
        guard let seeker = content.seeker, let digests = digestsOfRecord[seeker] else { return false }
        return digests.contains { frames[$0]?.isErased ?? false }
    }

    private func occurred(_ envelope: RecordEnvelope, at: Int64) -> OccurredAt {
        if let stored = frames[envelope.digest] { return stored.occurred }
        let pairs = (clockPairs[envelope.deviceID] ?? []).filter { $0.bootID == envelope.clock.bootID }
        return TimeEstimate.occurredAt(
            envelope.clock, fairDay: envelope.isDayConfirmed ? envelope.fairDay : nil, receivedAt: at, pairs: pairs)
    }

    private mutating func store(
        _ envelope: RecordEnvelope, _ content: RecordContent?, _ decision: IngestDecision, at: Int64
    ) -> IngestResult {
        let result = IngestResult(
            recordID: Data(envelope.recordID.bytes), digest: envelope.digest, code: decision.code,
            reason: decision.reason)
        guard decision.storing != .nothing else { return result }
        let place = Place(deviceID: envelope.deviceID, lineageID: envelope.lineageID)
        touch(place)
        noteFork(envelope, place)
        if decision.isAlarm { conflicts.insert(envelope.digest) }
        var person: PersonKey?
        if case .registration(let registration)? = content { person = registration.person }
        let isNew = frames[envelope.digest] == nil
        frames[envelope.digest] = StoredFrame(
            envelope: envelope, isHeld: decision.storing == .held, isErased: decision.storing == .erased,
            person: person, seeker: content?.seeker, occurred: occurred(envelope, at: at))
        if isNew {
            digestsOfRecord[envelope.recordID, default: []].append(envelope.digest)
            lineages[place]?.add(envelope)
        }
        if decision.storing == .erased { wipe(envelope.recordID) }
        return result
    }

    private mutating func wipe(_ seeker: RecordID) {
        for (digest, frame) in frames where frame.envelope.recordID == seeker || frame.seeker == seeker {
            frames[digest]?.isErased = true
            frames[digest]?.isHeld = false
            frames[digest]?.envelope.frame = Data()
        }
    }

    // MARK: - Chain

    private mutating func touch(_ place: Place) {
        guard lineages[place] == nil else { return }
        lineages[place] = Lineage()
        lineageOrder[place.deviceID, default: []].append(place.lineageID)
    }

    private mutating func noteFork(_ envelope: RecordEnvelope, _ place: Place) {
        let digests = lineages[place]?.digests ?? [:]
        let isFork = IngestRule.isFork(
            envelope, digestsAtSequence: Set(digests[envelope.sequence] ?? []),
            digestsBefore: Set(digests[envelope.sequence - 1] ?? []),
            namedAfter: Set((digests[envelope.sequence + 1] ?? []).compactMap { frames[$0]?.envelope.previousDigest }))
        guard isFork else { return }
        forks.insert(envelope.digest)
        lineages[place]?.hasFork = true
        leave(place, .fork)
    }

    /// The first reason stands.
    private mutating func leave(_ place: Place, _ reason: LeaveReason) {
        if lineages[place]?.leaveReason == nil { lineages[place]?.leaveReason = reason }
    }

    private mutating func advance(_ place: Place) {
        guard var lineage = lineages[place] else { return }
        // Along the chain: of two branches the one that goes on from here, and of those the one that came first.
        while let next = lineage.digests[lineage.contiguousThrough + 1]?.first(where: {
            frames[$0]?.envelope.previousDigest == lineage.digestAtContiguous
        }) {
            lineage.contiguousThrough += 1
            lineage.digestAtContiguous = next
        }
        lineages[place] = lineage
    }
}
