// What was made of the catalogues of some fairs, kept in memory so that not every request reads them anew.

import HeadquartersCore
import JobFair

/// One value per fair, made of the catalogue of one version. A newer version is made anew; of more than `fairsMax`
/// fairs the one that was not asked for the longest goes first.
actor EditionCache<Value: Sendable> {
    private struct Entry {
        var version: Int
        var value: Value
        var lastUse: Int
    }

    private let fairsMax: Int
    private var entries: [FairID: Entry] = [:]
    private var uses = 0

    init(fairsMax: Int) {
        self.fairsMax = fairsMax
    }

    /// - Parameter make: asked where nothing is held of this version; nil is not kept. Requests at the same moment may
    ///   each make it: the same value.
    func value(of edition: FairEdition, make: @Sendable () async throws -> Value?) async throws -> Value? {
        uses += 1
        if let entry = entries[edition.fairID], entry.version == edition.catalogueVersion {
            entries[edition.fairID]?.lastUse = uses
            return entry.value
        }
        guard let value = try await make() else { return nil }
        entries[edition.fairID] = Entry(version: edition.catalogueVersion, value: value, lastUse: uses)
        if entries.count > fairsMax, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            entries[oldest.key] = nil
        }
        return value
    }
}
