// Composition: settings in, a running kiosk out. Everything is put together here and nowhere else.

import Glibc
import Hummingbird
import KioskCore
import KioskDevices
import KioskStore
import KioskSync
import KioskWeb
import Logging
import Observability
import ServiceLifecycle
import SettingsFile
import UnixSignals

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Why the daemon did not start, in a sentence for the technician.
public struct KioskStartError: Error, CustomStringConvertible, Sendable {
    /// sysexits(3): 78 configuration, 75 try again, 73 cannot create, 69 unavailable.
    public var exitCode: Int32
    public var description: String

    init(_ exitCode: Int32, _ description: String) {
        self.exitCode = exitCode
        self.description = description
    }
}

public enum KioskDaemon {
    /// Requests under way are finished within this; systemd gives 15 s.
    static let gracefulShutdownMax = Duration.seconds(8)
    /// After it everything is cancelled, and past this the process aborts rather than staying half dead.
    static let cancellationMax = Duration.seconds(4)
    /// The watchdog starves when a commit has waited this long.
    static let stallMax = Duration.seconds(8)

    /// Runs the kiosk until SIGTERM or SIGINT.
    ///
    /// - Parameter configuration: path of kiosk.yaml.
    /// - Throws: `KioskStartError` before it serves; what a service threw afterwards. systemd restarts the process.
    public static func run(configuration: String) async throws {
        let leavesNoCore = forbidCoreDumps()
        // Sockets and files are for this user alone, whatever the shell's mask was.
        umask(0o077)
        let settings = try loadSettings(configuration)
        bootstrapLogging()
        let logger = Logger(label: "kioskd")
        if !leavesNoCore { logger.warning("a crash may leave a core: prctl is refused") }
        logger.notice(
            "kioskd starts", metadata: ["version": "\(ProgramVersion.text)", "kiosk.label": "\(settings.label)"])
        SQLiteLibrary.logErrors(to: logger)
        let kiosk: KioskParts
        do {
            kiosk = try KioskParts(settings: settings, logger: logger)
        } catch let standstill as DiskStandstill {
            try await standstill.serve(settings: settings, logger: logger)
            throw KioskStartError(75, "\(standstill.problem.zh) \(standstill.problem.en)")
        }
        let notifier = ServiceNotifier()
        let listening = settings.listen

        let web = try makeKioskApplication(
            desk: kiosk.desk,
            settings: KioskWebSettings(host: listening.host, port: listening.port, version: ProgramVersion.text),
            logger: logger,
            onListening: { _ in
                notifier.ready(status: "listening on \(listening.host):\(listening.port)")
                logger.notice("kioskd serves", metadata: ["listen": "\(listening.host):\(listening.port)"])
            })
        unlink(settings.controlSocket)
        let control = makeControlApplication(desk: kiosk.control, socket: settings.controlSocket, logger: logger)
        let watchdog = WatchdogService(
            notifier: notifier, probe: kiosk.probe, status: kiosk.statusLine, logger: logger)
        let days = DayService(
            fairControl: kiosk.fairControl, clock: kiosk.clock, state: kiosk.dayState, logger: logger)
        let carriers = CarrierService { kiosk.sync.networkUp() }

        let sticks: [any Service] = kiosk.stick.map { [$0] } ?? []
        // In order of dependency; shutdown goes backwards, so the store is the last to stop.
        var group = ServiceGroupConfiguration(
            services: [kiosk.store, kiosk.vacancies, kiosk.printing, kiosk.sync] + sticks
                + [carriers, days, control, web, watchdog],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = gracefulShutdownMax
        group.maximumCancellationDuration = cancellationMax
        do {
            try await ServiceGroup(configuration: group).run()
        } catch {
            throw startError(error, settings: settings, configuration: configuration)
        }
        notifier.stopping()
        try? kiosk.store.close()
        logger.notice("kioskd has stopped")
    }

    static func loadSettings(_ path: String) throws -> KioskSettings {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw KioskStartError(
                78, "\(path): 读不到配置文件，或不是 UTF-8。 The settings file cannot be read, or is not UTF-8.")
        }
        do {
            return try KioskSettings(yaml: text, file: path)
        } catch let error as SettingsError {
            throw KioskStartError(78, error.description)
        }
    }

    private static func startError(_ error: any Error, settings: KioskSettings, configuration: String) -> any Error {
        guard "\(error)".contains("Address already in use") else { return error }
        return KioskStartError(
            69,
            """
            \(settings.listen.host):\(settings.listen.port): 端口已被占用。是否另有一个 kioskd 在运行？或修改 \(configuration) 的 listen.port。
            The port is in use. Does another kioskd run? Or change listen.port in \(configuration).
            """)
    }
}
