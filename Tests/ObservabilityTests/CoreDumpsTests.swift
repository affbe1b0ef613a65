// A daemon's memory stays in memory: the two locks against core dumps.

import Foundation
import Glibc
import Observability
import Testing

struct CoreDumpsTests {
    @Test("after the call this process has a core limit of 0 that stays, and is not dumpable")
    func forbids() throws {
        #expect(forbidCoreDumps())
        let limits = try String(contentsOfFile: "/proc/self/limits", encoding: .utf8)
        let core = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
        #expect(core.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"])
        // Files of a process that is not dumpable belong to root (proc(5)), whoever runs it.
        #expect(try FileManager.default.attributesOfItem(atPath: "/proc/self/environ")[.ownerAccountID] as? Int == 0)
        #expect(forbidCoreDumps(), "twice is as good as once")
    }
}
