// `kioskctl rehearse`: synthetic seekers against a fair of kind rehearsal, over the same API as the page.

import ArgumentParser
import AsyncHTTPClient
import JobFair

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct RehearseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Plays synthetic seekers against a fair of kind 'rehearsal'; refused on any other.",
        discussion: """
            Arrivals follow a fair's day compressed into --minutes, or, with --clients, as many seekers at a time as that, \
            each as fast as it is answered. Every acknowledged registration is appended to --acknowledged and synced \
            before the next request of that client: one line 'record-id ticket kiosk tries lost-answers'.
            """)

    @Option(help: "How many seekers, 1 to 100000.") var seekers = 100
    @Option(help: "Closed loop: this many at a time, 1 to 256.") var clients: Int?
    @Option(help: "Open loop: a fair's day is played in this many minutes.") var minutes = 10.0
    @Option(help: "The kiosk's address; repeat it for more kiosks.") var kiosk = ["http://127.0.0.1:7180"]
    @Option(help: "The file for acknowledged ids; it must lie outside the state folder.") var acknowledged: String
    @Option(help: "Seed of the synthetic seekers; the same seed, the same people.") var seed: UInt64 = 1
    @Option(help: "A file that always holds the number of open requests of each kiosk, one line each.")
    var openRequests: String?
    @Option(help: "Seconds after which a seeker without an answer is given up; the run then fails.") var patience =
        300.0

    func validate() throws {
        guard (1...100_000).contains(seekers) else { throw ValidationError("--seekers takes 1 to 100000.") }
        guard clients.map((1...256).contains) ?? true else { throw ValidationError("--clients takes 1 to 256.") }
        guard minutes > 0, minutes <= 1440 else { throw ValidationError("--minutes takes up to 1440.") }
        guard patience >= 1, patience <= 86_400 else { throw ValidationError("--patience takes 1 to 86400 seconds.") }
        guard !kiosk.isEmpty, kiosk.count <= 64 else { throw ValidationError("--kiosk is given 1 to 64 times.") }
    }

    func run() async throws {
        let http = KioskClient.makeHTTPClient()
        do {
            try await rehearse(http)
        } catch {
            try? await http.shutdown()
            throw error
        }
        try await http.shutdown()
    }

    private func rehearse(_ http: HTTPClient) async throws {
        let open = try OpenRequests(kiosks: kiosk, path: openRequests)
        let kiosks = kiosk.map { KioskClient(address: $0, http: http, open: open) }
        for kiosk in kiosks { try await kiosk.requireRehearsal() }
        let log = try AcknowledgementLog(path: acknowledged)
        let rehearsal = Rehearsal(
            kiosks: kiosks, seekersCount: seekers, seed: seed, patience: .seconds(patience), log: log)
        let start = ContinuousClock.now
        let result: Rehearsal.Tally
        if let clients {
            result = try await rehearsal.closedLoop(clients: clients)
        } else {
            let offsets = RehearsalArrivals.offsets(count: seekers, seed: seed).map { $0 * minutes * 60 }
            result = try await rehearsal.openLoop(offsets: offsets)
        }
        let seconds = Double((ContinuousClock.now - start).components.seconds) + 0.001
        print(
            """
            rehearsed \(seekers) seekers in \(Int(seconds)) s
            acknowledged \(result.acknowledged), answered on a repeat \(result.repeated), \
            answers lost \(result.lost), refused by rule \(result.refused), given up \(result.givenUp)
            median \(result.milliseconds(0.5)) ms, p99 \(result.milliseconds(0.99)) ms (of first answers)
            """)
        if !result.failures.isEmpty { print("unexpected answers, by status: \(result.failures.sorted())") }
        if result.givenUp > 0 || !result.failures.isEmpty { throw ExitCode(1) }
    }
}

/// When people come to a fair: three tenths of the day in the busiest hour of six (the studies behind this: the
/// reports of fairs give people per day; the shape is an assumption, written here so that it can be changed).
enum RehearsalArrivals {
    static let weightsPerHour = [0.18, 0.30, 0.22, 0.12, 0.11, 0.07]

    /// Ascending offsets in the day, 0 to 1.
    static func offsets(count: Int, seed: UInt64) -> [Double] {
        var random = SplitMix(state: seed)
        return (0..<count).map { _ in
            var left = random.unit()
            for (hour, weight) in weightsPerHour.enumerated() {
                if left < weight { return (Double(hour) + left / weight) / Double(weightsPerHour.count) }
                left -= weight
            }
            return 1
        }.sorted()
    }

    private struct SplitMix {
        var state: UInt64
        mutating func unit() -> Double {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return Double((mixed ^ (mixed >> 31)) >> 11) / Double(1 << 53)
        }
    }
}
