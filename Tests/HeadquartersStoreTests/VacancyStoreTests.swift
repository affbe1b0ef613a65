// Imports, decisions, verification and the morning, against a real file.

import Foundation
import GRDB
import HeadquartersCore
import JobFair
import TestSupport
import Testing

@testable import HeadquartersStore

struct VacancyStoreTests {
    private let fixture: StoreFixture
    private let clerk = DeskAuthor(actor: .login(name: "clerk.one", role: .clerk), name: "clerk.one")
    /// A synthetic code with a right check character.
    private static let code = "91990121MA9006010Y"
    private static let standard = [
        SheetText.Line(), SheetText.Line(title: "叉车工", pay: "7000元/月", requirements: "有叉车证"),
        SheetText.Line(employer: "云溪物业", booth: "C02", title: "保安", requirements: "限男性"),
    ]

    private var fair: FairID { fixture.catalogue.fair.id }
    private var store: SQLiteHeadquartersStore { fixture.store }

    init() async throws { fixture = try await StoreFixture() }

    private func apply(_ lines: [SheetText.Line], regions: [Region] = []) async throws -> ImportOutcome {
        try await store.applyImport(
            SheetText(lines: lines).batch(regions: regions), into: fair, previewed: nil, by: clerk, at: StoreFixture.now
        )
    }

