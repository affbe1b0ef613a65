// What `headquartersd serve` calls: settings, log, service.

import Logging
import Observability

public enum HeadquartersVersion {
    public static let text = "0.1.0"
}

/// Reads the settings, starts the log, serves until a signal.
public func runHeadquarters(config: String) async throws {
    let settings = try HeadquartersSettings.load(config)
    bootstrapLogging(level: Logger.Level(rawValue: settings.logLevel) ?? .info)
    let logger = Logger(label: "headquarters")
    logger.info("headquartersd starts", metadata: ["program.version": "\(HeadquartersVersion.text)"])
    try await HeadquartersService(settings: settings, logger: logger).run()
}
