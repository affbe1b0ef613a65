// The clock's evidence and the cable, on real files.

import Foundation
import KioskCore
import KioskDevices
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@Suite struct SystemTests {
    @Test func aBootIsCountedOnce() throws {
        let folder = try TemporaryFolder()
        let first = try SystemClock(counterFile: folder.file("boot.counter"))
        #expect(first.isNewBoot)
        #expect(first.bootCounter == 1)
        #expect(first.bootID.count == 16)
        // Not kept yet: a crash now must leave the next start asking again.
        #expect(try SystemClock(counterFile: folder.file("boot.counter")).isNewBoot)
        try first.keepBootCounter()
        let second = try SystemClock(counterFile: folder.file("boot.counter"))
        #expect(!second.isNewBoot)
        #expect(second.bootCounter == 1)
        try Data("7 00000000000000000000000000000000\n".utf8).write(
            to: folder.url.appendingPathComponent("boot.counter"))
        let third = try SystemClock(counterFile: folder.file("boot.counter"))
        #expect(third.isNewBoot)
        #expect(third.bootCounter == 8)
    }

    @Test func headquartersTimeDecidesWhetherTheClockIsBelieved() throws {
        let clock = try SystemClock(counterFile: TemporaryFolder().file("boot.counter"))
        let now = clock.read()
        clock.learn(headquartersMilliseconds: now.wallMilliseconds + 1000, atBootMilliseconds: now.bootMilliseconds)
        #expect(clock.read().quality == .headquarters)
        clock.learn(headquartersMilliseconds: now.wallMilliseconds + 120_000, atBootMilliseconds: now.bootMilliseconds)
        #expect(clock.read().quality == .none)
    }

    @Test func aPluggedCableIsNoticed() async throws {
        let folder = try TemporaryFolder()
        for name in ["lo", "eth0"] {
            try FileManager.default.createDirectory(
                at: folder.url.appendingPathComponent(name), withIntermediateDirectories: true)
        }
        func carrier(_ name: String, _ value: String) throws {
            try Data(value.utf8).write(to: folder.url.appendingPathComponent("\(name)/carrier"))
        }
        try carrier("lo", "1\n")
        try carrier("eth0", "0\n")
        let plugged = Mutex(0)
        let service = CarrierService(folder: folder.path, interval: .milliseconds(10)) { plugged.withLock { $0 += 1 } }
        let running = Task { try await service.run() }
        // Out and in, until the service, which may have begun late, has seen it.
        for _ in 0..<600 where plugged.withLock({ $0 }) == 0 {
            try carrier("eth0", "0\n")
            try await Task.sleep(for: .milliseconds(30))
            try carrier("eth0", "1\n")
            try await Task.sleep(for: .milliseconds(30))
        }
        #expect(plugged.withLock { $0 } == 1)
        running.cancel()
        try? await running.value
    }
}