    private func version() async throws -> Int { try await catalogue().version }
    private func catalogue() async throws -> Catalogue { try #require(try await store.catalogue(of: fair)) }

    private func entries(_ text: String = "") async throws -> [VacancyEntry] {
        try await store.vacancies(of: fair, DeskQuery(text: text)).entries
    }

    private func entry(_ title: String) async throws -> VacancyEntry {
        try #require(try await entries(title).first)
    }

    /// Verifies every employer of the sheet.
    private func verifyAll() async throws {
        let page = try await store.employers(of: fair, DeskQuery(part: .waiting))
        for (index, entry) in page.entries.enumerated() {
            try await store.verify(
                entry.employer.id, creditCode: index == 0 ? Self.code : "91990121MA9006029U", licence: "营业执照原件",
                by: clerk, at: StoreFixture.now)
        }
    }

    /// Everything in the file, table by table.
    private func dump() throws -> String {
        let queue = try DatabaseQueue(path: fixture.folder.file("headquarters.sqlite"))
        return try queue.read { db in
            try String.fetchAll(db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
                .map { table in
                    let rows = try Row.fetchAll(db, sql: "SELECT * FROM \"\(table)\"")
                    return "\(table) \(rows.count) \(rows)"
                }.joined(separator: "\n")
        }
    }

    // MARK: Import

    @Test func importingTwiceDoublesNothing() async throws {
        let first = try await apply(Self.standard)
        #expect(first.added == 3 && first.employersAdded == 2 && first.held.map(\.row) == [4])
        let ids = Set(try await entries().map(\.vacancy.id))
        let before = try await version()
        let second = try await apply(Self.standard)
        #expect(second.added == 0 && second.updated == 0 && second.unchanged == 3 && second.employersAdded == 0)
        #expect(Set(try await entries().map(\.vacancy.id)) == ids)
        #expect(try await version() == before)
    }

    @Test func aPreviewChangesNothing() async throws {
        _ = try await apply(Self.standard)
        let before = try dump()
        var lines = Self.standard
        lines[0].pay = "8000元/月"
        lines.append(SheetText.Line(employer: "第三家", title: "焊工"))
        let outcome = try await store.previewImport(SheetText(lines: lines).batch(), into: fair)
        #expect(outcome.added == 1 && outcome.updated == 1 && outcome.unchanged == 2 && outcome.employersAdded == 1)
        #expect(try dump() == before)
        #expect(try await apply(lines) == outcome)
    }

    // MARK: Planned outside

    /// Everything that an import is planned on, changed between preview and confirmation.
    @Test(arguments: 0..<6) func aPlanMadeOnAnOldStateIsRefused(change: Int) async throws {
        _ = try await apply(Self.standard)
        try await verifyAll()
        var lines = Self.standard
        lines[0].pay = "8000元/月"
        let batch = try SheetText(lines: lines).batch()
        let preview = try await store.previewImport(batch, into: fair)
        let vacancy = try await entry("叉车工")
        switch change {
        case 0: try await store.change(vacancy.vacancy.id, .headcount(7), by: clerk, at: 1)
        case 1: try await store.decide(vacancy.vacancy.id, releases: false, reason: "投诉", words: nil, by: clerk, at: 1)
        case 2: try await store.moveEmployer(vacancy.employer.id, to: "Z9", by: clerk, at: 1)
        case 3: try await store.unverify(vacancy.employer.id, reason: "过期", by: clerk, at: 1)
        case 4: _ = try await apply([SheetText.Line(employer: "第三家", title: "焊工")])
        default: _ = try await apply(Self.standard, regions: [Region(code: "990121", name: "青禾县")])
        }
        let before = try dump()
        let error = await #expect(throws: HeadquartersStoreError.self) {
            try await store.applyImport(
                batch, into: fair, previewed: preview.plannedOn, by: clerk, at: StoreFixture.now)
        }
        #expect(error?.code == .importOutdated)
        #expect(try dump() == before)
        let again = try await store.previewImport(batch, into: fair)
        let done = try await store.applyImport(
            batch, into: fair, previewed: again.plannedOn, by: clerk, at: StoreFixture.now)
        #expect(done == again && done.updated >= 1)
    }

    @Test func recordsAndLoginsMakeNoPlanOld() async throws {
        let batch = try SheetText(lines: Self.standard).batch()
        let preview = try await store.previewImport(batch, into: fair)
        try await fixture.ingest([.opened(fixture.envelope(1), StoreFixture.registration())])
        _ = try await store.saveIntent(fixture.statement(1, vacancy: 2))
        try await store.addAuditLine(AuditLine(at: 1, actor: .terminal, action: .loginAdded))
        let done = try await store.applyImport(
            batch, into: fair, previewed: preview.plannedOn, by: clerk, at: StoreFixture.now)
        #expect(done.added == 3)
    }

    /// Planning waits here for a write of somebody else: within the connection it would wait for ever.
    @Test(.timeLimit(.minutes(1))) func planningHoldsUpNobody() async throws {
        let (planning, written) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let (begun, tell) = AsyncStream<Void>.makeStream()
        let batch = try SheetText(lines: [SheetText.Line()]).batch()
        async let planned = store.plan(batch, into: fair, at: 1) { count in
            if planning.wait(timeout: .now()) == .timedOut {
                tell.yield()
                _ = written.wait(timeout: .now() + 30)
                planning.signal()
            } else {
                planning.signal()
            }
            return [UInt8](repeating: UInt8(count), count: count)
        }
        for await _ in begun { break }
        try await store.heartbeat()
        try await fixture.ingest([.opened(fixture.envelope(1), StoreFixture.registration())])
        written.signal()
        let plan = try await planned
        #expect(try await store.apply(plan, into: fair, by: clerk, at: 1).added == 1)
        // The same plan a second time is one on an old state.
        let error = await #expect(throws: HeadquartersStoreError.self) {
            try await store.apply(plan, into: fair, by: clerk, at: 1)
        }
        #expect(error?.code == .importOutdated)
    }

    // MARK: Again

    @Test func aHeadcountIsChangedAndStaysUntilTheSheetSaysAnother() async throws {
        _ = try await apply(Self.standard)
        try await verifyAll()
        let id = try await entry("包装工").vacancy.id
        let before = try await version()
        try await store.change(id, .headcount(35), by: clerk, at: 1)
        try await store.change(id, .headcount(35), by: clerk, at: 2)
        #expect(try await version() == before + 1)
        #expect(try await catalogue().vacancies.first { $0.id == id }?.headcount == 35)
        let line = try #require(try await store.auditEntries(before: nil, limit: 1).first?.line)
        #expect(line.action == .headcountChanged && line.reason == "20 → 35" && line.subject == id.description)
        #expect(try await apply(Self.standard).unchanged == 3)
        #expect(try await entry("包装工").vacancy.headcount == 35)
        var lines = Self.standard
        lines[0].headcount = "12"
        _ = try await apply(lines)
        #expect(try await entry("包装工").vacancy.headcount == 12)
        try await store.change(id, .headcount(nil), by: clerk, at: 3)
        #expect(try await entry("包装工").vacancy.headcount == nil)
        #expect(try await store.auditEntries(before: nil, limit: 1).first?.line.reason == "12 → 若干")
    }

