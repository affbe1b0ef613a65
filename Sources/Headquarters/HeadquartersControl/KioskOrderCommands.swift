// headquartersd kiosk revoke, reinstate, new-lineage and fair open, day, close: orders to kiosks.

import ArgumentParser
import HeadquartersWeb

struct KioskChoice: ParsableArguments {
    @OptionGroup var config: Config
    @Option(help: "Id or label of the kiosk, as 'kiosk list' shows it.") var kiosk: String
}

struct KioskRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "A kiosk that was stolen or is not trusted: it stops registering, and what it sends is held.")
    @OptionGroup var choice: KioskChoice
    @Option(help: "Why; it stands in the audit.") var reason: String

    func run() async throws {
        print(try await choice.config.commands().revokeKiosk(choice.kiosk, reason: reason))
    }
}

struct KioskReinstateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reinstate", abstract: "Takes a revocation back; records held meanwhile are taken in.")
    @OptionGroup var choice: KioskChoice
    @Option(help: "Why; it stands in the audit.") var reason: String

    func run() async throws {
        print(try await choice.config.commands().reinstateKiosk(choice.kiosk, reason: reason))
    }
}

struct KioskLineageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new-lineage",
        abstract: "The kiosk begins a new lineage: after its card was copied or an old backup put back.")
    @OptionGroup var choice: KioskChoice
    @Option(help: "Why; it stands in the audit.") var reason: String

    func run() async throws {
        print(try await choice.config.commands().orderNewLineage(kiosk: choice.kiosk, reason: reason))
    }
}

struct FairOpenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open", abstract: "Open a fair on a kiosk at its next contact.")
    @OptionGroup var choice: KioskChoice
    @Option(help: "Id or number of the fair. Without it: the kiosk's only one on that day.") var fair: String?
    @Option(help: "YYYY-MM-DD. Without it: today, or the only day.") var day: String?

    func run() async throws {
        print(try await choice.config.commands().orderDay(.open, kiosk: choice.kiosk, fair: fair, day: day))
    }
}

struct FairDayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "day", abstract: "Open another day of the fair on a kiosk at its next contact.")
    @OptionGroup var choice: KioskChoice
    @Option(help: "Id or number of the fair. Without it: the kiosk's only one on that day.") var fair: String?
    @Option(help: "YYYY-MM-DD. Without it: today, or the only day.") var day: String?

    func run() async throws {
        print(try await choice.config.commands().orderDay(.day, kiosk: choice.kiosk, fair: fair, day: day))
    }
}

struct FairCloseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "Close the fair on a kiosk at its next contact.")
    @OptionGroup var choice: KioskChoice
    @Option(help: "Id or number of the fair. Without it: the kiosk's only one today.") var fair: String?

    func run() async throws {
        print(try await choice.config.commands().orderDay(.close, kiosk: choice.kiosk, fair: fair, day: nil))
    }
}
