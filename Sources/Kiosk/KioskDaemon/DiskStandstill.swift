// A disk that cannot be written: the kiosk stands still where everybody sees it, instead of restarting for ever.

import DurableFiles
import Glibc
import Hummingbird
import JobFair
import KioskCore
import KioskStore
import KioskWeb
import Logging
import Observability
import ServiceLifecycle
import SyncProtocol
import UnixSignals

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Why the record store cannot be opened, where the reason is the disk. The page is served all the same, blocked and with
/// the problem on it; `kioskctl status` shows it; when the disk can be written again the process ends, to be started anew.
struct DiskStandstill: Error {
    /// The disk is tried this often.
    static let interval = Duration.seconds(10)
    /// systemd's watchdog wants to hear something every few seconds.
    static let tick = Duration.seconds(2)
    /// Written and synced to try the disk: more than one block of any file system.
    private static let probeBytes = 65_536

    var problem: HealthProblem

    init?(stateFolder: String) {
        var status = statvfs()
        guard statvfs(stateFolder, &status) == 0, status.f_flag & UInt(ST_RDONLY) != 0 else { return nil }
        problem = HealthProblem(.diskReadOnly, detail: stateFolder)
    }

    init?(_ error: DurableFileError) {
        if error.isDiskFull {
            problem = HealthProblem(.diskFull, detail: error.description)
        } else if error.isReadOnly {
            problem = HealthProblem(.diskReadOnly, detail: error.description)
        } else if error.isDiskFailing {
            problem = HealthProblem(.storeFailed, detail: error.description)
        } else {
            return nil
        }
    }

    init?(_ error: KioskStoreError) {
        switch error.code {
        case .diskFull: problem = HealthProblem(.diskFull, detail: error.detail)
        case .diskFailing: problem = HealthProblem(.storeFailed, detail: error.detail)
        default: return nil
        }
    }

    /// Serves until the disk can be written or the process is told to end.
    func serve(settings: KioskSettings, logger: Logger) async throws {
        logger.critical(
            "the disk stops the kiosk; it is tried every few seconds",
            metadata: ["problem": "\(problem.code.rawValue)", "detail": "\(problem.detail)"])
        let notifier = ServiceNotifier()
        let listening = settings.listen
        let web = try makeKioskApplication(
            desk: StandstillDesk(label: settings.label, problem: problem),
            settings: KioskWebSettings(host: listening.host, port: listening.port, version: ProgramVersion.text),
            logger: logger,
            onListening: { [problem] _ in notifier.ready(status: "stands still: \(problem.code.rawValue)") })
        unlink(settings.controlSocket)
        let control = makeControlApplication(
            desk: StandstillControlDesk(label: settings.label, problem: problem), socket: settings.controlSocket,
            logger: logger)
        var group = ServiceGroupConfiguration(
            services: [
                .init(service: control), .init(service: web),
                .init(
                    service: DiskTrials(folder: settings.stateFolder, notifier: notifier),
                    successTerminationBehavior: .gracefullyShutdownGroup),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = .seconds(4)
        group.maximumCancellationDuration = .seconds(4)
        try await ServiceGroup(configuration: group).run()
    }

    static func isWritable(_ folder: String) -> Bool {
        let path = folder + "/disk.probe"
        defer { unlink(path) }
        return (try? DurableFile.replace(path, with: Data(count: probeBytes))) != nil
    }
}

/// Feeds the watchdog, and returns when the disk can be written.
private struct DiskTrials: Service {
    let folder: String
    let notifier: ServiceNotifier

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var waited = Duration.zero
            while true {
                notifier.watchdog()
                guard (try? await Task.sleep(for: DiskStandstill.tick)) != nil else { return }
                waited += DiskStandstill.tick
                guard waited >= DiskStandstill.interval else { continue }
                waited = .zero
                if DiskStandstill.isWritable(folder) { return }
            }
        }
    }
}

/// The page with its one message; nothing can be asked of it.
private struct StandstillDesk: Desk {
    let label: String
    let problem: HealthProblem

    private var refusal: DeskError { problem.code == .diskFull ? .diskFull : .failed }

    func context() async -> DeskContext {
        DeskContext(
            kioskLabel: label, fair: nil, day: nil, isDayConfirmed: false, notice: nil, keyGroups: [],
            problems: [problem], isDemonstration: false)
    }

    func register(
        _ form: RegistrationForm, recordID: RecordID, formKey: FormKey
    ) async throws(DeskError) -> RegistrationAnswer { throw refusal }

    func countEntry(recordID: RecordID, way: String) async throws(DeskError) -> EntryAnswer { throw refusal }

    func checkIn(scanned: String, recordID: RecordID) async throws(DeskError) -> CheckInAnswer { throw refusal }

    func copySlip(
        documentNumber: String, phoneDigits: String, recordID: RecordID, formKey: FormKey
    ) async throws(DeskError) { throw refusal }

    func printState(of recordID: RecordID) async -> PrintState? { nil }

    func lastSlipPNG() async -> [UInt8]? { nil }

    func vacancies(_ query: VacancyQuery) async throws(DeskError) -> VacancyCardPage { throw refusal }

    func vacancy(_ id: VacancyID) async throws(DeskError) -> VacancyCard { throw refusal }

    func occupations() async throws(DeskError) -> [OccupationTile] { throw refusal }

    func regions() async throws(DeskError) -> FairRegions { throw refusal }

    func matches(_ wishes: Wishes?, scanned: String?, count: Int) async throws(DeskError) -> MatchedVacancies {
        throw refusal
    }

    func printVacancy(_ vacancy: VacancyID, recordID: RecordID) async throws(DeskError) { throw refusal }

    func stateIntent(
        _ intent: IntentChoice, by holder: SlipHolder, recordID: RecordID, formKey: FormKey
    ) async throws(DeskError) -> StatementState { throw refusal }

    func changeWishes(
        _ wishes: Wishes, by holder: SlipHolder, recordID: RecordID, formKey: FormKey
    ) async throws(DeskError) -> StatementState { throw refusal }

    func slipIntents(by holder: SlipHolder) async throws(DeskError) -> SlipIntents { throw refusal }
}

/// `kioskctl status` says what is wrong, and nothing of what stands on the disk, for nobody has looked; every command is
/// refused with the same words.
struct StandstillControlDesk: ControlDesk {
    let label: String
    let problem: HealthProblem

    private var refusal: ControlError { ControlError(code: problem.code.rawValue, zh: problem.zh, en: problem.en) }

    func status() async throws(ControlError) -> ControlStatus {
        ControlStatus(
            version: ProgramVersion.text, label: label, deviceID: "unknown", isEnrolled: nil, open: nil, fairs: [],
            clockQuality: "unknown", printer: "unknown", counts: nil, sync: nil, problems: [problem])
    }

    func openFair(_ request: FairRequest) async throws(ControlError) { throw refusal }
    func changeDay(_ request: FairRequest) async throws(ControlError) { throw refusal }
    func closeFair() async throws(ControlError) { throw refusal }
    func enrol(_ request: EnrolRequest) async throws(ControlError) { throw refusal }
    func printTest() async throws(ControlError) { throw refusal }
    func outbox() async throws(ControlError) -> OutboxListing { throw refusal }
    func retryOutbox() async throws(ControlError) -> OutboxRetry { throw refusal }
    func frames(_ scope: FrameScope, after: Int64) async throws(ControlError) -> FramePage { throw refusal }
    func take(_ entry: StickEntry) async throws(ControlError) -> StickIntake { throw refusal }
}
