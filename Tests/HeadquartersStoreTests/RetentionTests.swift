// Records of a fair long over: what is personal leaves the files, counts and de-duplication stay.

import Foundation
import HeadquartersCore
import JobFair
import TestSupport
import Testing

@testable import HeadquartersStore

@Suite struct RetentionTests {
    private static let surname = "皇甫"
    private static let digits = "8642"

    private static func line() -> AuditLine {
        AuditLine(at: StoreFixture.now, actor: .terminal, action: .recordsWiped)
    }

    private func person(_ fixture: StoreFixture, _ index: Int, _ person: UInt8) -> ArrivedRecord {
        .opened(
            BackupFixture.real(fixture.envelope(index, ticket: "AB000\(index)")),
            StoreFixture.registration(person: person, surname: Self.surname, digits: Self.digits))
    }

    /// Two people with three slips, an entry, intents, a claim, wishes.
    private func fill(_ fixture: StoreFixture) async throws {
        try await fixture.ingest([person(fixture, 1, 1), person(fixture, 2, 1), person(fixture, 3, 2)])
        try await fixture.ingest([
            .opened(BackupFixture.real(fixture.envelope(4)), .entry(people: 1, isRehearsal: false))
        ])
        for index in 1...3 {
            _ = try await fixture.store.saveIntent(fixture.statement(index, vacancy: 3, digits: Self.digits))
        }
        _ = try await fixture.store.saveIntent(fixture.statement(77, vacancy: 3, digits: Self.digits))
    }

    @Test func nothingPersonalStaysAndTheCountsDo() async throws {
        let fixture = try await StoreFixture()
        try await fill(fixture)
        let before = try #require(try await fixture.figures())
        #expect(before.registrations == 2)
        let lastDay = try #require(fixture.catalogue.fair.days.max())
        #expect(try await fixture.store.expiredFairs(before: lastDay).isEmpty)
        let next = try #require(CalendarDate(year: 2027, month: 1, day: 17))
        let expired = try #require(try await fixture.store.expiredFairs(before: next).first)
        #expect(expired.records == 4)
        let done = try await fixture.store.wipe(expired.id, line: Self.line())
        #expect(done.records == 4)
        #expect(done.isGone)
        for name in ["headquarters.sqlite", "headquarters.sqlite-wal"] {
            let content = try Data(contentsOf: URL(fileURLWithPath: fixture.folder.file(name)))
            for word in [Self.surname, Self.digits, "AB0001", "a sealed frame of record"] {
                #expect(content.range(of: Data(word.utf8)) == nil, "\(word) in \(name)")
            }
        }
        let after = try #require(try await fixture.figures())
        #expect(after.registrations == before.registrations)
        #expect(after.entries == before.entries)
        #expect(after.intentPeople == before.intentPeople)
        #expect(after.intentPairs == before.intentPairs)
        #expect(try await fixture.store.expiredFairs(before: next).isEmpty)
        #expect(
            try await fixture.store.auditEntries(before: nil, limit: 5).first?.line.rows == 4)
        #expect(try await StoreCheck.run(stateFolder: fixture.folder.path).filter { $0.verdict == .wrong }.isEmpty)
    }

    @Test func aRecordThatComesOnceMoreIsKnown() async throws {
        let fixture = try await StoreFixture()
        try await fill(fixture)
        _ = try await fixture.store.wipe(fixture.catalogue.fair.id, line: Self.line())
        let again = try await fixture.ingest([person(fixture, 1, 1), person(fixture, 5, 3)])
        #expect(again.results.map(\.code) == [.duplicate, .accepted])
        let next = try #require(CalendarDate(year: 2027, month: 1, day: 17))
        // A stick from a drawer: taken in, counted, and gone with the next run.
        let late = try #require(try await fixture.store.expiredFairs(before: next).first)
        #expect(late.records == 1)
        #expect(try await fixture.store.wipe(late.id, line: Self.line()).records == 1)
        #expect(try await fixture.figures()?.registrations == 3)
        let list = try await fixture.store.employerList(
            of: StoreFixture.id(1, 1), at: fixture.catalogue.fair.id, for: .masked)
        #expect(list?.lines.isEmpty == true)
    }
}
