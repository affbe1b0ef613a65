// headquartersd backup, restore, check, retention: what keeps the data, and for how long.

import ArgumentParser
import HeadquartersWeb

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Back the database up, also while headquartersd serves, and read the copy again.",
        discussion: "The keys have a backup of their own: headquartersd keys backup.")
    @OptionGroup var config: Config
    @Option(help: "A folder that exists, on another disk. Without it: backup.folder of the settings.") var to: String?
    @Option(help: "Verified backups kept in the folder. Without it: backup.keep of the settings.") var keep: Int?

    func run() async throws { print(try await config.commands().backUp(to: to, keep: keep)) }
}

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a backup in place on a machine that has no database.",
        discussion: "headquartersd must not serve meanwhile. Kiosks offer again by themselves what came later.")
    @OptionGroup var config: Config
    @Option(help: "The backup: headquarters-...sqlite.") var from: String
    @Flag(help: "Keep the database that is there under another name.") var moveAside = false
    @Flag(help: "Take this one although a newer backup lies beside it.") var older = false
    @Flag(help: "Take this one although backups of another history lie beside it.") var thisOne = false

    func run() async throws {
        print(
            try await config.commands().restore(
                from: from, movesAside: moveAside, takesOlder: older, takesThisOne: thisOne))
    }
}

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Read the whole database and say what is true of it, one line per question.",
        discussion: "Also while headquartersd serves. Status 1 where something is FALSE; 'look' is no damage.")
    @OptionGroup var config: Config

    func run() async throws {
        let (text, isTrue) = try await config.commands().check()
        print(text)
        if !isTrue { throw ExitCode(1) }
    }
}

struct RetentionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention", abstract: "Show, or wipe, what is personal in the records of fairs long over.")
    @OptionGroup var config: Config
    @Option(help: "Days after a fair's last day. Without it: retention.daysAfterFair of the settings.") var days: Int?
    @Flag(help: "Wipe it. Without this: only say what would go.") var wipe = false

    func run() async throws { print(try await config.commands().applyRetention(days: days, wipes: wipe)) }
}
