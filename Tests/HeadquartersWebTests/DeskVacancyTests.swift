// Import, holds, verification and booths through the desk's pages, over real HTTP.

import Foundation
import HeadquartersCore
import JobFair
import NIOCore
import TestSupport
import Testing
import VacancyImport

@testable import HeadquartersWeb

@Suite(.serialized) struct DeskVacancyTests {
    private static let sheet = """
        单位名称,展位号,岗位名称,招聘人数,薪资待遇,任职要求
        青禾县大山食品厂,C01,包装工,20,5000-6000元/月,不限
        青禾县大山食品厂,C01,搬运工,5,6000元/月,限男性，联系13000000001
        云溪物业,C02,保安,0,4000元/月,

        """

    /// A clerk at the pages of one fair.
    private struct Clerk {
        var browser: DeskBrowser
        let fixture: FormFixture
        var fair: FairID { fixture.catalogue.fair.id }
        var base: String { "/desk/fairs/\(fixture.catalogue.fair.id)" }

        init(_ fixture: FormFixture) async throws {
            browser = try await DeskBrowser.loggedIn(fixture)
            self.fixture = fixture
        }

        mutating func post(_ path: String, _ fields: [(String, String)]) async throws -> FormAnswerSeen {
            let csrf = try await browser.csrf()
            return try await browser.post(base + path, fields + [("csrf", csrf)])
        }

        func upload(_ text: String, mapping: String = "", csrf: String? = nil) async throws -> FormAnswerSeen {
            let token = if let csrf { csrf } else { try await browser.csrf() }
            func field(_ name: String, _ value: String) -> String {
                "--XX\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
            }
            let body =
                field("csrf", token) + field("mapping", mapping) + field("sheet", "")
                + "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"岗位<1>.csv\"\r\n"
                + "Content-Type: text/csv\r\n\r\n\(text)\r\n--XX--\r\n"
            return try await fixture.send(
                "POST", base + "/import", body, desk: true,
                [
                    "cookie": browser.cookie ?? "", "origin": browser.origin,
                    "content-type": "multipart/form-data; boundary=XX",
                ])
        }

