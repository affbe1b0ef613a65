// The sync machine against a simulated store, road and headquarters: nothing is lost, and the queue drains.

import Foundation
import JobFair
import KioskCore
import Testing

@Suite struct SyncSimulationTests {
    @Test("after the faults end the queue drains with no new record", arguments: 0..<200)
    func liveness(seed: UInt64) {
        var world = World(seed: seed)
        world.run(until: .seconds(3600), faults: 0.6, records: 400)
        let committed = world.committed
        world.run(until: .seconds(3600 * 3), faults: 0, records: 0)
        #expect(world.committed == committed)
        #expect(world.pending.isEmpty, "\(world.pending.count) of \(committed) left")
        #expect(world.headquarters.isSuperset(of: Set(1...Int64(committed))))
    }

    @Test("a poisoned record holds nobody up and is tried for ever", arguments: 0..<40)
    func poison(seed: UInt64) {
        var world = World(seed: seed)
        world.poisoned = [7, 50]
        world.run(until: .seconds(7200), faults: 0.1, records: 200)
        world.run(until: .seconds(14_400), faults: 0, records: 0)
        #expect(world.pending == [7, 50])
        #expect(world.poisonTries > 4)
        world.poisoned = []
        world.run(until: .seconds(21_600), faults: 0, records: 0)
        #expect(world.pending.isEmpty)
    }

    @Test("no busy loop: requests stay within what the waits allow", arguments: 0..<40)
    func requestRate(seed: UInt64) {
        var world = World(seed: seed)
        world.run(until: .seconds(86_400), faults: 1, records: 50)
        // Full jitter up to 300 s: about 600 tries a day, and never a burst.
        #expect(world.requests < 2500, "\(world.requests)")
        #expect(world.headquarters.isEmpty == world.pending.contains(1))
    }
}

/// One kiosk, one road, one headquarters, and a clock that jumps from event to event.
private struct World {
    var pending: [Int64] = []
    var headquarters: Set<Int64> = []
    var poisoned: Set<Int64> = []
    var committed = 0
    var requests = 0
    var poisonTries = 0

    private var machine = SyncMachine(batch: .standard)
    private var random: SeededGenerator
    private var now = Duration.seconds(10)
    private var queue: [(at: Duration, event: SyncMachine.Event)] = []
    private var faults = 0.0
    private var hasSession = false

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        queue = [(now, .started)]
    }

    mutating func run(until end: Duration, faults: Double, records: Int) {
        self.faults = faults
        var due: [Duration] = (0..<records).map { _ in
            now + .milliseconds(Int64.random(in: 0...max(1, (end - now).components.seconds * 500), using: &random))
        }
        due.sort(by: >)
        while now < end {
            let event = queue.min { $0.at < $1.at }?.at
            let next = [event, due.last, machine.wakeAt.map { max($0, now) }].compactMap { $0 }.min() ?? end
            guard next < end else { break }
            now = next
            if let record = due.last, record == next {
                due.removeLast()
                committed += 1
                pending.append(Int64(committed))
                // One nudge in three is lost.
                if Int.random(in: 0..<3, using: &random) > 0 { handle(.recordCommitted) }
            } else if let index = queue.indices.filter({ queue[$0].at <= next }).first {
                handle(queue.remove(at: index).event)
            } else {
                handle(.timer)
            }
        }
        now = max(now, end)
    }

    private mutating func handle(_ event: SyncMachine.Event) {
        for action in machine.handle(event, at: now, random: &random) { perform(action) }
    }

    private mutating func perform(_ action: SyncMachine.Action) {
        let later = now + .milliseconds(Int64.random(in: 1...800, using: &random))
        switch action {
        case .sayHello:
            requests += 1
            if let failure = fault() {
                queue.append((later, .helloFailed(failure)))
            } else {
                hasSession = true
                queue.append((later, .helloAnswered(Bench().answer())))
            }
        case .upload(let window):
            let batch = Array(pending.filter { $0 > window.after }.prefix(window.countMax))
            guard let last = batch.last else {
                queue.append((later, .nothingPending))
                return
            }
            requests += 1
            queue.append((later, upload(batch, last: last)))
        case .chore(let chore): queue.append((later, .choreDone(chore, records: 0)))
        case .settle: queue.append((later, .settled(HelloEffect())))
        case .download, .follow, .startNewLineage: break
        }
    }

    private mutating func upload(_ batch: [Int64], last: Int64) -> SyncMachine.Event {
        let sent = SyncMachine.SentBatch(count: batch.count, lastPosition: last)
        if !poisoned.isDisjoint(with: batch) {
            poisonTries += 1
            return .uploadFailed(Bool.random(using: &random) ? .tooLarge : .serverFailed, sent: sent)
        }
        if let failure = fault() {
            if failure == .sessionUnknown { hasSession = false }
            // Headquarters may have stored the batch all the same: only the receipt was lost.
            if Bool.random(using: &random) { headquarters.formUnion(batch) }
            return .uploadFailed(failure, sent: sent)
        }
        guard hasSession else { return .uploadFailed(.sessionUnknown, sent: sent) }
        let later = Set(batch.filter { _ in Double.random(in: 0..<1, using: &random) < faults / 10 })
        headquarters.formUnion(batch.filter { !later.contains($0) })
        pending.removeAll { batch.contains($0) && !later.contains($0) }
        return .uploaded(
            .init(sent: sent, moved: batch.count - later.count, retryAfter: later.isEmpty ? .zero : .seconds(30)))
    }

    private mutating func fault() -> SyncFailure? {
        guard Double.random(in: 0..<1, using: &random) < faults else { return nil }
        let all: [SyncFailure] = [
            .unreachable, .timedOut, .notHeadquarters, .sessionUnknown, .refused(code: "device.unknown"), .tooLarge,
            .busy(retryAfter: .seconds(20)), .serverFailed, .untrusted, .storeFailed,
        ]
        return all.randomElement(using: &random)
    }
}
