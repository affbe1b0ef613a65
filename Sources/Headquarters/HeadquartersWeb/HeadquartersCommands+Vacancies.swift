// headquartersd import, vacancy and employer, as functions.

import DurableFiles
import HeadquartersCore
import HeadquartersStore
import JobFair
import VacancyImport

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#endif

/// What `headquartersd import` is asked for.
public struct ImportOrder: Sendable {
    /// Id or key number.
    public var fair: String
    public var file: String
    /// As `title=职位,employer=B`; empty: columns are recognised by their headers.
    public var mapping: String
    public var sheet: String
    /// Files of `code,name` lines.
    public var regions: [String]
    public var isDryRun: Bool

    public init(
        fair: String, file: String, mapping: String = "", sheet: String = "", regions: [String] = [],
        isDryRun: Bool = false
    ) {
        self.fair = fair
        self.file = file
        self.mapping = mapping
        self.sheet = sheet
        self.regions = regions
        self.isDryRun = isDryRun
    }
}

/// What the morning of a fair brings to one vacancy.
public enum VacancyOrder: Sendable {
    case filled
    case open
    case withdraw
    case booth(String)
    /// A number, or `some` where nobody said how many.
    case headcount(String)
    case release(reason: String)
    case reject(reason: String)
}

extension HeadquartersCommands {
    // MARK: Import

    /// Throws where the whole file is refused, and then nothing was changed; a bad row only stays out itself.
    public func importVacancies(_ order: ImportOrder) async throws -> String {
        let content = try Self.content(of: order.file)
        let store = try openStore()
        let fair = try await chosenFair(order.fair, in: store)
        let named = try order.regions.flatMap { try Self.regions(in: $0) }
        let regions = named.isEmpty ? try await store.regions(of: fair.id) : named
        guard regions.count <= VacancyLimits.regionsMax else {
            throw HeadquartersError(.sheetUnsuitable, "more than \(VacancyLimits.regionsMax) regions are named")
        }
        let sheet: ImportedSheet
        do {
            sheet = try await ImportReader().read(
                ImportRequest(bytes: [UInt8](content), mapping: order.mapping, sheet: order.sheet, regions: regions))
        } catch let error as SheetError {
            throw HeadquartersError(.sheetUnsuitable, "\(order.file): \(error.en)", hint: error.zh)
        }
        let outcome = try await Self.outcome(of: sheet.batch, into: fair.id, isDryRun: order.isDryRun, store)
        let isDone = outcome.refusal == nil && !order.isDryRun
        let report = ImportWords.report(sheet, outcome, isDone: isDone)
        guard let refusal = outcome.refusal else { return report }
        throw HeadquartersError(
            .sheetUnsuitable, "\(order.file): \(ImportWords.refusalInEnglish(refusal))", hint: report)
    }

    private static func outcome(
        of batch: ImportBatch, into fair: FairID, isDryRun: Bool, _ store: SQLiteHeadquartersStore
    ) async throws -> ImportOutcome {
        do {
            return isDryRun
                ? try await store.previewImport(batch, into: fair)
                : try await store.applyImport(batch, into: fair, previewed: nil, by: Self.author, at: Self.now())
        } catch let error as HeadquartersStoreError where error.code == .importOutdated {
            throw HeadquartersError(
                .fairChanged, "somebody changed the fair's vacancies at the same moment; nothing was imported",
                hint: "run the command again")
        }
    }

    private static func content(of file: String) throws -> Data {
        let content: Data?
        do {
            content = try DurableFile.read(file, bytesMax: SheetLimits.fileBytesMax)
        } catch {
            guard error.number == EFBIG else { throw error }
            throw HeadquartersError(
                .sheetUnsuitable, "\(file) has more than \(SheetLimits.fileBytesMax / 1_048_576) MiB",
                hint: "remove pictures, or split it")
        }
        guard let content else { throw HeadquartersError(.sheetUnsuitable, "\(file): there is no such file") }
        return content
    }

