// Composition of headquarters: store, keys, three listeners, the watchdog, in one service group.

import DurableFiles
import HeadquartersCore
import HeadquartersStore
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import JobFair
public import Logging
import NIOCore
import Observability
import ServiceLifecycle
import SyncProtocol
import UnixSignals

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `headquartersd serve`.
public struct HeadquartersService: Sendable {
    /// Seconds that requests under way get after SIGTERM; then they are cut.
    private static let gracefulSeconds = 10
    /// Seconds after that until the process ends whatever it does.
    private static let cancellationSeconds = 5

    private let settings: HeadquartersSettings
    private let logger: Logger

    public init(settings: HeadquartersSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// Serves until SIGTERM or SIGINT. Throws where another instance runs, keys are missing or a port is in use.
    public func run() async throws {
        try DurableFile.makeFolder(settings.stateFolder)
        let instance = try InstanceLock(stateFolder: settings.stateFolder)
        let keyFolder = KeyFolder(stateFolder: settings.stateFolder)
        let keys = try keyFolder.load()
        let store = try SQLiteHeadquartersStore(stateFolder: settings.stateFolder)
        do {
            try await store.noteKeyOwner(keys.headquartersID)
        } catch {
            logger.error("whose keys the database needs could not be written down", metadata: .describing(error))
        }
        let erasures = PersonErasure(
            store: store, journal: ErasureJournalFile(folder: settings.stateFolder), keys: keys,
            now: HeadquartersCommands.now, logger: logger)
        // Before anybody is served: a restored store must not show whom it was told to forget.
        try await erasures.recover()
        let notifier = ServiceNotifier()
        let readiness = Readiness(listeners: 3, notifier: notifier, logger: logger)
        let listeners = Listeners(
            settings: settings, store: store, keys: keys, keyFolder: keyFolder, erasures: erasures,
            readiness: readiness, logger: logger)
        let group = ServiceGroup(
            configuration: configuration(
                services: [
                    HeartbeatService(store: store, notifier: notifier, logger: logger),
                    HeldRecordsService(
                        store: store, reader: RecordReader(opener: keys.opener, personLink: keys.personLink),
                        now: HeadquartersCommands.now, logger: logger),
                ] + housekeeping(store) + [try listeners.desk(), try listeners.form(), try listeners.sync()]))
        do {
            try await group.run()
        } catch  where Self.isListenFailure(error) {
            throw HeadquartersError(
                .listenFailed, "cannot listen: \(error)",
                hint: "sync \(settings.sync), form \(settings.form), desk \(settings.desk): is another program there?")
        }
        withExtendedLifetime(instance) {}
        logger.info("headquarters stopped")
    }

    /// What keeps the data safe while others use it.
    private func housekeeping(_ store: SQLiteHeadquartersStore) -> [any Service] {
        var services: [any Service] = [
            DiskWatchService(watch: MachineWatch(store: store, settings: settings), logger: logger)
        ]
        if let folder = settings.backup.folder {
            services.append(
                BackupService(
                    store: store, order: BackupOrder(folder: folder, settings.backup),
                    everyMinutes: settings.backup.everyMinutes, now: HeadquartersCommands.now, logger: logger))
        }
        if let days = settings.retentionDays {
            services.append(
                RetentionService(store: store, days: days, now: HeadquartersCommands.now, logger: logger))
        }
        return services
    }

    private func configuration(services: [any Service]) -> ServiceGroupConfiguration {
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(Self.gracefulSeconds)
        configuration.maximumCancellationDuration = .seconds(Self.cancellationSeconds)
        return configuration
    }

    private static func isListenFailure(_ error: any Error) -> Bool {
        String(describing: type(of: error)) == "IOError"
    }
}

extension HeadquartersSettings.Listen: CustomStringConvertible {
    public var description: String { "\(host):\(port)" }
}

/// The three applications. Their connections together stay far below the 65,536 files that the unit grants.
struct Listeners {
    /// Two connections for each of 512 kiosks, and each holds a body of 576 KiB at most, only while its kiosk is known.
    static let syncConnectionsMax = 1024
    /// The proxy before the form keeps fewer; without one, as many phones at the same moment. Bodies have 16 KiB at most.
    static let formConnectionsMax = 1024
    /// A few browsers with half a dozen connections each, on this machine or through a tunnel.
    static let deskConnectionsMax = 64

