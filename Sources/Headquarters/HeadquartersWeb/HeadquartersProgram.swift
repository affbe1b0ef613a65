// What `headquartersd` calls: settings and service, or settings and one command.

import Logging
import Observability

/// `headquartersd keys|fair|kiosk|login`. A process that holds keys leaves no core, however short it lives.
public func makeHeadquartersCommands(config: String) throws -> HeadquartersCommands {
    forbidCoreDumps()
    return HeadquartersCommands(settings: try HeadquartersSettings.load(config))
}

/// Reads the settings, starts the log, serves until a signal.
public func runHeadquarters(config: String) async throws {
    let leavesNoCore = forbidCoreDumps()
    let settings = try HeadquartersSettings.load(config)
    bootstrapLogging(level: Logger.Level(rawValue: settings.logLevel) ?? .info)
    let logger = Logger(label: "headquarters")
    if !leavesNoCore { logger.warning("a crash may leave a core: prctl is refused") }
    logger.info("headquartersd starts", metadata: ["program.version": "\(ProgramVersion.text)"])
    try await HeadquartersService(settings: settings, logger: logger).run()
}
