// Many histories, one verdict: nothing that was acknowledged is lost or doubled, whatever strikes.

import Foundation
import HeadquartersCore
import JobFair
import KioskCore
import Testing

@Suite struct SimulationTests {
    /// Seeds that once failed stay for ever.
    private static let onceFailed: [String: [UInt64]] = [:]

    /// `SIMULATION_PROFILE=SIM-F1 SIMULATION_FIRST=0 SIMULATION_SEEDS=2000` for one profile and for more than the usual seeds.
    private static let environment = ProcessInfo.processInfo.environment
    private static let asked = environment["SIMULATION_SEEDS"].flatMap(UInt64.init)
    private static let profiles = Profile.all.filter { environment["SIMULATION_PROFILE"] ?? $0.name == $0.name }

    @Test("headquarters has every acknowledged record once, whatever strikes", arguments: profiles)
    func histories(of profile: Profile) async {
        let first = Self.environment["SIMULATION_FIRST"].flatMap(UInt64.init) ?? 0
        let seeds = (Self.onceFailed[profile.name] ?? []) + (first..<first + (Self.asked ?? profile.usual))
        var seen: [String: Int] = [:]
        var records = 0
        for seed in seeds {
            // Other tests have few threads and time limits.
            await Task.yield()
            let simulation = profile.play(seed)
            #expect(
                simulation.violations.isEmpty, "\(profile.name) seed \(seed): \(simulation.violations.prefix(5))")
            seen.merge(simulation.seen.filter { $0.key.hasPrefix("most") }, uniquingKeysWith: max)
            seen.merge(simulation.seen.filter { !$0.key.hasPrefix("most") }, uniquingKeysWith: +)
            records += simulation.truth.count
        }
        if Self.asked == nil {
            for what in profile.hasToBeSeen { #expect(seen[what] ?? 0 > 0, "\(profile.name) has never seen: \(what)") }
        }
        let counters = seen.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
        print("simulation \(profile.name): \(seeds.count) histories, \(records) records; \(counters)")
    }

    @Test("a calm day is drained within minutes") func calmDay() {
        var simulation = Simulation(seed: 1, kiosks: 20, weather: .calm)
        simulation.run(for: .seconds(3600), records: 2000)
        simulation.run(for: .seconds(300), records: 0)
        simulation.judge()
        #expect(simulation.violations.isEmpty, "\(simulation.violations.prefix(5))")
        #expect(simulation.kiosks.allSatisfy { $0.outbox.count(.pending) == 0 })
    }
}
