// Kinds of history: each brings some faults often that are rare among all the others.

import Foundation
import HeadquartersCore
import JobFair
import KioskCore

/// One row of the fault list (`docs/faults.md`).
struct Profile: Sendable, CustomStringConvertible {
    let name: String
    /// Histories of the usual run of the tests.
    let usual: UInt64
    /// What these have to meet, or they prove nothing.
    let hasToBeSeen: [String]
    /// From a seed to a history that was judged.
    let play: @Sendable (UInt64) -> Simulation

    var description: String { name }

    static let all = [
        everything, exchanged, flapping, crowd, noClock, absurd, copies, putBack, lost, revoked, restored,
    ]

    /// Faults for so long, then calm.
    private static func history(
        _ seed: UInt64, kiosks: Int, _ weather: Simulation.Weather, hours: Int, records: Int, calmHours: Int = 3
    ) -> Simulation {
        var simulation = Simulation(seed: seed, kiosks: kiosks, weather: weather)
        simulation.run(for: .seconds(3600 * hours), records: records)
        simulation.calmDown()
        simulation.run(for: .seconds(3600 * calmHours), records: 0)
        simulation.judge()
        return simulation
    }

    // MARK: - Everything at once

    static let everything = Profile(
        name: "SIM", usual: 12,
        hasToBeSeen: [
            "answers lost", "backups", "cards copied", "cards that died", "databases put back", "duplicates answered",
            "erased records answered", "generations that kiosks noticed", "headquarters killed after its commit",
            "headquarters killed before its commit", "headquarters stopped", "lineages left: rolledBack",
            "lineages left: toldToLeave", "networks lost", "persons erased", "power cuts",
            "receipts by another road", "receipts of another generation", "records missing on both sides",
            "records offered again after a restore", "records offered again for a gap", "records purged",
            "records put off", "requests lost", "requests that came twice", "restores", "restores of an older backup",
            "sticks imported", "strange answers",
        ]
    ) { seed in
        history(
            seed, kiosks: 4,
            .init(loss: 0.15, strange: 0.12, minutesBetweenFaults: 5, restoresOlder: seed % 4 == 3), hours: 6,
            records: 300)
    }

    // MARK: - Roads

    static let exchanged = Profile(
        name: "SIM-N3", usual: 6,
        hasToBeSeen: [
            "answers that came late", "requests that came late", "requests that came twice",
            "receipts of another batch",
            "receipts of another kiosk", "hellos answered with something else", "batches answered with something else",
            "receipts by another road", "duplicates answered",
        ]
    ) { seed in
        history(
            seed, kiosks: 3,
            .init(
                loss: 0.1, strange: 0.02, late: 0.15, exchanged: 0.3, minutesBetweenFaults: 15,
                faults: [.powerCut, .networkLost, .backup, .stickImported, .headquartersStopped, .restore]), hours: 3,
            records: 120)
    }

    static let flapping = Profile(
        name: "SIM-N7", usual: 1,
        hasToBeSeen: ["carriers lost", "answers lost", "records purged", "most tries in an hour"]
    ) { seed in
        // Every second one flaps fast all the time, every tenth for thirty days.
        let days = seed % 10 == 9 ? 30 : 1
        let flap: ClosedRange<Double> = seed % 2 == 0 || days > 1 ? 50...60_000 : 50...1000
        var simulation = Simulation(
            seed: seed, kiosks: 1, weather: .init(loss: 0.05, minutesBetweenFaults: 240, faults: [.backup], flap: flap))
        simulation.flap(0)
        simulation.note("most days", days)
        simulation.run(for: .seconds(flap.upperBound > 1000 ? 86_400 * days : 3600), records: 100)
        // A second at least after what failed, beside the batches that moved something.
        simulation.judgeTries(atMost: 3600 + simulation.truth.count)
        simulation.calmDown()
        simulation.run(for: .seconds(3 * 3600), records: 0)
        simulation.judge()
        return simulation
    }

