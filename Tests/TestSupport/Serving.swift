// Runs a server while a test talks to it, and ends it as a signal would.

import Logging
import ServiceLifecycle

/// A server that is cancelled drops connections it has just accepted, and NIO's writers of these trap; one that is asked
/// to stop finishes them. So tests stop servers as systemd does.
///
/// - Parameters:
///   - run: returns on graceful shutdown.
///   - body: waits by itself until the server listens.
public func serving<Answer: Sendable>(
    _ run: @escaping @Sendable () async throws -> Void, while body: () async throws -> Answer
) async throws -> Answer {
    let service = ServiceGroupConfiguration.ServiceConfiguration(
        service: Served(body: run), successTerminationBehavior: .gracefullyShutdownGroup,
        failureTerminationBehavior: .cancelGroup)
    var configuration = ServiceGroupConfiguration(
        services: [service], logger: Logger(label: "serving") { _ in SwiftLogNoOpLogHandler() })
    configuration.maximumGracefulShutdownDuration = .seconds(20)
    let group = ServiceGroup(configuration: configuration)
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        do {
            let answer = try await body()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return answer
        } catch {
            await group.triggerGracefulShutdown()
            _ = await tasks.nextResult()
            throw error
        }
    }
}

private struct Served: Service {
    let body: @Sendable () async throws -> Void

    func run() async throws { try await body() }
}
