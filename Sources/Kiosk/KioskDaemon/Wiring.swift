// Which part knows which other: one function for each.

import Glibc
import JobFair
import KioskCore
import KioskDevices
import KioskStore
import KioskSync
import Logging
import Observability
import SlipPrinting
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct Wiring {
    /// An anchor becomes a record once in each run of the daemon, and again only when the clocks have drifted apart this
    /// far, in milliseconds.
    static let anchorDriftMax: Int64 = 5000

    let settings: KioskSettings
    let logger: Logger
    let clock: SystemClock
    let enrolments: EnrolmentStore
    let store: SQLiteRecordStore
    let fairs: CurrentFair
    let vacancies: VacancyShelf
    let lists: MatchLists
    let catalogues: SQLiteCatalogueStore
    let device: SigningKey
    let runtimeHash: KeyedHash
    let slipTries: SlipTries
    let printer: KioskPrinter
    let link: SyncLink
    let dayState: DayState

    private var sealer: @Sendable () -> (any ContentSealer)? {
        { [enrolments] in enrolments.sealer }
    }

    /// The label on the wall: headquarters' word for it once enrolled.
    private var label: @Sendable () -> String {
        { [enrolments, settings] in enrolments.enrolment?.kioskLabel ?? settings.label }
    }

    func makeFairControl() -> FairControl {
        FairControl(
            store: store, fairs: fairs, sealer: sealer, clock: clock, makeRecordID: Self.makeRecordID,
            committed: { [link] in link.recordCommitted() }, closed: { [slipTries] in await slipTries.forget() })
    }

    func makePrinting() -> PrintService {
        let composer = makeComposer()
        return PrintService(
            jobs: store, port: printer.port, compose: { try await composer.compose($0) }, state: printer.state,
            keepsLastSlip: settings.isDemonstration, logger: logger)
    }

    func makeSync(health: HealthSource, fairControl: FairControl) -> SyncService {
        let anchors = AnchorRecorder(fairs: fairs, store: store, sealer: sealer, clock: clock, logger: logger)
        return SyncService(
            parts: SyncParts(
                outbox: store, catalogues: catalogues, enrolments: enrolments, clock: clock,
                softwareVersion: ProgramVersion.text, problems: { await health.problems() },
                openFair: { [store] in (try? await store.openFair())?.fairID },
                anchored: { [clock] anchor in
                    clock.learn(
                        headquartersMilliseconds: anchor.headquartersMilliseconds,
                        atBootMilliseconds: anchor.bootMilliseconds)
                    await anchors.record(anchor)
                },
                downloaded: downloaded,
                freshLetters: { [store] fair, pairs async throws(RecordStoreError) in
                    try await store.setTicketPairs(pairs, freshIsLastFor: fair)
                },
                follow: Self.following(fairControl, deviceID: device.deviceID, logger: logger), logger: logger))
    }

    /// Headquarters' word about fair and day, by network or stick, with a daemon or without.
    static func following(
        _ fairControl: FairControl, deviceID: Data, logger: Logger
    ) -> @Sendable (DayDirective) async -> DirectiveOutcome {
        { directive in
            do throws(ControlError) {
                try await fairControl.follow(directive, deviceID: deviceID)
                logger.notice("followed headquarters' directive about the fair's day")
                return .done
            } catch {
                logger.warning(
                    "headquarters' directive about the fair's day was not followed",
                    metadata: ["error.code": "\(error.code)"])
                return error.isForGood ? .never : error.waitsForFair ? .notYet : .failed
            }
        }
    }

    /// Something new from headquarters, by network or stick.
    private var downloaded: @Sendable (SyncDownload) async -> Void {
        { [store, enrolments, vacancies] download in
            switch download {
            case .grant(let fair):
                guard let grant = enrolments.grant(of: fair) else { return }
                store.setTicketPairs(grant.ticketPairs, for: fair)
            case .catalogue(let fair, _):
                // Only the open fair's are in memory.
                guard let open = try? await store.openFair(), open.fairID == fair else { return }
                vacancies.expect(fair)
            case .keyList: return
            }
        }
    }

    func makeResidentStick() -> ResidentStickService? {
        guard !settings.stick.folder.isEmpty else { return nil }
        return ResidentStickService(
            folder: settings.stick.folder, mustBeMounted: settings.stick.mustBeMounted, store: store,
            device: device.deviceID, statement: { [enrolments] in enrolments.statement },
            softwareVersion: ProgramVersion.text, logger: logger)
    }

    func makeStickDesk(sync: SyncService, resident: ResidentStickService?, fairControl: FairControl) -> StickDesk {
        StickDesk(
            store: store, devicePublicKey: device.publicKey,
            statement: { [enrolments] in enrolments.statement }, resident: resident,
            reception: StickReception(
                enrolments: enrolments, catalogues: catalogues, outbox: store,
                keepErasures: { [store] erasures async throws(RecordStoreError) in try await store.keep(erasures) },
                downloaded: { [downloaded] download in
                    await downloaded(download)
                    if download == .keyList { sync.keysChanged() }
                }, follow: Self.following(fairControl, deviceID: device.deviceID, logger: logger),
                leftLineage: { sync.leftLineage($0) }, logger: logger))
    }

    func makeDesk(health: HealthSource, printing: PrintService) -> RegistrationDesk {
        let kept: @Sendable () async -> [UInt8]? = { [state = printer.state] in state.lastSlipPNG }
        return RegistrationDesk(
            parts: DeskParts(
                store: store, printJobs: store, fairs: fairs, vacancies: vacancies, lists: lists, sealer: sealer,
                clock: clock, runtimeHash: runtimeHash, slipTries: slipTries,
                screenCode: { address in
                    let code = try QRCode(address: address)
                    return ScreenCode(address: address, size: code.size, rows: code.rows)
                },
                problems: { await health.problems() }, label: label,
                isReady: { [dayState] in dayState.isReady },
                isRevoked: { [store] () async throws(RecordStoreError) in try await store.isRevoked() },
                committed: { [link] kind in
                    if kind == .registration || kind == .slipCopy { printing.send.yield(.jobQueued) }
                    link.recordCommitted()
                },
                slipQueued: { printing.send.yield(.jobQueued) },
                isPrinting: { [printer] in printer.port != nil && printer.state.isPrinting },
                lastSlip: settings.isDemonstration ? kept : nil))
    }

    func makeControl(
        health: HealthSource, fairControl: FairControl, printing: PrintService, sync: SyncService, sticks: StickDesk
    ) -> KioskControlDesk {
        let composer = makeComposer()
        let enrolling = EnrolmentClient(store: enrolments, softwareVersion: ProgramVersion.text, logger: logger)
        return KioskControlDesk(
            label: label, deviceID: Hexadecimal.encode(device.deviceID.prefix(4)), store: store,
            fairs: fairs, fairControl: fairControl, clock: clock, printer: printer.port,
            composeTest: { try composer.composeTest() }, printerAnswered: { printing.send.yield(.printerBack) },
            isEnrolled: { [enrolments] in enrolments.enrolment != nil },
            performEnrolment: { request async throws(ControlError) in
                _ = try await enrolling.enrol(request)
                sync.enrolled()
            },
            syncStatus: { await sync.status() }, problems: { await health.problems() },
            outboxListing: { [store, clock] () async throws(RecordStoreError) in
                var listing = try await store.outboxListing(clock.read())
                listing.sync = sync.outboxStatus()
                return listing
            },
            retryQuarantined: { [store] () async throws(RecordStoreError) in
                let records = try await store.retryQuarantined()
                sync.recordCommitted()
                return records
            }, sticks: sticks, logger: logger)
    }

    private func makeComposer() -> SlipComposer {
        SlipComposer(
            vacancies: vacancies, lists: lists, openFair: { [store] in try await store.openFair() }, sealer: sealer,
            rasterizer: printer.rasterizer, profile: printer.profile, kioskLabel: label,
            state: printer.state)
    }

    static let makeRecordID: @Sendable () -> RecordID = {
        RecordID(
            milliseconds: SystemClock.milliseconds(CLOCK_REALTIME),
            random: (0..<10).map { _ in UInt8.random(in: 0...255) })
    }

    /// Turns the first anchor of this run, and any that shows drift, into a record: headquarters dates by it. A second
    /// one within a boot, after a restart, is more evidence and does no harm.
    private actor AnchorRecorder {
        private let fairs: CurrentFair
        private let store: SQLiteRecordStore
        private let sealer: @Sendable () -> (any ContentSealer)?
        private let clock: SystemClock
        private let logger: Logger
        private var recordedOffset: Int64?

        init(
            fairs: CurrentFair, store: SQLiteRecordStore, sealer: @escaping @Sendable () -> (any ContentSealer)?,
            clock: SystemClock, logger: Logger
        ) {
            self.fairs = fairs
            self.store = store
            self.sealer = sealer
            self.clock = clock
            self.logger = logger
        }

        /// The open fair, whose day stands beside the anchor; before one was opened, any that is known.
        private func fairOfAnchor() async throws -> FairID? {
            if let open = try await store.openFair() { return open.fairID }
            return try await fairs.fairs().first?.id
        }

        func record(_ anchor: ClockAnchor) async {
            let offset = anchor.headquartersMilliseconds - anchor.bootMilliseconds
            if let recordedOffset, abs(offset - recordedOffset) <= Wiring.anchorDriftMax { return }
            do {
                guard let sealer = sealer(), let fair = try await fairOfAnchor() else { return }
                let id = Wiring.makeRecordID()
                let sealed = try sealer.seal(.clockAnchor(anchor), recordID: id, fairID: fair)
                _ = try await store.commit(
                    RecordDraft(
                        recordID: id, kind: .clockAnchor, identity: sealed.identity,
                        encapsulatedKey: sealed.encapsulatedKey, ciphertext: sealed.ciphertext,
                        fingerprint: KeyedHash.plain("clockAnchor", id.bytes)), clock: clock.read())
                recordedOffset = offset
            } catch {
                logger.warning("clock anchor was not recorded", metadata: ["error.kind": "\(type(of: error))"])
            }
        }
    }
}
