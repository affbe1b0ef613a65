// Erasing persons in a real file: what is stored, what arrives later, what is held, and what stays.

import Foundation
import GRDB
import HeadquartersCore
import HeadquartersStore
import JobFair
import TestSupport
import Testing

@Suite struct ErasureStoreTests {
    private static let now = StoreFixture.now
    private static let hour: Int64 = 3_600_000

    private func erasure(_ person: UInt8, before: Int64 = now, id: UInt8 = 1) -> Erasure {
        Erasure(
            directiveID: Data(repeating: id, count: 16), person: PersonKey(bytes: Data(repeating: person, count: 32)),
            before: before, signed: Data([id, person]))
    }

    /// Happened so long before `now`; NTP, so give or take two seconds.
    private func record(
        _ fixture: StoreFixture, _ index: Int, _ content: RecordContent, ago: Int64 = hour, ticket: String? = nil,
        variant: UInt8 = 0, frame: Data? = nil, fair: FairID? = nil
    ) -> ArrivedRecord {
        var envelope = fixture.envelope(
            index, variant: variant, ticket: ticket, fair: fair,
            clock: StoreFixture.clock(.ntp, wall: Self.now - ago))
        if let frame { envelope.frame = frame }
        return .opened(envelope, content)
    }

    private func intent(_ seeker: Int, vacancy: Int = 2) -> RecordContent {
        .intent(
            OpenedIntent(
                seeker: StoreFixture.id(50, seeker), vacancyID: StoreFixture.id(1, 100 + vacancy), level: .preliminary,
                passOnConsent: true, isWithdrawn: false, digits: "1234"))
    }

    private func rows(_ fixture: StoreFixture, _ sql: String) async throws -> Int {
        try await DatabaseQueue(path: fixture.folder.file("headquarters.sqlite")).read {
            try Int.fetchOne($0, sql: sql) ?? -1
        }
    }

