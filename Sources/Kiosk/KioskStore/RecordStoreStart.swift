// From files on the disk to a store that may be used: opening, checking, and what is done about damage.

import DurableFiles
import Foundation
import GRDB
import JobFair
import KioskCore
import Logging
import SyncProtocol

/// One start of the store.
struct RecordStoreStart {
    struct Started {
        var queue: DatabaseQueue
        var opening: RecordStoreOpening
        var pairs: [TicketPairFile.Line]
    }

    let settings: RecordStoreSettings
    let schema: Schema
    let signer: SigningKey
    let pairFile: TicketPairFile
    let openFairFile: OpenFairFile
    let damaged: DamagedRecords
    let room: DiskRoom
    let logger: Logger

    func run() throws(KioskStoreError) -> Started {
        do {
            var aside = try damaged.unfinished()
            if damaged.suspicion == .again || damaged.isWALWithoutFile {
                try damaged.setAside()
                aside = try damaged.unfinished()
            }
            do {
                return try open(after: aside)
            } catch let error as KioskStoreError where isDamage(error) {
                logger.critical("records.sqlite is damaged", metadata: ["error": "\(error)"])
                try damaged.setAside()
                return try open(after: try damaged.unfinished())
            } catch let error as KioskStoreError where error.code == .diskFull && room.giveUp() {
                return try open(after: aside)
            }
        } catch {
            throw KioskStoreError.opening(settings.path, error)
        }
    }

    private func isDamage(_ error: KioskStoreError) -> Bool {
        switch error.code {
        case .corrupted: true
        case .notOurs, .settingRefused, .notWritable, .newerVersion, .failed: !damaged.hasSoundHeader
        default: false
        }
    }

    /// - Parameter aside: a file that was set aside and whose records are not salvaged yet.
    private func open(after aside: String?) throws -> Started {
        let file = try RecordFile.open(settings, schema: schema, room: room, logger: logger)
        do {
            return try file.queue.writeWithoutTransaction { database in
                let found = try checkChain(database, aside: aside)
                damaged.finish(aside)
                RecordFile.keepWALOnClose(false, database)
                let pairs = try Self.pairsTaken(database)
                return Started(
                    queue: file.queue,
                    opening: RecordStoreOpening(
                        isNew: file.isNew, wasUnclean: file.wasUnclean, chainProblem: found.problem,
                        pairFileWasMissing: pairFile.wasMissing && !pairs.isEmpty, setAside: found.setAside),
                    pairs: pairs)
            }
        } catch {
            try? file.queue.close()
            throw KioskStoreError.opening(settings.path, error)
        }
    }

    /// Begins the first lineage, or a new one where the chain on the disk cannot be gone on with.
    private func checkChain(
        _ database: Database, aside: String?
    ) throws -> (problem: String?, setAside: RecordsSetAside?) {
        guard try Int.fetchOne(database, sql: "SELECT count(*) FROM chain") == 0 else {
            let problem = try ChainCheck.problem(
                of: ChainRow.current(in: database), deviceID: signer.deviceID, pairs: pairFile.lines, in: database)
            if problem != nil { try ChainRow.begin(in: database) }
            return (problem, nil)
        }
        guard let aside else {
            try database.inTransaction(.immediate) {
                try begin(database)
                return .commit
            }
            // Letters are given to a lineage that nobody knows any more.
            return (pairFile.lines.isEmpty ? nil : "the database was missing", nil)
        }
        let folder = DurableFile.folder(of: settings.path)
        let name = String(aside.dropFirst(folder.count + 1))
        var salvage = RecordSalvage(publicKey: signer.publicKey, logger: logger)
        do {
            try database.inTransaction(.immediate) {
                // Also those of earlier times that somebody has left here: headquarters knows the duplicates.
                for name in DamagedRecords.names(in: folder).reversed() {
                    try salvage.run(from: folder + "/" + name, into: database)
                }
                try begin(database)
                return .commit
            }
        } catch let error as DatabaseError where !error.stopsTheStore && error.resultCode != .SQLITE_FULL {
            logger.error("nothing could be salvaged", metadata: ["sqlite.code": "\(error.extendedResultCode.rawValue)"])
            try database.inTransaction(.immediate) {
                try begin(database)
                return .commit
            }
            return (nil, RecordsSetAside(name: name, salvagedCount: 0))
        }
        return (nil, RecordsSetAside(name: name, salvagedCount: salvage.count))
    }

    /// A new database goes on with the fair and day of the old one. What was found of a fair that is not open stays
    /// without names, as its closing left it.
    private func begin(_ database: Database) throws {
        try ChainRow.begin(in: database)
        if let open = openFairFile.read() { try RecordRows.set(openFair: open, in: database) }
        try RecordRows.forgetClosedFairs(in: database)
    }

    private static func pairsTaken(_ database: Database) throws -> [TicketPairFile.Line] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT ticketPair.fairID, chain.lineageID, ticketPair.pair FROM ticketPair
                JOIN chain ON chain.number = ticketPair.chain ORDER BY ticketPair.number
                """)
        return try rows.map { row in
            guard let fairID = FairID(bytes: row[0] as Data) else { throw RecordRows.unreadable }
            return TicketPairFile.Line(fairID: fairID, lineageID: row[1], pair: row[2])
        }
    }
}
