// A fair from a YAML file, read strictly: errors name file, line and key.

import HeadquartersCore
import JobFair
import SettingsFile

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads `fair create --from`. See `kiosk-config/sample-fair.yaml`.
struct FairFile {
    static let employersMax = 2000
    static let vacanciesMax = 20_000
    static let daysMax = 60
    /// GB/T 2260 has some 3200 codes.
    static let regionsMax = 4000

    /// What the file does not say itself.
    struct Context {
        /// Beijing date now, for `today` and `today+1`.
        var today: CalendarDate
        /// Where the file names no `formAddress`.
        var formAddress: String
        /// Overrides the file's `kind`.
        var kind: FairKind?
        /// Milliseconds since 1970, for the ids.
        var now: Int64
        /// That many random bytes.
        var random: (Int) -> [UInt8]
    }

    private let context: Context

    /// The key number is 0: the store gives it.
    static func catalogue(yaml: String, file: String, context: Context) throws -> Catalogue {
        try FairFile(context: context).read(SettingsSection(yaml: yaml, file: file))
    }

    private func read(_ root: SettingsSection) throws -> Catalogue {
        let fair = fair(root)
        let notice = root.section("notice")
        let groups = root.sections("keyGroups", max: 64).map {
            KeyGroup(code: $0.requiredString("code", max: 40), label: $0.requiredString("label", max: 40))
        }
        var employers: [Employer] = []
        var vacancies: [Vacancy] = []
        // None: the bureau's spreadsheet brings them, see `headquartersd import`.
        for section in root.sections("employers", max: Self.employersMax) {
            let employer = employer(section)
            employers.append(employer)
            for item in section.sections("vacancies", max: Self.vacanciesMax) {
                vacancies.append(vacancy(item, of: employer))
            }
        }
        if vacancies.count > Self.vacanciesMax {
            root.report("employers", "have more than \(Self.vacanciesMax) vacancies together")
        }
        let catalogue = Catalogue(
            fair: fair, version: 1, employers: employers, vacancies: vacancies,
            notice: PrivacyNotice(
                version: notice.requiredString("version", max: 40), title: notice.requiredString("title", max: 100),
                shortText: notice.requiredString("shortText", max: 4000),
                fullText: notice.requiredString("fullText", max: 40_000)),
            keyGroups: root.contains("keyGroups") ? groups : KeyGroups.defaults, regions: regions(root))
        try root.finish()
        return catalogue
    }

    private func regions(_ root: SettingsSection) -> [Region] {
        let regions = root.sections("regions", max: Self.regionsMax).map {
            Region(
                code: region($0.requiredString("code", max: 12), of: $0, "code"),
                name: $0.requiredString("name", max: 40))
        }
        if Set(regions.map(\.code)).count != regions.count { root.report("regions", "names a code twice") }
        return regions
    }

    private func region(_ section: SettingsSection) -> String {
        region(section.string("region", default: "", max: 12), of: section, "region")
    }

    /// Empty where nobody said.
    private func region(_ code: String, of section: SettingsSection, _ key: String) -> String {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        if !code.isEmpty, code.utf8.count != 6 || !code.utf8.allSatisfy(digits.contains) {
            section.report(key, "takes six digits, as GB/T 2260 has them")
        }
        return code
    }

    private func employer(_ section: SettingsSection) -> Employer {
        let code = section.string("creditCode", default: "", max: CreditCode.length)
        if !code.isEmpty, !CreditCode.isValid(code) {
            section.report(
                "creditCode", "is no unified social credit code: 18 characters, of which the last checks the rest")
        }
        return Employer(
            id: identifier(), name: section.requiredString("name", max: 100),
            booth: section.string("booth", default: "", max: 20),
            isVerified: section.boolean("verified", default: false), creditCode: code)
    }