    @Test func whatIsStoredOfAPersonGoesAndTheOthersStay() async throws {
        let fixture = try await StoreFixture()
        let secret = Data("eine versiegelte Anmeldung, zwei Seiten lang ".utf8)
        let long = Data((0..<300).flatMap { _ in secret })
        let seeker: RecordID = StoreFixture.id(50, 1)
        try await fixture.ingest([
            record(fixture, 1, StoreFixture.registration(person: 7), ticket: "AB0001", frame: long),
            record(fixture, 2, StoreFixture.registration(person: 8, surname: "李"), ticket: "AB0002"),
            record(fixture, 3, intent(1)), record(fixture, 4, .checkIn(seeker: seeker)),
            record(fixture, 5, .wishesChange(seeker: seeker, digits: "1234")),
            record(fixture, 6, .aboutSlip(kind: "slipCopy", seeker: seeker)), record(fixture, 7, intent(2)),
            record(fixture, 8, .entry(people: 1, isRehearsal: false)),
            record(fixture, 9, .consentChange(seeker: seeker, employer: StoreFixture.id(1, 1), isGiven: true)),
        ])
        _ = try await fixture.store.saveIntent(fixture.statement(1, vacancy: 5))
        let before = try await fixture.figures()
        #expect(before?.registrations == 2 && before?.intentPairs == 3 && before?.checkIns.first?.people == 1)

        let line = AuditLine(at: Self.now, actor: .terminal, action: .personErased, reason: "本人要求")
        let counts = try await fixture.store.erase([erasure(7)], line: line, at: Self.now)
        #expect(counts == ErasureCounts(directives: 1, registrations: 1, otherRecords: 5))
        let after = try await fixture.figures()
        #expect(after?.registrations == 1 && after?.intentPairs == 1 && after?.checkIns.isEmpty == true)
        #expect(after?.entries == 1)
        #expect(try await fixture.store.registration(seeker) == nil)
        #expect(try await fixture.store.registration(StoreFixture.id(50, 2))?.surname == "李")
        let audit = try await fixture.store.auditEntries(before: nil, limit: 1).first?.line
        #expect(audit?.action == .personErased && audit?.rows == 6)

        // Ids and digests stay, places in the chain too; what was said does not, in the file or its log.
        #expect(try await rows(fixture, "SELECT COUNT(*) FROM frame") == 9)
        #expect(try await rows(fixture, "SELECT COUNT(*) FROM frame WHERE length(bytes) = 0") == 6)
        #expect(try await rows(fixture, "SELECT COUNT(*) FROM record WHERE isErased = 1 AND kind = 'erased'") == 6)
        #expect(try await rows(fixture, "SELECT COUNT(*) FROM record WHERE ticket = 'AB0001'") == 0)
        for table in [
            "registration WHERE surname = '张'", "person WHERE personKey = x'\(String(repeating: "07", count: 32))'",
        ] {
            #expect(try await rows(fixture, "SELECT COUNT(*) FROM \(table)") == 0)
        }
        for table in ["intent", "intentClaim", "checkIn", "consentChange", "statedWishes"] {
            #expect(
                try await rows(
                    fixture, "SELECT COUNT(*) FROM \(table) WHERE seekerRecordID = x'\(hex(seeker))'") == 0, "\(table)")
        }
        for name in ["headquarters.sqlite", "headquarters.sqlite-wal"] {
            let bytes = (try? Data(contentsOf: URL(fileURLWithPath: fixture.folder.file(name)))) ?? Data()
            #expect(bytes.range(of: secret) == nil, "\(name) still holds the frame")
        }
        #expect(try await fixture.store.lineage(fixture.lineageID, of: fixture.deviceID).contiguousThrough == 9)
    }

    private func hex(_ id: RecordID) -> String { id.bytes.map { String(format: "%02x", $0) }.joined() }

    @Test func recordsThatArriveLaterAreErasedByTheirUpperBound() async throws {
        let fixture = try await StoreFixture()
        _ = try await fixture.store.erase([erasure(7, before: Self.now - Self.hour)], line: nil, at: Self.now)
        let first = try await fixture.ingest([
            // Two seconds before, give or take two: surely before.
            record(fixture, 1, StoreFixture.registration(person: 7), ago: Self.hour + 2_000),
            // One second before: it may have been after.
            record(fixture, 2, StoreFixture.registration(person: 7), ago: Self.hour + 1_000),
            record(fixture, 3, StoreFixture.registration(person: 8), ago: Self.hour + 9_000),
        ])
        #expect(first.results.map(\.code) == [.duplicateErased, .accepted, .accepted])
        #expect(try await fixture.figures()?.registrations == 2)
        #expect(first.lineage.contiguousThrough == 3, "an erased record leaves no gap")
        let again = try await fixture.ingest([
            record(fixture, 1, StoreFixture.registration(person: 7), ago: Self.hour + 2_000),
            record(fixture, 2, StoreFixture.registration(person: 7), ago: Self.hour + 1_000),
        ])
        #expect(again.results.map(\.code) == [.duplicateErased, .duplicate])
        // Also where it cannot be opened any more.
        let sealed = fixture.envelope(1, clock: StoreFixture.clock(.ntp, wall: Self.now - Self.hour - 2_000))
        let closed = try await fixture.ingest([.sealed(sealed, reason: .keyUnknown)])
        #expect(closed.results.map(\.code) == [.duplicateErased])
        #expect(try await rows(fixture, "SELECT COUNT(*) FROM frame WHERE length(bytes) > 0") == 2)
        #expect(try await rows(fixture, "SELECT COUNT(*) FROM record") == 2)
    }

    @Test func whatNamesAnErasedSlipGoesWithItInAnyOrder() async throws {
        let fixture = try await StoreFixture()
        // Intent and check-in arrive first, from another kiosk; nobody knows yet whose they are.
        try await fixture.ingest([
            record(fixture, 2, intent(1)), record(fixture, 3, .checkIn(seeker: StoreFixture.id(50, 1))),
        ])
        _ = try await fixture.store.erase([erasure(7)], line: nil, at: Self.now)
        #expect(try await rows(fixture, "SELECT COUNT(*) FROM intentClaim") == 1)
        let arrived = try await fixture.ingest([record(fixture, 1, StoreFixture.registration(person: 7))])
        #expect(arrived.results.map(\.code) == [.duplicateErased])
        #expect(try await rows(fixture, "SELECT COUNT(*) FROM intentClaim") == 0)
        #expect(try await rows(fixture, "SELECT COUNT(*) FROM checkIn") == 0)
        #expect(try await rows(fixture, "SELECT COUNT(*) FROM frame WHERE length(bytes) > 0") == 0)
        // And what comes after it.
        let later = try await fixture.ingest([
            record(fixture, 4, intent(1), ago: 0),
            record(fixture, 5, .wishesChange(seeker: StoreFixture.id(50, 1), digits: "1")),
        ])
        #expect(later.results.map(\.code) == [.duplicateErased, .duplicateErased])
        // The slip's holder on a phone: nothing is kept of what is typed.
        #expect(try await fixture.store.saveIntent(fixture.statement(1, vacancy: 4)) == .tooManyTries)
        #expect(try await rows(fixture, "SELECT COUNT(*) FROM digitTry") == 0)
    }

    @Test func somebodyWhoComesAgainIsANewRegistration() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest([record(fixture, 1, StoreFixture.registration(person: 7))])
        _ = try await fixture.store.erase([erasure(7, before: Self.now - 60_000)], line: nil, at: Self.now)
        #expect(try await fixture.figures()?.registrations == 0)
        let again = try await fixture.ingest([
            record(fixture, 2, StoreFixture.registration(person: 7), ago: 0), record(fixture, 3, intent(2), ago: 0),
        ])
        #expect(again.results.map(\.code) == [.accepted, .accepted])
        #expect(try await fixture.figures()?.intentPairs == 1)
        // A second, later erasure takes the new one.
        let later = erasure(7, before: Self.now + 10_000, id: 2)
        #expect(try await fixture.store.erase([later], line: nil, at: Self.now).records == 2)
        #expect(try await fixture.store.erase([later], line: nil, at: Self.now) == ErasureCounts())
    }

    @Test func heldFramesThatOpenLaterAreErased() async throws {
        let fixture = try await StoreFixture()
        let later = StoreFixture.makeCatalogue(seed: 9)
        let unknownFair = record(fixture, 1, StoreFixture.registration(person: 7), fair: later.fair.id)
        let conflict = record(fixture, 2, StoreFixture.registration(person: 7), variant: 9)
        try await fixture.ingest([
            unknownFair, record(fixture, 2, StoreFixture.registration(person: 8)), conflict,
        ])
        #expect(try await rows(fixture, "SELECT COUNT(*) FROM frame WHERE state = 'held'") == 2)
        #expect(try await fixture.store.erase([erasure(7)], line: nil, at: Self.now).records == 0)
        for held in [unknownFair, conflict] {
            #expect(try await !fixture.store.takeHeld(held, at: Self.now))
        }
        #expect(try await rows(fixture, "SELECT COUNT(*) FROM frame WHERE state = 'held'") == 0)
        #expect(try await rows(fixture, "SELECT COUNT(*) FROM frame WHERE length(bytes) = 0") == 2)
        // The other person under the same id stays, and so do records that name its slip.
        #expect(try await fixture.figures()?.registrations == 1)
        let naming = try await fixture.ingest([record(fixture, 3, intent(2))])
        #expect(naming.results.map(\.code) == [.accepted])
        #expect(try await fixture.ingest([conflict]).results.map(\.code) == [.duplicateErased])
    }

    @Test func directivesAreOfferedUntilAKioskSaysToHoldThem() async throws {
        let fixture = try await StoreFixture()
        let all = (1...70).map { erasure(UInt8($0), id: UInt8($0)) }
        _ = try await fixture.store.erase(all, line: nil, at: Self.now)
        let other = Data(repeating: 0x22, count: 16)
        let open = { (lineage: Data) in
            try await fixture.store.erasures(unconfirmedBy: fixture.deviceID, lineageID: lineage, limit: 64)
        }
        #expect(try await open(fixture.lineageID) == all.prefix(64).map(\.signed))
        let contact = { (lineage: Data, ids: [Data]) in
            KioskContact(
                deviceID: fixture.deviceID, lineageID: lineage, lastSequence: 0, pendingRecords: 0,
                softwareVersion: "1",
                problems: [], anchor: StoreFixture.clock(.none), at: Self.now, directiveIDs: ids)
        }
        let unknown = Data(repeating: 200, count: 16)
        try await fixture.store.noteContact(contact(fixture.lineageID, all.prefix(64).map(\.directiveID) + [unknown]))
        #expect(try await open(fixture.lineageID) == all.dropFirst(64).map(\.signed))
        // A new lineage may be a new file, without the directives of the old one.
        try await fixture.store.noteContact(contact(other, []))
        #expect(try await open(other).count == 64)
        #expect(try await fixture.store.erasures().count == 70)
    }

    @Test func recordsOfAnOlderProgramAreLinkedAndThenErased() async throws {
        let fixture = try await StoreFixture()
        try await fixture.ingest([
            record(fixture, 1, StoreFixture.registration(person: 7)), record(fixture, 2, intent(1)),
        ])
        try await DatabaseQueue(path: fixture.folder.file("headquarters.sqlite")).write {
            try $0.execute(
                sql: """
                    INSERT INTO unlinkedRecord SELECT digest FROM record WHERE kind = 'intent';
                    UPDATE record SET seekerRecordID = NULL
                    """)
        }
        let unlinked = try await fixture.store.unlinkedFrames(after: Data(), limit: 10)
        #expect(unlinked.map(\.digest) == [StoreFixture.digest(2)])
        #expect(try await fixture.store.erase([erasure(7)], line: nil, at: Self.now).otherRecords == 0)
        let seeker: RecordID = StoreFixture.id(50, 1)
        try await fixture.store.linkFrames([SlipLink(digest: StoreFixture.digest(2), seeker: Data(seeker.bytes))])
        #expect(try await rows(fixture, "SELECT COUNT(*) FROM frame WHERE length(bytes) > 0") == 0)
        #expect(try await fixture.store.unlinkedFrames(after: Data(), limit: 10).isEmpty)
    }

    @Test(
        arguments: [
            ("本人书面申请 2027-01-15", true), ("短", false), ("身份证 999999199001010015", false), ("电话13900001234", false),
            ("电话 139 0000 1234", false), (String(repeating: "长", count: 101), false), ("案卷 20271 号", true),
        ])
    func aReasonHoldsNoNumbers(_ reason: String, _ isTaken: Bool) {
        #expect(ErasureLimits.isReason(reason) == isTaken)
    }
}