    /// An outage of half a day, then everybody at once at a headquarters with one slow writer.
    static let crowd = Profile(
        name: "SIM-N8", usual: 1, hasToBeSeen: ["batches turned away", "most batches at once"]
    ) { seed in
        let (count, records) = (200, seed % 10 == 9 ? 50_000 : 10_000)
        var simulation = Simulation(seed: seed, kiosks: count, weather: .calm)
        simulation.headquarters.gate = .init()
        for index in 0..<count { simulation.kiosks[index].hasNetwork = false }
        simulation.run(for: .seconds(12 * 3600), records: records)
        // Full jitter up to 300 s is some 24 an hour, more in the first one.
        simulation.judgeTries(atMost: 100)
        for index in 0..<count {
            simulation.kiosks[index].stuckSince = simulation.now
            simulation.bringNetwork(to: index)
        }
        simulation.run(for: .seconds(1800), records: 0)
        simulation.judge()
        if simulation.seen["most seconds without progress"] ?? .max > 600 {
            simulation.violations.append("a kiosk waited \(simulation.seen["most seconds without progress"] ?? 0) s")
        }
        if simulation.seen["batches that waited beyond the deadline"] != nil {
            simulation.violations.append("batches waited beyond the kiosks' deadline")
        }
        return simulation
    }

    // MARK: - Clocks

    /// Ten starts without a clock and without a network, the first contact at the end.
    static let noClock = Profile(
        name: "SIM-C2", usual: 6,
        hasToBeSeen: ["power cuts", "records dated by the boot clock", "records dated by their fair day"]
    ) { seed in
        var simulation = Simulation(seed: seed, kiosks: 2, weather: .calm)
        for index in simulation.kiosks.indices { simulation.kiosks[index].hasNetwork = false }
        for boot in 0..<10 {
            for index in simulation.kiosks.indices {
                if boot > 0 { simulation.cutPower(at: index) }
                // Frozen at the day it was built, or wherever it stands.
                simulation.kiosks[index].wallError = .seconds(-200 * 86_400) - simulation.now
                let today = BeijingTime(milliseconds: simulation.trueNow)?.day
                simulation.kiosks[index].fairDay = simulation.random.chance(0.7) ? today : nil
            }
            simulation.run(for: simulation.random.milliseconds(900_000...28_800_000), records: 12)
        }
        simulation.calmDown()
        simulation.run(for: .seconds(3600), records: 4)
        simulation.run(for: .seconds(600), records: 0)
        simulation.judge()
        return simulation
    }

    static let absurd = Profile(
        name: "SIM-C3", usual: 6,
        hasToBeSeen: [
            "absurd clocks of kiosks", "absurd clocks of headquarters", "records dated by the boot clock",
            "estimates that an absurd headquarters spoiled",
        ]
    ) { seed in
        var simulation = Simulation(
            seed: seed, kiosks: 3,
            weather: .init(
                loss: 0.05, minutesBetweenFaults: 10,
                faults: [.absurdClock, .absurdClock, .absurdHeadquarters, .powerCut, .networkLost, .backup]))
        for index in simulation.kiosks.indices { simulation.kiosks[index].stick = nil }
        simulation.run(for: .seconds(4 * 3600), records: 120)
        simulation.calmDown()
        simulation.run(for: .seconds(2 * 3600), records: 10)
        simulation.run(for: .seconds(600), records: 0)
        simulation.judge()
        simulation.judgeNoAlarm()
        return simulation
    }

    // MARK: - Cards

    static let copies = Profile(
        name: "SIM-F1", usual: 6,
        hasToBeSeen: [
            "cards copied", "lineages left: forked", "lineages left: toldToLeave", "lineages left: rolledBack",
            "places with two records", "records purged",
        ]
    ) { seed in
        history(
            seed, kiosks: 2,
            .init(
                loss: 0.05, minutesBetweenFaults: 12,
                faults: [.cardCopied, .cardCopied, .networkLost, .networkLost, .powerCut, .backup, .stickImported]),
            hours: 4, records: 160)
    }

