// The commands of headquartersd.

public import ArgumentParser
import HeadquartersWeb
import Observability

/// `headquartersd`: serves, and does what a technician at headquarters asks for.
public struct HeadquartersCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "headquartersd", abstract: "The headquarters of the job fair kiosks.",
        version: ProgramVersion.text,
        subcommands: [
            ServeCommand.self, KeysCommand.self, FairCommand.self, KioskCommand.self, LoginCommand.self,
            ImportCommand.self, VacancyCommand.self, EmployerCommand.self, PersonCommand.self,
            BackupCommand.self, RestoreCommand.self, CheckCommand.self, RetentionCommand.self,
        ])

    public init() {}
}

struct Config: ParsableArguments {
    @Option(help: "The settings file.") var config = "/etc/jobfair-kiosk/headquarters.yaml"

    func commands() throws -> HeadquartersCommands { try makeHeadquartersCommands(config: config) }
}

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve kiosks, the job-intent form, the figures and the desk.")
    @OptionGroup var config: Config

    func run() async throws { try await runHeadquarters(config: config.config) }
}

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make, back up and restore the keys.", subcommands: [Backup.self, Restore.self])

    struct Backup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Back the keys up, encrypted, and read the file again; a new headquarters gets its keys by it.",
            discussion: "Never on a machine that shall take over from another one: that gets the keys by restore.")
        @OptionGroup var config: Config
        @Option(help: "A file whose first line is the passphrase.") var passphraseFile: String
        @Option(help: "Where the encrypted backup goes.") var to: String

        func run() throws { print(try config.commands().backUpKeys(passphraseFile: passphraseFile, to: to)) }
    }

    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Bring the keys back from their backup.")
        @OptionGroup var config: Config
        @Option(help: "A file whose first line is the passphrase.") var passphraseFile: String
        @Option(help: "The encrypted backup.") var from: String

        func run() throws { print(try config.commands().restoreKeys(passphraseFile: passphraseFile, from: from)) }
    }
}

struct FairCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fair", abstract: "Create and list fairs; open, change and close them on a kiosk from afar.",
        subcommands: [Create.self, List.self, FairOpenCommand.self, FairDayCommand.self, FairCloseCommand.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Create a fair from a YAML file.")
        @OptionGroup var config: Config
        @Option(help: "The YAML file of the fair.") var from: String
        @Option(help: "fair or rehearsal, whatever the file says.") var kind: FairChoice?

        func run() async throws { print(try await config.commands().createFair(from: from, kind: kind?.rawValue)) }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the fairs with ids and numbers.")
        @OptionGroup var config: Config

        func run() async throws { print(try await config.commands().listFairs()) }
    }
}

enum FairChoice: String, ExpressibleByArgument, CaseIterable { case fair, rehearsal }

struct KioskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kiosk", abstract: "Add and list kiosks, give them more fairs, stop them.",
        subcommands: [
            Add.self, Grant.self, List.self, KioskRevokeCommand.self, KioskReinstateCommand.self,
            KioskLineageCommand.self,
        ])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a code that enrols one kiosk, once, within 24 hours.")
        @OptionGroup var config: Config
        @Option(help: "The label on the kiosk.") var label: String
        @Option(help: "Id or number of a fair; may repeat. Without it: every fair.") var fair: [String] = []

        func run() async throws { print(try await config.commands().addKiosk(label: label, fairs: fair)) }
    }

    struct Grant: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give an enrolled kiosk one more fair.")
        @OptionGroup var config: Config
        @Option(help: "Id or label of the kiosk, as 'kiosk list' shows it.") var kiosk: String
        @Option(help: "Id or number of the fair, as 'fair list' shows it.") var fair: String

        func run() async throws { print(try await config.commands().grantFair(kiosk: kiosk, fair: fair)) }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show each kiosk: last contact, backlog, what is to be looked at and done.")
        @OptionGroup var config: Config

        func run() async throws { print(try await config.commands().listKiosks()) }
    }
}
