// Browsing, lists and slips of single vacancies, over the real store.

import Foundation
import GRDB
import JobFair
import KioskCore
import TestSupport
import Testing

@testable import KioskStore

@Suite struct VacancyDeskTests {
    @Test func onlyOpenVacanciesOfVerifiedEmployersAreShown() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store)
            let vacancies = VacancyFixture()
            desk.offer(vacancies)
            let page = try await desk.desk.vacancies(VacancyQuery())
            #expect(page.total == 1 && page.cards.map(\.vacancy.id) == [vacancies.open.id])
            #expect(page.cards.first?.booth == "A12" && page.cards.first?.occupation == .sewing)
            #expect(try await desk.desk.vacancy(vacancies.open.id) == page.cards.first)
            for id in [vacancies.filled.id, vacancies.hidden.id, .random()] {
                #expect(await deskError { try await desk.desk.vacancy(id) } == "vacancyNotFound")
                #expect(
                    await deskError { try await desk.desk.printVacancy(id, recordID: .random()) } == "vacancyNotFound")
            }
            let tiles = try await desk.desk.occupations()
            #expect(tiles.count == Occupation.allCases.count && tiles.map(\.vacancies).reduce(0, +) == 1)
            _ = try await store.commit(fixture.opening(closes: true), clock: .test)
            #expect(await deskError { try await desk.desk.vacancies(VacancyQuery()) } == "noFairOpen")
            #expect(
                await deskError { try await desk.desk.matches(Wishes(), scanned: nil, count: 5) } == "noFairOpen")
        }
    }

    @Test func aNewCatalogueIsMadeReadyBesideTheRequests() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store)
            var vacancies = VacancyFixture()
            desk.offer(vacancies)
            #expect(try await desk.desk.vacancies(VacancyQuery()).total == 1)
            vacancies = VacancyFixture()
            desk.fairs.offer(
                [vacancies.open, VacancyFixture.vacancy("焊工", of: vacancies.employer)], of: [vacancies.employer])
            // Still the old ones; whoever keeps the shelf is told.
            #expect(try await desk.desk.vacancies(VacancyQuery()).total == 1)
            var stale = desk.shelf.stale.makeAsyncIterator()
            let fair = try #require(await stale.next())
            try await desk.shelf.renew(fair)
            #expect(try await desk.desk.vacancies(VacancyQuery()).total == 2)
        }
    }

    @Test func noEmployerStandsFirstTooOften() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store)
            let employers = (0..<8).map {
                Employer(id: .random(), name: "企业\($0)", booth: "A\($0)", isVerified: true)
            }
            desk.fairs.offer(
                employers.map { VacancyFixture.vacancy("缝纫工", of: $0, occupation: .sewing) }, of: employers)
            var first: [EmployerID: Int] = [:]
            for _ in 0..<200 {
                let lines = try await desk.desk.matches(Wishes(occupations: ["sewing"]), scanned: nil, count: 5).lines
                #expect(lines.count == 5)
                if let line = lines.first { first[line.card.employer.id, default: 0] += 1 }
            }
            #expect(first.values.allSatisfy { $0 <= 40 })
        }
    }

    @Test func theSlipOfAVacancyIsPrintedOnceUnderItsID() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store)
            let vacancies = VacancyFixture()
            desk.offer(vacancies)
            let (seeker, slip) = (RecordID.random(), RecordID.random())
            _ = try await desk.register(seeker)
            let records = try await store.counts().records
            for _ in 0..<30 { try await desk.desk.printVacancy(vacancies.open.id, recordID: slip) }
            #expect(try await store.counts().records == records)
            #expect(await desk.desk.printState(of: slip) == .queued)
            #expect(
                await deskError { try await desk.desk.printVacancy(vacancies.filled.id, recordID: slip) } == "conflict")
            #expect(
                await deskError { try await desk.desk.printVacancy(vacancies.open.id, recordID: seeker) } == "conflict")
            let job = try #require(try await store.nextPrintJob())
            #expect(job.content == .vacancy(vacancies.open.id, StoreFixture.fair) && !job.isCopy)
            try await store.finishPrintJob(job.id, as: .printed)
            #expect(await desk.desk.printState(of: slip) == .printed)
            if case .registration(let record) = try await store.nextPrintJob()?.content {
                #expect(record.recordID == seeker)
            } else {
                Issue.record("the registration's slip waits")
            }
        }
    }

    /// Somebody has walked off to the booth by the time a dead printer is back.
    @Test func theSlipOfAVacancyNeverComesOutLater() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store)
            let vacancies = VacancyFixture()
            desk.offer(vacancies)
            let seeker = RecordID.random()
            _ = try await desk.register(seeker)
            func queue() async throws -> RecordID {
                let id = RecordID.random()
                try await desk.desk.printVacancy(vacancies.open.id, recordID: id)
                return id
            }
            // The printer fails with the second: neither waits for it.
            let (first, second) = (try await queue(), try await queue())
            let job = try #require(try await store.nextPrintJob())
            try await store.finishPrintJob(job.id, as: .queued)
            #expect(try await store.printState(of: second) == .failed)
            #expect(try await store.printState(of: first) == .failed)
            // It fails with a registration, which is put back.
            let third = try await queue()
            let fourth = try #require(try await store.nextPrintJob())
            try await store.finishPrintJob(fourth.id, as: .printed)
            #expect(try await store.printState(of: third) == .printed)
            let registration = try #require(try await store.nextPrintJob())
            let fifth = try await queue()
            try await store.finishPrintJob(registration.id, as: .queued)
            #expect(try await store.printState(of: fifth) == .failed)
            #expect(try await store.printState(of: seeker) == .queued)
            // Some of it may be on paper, or the power went meanwhile: nobody knows, and it is not tried again.
            let sixth = try await queue()
            let unknown = try #require(try await store.nextPrintJob())
            let seventh = try await queue()
            #expect(try await store.abandonPrintJobs() == 1)
            try await store.finishPrintJob(unknown.id, as: .queued)
            #expect(try await store.printState(of: sixth) == .unknown)
            #expect(try await store.printState(of: seventh) == .failed)
            #expect(try await store.nextPrintJob()?.id == registration.id)
            #expect(try await store.nextPrintJob() == nil)
        }
    }

    @Test func withoutAPrinterNoSlipIsQueued() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let (printing, dead) = (DeskFixture(fixture, store), DeskFixture(fixture, store, isPrinting: false))
            let (vacancies, slip) = (VacancyFixture(), RecordID.random())
            for desk in [printing, dead] { desk.offer(vacancies) }
            #expect(
                await deskError { try await dead.desk.printVacancy(vacancies.open.id, recordID: slip) }
                    == "printerUnavailable")
            #expect(try await store.printState(of: slip) == nil)
            try await printing.desk.printVacancy(vacancies.open.id, recordID: slip)
            // A repeat is answered as before.
            try await dead.desk.printVacancy(vacancies.open.id, recordID: slip)
            #expect(
                await deskError { try await dead.desk.printVacancy(vacancies.filled.id, recordID: .random()) }
                    == "vacancyNotFound")
        }
    }

    @Test func slipsOfVacanciesAreLimitedAndEndWithTheFair() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            let desk = DeskFixture(fixture, store)
            let vacancies = VacancyFixture()
            desk.offer(vacancies)
            let ids = (0..<RegistrationDesk.vacancySlipsMax).map { _ in RecordID.random() }
            for id in ids { try await desk.desk.printVacancy(vacancies.open.id, recordID: id) }
            let error = await deskError { try await desk.desk.printVacancy(vacancies.open.id, recordID: .random()) }
            #expect(error?.hasPrefix("tooManyVacancySlips") == true)
            #expect(try await store.counts().printJobsWaiting == ids.count)
            // Two more, past the desk: the two that have waited longest are given up.
            for _ in 0..<2 { try await store.queueVacancySlip(.random(), vacancy: vacancies.open.id) }
            #expect(try await store.counts().printJobsWaiting == vacancySlipsWaitingMax)
            #expect(try await store.printState(of: ids[1]) == .failed)
            #expect(try await store.printState(of: ids[2]) == .queued)
            let job = try #require(try await store.nextPrintJob())
            _ = try await store.commit(fixture.opening(closes: true), clock: .test)
            #expect(try await store.nextPrintJob() == nil)
            try await store.finishPrintJob(job.id, as: .queued)
            #expect(try await store.nextPrintJob() == nil)
            #expect(try await store.counts().printJobsWaiting == 0)
            #expect(
                await storeError { try await store.queueVacancySlip(.random(), vacancy: vacancies.open.id) }
                    == .noFairOpen)
        }
    }
}

