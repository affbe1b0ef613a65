// The desk's answers about vacancies: search, lists by wishes, the slip of one vacancy.

public import JobFair
import SyncProtocol

extension RegistrationDesk {
    /// Slips of single vacancies at one kiosk within `vacancySlipWindow`: a family of five takes four each; more is a game.
    public static let vacancySlipsMax = 20
    public static let vacancySlipWindow = Duration.seconds(60)

    public func vacancies(_ query: VacancyQuery) async throws(DeskError) -> VacancyCardPage {
        let (_, offers) = try await openOffers()
        let page = VacancySearch(offers.index).page(query)
        return VacancyCardPage(total: page.total, cards: page.hits.map { offers.card(of: $0.vacancy, $0.employer) })
    }

    public func vacancy(_ id: VacancyID) async throws(DeskError) -> VacancyCard {
        let (_, offers) = try await openOffers()
        guard let card = offers.card(of: id) else { throw .vacancyNotFound }
        return card
    }

    public func occupations() async throws(DeskError) -> [OccupationTile] {
        try await openOffers().offers.occupations
    }

    public func regions() async throws(DeskError) -> FairRegions {
        let (_, offers) = try await openOffers()
        return FairRegions(fairRegion: offers.catalogue.fair.region, regions: offers.regions)
    }

    public func matches(
        _ wishes: Wishes?, scanned: String?, count: Int
    ) async throws(DeskError) -> MatchedVacancies {
        let (open, offers) = try await openOffers()
        var known: CommittedRecord?
        if let scanned {
            let (token, seeker) = try Self.slip(scanned)
            guard let sealer = parts.sealer() else { throw .notEnrolled }
            try Self.authenticate(token, at: offers.catalogue.fair, sealer: sealer)
            known = try await registration(seeker)
        }
        let checked = try wishes.map { wishes throws(DeskError) in try Self.checked(wishes) }
        // A closing takes the wishes of an entry together with its hashes.
        let ofSlip = known?.desk.flatMap { $0.digitsHash == nil ? nil : $0.wishes }
        let matches = await parts.lists.list(
            for: checked ?? ofSlip ?? Wishes(), turn: known?.ticket?.number, count: count, from: offers,
            on: open.day)
        return MatchedVacancies(
            areWishesKnown: checked != nil || ofSlip != nil,
            lines: matches.map {
                MatchLine(
                    card: offers.card(of: $0.vacancy, $0.employer), score: $0.score, reasons: $0.reasons.map(\.text),
                    relaxed: $0.relaxed)
            })
    }

    public func printVacancy(_ vacancy: VacancyID, recordID: RecordID) async throws(DeskError) {
        // A repeat is no further slip, also when the vacancy has been filled since.
        if await printState(of: recordID) == nil {
            let (_, offers) = try await openOffers()
            guard offers.card(of: vacancy) != nil else { throw .vacancyNotFound }
            guard parts.isPrinting() else { throw .printerUnavailable }
            let now = parts.clock.read().bootMilliseconds
            if let wait = await vacancySlips.waitAfterTry(bootMilliseconds: now) {
                throw .tooManyVacancySlips(retryAfterSeconds: Int(wait.components.seconds) + 1)
            }
        }
        do {
            try await parts.printJobs.queueVacancySlip(recordID, vacancy: vacancy)
        } catch {
            throw DeskError(error)
        }
        parts.slipQueued()
    }
}

// MARK: - Steps

extension RegistrationDesk {
    func openOffers() async throws(DeskError) -> (open: OpenFair, offers: VacancyOffers) {
        let open: OpenFair?
        do {
            open = try await parts.store.openFair()
        } catch {
            throw DeskError(error)
        }
        guard let open else { throw .noFairOpen }
        return (open, try await offers(of: open.fairID))
    }

    func offers(of fair: FairID) async throws(DeskError) -> VacancyOffers {
        do {
            if let offers = try await parts.vacancies.offers(of: fair) { return offers }
        } catch {
            throw .failed
        }
        throw .noFairOpen
    }

    func registration(_ seeker: RecordID) async throws(DeskError) -> CommittedRecord? {
        do {
            return try await parts.store.registration(seeker)
        } catch {
            throw DeskError(error)
        }
    }

    static func slip(_ scanned: String) throws(DeskError) -> (token: SlipToken, seeker: RecordID) {
        guard let token = try? SlipToken(scanned), let seeker = RecordID(bytes: token.recordID) else {
            throw .slipInvalid
        }
        return (token, seeker)
    }

    /// A slip of this fair, made with its key, that may lead to intents.
    static func authenticate(_ token: SlipToken, at fair: Fair, sealer: any ContentSealer) throws(DeskError) {
        guard token.fairKeyNumber == fair.keyNumber else { throw .slipOfOtherFair }
        guard let tokenKey = sealer.tokenKey(of: fair.id), token.isAuthentic(tokenKey: tokenKey) else {
            throw .slipInvalid
        }
        guard token.purpose == 1 else { throw .slipWithoutIntents }
    }

    static func checked(_ wishes: Wishes) throws(DeskError) -> Wishes {
        switch RegistrationRules.check(wishes) {
        case .success(let wishes): return wishes
        case .failure(let problems): throw .request(problems.problems)
        }
    }
}
