// headquartersd person: what somebody may ask of the bureau about themselves.

import ArgumentParser
import HeadquartersWeb

struct PersonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "person", abstract: "Erase what is stored of a person.", subcommands: [Erase.self])

    struct Erase: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erase everything of a person until now, here and wherever it still is.",
            discussion: """
                The document number comes from --number-file or standard input, never from the command line. It cannot be \
                undone. Who registered without a document is not found by one.
                """)
        @OptionGroup var config: Config
        @Option(help: "A file whose first line is the document number. Without it: standard input.")
        var numberFile: String?
        @Option(help: "Why; it stands in the audit. No names, no numbers.") var reason: String
        @Option(help: "Who carries it out; it stands in the audit.") var by: String

        func run() async throws {
            let commands = try config.commands()
            print(
                try await commands.erasePerson(
                    number: try DocumentNumberInput.read(file: numberFile), reason: reason, by: by))
        }
    }
}
