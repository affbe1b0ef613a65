// E5: the nth allocation of SQLite fails, once or for ever, through every scenario, until none fails any more.

import CFaultDisk
import Foundation
import JobFair
import KioskCore
import KioskStore
import SyncProtocol

/// `memory --scenario I --first N --every N --forever 0|1 --work DIR --seed S`
///
/// As `io-errors`, but for SQLite's memory. A process that ends for lack of memory is no violation (it is started
/// anew): `WORK/acknowledged` then says what had been shown, and `memory-left --work DIR` looks at the folder.
struct FailingMemory {
    typealias Work = @Sendable (FaultWorkload, String) async throws -> Void

    static let scenarios: [(name: String, work: Work)] = [
        ("registering", registering), ("closing", closing), ("receipts and purging", receipting),
        ("printing", printing), ("entries", entries), ("repeats", repeats), ("export", exporting), ("listing", listing),
        ("a day", day),
        ("many at once", crowd), ("after a kill", registering), ("first start", registering),
    ]
    /// No scenario allocates more often than this.
    private static let allocationsMax = 200_000

    let scenario, first, every, seed: Int
    let isForEver: Bool
    let work: String
    var tally = Tally()

    init(_ arguments: Arguments) throws {
        scenario = try arguments.number("scenario")
        first = try arguments.number("first")
        every = try arguments.number("every")
        seed = try arguments.number("seed")
        isForEver = try arguments.number("forever") == 1
        work = try arguments.text("work")
        guard Self.scenarios.indices.contains(scenario), first >= 1, every >= 1 else {
            throw FaultDiskError("--scenario, --first or --every")
        }
    }

    private var signerPath: String { work + "/signer" }
    private var acknowledgedPath: String { work + "/acknowledged" }

    mutating func run() async throws -> Tally {
        let signer = SigningKey()
        try signer.rawRepresentation.write(to: URL(fileURLWithPath: signerPath))
        let prepared = try Folder.fresh(work + "/prepared")
        let before = FaultWorkload(folder: prepared, signer: signer)
        let name = Self.scenarios[scenario].name
        if name != "first start" { try await before.play(seed: seed, steps: 12) }
        if name == "after a kill" { try await leaveUnclean(prepared, before) }
        var nth = first
        while nth < Self.allocationsMax {
            // Whoever finds this process dead goes on behind it.
            try Data("\(nth)".utf8).write(to: URL(fileURLWithPath: work + "/nth"))
            let isHit = try await fail(nth, prepared: prepared, before: before, signer: signer)
            tally.cases += 1
            if !isHit || tally.violations.count >= 5 { return tally }
            nth += every
        }
        throw FaultDiskError("the scenario never passes without a fault")
    }

    /// The folder as a kill leaves it: the WAL still has to be gone through.
    private func leaveUnclean(_ prepared: String, _ before: FaultWorkload) async throws {
        let unclean = work + "/unclean"
        try await FaultWorkload.withStore(prepared, signer: before.signer) { store in
            if try await store.openFair() == nil { try await before.change(store, day: FaultWorkload.days[0]) }
            for _ in 0..<3 { try await before.add(before.registration(), store) }
            try Folder.copy(prepared, to: unclean)
        }
        try Folder.copy(unclean, to: prepared)
    }

    private mutating func fail(
        _ nth: Int, prepared: String, before: FaultWorkload, signer: SigningKey
    ) async throws -> Bool {
        let folder = work + "/copy"
        try Folder.copy(prepared, to: folder)
        let (name, scenarioWork) = Self.scenarios[scenario]
        try Self.write(before.acknowledged, to: acknowledgedPath)
        let path = acknowledgedPath
        let workload = FaultWorkload(folder: folder, signer: signer) { record in
            try? Self.append(record, to: path)
        }
        cfaultdisk_memory_fail(Int64(nth), isForEver ? 1 : 0)
        do {
            try await scenarioWork(workload, folder)
            tally.hit("got through")
        } catch {
            tally.hit(error is KioskStoreError ? "store refused or stopped" : "request failed")
        }
        let hits = cfaultdisk_memory_failed()
        cfaultdisk_memory_fail(0, 0)
        tally.hit("allocations failed", Int(hits))
        let acknowledged = (before.acknowledged + workload.acknowledged).map(Shown.init)
        let found = await Self.problems(folder, signer, acknowledged, goesOn: nth % 5 == 0)
        tally.violations += found.map {
            "scenario \(scenario) (\(name)), allocation \(nth) \(isForEver ? "and all after it" : "once"): \($0)"
        }
        return hits > 0
    }

    // MARK: What is left

    /// A record that was shown, as it is written down for whoever looks after this process died.
    struct Shown {
        var recordID, digest: Data

        init(_ acknowledged: Acknowledged) {
            recordID = Data(acknowledged.record.recordID.bytes)
            digest = acknowledged.record.digest
        }

        init(recordID: Data, digest: Data) {
            self.recordID = recordID
            self.digest = digest
        }
    }

