// Orders to kiosks and what is reported of them, in a real file.

import Foundation
import GRDB
import HeadquartersCore
import HeadquartersStore
import JobFair
import TestSupport
import Testing

@Suite struct KioskOrderTests {
    private static let entry = RecordContent.entry(people: 1, isRehearsal: false)
    private static let now = StoreFixture.now

    private func line(_ action: AuditAction) -> AuditLine {
        AuditLine(at: Self.now, actor: .terminal, action: action, reason: "试")
    }

    @discardableResult
    private func hello(
        _ fixture: StoreFixture, last: Int64, digest: Data? = nil, lineage: Data? = nil, open: FairID? = nil,
        ids: [Data] = [], at: Int64 = now, problems: [String] = [], pending: Int = 0
    ) async throws -> KioskOrders {
        try await fixture.store.noteContact(
            KioskContact(
                deviceID: fixture.deviceID, lineageID: lineage ?? fixture.lineageID, lastSequence: last,
                pendingRecords: pending, softwareVersion: "1", problems: problems, anchor: StoreFixture.clock(.none),
                at: at, lastDigest: digest ?? (last > 0 ? StoreFixture.digest(Int(last)) : Data()), openFair: open,
                directiveIDs: ids))
    }

    private func findings(_ fixture: StoreFixture, now: Int64 = now) async throws -> [KioskFinding] {
        try await fixture.store.kioskReports(now: now).first?.findings ?? []
    }

    // MARK: Revocation

