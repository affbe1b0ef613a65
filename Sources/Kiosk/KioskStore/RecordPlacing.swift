// The hot path: one draft gets its place in the chain, its signature, its ticket. Raw cached SQL.

import Foundation
import GRDB
import JobFair
import KioskCore
import SyncProtocol

/// Thrown inside a savepoint only: this fair needs its next pair of letters first, in a transaction of its own.
struct TicketPairNeeded: Error {
    var fairID: FairID
}

/// Places drafts. Called inside a savepoint, on the queue of the database.
struct RecordPlacing {
    let signer: SigningKey
    /// Whether the letters are in the synced file; a number must not leave before they are.
    let isPairSafe: (TicketPairFile.Line) -> Bool

    func place(_ draft: RecordDraft, clock: ClockReading, in database: Database) throws -> CommittedRecord {
        let known = try RecordRows.known(draft.recordID, fingerprint: draft.fingerprint, in: database)
        if let known { return known }
        let chain = try ChainRow.current(in: database)
        let open = try RecordRows.openFair(in: database)
        if case .some(let expected) = draft.expects, expected != open { throw RecordStoreError.fairChanged }
        let valid = try validFair(for: draft, open: open)
        let ticket = try draft.desk.map { _ in try takeTicket(fair: valid?.fairID, chain: chain, in: database) }

        let frame = RecordFrame.encode(
            identity: draft.identity,
            sealed: SealedPayload(encapsulatedKey: draft.encapsulatedKey, ciphertext: draft.ciphertext),
            place: place(after: chain, fair: valid, ticket: ticket), clock: clock.evidence, signer: signer)
        let decoded = try checked(frame, draft: draft, fair: sealedFair(for: draft, valid: valid, in: database))
        guard let fairID = FairID(bytes: decoded.identity.fairID) else { throw Self.notEncodable }
        let record = CommittedRecord(
            recordID: draft.recordID, sequence: chain.lastSequence + 1, digest: decoded.digest, fairID: fairID,
            fairDay: valid?.day, isDayConfirmed: valid?.isDayConfirmed ?? false, ticket: ticket, desk: draft.desk,
            isRepeat: false)
        try insert(record, frame: frame, fingerprint: draft.fingerprint, chain: chain, in: database)
        try insertEffects(of: draft, record: record, in: database)
        return record
    }

    /// SQLITE_MISMATCH: the draft does not encode to a record that anybody could read.
    static let notEncodable = RecordStoreError.failed(code: ResultCode.SQLITE_MISMATCH.rawValue)

    /// The fair and day under which the record goes; nil where none is open and the record may do without.
    private func validFair(for draft: RecordDraft, open: OpenFair?) throws(RecordStoreError) -> OpenFair? {
        switch (draft.kind, draft.opens) {
        case (_, .some(.some(let opened))): return opened
        case (.clockAnchor, _), (.entry, _), (.checkIn, _): return open
        default:
            guard let open else { throw .noFairOpen }
            return open
        }
    }

    /// The fair that the draft must have been sealed for; nil: any. An entry or a check-in without an open fair joins the
    /// one that was open last, without a day: headquarters decides what counts.
    private func sealedFair(for draft: RecordDraft, valid: OpenFair?, in database: Database) throws -> FairID? {
        if draft.kind == .clockAnchor { return nil }
        if let valid { return valid.fairID }
        guard let last = try RecordRows.lastFair(in: database) else { throw RecordStoreError.noFairOpen }
        return last
    }

    private func place(after chain: ChainRow, fair: OpenFair?, ticket: TicketNumber?) -> WirePlace {
        var place = WirePlace()
        place.lineageID = chain.lineageID
        place.sequence = UInt64(chain.lastSequence + 1)
        place.previousDigest = chain.lastDigest
        place.fairDay = fair?.day.description ?? ""
        place.dayConfirmed = fair?.isDayConfirmed ?? false
        place.ticket = ticket?.description ?? ""
        return place
    }

    /// What goes to the disk must be readable at the other end, and be what the draft said.
    private func checked(_ frame: Data, draft: RecordDraft, fair: FairID?) throws(RecordStoreError) -> DecodedFrame {
        guard let decoded = try? RecordFrame.decode(frame),
            decoded.identity.recordID == Data(draft.recordID.bytes), decoded.identity.deviceID == signer.deviceID
        else { throw Self.notEncodable }
        // The fair was changed after the draft was sealed: it has to be sealed anew, for the fair that is open now.
        if let fair, decoded.identity.fairID != Data(fair.bytes) { throw .fairChanged }
        return decoded
    }

