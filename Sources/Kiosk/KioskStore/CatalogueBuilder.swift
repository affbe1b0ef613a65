// Makes the next catalogue.sqlite: from a new catalogue, or from what headquarters signed in a file that cannot be used.

import DurableFiles
import Foundation
import GRDB
import JobFair
import Logging

/// A catalogue, and the bytes from which it can be read again.
struct SignedCatalogue {
    var catalogue: Catalogue
    var etag: String
    var signed: Data
}

/// Every file is built beside the old one, synced and renamed into place. To be used by one caller at a time.
struct CatalogueBuilder: Sendable {
    let path: String
    let verified: SignedCatalogueReading
    let logger: Logger

    /// The file as it can be read from now on; nil where there is none, or nothing of it could be taken over.
    func open() throws -> CatalogueFile? {
        do {
            return try CatalogueFile.open(path)
        } catch {
            guard let fault = CatalogueFault(error) else { throw error }
            return try rebuild(after: fault)
        }
    }

    /// - Parameter copiesOthers: the other fairs of the file come along as they are.
    func save(_ new: SignedCatalogue, copiesOthers: Bool) throws -> CatalogueFile {
        let temporary = try build(copying: copiesOthers ? path : nil) { database in
            for table in CatalogueTables.names where copiesOthers {
                try database.execute(
                    sql: "INSERT INTO main.\(table) SELECT * FROM others.\(table) WHERE fairID <> ?",
                    arguments: [Data(new.catalogue.fair.id.bytes)])
            }
            try CatalogueTables.insert(new, in: database)
        }
        logger.debug("the next catalogue file is built", metadata: ["fair.id": "\(new.catalogue.fair.id)"])
        let file = try put(temporary)
        logger.info(
            "replaced the catalogue",
            metadata: [
                "fair.id": "\(new.catalogue.fair.id)", "vacancies": "\(new.catalogue.vacancies.count)",
            ])
        return file
    }
}

// MARK: - Making anew

extension CatalogueBuilder {
    /// What was found in a file that cannot be used as it is.
    private struct Salvage {
        var taken: [SignedCatalogue] = []
        /// With the reason; a fair whose name could not be read has none.
        var lost: [(fair: String, reason: String)] = []
        /// Bytes that could be read, and are not believed or understood here.
        var isRefused = false

        mutating func refuse(_ fair: FairID, _ error: any Error) {
            lost.append(("\(fair)", "\(error)"))
            isRefused = true
        }
    }

