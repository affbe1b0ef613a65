// The parts of one kiosk, made from its settings.

import DurableFiles
import JobFair
import KioskCore
import KioskDevices
import KioskStore
import KioskSync
import Logging
import SlipPrinting
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Everything that lives as long as the daemon.
struct KioskParts: Sendable {
    /// What `records.sqlite` may reach: more than two million records, many years of fairs. Beyond it something is wrong,
    /// and the rest of the card is not eaten up.
    static let recordsBytesMax = 4 << 30

    let settings: KioskSettings
    let clock: SystemClock
    let dayState: DayState
    let store: SQLiteRecordStore
    let fairs: CurrentFair
    let vacancies: VacancyService
    let fairControl: FairControl
    let desk: RegistrationDesk
    let control: KioskControlDesk
    let printing: PrintService
    let sync: SyncService
    /// Nil: none is configured.
    let stick: ResidentStickService?

    init(settings: KioskSettings, logger: Logger) throws {
        self.settings = settings
        let printer = try KioskPrinter(settings: settings, logger: logger)
        try Self.makeFolders(settings)
        if let standstill = DiskStandstill(stateFolder: settings.stateFolder) { throw standstill }
        do {
            dayState = DayState()
            clock = try SystemClock(counterFile: settings.stateFolder + "/boot.counter")
            let enrolments = try EnrolmentStore(stateFolder: settings.stateFolder)
            let (device, _) = try enrolments.loadOrMakeKeys()
            let store = try SQLiteRecordStore(settings: settings.recordStore, signer: device, logger: logger)
            self.store = store
            for grant in enrolments.grants { store.setTicketPairs(grant.ticketPairs, for: grant.fairID) }
            let catalogues = try SQLiteCatalogueStore(
                path: settings.catalogueFile,
                verified: { signed in
                    try CatalogueMapping.catalogue(signed: signed, keyList: enrolments.enrolment?.keyList)
                }, logger: logger)
            let runtimeKey = try DurableFile.readOrCreateSecret(settings.runtimeFolder + "/desk.key") {
                Data((0..<32).map { _ in UInt8.random(in: 0...255) })
            }
            let runtimeHash = KeyedHash(key: runtimeKey)
            let slipTries = SlipTries(
                store: SlipTryFile(path: settings.slipTriesFile, logger: logger), hash: runtimeHash)
            let fairs = CurrentFair(store: catalogues)
            self.fairs = fairs
            let shelf = VacancyShelf(fairs: fairs)
            vacancies = VacancyService(
                shelf: shelf, openFair: { (try? await store.openFair())?.fairID }, logger: logger)
            let link = SyncLink()
            let wiring = Wiring(
                settings: settings, logger: logger, clock: clock, enrolments: enrolments, store: store, fairs: fairs,
                vacancies: shelf, lists: MatchLists(), catalogues: catalogues, device: device,
                runtimeHash: runtimeHash, slipTries: slipTries, printer: printer,
                link: link, dayState: dayState)
            fairControl = wiring.makeFairControl()
            printing = wiring.makePrinting()
            let health = HealthSource(
                settings: settings, enrolments: enrolments, store: store, fairs: fairs, clock: clock,
                printer: printer.state, sync: link, dayState: dayState)
            sync = wiring.makeSync(health: health, fairControl: fairControl)
            stick = wiring.makeResidentStick()
            link.connect(sync, stick: stick)
            desk = wiring.makeDesk(health: health, printing: printing)
            control = wiring.makeControl(
                health: health, fairControl: fairControl, printing: printing, sync: sync,
                sticks: wiring.makeStickDesk(sync: sync, resident: stick, fairControl: fairControl))
        } catch let error as DurableFileError {
            throw (DiskStandstill(error) as (any Error)?) ?? KioskStartError(73, "\(error)")
        } catch let error as KioskStoreError {
            throw (DiskStandstill(error) as (any Error)?) ?? KioskStartError(73, "\(error)")
        } catch let error as EnrolmentStoreError {
            throw KioskStartError(73, "\(error)")
        }
    }

    /// Throws when a commit hangs; hangs itself when the store does. Only progress feeds the watchdog.
    var probe: @Sendable () async throws -> Void {
        { [store] in
            let heartbeat = store.writerHeartbeat()
            if heartbeat.stalledFor > KioskDaemon.stallMax { throw StalledWriter() }
            try await store.renewBallast()
            _ = try await store.openFair()
        }
    }

    var statusLine: @Sendable () async -> String {
        { [store] in
            guard let counts = try? await store.counts() else { return "store failed" }
            return
                "registrations \(counts.registrationsToday), entries \(counts.entriesToday), outbox \(counts.pending)"
        }
    }

    private struct StalledWriter: Error {}

    private static func makeFolders(_ settings: KioskSettings) throws {
        do throws(DurableFileError) {
            try DurableFile.makeFolder(settings.stateFolder)
            try DurableFile.makeFolder(settings.stateFolder + "/keys")
            try DurableFile.makeFolder(settings.runtimeFolder)
        } catch {
            if let standstill = DiskStandstill(error) { throw standstill }
            throw KioskStartError(
                73,
                """
                \(error): 目录无法建立或写入。请检查 stateFolder 和 runtimeFolder 及其权限。
                The folder cannot be made or written. Check stateFolder and runtimeFolder and who owns them.
                """)
        }
    }
}

extension KioskSettings {
    var slipTriesFile: String { runtimeFolder + "/slips.tried" }

    var recordStore: RecordStoreSettings {
        RecordStoreSettings(
            path: recordsFile, pairFilePath: stateFolder + "/lineage.pairs",
            sizeBytesMax: KioskParts.recordsBytesMax, ballastPath: stateFolder + "/ballast")
    }
}

/// The printer of the settings, with fonts warm and what it said last.
struct KioskPrinter: Sendable {
    let port: (any PrinterPort)?
    let profile: PrinterProfile
    let rasterizer: PangoTextRasterizer
    let state = PrinterState()

    init(settings: KioskSettings, logger: Logger) throws {
        profile = try SettingsCheck.profile(settings)
        do {
            rasterizer = try PangoTextRasterizer(fontconfigFile: settings.fontsConfiguration)
            let missing = try rasterizer.warmUp()
            if !missing.isEmpty { logger.warning("fonts lack characters", metadata: ["count": "\(missing.count)"]) }
        } catch {
            throw KioskStartError(
                78, "\(settings.fontsConfiguration): 字体不可用：\(error)。 Fonts cannot be used; is fonts-noto-cjk installed?"
            )
        }
        let printer = settings.printer
        port =
            switch printer.kind {
            case .folder: FolderPrinter(folder: printer.path)
            case .device: DeviceFilePrinter(path: printer.path)
            case .network: NetworkPrinter(host: printer.host, port: UInt16(printer.port))
            case .none: nil
            }
    }
}
