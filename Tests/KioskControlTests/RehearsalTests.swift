// The rehearsal's arrivals have the shape that is written down, and its log survives.

import Foundation
import TestSupport
import Testing

@testable import KioskControl

@Suite struct RehearsalTests {
    @Test func arrivalsFollowTheHours() {
        let offsets = RehearsalArrivals.offsets(count: 60_000, seed: 7)
        #expect(offsets == offsets.sorted())
        #expect(offsets.allSatisfy { (0...1).contains($0) })
        for (hour, weight) in RehearsalArrivals.weightsPerHour.enumerated() {
            let share = Double(offsets.count { Int($0 * 6) == hour }) / 60_000
            #expect(abs(share - weight) < 0.01, "hour \(hour): \(share)")
        }
    }

    @Test func theSameSeedGivesTheSameArrivals() {
        #expect(RehearsalArrivals.offsets(count: 50, seed: 1) == RehearsalArrivals.offsets(count: 50, seed: 1))
        #expect(RehearsalArrivals.offsets(count: 50, seed: 1) != RehearsalArrivals.offsets(count: 50, seed: 2))
    }

    @Test func acknowledgementsAreAppended() async throws {
        let folder = try TemporaryFolder()
        for line in ["a", "b"] { try await AcknowledgementLog(path: folder.file("log")).append(line) }
        #expect(try String(contentsOfFile: folder.file("log"), encoding: .utf8) == "a\nb\n")
    }

    @Test func openRequestsAreMirrored() throws {
        let folder = try TemporaryFolder()
        let open = try OpenRequests(kiosks: ["x", "y"], path: folder.file("open"))
        open.begin("y")
        open.begin("x")
        open.begin("y")
        open.end("x")
        #expect(try String(contentsOfFile: folder.file("open"), encoding: .utf8) == "000000\n000002\n")
    }
}
