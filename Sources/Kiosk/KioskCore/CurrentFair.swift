// The catalogue of the open fair, kept in memory: reading 20,000 vacancies for every request would be waste.

public import JobFair

/// Reads catalogues through to the store and keeps the last one until its ETag changes.
public actor CurrentFair {
    private let store: any CatalogueStore
    private var kept: (etag: String, catalogue: Catalogue)?

    public init(store: any CatalogueStore) {
        self.store = store
    }

    public func catalogue(of fair: FairID) async throws -> Catalogue? {
        try await current(of: fair)?.catalogue
    }

    /// The catalogue and what tells it from the next one.
    func current(of fair: FairID) async throws -> (etag: String, catalogue: Catalogue)? {
        guard let etag = try await store.etag(of: fair) else { return nil }
        if let kept, kept.etag == etag, kept.catalogue.fair.id == fair { return kept }
        guard let catalogue = try await store.catalogue(of: fair) else { return nil }
        kept = (etag, catalogue)
        return (etag, catalogue)
    }

    /// Nil: this kiosk has no catalogue of the fair. Cheap.
    func etag(of fair: FairID) async throws -> String? {
        try await store.etag(of: fair)
    }

    public func fairs() async throws -> [Fair] {
        try await store.fairs()
    }
}
