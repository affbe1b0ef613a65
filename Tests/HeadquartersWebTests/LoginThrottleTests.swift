// How guessing is slowed down, and that passwords are checked one at a time.

import Foundation
import HeadquartersCore
import Testing

@testable import HeadquartersWeb

@Suite struct LoginThrottleTests {
    private static func name(_ number: Int) -> Data { Data("name \(number)".utf8) }

    @Test func waitsGrowToAQuarterOfAnHourAndAreForgotten() async {
        let throttle = LoginThrottle()
        var now: Int64 = 1_000_000
        for _ in 0..<LoginThrottle.nameTries {
            #expect(await throttle.take(name: Self.name(1), client: nil, now: now) == nil)
        }
        var waits: [Int64] = []
        for _ in 0..<8 {
            guard let wait = await throttle.take(name: Self.name(1), client: nil, now: now) else { break }
            waits.append(wait / 1000)
            #expect(await throttle.take(name: Self.name(1), client: nil, now: now + wait - 1) == 1)
            now += wait
            #expect(await throttle.take(name: Self.name(1), client: nil, now: now) == nil)
        }
        #expect(waits == [15, 30, 60, 120, 240, 480, 900, 900])
        #expect(await throttle.take(name: Self.name(2), client: nil, now: now) == nil)
        now += LoginThrottle.memoryMilliseconds
        for _ in 0..<LoginThrottle.nameTries {
            #expect(await throttle.take(name: Self.name(1), client: nil, now: now) == nil)
        }
        #expect(await throttle.take(name: Self.name(1), client: nil, now: now) != nil)
    }

    @Test func aClockSetBackLocksNobodyOut() async {
        let throttle = LoginThrottle()
        for _ in 0..<5 { _ = await throttle.take(name: Self.name(1), client: nil, now: 9_000_000_000) }
        #expect(await throttle.take(name: Self.name(1), client: nil, now: 0) == LoginThrottle.firstWaitMilliseconds)
        #expect(
            await throttle.take(name: Self.name(1), client: nil, now: LoginThrottle.firstWaitMilliseconds) == nil)
    }

    /// One right password in between gives the address nothing for the others.
    @Test func anAddressHasThirtyTriesHoweverManyNamesItTries() async {
        let throttle = LoginThrottle()
        for number in 0..<LoginThrottle.clientTries {
            #expect(await throttle.take(name: Self.name(number), client: "192.0.2.1", now: 1) == nil)
            #expect(await throttle.take(name: Self.name(9999), client: "192.0.2.1", now: 1) == nil || number == 29)
            await throttle.succeed(name: Self.name(9999), client: number == 29 ? nil : "192.0.2.1")
        }
        #expect(await throttle.take(name: Self.name(5000), client: "192.0.2.1", now: 1) != nil)
        #expect(await throttle.take(name: Self.name(5000), client: "192.0.2.2", now: 1) == nil)
    }

    @Test func memoryIsBoundedAndTheMostTriedNameStays() async {
        let throttle = LoginThrottle()
        for _ in 0..<LoginThrottle.nameTries { _ = await throttle.take(name: Self.name(-1), client: nil, now: 1) }
        for number in 0..<(LoginThrottle.entriesMax + 100) {
            #expect(await throttle.take(name: Self.name(number), client: nil, now: 2) == nil)
        }
        #expect(await throttle.take(name: Self.name(-1), client: nil, now: 3) != nil)
    }

    @Test func passwordsMatchTheirOwnHashOnly() async throws {
        let scrypt = PasswordScrypt()
        let hash = try await scrypt.hash("correct horse")
        #expect(hash.salt.count == 16 && hash.key.count == 32 && hash.rounds == 32_768)
        #expect(try await scrypt.hash("correct horse") != hash)
        #expect(try await scrypt.matches("correct horse", hash))
        #expect(try await !scrypt.matches("correct horsf", hash))
        #expect(try await !scrypt.matches("correct horse", nil))
        var weaker = hash
        weaker.rounds = 1024
        #expect(try await !scrypt.matches("correct horse", weaker))
    }

    /// RFC 7914, section 12, third vector: the parameters come from the hash.
    @Test func hashesKeepTheirParameters() async throws {
        let key = "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
        let bytes = try #require(Data(hexadecimal: key))
        let hash = PasswordHash(
            salt: Data("SodiumChloride".utf8), key: bytes, rounds: 16_384, blockSize: 8, parallelism: 1)
        #expect(try await PasswordScrypt().matches("pleaseletmein", hash))
    }

    @Test func whoeverComesWhenTooManyWaitIsSentAway() async throws {
        let scrypt = PasswordScrypt()
        let (checked, busy) = await withTaskGroup(of: Bool.self, returning: (Int, Int).self) { group in
            for _ in 0..<(3 * PasswordScrypt.waitingMax) {
                group.addTask { (try? await scrypt.matches("correct horse", nil)) != nil }
            }
            return await group.reduce(into: (0, 0)) { counts, wasChecked in
                if wasChecked { counts.0 += 1 } else { counts.1 += 1 }
            }
        }
        #expect(checked >= PasswordScrypt.waitingMax && busy > 0 && checked + busy == 3 * PasswordScrypt.waitingMax)
        #expect(try await !scrypt.matches("correct horse", nil))
    }
}

extension Data {
    fileprivate init?(hexadecimal text: String) {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.count else { return nil }
        self = Data(stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
    }
}
