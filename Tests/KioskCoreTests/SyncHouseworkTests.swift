// The store's own work as the sync machine orders it: news of hello, gaps, another generation, purging, directives.

import Foundation
import JobFair
import KioskCore
import Testing

@Suite struct SyncHouseworkTests {
    private static let lineage = Data(repeating: 0xAA, count: 16)

    private static func answer(
        known: Int64, last: Int64, gaps: [ClosedRange<Int64>] = [], others: [LineageMark] = [], durable: Int64 = 0,
        directives: [DayDirective] = []
    ) -> HelloAnswer {
        HelloAnswer(
            knownThrough: known, digestAtKnownThrough: Data(repeating: 0xDD, count: 32), durableThrough: durable,
            gaps: gaps, otherLineages: others, headquartersGeneration: Data(repeating: 1, count: 16),
            dayDirectives: directives, asked: HelloFacts(head: Bench.head(lineage: 0xAA, last: last)),
            ownDigestAtKnownThrough: nil)
    }

    private static func news(_ actions: [SyncMachine.Action]) throws -> HelloNews {
        guard case .settle(let news) = try #require(actions.first) else {
            Issue.record("no news first: \(actions)")
            return HelloNews(headquartersGeneration: Data())
        }
        return news
    }

    @Test("the news of hello are settled before anything is sent, and the housework follows")
    func order() throws {
        var bench = Bench()
        _ = bench.send(.started)
        var answer = Self.answer(known: 7, last: 7, durable: 5)
        answer.erasures = [ErasureDirective(id: Data(repeating: 3, count: 16), signed: Data([3]))]
        answer.asked.directivesToConfirm = [Data(repeating: 4, count: 16)]
        answer.asked.erasuresToOffer = [ErasureDirective(id: Data(repeating: 5, count: 16), signed: Data([5]))]
        answer.isRevoked = true
        let actions = bench.sendAll(.helloAnswered(answer))
        #expect(actions.dropFirst() == [.upload(bench.window(after: 0, count: 32)), .chore(.offerAgain)])
        let news = try Self.news(actions)
        #expect(
            news
                == HelloNews(
                    headquartersGeneration: Data(repeating: 1, count: 16),
                    marks: [LineageMark(lineageID: Self.lineage, knownThrough: 7, durableThrough: 5)],
                    erasures: answer.erasures, confirmed: [Data(repeating: 4, count: 16)],
                    offered: [Data(repeating: 5, count: 16)], isRevoked: true))
        #expect(bench.machine.isRevoked)
    }

    @Test(
        "what headquarters lacks",
        arguments: [
            (7, 7, [], [], []),
            // No gap is told: the highest it has is the last without a gap.
            (3, 7, [], [], [SequenceGap(lineageID: lineage, first: 4, last: nil)]),
            (3, 9, [5...6], [], [SequenceGap(lineageID: lineage, first: 5, last: 6)]),
            (
                7, 7, [], [LineageMark(lineageID: Data([1]), knownThrough: 2, durableThrough: 0)],
                [SequenceGap(lineageID: Data([1]), first: 3, last: nil)]
            ),
        ] as [(Int64, Int64, [ClosedRange<Int64>], [LineageMark], [SequenceGap])])
    func lacking(
        known: Int64, last: Int64, gaps: [ClosedRange<Int64>], others: [LineageMark], lacking: [SequenceGap]
    ) throws {
        var bench = Bench()
        _ = bench.send(.started)
        let answer = Self.answer(known: known, last: last, gaps: gaps, others: others)
        #expect(try Self.news(bench.sendAll(.helloAnswered(answer))).gaps == lacking)
    }

    /// Goes on to the next hello and answers it.
    private static func nextHello(_ bench: inout Bench, _ answer: HelloAnswer) throws -> HelloNews {
        for _ in 0..<10_000 {
            // Nothing to wait for: the store is being asked.
            guard let wake = bench.machine.wakeAt else {
                _ = bench.send(.nothingPending)
                continue
            }
            bench.now = max(bench.now, wake)
            let actions = bench.sendAll(.timer)
            if actions.contains(.sayHello) { return try news(bench.sendAll(.helloAnswered(answer))) }
            if actions.contains(where: { if case .upload = $0 { true } else { false } }) {
                _ = bench.send(.nothingPending)
            }
            for case .chore(let chore) in actions { _ = bench.send(.choreDone(chore, records: 0)) }
        }
        Issue.record("no hello")
        return HelloNews(headquartersGeneration: Data())
    }

    @Test("a gap that stays is filled once an hour; another at once; one whose filling failed, too")
    func sameGap() throws {
        var bench = Bench()
        _ = bench.send(.started)
        let gap = Self.answer(known: 3, last: 9, gaps: [5...6])
        #expect(try Self.news(bench.sendAll(.helloAnswered(gap))).gaps.count == 1)
        // The store failed: no word of it came back.
        _ = bench.send(.nothingPending)
        #expect(try Self.nextHello(&bench, gap).gaps.count == 1)
        let filledAt = bench.now
        _ = bench.send(.settled(HelloEffect(offeredAgain: 1, unavailable: 1)))
        #expect(bench.machine.recordsMissing == 1)
        _ = bench.send(.nothingPending)
        while try Self.nextHello(&bench, gap).gaps.isEmpty {
            _ = bench.send(.settled(HelloEffect()))
            // It was not looked: what is known stays known.
            #expect(bench.machine.recordsMissing == 1)
            _ = bench.send(.nothingPending)
            #expect(bench.now - filledAt < .seconds(3700))
        }
        #expect(bench.now - filledAt >= .seconds(3600))
        _ = bench.send(.settled(HelloEffect(unavailable: 1)))
        _ = bench.send(.nothingPending)
        let other = Self.answer(known: 3, last: 9, gaps: [6...6])
        #expect(try Self.nextHello(&bench, other).gaps.count == 1)
        _ = bench.send(.settled(HelloEffect(offeredAgain: 1)))
        _ = bench.send(.nothingPending)
        #expect(try Self.nextHello(&bench, Self.answer(known: 9, last: 9)).gaps.isEmpty)
        #expect(bench.machine.recordsMissing == 0)
    }

    @Test("records put back for a gap are sent in a pass from the start")
    func refill() throws {
        var bench = Bench()
        _ = bench.send(.started)
        _ = bench.send(.helloAnswered(Self.answer(known: 3, last: 9, gaps: [5...6])))
        let next = bench.send(.uploaded(bench.report(32, last: 32)))
        #expect(next == [.upload(bench.window(after: 32, count: 64))])
        _ = bench.send(.settled(HelloEffect(offeredAgain: 2)))
        #expect(bench.send(.nothingPending) == [.upload(bench.window(after: 0, count: 64))])
    }

    @Test("purging goes in steps with pauses, beside uploads, and ends")
    func purging() throws {
        var bench = Bench()
        _ = bench.send(.started)
        _ = bench.send(.helloAnswered(bench.answer()))
        _ = bench.send(.nothingPending)
        #expect(bench.sendAll(.choreDone(.offerAgain, records: 0)) == [.chore(.purge)])
        for _ in 0..<3 {
            #expect(bench.sendAll(.choreDone(.purge, records: OutboxRule.stepRecordsMax)) == [])
            #expect(bench.machine.wakeAt == bench.now + OutboxRule.stepPause)
            bench.now += OutboxRule.stepPause
            #expect(bench.sendAll(.timer) == [.chore(.purge)])
        }
        #expect(bench.sendAll(.choreDone(.purge, records: 5)) == [])
        bench.now += .seconds(30)
        #expect(bench.sendAll(.timer) == [])
        // What fails waits for the next hello.
        bench.now = try #require(bench.machine.wakeAt)
        #expect(bench.sendAll(.timer) == [.sayHello])
        _ = bench.sendAll(.helloAnswered(bench.answer()))
        #expect(bench.sendAll(.choreFailed(.offerAgain)) == [.chore(.purge)])
        #expect(bench.sendAll(.choreFailed(.purge)) == [])
    }

    @Test("after a restore everything is offered again, in steps, then sent from the start")
    func restored() throws {
        var bench = Bench()
        _ = bench.send(.started)
        _ = bench.send(.helloAnswered(bench.answer()))
        _ = bench.send(.nothingPending)
        _ = bench.send(.settled(HelloEffect(isNewGeneration: true)))
        #expect(bench.machine.restores == 1)
        let upload = SyncMachine.Action.upload(bench.window(after: 0, count: 32))
        #expect(bench.sendAll(.choreDone(.offerAgain, records: OutboxRule.stepRecordsMax)) == [upload])
        bench.now += OutboxRule.stepPause
        #expect(bench.sendAll(.timer) == [.chore(.offerAgain)])
        #expect(bench.sendAll(.choreDone(.offerAgain, records: 3)) == [])
        bench.now += OutboxRule.stepPause
        #expect(bench.sendAll(.timer) == [.chore(.purge)])
    }

    @Test("a receipt of another generation asks for hello, at once the first time")
    func otherGeneration() throws {
        var bench = Bench()
        _ = bench.send(.started)
        _ = bench.send(.helloAnswered(bench.answer()))
        let sent = SyncMachine.SentBatch(count: 3, lastPosition: 3)
        #expect(bench.send(.uploadFailed(.otherGeneration, sent: sent)) == [.sayHello])
        _ = bench.send(.helloAnswered(bench.answer()))
        #expect(bench.send(.uploadFailed(.otherGeneration, sent: sent)) == [])
        #expect(try #require(bench.machine.wakeAt) > bench.now)
    }

    @Test("a directive about the day is followed until it was, however often it comes")
    func directive() throws {
        var bench = Bench()
        _ = bench.send(.started)
        let day = try #require(CalendarDate("2026-02-28"))
        let directive = DayDirective(id: Data(repeating: 1, count: 16), change: .dayOpened, day: day)
        let answer = Self.answer(known: 1, last: 1, directives: [directive])
        #expect(bench.send(.helloAnswered(answer)).contains(.follow(directive)))
        #expect(bench.send(.helloAnswered(answer)).contains(.follow(directive)))
        _ = bench.send(.followed(directive: directive.id))
        #expect(!bench.send(.helloAnswered(answer)).contains(.follow(directive)))
    }
}
