// E1: the nth call to the disk fails, once or for ever, through every scenario, until nothing fails any more.

import CFaultDisk
import Foundation
import JobFair
import KioskCore
import KioskStore
import SyncProtocol

/// `io-errors --scenario I --every N --forever 0|1 --work DIR --seed S`
///
/// A scenario is run again and again on a copy of the same folder; in run n the nth call of the kinds fails. After each
/// run the folder is opened without faults: everything that was acknowledged is there, and the kiosk goes on.
struct IOErrors {
    /// The kinds of calls, and what is done meanwhile.
    static let scenarios: [(name: String, kinds: Int, work: @Sendable (FaultWorkload, String) async throws -> Void)] =
        [
            ("write", CFAULTDISK_WRITE, registering), ("sync", CFAULTDISK_SYNC, registering),
            ("read", CFAULTDISK_READ, registering), ("open", CFAULTDISK_OPEN, registering),
            ("truncate", CFAULTDISK_TRUNCATE, closing), ("all, closing the fair", CFAULTDISK_ALL, closing),
            ("all, receipts", CFAULTDISK_ALL, receipting),
            ("delete and size", CFAULTDISK_DELETE | CFAULTDISK_SIZE, closing),
            ("write, checkpoint", CFAULTDISK_WRITE, closing), ("sync, checkpoint", CFAULTDISK_SYNC, closing),
            ("all, printing", CFAULTDISK_ALL, printing), ("all, first start", CFAULTDISK_ALL, registering),
        ]
    /// No scenario makes more calls than this.
    private static let callsMax = 4000

    let scenario, every, seed: Int
    let isForEver: Bool
    let work: String
    var tally = Tally()

    init(_ arguments: Arguments) throws {
        scenario = try arguments.number("scenario")
        every = try arguments.number("every")
        seed = try arguments.number("seed")
        isForEver = try arguments.number("forever") == 1
        work = try arguments.text("work")
        guard Self.scenarios.indices.contains(scenario) else { throw FaultDiskError("--scenario") }
    }

    mutating func run() async throws -> Tally {
        let signer = SigningKey()
        let prepared = try Folder.fresh(work + "/prepared")
        let isFirstStart = Self.scenarios[scenario].name.hasSuffix("first start")
        let before = FaultWorkload(folder: prepared, signer: signer)
        if !isFirstStart { try await before.play(seed: seed, steps: 12) }
        var nth = 1 + seed % every
        while nth < Self.callsMax {
            let hit = try await fail(nth, prepared: prepared, before: before, signer: signer)
            tally.cases += 1
            // Nothing failed: the nth call is beyond the last.
            if !hit || tally.violations.count >= 5 { return tally }
            nth += every
        }
        throw FaultDiskError("the scenario never passes without a fault")
    }

    private mutating func fail(
        _ nth: Int, prepared: String, before: FaultWorkload, signer: SigningKey
    ) async throws -> Bool {
        let folder = work + "/copy"
        try Folder.copy(prepared, to: folder)
        let (name, kinds, scenarioWork) = Self.scenarios[scenario]
        let workload = FaultWorkload(folder: folder, signer: signer)
        cfaultdisk_fail(Int64(nth), isForEver ? 1 : 0, UInt32(kinds), folder + "/records.sqlite")
        do {
            try await scenarioWork(workload, folder)
            tally.hit("got through")
        } catch {
            tally.hit(error is KioskStoreError ? "store refused or stopped" : "request failed")
        }
        let hits = cfaultdisk_failed()
        cfaultdisk_fail(0, 0, 0, "")
        tally.hit("calls failed", Int(hits))
        let acknowledged = before.acknowledged + workload.acknowledged
        do {
            let check = try ImageCheck(folder, signer: signer)
            var problems = check.problems
            let missing = check.missing(of: acknowledged)
            if !missing.isEmpty { problems.append("I1: \(missing.count) acknowledged records are not there") }
            if check.opening.setAside != nil { problems.append("I7: an error of the disk was taken for damage") }
            if check.opening.chainProblem != nil, !acknowledged.isEmpty { problems.append("I2: the lineage was left") }
            if nth % 5 == 0, problems.isEmpty {
                let (others, isTwice) = try await ImageCheck.goOn(
                    folder, workload: workload, acknowledged: acknowledged)
                problems += others + (isTwice ? ["I6: a ticket number was given twice"] : [])
            }
            note(problems, nth: nth, name: name)
        } catch {
            note(["\(error)"], nth: nth, name: name)
        }
        return hits > 0
    }

    private mutating func note(_ problems: [String], nth: Int, name: String) {
        tally.violations += problems.map {
            "scenario \(scenario) (\(name)), call \(nth) \(isForEver ? "and all after it" : "once"): \($0)"
        }
    }

    // MARK: Scenarios

    private static func registering(_ workload: FaultWorkload, _ folder: String) async throws {
        try await FaultWorkload.withStore(folder, signer: workload.signer) { store in
            if try await store.openFair() == nil { try await workload.change(store, day: FaultWorkload.days[0]) }
            for _ in 0..<4 { try await workload.add(workload.registration(), store) }
        }
    }

    private static func closing(_ workload: FaultWorkload, _ folder: String) async throws {
        try await FaultWorkload.withStore(folder, signer: workload.signer) { store in
            try await workload.add(workload.registration(), store)
            try await workload.change(store, day: nil)
            try await workload.change(store, day: FaultWorkload.days[1])
            try await workload.add(workload.registration(), store)
        }
    }

    private static func receipting(_ workload: FaultWorkload, _ folder: String) async throws {
        try await FaultWorkload.withStore(folder, signer: workload.signer) { store in
            try await workload.receipt(store)
            try await workload.add(workload.registration(), store)
            try await workload.receipt(store)
        }
    }

    private static func printing(_ workload: FaultWorkload, _ folder: String) async throws {
        try await FaultWorkload.withStore(folder, signer: workload.signer) { store in
            try await workload.add(workload.registration(), store)
            while let job = try await store.nextPrintJob() { try await store.finishPrintJob(job.id, as: .printed) }
        }
    }
}
