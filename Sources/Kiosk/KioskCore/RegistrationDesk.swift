// The desk: takes a typed request, applies the rules, seals, commits, and makes the answer that the person sees.

public import JobFair
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the desk is made of. Everything outside the rules comes in here.
public struct DeskParts: Sendable {
    public var store: any RecordStore
    public var printJobs: any PrintJobStore
    public var fairs: CurrentFair
    public var vacancies: VacancyShelf
    public var lists: MatchLists
    /// Nil until the kiosk is enrolled.
    public var sealer: @Sendable () -> (any ContentSealer)?
    public var clock: any ClockSource
    /// The random key in the runtime folder: survives a restart of the daemon, not a power cut.
    public var runtimeHash: KeyedHash
    public var slipTries: SlipTries
    public var screenCode: @Sendable (_ address: String) throws -> ScreenCode
    public var problems: @Sendable () async -> [HealthProblem]
    public var label: @Sendable () -> String
    /// False for the moment after a start in which the day has not been looked at.
    public var isReady: @Sendable () -> Bool
    /// Headquarters' last word: nobody registers here. Entries and check-ins go on.
    public var isRevoked: @Sendable () async throws(RecordStoreError) -> Bool
    /// Told after each commit: the spooler and sync have work.
    public var committed: @Sendable (RecordKind) -> Void
    /// Told after the slip of a vacancy was queued.
    public var slipQueued: @Sendable () -> Void
    /// False: there is no printer, or it fails and is waited for. Nobody waits for the slip of a vacancy that long.
    public var isPrinting: @Sendable () -> Bool
    /// PNG of the newest slip; only a demonstration has it.
    public var lastSlip: (@Sendable () async -> [UInt8]?)?

    public init(
        store: any RecordStore, printJobs: any PrintJobStore, fairs: CurrentFair, vacancies: VacancyShelf,
        lists: MatchLists,
        sealer: @escaping @Sendable () -> (any ContentSealer)?, clock: any ClockSource, runtimeHash: KeyedHash,
        slipTries: SlipTries, screenCode: @escaping @Sendable (String) throws -> ScreenCode,
        problems: @escaping @Sendable () async -> [HealthProblem], label: @escaping @Sendable () -> String,
        isReady: @escaping @Sendable () -> Bool,
        isRevoked: @escaping @Sendable () async throws(RecordStoreError) -> Bool,
        committed: @escaping @Sendable (RecordKind) -> Void, slipQueued: @escaping @Sendable () -> Void,
        isPrinting: @escaping @Sendable () -> Bool, lastSlip: (@Sendable () async -> [UInt8]?)?
    ) {
        self.store = store
        self.printJobs = printJobs
        self.fairs = fairs
        self.vacancies = vacancies
        self.lists = lists
        self.sealer = sealer
        self.clock = clock
        self.runtimeHash = runtimeHash
        self.slipTries = slipTries
        self.screenCode = screenCode
        self.problems = problems
        self.label = label
        self.isReady = isReady
        self.isRevoked = isRevoked
        self.committed = committed
        self.slipQueued = slipQueued
        self.isPrinting = isPrinting
        self.lastSlip = lastSlip
    }
}

/// The kiosk's desk (`protocol.md`, Kiosk). Registering never consults an index of persons.
public struct RegistrationDesk: Desk {
    let parts: DeskParts
    private let tries = TryLimiter(triesMax: Self.slipCopyTriesMax, window: Self.slipCopyWindow)
    let vacancySlips = TryLimiter(triesMax: Self.vacancySlipsMax, window: Self.vacancySlipWindow)

    /// Tries for a lost slip at one kiosk within `slipCopyWindow`; more would let a stranger guess phone digits.
    public static let slipCopyTriesMax = 5
    public static let slipCopyWindow = Duration.seconds(60)

    public init(parts: DeskParts) {
        self.parts = parts
    }

    public func context() async -> DeskContext {
        let open = try? await parts.store.openFair()
        let catalogue: Catalogue? = if let open { try? await parts.fairs.catalogue(of: open.fairID) } else { nil }
        return DeskContext(
            kioskLabel: parts.label(), fair: catalogue?.fair, day: open?.day,
            isDayConfirmed: open?.isDayConfirmed ?? false, notice: catalogue?.notice,
            keyGroups: catalogue?.keyGroups ?? [], problems: await parts.problems(),
            isDemonstration: parts.lastSlip != nil)
    }

    public func register(
        _ form: RegistrationForm, recordID: RecordID, formKey: FormKey
    ) async throws(DeskError) -> RegistrationAnswer {
        let fingerprint = KeyedHash(key: formKey.bytes)("registration", CanonicalForm.bytes(of: form))
        let record = try await committedOnce(recordID, fingerprint: fingerprint) { () async throws(DeskError) in
            try await makeDraft(form, recordID: recordID, fingerprint: fingerprint)
        }
        return try await answer(to: record)
    }

