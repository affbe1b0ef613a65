// An employer's list over real HTTP: who is on it, who may see it, what stays behind in the audit.

import Foundation
import GRDB
import HeadquartersCore
import JobFair
import SyncProtocol
import TestSupport
import Testing

@testable import HeadquartersWeb

@Suite(.serialized) struct EmployerListTests {
    static let wang = SealedSeeker(
        number: 1, name: "王测试", phone: "13900001111", document: "999999199001010015")
    static let li = SealedSeeker(number: 2, name: "欧阳试机", phone: "13900002222")
    static let zhao = SealedSeeker(number: 3, name: "赵样例", phone: "13900003333")

    private static func path(_ fixture: FormFixture, _ employer: Int = 0) -> String {
        "/desk/fairs/\(fixture.catalogue.fair.id)/employers/\(fixture.catalogue.employers[employer].id)/list"
    }

    private static func employer(_ fixture: FormFixture, _ number: Int = 0) async throws -> DeskBrowser {
        try await DeskBrowser.loggedIn(
            fixture, name: "unit\(number)", role: .employer, employers: [fixture.catalogue.employers[number].id])
    }

    private static func audit(_ fixture: FormFixture) async throws -> [AuditLine] {
        try await fixture.store.auditEntries(before: nil, limit: 50).map(\.line)
            .filter { ![.loggedIn, .loginAdded].contains($0.action) }
    }