    private static func problems(
        _ folder: String, _ signer: SigningKey, _ shown: [Shown], goesOn: Bool
    ) async -> [String] {
        do {
            let check = try ImageCheck(folder, signer: signer)
            var problems = check.problems
            let there = Dictionary(
                check.stored.records.map { ($0.recordID, $0.digest) }, uniquingKeysWith: { first, _ in first })
            let missing = shown.count { there[$0.recordID] != $0.digest }
            if missing > 0 { problems.append("I1: \(missing) acknowledged records are not there") }
            if check.opening.setAside != nil { problems.append("I7: a lack of memory was taken for damage") }
            if check.opening.chainProblem != nil, !shown.isEmpty { problems.append("I2: the lineage was left") }
            if goesOn, problems.isEmpty {
                let workload = FaultWorkload(folder: folder, signer: signer)
                problems += try await ImageCheck.goOn(folder, workload: workload, acknowledged: []).problems
            }
            return problems
        } catch {
            return ["\(error)"]
        }
    }

    private static func write(_ acknowledged: [Acknowledged], to path: String) throws {
        let lines = acknowledged.map(Shown.init).reduce(into: Data()) { $0 += $1.recordID + $1.digest }
        try lines.write(to: URL(fileURLWithPath: path))
    }

    private static func append(_ record: Acknowledged, to path: String) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        defer { try? file.close() }
        try file.seekToEnd()
        let shown = Shown(record)
        try file.write(contentsOf: shown.recordID + shown.digest)
    }

    /// `memory-left --work DIR`: the folder of a process that ended in the middle.
    static func left(_ arguments: Arguments) async throws -> Tally {
        let work = try arguments.text("work")
        let signer = try SigningKey(rawRepresentation: Data(contentsOf: URL(fileURLWithPath: work + "/signer")))
        let bytes = try Data(contentsOf: URL(fileURLWithPath: work + "/acknowledged"))
        let shown = stride(from: 0, to: bytes.count - 47, by: 48).map {
            Shown(recordID: Data(bytes[$0..<$0 + 16]), digest: Data(bytes[$0 + 16..<$0 + 48]))
        }
        var tally = Tally()
        tally.cases = 1
        tally.violations = await problems(work + "/copy", signer, shown, goesOn: true)
        return tally
    }
}

// MARK: - Scenarios

extension FailingMemory {
    private static func opened(
        _ workload: FaultWorkload, _ folder: String,
        _ body: @escaping @Sendable (SQLiteRecordStore) async throws -> Void
    ) async throws {
        try await FaultWorkload.withStore(folder, signer: workload.signer) { store in
            if try await store.openFair() == nil { try await workload.change(store, day: FaultWorkload.days[0]) }
            try await body(store)
        }
    }

    private static func registering(_ workload: FaultWorkload, _ folder: String) async throws {
        try await opened(workload, folder) { store in
            for _ in 0..<4 { try await workload.add(workload.registration(), store) }
        }
    }

    private static func closing(_ workload: FaultWorkload, _ folder: String) async throws {
        try await opened(workload, folder) { store in
            try await workload.add(workload.registration(), store)
            try await workload.change(store, day: nil)
            try await workload.change(store, day: FaultWorkload.days[1])
        }
    }

    private static func receipting(_ workload: FaultWorkload, _ folder: String) async throws {
        try await opened(workload, folder) { store in
            try await workload.receipt(store)
            try await workload.add(workload.registration(), store)
            try await workload.receipt(store)
        }
    }

    private static func printing(_ workload: FaultWorkload, _ folder: String) async throws {
        try await opened(workload, folder) { store in
            try await workload.add(workload.registration(), store)
            while let job = try await store.nextPrintJob() { try await store.finishPrintJob(job.id, as: .printed) }
        }
    }

    private static func entries(_ workload: FaultWorkload, _ folder: String) async throws {
        try await opened(workload, folder) { store in
            for kind in [RecordKind.entry, .checkIn, .entry] { try await workload.add(workload.draft(kind), store) }
        }
    }

    private static func repeats(_ workload: FaultWorkload, _ folder: String) async throws {
        try await opened(workload, folder) { store in
            let draft = workload.registration()
            for _ in 0..<3 { try await workload.add(draft, store) }
        }
    }

    private static func exporting(_ workload: FaultWorkload, _ folder: String) async throws {
        try await opened(workload, folder) { store in
            var after: Int64 = 0
            while let last = try await store.frames(.unpurged, after: after, countMax: 4, bytesMax: 1 << 20).last {
                after = last.position
            }
            try await workload.add(workload.registration(), store)
        }
    }

    private static func listing(_ workload: FaultWorkload, _ folder: String) async throws {
        try await opened(workload, folder) { store in
            _ = try await store.outboxListing(FaultWorkload.clock)
            _ = try await store.counts()
            _ = try await store.ticketsLeft(at: FaultWorkload.fair)
            try await workload.add(workload.registration(), store)
        }
    }

    private static func day(_ workload: FaultWorkload, _ folder: String) async throws {
        try await workload.play(seed: 7, steps: 8)
    }

    private static func crowd(_ workload: FaultWorkload, _ folder: String) async throws {
        try await opened(workload, folder) { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<6 { group.addTask { try await workload.add(workload.registration(), store) } }
                try await group.waitForAll()
            }
        }
    }
}