    public func countEntry(recordID: RecordID, way: String) async throws(DeskError) -> EntryAnswer {
        let fingerprint = KeyedHash.plain("entry", Array(way.utf8))
        let record = try await committedOnce(recordID, fingerprint: fingerprint) { () async throws(DeskError) in
            let (fair, sealer) = try await fairOfScan()
            return try seal(
                .entry(way: way, isRehearsal: fair.kind == .rehearsal), recordID: recordID, fairID: fair.id,
                sealer: sealer, fingerprint: fingerprint)
        }
        return EntryAnswer(isFairOpen: record.fairDay != nil)
    }

    public func checkIn(scanned: String, recordID: RecordID) async throws(DeskError) -> CheckInAnswer {
        let (token, seeker) = try Self.slip(scanned)
        let fingerprint = KeyedHash.plain("checkIn", seeker.bytes)
        let record = try await committedOnce(recordID, fingerprint: fingerprint) { () async throws(DeskError) in
            let (fair, sealer) = try await fairOfScan()
            guard token.fairKeyNumber == fair.keyNumber else { throw .slipOfOtherFair }
            guard let tokenKey = sealer.tokenKey(of: fair.id), token.isAuthentic(tokenKey: tokenKey) else {
                throw .slipInvalid
            }
            return try seal(
                .checkIn(seeker: seeker), recordID: recordID, fairID: fair.id, sealer: sealer, fingerprint: fingerprint)
        }
        let known = (try? await parts.store.registration(seeker)) ?? nil
        return CheckInAnswer(
            ticket: known?.ticket, maskedName: known?.desk?.maskedName, isFairOpen: record.fairDay != nil,
            allowsIntents: token.purpose == 1)
    }

    public func copySlip(
        documentNumber: String, phoneDigits: String, recordID: RecordID, formKey: FormKey
    ) async throws(DeskError) {
        // With a key that is stored nowhere: a hash that could be tried out would outlive the closing with the record.
        let fingerprint = KeyedHash(key: formKey.bytes)(
            "slipCopy", Array(documentNumber.utf8), Array(phoneDigits.utf8))
        // First of all: a repeat is no further try, and after the closing the index knows nobody.
        if try await known(recordID, fingerprint: fingerprint) != nil { return }
        if let wait = await tries.waitAfterTry(bootMilliseconds: parts.clock.read().bootMilliseconds) {
            throw .tooManyTries(retryAfterSeconds: Int(wait.components.seconds) + 1)
        }
        let (open, sealer) = try await openFairAndSealer()
        guard let document = Self.document(documentNumber, on: open.day) else { throw .slipNotFound }
        let hash = Self.lostSlipHash(document: document, phoneDigits: phoneDigits, with: parts.runtimeHash)
        let found: CommittedRecord?
        do {
            found = try await parts.store.registration(lostSlipHash: hash)
        } catch {
            throw DeskError(error)
        }
        guard let found else { throw .slipNotFound }
        var draft = try seal(
            .slipCopy(seeker: found.recordID), recordID: recordID, fairID: open.fairID, sealer: sealer,
            fingerprint: fingerprint)
        draft.copyOf = found.recordID
        _ = try await commit(draft)
    }

    public func printState(of recordID: RecordID) async -> PrintState? {
        (try? await parts.printJobs.printState(of: recordID)) ?? nil
    }

    public func lastSlipPNG() async -> [UInt8]? {
        await parts.lastSlip?()
    }
}

// MARK: - Steps

extension RegistrationDesk {
    static func lostSlipHash(document: Document, phoneDigits: String, with hash: KeyedHash) -> Data {
        hash("lostSlip", Array(document.number.utf8), Array(phoneDigits.utf8))
    }

    /// The kind was chosen at registration and is not asked again: a long passport number of digits only is one too.
    static func document(_ number: String, on day: CalendarDate) -> Document? {
        for kind in [nil, DocumentKind.passport] {
            if case .success(let document) = DocumentRules.check(number: number, kind: kind, on: day) {
                return document
            }
        }
        return nil
    }

    private func readySealer() throws(DeskError) -> any ContentSealer {
        guard let sealer = parts.sealer() else { throw .notEnrolled }
        guard parts.isReady() else { throw .busy }
        return sealer
    }

    func openFairAndSealer() async throws(DeskError) -> (OpenFair, any ContentSealer) {
        let sealer = try readySealer()
        do {
            if let open = try await parts.store.openFair() { return (open, sealer) }
        } catch {
            throw DeskError(error)
        }
        throw .noFairOpen
    }

    /// Whoever walks in or shows a slip is recorded also when the fair is closed: under the one that was open last. Not
    /// under a rehearsal: it is left out of every figure, and who comes before the fair is opened would be with it.
    private func fairOfScan() async throws(DeskError) -> (Fair, any ContentSealer) {
        let sealer = try readySealer()
        let open: OpenFair?
        let last: FairID?
        do {
            open = try await parts.store.openFair()
            last = open == nil ? try await parts.store.lastFair() : nil
        } catch {
            throw DeskError(error)
        }
        guard let fairID = open?.fairID ?? last else { throw .noFairOpen }
        let fair = try await catalogue(of: fairID).fair
        guard open != nil || fair.kind != .rehearsal else { throw .noFairOpen }
        return (fair, sealer)
    }

