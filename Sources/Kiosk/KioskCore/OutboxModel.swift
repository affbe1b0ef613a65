// The outbox as a value: what the SQLite store promises, without a disk. Simulations run on it, and a test holds both
// side by side.

public import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

public struct OutboxModel: Sendable {
    public struct Entry: Hashable, Sendable {
        public var record: OutboxRecord
        public var lineageID: Data
        public var state: OutboxState
        /// Number of the generation that receipted it.
        public var receiptedUnder: Int?
        public var reason: String?
    }

    struct Chain: Sendable {
        var lineageID: Data
        var lastSequence: Int64 = 0
        var lastDigest = Data()
        var durableThrough: Int64 = 0
    }

    struct HeldDirective: Sendable {
        var id: Data
        /// Empty: one about fair and day, that was followed.
        var signed: Data
        var isConfirmed = false
        /// Number of the generation that knows it; nil: it came by another road.
        var knownTo: Int?
    }

    /// By position, which begins at 1.
    public private(set) var entries: [Entry] = []
    public private(set) var isRevoked = false
    public private(set) var heardMilliseconds: Int64 = 0
    private var chains: [Chain]
    /// In the order in which they were heard of; the last is today's.
    private var generations: [Data] = []
    private var directives: [HeldDirective] = []
    private var newestReceipt: VerifiedReceipt?
    private var places: [RecordID: Int] = [:]

    /// - Parameter lineageID: of the first lineage, 16 bytes.
    public init(lineageID: Data) {
        chains = [Chain(lineageID: lineageID)]
    }

    public var lineageID: Data { chain.lineageID }
    private var chain: Chain { chains[chains.count - 1] }

    /// The place that the next record takes.
    public var nextPlace: (lineageID: Data, sequence: Int64, previousDigest: Data) {
        (chain.lineageID, chain.lastSequence + 1, chain.lastDigest)
    }

    /// A committed record. Ids are never used twice.
    public mutating func commit(_ recordID: RecordID, digest: Data, frame: Data) {
        precondition(places[recordID] == nil, "a record id is used once")
        chains[chains.count - 1].lastSequence += 1
        chains[chains.count - 1].lastDigest = digest
        places[recordID] = entries.count
        entries.append(
            Entry(
                record: OutboxRecord(
                    position: Int64(entries.count + 1), recordID: recordID, sequence: chain.lastSequence,
                    digest: digest, frame: frame), lineageID: chain.lineageID, state: .pending))
    }

    public func count(_ state: OutboxState) -> Int { entries.count { $0.state == state } }

    // MARK: - As in OutboxStore

    public func pending(after: Int64, countMax: Int, bytesMax: Int) -> [OutboxRecord] {
        var records: [OutboxRecord] = []
        var bytes = 0
        var lineageID: Data?
        for entry in entries.dropFirst(Int(max(0, after))) where entry.state == .pending {
            bytes += entry.record.frame.count
            if !records.isEmpty, bytes > bytesMax || lineageID != entry.lineageID { break }
            lineageID = entry.lineageID
            records.append(entry.record)
            if records.count == max(1, countMax) { break }
        }
        return records
    }

    public func chainHead() -> ChainHead {
        let firstPending = entries.first { $0.state == .pending && $0.lineageID == chain.lineageID }
        return ChainHead(
            lineageID: chain.lineageID, lastSequence: chain.lastSequence, lastDigest: chain.lastDigest,
            receiptedThrough: firstPending.map { $0.record.sequence - 1 } ?? chain.lastSequence,
            pendingCount: count(.pending), newestReceiptSerial: newestReceipt?.serial ?? 0,
            headquartersGeneration: newestReceipt?.headquartersGeneration ?? Data(),
            newestReceipt: newestReceipt?.signed ?? Data())
    }

    public func helloFacts() -> HelloFacts {
        let many = OutboxRule.directivesInHelloMax
        let strange = directives.filter { !$0.signed.isEmpty && $0.knownTo ?? 0 < generations.count }
        return HelloFacts(
            head: chainHead(), directivesToConfirm: directives.filter { !$0.isConfirmed }.prefix(many).map(\.id),
            erasuresToOffer: strange.prefix(many).map { ErasureDirective(id: $0.id, signed: $0.signed) })
    }

    public func digest(lineageID: Data, sequence: Int64) -> Data? {
        entries.first { $0.lineageID == lineageID && $0.record.sequence == sequence }?.record.digest
    }

    public mutating func apply(_ receipt: VerifiedReceipt) -> ReceiptEffect {
        if generations.isEmpty { generations = [receipt.headquartersGeneration] }
        guard receipt.headquartersGeneration == generations.last else {
            return ReceiptEffect(moved: 0, isOtherGeneration: true)
        }
        var moved = 0
        for line in receipt.lines {
            guard let place = places[line.recordID], entries[place].record.digest == line.digest,
                entries[place].lineageID == receipt.lineageID
            else { continue }
            let state = entries[place].state
            let isNow = state == .receipted && entries[place].receiptedUnder == generations.count
            if let next = OutboxRule.next(state, isReceiptedNow: isNow, line.outcome) {
                entries[place].state = next
                entries[place].receiptedUnder = next == .receipted ? generations.count : nil
                entries[place].reason = OutboxRule.reason(line.reason)
                moved += 1
            } else if state == .pending || state == .quarantined {
                entries[place].reason = OutboxRule.reason(line.reason)
            }
        }
        if let place = chains.firstIndex(where: { $0.lineageID == receipt.lineageID }) {
            if hasSameChain(receipt.lineageID, receipt.durableThrough, receipt.digestAtDurable) {
                chains[place].durableThrough = max(chains[place].durableThrough, receipt.durableThrough)
            }
        }
        let isNewest =
            receipt.serial > newestReceipt?.serial ?? 0
            || receipt.headquartersGeneration != newestReceipt?.headquartersGeneration
        if isNewest { newestReceipt = receipt }
        return ReceiptEffect(moved: moved)
    }

