// The file itself: settings, tables, versions, who may open it.

import Foundation
import GRDB
import JobFair
import KioskCore
import TestSupport
import Testing

@testable import KioskStore

@Suite struct RecordFileTests {
    @Test func settingsReadBackAsTheyMust() throws {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        try store.database.inDatabase { database throws in
            #expect(try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2)
            #expect(try String.fetchOne(database, sql: "PRAGMA journal_mode") == "wal")
            #expect(try String.fetchOne(database, sql: "PRAGMA locking_mode") == "exclusive")
            #expect(try Int.fetchOne(database, sql: "PRAGMA foreign_keys") == 1)
            #expect(try Int.fetchOne(database, sql: "PRAGMA secure_delete") == 1)
            #expect(try Int.fetchOne(database, sql: "PRAGMA temp_store") == 2)
            #expect(try Int.fetchOne(database, sql: "PRAGMA trusted_schema") == 0)
            #expect(try Int.fetchOne(database, sql: "PRAGMA application_id") == Schema.records.applicationID)
            #expect(try Int.fetchOne(database, sql: "PRAGMA user_version") == 4)
        }
        // Exclusive locking needs no shared memory; nobody but the owner reads.
        #expect(!FileManager.default.fileExists(atPath: fixture.path + "-shm"))
        let mode = try FileManager.default.attributesOfItem(atPath: fixture.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        try store.close()
    }

    @Test(arguments: ["synchronous = NORMAL", "foreign_keys = OFF", "temp_store = FILE", "secure_delete = OFF"])
    func aSettingThatDoesNotHoldIsRefused(setting: String) throws {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        try store.database.inDatabase { database throws in
            try database.execute(sql: "PRAGMA \(setting)")
            let error = #expect(throws: KioskStoreError.self) { try RecordFile.check(database, path: "x") }
            #expect(error?.code == .settingRefused)
        }
        try store.close()
    }

    @Test func aSecondOpeningIsRefusedWhileTheFirstLasts() throws {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        #expect(throws: KioskStoreError.self) { try fixture.open() }
        let error = #expect(throws: KioskStoreError.self) { try fixture.open() }
        #expect(error?.code == .inUse)
        try store.close()
        try fixture.open().close()
    }

    @Test func aNewerFileIsRefusedUntouched() throws {
        let fixture = try StoreFixture()
        try fixture.open().close()
        try edit(fixture.path, "PRAGMA user_version = 5")
        let before = FileManager.default.contents(atPath: fixture.path)
        let error = #expect(throws: KioskStoreError.self) { try fixture.open() }
        #expect(error?.code == .newerVersion)
        #expect(error?.detail.hasSuffix("has version 5 of the tables, this program knows 4") == true)
        #expect(FileManager.default.contents(atPath: fixture.path) == before)
    }

    @Test func filesOfOthersAreRefused() throws {
        let fixture = try StoreFixture()
        try edit(fixture.path, "CREATE TABLE picture (x)")
        #expect(#expect(throws: KioskStoreError.self) { try fixture.open() }?.code == .notOurs)
        let missing = fixture.folder.file("no/such/folder/records.sqlite")
        #expect(#expect(throws: KioskStoreError.self) { try fixture.open(path: missing) }?.code == .notWritable)
    }

    @Test func tablesAreAsTheGoldenSays() throws {
        let fixture = try StoreFixture()
        let store = try fixture.open()
        let statements = try store.database.inDatabase { database throws in
            try String.fetchAll(
                database,
                sql: """
                    SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid
                    """)
        }
        try store.close()
        try checkGolden("schema.sql", statements.map { $0 + ";\n" }.joined())
    }

    @Test func aFileOfVersion1GoesOnAndMigrates() async throws {
        let fixture = try StoreFixture()
        // Version 1 as it was released, not today's migration.
        let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Goldens/schema-1.sql")
        try edit(
            fixture.path,
            try String(contentsOf: golden, encoding: .utf8)
                + "PRAGMA user_version = 1; PRAGMA application_id = \(Schema.records.applicationID);")
        let draft = fixture.registration()
        try await fixture.run { store async throws in
            #expect(try await store.commit(draft, clock: .test).ticket == TicketNumber("AB0001"))
        }
        var next = Schema.records
        next.migrations.append(
            SchemaMigration(version: 5) { try $0.execute(sql: "ALTER TABLE printJob ADD COLUMN colour TEXT") })
        let store = try fixture.open(schema: next)
        #expect(try await store.registration(draft.recordID)?.ticket == TicketNumber("AB0001"))
        #expect(try await store.database.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 5)
        try store.close()
        #expect(#expect(throws: KioskStoreError.self) { try fixture.open() }?.code == .newerVersion)
    }

    @Test func aMigrationThatFailsLeavesTheFileAsItWas() throws {
        let fixture = try StoreFixture()
        try fixture.open().close()
        var next = Schema.records
        next.migrations.append(
            SchemaMigration(version: 5) { database in
                try database.execute(sql: "ALTER TABLE printJob ADD COLUMN colour TEXT")
                try database.execute(sql: "CREATE TABLE printJob (id)")
            })
        #expect(throws: KioskStoreError.self) { try fixture.open(schema: next) }
        let store = try fixture.open()
        try store.database.inDatabase { database throws in
            #expect(try !database.columns(in: "printJob").map(\.name).contains("colour"))
        }
        try store.close()
    }

    private func edit(_ path: String, _ sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.inDatabase { try $0.execute(sql: sql) }
        try queue.close()
    }
}

/// What the tables themselves keep out, whatever the program does.
@Suite struct RecordTableTests {
    static let refused: [String] = [
        "INSERT INTO chain (lineageID) VALUES (x'00')",
        "INSERT INTO chain (lineageID, lastSequence) VALUES (randomblob(16), 1)",
        "UPDATE chain SET lastSequence = -1",
        "UPDATE record SET sequence = 9",
        "DELETE FROM record",
        """
        INSERT INTO record SELECT 99, recordID, chain, 99, fairID, fairDay, isDayConfirmed, fingerprint,
        digest FROM record
        """,
        """
        INSERT INTO record SELECT 99, randomblob(16), chain, sequence, fairID, fairDay, isDayConfirmed, fingerprint,
        digest
        FROM record
        """,
        """
        INSERT INTO record SELECT 99, randomblob(16), 77, 1, fairID, fairDay, isDayConfirmed, fingerprint,
        digest FROM record
        LIMIT 1
        """,
        """
        INSERT INTO record SELECT 99, randomblob(16), chain, 99, fairID, 'today', isDayConfirmed, fingerprint, digest
        FROM record LIMIT 1
        """,
        """
        INSERT INTO record SELECT 99, randomblob(16), chain, 99, fairID, fairDay, isDayConfirmed, x'01',
        digest FROM record
        LIMIT 1
        """,
        """
        INSERT INTO record SELECT 99, randomblob(16), chain, 99, fairID, fairDay, isDayConfirmed, NULL,
        digest FROM record
        LIMIT 1
        """,
        """
        INSERT INTO record SELECT 99, 'text', chain, 99, fairID, fairDay, isDayConfirmed, fingerprint,
        digest FROM record
        LIMIT 1
        """,
        "UPDATE outbox SET state = 'sent'",
        "UPDATE outbox SET frame = NULL",
        "UPDATE outbox SET state = 'purged'",
        "UPDATE outbox SET frame = zeroblob(65537)",
        "INSERT INTO outbox (record, state, frame) VALUES (99, 'pending', x'00')",
        "UPDATE outbox SET reason = ''",
        "UPDATE outbox SET receiptedUnder = 99",
        "UPDATE chain SET durableThrough = -1",
        "INSERT INTO generation (generationID) VALUES (x'')",
        "INSERT INTO directive (directiveID) VALUES (x'01')",
        "INSERT INTO standing VALUES (2, 0, 0)",
        "INSERT INTO standing VALUES (1, 2, 0)",
        "INSERT INTO openFair VALUES (2, randomblob(16), '2026-02-03', 1)",
        "UPDATE openFair SET day = '03.02.2026'",
        "UPDATE openFair SET isDayConfirmed = 2",
        "UPDATE ticketPair SET lastNumber = 10000",
        "UPDATE ticketPair SET pair = 'IO'",
        "INSERT INTO ticketPair SELECT 99, chain, fairID, pair, 0 FROM ticketPair",
        "UPDATE deskEntry SET ticket = 'AB0000'",
        "UPDATE deskEntry SET ticket = 'QV0001'",
        "UPDATE deskEntry SET ticket = 'AB0001' WHERE ticket = 'AB0002'",
        "UPDATE deskEntry SET slipPurpose = 3",
        "UPDATE deskEntry SET wishes = 'no json'",
        "UPDATE deskEntry SET lostSlipHash = x'01'",
        "UPDATE printJob SET state = 'lost'",
        "UPDATE printJob SET isCopy = 7",
        "INSERT INTO printJob (registration, isCopy) VALUES (99, 0)",
        "INSERT INTO printJob (registration, isCopy) VALUES (1, 0)",
        "INSERT INTO newestReceipt VALUES (2, 1, x'', 0, x'01')",
        "INSERT INTO newestReceipt VALUES (1, 0, x'', 0, x'01')",
        "UPDATE dayTally SET kind = 'intent'",
    ]

    @Test func badRowsAreRefusedByTheTables() async throws {
        let fixture = try StoreFixture()
        try await fixture.run { store async throws in
            for _ in 0..<2 { _ = try await store.commit(fixture.registration(), clock: .test) }
            for statement in Self.refused {
                let error = await #expect(throws: DatabaseError.self, "\(statement)") {
                    try await store.database.write { try $0.execute(sql: statement) }
                }
                #expect(error?.resultCode == .SQLITE_CONSTRAINT, "\(statement)")
            }
            try await RecordWriterTests.checkChain(of: store, signer: fixture.signer, records: 3)
        }
    }
}
