// The commands of kioskctl.

public import ArgumentParser
import KioskCore
import KioskDaemon
import Observability

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `kioskctl`: the technician's terminal.
public struct KioskCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "kioskctl", abstract: "Looks after the kiosk on this machine. 管理本机的自助机。",
        version: ProgramVersion.text,
        subcommands: [
            StatusCommand.self, OutboxCommand.self, EnrolCommand.self, FairCommand.self, ConfigCommand.self,
            PrinterCommand.self,
            RehearseCommand.self, ExportCommand.self, ImportCommand.self,
        ])

    public init() {}
}

struct SocketOption: ParsableArguments {
    @Option(help: "The daemon's control socket.")
    var socket = ProcessInfo.processInfo.environment["KIOSKCTL_SOCKET"] ?? "/run/jobfair-kiosk/control.sock"

    var client: ControlClient { ControlClient(socket: socket) }
}

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows at once what works and what is wrong. Exit code 2: something critical.")

    @OptionGroup var socket: SocketOption
    @Flag(help: "Machine-readable.") var json = false

    func run() async throws {
        let status = try await socket.client.looking { try await $0.status() }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            print(String(decoding: try encoder.encode(status), as: UTF8.self))
        } else {
            print(StatusText.make(status), terminator: "")
        }
        if status.problems.contains(where: { $0.severity == .critical }) { throw ExitCode(2) }
    }
}

struct EnrolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrol",
        abstract: "Makes this kiosk known to headquarters, with the code of 'headquartersd kiosk add'.")

    @OptionGroup var socket: SocketOption
    @Option(help: "Headquarters' sync address, https://HOST:PORT.") var address: String
    @Option(help: "The one-time code, 20 characters; hyphens do not matter.") var code: String

    func run() async throws {
        try await socket.client.post("enrol", EnrolRequest(address: address, code: code))
        print("已登记到总部。 Enrolled.")
    }
}

struct FairCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fair", abstract: "Opens, changes and closes the fair and its day.",
        subcommands: [Open.self, Day.self, Close.self])

    struct Open: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Opens a fair and one of its days.")
        @OptionGroup var socket: SocketOption
        @Option(help: "Fair id or number; not needed where this kiosk knows one fair.") var fair: String?
        @Option(help: "YYYY-MM-DD; not needed where the clock can be trusted.") var day: String?

        func run() async throws {
            try await socket.client.post("fair/open", FairRequest(fair: fair, day: day))
            try await FairCommand.show(socket)
        }
    }

    struct Day: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Goes to another day, or confirms that it is still this one.")
        @OptionGroup var socket: SocketOption
        @Option(help: "YYYY-MM-DD.") var day: String?

        func run() async throws {
            try await socket.client.post("fair/day", FairRequest(fair: nil, day: day))
            try await FairCommand.show(socket)
        }
    }

    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Closes the fair on this kiosk.",
            discussion: """
                Cannot be undone: masked names, wishes and the index of lost slips are wiped, and slips that still wait \
                are not printed. Opening another fair does the same to the one before. Records stay until they are sent.
                """)
        @OptionGroup var socket: SocketOption

        func run() async throws {
            try await socket.client.post("fair/close")
            print("招聘会已在本机关闭。 The fair is closed on this kiosk.")
        }
    }

    private static func show(_ socket: SocketOption) async throws {
        guard let open = try await socket.client.status().open, let day = open.openDay else { return }
        print("\(open.name) · \(day)\(open.isDayConfirmed ? "" : "（日期待确认 day not confirmed）")")
    }
}

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "The settings file.", subcommands: [Check.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reads settings and printer profile, and computes the size of the QR code. Changes nothing.")
        @Option(help: "The settings file.") var config = "/etc/jobfair-kiosk/kiosk.yaml"
        @Option(help: "Also check this address of the job-intent form, e.g. HTTPS://FORM.EXAMPLE.CN.")
        var formAddress: String?

        func run() async throws {
            for line in try SettingsCheck.run(file: config, formAddress: formAddress) { print(line) }
        }
    }
}

struct PrinterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "printer", abstract: "The slip printer.", subcommands: [Test.self])

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints a test slip.")
        @OptionGroup var socket: SocketOption

        func run() async throws {
            try await socket.client.post("print-test")
            print("测试小票已发送到打印机。 The test slip was sent to the printer.")
        }
    }
}