    public mutating func settle(_ news: HelloNews) -> HelloEffect {
        if let said = news.ifHeardBefore, heardMilliseconds >= said { return HelloEffect(isStale: true) }
        var effect = HelloEffect()
        if news.headquartersGeneration != generations.last {
            effect.isNewGeneration = !generations.isEmpty
            generations.append(news.headquartersGeneration)
            for place in chains.indices { chains[place].durableThrough = 0 }
        }
        for mark in news.marks {
            guard let place = chains.firstIndex(where: { $0.lineageID == mark.lineageID }) else { continue }
            let isOurs = hasSameChain(mark.lineageID, mark.durableThrough, mark.digestAtDurable)
            chains[place].durableThrough = isOurs ? mark.durableThrough : 0
        }
        for gap in news.gaps { fill(gap, &effect) }
        let today = generations.count
        for id in news.confirmed { change(id) { $0.isConfirmed = true } }
        for id in news.offered { change(id) { $0.knownTo = today } }
        for erasure in news.erasures {
            keep(erasure.id, signed: erasure.signed)
            change(erasure.id) {
                $0.isConfirmed = false
                $0.knownTo = today
            }
        }
        effect.changesStanding = isRevoked != news.isRevoked
        isRevoked = news.isRevoked
        if news.saidMilliseconds != 0 { heardMilliseconds = news.saidMilliseconds }
        return effect
    }

    public mutating func offerAgain() -> Int {
        let today = generations.count
        return move(.receipted, to: .pending) { entry, _ in entry.receiptedUnder ?? 0 < today }
    }

    public mutating func purge() -> Int {
        let today = generations.count
        return move(.receipted, to: .purged) { entry, chain in
            entry.receiptedUnder == today && entry.record.sequence <= chain.durableThrough
        }
    }

    public mutating func followed(directive id: Data) { keep(id, signed: Data()) }

    /// - Parameter lineageID: of the new lineage, 16 bytes that no other has.
    public mutating func startNewLineage(_ lineageID: Data) { chains.append(Chain(lineageID: lineageID)) }

    /// A technician's decision, after talking to headquarters.
    public mutating func retryQuarantined() -> Int {
        var moved = 0
        for place in entries.indices where entries[place].state == .quarantined {
            entries[place].state = .pending
            moved += 1
        }
        return moved
    }

    // MARK: - Parts

    private func hasSameChain(_ lineageID: Data, _ sequence: Int64, _ digest: Data) -> Bool {
        self.digest(lineageID: lineageID, sequence: sequence) == digest
    }

    private mutating func fill(_ gap: SequenceGap, _ effect: inout HelloEffect) {
        guard let chain = chains.first(where: { $0.lineageID == gap.lineageID }),
            let looked = gap.looked(lastSequence: chain.lastSequence)
        else { return }
        var here: [Int64: OutboxState] = [:]
        for place in entries.indices where entries[place].lineageID == gap.lineageID {
            let sequence = entries[place].record.sequence
            guard looked.contains(sequence) else { continue }
            here[sequence] = entries[place].state
            guard entries[place].state == .receipted, effect.offeredAgain < OutboxRule.refillRecordsMax else {
                continue
            }
            entries[place].state = .pending
            entries[place].receiptedUnder = nil
            effect.offeredAgain += 1
        }
        let lacking = gap.last == nil ? gap.first...gap.first : looked
        effect.unavailable += lacking.count { here[$0] ?? .purged == .purged }
    }

    private mutating func move(_ from: OutboxState, to state: OutboxState, where isMoved: (Entry, Chain) -> Bool) -> Int
    {
        var moved = 0
        for place in entries.indices where entries[place].state == from && moved < OutboxRule.stepRecordsMax {
            guard let chain = chains.first(where: { $0.lineageID == entries[place].lineageID }),
                isMoved(entries[place], chain)
            else { continue }
            entries[place].state = state
            entries[place].receiptedUnder = nil
            if state == .purged {
                entries[place].record.frame = Data()
                entries[place].reason = nil
            }
            moved += 1
        }
        return moved
    }

    private mutating func keep(_ id: Data, signed: Data) {
        if directives.contains(where: { $0.id == id }) { return }
        directives.append(HeldDirective(id: id, signed: signed))
        directives = directives.suffix(Int(OutboxRule.directivesMax))
    }

    private mutating func change(_ id: Data, _ change: (inout HeldDirective) -> Void) {
        guard let place = directives.firstIndex(where: { $0.id == id }) else { return }
        change(&directives[place])
    }
}