    /// A new file of what headquarters signed. What could not be taken over wholly is kept beside it, never deleted.
    func rebuild(after fault: CatalogueFault) throws -> CatalogueFile? {
        var salvage = readSigned()
        let temporary = try build(copying: nil) { database in
            var held: [SignedCatalogue] = []
            for fair in salvage.taken {
                do {
                    try database.inSavepoint {
                        try CatalogueTables.insert(fair, in: database)
                        return .commit
                    }
                    held.append(fair)
                } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
                    salvage.refuse(fair.catalogue.fair.id, KioskStoreError.opening(path, error))
                }
            }
            salvage.taken = held
        }
        let kept = try setAside(after: fault, salvage)
        guard !salvage.taken.isEmpty else {
            Self.delete(temporary)
            Self.delete(path)
            report(fault, salvage, keptAs: kept)
            return nil
        }
        let file = try put(temporary)
        report(fault, salvage, keptAs: kept)
        return file
    }

    /// Fair by fair, as far as the file can be read and this kiosk still believes the signature.
    private func readSigned() -> Salvage {
        var salvage = Salvage()
        do {
            try CatalogueFile.connect(path, salvages: true).inDatabase { database in
                var fairs: [FairID] = []
                do {
                    try CatalogueTables.eachFair(in: database) { fairs.append($0) }
                } catch {
                    salvage.lost.append(("?", "\(KioskStoreError.opening(path, error))"))
                }
                for fair in fairs { read(fair, in: database, &salvage) }
            }
        } catch {
            salvage.lost.append(("?", "\(KioskStoreError.opening(path, error))"))
        }
        return salvage
    }

    private func read(_ fair: FairID, in database: Database, _ salvage: inout Salvage) {
        let found: (etag: String, signed: Data)?
        do {
            found = try CatalogueTables.signed(of: fair, in: database)
        } catch {
            salvage.lost.append(("\(fair)", "\(KioskStoreError.opening(path, error))"))
            return
        }
        guard let found else {
            salvage.lost.append(("\(fair)", "its row is not as this program knows it"))
            return
        }
        do {
            let catalogue = try verified(found.signed)
            guard catalogue.fair.id == fair else {
                throw KioskStoreError(.corrupted, "what was signed is the catalogue of another fair")
            }
            salvage.taken.append(SignedCatalogue(catalogue: catalogue, etag: found.etag, signed: found.signed))
        } catch {
            salvage.refuse(fair, error)
        }
    }

    /// Of files that were only damaged the newest is kept: everything that can be read was taken over, and a failing card
    /// would fill itself with them. Any other file gets a name that nothing uses again.
    ///
    /// - Returns: nil where the new file holds all that the old one held.
    private func setAside(after fault: CatalogueFault, _ salvage: Salvage) throws -> String? {
        if fault.isDamage, !salvage.isRefused {
            let name = path + ".damaged"
            Self.delete(name)
            try DurableFile.link(path, as: name)
            return name
        }
        if !fault.isNewer, salvage.lost.isEmpty, !salvage.taken.isEmpty { return nil }
        var number = 1
        while FileManager.default.fileExists(atPath: "\(path).aside-\(number)") { number += 1 }
        try DurableFile.link(path, as: "\(path).aside-\(number)")
        return "\(path).aside-\(number)"
    }

    private func report(_ fault: CatalogueFault, _ salvage: Salvage, keptAs kept: String?) {
        for lost in salvage.lost {
            logger.error(
                "a fair of the catalogue file was not taken over",
                metadata: ["fair.id": "\(lost.fair)", "reason": "\(lost.reason)"])
        }
        var metadata: Logger.Metadata = ["reason": "\(fault)", "fairs": "\(salvage.taken.count)"]
        if let kept { metadata["kept.as"] = "\(kept)" }
        if salvage.lost.isEmpty, !salvage.taken.isEmpty {
            logger.notice("the catalogue file was made anew from what headquarters had signed", metadata: metadata)
        } else {
            metadata["hint"] = """
                connect the kiosk to headquarters, it fetches its fairs again; without a network, stop kioskd and move \
                the kept file back to \(path) once the program or the key list that belongs to it is here
                """
            logger.error("the catalogue file could not be used, fairs are missing", metadata: metadata)
        }
    }
}

// MARK: - Files

extension CatalogueBuilder {
    /// The path of a whole file that is not in its place yet.
    private func build(copying others: String?, fill: (Database) throws -> Void) throws -> String {
        let temporary = path + ".building"
        Self.delete(temporary)
        do {
            guard try DurableFile.create(temporary) else {
                throw KioskStoreError(.inUse, "\(temporary) is there", hint: "stop the other kioskd")
            }
            var configuration = Configuration()
            configuration.label = "catalogue-building"
            let queue = try DatabaseQueue(path: temporary, configuration: configuration)
            defer { try? queue.close() }
            try queue.inDatabase { database in
                // A half-built file is thrown away: its journal need not outlive the process, and it is synced once, at
                // the end.
                try database.execute(
                    sql: "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA trusted_schema = OFF")
                try database.execute(sql: "PRAGMA application_id = \(CatalogueTables.applicationID)")
                if let others { try database.execute(sql: "ATTACH ? AS others", arguments: [others]) }
                try database.inTransaction {
                    try database.execute(sql: CatalogueTables.statements)
                    try fill(database)
                    try database.execute(sql: "PRAGMA user_version = \(CatalogueTables.version)")
                    return .commit
                }
            }
            return temporary
        } catch {
            Self.delete(temporary)
            throw error
        }
    }

    private func put(_ temporary: String) throws -> CatalogueFile {
        do {
            try DurableFile.replace(path, withFile: temporary)
        } catch {
            Self.delete(temporary)
            throw error
        }
        guard let file = try CatalogueFile.open(path) else {
            throw KioskStoreError(.failed, "\(path) is gone", hint: "look who else writes to its folder")
        }
        return file
    }

    private static func delete(_ path: String) {
        for suffix in ["", "-journal", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }
}
