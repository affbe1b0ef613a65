// The sync machine, event by event: what it asks for, and when.

import Foundation
import JobFair
import KioskCore
import SyncProtocol
import Testing

@Suite struct SyncMachineTests {
    @Test("starts with hello, then asks the store whatever it was told")
    func start() throws {
        var bench = Bench()
        #expect(bench.send(.started) == [.sayHello])
        #expect(bench.machine.phase == .hello)
        #expect(bench.send(.recordCommitted) == [])
        #expect(bench.send(.helloAnswered(bench.answer())) == [.upload(bench.window(after: 0, count: 32))])
        #expect(bench.send(.nothingPending) == [])
        #expect(bench.machine.phase == .idle)
        #expect(bench.send(.recordCommitted) == [.upload(bench.window(after: 0, count: 32))])
    }

    @Test("hello again about once a minute, with nothing to send")
    func heartbeat() throws {
        var bench = Bench()
        bench.becomeIdle()
        let wake = try #require(bench.machine.wakeAt)
        #expect(wake - bench.now >= .seconds(60) && wake - bench.now <= .seconds(72))
        #expect(bench.machine.nextTryAt == wake)
        bench.now = wake - .milliseconds(1)
        #expect(bench.send(.timer) == [])
        bench.now = wake
        #expect(bench.send(.timer) == [.sayHello])
        #expect(bench.machine.nextTryAt == nil, "it is under way")
    }

    @Test("batches double from 32 to 256 records")
    func growth() {
        var bench = Bench()
        _ = bench.send(.started)
        var actions = bench.send(.helloAnswered(bench.answer()))
        var after: Int64 = 0
        for count in [32, 64, 128, 256, 256] {
            #expect(actions == [.upload(bench.window(after: after, count: count))])
            after += Int64(count)
            actions = bench.send(.uploaded(bench.report(count, last: after)))
        }
    }

    @Test("413 is halved at once down to one record, which is then left behind")
    func bisection() {
        var bench = Bench()
        _ = bench.send(.started)
        var actions = bench.send(.helloAnswered(bench.answer()))
        for count in [32, 16, 8, 4, 2, 1] {
            #expect(actions == [.upload(bench.window(after: 0, count: count))])
            actions = bench.send(
                .uploadFailed(.tooLarge, sent: SyncMachine.SentBatch(count: count, lastPosition: Int64(count))))
        }
        #expect(actions == [.upload(bench.window(after: 1, count: 1))])
        actions = bench.send(.uploaded(bench.report(1, last: 2)))
        #expect(actions == [.upload(bench.window(after: 2, count: 2))])
        #expect(bench.send(.nothingPending) == [])
        // The one left behind is tried again within ten minutes, among the hellos.
        var isTriedAgain = false
        for _ in 0..<40 where !isTriedAgain {
            bench.now = bench.machine.wakeAt ?? bench.now
            for action in bench.send(.timer) {
                switch action {
                case .sayHello:
                    let next = bench.send(.helloAnswered(bench.answer()))
                    if next.contains(.upload(bench.window(after: 2, count: 2))) { _ = bench.send(.nothingPending) }
                    if next.contains(.upload(bench.window(after: 0, count: 2))) { isTriedAgain = true }
                case .upload(let window) where window.after == 0: isTriedAgain = true
                default: _ = bench.send(.nothingPending)
                }
            }
        }
        #expect(isTriedAgain)
    }

    @Test("a timeout halves the batch and waits")
    func timeouts() throws {
        var bench = Bench()
        _ = bench.send(.started)
        _ = bench.send(.helloAnswered(bench.answer()))
        #expect(bench.send(.uploadFailed(.timedOut, sent: .init(count: 32, lastPosition: 32))) == [])
        #expect(bench.machine.phase == .backingOff)
        bench.now = try #require(bench.machine.wakeAt)
        #expect(bench.send(.timer) == [.upload(bench.window(after: 0, count: 16))])
    }

    @Test("waits grow to 300 s with full jitter, for ever")
    func backOff() throws {
        var bench = Bench()
        var longest = Duration.zero
        for failures in 1...3000 {
            #expect(bench.send(failures == 1 ? .started : .timer) == [.sayHello])
            #expect(bench.send(.helloFailed(.unreachable)) == [])
            let wait = try #require(bench.machine.wakeAt) - bench.now
            #expect(wait >= .seconds(1) && wait <= min(.seconds(1) * (1 << min(failures, 9)), .seconds(300)))
            longest = max(longest, wait)
            bench.now += wait
        }
        #expect(longest > .seconds(290))
    }