    /// Lines of a code of 2, 4 or 6 digits and a name, as GB/T 2260 is handed around; other lines are headers.
    static func regions(in file: String) throws -> [Region] {
        guard let text = String(validating: try content(of: file), as: UTF8.self) else {
            throw HeadquartersError(.sheetUnsuitable, "\(file) is not UTF-8")
        }
        let regions = text.split(whereSeparator: \.isNewline).compactMap { line -> Region? in
            let cells = line.split(separator: ",", omittingEmptySubsequences: false).prefix(2)
                .map { String($0.filter { $0 != "\"" && $0 != "\u{FEFF}" && !$0.isWhitespace }) }
            guard cells.count == 2, [2, 4, 6].contains(cells[0].utf8.count), !cells[1].isEmpty, cells[1].count <= 40,
                cells[0].utf8.allSatisfy({ (48...57).contains($0) })
            else { return nil }
            return Region(
                code: cells[0] + String(repeating: "0", count: 6 - cells[0].utf8.count), name: cells[1])
        }
        // Not the names of places: 直辖市 and 省 have one such line between them and their districts and counties.
        return regions.filter { !["市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"].contains($0.name) }
    }

    private func chosenFair(_ name: String, in store: SQLiteHeadquartersStore) async throws -> Fair {
        guard let fair = try Self.choose([name], of: try await store.fairs()).first else {
            throw HeadquartersError(.fairUnknown, "there is no fair \(name)")
        }
        return fair
    }

    /// The account at the terminal, as it stands with what it decided.
    static var author: DeskAuthor {
        let name = getpwuid(geteuid()).flatMap { String(validatingCString: $0.pointee.pw_name) }
        return DeskAuthor(actor: .terminal, name: "terminal:\(name ?? String(geteuid()))")
    }

    // MARK: Lists

    public func listVacancies(fair name: String, part: String, text: String) async throws -> String {
        let store = try openStore()
        let fair = try await chosenFair(name, in: store)
        var query = DeskQuery(part: DeskQuery.Part(rawValue: part) ?? .all, text: text)
        var lines: [String] = []
        while true {
            let page = try await store.vacancies(of: fair.id, query)
            lines += page.entries.map(Self.line)
            query.offset += VacancyLimits.pageRows
            if query.offset >= page.total { break }
        }
        return (lines + [Self.total(try await store.backlog(of: fair.id), at: fair)]).joined(separator: "\n")
    }

    private static func line(of entry: VacancyEntry) -> String {
        let vacancy = entry.vacancy
        let state = vacancy.isWithdrawn ? "withdrawn" : vacancy.isFilled ? "filled" : "open"
        let kinds = Set(entry.review.findings.map(\.kind.rawValue)).sorted().joined(separator: ",")
        return
            "\(vacancy.id)  \(entry.review.standing.rawValue)  \(state)  \(vacancy.booth.isEmpty ? "-" : vacancy.booth)  "
            + "\(entry.employer.name)  \(vacancy.title)" + (kinds.isEmpty ? "" : "  \(kinds)")
    }

    public func listEmployers(fair name: String, part: String, text: String) async throws -> String {
        let store = try openStore()
        let fair = try await chosenFair(name, in: store)
        var query = DeskQuery(part: DeskQuery.Part(rawValue: part) ?? .all, text: text)
        var lines: [String] = []
        while true {
            let page = try await store.employers(of: fair.id, query)
            lines += page.entries.map { entry in
                let employer = entry.employer
                return "\(employer.id)  \(entry.check.map { "verified by \($0.by)" } ?? "not verified")  "
                    + "\(employer.creditCode.isEmpty ? "-" : employer.creditCode)  "
                    + "\(employer.booth.isEmpty ? "-" : employer.booth)  \(employer.name)  \(entry.vacancies) vacancies"
            }
            query.offset += VacancyLimits.pageRows
            if query.offset >= page.total { break }
        }
        return (lines + [Self.total(try await store.backlog(of: fair.id), at: fair)]).joined(separator: "\n")
    }

    private static func total(_ backlog: DeskBacklog, at fair: Fair) -> String {
        "\(backlog.employers) employers, \(backlog.vacancies) vacancies" + waiting(backlog, at: fair)
    }

