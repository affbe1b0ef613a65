// Holds the offers of the fair that is asked for, and renews them beside the requests, not in them.

public import JobFair
import Synchronization

/// The offers in memory. While those of a new catalogue are made, the old ones are still served; only the first request
/// for a fair waits.
public final class VacancyShelf: Sendable {
    private let kept = Mutex<Kept?>(nil)
    private let fairs: CurrentFair
    private let builder: Builder
    /// Fairs whose catalogue has changed; whoever owns this shelf calls `renew` for each.
    public let stale: AsyncStream<FairID>
    private let send: AsyncStream<FairID>.Continuation

    private struct Kept: Sendable {
        var etag: String
        var offers: VacancyOffers
    }

    public init(fairs: CurrentFair) {
        self.fairs = fairs
        builder = Builder(fairs: fairs)
        (stale, send) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Nil: this kiosk has no catalogue of the fair.
    public func offers(of fair: FairID) async throws -> VacancyOffers? {
        guard let etag = try await fairs.etag(of: fair) else { return nil }
        let kept = kept.withLock { $0 }
        guard let kept, kept.offers.catalogue.fair.id == fair else { return try await renew(fair) }
        if kept.etag != etag { expect(fair) }
        return kept.offers
    }

    /// A catalogue has come, or a fair was opened: to be made ready before somebody asks.
    public func expect(_ fair: FairID) { send.yield(fair) }

    @discardableResult
    public func renew(_ fair: FairID) async throws -> VacancyOffers? {
        try await builder.renew(fair) { change in self.kept.withLock { change(&$0) } }
    }

    /// One at a time: of two requests for the same catalogue the second finds what the first has made.
    private actor Builder {
        private let fairs: CurrentFair

        init(fairs: CurrentFair) { self.fairs = fairs }

        func renew(
            _ fair: FairID, _ access: @Sendable ((inout Kept?) -> Void) -> Void
        ) async throws -> VacancyOffers? {
            guard let current = try await fairs.current(of: fair) else { return nil }
            var found: VacancyOffers?
            access { kept in
                guard let kept, kept.etag == current.etag, kept.offers.catalogue.fair.id == fair else { return }
                found = kept.offers
            }
            if let found { return found }
            let offers = VacancyOffers(current.catalogue)
            access { $0 = Kept(etag: current.etag, offers: offers) }
            return offers
        }
    }
}
