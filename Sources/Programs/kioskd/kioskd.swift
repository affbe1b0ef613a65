// The kiosk's daemon.

import ArgumentParser
import Glibc
import KioskDaemon
import Observability

@main
struct Program: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kioskd", abstract: "Registers job seekers, prints slips, sends records to headquarters.",
        version: ProgramVersion.text)

    @Option(help: "The settings file.") var config = "/etc/jobfair-kiosk/kiosk.yaml"

    func run() async throws {
        do {
            try await KioskDaemon.run(configuration: config)
        } catch let error as KioskStartError {
            let line = Array("\(error.description)\n".utf8)
            _ = write(STDERR_FILENO, line, line.count)
            throw ExitCode(error.exitCode)
        }
    }
}
