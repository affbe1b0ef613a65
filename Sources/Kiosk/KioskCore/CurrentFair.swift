// The catalogue of the open fair, kept in memory: reading 20,000 vacancies for every request would be waste.

public import JobFair

/// Reads catalogues through to the store and keeps the last one until its ETag changes. One reading serves all who ask for
/// the same version meanwhile.
public actor CurrentFair {
    struct Current: Sendable {
        /// Tells the catalogue from the next one.
        var etag: String
        var catalogue: Catalogue
    }

    private struct Version: Hashable {
        var fair: FairID
        var etag: String
    }

    private let store: any CatalogueStore
    private var kept: Current?
    /// Readings under way, and who waits for what they bring.
    private var readings: [Version: [CheckedContinuation<Current?, any Error>]] = [:]

    public init(store: any CatalogueStore) {
        self.store = store
    }

    /// While somebody reads a newer catalogue of the fair, the one before it: nobody registers more slowly for a change of
    /// vacancies.
    public func catalogue(of fair: FairID) async throws -> Catalogue? {
        guard let etag = try await store.etag(of: fair) else { return nil }
        let version = Version(fair: fair, etag: etag)
        if let kept, kept.catalogue.fair.id == fair, readings[version] != nil { return kept.catalogue }
        return try await read(version)?.catalogue
    }

    /// The newest catalogue, if it has to be waited for.
    func current(of fair: FairID) async throws -> Current? {
        guard let etag = try await store.etag(of: fair) else { return nil }
        return try await read(Version(fair: fair, etag: etag))
    }

    /// Nil: this kiosk has no catalogue of the fair. Cheap.
    func etag(of fair: FairID) async throws -> String? {
        try await store.etag(of: fair)
    }

    public func fairs() async throws -> [Fair] {
        try await store.fairs()
    }

    private func read(_ version: Version) async throws -> Current? {
        if let kept, kept.etag == version.etag, kept.catalogue.fair.id == version.fair { return kept }
        if readings[version] != nil {
            return try await withCheckedThrowingContinuation { readings[version]?.append($0) }
        }
        readings[version] = []
        let result: Result<Current?, any Error>
        do {
            let catalogue = try await store.catalogue(of: version.fair)
            result = .success(catalogue.map { Current(etag: version.etag, catalogue: $0) })
        } catch {
            result = .failure(error)
        }
        if case .success(let found?) = result { kept = found }
        for waiter in readings.removeValue(forKey: version) ?? [] { waiter.resume(with: result) }
        return try result.get()
    }
}