    @Test(
        "Retry-After is honoured up to an hour, with half of it as spread",
        arguments: [(30, 30, 45), (3600, 3600, 5400), (9_000_000_000, 3600, 5400)])
    func retryAfter(asked: Int64, least: Int64, most: Int64) throws {
        var bench = Bench()
        _ = bench.send(.started)
        _ = bench.send(.helloFailed(.busy(retryAfter: .seconds(asked))))
        let wait = try #require(bench.machine.wakeAt) - bench.now
        #expect(wait >= .seconds(least) && wait <= .seconds(most))
        // A network that came up is no reason to knock earlier.
        #expect(bench.send(.networkUp) == [])
        #expect(try #require(bench.machine.wakeAt) - bench.now == wait)
    }

    @Test("the network coming up shortens a wait to five seconds at most")
    func networkUp() throws {
        var bench = Bench()
        _ = bench.send(.started)
        for _ in 0..<12 {
            _ = bench.send(.helloFailed(.unreachable))
            bench.now = try #require(bench.machine.wakeAt)
            _ = bench.send(.timer)
        }
        _ = bench.send(.helloFailed(.unreachable))
        _ = bench.send(.networkUp)
        #expect(try #require(bench.machine.wakeAt) - bench.now <= .seconds(5))
    }

    @Test("a lost session: hello at once the first time, with waits if it goes on")
    func sessionLost() throws {
        var bench = Bench()
        _ = bench.send(.started)
        _ = bench.send(.helloAnswered(bench.answer()))
        #expect(bench.send(.uploadFailed(.sessionUnknown, sent: nil)) == [.sayHello])
        _ = bench.send(.helloAnswered(bench.answer()))
        #expect(bench.send(.uploadFailed(.sessionUnknown, sent: nil)) == [])
        #expect(try #require(bench.machine.wakeAt) > bench.now)
    }

    @Test("a record committed while the store was asked is asked for at once")
    func committedMeanwhile() throws {
        var bench = Bench()
        _ = bench.send(.started)
        #expect(bench.send(.helloAnswered(bench.answer())) == [.upload(bench.window(after: 0, count: 32))])
        #expect(bench.send(.recordCommitted) == [])
        #expect(bench.send(.nothingPending) == [.upload(bench.window(after: 0, count: 32))])
        #expect(bench.send(.nothingPending) == [])
    }

    @Test(
        "what is not a receipt changes nothing but the wait",
        arguments: [
            SyncFailure.notHeadquarters, .untrusted, .refused(code: "device.unknown"), .unreachable, .storeFailed,
        ])
    func nothingChanges(failure: SyncFailure) throws {
        var bench = Bench()
        _ = bench.send(.started)
        _ = bench.send(.helloAnswered(bench.answer()))
        #expect(bench.send(.uploadFailed(failure, sent: .init(count: 32, lastPosition: 32))) == [])
        bench.now = try #require(bench.machine.wakeAt)
        #expect(bench.send(.timer) == [.upload(bench.window(after: 0, count: 32))])
        #expect(bench.machine.lastFailure == failure)
    }

    @Test("a receipt that moves nothing is a failure, not a busy loop")
    func noProgress() throws {
        var bench = Bench()
        _ = bench.send(.started)
        _ = bench.send(.helloAnswered(bench.answer()))
        #expect(bench.send(.uploaded(.init(sent: .init(count: 3, lastPosition: 3), moved: 0, retryAfter: .zero))) == [])
        #expect(bench.machine.lastFailure == .noProgress)
        #expect(try #require(bench.machine.wakeAt) > bench.now)
    }