    @Test func changedPayUpdatesAndKeepsTheID() async throws {
        _ = try await apply(Self.standard)
        try await verifyAll()
        let id = try await entry("包装工").vacancy.id
        let before = try await version()
        var lines = Self.standard
        lines[0].pay = "6500-7000元/月"
        let outcome = try await apply(lines)
        #expect(outcome.added == 0 && outcome.updated == 1 && outcome.unchanged == 2)
        let after = try #require(try await catalogue().vacancies.first { $0.id == id })
        #expect(after.pay.lowestFen == 650_000 && after.pay.highestFen == 700_000)
        #expect(try await version() == before + 1)
    }

    @Test func whatNoClerkVerifiedIsNotInTheCatalogue() async throws {
        let before = try await catalogue()
        _ = try await apply(Self.standard)
        #expect(try await catalogue() == before)
        try await verifyAll()
        let after = try await catalogue()
        #expect(after.version == before.version + 2)
        #expect(Set(after.employers.map(\.name)).isSuperset(of: ["青禾县大山食品厂", "云溪物业"]))
        #expect(after.vacancies.map(\.title).filter { $0 != "普工" } == ["包装工", "叉车工"])
        let employer = try #require(after.employers.first { $0.name == "青禾县大山食品厂" })
        try await store.unverify(employer.id, reason: "执照过期", by: clerk, at: StoreFixture.now)
        let last = try await catalogue()
        #expect(last.version == after.version + 1)
        #expect(!last.employers.contains { $0.id == employer.id } && !last.vacancies.contains { $0.title == "包装工" })
    }

    @Test func aSheetCannotRenameOrRecodeWhomAClerkVerified() async throws {
        _ = try await apply([SheetText.Line()])
        try await verifyAll()
        var line = SheetText.Line(employer: "大山集团", code: Self.code)
        line.title = "质检员"
        let outcome = try await apply([line])
        #expect(outcome.employersAdded == 0 && outcome.employersUnverified == 0)
        let employer = try await entry("质检员").employer
        #expect(employer.name == "青禾县大山食品厂" && employer.creditCode == Self.code)
        // Another code is another employer, and nobody has verified that one.
        let other = try await apply([SheetText.Line(code: "91990121MA9006029U", title: "钳工")])
        #expect(other.employersAdded == 1 && other.employersUnverified == 1)
        #expect(try await !catalogue().vacancies.contains { $0.title == "钳工" })
    }

    @Test func aCodeThatAClerkCorrectedDoublesNothing() async throws {
        let wrong = "91990121MA9006029U"
        var lines = [SheetText.Line(code: wrong), SheetText.Line(code: wrong, title: "叉车工")]
        _ = try await apply(lines)
        let employer = try await entry("包装工").employer.id
        try await store.verify(employer, creditCode: Self.code, licence: "营业执照原件", by: clerk, at: 1)
        let again = try await apply(lines)
        #expect(again.unchanged == 2 && again.added == 0 && again.employersAdded == 0)
        lines.append(SheetText.Line(title: "焊工"))
        let third = try await apply(lines)
        #expect(third.added == 1 && third.employersAdded == 0)
        #expect(try await entry("焊工").employer.creditCode == Self.code)
        // Whose code it really is comes with a name of its own, and nobody has verified that one.
        lines.append(SheetText.Line(employer: "云溪物业", code: wrong, title: "保洁员"))
        let other = try await apply(lines)
        #expect(other.added == 1 && other.employersAdded == 1 && other.unchanged == 3)
        #expect(try await entry("保洁员").employer.id != employer)
        #expect(try await apply(lines).unchanged == 4)
    }