        func digest() async throws -> String {
            let page = try await browser.get(base + "/import/preview").body
            return String(try #require(page.firstMatch(of: /name="digest" value="([0-9a-f]{64})"/)?.output.1))
        }

        func state() async throws -> String {
            let page = try await browser.get(base + "/import/preview").body
            return String(try #require(page.firstMatch(of: /name="state" value="([0-9]+)"/)?.output.1))
        }

        /// Confirms what was uploaded.
        mutating func confirm() async throws -> FormAnswerSeen {
            try await post("/import/confirm", [("digest", try await digest()), ("state", try await state())])
        }

        func entry(_ title: String) async throws -> VacancyEntry {
            try #require(try await fixture.store.vacancies(of: fair, DeskQuery(text: title)).entries.first)
        }

        func catalogue() async throws -> Catalogue { try #require(try await fixture.store.catalogue(of: fair)) }
    }

    @Test func aSheetIsSeenBeforeItGoesIn() async throws {
        try await FormFixture.run { fixture in
            var clerk = try await Clerk(fixture)
            let before = try await clerk.catalogue()
            #expect(try await clerk.browser.get(clerk.base + "/import").body.contains("上传，看预览"))
            let sent = try await clerk.upload(Self.sheet)
            #expect(sent.status == 303 && sent.location == clerk.base + "/import/preview")
            let preview = try await clerk.browser.get(sent.location)
            #expect(preview.status == 200)
            for text in [
                "还没有导入", "岗位&lt;1&gt;.csv", "编码 UTF-8", "新增岗位", "招聘人数是 0", "<mark>男性</mark>",
                "岗位限定或偏向一种性别", "确认导入",
            ] { #expect(preview.body.contains(text), "\(text)") }
            #expect(!preview.body.contains("13000000001"))
            #expect(try await fixture.store.backlog(of: clerk.fair).vacancies == 3)
            let done = try await clerk.confirm()
            #expect(done.status == 200 && done.body.contains("已经导入") && done.body.contains("去核验单位"))
            #expect(try await fixture.store.backlog(of: clerk.fair).vacancies == 5)
            #expect(try await clerk.catalogue() == before)
            // What was confirmed is gone; the same file again changes nothing.
            #expect(try await clerk.browser.get(clerk.base + "/import/preview").status == 303)
            _ = try await clerk.upload(Self.sheet)
            #expect(try await clerk.confirm().body.contains("没有变化"))
            #expect(try await fixture.store.backlog(of: clerk.fair).vacancies == 5)
            let lines = try await fixture.store.auditEntries(before: nil, limit: 10).map(\.line)
            #expect(lines.filter { $0.action == .vacanciesImported }.map(\.rows) == [2, 2])
        }
    }

    @Test func onlyWhatWasPreviewedIsConfirmed() async throws {
        try await FormFixture.run { fixture in
            var clerk = try await Clerk(fixture)
            _ = try await clerk.upload(Self.sheet)
            let digest = try await clerk.digest()
            #expect(try await clerk.post("/import/confirm", [("digest", digest)]).status == 422)
            _ = try await clerk.upload(Self.sheet.replacing("包装工", with: "焊工"))
            let refused = try await clerk.post(
                "/import/confirm", [("digest", digest), ("state", try await clerk.state())])
            #expect(refused.status == 422 && refused.body.contains("没有导入，请重新上传"))
            #expect(try await fixture.store.backlog(of: clerk.fair).vacancies == 3)
            fixture.clock.advance(minutes: 16)
            #expect(try await clerk.browser.get(clerk.base + "/import/preview").status == 303)
        }
    }

    @Test func aPreviewThatWasOvertakenIsShownAnew() async throws {
        try await FormFixture.run { fixture in
            var clerk = try await Clerk(fixture)
            _ = try await clerk.upload(Self.sheet)
            let fields = [("digest", try await clerk.digest()), ("state", try await clerk.state())]
            _ = try await clerk.post("/vacancies/\(fixture.assembly.id)", [("do", "filled")])
            let late = try await clerk.post("/import/confirm", fields)
            #expect(late.status == 303 && late.location == clerk.base + "/import/preview?changed")
            #expect(try await fixture.store.backlog(of: clerk.fair).vacancies == 3)
            let page = try await clerk.browser.get(late.location).body
            #expect(page.contains("下面是新的预览") && page.contains("还没有导入"))
            #expect(try await clerk.confirm().body.contains("已经导入"))
            #expect(try await fixture.store.backlog(of: clerk.fair).vacancies == 5)
        }
    }

    @Test func aHeadcountIsChangedAtTheDesk() async throws {
        try await FormFixture.run { fixture in
            var clerk = try await Clerk(fixture)
            let path = "/vacancies/\(fixture.assembly.id)"
            #expect(try await clerk.post(path, [("do", "headcount"), ("headcount", " ８0 ")]).status == 303)
            #expect(try await clerk.catalogue().vacancies[0].headcount == 80)
            let page = try await clerk.browser.get(clerk.base + "/vacancies").body
            #expect(page.contains(#"name="headcount" type="text" inputmode="numeric" value="80""#))
            for bad in ["0", "-5", "100001", "二十", "3.5"] {
                let refused = try await clerk.post(path, [("do", "headcount"), ("headcount", bad)])
                #expect(refused.status == 422 && refused.body.contains("招聘人数请填 1 到 100000"), "\(bad)")
            }
            _ = try await clerk.post(path, [("do", "headcount"), ("headcount", "")])
            #expect(try await clerk.catalogue().vacancies[0].headcount == nil)
            let lines = try await fixture.store.auditEntries(before: nil, limit: 9).map(\.line)
            #expect(lines.filter { $0.action == .headcountChanged }.map(\.reason) == ["80 → 若干", "120 → 80"])
            #expect(try await clerk.browser.get("/desk/audit").body.contains("改招聘人数"))
        }
    }

    @Test func aFileThatIsNoSheetIsRefusedWithASentence() async throws {
        try await FormFixture.run { fixture in
            let clerk = try await Clerk(fixture)
            _ = try await clerk.upload("甲,乙\n一,二\n")
            let page = try await clerk.browser.get(clerk.base + "/import/preview")
            #expect(page.status == 422 && page.body.contains("没有找到表头"))
            _ = try await clerk.upload(Self.sheet, mapping: "title=没有这列")
            #expect(try await clerk.browser.get(clerk.base + "/import/preview").body.contains("“没有这列”在表里没有找到"))
        }
    }

    @Test func uploadsNeedAClerkAndTheTokenOfThePage() async throws {
        try await FormFixture.run { fixture in
            let clerk = try await Clerk(fixture)
            #expect(try await clerk.upload(Self.sheet, csrf: "x").status == 403)
            let employer = try await DeskBrowser.loggedIn(
                fixture, name: "qinghe", role: .employer, employers: [fixture.catalogue.employers[0].id])
            for path in ["/import", "/import/preview", "/vacancies", "/employers"] {
                #expect(try await employer.get(clerk.base + path).status == 403, "\(path)")
                #expect(try await DeskBrowser(fixture).get(clerk.base + path).status == 303, "\(path)")
            }
            #expect(try await clerk.browser.get("/desk/fairs/x/import").status == 404)
            #expect(try await fixture.store.backlog(of: clerk.fair).vacancies == 3)
        }
    }

    @Test func aHoldShowsTheWordsAndTheLawAndIsDecided() async throws {
        try await FormFixture.run { fixture in
            var clerk = try await Clerk(fixture)
            _ = try await clerk.upload(Self.sheet)
            _ = try await clerk.confirm()
            let held = try await clerk.entry("搬运工")
            let list = try await clerk.browser.get(clerk.base + "/vacancies?part=waiting").body
            for text in ["<mark>男性</mark>", "就业促进法第二十六、二十七条", "待审，不显示", "<mark>13000000001</mark>"] {
                #expect(list.contains(text), "\(text)")
            }
            #expect(!list.contains("电子装配工"))
            let path = "/vacancies/\(held.vacancy.id)"
            let words = ("words", held.wordsDigest)
            #expect(try await clerk.post(path, [("do", "release"), words]).body.contains("请写明理由"))
            let stale = try await clerk.post(path, [("do", "release"), ("words", "0"), ("reason", "核实过")])
            #expect(stale.status == 422 && stale.body.contains("文字刚刚变了"))
            #expect(try await clerk.entry("搬运工").review.standing == .held)
            let done = try await clerk.post(
                path, [("do", "release"), words, ("reason", "国家规定的重体力"), ("part", "waiting")])
            #expect(done.status == 303 && done.location == "\(clerk.base)/vacancies?part=waiting#v-\(held.vacancy.id)")
            #expect(try await clerk.entry("搬运工").review.standing == .released)
            _ = try await clerk.post(path, [("do", "reject"), words, ("reason", "投诉属实")])
            let page = try await clerk.browser.get(clerk.base + "/vacancies?q=%E6%90%AC%E8%BF%90").body
            #expect(page.contains("不予发布") && page.contains("投诉属实") && page.contains("zhang.min"))
        }
    }

    @Test func aRejectedOneThatWasMendedIsDecidedByItsWords() async throws {
        try await FormFixture.run { fixture in
            var clerk = try await Clerk(fixture)
            _ = try await clerk.upload(Self.sheet)
            _ = try await clerk.confirm()
            let held = try await clerk.entry("搬运工")
            _ = try await clerk.post(
                "/vacancies/\(held.vacancy.id)", [("do", "reject"), ("words", held.wordsDigest), ("reason", "投诉属实")])
            _ = try await clerk.upload(Self.sheet.replacing("限男性，联系13000000001", with: "身体健康能吃苦"))
            _ = try await clerk.confirm()
            let list = try await clerk.browser.get(clerk.base + "/vacancies?part=waiting").body
            for text in ["待审，不显示", "身体健康能吃苦", "投诉属实"] { #expect(list.contains(text), "\(text)") }
        }
    }

    @Test func verifyingAndTheMorningReachTheCatalogue() async throws {
        try await FormFixture.run { fixture in
            var clerk = try await Clerk(fixture)
            _ = try await clerk.upload(Self.sheet)
            _ = try await clerk.confirm()
            let packing = try await clerk.entry("包装工")
            let employer = "/employers/\(packing.employer.id)"
            let fields = [("do", "verify"), ("creditCode", "９１９９0121 ma9006010y"), ("licence", "营业执照原件")]
            #expect(try await clerk.post(employer, Array(fields.dropLast())).status == 422)
            #expect(
                try await clerk.post(employer, fields.map { $0.0 == "creditCode" ? ($0.0, "91990121MA9006010X") : $0 })
                    .body.contains("统一社会信用代码不对"))
            #expect(try await clerk.post(employer, fields).status == 303)
            let before = try await clerk.catalogue()
            #expect(before.vacancies.contains { $0.id == packing.vacancy.id })
            let list = try await clerk.browser.get(clerk.base + "/employers").body
            #expect(list.contains("已核验：zhang.min 2026-02-01 10:00 营业执照原件") && list.contains("91990121MA9006010Y"))
            _ = try await clerk.post(employer, [("do", "booth"), ("booth", " D07 ")])
            let moved = try await clerk.catalogue()
            #expect(moved.version == before.version + 1)
            #expect(moved.vacancies.first { $0.id == packing.vacancy.id }?.booth == "D07")
            let path = "/vacancies/\(packing.vacancy.id)"
            _ = try await clerk.post(path, [("do", "filled")])
            #expect(try await clerk.catalogue().vacancies.first { $0.id == packing.vacancy.id }?.isFilled == true)
            _ = try await clerk.post(path, [("do", "withdraw")])
            #expect(try await clerk.catalogue().vacancies.first { $0.id == packing.vacancy.id }?.isWithdrawn == true)
            #expect(try await clerk.browser.get(clerk.base + "/vacancies").body.contains("已撤回"))
            let long = [("do", "booth"), ("booth", String(repeating: "x", count: 21))]
            #expect(try await clerk.post(path, long).status == 422)
            #expect(try await clerk.post(path, [("do", "else")]).status == 403)
            #expect(try await clerk.post("/vacancies/\(clerk.fair)", [("do", "filled")]).status == 404)
            _ = try await clerk.post(employer, [("do", "unverify"), ("reason", "执照过期")])
            #expect(try await !clerk.catalogue().employers.contains { $0.id == packing.employer.id })
        }
    }

    // MARK: Parts

    @Test func markedWordsStandApart() {
        func text(_ ranges: [Range<Int>]) -> String {
            DeskSegmentView.segments("要求限男性，能吃苦", marking: ranges)
                .map { $0.isMarked ? "[\($0.text)]" : $0.text }.joined()
        }
        #expect(text([]) == "要求限男性，能吃苦")
        #expect(text([2..<5]) == "要求[限男性]，能吃苦")
        #expect(text([2..<5, 3..<6]) == "要求[限男性][，]能吃苦")
        #expect(text([6..<99, 0..<2]) == "[要求]限男性，[能吃苦]")
        #expect(text([20..<22]) == "要求限男性，能吃苦")
    }

    @Test func uploadsAreBounded() async throws {
        let fair = FormFixture.makeCatalogue(vacancies: 1, kind: .fair).fair.id
        let uploads = ImportUploads()
        for number in UInt8(1)...5 {
            await uploads.keep(
                ImportUpload(fair: fair, fileName: "", request: ImportRequest(bytes: [number]), at: Int64(number)),
                of: Data([number]))
        }
        #expect(await uploads.upload(of: Data([1]), for: fair, now: 5) == nil)
        #expect(await uploads.upload(of: Data([5]), for: fair, now: 5)?.request.bytes == [5])
        #expect(await uploads.upload(of: Data([5]), for: fair, now: 5 + ImportUploads.keptMilliseconds + 1) == nil)
    }
}