    /// The database of a minute to seven days ago is put back.
    static let putBack = Profile(
        name: "SIM-F2", usual: 6,
        hasToBeSeen: ["databases put back", "lineages left: rolledBack", "power cuts"]
    ) { seed in
        var random = SeededGenerator(seed: seed &+ 0xF2)
        let minutes = exp(Double.random(in: 0...log(7 * 24 * 60), using: &random))
        let age = Duration.milliseconds(Int64(minutes * 60_000))
        var simulation = Simulation(
            seed: seed, kiosks: 2,
            weather: .init(
                loss: 0.1, minutesBetweenFaults: max(10, minutes / 10), faults: [.powerCut, .networkLost, .backup]))
        simulation.run(for: .seconds(3600), records: 20)
        for index in simulation.kiosks.indices {
            let saved = simulation.kiosks[index].outbox
            simulation.schedule(.putBack(saved), for: index, after: age, anyLife: true)
            if simulation.random.chance(0.5) {
                simulation.schedule(.putBack(saved), for: index, after: age + .seconds(3000), anyLife: true)
            }
        }
        simulation.run(for: age, records: 60)
        simulation.run(for: .seconds(2 * 3600), records: 40)
        simulation.calmDown()
        simulation.run(for: .seconds(3 * 3600), records: 0)
        simulation.judge()
        return simulation
    }

    /// Whatever is lost, late or restored: no alarm. Then an older copy of the card: an alarm.
    static let lost = Profile(
        name: "SIM-F3", usual: 6,
        hasToBeSeen: [
            "answers lost", "answers that came late", "requests that came late", "requests that came twice",
            "power cuts",
            "restores", "databases put back", "stale copies that alarmed",
        ]
    ) { seed in
        var simulation = Simulation(
            seed: seed, kiosks: 2,
            weather: .init(
                loss: 0.3, strange: 0.05, late: 0.1, minutesBetweenFaults: 8,
                faults: [.powerCut, .powerCut, .networkLost, .backup, .headquartersStopped, .restore]))
        simulation.run(for: .seconds(3 * 3600), records: 80)
        simulation.calmDown()
        simulation.run(for: .seconds(3 * 3600), records: 0)
        simulation.judge()
        simulation.judgeNoAlarm()
        simulation.backUp()
        simulation.run(for: .seconds(600), records: 0)
        simulation.judgePurged()
        let saved = simulation.kiosks[0].outbox
        for _ in 0..<5 { simulation.register(at: 0) }
        simulation.run(for: .seconds(600), records: 0)
        simulation.putBack(saved, at: 0)
        simulation.run(for: .seconds(1800), records: 6)
        simulation.run(for: .seconds(600), records: 0)
        let left = simulation.seen.filter { $0.key.hasPrefix("lineages left") }.values.reduce(0, +)
        if left == 0 { simulation.violations.append("a stale copy of the card raised no alarm") }
        simulation.note("stale copies that alarmed", left)
        simulation.judge()
        return simulation
    }

    // MARK: - Headquarters

    static let revoked = Profile(
        name: "SIM-F4", usual: 6,
        hasToBeSeen: [
            "revoked while hello", "revoked while uploading", "revoked while idle", "revoked while backingOff",
            "kiosks reinstated", "records held", "held records read again", "registrations refused after a revocation",
            "strange answers",
        ]
    ) { seed in
        history(
            seed, kiosks: 4,
            .init(
                loss: 0.15, strange: 0.2, minutesBetweenFaults: 1,
                faults: Array(repeating: .revocation, count: 20) + [.powerCut, .backup, .networkLost, .erasure]),
            hours: 2, records: 300)
    }

    static let restored = Profile(
        name: "SIM-S4", usual: 6,
        hasToBeSeen: [
            "restores of an older backup", "restores", "generations that kiosks noticed", "records purged",
            "records offered again after a restore", "records missing on both sides", "receipts of another generation",
        ]
    ) { seed in
        history(
            seed, kiosks: 3,
            .init(
                loss: 0.1, minutesBetweenFaults: 6,
                faults: [.backup, .backup, .backup, .restore, .restore, .powerCut, .networkLost, .stickImported],
                restoresOlder: true), hours: 5, records: 150)
    }
}
