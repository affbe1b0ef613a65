// The bounds on tries with a slip: across restarts, beside each other, and within the size of their file.

import Foundation
import JobFair
import Synchronization
import Testing

@testable import KioskCore

private final class FakeSlipTryStore: SlipTryStore {
    private let content = Mutex(Data())
    private let savings = Mutex(0)

    var bytes: Data { content.withLock { $0 } }
    var saves: Int { savings.withLock { $0 } }

    init(_ bytes: Data = Data()) { content.withLock { $0 = bytes } }

    func load() -> Data { bytes }

    func save(_ bytes: Data) {
        content.withLock { $0 = bytes }
        savings.withLock { $0 += 1 }
    }
}

@Suite struct SlipTriesTests {
    private let fair = FairID(milliseconds: 1, random: Array(repeating: 1, count: 10))
    private let otherFair = FairID(milliseconds: 1, random: Array(repeating: 2, count: 10))

    private func slip(_ number: UInt8) -> RecordID {
        RecordID(milliseconds: 2, random: Array(repeating: number, count: 10))
    }

    private func vacancy(_ number: UInt8) -> VacancyID {
        VacancyID(milliseconds: 3, random: Array(repeating: number, count: 10))
    }

    private func tries(_ store: FakeSlipTryStore, key: UInt8 = 9, entriesMax: Int = SlipTries.entriesMax) -> SlipTries {
        SlipTries(store: store, hash: KeyedHash(key: Array(repeating: key, count: 32)), entriesMax: entriesMax)
    }

    @Test func aRestartGivesNoFurtherTries() async {
        let store = FakeSlipTryStore()
        for number in 0..<5 {
            // Each string before another start of the daemon.
            #expect(await tries(store).take("000\(number)", of: slip(1), at: fair) == 4 - number)
        }
        #expect(await tries(store).take("0005", of: slip(1), at: fair) == nil)
        #expect(await tries(store).take("0003", of: slip(1), at: fair) == 0)
        #expect(await tries(store).take("0005", of: slip(2), at: fair) == 4)
    }

    @Test func whatIsToldIsInTheFileBefore() async {
        let store = FakeSlipTryStore()
        let first = tries(store)
        _ = await first.take("0001", of: slip(1), at: fair)
        #expect(store.saves == 1 && store.bytes.count == 64)
        _ = await first.take("0001", of: slip(1), at: fair)
        #expect(store.saves == 1)
        #expect(await first.reserve(vacancy(1), with: slip(1), digits: "0001", at: fair))
        #expect(store.bytes.count == 96)
        #expect(await tries(store).stated(with: slip(1), digits: "0001", at: fair) == [vacancy(1)])
    }

    @Test func theFileHoldsNeitherDigitsNorSlips() async {
        let store = FakeSlipTryStore()
        let tries = tries(store)
        for number in 0..<4 { _ = await tries.take("4711\(number)", of: slip(77), at: fair) }
        _ = await tries.reserve(vacancy(1), with: slip(77), digits: "47110", at: fair)
        #expect(store.bytes.range(of: Data("4711".utf8)) == nil)
        #expect(store.bytes.range(of: Data(slip(77).bytes.prefix(8))) == nil)
        #expect(store.bytes.range(of: Data(slip(77).bytes.suffix(8))) == nil)
        // With another key the same slip is another one: nothing can be looked up without it.
        #expect(await self.tries(store, key: 8).stated(with: slip(77), digits: "47110", at: fair) == [])
    }