@Suite struct PrintJobMigrationTests {
    /// The tables as version 1 had them.
    private static let back = """
        CREATE TABLE old (
            id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, registration INTEGER NOT NULL REFERENCES deskEntry (record),
            isCopy INTEGER NOT NULL CHECK (isCopy IN (0, 1)),
            state TEXT NOT NULL DEFAULT 'queued'
                CHECK (state IN ('queued', 'printing', 'printed', 'failed', 'unknown')),
            attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0)
        ) STRICT;
        INSERT INTO old SELECT id, registration, isCopy, state, attempts FROM printJob;
        DROP TABLE printJob;
        ALTER TABLE old RENAME TO printJob;
        CREATE INDEX printJobByState ON printJob (state, id);
        CREATE INDEX printJobByRegistration ON printJob (registration);
        CREATE TABLE old (
            record INTEGER NOT NULL PRIMARY KEY REFERENCES record (position),
            state TEXT NOT NULL CHECK (state IN ('pending', 'receipted', 'quarantined', 'purged')), frame BLOB
        ) STRICT;
        INSERT INTO old SELECT record, state, frame FROM outbox;
        DROP TABLE outbox;
        ALTER TABLE old RENAME TO outbox;
        ALTER TABLE chain DROP COLUMN durableThrough;
        DROP TABLE directive;
        DROP TABLE generation;
        DROP TABLE standing;
        PRAGMA user_version = 1;
        """

    @Test func jobsOfTheFirstVersionKeepNumberStateAndOrder() async throws {
        let fixture = try StoreFixture()
        let ids = (0..<3).map { _ in RecordID.random() }
        try await fixture.run { store async throws in
            for id in ids { _ = try await store.commit(fixture.registration(id: id), clock: .test) }
            try await store.write { try $0.execute(sql: "UPDATE printJob SET state = 'printed' WHERE id = 3") }
            try await store.read { try $0.execute(sql: Self.back) }
        }
        try await fixture.run { store async throws in
            let job = try #require(try await store.nextPrintJob())
            #expect(job.id == 2)
            if case .registration(let record) = job.content { #expect(record.recordID == ids[1]) }
            #expect(try await store.printState(of: ids[2]) == .printed)
            _ = try await store.commit(fixture.registration(), clock: .test)
            #expect(try await store.nextPrintJob()?.id == 4)
        }
    }
}
