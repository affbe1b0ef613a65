// A catalogue file that cannot be used as it is: made anew from what headquarters signed, and never thrown away.

import Foundation
import JobFair
import KioskCore
import TestSupport
import Testing

@testable import KioskStore

@Suite struct CatalogueRebuildTests {
    private let fair = StoreFixture.fair
    private let otherFair = StoreFixture.otherFair

    /// A file as version 1 of the tables was released, with two fairs.
    private func makeVersion1(_ fixture: CatalogueFixture, _ catalogues: [Catalogue]) throws {
        let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Goldens/catalogue-1.sql")
        try fixture.edit(
            try String(contentsOf: golden, encoding: .utf8)
                + "PRAGMA user_version = 1; PRAGMA application_id = \(CatalogueTables.applicationID);")
        for catalogue in catalogues {
            let (id, signed) = (catalogue.fair.id, CatalogueFixture.literal(fixture.signatures.sign(catalogue)))
            try fixture.edit(
                """
                INSERT INTO fair VALUES (\(CatalogueFixture.literal(id.bytes)), 'old', '', '', 'fair', 1,
                    'HTTPS://FORM.EXAMPLE.CN', '', 3, '"\(id)"', \(signed))
                """)
        }
    }

    @Test func anUpgradeWithoutANetworkKeepsItsFairs() async throws {
        let fixture = try CatalogueFixture()
        let first = CatalogueFixture.catalogue(fair), second = CatalogueFixture.catalogue(otherFair, vacancies: 1)
        try makeVersion1(fixture, [first, second])
        let log = LogLines()
        let store = try fixture.open(log)
        #expect(try await store.catalogue(of: fair) == first)
        #expect(try await store.catalogue(of: otherFair) == second)
        // Headquarters has nothing new to say: 304.
        #expect(try await store.etag(of: fair) == "\"\(fair)\"")
        #expect(try fixture.files == ["catalogue.sqlite"])
        #expect(
            log.all.contains { $0.hasPrefix("notice the catalogue file was made anew") && $0.contains("version 1 of") })
        // Once for all.
        let again = LogLines()
        #expect(try await fixture.open(again).fairs().count == 2)
        #expect(again.all.isEmpty)
    }

    @Test func aFairWhoseKeyIsNoLongerListedIsSaidAndItsFileKept() async throws {
        let fixture = try CatalogueFixture()
        let first = CatalogueFixture.catalogue(fair), second = CatalogueFixture.catalogue(otherFair)
        try makeVersion1(fixture, [first, second])
        let old = try Data(contentsOf: URL(fileURLWithPath: fixture.path))
        fixture.signatures.revoke(otherFair)
        let log = LogLines()
        let store = try fixture.open(log)
        #expect(try await store.fairs() == [first.fair])
        #expect(try fixture.files == ["catalogue.sqlite", "catalogue.sqlite.aside-1"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: fixture.path + ".aside-1")) == old)
        #expect(
            log.all.contains {
                $0.hasPrefix("error a fair of the catalogue file was not taken over")
                    && $0.contains("\(otherFair)") && $0.contains("the key is not in the list")
            })
        #expect(
            log.all.contains {
                $0.contains("kept.as=\(fixture.path).aside-1") && $0.contains("connect the kiosk to headquarters")
            })
        // A new catalogue leaves what was kept alone.
        try await fixture.save(second, in: store)
        #expect(try Data(contentsOf: URL(fileURLWithPath: fixture.path + ".aside-1")) == old)
    }

    @Test func whereNoKeyIsListedTheWholeFileIsKept() async throws {
        let fixture = try CatalogueFixture()
        for round in 1...2 {
            try makeVersion1(fixture, [CatalogueFixture.catalogue(fair)])
            fixture.signatures.revoke(fair)
            let store = try fixture.open()
            #expect(try await store.fairs().isEmpty)
            #expect(try fixture.files == (1...round).map { "catalogue.sqlite.aside-\($0)" })
        }
    }

    @Test func aNewerFileIsKeptAndItsFairsAreServed() async throws {
        let fixture = try CatalogueFixture()
        let catalogue = CatalogueFixture.catalogue()
        try await fixture.save(catalogue, in: try fixture.open())
        try fixture.edit("ALTER TABLE fair ADD COLUMN colour TEXT; PRAGMA user_version = 3")
        #expect(try await fixture.open().catalogue(of: fair) == catalogue)
        #expect(try fixture.files == ["catalogue.sqlite", "catalogue.sqlite.aside-1"])
        // One of which nothing is known any more.
        try fixture.edit(
            "DROP TABLE fair; CREATE TABLE fair (name); PRAGMA user_version = 4")
        let log = LogLines()
        #expect(try await fixture.open(log).fairs().isEmpty)
        #expect(try fixture.files == ["catalogue.sqlite.aside-1", "catalogue.sqlite.aside-2"])
        #expect(log.all.contains { $0.hasPrefix("error the catalogue file could not be used") })
    }

    @Test func ofADamagedFileWhatWasSignedIsSaved() async throws {
        let fixture = try CatalogueFixture()
        let first = CatalogueFixture.catalogue(fair, vacancies: 500)
        let second = CatalogueFixture.catalogue(otherFair, vacancies: 500)
        for round in 1...2 {
            let store = try fixture.open()
            try await fixture.save(first, in: store)
            try await fixture.save(second, in: store)
            if round == 1 {
                try fixture.destroyPage(with: "焊工300")
            } else {
                let size = try Data(contentsOf: URL(fileURLWithPath: fixture.path)).count
                truncate(fixture.path, size / 4096 / 4 * 3 * 4096)
            }
            let log = LogLines()
            let mended = try fixture.open(log)
            #expect(try await mended.catalogue(of: fair) == first)
            #expect(try await mended.catalogue(of: otherFair) == second)
            // Of files that are only damaged there is never more than one.
            #expect(try fixture.files == ["catalogue.sqlite", "catalogue.sqlite.damaged"])
            #expect(log.all.contains { $0.contains("reason=damaged") && $0.contains("fairs=2") }, "\(log.all)")
        }
    }

    @Test func whatCannotBeSavedIsKeptAndSaid() async throws {
        let fixture = try CatalogueFixture()
        try await fixture.save(CatalogueFixture.catalogue(vacancies: 500), in: try fixture.open())
        for damage in [Data("rubbish, not SQLite at all".utf8), Data()] {
            try damage.write(to: URL(fileURLWithPath: fixture.path))
            let log = LogLines()
            let store = try fixture.open(log)
            #expect(try await store.fairs().isEmpty)
            #expect(try fixture.files == ["catalogue.sqlite.damaged"])
            #expect(try Data(contentsOf: URL(fileURLWithPath: fixture.path + ".damaged")) == damage)
            #expect(
                log.all.contains {
                    $0.hasPrefix("error the catalogue file could not be used") && $0.contains("hint=connect the kiosk")
                })
            try await fixture.save(CatalogueFixture.catalogue(), etag: "2", in: store)
            #expect(try await store.etag(of: fair) == "2")
        }
    }

    @Test func aPageThatGoesBadWhileTheKioskRunsIsMended() async throws {
        let fixture = try CatalogueFixture()
        // More than SQLite keeps in memory of a file it has just checked.
        let catalogue = CatalogueFixture.catalogue(vacancies: 20_000)
        let store = try fixture.open()
        try await fixture.save(catalogue, in: store)
        try fixture.destroyPage(with: "焊工300")
        #expect(try await store.catalogue(of: fair) == catalogue)
        #expect(try await store.etag(of: fair) == "1")
        #expect(try fixture.files == ["catalogue.sqlite", "catalogue.sqlite.damaged"])
    }

    @Test func onAFullDiskTheOldFileStaysAndIsTakenOverLater() async throws {
        let fixture = try CatalogueFixture()
        let first = CatalogueFixture.catalogue(fair), second = CatalogueFixture.catalogue(otherFair)
        try makeVersion1(fixture, [first])
        FakeDisk.set(.failing(ENOSPC), under: fixture.path)
        defer { FakeDisk.set(nil, under: fixture.path) }
        let log = LogLines()
        let store = try fixture.open(log)
        #expect(try await store.fairs().isEmpty)
        #expect(log.all.contains { $0.hasPrefix("error the catalogue file cannot be used and could not be made anew") })
        await #expect(throws: (any Error).self) { try await fixture.save(second, in: store) }
        #expect(try fixture.files == ["catalogue.sqlite"])
        FakeDisk.set(nil, under: fixture.path)
        try await fixture.save(second, in: store)
        #expect(try await store.catalogue(of: fair) == first)
        #expect(try await store.catalogue(of: otherFair) == second)
    }
}