    let settings: HeadquartersSettings
    let store: any HeadquartersStore
    let keys: KeyRing
    let keyFolder: KeyFolder
    let erasures: PersonErasure
    let readiness: Readiness
    let logger: Logger

    func sync() throws -> some Service {
        let keyFolder = keyFolder
        let exchange = SyncExchange(
            store: store, keys: keys, headquartersName: settings.name,
            isBackedUp: { (try? keyFolder.isBackedUp()) ?? false }, now: HeadquartersCommands.now,
            daysAhead: settings.daysAhead, erasures: erasures, logger: logger)
        return Application(
            router: makeSyncRouter(exchange, logger: logger),
            server: try .tls(
                .http1(configuration: Self.http),
                tlsConfiguration: keys.syncCA.serverConfiguration(
                    hosts: settings.syncHosts)),
            configuration: configuration(settings.sync, connectionsMax: Self.syncConnectionsMax),
            onServerRunning: readiness.callback, logger: quiet)
    }

    func form() throws -> some Service {
        let tokenMaster = keys.tokenMaster
        let parts = FormParts(
            store: store, tokenKey: { tokenMaster.tokenKey(fairID: Data($0.bytes)) },
            completionSealer: try keys.completionSealer(),
            settings: FormSettings(clientHeader: settings.formClientHeader), now: HeadquartersCommands.now)
        return Application(
            router: try makeFormRouter(parts, logger: logger), server: .http1(configuration: Self.http),
            configuration: configuration(settings.form, connectionsMax: Self.formConnectionsMax),
            onServerRunning: readiness.callback, logger: quiet)
    }

    func desk() throws -> some Service {
        Application(
            router: try makeDeskRouter(
                store: store,
                settings: DeskSettings(address: settings.deskAddress, clientHeader: settings.deskClientHeader),
                opener: keys.opener, erasures: erasures,
                machine: MachineWatch(store: store, settings: settings), now: HeadquartersCommands.now, logger: logger),
            server: .http1(configuration: Self.http),
            configuration: configuration(settings.desk, connectionsMax: Self.deskConnectionsMax),
            onServerRunning: readiness.callback, logger: quiet)
    }

    /// A connection that says nothing for a minute is closed: kiosks open a new one.
    private static var http: HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(idleTimeout: .seconds(60))
    }

    /// At the limit nothing is refused: who comes next waits in the kernel's queue until a connection ends.
    private func configuration(
        _ listen: HeadquartersSettings.Listen, connectionsMax: Int
    ) -> ApplicationConfiguration {
        ApplicationConfiguration(
            address: .hostname(listen.host, port: listen.port), serverName: nil,
            availableConnectionsDelegate: MaximumAvailableConnections(connectionsMax, logger: quiet))
    }

    /// Hummingbird logs addresses of the form, tokens included, at debug: it hears only warnings.
    private var quiet: Logger {
        var quiet = Logger(label: "http")
        quiet.logLevel = max(logger.logLevel, .warning)
        return quiet
    }
}

/// Says ready once every listener listens.
actor Readiness {
    private var waitingFor: Int
    private let notifier: ServiceNotifier
    private let logger: Logger

    init(listeners: Int, notifier: ServiceNotifier, logger: Logger) {
        waitingFor = listeners
        self.notifier = notifier
        self.logger = logger
    }

    private func oneListens() {
        waitingFor -= 1
        guard waitingFor == 0 else { return }
        notifier.ready(status: "takes records in")
        logger.info("headquarters serves")
    }
}

extension Readiness {
    nonisolated var callback: @Sendable (any Channel) async -> Void {
        { _ in await self.oneListens() }
    }
}

/// Feeds the watchdog as long as the store takes writes: a hanging disk is a hanging headquarters.
struct HeartbeatService: Service {
    let store: any HeadquartersStore
    let notifier: ServiceNotifier
    let logger: Logger

    /// Without a watchdog the store is asked all the same, so that its failing shows in the log.
    private static let standardInterval = Duration.seconds(15)

    func run() async throws {
        let interval = notifier.watchdogInterval.map { $0 / 3 } ?? Self.standardInterval
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await store.heartbeat()
                    notifier.watchdog()
                } catch is CancellationError {
                    break
                } catch {
                    logger.error("the store does not take writes", metadata: .describing(error))
                }
                try? await Task.sleep(for: interval)
            }
        }
        notifier.stopping()
    }
}
