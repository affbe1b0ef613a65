// Bounds of times contain the truth, whatever the kiosk's clocks say: boots with and without anchors, in any order.

import Foundation
import HeadquartersCore
import JobFair
import Testing

@Suite struct TimeBoundsTests {
    @Test("what happened lies within its bounds", arguments: 0..<300 as Range<UInt64>)
    func truth(seed: UInt64) throws {
        var life = KioskLife(seed: seed)
        for number in 0..<5 { life.boot(number, isAnchored: number != 2) }
        var widths: [Int: Int64] = [:]
        for record in life.records {
            let at = TimeEstimate.occurredAt(
                record.clock, fairDay: record.fairDay, receivedAt: life.now,
                pairs: life.pairs.filter { $0.bootID == record.clock.bootID })
            #expect(
                at.lower <= record.truth && record.truth <= at.upper,
                "seed \(seed), boot \(record.boot): \(record.truth) not in \(at.lower)...\(at.upper)")
            #expect(at.lower <= at.estimate && at.estimate <= at.upper)
            widths[record.boot] = max(widths[record.boot] ?? 0, at.upper - at.lower)
        }
        // An anchored boot is known to some minutes, the one between two of them by its confirmed day or not at all.
        for boot in [0, 1, 3, 4] { #expect(try #require(widths[boot]) < 5 * 60_000) }
    }
}

/// One kiosk with a cheap crystal and a wall clock that starts anywhere, and what headquarters is told by it.
private struct KioskLife {
    struct Made {
        var boot: Int
        var truth: Int64
        var clock: ClockSample
        var fairDay: CalendarDate?
    }

    var records: [Made] = []
    var pairs: [ClockPair] = []
    /// True time, milliseconds since 1970.
    var now: Int64 = 1_790_000_000_000
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// Some hours of registering after some hours of being switched off.
    mutating func boot(_ number: Int, isAnchored: Bool) {
        now += random(1_000...40_000_000)
        let bootID = Data(repeating: UInt8(number + 1), count: 16)
        let startedAt = now
        let bootOffset = random(5_000...60_000)
        // At most 100 millionths either way.
        let drift = random(-100...100)
        let wallOffset = random(-2_000_000_000_000...400_000_000_000)
        func bootMilliseconds(_ truth: Int64) -> Int64 {
            bootOffset + (truth - startedAt) + (truth - startedAt) * drift / 1_000_000
        }
        for _ in 0..<20 {
            now += random(100...1_200_000)
            let boot = bootMilliseconds(now)
            // Offline the day is confirmed by a technician, or nobody says it.
            let day = random(0...1) == 0 ? BeijingTime(milliseconds: now)?.day : nil
            records.append(
                Made(
                    boot: number, truth: now,
                    clock: ClockSample(
                        wallMilliseconds: now + wallOffset, bootID: bootID, bootCounter: Int64(number),
                        bootMilliseconds: boot, quality: .none), fairDay: isAnchored ? nil : day))
            guard isAnchored, random(0...9) == 0 || records.count % 20 == 10 else { continue }
            // Hello: read before connecting, heard up to a minute later.
            now += random(0...59_000)
            pairs.append(
                ClockPair(
                    bootID: bootID, bootMilliseconds: boot, headquartersMilliseconds: now,
                    roundTripMilliseconds: TimeEstimate.helloDoubtMilliseconds))
            guard random(0...1) == 0 else { continue }
            // The anchor: headquarters' word plus half of a round trip that may be all on one side.
            let roundTrip = random(10...20_000)
            let said = now
            now += random(0...roundTrip)
            pairs.append(
                ClockPair(
                    bootID: bootID, bootMilliseconds: bootMilliseconds(now),
                    headquartersMilliseconds: said + roundTrip / 2, roundTripMilliseconds: roundTrip))
        }
        now += random(1_000...100_000)
    }

    private mutating func random(_ range: ClosedRange<Int64>) -> Int64 {
        range.lowerBound + Int64(generator.next() % UInt64(range.upperBound - range.lowerBound + 1))
    }
}