    private func takeTicket(fair: FairID?, chain: ChainRow, in database: Database) throws -> TicketNumber {
        guard let fair else { throw RecordStoreError.noFairOpen }
        let statement = try database.cachedStatement(
            sql: """
                SELECT number, pair, lastNumber FROM ticketPair WHERE chain = ? AND fairID = ?
                ORDER BY number DESC LIMIT 1
                """)
        guard let row = try Row.fetchOne(statement, arguments: [chain.number, Data(fair.bytes)]),
            let ticket = TicketNumber(pair: row[1], number: row[2] + 1),
            isPairSafe(TicketPairFile.Line(fairID: fair, lineageID: chain.lineageID, pair: ticket.pair))
        else { throw TicketPairNeeded(fairID: fair) }
        try database.cachedStatement(sql: "UPDATE ticketPair SET lastNumber = ? WHERE number = ?")
            .execute(arguments: [ticket.number, row[0] as Int64])
        return ticket
    }

    private func insert(
        _ record: CommittedRecord, frame: Data, fingerprint: Data, chain: ChainRow, in database: Database
    ) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO record (recordID, chain, sequence, fairID, fairDay, isDayConfirmed, fingerprint, digest)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            Data(record.recordID.bytes), chain.number, record.sequence, Data(record.fairID.bytes),
            record.fairDay?.description, record.isDayConfirmed, fingerprint, record.digest,
        ])
        try database.cachedStatement(
            sql: "INSERT INTO outbox (record, state, frame) VALUES (last_insert_rowid(), 'pending', ?)"
        ).execute(arguments: [frame])
        try database.cachedStatement(sql: "UPDATE chain SET lastSequence = ?, lastDigest = ? WHERE number = ?")
            .execute(arguments: [record.sequence, record.digest, chain.number])
    }

    /// Desk entry, print job, open fair, tally: everything that becomes true together with the record.
    private func insertEffects(of draft: RecordDraft, record: CommittedRecord, in database: Database) throws {
        let position = try RecordRows.position(of: record.recordID, in: database)
        if let desk = draft.desk, let ticket = record.ticket {
            try database.cachedStatement(
                sql: """
                    INSERT INTO deskEntry
                        (record, fairID, ticket, maskedName, wishes, slipPurpose, lostSlipHash, digitsHash)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [
                position, Data(record.fairID.bytes), ticket.description, desk.maskedName,
                try RecordRows.json(desk.wishes), desk.slipPurpose, desk.lostSlipHash, desk.digitsHash,
            ])
            try queuePrintJob(registration: position, isCopy: false, in: database)
        }
        if let original = draft.copyOf, let position = try RecordRows.position(of: original, in: database) {
            try queuePrintJob(registration: position, isCopy: true, in: database)
        }
        if let change = draft.wishes {
            try RecordRows.set(wishes: change.wishes, of: change.registration, in: database)
        }
        if let opens = draft.opens {
            try RecordRows.set(openFair: opens, in: database)
            try RecordRows.forgetClosedFairs(in: database)
        }
        if let day = record.fairDay, [.registration, .entry, .checkIn].contains(draft.kind) {
            try database.cachedStatement(
                sql: """
                    INSERT INTO dayTally (fairID, fairDay, kind, records) VALUES (?, ?, ?, 1)
                    ON CONFLICT DO UPDATE SET records = records + 1
                    """
            ).execute(arguments: [Data(record.fairID.bytes), day.description, draft.kind.rawValue])
        }
    }

    private func queuePrintJob(registration position: Int64?, isCopy: Bool, in database: Database) throws {
        try database.cachedStatement(sql: "INSERT INTO printJob (registration, isCopy) VALUES (?, ?)")
            .execute(arguments: [position, isCopy])
    }
}

extension ClockReading {
    var evidence: WireClockEvidence {
        var evidence = WireClockEvidence()
        evidence.wallMilliseconds = wallMilliseconds
        evidence.bootID = bootID
        evidence.bootCounter = UInt64(max(0, bootCounter))
        evidence.bootMilliseconds = UInt64(max(0, bootMilliseconds))
        evidence.quality =
            switch quality {
            case .none: .none
            case .hand: .hand
            case .ntp: .ntp
            case .headquarters: .headquarters
            }
        return evidence
    }
}