    /// What has to be done before kiosks show everything; empty where nothing.
    static func waiting(_ backlog: DeskBacklog, at fair: Fair) -> String {
        let which = "--fair \(fair.keyNumber) --part waiting"
        var lines = ""
        if backlog.held > 0 {
            lines += "\n\(backlog.held) vacancies are held: headquartersd vacancy list \(which)"
        }
        if backlog.unverified > 0 {
            lines += "\n\(backlog.unverified) employers are not verified: headquartersd employer list \(which)"
        }
        return lines
    }

    // MARK: Changes

    public func changeVacancy(_ typed: String, _ order: VacancyOrder) async throws -> String {
        let store = try openStore()
        guard let id = VacancyID(typed), try await store.vacancy(id) != nil else {
            throw HeadquartersError(
                .vacancyUnknown, "there is no vacancy \(typed)", hint: "headquartersd vacancy list shows their ids")
        }
        let (author, at) = (Self.author, Self.now())
        switch order {
        case .filled: try await store.change(id, .filled, by: author, at: at)
        case .open: try await store.change(id, .open, by: author, at: at)
        case .withdraw: try await store.change(id, .withdrawn, by: author, at: at)
        case .booth(let booth): try await store.change(id, .booth(try Self.booth(booth)), by: author, at: at)
        case .headcount(let text):
            guard let change = VacancyText.headcount(text == "some" ? "" : text) else {
                throw HeadquartersError(
                    .employerUnsuitable, "a headcount is 1 to \(VacancyLimits.headcountMax), or 'some'")
            }
            try await store.change(id, change, by: author, at: at)
        case .release(let reason):
            try await store.decide(
                id, releases: true, reason: try Self.sentence(reason), words: nil, by: author, at: at)
        case .reject(let reason):
            try await store.decide(
                id, releases: false, reason: try Self.sentence(reason), words: nil, by: author, at: at)
        }
        return try await store.vacancy(id).map(Self.line) ?? ""
    }

    public func verifyEmployer(_ typed: String, creditCode: String, licence: String) async throws -> String {
        let (store, id) = try await employer(typed)
        do {
            try await store.verify(
                id, creditCode: PlainText.string(PlainText.number(creditCode)), licence: try Self.sentence(licence),
                by: Self.author, at: Self.now())
        } catch let error as HeadquartersStoreError where error.code == .creditCodeInvalid {
            throw HeadquartersError(
                .employerUnsuitable, "\(creditCode) is no credit code",
                hint:
                    "a credit code (统一社会信用代码) has \(CreditCode.length) characters, the last of which checks the others")
        } catch let error as HeadquartersStoreError where error.code == .creditCodeTaken {
            throw HeadquartersError(.employerUnsuitable, "another employer of the fair has \(creditCode)")
        }
        return "verified"
    }

    public func unverifyEmployer(_ typed: String, reason: String) async throws -> String {
        let (store, id) = try await employer(typed)
        try await store.unverify(id, reason: try Self.sentence(reason), by: Self.author, at: Self.now())
        return "not verified; kiosks show nothing of it after their next contact"
    }

    public func moveEmployer(_ typed: String, to booth: String) async throws -> String {
        let (store, id) = try await employer(typed)
        try await store.moveEmployer(id, to: try Self.booth(booth), by: Self.author, at: Self.now())
        return "moved, with its vacancies that stood at its booth"
    }

    private func employer(_ typed: String) async throws -> (SQLiteHeadquartersStore, EmployerID) {
        let store = try openStore()
        guard let id = EmployerID(typed), try await store.employer(id) != nil else {
            throw HeadquartersError(
                .employerUnknown, "there is no employer \(typed)", hint: "headquartersd employer list shows their ids")
        }
        return (store, id)
    }

    private static func booth(_ text: String) throws -> String {
        guard let booth = VacancyText.booth(text) else {
            throw HeadquartersError(
                .employerUnsuitable, "a booth has at most \(VacancyLimits.boothCharactersMax) characters")
        }
        return booth
    }

    private static func sentence(_ text: String) throws -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard !line.isEmpty, line.count <= VacancyLimits.textCharactersMax else {
            throw HeadquartersError(
                .employerUnsuitable, "say it in 1 to \(VacancyLimits.textCharactersMax) characters")
        }
        return line
    }
}
