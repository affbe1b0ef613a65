// headquartersd login: who may sit at the desk.

import ArgumentParser
import HeadquartersWeb

struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Logins of the desk: clerks and employers.",
        subcommands: [Add.self, List.self, Employers.self, Disable.self, Passwd.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a login; its name cannot be used again.")
        @OptionGroup var config: Config
        @Option(help: "2 to 32 letters, digits, Chinese characters, '.', '-' and '_'.") var name: String
        @Option(help: "clerk or employer.") var role: RoleChoice
        @Option(
            help: """
                For role employer: an employer's id, or its credit code (统一社会信用代码), which stands for the employers of \
                every fair that a clerk verified under it. May repeat.
                """)
        var employer: [String] = []
        @OptionGroup var password: PasswordOption

        func run() async throws {
            let commands = try config.commands()
            try commands.checkLogin(name: name, role: role.rawValue, employers: employer)
            print(
                try await commands.addLogin(
                    name: name, role: role.rawValue, employers: employer, password: try password.read()))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Name, role, employers of each; who is disabled.")
        @OptionGroup var config: Config

        func run() async throws { print(try await config.commands().listLogins()) }
    }

    struct Employers: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Other employers for an employer's login, in the place of all it had; at once, and in the audit.")
        @OptionGroup var config: Config
        @Option(help: "As 'login list' shows it.") var name: String
        @Option(help: "An employer's id, or its credit code, as with 'login add'. May repeat.") var employer: [String]

        func run() async throws { print(try await config.commands().setEmployers(of: name, to: employer)) }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shut a login out, and end its sessions at once. 'passwd' opens it again.")
        @OptionGroup var config: Config
        @Option(help: "As 'login list' shows it.") var name: String

        func run() async throws { print(try await config.commands().disableLogin(name)) }
    }

    struct Passwd: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set a new password; ends the login's sessions, and opens it again if it was disabled.")
        @OptionGroup var config: Config
        @Option(help: "As 'login list' shows it.") var name: String
        @OptionGroup var password: PasswordOption

        func run() async throws {
            print(try await config.commands().setPassword(of: name, to: try password.read()))
        }
    }
}

struct PasswordOption: ParsableArguments {
    @Option(help: "A file whose first line is the password. Without it: typed twice, not shown.")
    var passwordFile: String?

    func read() throws -> String { try LoginPassword.read(file: passwordFile) }
}

enum RoleChoice: String, ExpressibleByArgument, CaseIterable { case clerk, employer }
