// Pacing: a bound on batches under way, 429 beyond it, places kept for those turned away, and twenty kiosks that all drain.

import Foundation
import HeadquartersCore
import HeadquartersStore
import JobFair
import SyncProtocol
import TestSupport
import Testing

@testable import HeadquartersWeb

@Suite struct IngestGateTests {
    @Test func beyondTheBoundKiosksAreTurnedAwayFurtherAndFurther() async throws {
        let gate = IngestGate(batchesMax: 2)
        let (stream, entered) = AsyncStream<Void>.makeStream()
        let (release, releasing) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    try await gate.run(of: Data([1])) {
                        entered.yield()
                        for await _ in release { break }
                    }
                }
            }
            var count = 0
            for await _ in stream {
                count += 1
                if count == 2 { break }
            }
            var seconds: [Int] = []
            for _ in 0..<600 {
                do {
                    try gate.check(Data([1]))
                    Issue.record("there was no place")
                } catch let problem as SyncProblem {
                    #expect("\(problem.status)".hasPrefix("429") && problem.code == "ingest.paced")
                    seconds.append(problem.retryAfterSeconds ?? 0)
                }
            }
            #expect(seconds.first == 5 && seconds == seconds.sorted() && Set(seconds).count > 100)
            #expect(seconds.last == IngestGate.retryAfterSecondsMax)
            await #expect(throws: SyncProblem.self) { try await gate.run(of: Data([1])) {} }
            releasing.finish()
            try await group.waitForAll()
        }
        try gate.check(Data([1]))
        #expect(try await gate.run(of: Data([1])) { 7 } == 7)
    }

    @Test func aKioskThatWasTurnedAwayComesBeforeOneThatSendsBatchUponBatch() async throws {
        let gate = IngestGate(batchesMax: 2)
        let (large, small) = (Data([1]), Data([2]))
        try await gate.run(of: large) {
            _ = try await gate.run(of: large) {
                #expect(throws: SyncProblem.self) { try gate.check(small) }
            }
            // One place is free, and it is kept.
            #expect(throws: SyncProblem.self) { try gate.check(large) }
            try await gate.run(of: small) {}
        }
        try gate.check(large)
    }

    /// A place is given back also where taking in fails.
    @Test func aFailureLeavesNoPlaceTaken() async throws {
        let gate = IngestGate(batchesMax: 1)
        for _ in 0..<5 {
            await #expect(throws: CancellationError.self) {
                try await gate.run(of: Data([1])) { throw CancellationError() }
            }
        }
        try gate.check(Data([1]))
    }

    private static let kiosks = 20
    private static let records = 120
    private static let batch = 12

    private static func device(_ kiosk: Int) -> Data { Data(repeating: UInt8(kiosk + 1), count: 16) }

    private static func record(_ kiosk: Int, _ index: Int, fair: FairID) -> ArrivedRecord {
        let digest = { (index: Int) in SHA256Digest.of(Data("\(kiosk) \(index)".utf8)) }
        return .opened(
            RecordEnvelope(
                recordID: RecordID(milliseconds: Int64(index), random: Array(repeating: UInt8(kiosk + 1), count: 10)),
                deviceID: device(kiosk), fairID: fair, lineageID: device(kiosk), sequence: Int64(index),
                previousDigest: index == 1 ? Data() : digest(index - 1), fairDay: nil, isDayConfirmed: false,
                ticket: nil,
                clock: ClockSample(
                    wallMilliseconds: FormFixture.opening, bootID: Data(), bootCounter: 1, bootMilliseconds: 0,
                    quality: .ntp),
                digest: digest(index), frame: Data("\(kiosk) \(index)".utf8)),
            .entry(people: 1, isRehearsal: false))
    }

    /// The real store behind a gate of four.
    @Test func twentyKiosksAtOnceAllDrain() async throws {
        let folder = try TemporaryFolder()
        let store = try SQLiteHeadquartersStore(stateFolder: folder.path)
        let fair = try await store.createFair(
            FormFixture.makeCatalogue(vacancies: 1, kind: .fair), at: FormFixture.opening
        ).fair.id
        for kiosk in 0..<Self.kiosks {
            let hash = Data(repeating: UInt8(kiosk + 1), count: 32)
            try await store.addEnrolmentCode(
                NewEnrolmentCode(hash: hash, kioskLabel: "\(kiosk)", fairIDs: [fair], createdAt: 0, expiresAt: 10))
            _ = try await store.enrol(
                NewDevice(
                    deviceID: Self.device(kiosk), publicKey: hash, agreementPublicKey: hash, softwareVersion: "1"),
                codeHash: hash, at: 1)
        }
        let gate = IngestGate(batchesMax: 4)
        let tally = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for kiosk in 0..<Self.kiosks {
                group.addTask {
                    var next = 1
                    while next <= Self.records {
                        let batch = (next..<(next + Self.batch)).map { Self.record(kiosk, $0, fair: fair) }
                        do {
                            let report = try await gate.run(of: Self.device(kiosk)) {
                                try await store.ingest(
                                    IngestBatch(
                                        deviceID: Self.device(kiosk), lineageID: Self.device(kiosk),
                                        batchID: Data(count: 16), records: batch, receivedAt: FormFixture.opening))
                            }
                            #expect(report.results.allSatisfy { $0.code == .accepted })
                            next += Self.batch
                        } catch let problem as SyncProblem {
                            await tally.turnAway(kiosk)
                            #expect(problem.retryAfterSeconds ?? 0 >= IngestGate.emptyingSeconds)
                            // Whoever asks again at once has no advantage but by the gate.
                            try await Task.sleep(for: .milliseconds(1))
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let figures = try await store.figures(of: fair, now: FormFixture.opening)
        #expect(figures?.entries == Self.kiosks * Self.records, "none lost, none doubled")
        for kiosk in 0..<Self.kiosks {
            let lineage = try await store.lineage(Self.device(kiosk), of: Self.device(kiosk))
            #expect(lineage.contiguousThrough == Int64(Self.records) && lineage.gaps.isEmpty)
        }
        let tries = await tally.turnedAway
        #expect(!tries.isEmpty, "nobody was turned away: the gate was not reached")
    }
}

/// Who was turned away how often.
private actor Tally {
    var turnedAway: [Int: Int] = [:]

    func turnAway(_ kiosk: Int) { turnedAway[kiosk, default: 0] += 1 }
}
