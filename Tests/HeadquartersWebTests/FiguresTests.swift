// The live figures over real HTTP, and how numbers are printed.

import Foundation
import HeadquartersCore
import Hummingbird
import JobFair
import Logging
import TestSupport
import Testing

@testable import HeadquartersWeb

@Suite(.serialized) struct FiguresTests {
    @Test func figuresCountAndNameNobody() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive(1, person: 1)
            try await fixture.arrive(2, person: 1)
            try await fixture.arrive(3, surname: "买")
            try await fixture.ingest(FormFixture.recordID(4), .entry(people: 1, isRehearsal: false), number: 4)
            try await fixture.ingest(FormFixture.recordID(5), .checkIn(seeker: FormFixture.recordID(1)), number: 5)
            _ = try await fixture.state([fixture.assembly, fixture.cleaning])
            let id = fixture.catalogue.fair.id
            let answer = try await fixture.get("/api/v1/fairs/\(id)/figures", desk: true)
            #expect(answer.status == 200)
            let json = try #require(
                try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any])
            #expect(json["entries"] as? Int == 1)
            #expect(json["registrations"] as? Int == 2)
            #expect(json["unlinkedRegistrations"] as? Int == 1)
            #expect((json["intents"] as? [String: Int]) == ["people": 1, "pairs": 2])
            #expect((json["vacancies"] as? [String: Int]) == ["postings": 3, "headcount": 240, "withoutHeadcount": 1])
            #expect(json["countedAt"] as? String == "2026-02-01T02:00:00.000Z")
            let page = try await fixture.get("/fairs/\(id)", desk: true)
            #expect(page.status == 200)
            for text in ["青禾县专场招聘会", "截至 2026年2月1日 10:00（北京时间）", "一号机", "2月1日"] {
                #expect(page.body.contains(text), "\(text)")
            }
            for text in ["欧阳", "买**", "5678", "AB0001"] {
                #expect(!page.body.contains(text) && !answer.body.contains(text))
            }
            #expect(page.headers["cache-control"] == "no-store")
            let list = try await fixture.get("/", desk: true)
            #expect(list.status == 200 && list.body.contains("/fairs/\(id)"))
            #expect(try await fixture.get("/api/v1/fairs", desk: true).body.contains(id.description))
        }
    }

    @Test func aCheckInWhoseDayIsNotKnownHasALineOfItsOwn() async throws {
        try await FormFixture.run { fixture in
            let path = "/fairs/\(fixture.catalogue.fair.id)"
            let line = #"<th scope="row">日期待定</th><td class="number"><span data-figure>2</span>"#
            let seeker = { (number: UInt8) in RecordContent.checkIn(seeker: FormFixture.recordID(number)) }
            try await fixture.ingest(
                FormFixture.recordID(1), seeker(91), number: 1, isDayConfirmed: false, quality: .ntp)
            #expect(try await !fixture.get(path, desk: true).body.contains(line))
            for number in [UInt8(2), 3] {
                try await fixture.ingest(
                    FormFixture.recordID(number), seeker(90 + number), number: number, isDayConfirmed: false,
                    quality: .none)
            }
            let page = try await fixture.get(path, desk: true)
            #expect(page.body.contains(line))
            #expect(page.body.contains(#"<th scope="row">2月1日</th><td class="number"><span data-figure>1</span>"#))
            let json = try await fixture.get("/api/v1\(path)/figures", desk: true)
            #expect(json.body.contains(#""checkInsWithoutDay":2"#))
        }
    }

    @Test func aConflictIsOneRecordToCheck() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive(1)
            try await fixture.conflict(with: 1)
            let page = try await fixture.get("/fairs/\(fixture.catalogue.fair.id)", desk: true)
            #expect(page.body.contains("另有 1 条记录待查"))
            let json = try await fixture.get("/api/v1/fairs/\(fixture.catalogue.fair.id)/figures", desk: true)
            for count in [#""heldRecords":1"#, #""forks":1"#, #""recordsToCheck":1"#] {
                #expect(json.body.contains(count), "\(count)")
            }
        }
    }

    @Test func figuresAreOnlyReadAndWhatElseIsTriedIsToldSo() async throws {
        try await FormFixture.run { fixture in
            for path in ["/", "/api/v1/fairs", "/api/v1/fairs/\(fixture.catalogue.fair.id)/figures"] {
                for method in ["POST", "PUT", "DELETE", "TRACE"] {
                    let answer = try await fixture.send(method, path, nil, desk: true, [:])
                    #expect(answer.status == 405 && answer.headers["allow"] == "GET, HEAD", "\(method) \(path)")
                }
            }
        }
    }

    @Test func theAPIDocumentHasTheDesksCallsAndNoOthers() async throws {
        try await FormFixture.run { fixture in
            let router = try makeDeskRouter(
                store: fixture.store, now: { 0 }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let calls = router.routes.filter { $0.method != .head }
                .map { OpenAPIDocument.Call($0.method.rawValue, $0.path.description) }
                .filter { $0.path.hasPrefix("/api/") }
            #expect(try OpenAPIDocument.calls()["figures"] == Set(calls))
        }
    }

    @Test func aRehearsalIsMarkedAndNotCounted() async throws {
        try await FormFixture.run(kind: .rehearsal) { fixture in
            let id = fixture.catalogue.fair.id
            let answer = try await fixture.get("/api/v1/fairs/\(id)/figures", desk: true)
            #expect(answer.status == 404 && answer.body.contains("fair.withoutFigures"))
            #expect(try await fixture.get("/fairs/\(id)", desk: true).body.contains("这是一场演练"))
            let list = try await fixture.get("/", desk: true)
            #expect(list.body.contains("演练，不计入") && list.body.contains("<b>0</b> 场"))
        }
    }

    @Test func theDeskAnswersOnlyLoopbackNames() async throws {
        try await FormFixture.run { fixture in
            for (host, status) in [
                ("127.0.0.1:\(fixture.deskPort)", UInt(200)), ("localhost", 200), ("[::1]:7281", 200),
                ("evil.example", 421), ("127.0.0.1.evil.example", 421),
            ] {
                let seen = try await fixture.get("/", desk: true, headers: ["host": host]).status
                #expect(seen == status, "\(host)")
            }
            for path in ["/fairs/x", "/fairs/00000000-0000-0000-0000-000000000000", "/x", "/api/v1/fairs/x/figures"] {
                let seen = try await fixture.get(path, desk: true).status
                #expect(seen == 404, "\(path)")
            }
        }
    }

    @Test(arguments: [
        (0, "0"), (4, "4"), (99, "99"), (100, "100"), (101, "100余"), (356, "350余"), (990, "990"), (1000, "1000"),
        (1350, "1300余"), (1389, "1300余"), (1390, "近1400"), (7992, "近8000"), (8000, "8000"), (8012, "8000余"),
        (359, "近360"), (995, "990余"), (999, "近1000"), (9999, "近1万"), (10_000, "1万"), (10_001, "1万余"),
        (18_000, "1.8万"), (18_250, "1.82万余"), (18_290, "近1.83万"), (10_500, "1.05万"), (99_995, "近10万"),
        (123_456, "12.34万余"),
    ])
    func numbersInSentencesAreRoundedWithAWord(_ number: Int, _ text: String) {
        #expect(PressNumber.text(number) == text)
    }

    @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (18_000, "18,000"), (1_234_567, "1,234,567")])
    func numbersInTablesAreExact(_ number: Int, _ text: String) {
        #expect(PressNumber.exact(number) == text)
    }

    private static func figures(
        entries: Int = 0, registrations: Int = 0, people: Int = 0, pairs: Int = 0, signedPeople: Int = 0,
        signedPairs: Int = 0, headcount: Int = 0, kiosks: [KioskState] = [], occupations: [Occupation] = []
    ) -> FairFigures {
        FairFigures(
            fair: FormFixture.makeCatalogue(vacancies: 3, kind: .fair).fair, entries: entries,
            registrations: registrations, unlinkedRegistrations: 0, checkIns: [], intentPeople: people,
            intentPairs: pairs, vacancyPostings: 30, vacancyHeadcount: headcount, vacanciesWithoutHeadcount: 0,
            employers: 235, heldRecords: 0, forks: 0, kiosks: kiosks, countedAt: FormFixture.opening,
            signedPeople: signedPeople, signedPairs: signedPairs, occupations: occupations)
    }

    @Test func theSentenceOfAFair() {
        let figures = Self.figures(
            entries: 8012, registrations: 1395, people: 1388, pairs: 2790, signedPeople: 90, signedPairs: 95,
            headcount: 8786, occupations: [.generalWorker, .sewing, .welder])
        #expect(
            FiguresSentence.text(figures)
                == "2月1日，青禾县就业服务中心举办“青禾县专场招聘会”，组织230余家用人单位提供普工、缝纫、焊工等8700余个岗位，活动共吸引8000余人次进场，近1400人办理求职登记，1300余人达成就业意向近2800人次，其中90人签约。"
        )
        #expect(FiguresSentence.note(figures) == "截至2月1日10:00，北京时间。")
    }

    @Test(arguments: [
        (1300, 18_000, Optional(72), "7.2%"), (1546, 12_000, 129, "12.9%"), (1388, 8000, 174, "17.4%"),
        (0, 8000, 0, "0.0%"), (1, 0, nil, "—"), (0, 0, nil, "—"), (9, 8, nil, "—"), (8, 8, 1000, "100.0%"),
    ])
    func conversionNeverDividesByNothing(_ people: Int, _ entries: Int, _ permille: Int?, _ text: String) {
        let conversion = IntentConversion(Self.figures(entries: entries, registrations: entries, people: people))
        #expect(conversion.ofEntries == permille && conversion.ofRegistrations == permille)
        #expect(PressNumber.percent(permille) == text)
    }

    @Test func kiosksThatMayHoldRecordsAreSaidUnderTheSentence() async throws {
        try await FormFixture.run { fixture in
            let id = fixture.catalogue.fair.id
            let page = try await fixture.get("/fairs/\(id)", desk: true)
            #expect(page.body.contains("截至2月1日10:00，北京时间；未上传站点：1。"))
            let json = try await fixture.get("/api/v1/fairs/\(id)/figures", desk: true).body
            #expect(json.contains("未上传站点：1"))
        }
    }

    @Test func eachEmployerHasItsCounts() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive(1, person: 1)
            try await fixture.arrive(2, person: 2)
            _ = try await fixture.state([fixture.assembly, fixture.welding, fixture.cleaning], slip: 1)
            _ = try await fixture.state([fixture.assembly], slip: 2)
            let figures = try #require(
                try await fixture.store.figures(of: fixture.catalogue.fair.id, now: fixture.clock.now))
            #expect(figures.intentPeople == 2 && figures.intentPairs == 4)
            let (first, second) = (figures.byEmployer[0], figures.byEmployer[1])
            #expect(
                first.intents == IntentFigures(people: 2, pairs: 3) && first.postings == 2 && first.headcount == 240)
            #expect(second.intents == IntentFigures(people: 1, pairs: 1) && second.withoutHeadcount == 1)
            let page = try await fixture.get("/fairs/\(fixture.catalogue.fair.id)", desk: true).body
            #expect(page.contains("各用人单位") && page.contains("悦邻家政 &lt;服务&gt; 有限公司") && page.contains("0，另 1 条若干"))
            let json = try await fixture.get(
                "/api/v1/fairs/\(fixture.catalogue.fair.id)/figures", desk: true
            ).body
            #expect(json.contains(#""intents":{"pairs":3,"people":2},"levels":{"preliminaryPairs":3,"#))
        }
    }

    @Test func aSentenceLeavesOutCountsUnderFive() {
        func sentence(_ registrations: Int, _ people: Int) -> String {
            let fair = FormFixture.makeCatalogue(vacancies: 3, kind: .fair).fair
            return FiguresSentence.text(
                FairFigures(
                    fair: fair, entries: 1356, registrations: registrations, unlinkedRegistrations: 0, checkIns: [],
                    intentPeople: people, intentPairs: people * 2, vacancyPostings: 30, vacancyHeadcount: 949,
                    vacanciesWithoutHeadcount: 1, employers: 10, heldRecords: 0, forks: 0, kiosks: [],
                    countedAt: FormFixture.opening))
        }
        #expect(
            sentence(812, 321)
                == "2月1日，青禾县就业服务中心举办“青禾县专场招聘会”，组织10家用人单位提供940余个岗位，活动共吸引1300余人次进场，810余人办理求职登记，320余人达成初步就业意向640余人次。")
        #expect(
            sentence(4, 1) == "2月1日，青禾县就业服务中心举办“青禾县专场招聘会”，组织10家用人单位提供940余个岗位，活动共吸引1300余人次进场。")
    }
}