    @Test func whatAClerkChangedInTheMorningOutlastsTheSameSheet() async throws {
        _ = try await apply(Self.standard)
        try await verifyAll()
        let packing = try await entry("包装工")
        let forklift = try await entry("叉车工")
        try await store.change(packing.vacancy.id, .filled, by: clerk, at: 1)
        try await store.change(forklift.vacancy.id, .withdrawn, by: clerk, at: 1)
        try await store.moveEmployer(packing.employer.id, to: "D09", by: clerk, at: 1)
        let before = try await version()
        let outcome = try await apply(Self.standard)
        #expect(outcome.unchanged == 3 && outcome.closed == 2)
        #expect(try await version() == before)
        let kept = try await entry("包装工")
        #expect(kept.vacancy.isFilled && kept.vacancy.booth == "D09" && kept.employer.booth == "D09")
        #expect(try await entry("叉车工").vacancy.isWithdrawn)
        // The sheet says another booth than last time: that is news.
        var lines = Self.standard
        for index in lines.indices where lines[index].booth == "C01" { lines[index].booth = "E05" }
        _ = try await apply(lines)
        let moved = try await entry("包装工")
        #expect(moved.vacancy.booth == "E05" && moved.employer.booth == "E05")
    }

    @Test func phonesInTextsNeverReachTheCatalogue() async throws {
        _ = try await apply([SheetText.Line(requirements: "联系13000000001")])
        try await verifyAll()
        let shown = try #require(try await catalogue().vacancies.first { $0.title == "包装工" })
        #expect(shown.requirements == "联系***********")
        let entry = try await entry("包装工")
        #expect(entry.review.posting[.requirements] == "联系13000000001")
        #expect(entry.review.standing == .clear && entry.review.findings.map(\.kind) == [.phoneInText])
        #expect(try await store.backlog(of: fair).flagged == 1)
    }

    @Test func regionsAreNamedAsFarAsTheyAreUsed() async throws {
        let regions = [
            Region(code: "990000", name: "样例省"), Region(code: "990121", name: "青禾县"),
            Region(code: "980000", name: "别的省"),
        ]
        _ = try await apply([SheetText.Line(place: "样例省青禾县食品园")], regions: regions)
        #expect(try await store.regions(of: fair).count == 3)
        // The fair itself is in 990000.
        #expect(try await catalogue().regions.map(\.name) == ["样例省"])
        try await verifyAll()
        #expect(try await catalogue().regions.map(\.name) == ["样例省", "青禾县"])
    }

    @Test func aFairTakesNoMoreThanAKioskTakes() async throws {
        let many = (0..<CatalogueSize.vacanciesMax).map { SheetText.Line(title: "包装工\($0)号") }
        let before = try dump()
        let refused = try await apply(many)
        #expect(refused.refusal == .tooManyVacancies(CatalogueSize.vacanciesMax + 25))
        let employers = (0..<CatalogueSize.employersMax).map { SheetText.Line(employer: "第\($0)家") }
        #expect(try await apply(employers).refusal == .tooManyEmployers(CatalogueSize.employersMax + 1))
        #expect(try await apply([]).refusal == .nothingToImport)
        #expect(try dump() == before)
    }

    // MARK: Decisions

