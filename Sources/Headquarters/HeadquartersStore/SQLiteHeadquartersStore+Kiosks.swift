// Enrolment, contact, lineages and ticket pairs in SQLite.

import GRDB
public import HeadquartersCore
public import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension SQLiteHeadquartersStore {
    /// Clock pairs kept per device; older ones are of boots long over.
    private static let clockPairsMax = 256

    public func addEnrolmentCode(_ code: NewEnrolmentCode) async throws {
        try await write { db in
            try db.execute(
                sql: "INSERT INTO enrolmentCode (hash, kioskLabel, createdAt, expiresAt) VALUES (?, ?, ?, ?)",
                arguments: [code.hash, code.kioskLabel, code.createdAt, code.expiresAt])
            for fair in code.fairIDs {
                guard try Self.hasFair(fair, db) else { throw HeadquartersStoreError(.fairUnknown) }
                try db.execute(
                    sql: "INSERT INTO enrolmentCodeFair VALUES (?, ?)", arguments: [code.hash, fair.blob])
            }
        }
    }

    public func enrol(_ device: NewDevice, codeHash: Data, at: Int64) async throws -> EnrolledDevice {
        try await write { db in
            let code = try Row.fetchOne(db, sql: "SELECT * FROM enrolmentCode WHERE hash = ?", arguments: [codeHash])
            guard let code, at < code["expiresAt"] else { throw HeadquartersStoreError(.codeInvalid) }
            if let usedBy: Data = code["usedBy"] {
                // The answer was lost: the same device asks again with the same keys.
                guard usedBy == device.deviceID, let known = try Self.device(device.deviceID, db),
                    known.publicKey == device.publicKey, known.agreementPublicKey == device.agreementPublicKey
                else { throw HeadquartersStoreError(.codeInvalid) }
                return known
            }
            guard try Self.device(device.deviceID, db) == nil else { throw HeadquartersStoreError(.deviceExists) }
            try Self.insert(device, kioskLabel: code["kioskLabel"], enrolledAt: at, db)
            try db.execute(
                sql: "INSERT INTO deviceFair SELECT ?, fairID FROM enrolmentCodeFair WHERE hash = ?",
                arguments: [device.deviceID, codeHash])
            try db.execute(
                sql: "UPDATE enrolmentCode SET usedAt = ?, usedBy = ? WHERE hash = ?",
                arguments: [at, device.deviceID, codeHash])
            return try Self.stored(device, db)
        }
    }

    public func takeIn(
        _ device: NewDevice, kioskLabel: String, fairIDs: [FairID], enrolledAt: Int64
    ) async throws -> EnrolledDevice {
        try await write { db in
            if let known = try Self.device(device.deviceID, db) { return known }
            try Self.insert(device, kioskLabel: kioskLabel, enrolledAt: enrolledAt, db)
            for fair in fairIDs where try Self.hasFair(fair, db) {
                try db.execute(
                    sql: "INSERT OR IGNORE INTO deviceFair VALUES (?, ?)", arguments: [device.deviceID, fair.blob])
            }
            return try Self.stored(device, db)
        }
    }

    private static func insert(_ device: NewDevice, kioskLabel: String, enrolledAt: Int64, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO device (deviceID, kioskLabel, publicKey, agreementPublicKey, softwareVersion, enrolledAt)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                device.deviceID, kioskLabel, device.publicKey, device.agreementPublicKey, device.softwareVersion,
                enrolledAt,
            ])
    }

    private static func stored(_ device: NewDevice, _ db: Database) throws -> EnrolledDevice {
        guard let enrolled = try Self.device(device.deviceID, db) else {
            throw HeadquartersStoreError(.failed, "the device is gone right after it was stored")
        }
        return enrolled
    }

    public func device(_ deviceID: Data) async throws -> EnrolledDevice? {
        try await read { try Self.device(deviceID, $0) }
    }

    public func devices() async throws -> [KioskState] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM device ORDER BY kioskLabel, enrolledAt").map {
                try Self.kioskState($0, db)
            }
        }
    }

    public func grantFair(_ fair: FairID, to deviceID: Data) async throws -> Bool {
        try await write { db in
            guard try Self.device(deviceID, db) != nil else { throw HeadquartersStoreError(.deviceUnknown) }
            guard try Self.hasFair(fair, db) else { throw HeadquartersStoreError(.fairUnknown) }
            try db.execute(sql: "INSERT OR IGNORE INTO deviceFair VALUES (?, ?)", arguments: [deviceID, fair.blob])
            let isNew = db.changesCount == 1
            _ = try Self.takePairs(for: deviceID, at: fair, db)
            return isNew
        }
    }

    @discardableResult
    public func noteContact(_ contact: KioskContact) async throws -> KioskOrders {
        try await write { db in
            try db.execute(
                sql: """
                    UPDATE device SET lastContactAt = ?, pendingAtHello = ?, framesAtHello = frames, problems = ?,
                        softwareVersion = ? WHERE deviceID = ?
                    """,
                arguments: [
                    contact.at, contact.pendingRecords, contact.problems.joined(separator: ","),
                    contact.softwareVersion, contact.deviceID,
                ])
            guard db.changesCount == 1 else { throw HeadquartersStoreError(.deviceUnknown) }
            try Self.touchLineage(contact.lineageID, of: contact.deviceID, at: contact.at, db)
            try db.execute(
                sql: """
                    UPDATE lineage SET saidLastSequence = MAX(saidLastSequence, ?) WHERE deviceID = ? AND lineageID = ?
                    """,
                arguments: [contact.lastSequence, contact.deviceID, contact.lineageID])
            if !contact.anchor.bootID.isEmpty {
                try Self.noteClockPair(
                    ClockPair(
                        bootID: contact.anchor.bootID, bootMilliseconds: contact.anchor.bootMilliseconds,
                        headquartersMilliseconds: contact.at, roundTripMilliseconds: TimeEstimate.helloDoubtMilliseconds
                    ),
                    of: contact.deviceID, db)
            }
            return try Self.orders(for: contact, db)
        }
    }

    public func lineage(_ lineageID: Data, of deviceID: Data) async throws -> LineageState {
        try await read { try Self.lineageState(lineageID, of: deviceID, $0) }
    }

    public func lineageMarks(of deviceID: Data, except lineageID: Data) async throws -> [LineageMark] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT lineageID, contiguousThrough, durableThrough, digestAtDurable FROM lineage
                    WHERE deviceID = ? AND lineageID <> ? ORDER BY firstSeenAt DESC, lineageID LIMIT ?
                    """,
                arguments: [deviceID, lineageID, LineageMark.marksMax]
            ).map {
                LineageMark(
                    lineageID: $0["lineageID"], knownThrough: $0["contiguousThrough"],
                    durableThrough: $0["durableThrough"], digestAtDurable: $0["digestAtDurable"])
            }
        }
    }

    // MARK: Parts

    static func hasFair(_ fair: FairID, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM fair WHERE fairID = ?)", arguments: [fair.blob]) ?? false
    }

    private static func fairIDs(of deviceID: Data, _ db: Database) throws -> [FairID] {
        let blobs = try Data.fetchAll(
            db, sql: "SELECT fairID FROM deviceFair JOIN fair USING (fairID) WHERE deviceID = ? ORDER BY keyNumber",
            arguments: [deviceID])
        return blobs.compactMap { FairID(bytes: $0) }
    }

    private static func device(_ deviceID: Data, _ db: Database) throws -> EnrolledDevice? {
        guard let row = try Row.fetchOne(db, sql: "SELECT * FROM device WHERE deviceID = ?", arguments: [deviceID])
        else { return nil }
        return EnrolledDevice(
            deviceID: deviceID, kioskLabel: row["kioskLabel"], publicKey: row["publicKey"],
            agreementPublicKey: row["agreementPublicKey"], fairIDs: try fairIDs(of: deviceID, db),
            enrolledAt: row["enrolledAt"], isRevoked: (row["revokedAt"] as Int64?) != nil)
    }

    static func kioskState(_ row: Row, _ db: Database) throws -> KioskState {
        let deviceID: Data = row["deviceID"]
        let frames: Int = row["frames"]
        var backlog: Int?
        if let pending: Int = row["pendingAtHello"], let before: Int = row["framesAtHello"] {
            backlog = max(0, pending - (frames - before))
        }
        let problems: String = row["problems"]
        return KioskState(
            deviceID: deviceID, kioskLabel: row["kioskLabel"], fairIDs: try fairIDs(of: deviceID, db),
            lastContactAt: row["lastContactAt"], backlog: backlog, records: frames,
            problems: problems.split(separator: ",").map(String.init), softwareVersion: row["softwareVersion"])
    }

    static func touchLineage(_ lineageID: Data, of deviceID: Data, at: Int64, _ db: Database) throws {
        try db.execute(
            sql: "INSERT OR IGNORE INTO lineage (deviceID, lineageID, firstSeenAt) VALUES (?, ?, ?)",
            arguments: [deviceID, lineageID, at])
    }

    static func noteClockPair(_ pair: ClockPair, of deviceID: Data, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO clockPair VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET headquartersMilliseconds = excluded.headquartersMilliseconds,
                    roundTripMilliseconds = excluded.roundTripMilliseconds
                WHERE excluded.roundTripMilliseconds <= clockPair.roundTripMilliseconds
                """,
            arguments: [
                deviceID, pair.bootID, pair.bootMilliseconds, pair.headquartersMilliseconds,
                pair.roundTripMilliseconds,
            ])
        // Of the boot that is under way the newest; then of all others. A headquarters whose clock was once in 2099 would
        // else keep those of that time alone.
        for (boot, time) in [("bootID = ?2", "bootMilliseconds"), ("bootID <> ?2", "headquartersMilliseconds")] {
            try db.execute(
                sql: """
                    DELETE FROM clockPair WHERE deviceID = ?1 AND \(boot) AND \(time) < (
                        SELECT \(time) FROM clockPair WHERE deviceID = ?1 AND \(boot)
                        ORDER BY \(time) DESC LIMIT 1 OFFSET \(clockPairsMax - 1))
                    """,
                arguments: [deviceID, pair.bootID])
        }
    }

    static func lineageState(_ lineageID: Data, of deviceID: Data, _ db: Database) throws -> LineageState {
        let row = try Row.fetchOne(
            db, sql: "SELECT * FROM lineage WHERE deviceID = ? AND lineageID = ?", arguments: [deviceID, lineageID])
        guard let row else {
            return LineageState(contiguousThrough: 0, digestAtContiguous: Data(), gaps: [], highestSequence: 0)
        }
        let contiguous: Int64 = row["contiguousThrough"]
        let gaps = try Row.fetchAll(
            db,
            sql: """
                SELECT before + 1 AS first, sequence - 1 AS last FROM (
                    SELECT sequence, LAG(sequence, 1, ?3) OVER (ORDER BY sequence) AS before FROM (
                        SELECT DISTINCT sequence FROM frame
                        WHERE deviceID = ?1 AND lineageID = ?2 AND sequence > ?3))
                WHERE sequence > before + 1 ORDER BY sequence LIMIT \(LineageState.gapsMax)
                """,
            arguments: [deviceID, lineageID, contiguous])
        return LineageState(
            contiguousThrough: contiguous, digestAtContiguous: row["digestAtContiguous"],
            gaps: gaps.map { row -> ClosedRange<Int64> in row["first"]...row["last"] },
            highestSequence: row["highestSequence"], durableThrough: row["durableThrough"],
            digestAtDurable: row["digestAtDurable"])
    }
}
