// Many histories, one verdict: nothing that was acknowledged is lost or doubled, whatever strikes.

import Foundation
import HeadquartersCore
import JobFair
import KioskCore
import Testing

@Suite struct SimulationTests {
    /// Seeds that once failed stay for ever.
    private static let onceFailed: [UInt64] = []
    /// `SIMULATION_SEEDS=2000 SIMULATION_FIRST=0 swift test --filter SimulationTests` for more than the usual ones.
    private static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        let first = environment["SIMULATION_FIRST"].flatMap(UInt64.init) ?? 0
        let count = environment["SIMULATION_SEEDS"].flatMap(UInt64.init) ?? 16
        return onceFailed + (first..<first + count)
    }()

    @Test("whatever strikes, headquarters has every acknowledged record once")
    func histories() {
        var seen: [String: Int] = [:]
        var records = 0
        for seed in Self.seeds {
            var simulation = Simulation(
                seed: seed, kiosks: 4,
                weather: .init(loss: 0.15, strange: 0.12, minutesBetweenFaults: 5, restoresOlder: seed % 4 == 3))
            simulation.run(for: .seconds(6 * 3600), records: 300)
            simulation.calmDown()
            simulation.run(for: .seconds(3 * 3600), records: 0)
            simulation.judge()
            #expect(simulation.violations.isEmpty, "seed \(seed): \(simulation.violations.prefix(5))")
            seen.merge(simulation.seen, uniquingKeysWith: +)
            records += simulation.truth.count
        }
        for what in Self.hasToBeSeen { #expect(seen[what] ?? 0 > 0, "never seen: \(what)") }
        print("simulation: \(Self.seeds.count) histories, \(records) records;", terminator: " ")
        print(seen.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", "))
    }

    @Test("a calm day is drained within minutes") func calmDay() {
        var simulation = Simulation(seed: 1, kiosks: 20, weather: .calm)
        simulation.run(for: .seconds(3600), records: 2000)
        simulation.run(for: .seconds(300), records: 0)
        simulation.judge()
        #expect(simulation.violations.isEmpty, "\(simulation.violations.prefix(5))")
        #expect(simulation.kiosks.allSatisfy { $0.outbox.count(.pending) == 0 })
    }

    private static let hasToBeSeen = [
        "answers lost", "backups", "cards copied", "cards that died", "databases put back", "duplicates answered",
        "erased records answered", "generations that kiosks noticed", "headquarters killed after its commit",
        "headquarters killed before its commit", "headquarters stopped", "lineages left: forked",
        "lineages left: rolledBack", "lineages left: toldToLeave", "networks lost", "persons erased", "power cuts",
        "receipts by another road", "receipts of another generation", "records missing on both sides",
        "records offered again after a restore", "records offered again for a gap", "records purged", "requests lost",
        "requests that came twice", "restores", "restores of an older backup", "sticks imported", "strange answers",
    ]
}

extension Simulation {
    /// The invariants, once the faults have ended and the queues had their time.
    mutating func judge() {
        judgeQueues()
        judgeSets()
        judgeForks()
        judgeErasures()
    }

    private mutating func judgeQueues() {
        for (index, kiosk) in kiosks.enumerated() where !kiosk.isDead {
            let (pending, quarantined) = (kiosk.outbox.count(.pending), kiosk.outbox.count(.quarantined))
            if pending > 0 { violations.append("kiosk \(index) still has \(pending) records to send") }
            if quarantined > 0 { violations.append("kiosk \(index) has \(quarantined) records in quarantine") }
        }
    }

    private mutating func judgeSets() {
        let records = headquarters.disk.records
        for (id, record) in truth where !records.holds(id, digest: record.envelope.digest) {
            if !destroyed.contains(id) { violations.append("\(id) was acknowledged and is lost") }
        }
        var accepted: Set<RecordID> = []
        for frame in records.frames.values {
            let id = frame.envelope.recordID
            if truth[id] == nil { violations.append("\(id) was never acknowledged") }
            if !frame.isHeld, !accepted.insert(id).inserted { violations.append("\(id) was taken in twice") }
            if frame.isHeld { violations.append("\(id) is held") }
        }
    }

    private mutating func judgeForks() {
        struct Place: Hashable {
            var device: Data
            var lineage: Data
            var sequence: Int64
        }
        let records = headquarters.disk.records
        let groups = Dictionary(grouping: records.frames.values) {
            Place(device: $0.envelope.deviceID, lineage: $0.envelope.lineageID, sequence: $0.envelope.sequence)
        }
        for (place, frames) in groups where frames.count > 1 {
            note("places with two records")
            if !frames.contains(where: { records.forks.contains($0.envelope.digest) }) {
                violations.append("two records at \(place.sequence) and no alarm")
            }
        }
    }

    private mutating func judgeErasures() {
        let records = headquarters.disk.records
        for erased in headquarters.disk.directives.values {
            for frame in records.frames.values where frame.person == erased.person && !frame.isErased {
                if frame.occurred.upper <= erased.before { violations.append("an erased person came back") }
            }
        }
        // Whoever was erased stays erased, also at a headquarters that was restored from before.
        let living = kiosks.contains { !$0.isDead }
        for (id, _) in erased where living && headquarters.disk.directives[id] == nil {
            note("erasures that no kiosk had heard of before the restore")
        }
    }
}
