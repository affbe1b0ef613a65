// headquartersd import, vacancy and employer: the bureau's spreadsheet, and the morning of the fair.

import ArgumentParser
import HeadquartersWeb

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import vacancies from a spreadsheet, or records from a kiosk's stick.",
        discussion: """
            A spreadsheet (.xlsx, .csv) needs --fair; again: updates, never doubles. A stick is named by the folder where it \
            is mounted (with JOBFAIR in it) or by one of its files: records go in as from the network, receipts, catalogues \
            and grants are written onto it. Exit code 0 where rows went in (or would), 2 where the whole file is refused.
            """)

    /// The file as a whole is refused.
    private static let refused = ExitCode(2)

    @OptionGroup var config: Config
    @Option(help: "For spreadsheets: id or number of the fair, as 'fair list' shows it.") var fair: String?
    @Argument(help: "The spreadsheet, or the folder where a stick is mounted.") var file: String
    @Option(help: "Columns by hand: title=Position,employer=B,pay=4; header=3 or header=none says where the header is.")
    var mapping = ""
    @Option(help: "Name of the worksheet. Without it: the first that has a header.") var sheet = ""
    @Option(help: "A file of 'code,name' lines (GB/T 2260) to tell workplaces by; may repeat.") var regions: [String] =
        []
    @Flag(help: "Only say what would happen.") var dryRun = false

    func validate() throws {
        switch try ImportKind.of(file) {
        case .missing:
            // Of a spreadsheet, which needs --fair, the import itself says so.
            break
        case .spreadsheet:
            guard fair != nil else {
                throw ValidationError("\(file) is no stick; a spreadsheet needs --fair")
            }
        case .stick:
            guard fair == nil, mapping.isEmpty, sheet.isEmpty, regions.isEmpty, !dryRun else {
                throw ValidationError(
                    "\(file) is a stick: --fair, --mapping, --sheet, --regions, --dry-run are for spreadsheets")
            }
        }
    }

    func run() async throws {
        guard let fair else {
            guard case .stick(let folder, let name) = try ImportKind.of(file) else {
                throw HeadquartersError(
                    .stickUnsuitable, "there is nothing at \(file)",
                    hint: "没有这个文件夹或文件；U盘挂上了吗？\n  is the stick mounted? A spreadsheet also needs --fair")
            }
            let (text, isWhole) = try await config.commands().importStick(folder: folder, file: name)
            print(text)
            if !isWhole { throw Self.refused }
            return
        }
        do {
            print(
                try await config.commands().importVacancies(
                    ImportOrder(
                        fair: fair, file: file, mapping: mapping, sheet: sheet, regions: regions, isDryRun: dryRun)))
        } catch let error as HeadquartersError where error.code == .sheetUnsuitable {
            print("\(error)")
            throw Self.refused
        }
    }
}

struct VacancyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vacancy", abstract: "Vacancies: what waits for a clerk, and what changes in the morning.",
        subcommands: [
            List.self, Filled.self, Open.self, Withdraw.self, Booth.self, Headcount.self, Release.self, Reject.self,
        ])

    struct List: AsyncParsableCommand {
        @OptionGroup var config: Config
        @Option(help: "Id or number of the fair.") var fair: String
        @Option(help: "all, waiting (held) or flagged.") var part: PartChoice = .all
        @Option(help: "Within title or employer's name.") var text = ""

        func run() async throws {
            print(try await config.commands().listVacancies(fair: fair, part: part.rawValue, text: text))
        }
    }

    struct Filled: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "All places are taken.")
        @OptionGroup var vacancy: VacancyOption
        func run() async throws { try await vacancy.change(.filled) }
    }

    struct Open: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Neither filled nor withdrawn any longer.")
        @OptionGroup var vacancy: VacancyOption
        func run() async throws { try await vacancy.change(.open) }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The employer took it back.")
        @OptionGroup var vacancy: VacancyOption
        func run() async throws { try await vacancy.change(.withdraw) }
    }

    struct Booth: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Another booth for this vacancy alone.")
        @OptionGroup var vacancy: VacancyOption
        @Option(help: "At most 20 characters.") var booth: String
        func run() async throws { try await vacancy.change(.booth(booth)) }
    }

    struct Headcount: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Another number of people.")
        @OptionGroup var vacancy: VacancyOption
        @Option(help: "1 to 100000, or 'some' (若干) where nobody said how many.") var headcount: String
        func run() async throws { try await vacancy.change(.headcount(headcount)) }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show it although words were found in it.")
        @OptionGroup var vacancy: VacancyOption
        @Option(help: "Why; it stands in the audit.") var reason: String
        func run() async throws { try await vacancy.change(.release(reason: reason)) }
    }

    struct Reject: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Never show it as it is.")
        @OptionGroup var vacancy: VacancyOption
        @Option(help: "Why; it stands in the audit.") var reason: String
        func run() async throws { try await vacancy.change(.reject(reason: reason)) }
    }
}

struct VacancyOption: ParsableArguments {
    @OptionGroup var config: Config
    @Option(help: "Id of the vacancy, as 'vacancy list' shows it.") var id: String

    func change(_ order: VacancyOrder) async throws {
        print(try await config.commands().changeVacancy(id, order))
    }
}

enum PartChoice: String, ExpressibleByArgument, CaseIterable { case all, waiting, flagged }

struct EmployerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "employer", abstract: "Employers: verification, and their booths.",
        subcommands: [List.self, Verify.self, Unverify.self, Booth.self])

    struct List: AsyncParsableCommand {
        @OptionGroup var config: Config
        @Option(help: "Id or number of the fair.") var fair: String
        @Option(help: "all, or waiting (not verified).") var part: PartChoice = .all
        @Option(help: "Within the name.") var text = ""

        func run() async throws {
            print(try await config.commands().listEmployers(fair: fair, part: part.rawValue, text: text))
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Somebody saw its code and licence: kiosks may show it.")
        @OptionGroup var employer: EmployerOption
        @Option(help: "The credit code (统一社会信用代码) on the licence.") var code: String
        @Option(help: "What was seen, with its number.") var licence: String

        func run() async throws {
            print(
                try await employer.config.commands().verifyEmployer(employer.id, creditCode: code, licence: licence))
        }
    }

    struct Unverify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Kiosks show nothing of it any longer.")
        @OptionGroup var employer: EmployerOption
        @Option(help: "Why; it stands in the audit.") var reason: String

        func run() async throws {
            print(try await employer.config.commands().unverifyEmployer(employer.id, reason: reason))
        }
    }

    struct Booth: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Another booth for the employer and its vacancies there.")
        @OptionGroup var employer: EmployerOption
        @Option(help: "At most 20 characters.") var booth: String

        func run() async throws {
            print(try await employer.config.commands().moveEmployer(employer.id, to: booth))
        }
    }
}

struct EmployerOption: ParsableArguments {
    @OptionGroup var config: Config
    @Option(help: "Id of the employer, as 'employer list' shows it.") var id: String
}
