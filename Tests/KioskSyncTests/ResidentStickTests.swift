// The stick that stays in the kiosk, as a real folder: filled, pulled out, replaced, damaged, hanging.

import DurableFiles
import Foundation
import KioskCore
import Logging
import SyncProtocol
import Synchronization
import TestSupport
import Testing

@testable import KioskSync

@Suite(.timeLimit(.minutes(1))) struct ResidentStickTests {
    private struct Bench {
        let folder: TemporaryFolder
        let store = FakeFrames()
        var stick: String { folder.file("stick") }

        init(_ name: String = #function) throws {
            folder = try TemporaryFolder(name)
            try FileManager.default.createDirectory(atPath: folder.file("stick"), withIntermediateDirectories: true)
        }

        var statement: WireSigned {
            SignedMessage.sign(Data("statement".utf8), domain: .statement, key: store.device)
        }

        func service(mustBeMounted: Bool = false) -> ResidentStickService {
            let statement = WireCoding.bytes(statement)
            return ResidentStickService(
                folder: stick, mustBeMounted: mustBeMounted, store: store, device: store.device.deviceID,
                statement: { statement }, softwareVersion: "test", interval: .milliseconds(20),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }

        /// Runs a service while `work` looks at it.
        func run(_ service: ResidentStickService, _ work: () async throws -> Void) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await service.run() }
                try await work()
                group.cancelAll()
            }
        }

        /// Every intact frame on the stick, file after file.
        func carried() throws -> [Data] {
            var frames: [Data] = []
            let folder = StickFolder(stick: stick)
            for name in try folder.names() {
                _ = try folder.read(name) { if $0.kind == .frame { frames.append($0.bytes) } }
            }
            return frames
        }

        /// Of the manifests, one in each file.
        func statements() throws -> [WireSigned] {
            var found: [WireSigned] = []
            let folder = StickFolder(stick: stick)
            for name in try folder.names() {
                _ = try folder.read(name) { entry in
                    let manifest = try? WireCoding.message(
                        WireStickManifest.self, from: entry.bytes, bytesMax: 4096, name: "manifest")
                    if entry.kind == .manifest, let manifest { found.append(manifest.statement) }
                }
            }
            return found
        }

        func files() throws -> [String] {
            let folder = StickFolder(stick: stick)
            return try folder.names().map { "\(folder.path)/\($0)" }
        }
    }

    private func wait(_ service: ResidentStickService, for condition: StickCondition) async throws {
        while service.condition != condition { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// The service has seen everything that was added before the call.
    private func wait(_ service: ResidentStickService, written count: Int) async throws {
        while service.status.written < count || service.condition != .upToDate {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test("every record is on the stick, each lineage in its files, in order and once")
    func keepsUp() async throws {
        let bench = try Bench()
        bench.store.add(300, lineage: 1)
        let service = bench.service()
        try await bench.run(service) {
            try await wait(service, written: 300)
            bench.store.add(40, lineage: 2)
            service.recordCommitted()
            try await wait(service, written: 340)
        }
        #expect(try bench.carried() == bench.store.frames)
        #expect(try bench.files().count == 2)
        #expect(try bench.statements().map(\.body) == [bench.statement.body, bench.statement.body])
        #expect(service.status.stickID?.count == 16)
    }

    @Test("pulled out: it says so; put back: it gets what it lacks, and nothing twice")
    func pulledOut() async throws {
        let bench = try Bench()
        bench.store.add(10)
        let service = bench.service()
        try await bench.run(service) {
            try await wait(service, written: 10)
            try FileManager.default.moveItem(atPath: bench.stick, toPath: bench.stick + "-pulled")
            try await wait(service, for: .missing)
            bench.store.add(5)
            service.recordCommitted()
            try FileManager.default.moveItem(atPath: bench.stick + "-pulled", toPath: bench.stick)
            try await wait(service, written: 15)
        }
        #expect(try bench.carried() == bench.store.frames)
    }

    @Test("another stick gets everything from the start")
    func replaced() async throws {
        let bench = try Bench()
        bench.store.add(10)
        let service = bench.service()
        try await bench.run(service) {
            try await wait(service, written: 10)
            let first = service.status.stickID
            try FileManager.default.moveItem(atPath: bench.stick, toPath: bench.stick + "-first")
            try await wait(service, for: .missing)
            try FileManager.default.createDirectory(atPath: bench.stick, withIntermediateDirectories: true)
            try await wait(service, written: 20)
            #expect(service.status.stickID != first)
        }
        #expect(try bench.carried() == bench.store.frames)
    }

    @Test("a restart goes on where the stick ends; what is purged in the kiosk stays on the stick")
    func restarted() async throws {
        let bench = try Bench()
        bench.store.add(20)
        let all = bench.store.frames
        let first = bench.service()
        try await bench.run(first) { try await wait(first, written: 20) }
        bench.store.purge(15)
        let second = bench.service()
        try await bench.run(second) {
            try await wait(second, for: .upToDate)
            #expect(second.status.written == 0)
        }
        #expect(try bench.carried() == all)
    }

    @Test("cut off in the middle of a write, and damaged: the frames that are lost are appended again")
    func damaged() async throws {
        let bench = try Bench()
        bench.store.add(30)
        let first = bench.service()
        try await bench.run(first) { try await wait(first, written: 30) }
        let file = try #require(try bench.files().first)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        bytes.removeLast(100)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: file))
        #expect(try bench.carried().count == 28)
        let second = bench.service()
        try await bench.run(second) { try await wait(second, written: 2) }
        let carried = try bench.carried()
        #expect(Set(carried) == Set(bench.store.frames))
        #expect(carried.count == 30)
    }

    @Test("a folder on the kiosk's own disk is no stick")
    func notMounted() async throws {
        let bench = try Bench()
        bench.store.add(1)
        let service = bench.service(mustBeMounted: true)
        try await bench.run(service) { try await wait(service, for: .missing) }
        #expect(!FileManager.default.fileExists(atPath: bench.stick + "/JOBFAIR"))
    }

    @Test("a stick that cannot be written fails, and works again once it can")
    func fails() async throws {
        let bench = try Bench()
        bench.store.add(3)
        let obstacle = bench.stick + "/JOBFAIR"
        try Data().write(to: URL(fileURLWithPath: obstacle))
        let service = bench.service()
        try await bench.run(service) {
            while true {
                if case .failed = service.condition { break }
                try await Task.sleep(for: .milliseconds(5))
            }
            try FileManager.default.removeItem(atPath: obstacle)
            try await wait(service, written: 3)
        }
        #expect(try bench.carried() == bench.store.frames)
    }

    @Test("what the system says is one of the three problems")
    func faults() {
        func fault(_ number: Int32) -> StickFault {
            StickFault(DurableFileError(call: "write", path: "/stick", number: number))
        }
        #expect(fault(ENOSPC) == .full)
        #expect(fault(ENODEV) == .missing)
        for number in [EROFS, EIO, EACCES] {
            guard case .failed = fault(number) else {
                Issue.record("errno \(number)")
                continue
            }
        }
    }

    @Test("a call that hangs is given up, holds nobody up, and refuses others until it is back")
    func hangs() async {
        let thread = StickThread()
        let gate = DispatchSemaphore(value: 0)
        let first = await thread.run(within: .milliseconds(20)) { () -> Int in
            gate.wait()
            return 1
        }
        #expect(first == nil)
        #expect(await thread.run(within: .seconds(30), { 2 }) == nil)
        gate.signal()
        var third: Int?
        while third == nil { third = await thread.run(within: .seconds(30)) { 3 } }
        #expect(third == 3)
    }
}