    @Test func recordsOfARevokedKioskAreHeldUntilItIsReinstated() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest([.opened(fixture.envelope(1), Self.entry)])
        let id = Data(repeating: 5, count: 16)
        #expect(try await fixture.store.revoke(fixture.deviceID, directiveID: id, line: line(.kioskRevoked)))
        #expect(try await !fixture.store.revoke(fixture.deviceID, directiveID: id, line: line(.kioskRevoked)))
        #expect(try await hello(fixture, last: 1).revocationID == id)
        #expect(try await fixture.store.device(fixture.deviceID)?.isRevoked == true)
        let records = [1, 2, 3].map { ArrivedRecord.opened(fixture.envelope($0), Self.entry) }
        let report = try await fixture.ingest(records)
        #expect(report.results.map(\.code) == [.duplicate, .held, .held])
        #expect(report.results.last?.reason == .deviceRevoked)
        #expect(try await fixture.figures()?.entries == 1)
        #expect(try await findings(fixture).map(\.kind) == [.revoked, .held])
        // Nothing is taken in while it is revoked, and everything afterwards, whether or not it is sent again.
        #expect(try await fixture.store.heldFrames([.deviceRevoked], after: Data(), limit: 9).isEmpty)
        #expect(try await !fixture.store.takeHeld(records[1], at: Self.now))
        #expect(try await fixture.store.reinstate(fixture.deviceID, line: line(.kioskReinstated)))
        #expect(try await !fixture.store.reinstate(fixture.deviceID, line: line(.kioskReinstated)))
        #expect(try await hello(fixture, last: 3).revocationID == nil)
        #expect(try await fixture.store.heldFrames([.deviceRevoked], after: Data(), limit: 9).count == 2)
        #expect(try await fixture.store.takeHeld(records[1], at: Self.now))
        #expect(try await fixture.ingest([records[2]]).results.map(\.code) == [.accepted])
        #expect(try await fixture.figures()?.entries == 3)
        #expect(try await findings(fixture).isEmpty)
    }

    @Test func whatWasHeldForOneReasonStaysHeldForTheNext() async throws {
        let fixture = try await StoreFixture()
        _ = try await fixture.store.revoke(fixture.deviceID, directiveID: Data(count: 16), line: line(.kioskRevoked))
        let record = ArrivedRecord.opened(fixture.envelope(1, fair: StoreFixture.id(99)), Self.entry)
        #expect(try await fixture.ingest([record]).results.first?.reason == .deviceRevoked)
        _ = try await fixture.store.reinstate(fixture.deviceID, line: line(.kioskReinstated))
        #expect(try await !fixture.store.takeHeld(record, at: Self.now))
        #expect(try await findings(fixture).filter { $0.kind == .held }.map(\.reason) == ["fair.unknown"])
    }

    // MARK: Lineages

    @Test func aKioskThatKnowsLessIsToldToLeaveItsLineage() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest((1...5).map { .opened(fixture.envelope($0), Self.entry) })
        let orders = try await hello(fixture, last: 3)
        #expect(orders.newObjection == .rollback && orders.leaveID?.count == 16)
        let again = try await hello(fixture, last: 3)
        #expect(again.newObjection == nil && again.leaveID == orders.leaveID)
        let seen = try await findings(fixture)
        #expect(seen.map(\.kind) == [.rollback] && seen.first?.count == 2 && seen.first?.hasLeft == false)
        let fresh = Data(repeating: 0x33, count: 16)
        #expect(try await hello(fixture, last: 0, lineage: fresh).leaveID == nil)
        #expect(try await findings(fixture).first?.hasLeft == true)
        // Records made under numbers that were used before come in all the same, and show the fork.
        let branch = try await fixture.ingest([
            .opened(fixture.envelope(40, sequence: 4, previous: StoreFixture.digest(3)), Self.entry)
        ])
        #expect(branch.results.map(\.code) == [.accepted] && branch.forks == 1)
        #expect(Set(try await findings(fixture).map(\.kind)) == [.rollback, .fork])
    }

    @Test func aHelloThatWasOvertakenIsNoRollback() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest((1...5).map { .opened(fixture.envelope($0), Self.entry) })
        #expect(try await hello(fixture, last: 3).leaveID != nil)
        let next = try await hello(fixture, last: 5)
        #expect(next.leaveID == nil && next.newObjection == nil)
        #expect(try await findings(fixture).isEmpty)
    }

    @Test("the original of a copied card leaves, too, where its copy has obeyed", arguments: [true, false])
    func theOtherCardIsNoOvertakenHello(copyHasBegunAnew: Bool) async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest((1...5).map { .opened(fixture.envelope($0), Self.entry) })
        let order = try #require(try await hello(fixture, last: 3).leaveID)
        if copyHasBegunAnew {
            _ = try await hello(fixture, last: 0, lineage: Data(repeating: 0x33, count: 16), at: Self.now + 1)
        } else {
            // What the copy wrote has come by stick.
            try await fixture.ingest([
                .opened(fixture.envelope(40, sequence: 4, previous: StoreFixture.digest(3)), Self.entry)
            ])
        }
        #expect(try await hello(fixture, last: 5, at: Self.now + 2).leaveID == order)
        #expect(try await findings(fixture).contains { $0.kind == .rollback })
    }

    @Test func anotherNewestRecordShowsTwoKiosksOnOneIdentity() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest((1...3).map { .opened(fixture.envelope($0), Self.entry) })
        let orders = try await hello(fixture, last: 3, digest: StoreFixture.digest(3, 9))
        #expect(orders.newObjection == .fork && orders.leaveID != nil)
        // It is not taken back by the other one of the two.
        #expect(try await hello(fixture, last: 3).leaveID == orders.leaveID)
        #expect(try await findings(fixture).map(\.kind) == [.fork])
    }

    @Test func aForkThatArrivesOrdersANewLineage() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest([.opened(fixture.envelope(1), Self.entry), .opened(fixture.envelope(2), Self.entry)])
        #expect(try await hello(fixture, last: 2).leaveID == nil)
        try await fixture.ingest([
            .opened(fixture.envelope(30, sequence: 2, previous: StoreFixture.digest(1)), Self.entry)
        ])
        #expect(try await hello(fixture, last: 2).leaveID != nil)
    }

    @Test func eachCardThatIsToldToLeaveGetsLettersOfItsOwn() async throws {
        let fixture = try await StoreFixture()
        let fair = fixture.catalogue.fair.id
        let first = try await fixture.store.ticketPairs(for: fixture.deviceID, at: fair)
        try await fixture.ingest((1...3).map { .opened(fixture.envelope($0), Self.entry) })
        #expect(try await hello(fixture, last: 3, open: fair).ticketPairs.isEmpty)
        try await fixture.ingest([
            .opened(fixture.envelope(30, sequence: 3, previous: StoreFixture.digest(2)), Self.entry)
        ])
        let one = try await hello(fixture, last: 3, open: fair).ticketPairs
        #expect(Array(one.dropLast()) == first && !first.contains(one.last ?? ""))
        // A lost answer.
        #expect(try await hello(fixture, last: 3, open: fair).ticketPairs == one)
        // Put back once more, before it said hello in its new lineage: a number with these letters has come.
        try await fixture.ingest([
            .opened(fixture.envelope(70, sequence: 70, ticket: "\(one.last ?? "")0001"), StoreFixture.registration())
        ])
        let again = try await hello(fixture, last: 3, open: fair).ticketPairs
        #expect(again.count == 6 && Array(again.dropLast()) == one)
        // The other card.
        let other = try await hello(fixture, last: 3, digest: StoreFixture.digest(30), open: fair).ticketPairs
        #expect(Array(other.dropLast()) == again && !again.contains(other.last ?? ""))
        // The first one is in its new lineage, and is put back to where it was told.
        let fresh = Data(repeating: 0x33, count: 16)
        #expect(try await hello(fixture, last: 0, lineage: fresh, open: fair).ticketPairs.isEmpty)
        let back = try await hello(fixture, last: 3, digest: StoreFixture.digest(30), open: fair).ticketPairs
        #expect(Set(back).count == 8 && back.last != other.last)
        #expect(try await hello(fixture, last: 3, digest: StoreFixture.digest(1)).ticketPairs.isEmpty, "none is open")
        var seen: Set<String> = []
        for index in 40..<60 {
            let told = try await hello(fixture, last: 3, digest: StoreFixture.digest(index), open: fair).ticketPairs
            if let pair = told.last { #expect(seen.insert(pair).inserted) }
        }
        #expect(try await fixture.store.ticketPairs(for: fixture.deviceID, at: fair).count == 16)
    }

    @Test func aTechnicianOrdersANewLineage() async throws {
        let fixture = try await StoreFixture()
        let id = Data(repeating: 6, count: 16)
        let order = {
            try await fixture.store.orderNewLineage(
                of: fixture.deviceID, lineageID: nil, directiveID: id, line: line(.lineageOrdered))
        }
        #expect(try await order() == nil, "it never said hello")
        try await hello(fixture, last: 0)
        #expect(try await order() == fixture.lineageID)
        #expect(try await order() == nil)
        #expect(try await hello(fixture, last: 0).leaveID == id)
    }

    // MARK: Fair and day

    private func dayOrder(
        _ fixture: StoreFixture, _ change: FairDayChange, id: UInt8, day: String = "2027-01-15", at: Int64 = now
    ) throws -> DayOrder {
        DayOrder(
            directiveID: Data(repeating: id, count: 16), deviceID: fixture.deviceID, fairID: fixture.catalogue.fair.id,
            change: change, day: try #require(CalendarDate(day)), madeAt: at)
    }

    @Test func aDayOrderIsDeliveredUntilARecordShowsItDone() async throws {
        let fixture = try await StoreFixture()
        let order = try dayOrder(fixture, .fairOpened, id: 1)
        try await fixture.store.order(order, line: line(.dayOrdered))
        #expect(try await hello(fixture, last: 0).dayOrders == [order])
        #expect(try await hello(fixture, last: 0).dayOrders == [order])
        #expect(try await findings(fixture).map(\.kind) == [.dayOrder])
        func said(_ index: Int, _ change: FairDayChange, _ day: String, by headquarters: Bool = true, ago: Int64 = 0)
            -> ArrivedRecord
        {
            .opened(
                fixture.envelope(index, clock: Self.clock(ago: ago)),
                .dayChange(OpenedDayChange(change: change, day: CalendarDate(day), isByHeadquarters: headquarters)))
        }
        // Another day, another change, and what a technician did an hour before the order, show nothing.
        try await fixture.ingest([
            said(1, .fairOpened, "2027-01-16"), said(2, .fairClosed, "2027-01-15"),
            said(3, .fairOpened, "2027-01-15", by: false, ago: 3_600_000),
        ])
        #expect(try await hello(fixture, last: 3).dayOrders == [order])
        try await fixture.ingest([said(4, .fairOpened, "2027-01-15")])
        #expect(try await hello(fixture, last: 4).dayOrders.isEmpty)
        #expect(try await fixture.store.openDayOrders().isEmpty)
    }

    @Test func ordersEndByOthersByHelloAndByTheDay() async throws {
        let fixture = try await StoreFixture()
        let fair = fixture.catalogue.fair.id
        try await fixture.store.order(try dayOrder(fixture, .fairOpened, id: 1), line: line(.dayOrdered))
        let newer = try dayOrder(fixture, .dayOpened, id: 2, day: "2027-01-16")
        try await fixture.store.order(newer, line: line(.dayOrdered))
        #expect(try await fixture.store.openDayOrders() == [newer])
        #expect(try await hello(fixture, last: 0, ids: [newer.directiveID]).dayOrders.isEmpty)
        let close = try dayOrder(fixture, .fairClosed, id: 3)
        try await fixture.store.order(close, line: line(.dayOrdered))
        #expect(try await hello(fixture, last: 0, open: fair).dayOrders == [close])
        #expect(try await hello(fixture, last: 0).dayOrders.isEmpty, "nothing is open there any more")
        let late = try dayOrder(fixture, .fairOpened, id: 4)
        try await fixture.store.order(late, line: line(.dayOrdered))
        #expect(try await hello(fixture, last: 0, at: Self.now + 86_400_000).dayOrders.isEmpty, "that day is over")
    }

    /// Of another boot than the hellos: its wall clock is the evidence.
    private static func clock(ago: Int64) -> ClockSample {
        ClockSample(
            wallMilliseconds: now - ago, bootID: Data(repeating: 2, count: 16), bootCounter: 2, bootMilliseconds: 0,
            quality: .ntp)
    }

    // MARK: Reports

    @Test func gapsAreListedWithTheirBeginning() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest([1, 2].map { .opened(fixture.envelope($0), Self.entry) })
        try await fixture.ingest([.opened(fixture.envelope(5), Self.entry)], at: Self.now + 1_000)
        try await fixture.ingest([.opened(fixture.envelope(9), Self.entry)], at: Self.now + 2_000)
        let gap = try await findings(fixture).first { $0.kind == .gap }
        #expect(gap?.kind == .gap && gap?.ranges == [3...4, 6...8] && gap?.count == 5)
        #expect(gap?.since == Self.now + 1_000 && gap?.lineageID == fixture.lineageID)
        // What the kiosk once spoke of and never sent, once it lives in another lineage.
        try await hello(fixture, last: 12)
        #expect(try await findings(fixture).first?.count == 5)
        try await hello(fixture, last: 0, lineage: Data(repeating: 0x44, count: 16))
        let tail = try await findings(fixture).first
        #expect(tail?.ranges == [3...4, 6...8, 10...12] && tail?.count == 8 && tail?.hasLeft == true)
    }

    @Test func silenceIsSaidOnlyWhileAFairIsOn() async throws {
        let fixture = try await StoreFixture()
        let quarter = KioskState.silentMilliseconds
        // 2027-01-15 is a day of its fair.
        #expect(try await findings(fixture).map(\.kind) == [.silent])
        try await hello(fixture, last: 0)
        #expect(try await findings(fixture, now: Self.now + quarter).isEmpty)
        #expect(try await findings(fixture, now: Self.now + quarter + 1).map(\.kind) == [.silent])
        #expect(try await findings(fixture, now: Self.now + 30 * 86_400_000).isEmpty)
        try await hello(fixture, last: 0, open: fixture.catalogue.fair.id)
        #expect(try await findings(fixture, now: Self.now + 30 * 86_400_000).map(\.kind) == [.silent])
    }

    private func markSeen(_ fixture: StoreFixture, _ finding: KioskFinding) async throws -> Bool {
        try await fixture.store.markSeen(
            finding.kind, of: fixture.deviceID, lineageID: finding.lineageID ?? Data(), through: finding.mark,
            by: "zhang.min", line: line(.alarmSeen))
    }

    @Test func aForkThatWasSeenStaysSeenAndANewOneAlarmsAgain() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest((1...3).map { .opened(fixture.envelope($0), Self.entry) })
        let branch = { (index: Int) in
            ArrivedRecord.opened(
                fixture.envelope(index, sequence: 2, previous: StoreFixture.digest(1)), Self.entry)
        }
        try await hello(fixture, last: 3)
        try await fixture.ingest([branch(30)])
        let first = try #require(try await findings(fixture).first { $0.kind == .fork })
        #expect(first.seen == nil && first.count == 1)
        // One more comes while the page lies on the screen: it was not on it.
        try await fixture.ingest([branch(31)], at: Self.now + 5)
        #expect(try await markSeen(fixture, first))
        #expect(try await !markSeen(fixture, first))
        let both = try await findings(fixture).filter { $0.kind == .fork }
        #expect(both.map(\.count) == [1, 1] && both.map(\.since) == [Self.now + 5, Self.now])
        #expect(both.map(\.seen) == [nil, SeenMark(by: "zhang.min", at: Self.now)])
        #expect(try await markSeen(fixture, both[0]))
        let report = try #require(try await fixture.store.kioskReports(now: Self.now).first)
        #expect(report.toDo.allSatisfy { $0.kind != .fork } && report.seen.map(\.count) == [2])
        // A page cannot see what is still to come.
        var ahead = both[0]
        ahead.mark = .max
        try await fixture.ingest([branch(32)])
        #expect(try await markSeen(fixture, ahead))
        try await fixture.ingest([branch(33)])
        #expect(try await findings(fixture).first { $0.kind == .fork }?.seen == nil)
        let audit = try await fixture.store.auditEntries(before: nil, limit: 9).map(\.line.action)
        #expect(audit == [.alarmSeen, .alarmSeen, .alarmSeen])
    }

    @Test func conflictsRollbacksAndForksThatHelloToldAreSeenToo() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest((1...3).map { .opened(fixture.envelope($0), Self.entry) })
        try await fixture.ingest([.opened(fixture.envelope(3, variant: 1), Self.entry)])
        let alarms = try await findings(fixture).filter(\.kind.isAlarm)
        // What is held of a conflict is no second alarm.
        #expect(try await !findings(fixture).contains { $0.kind == .held })
        #expect(Set(alarms.map(\.kind)) == [.fork, .conflict])
        for alarm in alarms { #expect(try await markSeen(fixture, alarm)) }
        #expect(try await findings(fixture).filter { $0.kind.isAlarm && $0.seen == nil }.isEmpty)
        #expect(try await !markSeen(fixture, KioskFinding(.gap, lineageID: fixture.lineageID)))
        let back = try await StoreFixture()
        try await back.ingest((1...3).map { .opened(back.envelope($0), Self.entry) })
        try await hello(back, last: 1)
        let rollback = try #require(try await findings(back).first)
        #expect(rollback.kind == .rollback)
        #expect(try await markSeen(back, rollback))
        #expect(try await findings(back).map(\.seen?.by) == ["zhang.min"])
        let other = try await StoreFixture()
        try await other.ingest((1...3).map { .opened(other.envelope($0), Self.entry) })
        try await hello(other, last: 3, digest: StoreFixture.digest(3, 9))
        let told = try #require(try await findings(other).first)
        #expect(told.kind == .fork && told.count == 0)
        #expect(try await markSeen(other, told))
        #expect(try await findings(other).map(\.seen?.by) == ["zhang.min"])
        try await other.ingest([.opened(other.envelope(9, sequence: 3, previous: StoreFixture.digest(2)), Self.entry)])
        #expect(try await findings(other).map(\.seen) == [nil])
    }

    @Test func whatHelloSaysIsReported() async throws {
        let fixture = try await StoreFixture()
        try await hello(fixture, last: 0, problems: ["recordQuarantined", "printerFailing"], pending: 4)
        let found = try await findings(fixture)
        #expect(found.map(\.kind) == [.quarantined, .pending] && found.last?.count == 4)
    }
}