    @Test func requestsBesideEachOtherDoNotPassTwenty() async {
        let tries = tries(FakeSlipTryStore())
        let taken = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<60 {
                group.addTask {
                    await tries.reserve(vacancy(UInt8(number)), with: slip(1), digits: "0001", at: fair)
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(taken == SlipTries.vacanciesMax)
        #expect(await tries.stated(with: slip(1), digits: "0001", at: fair).count == SlipTries.vacanciesMax)
    }

    @Test func aReservationThatFailsIsGivenBackUnlessAnotherRequestHasStatedIt() async {
        let tries = tries(FakeSlipTryStore())
        func stated() async -> [VacancyID] { await tries.stated(with: slip(1), digits: "0001", at: fair) }
        func settle(_ isStated: Bool) async {
            await tries.settle(vacancy(1), with: slip(1), digits: "0001", isStated: isStated)
        }
        for (outcomes, isStated) in [
            ([false], false), ([false, false], false), ([true, false], true), ([false, true], true), ([true], true),
        ] {
            await tries.forget()
            for _ in outcomes { _ = await tries.reserve(vacancy(1), with: slip(1), digits: "0001", at: fair) }
            for outcome in outcomes { await settle(outcome) }
            #expect(await stated() == (isStated ? [vacancy(1)] : []), "\(outcomes)")
        }
        // Stated before: a later request that fails takes nothing away.
        _ = await tries.reserve(vacancy(1), with: slip(1), digits: "0001", at: fair)
        await settle(false)
        #expect(await stated() == [vacancy(1)])
    }

    @Test func nobodySeesOrTakesBackWhatWasStatedUnderOtherDigits() async {
        let tries = tries(FakeSlipTryStore())
        _ = await tries.reserve(vacancy(1), with: slip(1), digits: "0001", at: fair)
        _ = await tries.reserve(vacancy(1), with: slip(1), digits: "0002", at: fair)
        await tries.takeBack(vacancy(1), with: slip(1), digits: "0002")
        #expect(await tries.stated(with: slip(1), digits: "0002", at: fair) == [])
        #expect(await tries.stated(with: slip(1), digits: "0001", at: fair) == [vacancy(1)])
        // One vacancy is one, under however many strings.
        for number in 1..<20 {
            #expect(await tries.reserve(vacancy(UInt8(number)), with: slip(1), digits: "0002", at: fair))
        }
        #expect(await tries.reserve(vacancy(20), with: slip(1), digits: "0003", at: fair))
        #expect(await !tries.reserve(vacancy(21), with: slip(1), digits: "0001", at: fair))
    }

    @Test func theFileStaysWithinItsSize() async {
        let store = FakeSlipTryStore()
        let tries = tries(store, entriesMax: 10)
        for number in 1...6 {
            _ = await tries.take("0001", of: slip(UInt8(number)), at: fair)
            _ = await tries.reserve(vacancy(1), with: slip(UInt8(number)), digits: "0001", at: fair)
            #expect(store.bytes.count <= 11 * 32)
        }
        #expect(await tries.stated(with: slip(1), digits: "0001", at: fair) == [])
        for number in 2...6 {
            #expect(await tries.stated(with: slip(UInt8(number)), digits: "0001", at: fair) == [vacancy(1)])
        }
        #expect((SlipTries.entriesMax + 1) * 32 == 1 << 20)
    }

    @Test func aFairThatEndsLeavesNothing() async {
        let store = FakeSlipTryStore()
        let first = tries(store)
        for number in 0..<5 { _ = await first.take("000\(number)", of: slip(1), at: fair) }
        await first.forget()
        #expect(store.bytes.isEmpty)
        for number in 0..<5 { _ = await first.take("000\(number)", of: slip(1), at: fair) }
        #expect(await first.take("0009", of: slip(2), at: otherFair) == 4)
        #expect(store.bytes.count == 64)
    }

    @Test(arguments: [
        Data("jobfair".utf8), Data(repeating: 0, count: 64),
        Data("jobfair tries v2".utf8) + Data(repeating: 1, count: 48),
        Data("jobfair tries v1".utf8) + Data(repeating: 1, count: 17),
    ])
    func aFileThatIsNoneOfOursIsAnEmptyOne(_ bytes: Data) async {
        let store = FakeSlipTryStore(bytes)
        #expect(await tries(store).take("0001", of: slip(1), at: fair) == 4)
        #expect(store.bytes.count == 64)
    }
}
