// What travels in hello beside the chain: purging, gaps, restores, erasures, directives, over real HTTP.

import Foundation
import JobFair
import KioskCore
import SyncProtocol
import Synchronization
import TestSupport
import Testing

@testable import KioskSync

@Suite(.timeLimit(.minutes(2))) struct HelloExchangeTests {
    @Test("what headquarters has backed up is purged, the rest is kept")
    func purge() async throws {
        let kiosk = try Kiosk()
        kiosk.headquarters.state.withLock { $0.changeHello = { $0.durableThrough = 3 } }
        _ = try await kiosk.run(records: 5) { kiosk, _ in kiosk.outbox.count(.purged) == 3 }
        #expect(kiosk.outbox.count(.purged) == 3 && kiosk.outbox.count(.receipted) == 2)
    }

    @Test("hello tells headquarters what is wrong, but not that headquarters cannot be reached")
    func problems() async throws {
        let kiosk = try Kiosk()
        let problems = [HealthProblem.Code.printerFailing, .headquartersUnreachable, .headquartersRefuses]
        let snapshot = try await kiosk.run(records: 1, problems: problems.map { HealthProblem($0) }) {
            kiosk, snapshot in
            kiosk.outbox.pendingCount == 0 && snapshot.phase == .idle
        }
        let told = kiosk.headquarters.state.withLock { $0.hellos.first?.problems.map(\.code) }
        #expect(told == ["printerFailing", "headquartersRefuses"])
        let shown = kiosk.headquarters.state.withLock { $0.hellos.first?.statement }
        #expect(try #require(shown).body == kiosk.store.enrolment?.statement.body && shown?.signature.isEmpty == false)
        // And the kiosk knows when it says the next one.
        let next = try #require(snapshot.nextTryBootMilliseconds)
        #expect(next > snapshot.lastContactBootMilliseconds ?? .max)
    }

    @Test("a restored headquarters gets everything again, and purging waits for its receipts")
    func restored() async throws {
        let kiosk = try Kiosk()
        _ = try await kiosk.run(records: 5) { kiosk, _ in kiosk.outbox.pendingCount == 0 }
        // An empty one, whose backup claims more than it ever receipted.
        kiosk.headquarters.state.withLock { state in
            state.generation = Data(repeating: 8, count: 16)
            state.received = [:]
            state.chains = [:]
            state.misbehave = { path, _ in path == "/sync/v1/batches" ? .problem(500, "headquarters.failed") : nil }
            state.changeHello = { $0.durableThrough = 5 }
        }
        _ = try await kiosk.run(records: 0) { kiosk, snapshot in
            kiosk.outbox.pendingCount == 5 && snapshot.lastFailure == "serverFailed"
        }
        #expect(kiosk.outbox.pendingCount == 5 && kiosk.outbox.count(.purged) == 0)
        kiosk.headquarters.state.withLock { $0.misbehave = nil }
        _ = try await kiosk.run(records: 0) { kiosk, _ in kiosk.outbox.count(.purged) == 5 }
        #expect(kiosk.headquarters.state.withLock { $0.received.count } == 5)
        #expect(kiosk.outbox.count(.purged) == 5)
    }

    @Test("headquarters is restored between hello and batch: its receipt is believed after another hello only")
    func restoredWithinASession() async throws {
        let kiosk = try Kiosk()
        kiosk.headquarters.state.withLock { state in
            state.changeReceipt = { receipt in
                receipt.headquartersGeneration = Data(repeating: 8, count: 16)
            }
        }
        let snapshot = try await kiosk.run(records: 5) { _, snapshot in snapshot.lastFailure == "otherGeneration" }
        #expect(snapshot.lastFailure == "otherGeneration")
        #expect(kiosk.outbox.pendingCount == 5)
        kiosk.headquarters.state.withLock { $0.generation = Data(repeating: 8, count: 16) }
        _ = try await kiosk.run(records: 0) { kiosk, _ in kiosk.outbox.pendingCount == 0 }
        #expect(kiosk.outbox.pendingCount == 0)
    }

    @Test("records that headquarters lost are sent again; what is not here either is said")
    func gaps() async throws {
        let kiosk = try Kiosk()
        kiosk.headquarters.state.withLock { $0.changeHello = { $0.durableThrough = 2 } }
        _ = try await kiosk.run(records: 6) { kiosk, _ in kiosk.outbox.count(.purged) == 2 }
        kiosk.headquarters.state.withLock { state in
            for chain in state.chains.keys { for lost in [2, 4, 5] { state.chains[chain]?[UInt64(lost)] = nil } }
            state.changeHello = { response in
                guard response.knownThrough < 6 else { return }
                response.gaps = [2...2, 4...5].map { (range: ClosedRange<UInt64>) in
                    var gap = WireSequenceRange()
                    gap.first = range.lowerBound
                    gap.last = range.upperBound
                    return gap
                }
            }
        }
        let snapshot = try await kiosk.run(records: 0) { kiosk, snapshot in
            snapshot.recordsMissing == 1 && kiosk.outbox.pendingCount == 0
                && kiosk.headquarters.state.withLock { $0.chains.values.first?.count == 5 }
        }
        #expect(snapshot.recordsMissing == 1)
        #expect(kiosk.headquarters.state.withLock { $0.chains.values.first?[4] != nil })
        #expect(kiosk.outbox.count(.receipted) == 4)
    }

    private static func erasure(_ number: UInt8, key: SigningKey) -> WireSigned {
        var directive = WireDirective()
        directive.directiveID = Data(repeating: number, count: 16)
        directive.erasure.personKey = Data(repeating: 7, count: 32)
        directive.erasure.beforeMilliseconds = 1
        return SignedMessage.sign(WireCoding.bytes(directive), domain: .erasure, key: key)
    }

    @Test("erasures are verified, kept, confirmed, and offered to another generation as the very bytes")
    func erasures() async throws {
        let kiosk = try Kiosk()
        let right = Self.erasure(1, key: kiosk.headquarters.keys.directive)
        let forged = Self.erasure(2, key: kiosk.headquarters.keys.receipt)
        kiosk.headquarters.state.withLock { state in
            state.changeHello = { $0.erasures = [right, forged] }
        }
        _ = try await kiosk.run(records: 1) { kiosk, _ in
            kiosk.headquarters.state.withLock { $0.hellos.last?.directiveIds.count == 1 }
        }
        kiosk.headquarters.state.withLock { state in
            #expect(state.hellos.last?.directiveIds == [Data(repeating: 1, count: 16)])
            #expect(state.hellos.allSatisfy { $0.erasuresHeld.isEmpty })
            state.generation = Data(repeating: 8, count: 16)
            state.changeHello = nil
        }
        _ = try await kiosk.run(records: 0) { kiosk, _ in
            kiosk.headquarters.state.withLock { $0.hellos.last?.erasuresHeld.count == 1 }
        }
        let offered = kiosk.headquarters.state.withLock { $0.hellos.last?.erasuresHeld.first }
        #expect(offered.map(WireCoding.bytes) == WireCoding.bytes(right))
        // Answered once, it is not offered again.
        let count = kiosk.headquarters.state.withLock { $0.hellos.count }
        _ = try await kiosk.run(records: 0) { kiosk, _ in
            kiosk.headquarters.state.withLock { $0.hellos.count > count + 1 }
        }
        #expect(kiosk.headquarters.state.withLock { $0.hellos.last?.erasuresHeld.isEmpty == true })
    }

    @Test("a directive about the day is handed on once and confirmed")
    func dayDirective() async throws {
        let kiosk = try Kiosk()
        var day = WireDirective()
        day.directiveID = Data(repeating: 4, count: 16)
        day.dayChange.change = "dayOpened"
        day.dayChange.fairDay = "2026-03-01"
        day.dayChange.by = "headquarters"
        var strange = day
        strange.directiveID = Data(repeating: 5, count: 16)
        strange.dayChange.change = "fairMoved"
        day.dayChange.fairID = Data(repeating: 7, count: 16)
        // A fair that cannot be read is not "none".
        var nameless = day
        nameless.directiveID = Data(repeating: 6, count: 16)
        nameless.dayChange.fairID = Data(repeating: 7, count: 5)
        let directives = [day, strange, nameless]
        kiosk.headquarters.state.withLock { $0.changeHello = { $0.directives = directives } }
        _ = try await kiosk.run(records: 0) { kiosk, _ in
            kiosk.headquarters.state.withLock { $0.hellos.count > 2 }
        }
        let followed = kiosk.anchors.directives.withLock { $0 }
        #expect(followed.map(\.id) == [day.directiveID] && followed.first?.change == .dayOpened)
        #expect(followed.first?.fairID == FairID(bytes: Data(repeating: 7, count: 16)))
        let confirmed = kiosk.headquarters.state.withLock { $0.hellos.map(\.directiveIds) }
        #expect(Array(confirmed.prefix(3)) == [[], [day.directiveID], []])
    }

    @Test("letters that no other card has come with the order to leave the lineage, before it is left")
    func letters() async throws {
        let kiosk = try Kiosk()
        let fair = FairID(milliseconds: 5, random: Array(repeating: 5, count: 10))
        var grant = WireGrant()
        grant.fairID = Data(fair.bytes)
        grant.deviceID = kiosk.device.deviceID
        grant.fairKeyNumber = 1
        grant.tokenKey = Data(repeating: 3, count: 32)
        grant.ticketPairs = ["AB", "CD"]
        try kiosk.store.save(grant)
        let first = kiosk.outbox.model.withLock { $0.chainHead().lineageID }
        kiosk.headquarters.state.withLock { state in
            state.changeHello = { answer in
                var leave = WireDirective()
                leave.directiveID = Data(repeating: 3, count: 16)
                leave.newLineage = first
                leave.ticketPairs = ["AB", "CD", "XY"]
                answer.directives = [leave]
            }
        }
        _ = try await kiosk.run(records: 0, openFair: fair) { kiosk, _ in
            kiosk.outbox.model.withLock { $0.chainHead().lineageID != first }
        }
        #expect(kiosk.anchors.letters.withLock { $0 } == [fair: ["AB", "CD", "XY"]])
        #expect(kiosk.store.grant(of: fair)?.ticketPairs == ["AB", "CD", "XY"])
        #expect(try EnrolmentStore(stateFolder: kiosk.folder.path).grant(of: fair)?.ticketPairs.count == 3)
    }

    enum Nonsense: CaseIterable, Sendable { case gap, zeroGap, hugeKnown, lineage, tooManyErasures, tooManyLineages }

    @Test("an answer with nonsense in it is no answer", arguments: Nonsense.allCases)
    func nonsense(kind: Nonsense) async throws {
        let kiosk = try Kiosk("nonsense")
        kiosk.headquarters.state.withLock { state in
            state.changeHello = { response in
                var gap = WireSequenceRange()
                switch kind {
                case .gap:
                    gap.first = 5
                    gap.last = 4
                    response.gaps = [gap]
                case .zeroGap: response.gaps = [gap]
                case .hugeKnown: response.knownThrough = .max
                case .lineage: response.otherLineages = [WireLineageMark()]
                case .tooManyErasures: response.erasures = Array(repeating: WireSigned(), count: 65)
                case .tooManyLineages: response.otherLineages = Array(repeating: WireLineageMark(), count: 65)
                }
            }
        }
        let snapshot = try await kiosk.run(records: 1) { _, snapshot in snapshot.lastFailure != nil }
        #expect(snapshot.lastFailure != nil)
        #expect(kiosk.outbox.pendingCount == 1)
    }

    @Test("the reason of a refusal is kept for the technician")
    func reasons() async throws {
        let kiosk = try Kiosk()
        kiosk.headquarters.state.withLock { state in
            state.changeReceipt = { receipt in
                receipt.results[0].code = .refused
                receipt.results[0].reason = "frame.malformed"
            }
        }
        _ = try await kiosk.run(records: 2) { kiosk, _ in kiosk.outbox.pendingCount == 0 }
        #expect(kiosk.outbox.model.withLock { $0.entries.map(\.state) } == [.quarantined, .receipted])
        #expect(kiosk.outbox.model.withLock { $0.entries.first?.reason } == "frame.malformed")
    }
}