    private func catalogue(of fair: FairID) async throws(DeskError) -> Catalogue {
        do {
            if let catalogue = try await parts.fairs.catalogue(of: fair) { return catalogue }
        } catch {
            throw .failed
        }
        throw .noFairOpen
    }

    private func makeDraft(
        _ form: RegistrationForm, recordID: RecordID, fingerprint: Data
    ) async throws(DeskError) -> RecordDraft {
        let (open, sealer) = try await openFairAndSealer()
        let isRevoked: Bool
        do { isRevoked = try await parts.isRevoked() } catch { throw DeskError(error) }
        if isRevoked { throw .revoked }
        let catalogue = try await catalogue(of: open.fairID)
        let registration: Registration
        switch RegistrationRules.check(
            form, on: open.day, noticeVersion: catalogue.notice.version,
            keyGroupCodes: Set(catalogue.keyGroups.map(\.code)))
        {
        case .success(let checked): registration = checked
        case .failure(let problems): throw .invalid(problems.problems)
        }
        let purpose = registration.ageBand.allowsIntents ? 1 : 2
        var draft = try seal(
            .registration(registration, slipPurpose: purpose, isRehearsal: catalogue.fair.kind == .rehearsal),
            recordID: recordID, fairID: open.fairID, sealer: sealer, fingerprint: fingerprint)
        draft.desk = DeskEntry(
            maskedName: registration.name.map(NameRules.masked) ?? "", wishes: registration.wishes,
            slipPurpose: purpose, lostSlipHash: lostSlipHash(of: registration),
            digitsHash: SlipDigits.hash(registration.slipDigits, of: recordID, with: parts.runtimeHash))
        return draft
    }

    private func lostSlipHash(of registration: Registration) -> Data? {
        guard let document = registration.document, let phone = registration.phone else { return nil }
        return Self.lostSlipHash(document: document, phoneDigits: String(phone.suffix(4)), with: parts.runtimeHash)
    }

    func seal(
        _ content: RecordContent, recordID: RecordID, fairID: FairID, sealer: any ContentSealer, fingerprint: Data
    ) throws(DeskError) -> RecordDraft {
        do {
            let sealed = try sealer.seal(content, recordID: recordID, fairID: fairID)
            return RecordDraft(
                recordID: recordID, kind: content.kind, identity: sealed.identity,
                encapsulatedKey: sealed.encapsulatedKey, ciphertext: sealed.ciphertext, fingerprint: fingerprint)
        } catch {
            throw .failed
        }
    }

    /// Commits what `makeDraft` makes, once. Where it cannot be made, fair, day, notice or grant may have changed since the
    /// first answer to this very request: a repeat is answered all the same.
    func committedOnce(
        _ recordID: RecordID, fingerprint: Data, makeDraft: () async throws(DeskError) -> RecordDraft
    ) async throws(DeskError) -> CommittedRecord {
        let draft: RecordDraft
        do {
            draft = try await makeDraft()
        } catch {
            guard let known = try await known(recordID, fingerprint: fingerprint) else { throw error }
            return known
        }
        return try await commit(draft)
    }

    private func known(_ recordID: RecordID, fingerprint: Data) async throws(DeskError) -> CommittedRecord? {
        do {
            return try await parts.store.known(recordID, fingerprint: fingerprint)
        } catch {
            throw DeskError(error)
        }
    }

    private func commit(_ draft: RecordDraft) async throws(DeskError) -> CommittedRecord {
        do {
            let record = try await parts.store.commit(draft, clock: parts.clock.read())
            parts.committed(draft.kind)
            return record
        } catch {
            throw DeskError(error)
        }
    }

    /// The record is on the disk: what is missing to show it is fetched or granted again, so the page goes on asking.
    /// Any other word would have the person register twice.
    private func answer(to record: CommittedRecord) async throws(DeskError) -> RegistrationAnswer {
        guard let ticket = record.ticket, let desk = record.desk, let day = record.fairDay else { throw .failed }
        guard let tokenKey = parts.sealer()?.tokenKey(of: record.fairID),
            let fair = try? await parts.fairs.catalogue(of: record.fairID)?.fair
        else { throw .checking }
        let token = SlipToken.make(
            purpose: desk.slipPurpose, fairKeyNumber: fair.keyNumber, recordID: Data(record.recordID.bytes),
            tokenKey: tokenKey)
        do {
            return RegistrationAnswer(
                recordID: record.recordID, ticket: ticket, maskedName: desk.maskedName, fairName: fair.name,
                fairDay: day, allowsIntents: desk.slipPurpose == 1,
                code: try parts.screenCode(token.address(form: fair.formAddress)))
        } catch {
            throw .failed
        }
    }
}

extension DeskError {
    init(_ error: RecordStoreError) {
        self =
            switch error {
            case .conflict: .conflict
            case .noFairOpen: .noFairOpen
            case .ticketsExhausted: .ticketsExhausted
            case .busy, .fairChanged: .busy
            case .diskFull: .diskFull
            case .unknownOutcome: .checking
            case .failed: .failed
            }
    }
}