    @Test func anEmployerSeesWhoConsentedAndNobodyElse() async throws {
        try await FormFixture.run { fixture in
            for seeker in [Self.wang, Self.li, Self.zhao] { try await fixture.arrive(seeker) }
            #expect(try await fixture.state([fixture.assembly], digits: "1111", slip: 1).status == 303)
            #expect(
                try await fixture.state(
                    [fixture.assembly], digits: "2222", withhold: [fixture.assembly], slip: 2
                ).status == 303)
            #expect(try await fixture.state([fixture.cleaning], digits: "3333", slip: 3).status == 303)
            let browser = try await Self.employer(fixture)
            let page = try await browser.get(Self.path(fixture))
            #expect(page.status == 200)
            for text in ["王测试", "13900001111", "AB0001", "电子装配工", "初步", "2026-02-01 10:00", "仅限招聘使用", "1 人，1 人次"] {
                #expect(page.body.contains(text), "\(text)")
            }
            for text in ["欧阳", "13900002222", "AB0002", "赵样例", "13900003333", "999999", "1990"] {
                #expect(!page.body.contains(text), "\(text)")
            }
            #expect(page.headers["cache-control"] == "no-store")
            let line = try #require(try await Self.audit(fixture).first)
            #expect(line.action == .listSeen && line.actor == .login(name: "unit0", role: .employer))
            #expect(line.fairID == fixture.catalogue.fair.id && line.employerID == fixture.catalogue.employers[0].id)
            #expect(line.rows == 1 && line.subject == "网页" && line.at == fixture.clock.now)
            #expect(try await browser.get("/desk").body.contains(Self.path(fixture)))
        }
    }

    @Test func anotherEmployersListIsNotThere() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive(Self.wang)
            _ = try await fixture.state([fixture.assembly], digits: "1111", slip: 1)
            var browser = try await Self.employer(fixture, 1)
            let csrf = try await browser.csrf()
            for ending in ["", ".csv", ".xlsx"] {
                #expect(try await browser.get(Self.path(fixture) + ending).status == 404)
                let posted = try await browser.post(
                    Self.path(fixture) + ending, [("csrf", csrf), ("reason", "通知面试")])
                #expect(posted.status == 404)
            }
            let mark = "\(FormFixture.recordID(1)) \(fixture.assembly.id)"
            #expect(
                try await browser.post(Self.path(fixture) + "/signed", [("csrf", csrf), ("line", mark)]).status == 404)
            #expect(try await Self.audit(fixture).isEmpty)
            #expect(try await DeskBrowser(fixture).get(Self.path(fixture)).status == 303)
            let clerk = try await DeskBrowser.loggedIn(fixture)
            #expect(try await clerk.get(Self.path(fixture).replacing("/fairs/", with: "/fairs/0")).status == 404)
            let otherFair = FairID(milliseconds: 1, random: Array(repeating: 0, count: 10))
            let unknown = Self.path(fixture).replacing(
                fixture.catalogue.fair.id.description, with: otherFair.description)
            #expect(try await clerk.get(unknown).status == 404)
        }
    }

    @Test func anEmployerThatIsNoLongerVerifiedGetsNothing() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive(Self.wang)
            _ = try await fixture.state([fixture.assembly], digits: "1111", slip: 1)
            let browser = try await Self.employer(fixture)
            #expect(try await browser.get(Self.path(fixture)).status == 200)
            try await fixture.store.unverify(
                fixture.catalogue.employers[0].id, reason: "执照是假的",
                by: DeskAuthor(actor: .terminal, name: "root"), at: fixture.clock.now)
            #expect(try await browser.get(Self.path(fixture)).status == 404)
            #expect(try await browser.get(Self.path(fixture) + ".xlsx").status == 404)
        }
    }

    @Test func aClerkSeesNamesOnlyForAReason() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive(Self.wang)
            try await fixture.arrive(Self.li)
            for (slip, digits) in [(UInt8(1), "1111"), (2, "2222")] {
                _ = try await fixture.state([fixture.assembly], digits: digits, slip: slip)
            }
            var clerk = try await DeskBrowser.loggedIn(fixture)
            let csrf = try await clerk.csrf()
            let masked = try await clerk.get(Self.path(fixture))
            #expect(masked.status == 200 && masked.body.contains("王**") && masked.body.contains("欧阳**"))
            for text in ["王测试", "欧阳试机", "1390000", "1111", "2222"] { #expect(!masked.body.contains(text), "\(text)") }
            #expect(try await Self.audit(fixture).isEmpty)
            for reason in ["", "面试", "   看看   "] {
                let refused = try await clerk.post(Self.path(fixture), [("csrf", csrf), ("reason", reason)])
                #expect(refused.status == 422 && !refused.body.contains("王测试"), "\(reason)")
            }
            #expect(try await clerk.post(Self.path(fixture), [("reason", "替单位通知面试")]).status == 403)
            #expect(try await Self.audit(fixture).isEmpty)
            let full = try await clerk.post(Self.path(fixture), [("csrf", csrf), ("reason", "替单位通知面试")])
            #expect(full.status == 200 && full.body.contains("王测试") && full.body.contains("13900002222"))
            let line = try #require(try await Self.audit(fixture).first)
            #expect(line.action == .listSeen && line.reason == "替单位通知面试" && line.rows == 2)
            let export = try await clerk.get(Self.path(fixture) + ".csv")
            #expect(export.status == 200 && export.body.contains("王**") && !export.body.contains("1390000"))
            let second = try #require(try await Self.audit(fixture).first)
            #expect(second.action == .listExported && second.subject == "CSV UTF-8")
        }
    }

    @Test func whatIsTakenBackLeavesTheList() async throws {
        try await FormFixture.run { fixture in
            for seeker in [Self.wang, Self.li, Self.zhao] { try await fixture.arrive(seeker) }
            for (slip, digits) in [(UInt8(1), "1111"), (2, "2222"), (3, "3333")] {
                _ = try await fixture.state([fixture.assembly], digits: digits, slip: slip)
            }
            let browser = try await Self.employer(fixture)
            let names = { () async throws -> [Bool] in
                let page = try await browser.get(Self.path(fixture)).body
                return [Self.wang, Self.li, Self.zhao].map { page.contains($0.name) || page.contains($0.phone) }
            }
            #expect(try await names() == [true, true, true])
            fixture.clock.advance(minutes: 10)
            // By phone, by a kiosk's record, by a word about the whole employer.
            _ = try await fixture.state([fixture.assembly], digits: "1111", withhold: [fixture.assembly], slip: 1)
            var withdrawal = WirePayload()
            withdrawal.intent.seekerRecordID = Data(FormFixture.recordID(2).bytes)
            withdrawal.intent.vacancyID = Data(fixture.assembly.id.bytes)
            withdrawal.intent.level = "preliminary"
            withdrawal.intent.withdrawn = true
            withdrawal.intent.digits = "2222"
            try await fixture.arrive(withdrawal, FormFixture.recordID(92), number: 92)
            #expect(try await names() == [false, false, true])
            try await fixture.arrive(Self.consent(false, fixture, of: 3), FormFixture.recordID(93), number: 93)
            #expect(try await names() == [false, false, false])
            fixture.clock.advance(minutes: 10)
            try await fixture.arrive(Self.consent(true, fixture, of: 3), FormFixture.recordID(94), number: 94)
            #expect(try await names() == [false, false, true])
            let csv = try await browser.get(Self.path(fixture) + ".csv")
            #expect(!csv.body.contains("王测试") && !csv.body.contains("13900002222") && csv.body.contains("赵样例"))
        }
    }

    private static func consent(_ isGiven: Bool, _ fixture: FormFixture, of number: UInt8) -> WirePayload {
        var payload = WirePayload()
        payload.consentChange.seekerRecordID = Data(FormFixture.recordID(number).bytes)
        payload.consentChange.employerID = Data(fixture.catalogue.employers[0].id.bytes)
        payload.consentChange.given = isGiven
        return payload
    }

    @Test func namesCompletedLaterAndPhonesOfOthersAreSaidSo() async throws {
        try await FormFixture.run { fixture in
            let open = SealedSeeker(number: 1, name: "", phone: "13900001111")
            let contact = SealedSeeker(
                number: 2, name: "买买提·样例", contactPhone: "057188000000", document: "999999199001012222")
            let proxied = SealedSeeker(
                number: 3, name: "孙样例", proxy: ("父亲", "13900004444"), age: .from16to17, document: "999999200901013333")
            for seeker in [open, contact, proxied] { try await fixture.arrive(seeker) }
            _ = try await fixture.state([fixture.assembly], digits: "1111", name: "补名测试", slip: 1)
            for (slip, digits) in [(UInt8(2), "2222"), (3, "3333")] {
                _ = try await fixture.state([fixture.assembly], digits: digits, slip: slip)
            }
            let page = try await Self.employer(fixture).get(Self.path(fixture)).body
            for text in [
                "补名测试", "买买提·样例", "057188000000", "电话是联系人的", "孙样例", "13900004444", "电话是代办人的（父亲）",
                "未成年工（16、17岁）",
            ] { #expect(page.contains(text), "\(text)") }
        }
    }

    @Test func aFrameThatDoesNotOpenIsALineOfItsOwn() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive(Self.wang)
            try await fixture.arrive(2, surname: "钱", digits: "2222")
            for (slip, digits) in [(UInt8(1), "1111"), (2, "2222")] {
                _ = try await fixture.state([fixture.assembly], digits: digits, slip: slip)
            }
            let page = try await Self.employer(fixture).get(Self.path(fixture)).body
            #expect(page.contains("王测试") && page.contains("打不开，请联系总部技术员") && page.contains("其中 1 条打不开"))
        }
    }

    @Test func nothingLeavesWithoutItsAuditLine() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive(Self.wang)
            _ = try await fixture.state([fixture.assembly], digits: "1111", slip: 1)
            let browser = try await Self.employer(fixture)
            #expect(try await browser.get(Self.path(fixture)).status == 200)
            var other = DeskBrowser(fixture)
            _ = try await other.logIn("unit0")
            let file = try DatabaseQueue(path: fixture.folder.file("headquarters.sqlite"))
            try await file.write { db in
                try db.execute(
                    sql: """
                        CREATE TRIGGER auditIsBroken BEFORE INSERT ON auditLine BEGIN SELECT RAISE(ABORT, 'x'); END
                        """)
            }
            for ending in ["", ".csv", ".xlsx"] {
                let answer = try await other.get(Self.path(fixture) + ending)
                #expect(answer.status == 503 && !answer.body.contains("王测试"), "\(ending)")
            }
        }
    }

    // MARK: Looks and turns

    @Test func loadingTheSameListAgainIsTheSameLook() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive(Self.wang)
            try await fixture.arrive(Self.li)
            _ = try await fixture.state([fixture.assembly], digits: "1111", slip: 1)
            let browser = try await Self.employer(fixture)
            for _ in 0..<4 { #expect(try await browser.get(Self.path(fixture)).body.contains("王测试")) }
            #expect(try await Self.audit(fixture).map(\.rows) == [1])
            // One more on it is another list; a file is always another look.
            _ = try await fixture.state([fixture.assembly], digits: "2222", slip: 2)
            for _ in 0..<2 { #expect(try await browser.get(Self.path(fixture)).body.contains("欧阳试机")) }
            #expect(try await Self.audit(fixture).map(\.rows) == [2, 1])
            for _ in 0..<2 { _ = try await browser.get(Self.path(fixture) + ".csv") }
            #expect(
                try await Self.audit(fixture).map(\.action) == [.listExported, .listExported, .listSeen, .listSeen])
            // Another session, and the same one after ten minutes.
            var other = DeskBrowser(fixture)
            _ = try await other.logIn("unit0")
            _ = try await other.get(Self.path(fixture))
            #expect(try await Self.audit(fixture).count == 5)
            fixture.clock.advance(minutes: 11)
            _ = try await browser.get(Self.path(fixture))
            #expect(try await Self.audit(fixture).count == 6)
            // A clerk gives a reason each time, and each is a line.
            var clerk = try await DeskBrowser.loggedIn(fixture)
            let csrf = try await clerk.csrf()
            for _ in 0..<2 { _ = try await clerk.post(Self.path(fixture), [("csrf", csrf), ("reason", "替单位通知面试")]) }
            #expect(try await Self.audit(fixture).count == 8)
        }
    }

    @Test func aSessionGetsOneListAtATime() async {
        let turns = ListTurns()
        let (mine, other) = (Data([1]), Data([2]))
        #expect(await turns.begin(mine))
        #expect(await turns.begin(other))
        let order = await withTaskGroup(of: Bool.self) { group in
            for _ in 0...ListTurns.waitingMax { group.addTask { await turns.begin(mine) } }
            // One too many is refused at once; the others get their turn one by one.
            var answers: [Bool] = []
            for await answer in group {
                answers.append(answer)
                await turns.end(mine)
            }
            return answers
        }
        #expect(order.filter(\.self).count == ListTurns.waitingMax && order.contains(false))
    }

    // MARK: Signing

    @Test func anIntentIsMarkedAsSignedAndBack() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive(Self.wang)
            _ = try await fixture.state([fixture.assembly], digits: "1111", slip: 1)
            var browser = try await Self.employer(fixture)
            let csrf = try await browser.csrf()
            let mark = "\(FormFixture.recordID(1)) \(fixture.assembly.id)"
            let path = Self.path(fixture)
            #expect(try await browser.post(path + "/signed", [("line", mark)]).status == 403)
            fixture.clock.advance(minutes: 1)
            #expect(try await browser.post(path + "/signed", [("csrf", csrf), ("line", mark)]).status == 303)
            #expect(try await browser.get(path).body.contains("其中签约 1 人次"))
            let line = try #require(try await Self.audit(fixture).first { $0.action == .intentSigned })
            #expect(line.subject == "AB0001 电子装配工" && line.employerID == fixture.catalogue.employers[0].id)
            let figures = try await fixture.get(
                "/api/v1/fairs/\(fixture.catalogue.fair.id)/figures", desk: true
            ).body
            #expect(figures.contains(#""levels":{"preliminaryPairs":0,"signedPairs":1,"signedPeople":1}"#))
            #expect(try await browser.post(path + "/unsigned", [("csrf", csrf), ("line", mark)]).status == 422)
            let back = try await browser.post(
                path + "/unsigned", [("csrf", csrf), ("line", mark), ("reason", "点错了一行")])
            #expect(back.status == 303)
            #expect(try await browser.get(path).body.contains("其中签约 0 人次"))
            #expect(try await Self.audit(fixture).contains { $0.action == .intentUnsigned && $0.reason == "点错了一行" })
        }
    }

    @Test func whoWithdrawsAfterSigningStaysAsANumber() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive(Self.wang)
            _ = try await fixture.state([fixture.assembly], digits: "1111", slip: 1)
            var clerk = try await DeskBrowser.loggedIn(fixture)
            let csrf = try await clerk.csrf()
            let mark = "\(FormFixture.recordID(1)) \(fixture.assembly.id)"
            fixture.clock.advance(minutes: 1)
            _ = try await clerk.post(Self.path(fixture) + "/signed", [("csrf", csrf), ("line", mark)])
            fixture.clock.advance(minutes: 1)
            let outcome = try await fixture.store.saveIntent(
                IntentStatement(
                    seeker: FormFixture.recordID(1), fairID: fixture.catalogue.fair.id,
                    vacancyID: fixture.assembly.id, passOnConsent: false, isWithdrawn: true, digits: "1111",
                    at: fixture.clock.now))
            #expect(outcome == .withdrawn(isRepeat: false))
            let page = try await Self.employer(fixture).get(Self.path(fixture)).body
            #expect(page.contains("签约后已撤回意向") && page.contains("AB0001") && page.contains("另有 1 条签约后又撤回"))
            #expect(!page.contains("王测试") && !page.contains("13900001111") && !page.contains("王**"))
            #expect(
                try await clerk.post(Self.path(fixture) + "/signed", [("csrf", csrf), ("line", mark)]).status == 422)
            let figures = try #require(
                try await fixture.store.figures(
                    of: fixture.catalogue.fair.id, now: fixture.clock.now))
            #expect(figures.intentPairs == 0 && figures.signedPairs == 0)
        }
    }
}