    @Test func aHeldVacancyIsShownOnceReleasedAndNeverWhenRejected() async throws {
        _ = try await apply(Self.standard)
        try await verifyAll()
        let held = try await entry("保安")
        #expect(held.review.standing == .held)
        let before = try await version()
        #expect(try await !catalogue().vacancies.contains { $0.id == held.vacancy.id })
        await #expect(throws: HeadquartersStoreError(.wordsChanged)) {
            try await store.decide(held.vacancy.id, releases: true, reason: "x", words: "other", by: clerk, at: 5)
        }
        try await store.decide(
            held.vacancy.id, releases: true, reason: "国家规定", words: held.wordsDigest, by: clerk, at: 5)
        #expect(try await catalogue().vacancies.contains { $0.id == held.vacancy.id })
        #expect(try await version() == before + 1)
        // The same sheet again keeps the release.
        _ = try await apply(Self.standard)
        #expect(try await entry("保安").review.decision == VacancyDecision(by: "clerk.one", at: 5, reason: "国家规定"))
        #expect(try await version() == before + 1)
        try await store.decide(held.vacancy.id, releases: false, reason: "看错了", words: nil, by: clerk, at: 6)
        #expect(try await !catalogue().vacancies.contains { $0.id == held.vacancy.id })
        #expect(try await version() == before + 2)
        #expect(try await apply(Self.standard).rejected == 1)
        #expect(try await !catalogue().vacancies.contains { $0.id == held.vacancy.id })
        // Other words wait for a clerk again, however harmless.
        var lines = Self.standard
        lines[2].requirements = "身体健康"
        let outcome = try await apply(lines)
        #expect(outcome.held.map(\.row) == [4])
        #expect(try await !catalogue().vacancies.contains { $0.id == held.vacancy.id })
        await #expect(throws: HeadquartersStoreError(.vacancyUnknown)) {
            try await store.decide(StoreFixture.id(9, 9), releases: true, reason: "x", words: nil, by: clerk, at: 5)
        }
    }

    @Test func aBoothThatChangesTakesOneVersion() async throws {
        let before = try await version()
        let employer = try #require(try await store.employers(of: fair, DeskQuery()).entries.first)
        let own = try await entry("普工").vacancy.id
        try await store.change(own, .booth("Z9"), by: clerk, at: 1)
        #expect(try await version() == before + 1)
        try await store.moveEmployer(employer.employer.id, to: "B07", by: clerk, at: 1)
        try await store.moveEmployer(employer.employer.id, to: "B07", by: clerk, at: 1)
        let after = try await catalogue()
        #expect(after.version == before + 2 && after.employers.map(\.booth) == ["B07"])
        #expect(after.vacancies.filter { $0.booth == "B07" }.count == 24)
        #expect(after.vacancies.first { $0.id == own }?.booth == "Z9")
    }

    @Test func everyDecisionIsALineOfTheAudit() async throws {
        _ = try await apply(Self.standard)
        try await verifyAll()
        let held = try await entry("保安")
        try await store.decide(held.vacancy.id, releases: true, reason: "国家规定", words: nil, by: clerk, at: 5)
        try await store.change(held.vacancy.id, .filled, by: clerk, at: 5)
        try await store.change(held.vacancy.id, .open, by: clerk, at: 5)
        try await store.change(held.vacancy.id, .open, by: clerk, at: 5)
        try await store.change(held.vacancy.id, .withdrawn, by: clerk, at: 5)
        try await store.change(held.vacancy.id, .booth("A2"), by: clerk, at: 5)
        try await store.decide(held.vacancy.id, releases: false, reason: "投诉", words: nil, by: clerk, at: 5)
        try await store.unverify(held.employer.id, reason: "投诉", by: clerk, at: 5)
        let lines = try await store.auditEntries(before: nil, limit: 50).reversed().map(\.line)
        #expect(
            lines.map(\.action) == [
                .vacanciesImported, .employerVerified, .employerVerified, .vacancyReleased, .vacancyFilled,
                .vacancyOpened, .vacancyWithdrawn, .boothChanged, .vacancyRejected, .employerUnverified,
            ])
        #expect(lines.allSatisfy { $0.actor == clerk.actor && $0.fairID == fair })
        #expect(lines.first?.rows == 3 && lines.map(\.reason).contains("C02 → A2"))
    }

    @Test func aCodeIsCheckedAndNamesOneEmployer() async throws {
        _ = try await apply(Self.standard)
        let page = try await store.employers(of: fair, DeskQuery(part: .waiting))
        let (one, two) = (page.entries[0].employer, page.entries[1].employer)
        await #expect(throws: HeadquartersStoreError(.creditCodeInvalid)) {
            try await store.verify(one.id, creditCode: "91990121MA9006010X", licence: "x", by: clerk, at: 1)
        }
        try await store.verify(one.id, creditCode: Self.code, licence: "营业执照", by: clerk, at: 1)
        await #expect(throws: HeadquartersStoreError(.creditCodeTaken)) {
            try await store.verify(two.id, creditCode: Self.code, licence: "营业执照", by: clerk, at: 1)
        }
        let check = try #require(try await store.employer(one.id)?.check)
        #expect(check == EmployerCheck(creditCode: Self.code, licence: "营业执照", by: "clerk.one", at: 1))
        #expect(try await store.employer(two.id)?.check == nil)
    }

    @Test func intentsForWhatIsNotShownAreRefused() async throws {
        _ = try await apply(Self.standard)
        try await verifyAll()
        try await fixture.ingest([.opened(fixture.envelope(1), StoreFixture.registration(person: 1))])
        func state(_ vacancy: VacancyID) async throws -> IntentOutcome {
            try await store.saveIntent(
                IntentStatement(
                    seeker: StoreFixture.id(50, 1), fairID: fair, vacancyID: vacancy, passOnConsent: true,
                    isWithdrawn: false, digits: "1234", at: StoreFixture.now))
        }
        let (packing, guardian) = (try await entry("包装工").vacancy.id, try await entry("保安").vacancy.id)
        #expect(try await state(guardian) == .vacancyUnavailable)
        #expect(try await state(packing) == .confirmed(isRepeat: false))
        let forklift = try await entry("叉车工").vacancy.id
        try await store.change(forklift, .filled, by: clerk, at: 1)
        #expect(try await state(forklift) == .vacancyUnavailable)
    }

    // MARK: Lists

    @Test func listsAreSearchedAndPaged() async throws {
        let lines = (0..<120).map { SheetText.Line(title: $0 % 2 == 0 ? "缝纫工\($0)" : "电工\($0)") }
        _ = try await apply(lines + [Self.standard[2]])
        let all = try await store.vacancies(of: fair, DeskQuery())
        #expect(all.total == 146 && all.entries.count == VacancyLimits.pageRows)
        #expect(all.entries.first?.vacancy.title == "保安")
        let rest = try await store.vacancies(of: fair, DeskQuery(offset: 100))
        #expect(rest.entries.count == 46)
        let found = try await store.vacancies(of: fair, DeskQuery(text: "缝纫"))
        #expect(found.total == 60)
        #expect(try await store.vacancies(of: fair, DeskQuery(part: .waiting)).entries.map(\.vacancy.title) == ["保安"])
        #expect(try await store.vacancies(of: fair, DeskQuery(text: "云溪物业")).total == 1)
        #expect(try await store.employers(of: fair, DeskQuery(text: "大山")).entries.map(\.vacancies) == [120])
        #expect(
            try await store.backlog(of: fair)
                == DeskBacklog(vacancies: 146, held: 1, flagged: 0, employers: 3, unverified: 2))
    }

    // MARK: Fairs of before

    /// A file as the program before wrote it: the words stand in the vacancy, nobody has linted them.
    @Test func vacanciesOfBeforeAreLinted() async throws {
        let before = try await version()
        let queue = try DatabaseQueue(path: fixture.folder.file("headquarters.sqlite"))
        try await queue.write { db in
            try db.execute(
                sql: """
                    DROP TABLE vacancyReview; DROP TABLE employerCheck; DROP TABLE employerSheet; DROP TABLE fairRegion;
                    DROP INDEX vacancyEmployer; DELETE FROM grdb_migrations WHERE identifier IN ('0003 vacancies', '0005 sheet codes');
                    UPDATE vacancy SET details = json_set(details, '$.requirements', '限男性') WHERE position = 3;
                    UPDATE vacancy SET details = json_set(details, '$.requirements', '年满18周岁') WHERE position = 4;
                    """)
        }
        try queue.close()
        let opened = try SQLiteHeadquartersStore(stateFolder: fixture.folder.path)
        let after = try #require(try await opened.catalogue(of: fair))
        #expect(after.version == before + 1)
        #expect(after.vacancies.count == 24 && after.employers.count == 1)
        #expect(!after.vacancies.contains { $0.id == StoreFixture.id(1, 103) })
        #expect(after.vacancies.first { $0.id == StoreFixture.id(1, 104) }?.isNotUnder18 == true)
        #expect(try await opened.employer(StoreFixture.id(1, 1))?.check?.by == DeskAuthor.fairFile)
    }
}