    private func fair(_ root: SettingsSection) -> Fair {
        let kinds = root.string("kind", default: FairKind.fair.rawValue, max: 20)
        if FairKind(rawValue: kinds) == nil { root.report("kind", "takes fair or rehearsal") }
        let address = root.string("formAddress", default: context.formAddress, max: 60).uppercased()
        if !HeadquartersSettings.isFormAddress(address) {
            root.report("formAddress", "takes HTTP:// or HTTPS:// and a host (with a port), no path")
        }
        return Fair(
            id: identifier(), name: root.requiredString("name", max: 100),
            venue: root.requiredString("venue", max: 100), organiser: root.requiredString("organiser", max: 100),
            kind: context.kind ?? FairKind(rawValue: kinds) ?? .fair, days: days(root), keyNumber: 0,
            formAddress: address, servicePhone: root.string("servicePhone", default: "", max: 40),
            region: region(root),
            formOpenDaysAfter: root.integer("formOpenDaysAfter", default: 7, in: 0...90))
    }

    private func days(_ root: SettingsSection) -> [CalendarDate] {
        let texts = root.strings("days", max: Self.daysMax)
        if texts.isEmpty { root.report("days", "lists no day") }
        var days: [CalendarDate] = []
        for text in texts {
            guard let day = Self.day(text, today: context.today) else {
                root.report("days", "takes YYYY-MM-DD, today or today+N")
                continue
            }
            days.append(day)
        }
        if Set(days).count != days.count { root.report("days", "names a day twice") }
        return days.sorted()
    }

    private static func day(_ text: String, today: CalendarDate) -> CalendarDate? {
        if text == "today" { return today }
        guard text.hasPrefix("today+"), let number = Int(text.dropFirst(6)), (0...365).contains(number) else {
            return CalendarDate(text)
        }
        return today.adding(days: number)
    }

    private func vacancy(_ section: SettingsSection, of employer: Employer) -> Vacancy {
        let headcount = section.integer("headcount", default: 0, in: 0...100_000)
        return Vacancy(
            id: identifier(), employerID: employer.id, title: section.requiredString("title", max: 60),
            headcount: headcount == 0 ? nil : headcount, pay: pay(section.section("pay")),
            booth: section.string("booth", default: employer.booth, max: 20),
            place: section.string("place", default: "", max: 100),
            boardAndLodging: section.string("boardAndLodging", default: "", max: 100),
            insurance: section.string("insurance", default: "", max: 100),
            hours: section.string("hours", default: "", max: 100),
            isWithdrawn: section.boolean("withdrawn", default: false),
            isNotUnder18: section.boolean("notUnder18", default: false),
            isFilled: section.boolean("filled", default: false),
            occupation: section.contains("occupation") ? section.choice("occupation", default: .other) : nil,
            requirements: section.string("requirements", default: "", max: 200), region: region(section),
            workForm: section.contains("workForm") ? section.choice("workForm", default: .fullTime) : nil,
            offersBoard: said("board", section), offersLodging: said("lodging", section),
            hasNightShifts: said("nightShifts", section))
    }

    /// True or false; nil where the key is absent: the employer did not say.
    private func said(_ key: String, _ section: SettingsSection) -> Bool? {
        section.contains(key) ? section.boolean(key, default: false) : nil
    }

    /// The file says yuan; money is kept in fen.
    private func pay(_ section: SettingsSection) -> Pay {
        let lowest = section.integer("lowest", default: 0, in: 0...10_000_000)
        let highest = section.integer("highest", default: 0, in: 0...10_000_000)
        if highest != 0, highest < lowest { section.report("highest", "is below lowest") }
        let unit = section.optionalString("unit", max: 10)
        if let unit, Pay.Unit(rawValue: unit) == nil {
            section.report("unit", "takes hour, day, month, year or piece")
        }
        return Pay(
            lowestFen: lowest * 100, highestFen: highest * 100, unit: unit.flatMap(Pay.Unit.init(rawValue:)),
            text: section.string("text", default: "", max: 60))
    }

    private func identifier<Scope>() -> Identifier<Scope> {
        Identifier(milliseconds: context.now, random: context.random(10))
    }
}