    @Test("downloads run beside uploads and fail by themselves")
    func downloads() throws {
        var bench = Bench()
        let fair = FairID(milliseconds: 1, random: Array(repeating: 3, count: 10))
        _ = bench.send(.started)
        let both = bench.send(
            .helloAnswered(bench.answer(downloads: [.catalogue(fair, etag: "\"1-0\""), .grant(fair)])))
        #expect(
            both == [
                .upload(bench.window(after: 0, count: 32)), .download(.catalogue(fair, etag: "\"1-0\""), session: 1),
            ])
        #expect(bench.send(.downloadFailed(.catalogue(fair, etag: "\"1-0\""), .timedOut, session: 1)) == [])
        let upload = bench.send(.uploaded(bench.report(32, last: 32)))
        #expect(upload == [.upload(bench.window(after: 32, count: 64))])
        bench.now = try #require(bench.machine.wakeAt)
        #expect(bench.send(.timer) == [.download(.grant(fair), session: 1)])
        #expect(bench.send(.downloaded(.grant(fair))) == [.download(.catalogue(fair, etag: "\"1-0\""), session: 1)])
        #expect(bench.send(.downloaded(.catalogue(fair, etag: "\"1-0\""))) == [])
        #expect(bench.machine.lastFailure == nil && bench.machine.lastDownloadFailure == nil)
    }

    struct HelloRow: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var known: Int64
        var digest: UInt8
        var own: UInt8?
        var last: Int64 = 10
        var leave: UInt8?
        var actions: [SyncMachine.Action]
    }

    @Test(
        "what hello means for the chain",
        arguments: [
            HelloRow(testDescription: "all there", known: 10, digest: 0xDD, actions: []),
            HelloRow(testDescription: "unknown lineage", known: 0, digest: 0, actions: []),
            HelloRow(testDescription: "a lost receipt", known: 7, digest: 0x77, own: 0x77, actions: []),
            HelloRow(testDescription: "cannot compare any more", known: 7, digest: 0x77, own: nil, actions: []),
            HelloRow(
                testDescription: "rolled back", known: 11, digest: 0xDD, actions: [.startNewLineage(.rolledBack)]),
            HelloRow(
                testDescription: "rolled back to nothing", known: 3, digest: 1, last: 0,
                actions: [.startNewLineage(.rolledBack)]),
            HelloRow(testDescription: "fork at the head", known: 10, digest: 1, actions: [.startNewLineage(.forked)]),
            HelloRow(
                testDescription: "fork below the head", known: 7, digest: 1, own: 2,
                actions: [.startNewLineage(.forked)]),
            HelloRow(
                testDescription: "told to leave", known: 10, digest: 0xDD, leave: 0xAA,
                actions: [.startNewLineage(.toldToLeave)]),
            HelloRow(testDescription: "told to leave another", known: 10, digest: 0xDD, leave: 0xAB, actions: []),
        ])
    func chain(row: HelloRow) {
        var bench = Bench()
        _ = bench.send(.started)
        let answer = HelloAnswer(
            knownThrough: row.known, digestAtKnownThrough: Data(repeating: row.digest, count: 32),
            headquartersGeneration: Data(repeating: 1, count: 16),
            lineagesToLeave: row.leave.map { [Data(repeating: $0, count: 16)] } ?? [],
            asked: HelloFacts(head: Bench.head(lineage: 0xAA, last: row.last)),
            ownDigestAtKnownThrough: row.own.map { Data(repeating: $0, count: 32) })
        let actions = bench.send(.helloAnswered(answer))
        #expect(Array(actions.dropLast()) == row.actions)
        #expect(actions.last == .upload(bench.window(after: 0, count: 32)))
    }
}

/// A machine with its clock and seeded randomness.
struct Bench {
    var machine = SyncMachine(batch: .standard)
    var now = Duration.seconds(100)
    var random = SeededGenerator(seed: 1)

    /// Without the store's own work.
    mutating func send(_ event: SyncMachine.Event) -> [SyncMachine.Action] {
        sendAll(event).filter { action in
            switch action {
            case .settle, .chore: false
            default: true
            }
        }
    }

    mutating func sendAll(_ event: SyncMachine.Event) -> [SyncMachine.Action] {
        machine.handle(event, at: now, random: &random)
    }

    mutating func becomeIdle() {
        _ = send(.started)
        _ = send(.helloAnswered(answer()))
        _ = send(.nothingPending)
    }

    func answer(downloads: [SyncDownload] = []) -> HelloAnswer {
        HelloAnswer(
            knownThrough: 0, digestAtKnownThrough: Data(), headquartersGeneration: Data(count: 16),
            downloads: downloads, asked: HelloFacts(head: Self.head(last: 0)), ownDigestAtKnownThrough: nil)
    }

    static func head(lineage: UInt8 = 0, last: Int64) -> ChainHead {
        ChainHead(
            lineageID: Data(repeating: lineage, count: 16), lastSequence: last,
            lastDigest: last == 0 ? Data() : Data(repeating: 0xDD, count: 32), receiptedThrough: 0, pendingCount: 0,
            newestReceiptSerial: 0, headquartersGeneration: Data(), newestReceipt: Data())
    }

    func window(after: Int64, count: Int) -> SyncMachine.UploadWindow {
        SyncMachine.UploadWindow(after: after, countMax: count, bytesMax: 524_288)
    }

    func report(_ count: Int, last: Int64) -> SyncMachine.UploadReport {
        .init(sent: .init(count: count, lastPosition: last), moved: count, retryAfter: .zero)
    }
}
