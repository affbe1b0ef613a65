// The catalogues headquarters signed: a file that is replaced whole, and made anew from the signed bytes in it.

public import Foundation
import GRDB
public import JobFair
public import KioskCore
public import Logging
import Synchronization

/// Reads what headquarters signed, which this room does not know how to do. Throws where no key that this kiosk trusts has
/// signed the bytes, or a field in them is not right; the text of the error goes to the log.
public typealias SignedCatalogueReading = @Sendable (_ signed: Data) throws -> Catalogue

/// `catalogue.sqlite`: read-only once it is there. `save` builds the next file beside it, syncs it and renames it into
/// place; a reader sees the old fairs or the new ones, never a mixture, and never waits for the building.
///
/// A file of another version of the program, or a damaged one, is made anew from the signed bytes in it
/// (`docs/storage.md`).
public actor SQLiteCatalogueStore: CatalogueStore {
    /// Building a file of 20,000 vacancies takes a while: this actor builds, on a thread of its own, and its readers pass
    /// it by.
    private nonisolated let thread = BlockingExecutor(label: "kiosk.catalogue.building")
    private nonisolated let reader = CatalogueReader()
    private let builder: CatalogueBuilder
    private nonisolated let logger: Logger
    /// What readers see; nil: there is no file yet. Only this actor changes it.
    private nonisolated let current: Mutex<CatalogueFile?>

    /// Opens the file if there is one; where it has to be made anew that takes a second or two.
    ///
    /// - Parameter verified: reads the bytes that were given to `save` as `signed`.
    public init(
        path: String, verified: @escaping SignedCatalogueReading, logger: Logger
    ) throws(KioskStoreError) {
        SQLiteLibrary.logErrors(to: logger)
        try SQLiteLibrary.check()
        self.logger = logger
        builder = CatalogueBuilder(path: path, verified: verified, logger: logger)
        let file: CatalogueFile?
        do {
            file = try CatalogueFile.open(path)
        } catch {
            // A whole file of another program is no damage: somebody gave the wrong path.
            guard let fault = CatalogueFault(error) else { throw KioskStoreError.opening(path, error) }
            file = Self.rebuild(builder, after: fault)
        }
        current = Mutex(file)
    }

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    public func save(_ catalogue: Catalogue, etag: String, signed: Data) async throws {
        let new = SignedCatalogue(catalogue: catalogue, etag: etag, signed: signed)
        // Where the start could not make the file anew it is still there: nothing is written over it.
        if held == nil { swap(try builder.open()) }
        do {
            swap(try builder.save(new, copiesOthers: held != nil))
        } catch {
            guard held != nil, let fault = CatalogueFault(error) else { throw error }
            swap(try builder.rebuild(after: fault))
            swap(try builder.save(new, copiesOthers: held != nil))
        }
    }

    /// From memory.
    public nonisolated func etag(of fair: FairID) async throws -> String? { held?.etags[fair] }

    public nonisolated func catalogue(of fair: FairID) async throws -> Catalogue? {
        try await read { try CatalogueTables.catalogue(of: fair, in: $0) }
    }

    /// From memory.
    public nonisolated func fairs() async throws -> [Fair] { held?.fairs ?? [] }

    /// The bytes headquarters signed, for handing on.
    public nonisolated func signedCatalogue(of fair: FairID) async throws -> Data? {
        try await read { try CatalogueTables.signed(of: fair, in: $0)?.signed }
    }
}

// MARK: - The file in use

extension SQLiteCatalogueStore {
    private nonisolated var held: CatalogueFile? { current.withLock { $0 } }

    private func swap(_ file: CatalogueFile?) { current.withLock { $0 = file } }

    private nonisolated func read<T: Sendable>(
        _ work: @Sendable (Database) throws -> T?
    ) async throws -> T? {
        guard let file = held else { return nil }
        do {
            return try await reader.read(file, work)
        } catch {
            guard let fault = CatalogueFault(error) else { throw error }
            guard let mended = await mend(file, fault) else { return nil }
            return try await reader.read(mended, work)
        }
    }

    /// What is in use instead of a file that turned out to be damaged.
    private func mend(_ file: CatalogueFile, _ fault: CatalogueFault) -> CatalogueFile? {
        // Of several readers who found the damage the first has it mended.
        if held?.queue === file.queue { swap(Self.rebuild(builder, after: fault)) }
        return held
    }

    /// A kiosk without a fair is better than none: entries are still counted, and the technician reads why.
    private static func rebuild(_ builder: CatalogueBuilder, after fault: CatalogueFault) -> CatalogueFile? {
        do {
            return try builder.rebuild(after: fault)
        } catch {
            builder.logger.error(
                "the catalogue file cannot be used and could not be made anew; it stays where it is",
                metadata: [
                    "reason": "\(fault)", "error": "\(KioskStoreError.opening(builder.path, error))",
                    "hint": "mend what the error names and start kioskd again, or connect the kiosk to headquarters",
                ])
            return nil
        }
    }
}

/// Reads on a thread of its own, beside the building.
private actor CatalogueReader {
    private nonisolated let thread = BlockingExecutor(label: "kiosk.catalogue")

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    func read<T: Sendable>(_ file: CatalogueFile, _ work: @Sendable (Database) throws -> T) throws -> T {
        try file.queue.inDatabase(work)
    }
}
