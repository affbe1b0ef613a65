// The job-intent form over real HTTP: every rule of the slip token, seen from the phone.

import Foundation
import HeadquartersCore
import JobFair
import SyncProtocol
import TestSupport
import Testing

@testable import HeadquartersWeb

@Suite(.serialized) struct FormTests {
    @Test func aSlipShowsTheListAndChangesNothing() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive()
            for letter in ["I", "i"] {
                let token = letter == "I" ? fixture.token() : fixture.token().lowercased()
                let page = try await fixture.get("/\(letter)/\(token)")
                #expect(page.status == 200)
                for text in [
                    "欧阳**", "电子装配工", "5000-7500元/月", "包吃包住", "五险一金", "两班倒", "A01", "招 120 人", "招若干人", "悦邻家政 &lt;服务&gt;",
                    "个人信息告知",
                ] {
                    #expect(page.body.contains(text), "\(text)")
                }
                #expect(!page.body.contains("5678") && !page.body.contains("AB0001"))
                #expect(!page.body.contains(#"name="name""#))
                #expect(page.headers["cache-control"] == "no-store")
                #expect(page.headers["referrer-policy"] == "no-referrer")
                #expect(page.headers["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
                #expect(page.headers["set-cookie"] == nil)
            }
            #expect(try await fixture.get("/I/\(fixture.token())", headers: ["x": "y"]).status == 200)
            #expect(try await fixture.store.intents(of: FormFixture.recordID(1), digits: "5678").isEmpty)
        }
    }

    @Test func everyForeignTokenGetsTheSamePage() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive()
            let token = fixture.token()
            let flipped = String(token.dropLast()) + (token.hasSuffix("A") ? "B" : "A")
            let other = SlipToken.make(
                purpose: 1, fairKeyNumber: 999, recordID: Data(FormFixture.recordID(1).bytes),
                tokenKey: fixture.master.tokenKey(fairID: Data(fixture.catalogue.fair.id.bytes))
            ).text
            var bodies: Set<String> = []
            for path in ["/I/\(flipped)", "/I/\(other)", "/I/X", "/I/\(token)A", "/nothing", "/I/\(token)/a/b"] {
                let page = try await fixture.get(path)
                #expect(page.status == 404, "\(path)")
                bodies.insert(page.body)
            }
            let posted = try await fixture.post("/I/\(flipped)", [("digits", "5678")])
            #expect(posted.status == 404)
            #expect(bodies.union([posted.body]).count == 1)
        }
    }

    @Test func anIntentIsStatedOnceHoweverOftenItIsSent() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive()
            let post = String(repeating: "a1", count: 16)
            let first = try await fixture.state(
                [fixture.assembly, fixture.cleaning], withhold: [fixture.cleaning], post: post)
            #expect(first.status == 303)
            #expect(first.location.hasPrefix("/I/\(fixture.token())/") && !first.location.contains("5678"))
            let again = try await fixture.state(
                [fixture.cleaning, fixture.assembly], withhold: [fixture.cleaning], post: post)
            #expect(again.location == first.location)
            #expect(try await fixture.state([fixture.assembly]).status == 303)
            let stated = try await fixture.store.intents(of: FormFixture.recordID(1), digits: "5678")
            #expect(Set(stated.map(\.vacancyID)) == [fixture.assembly.id, fixture.cleaning.id])
            #expect(stated.first { $0.vacancyID == fixture.assembly.id }?.passOnConsent == true)
            #expect(stated.first { $0.vacancyID == fixture.cleaning.id }?.passOnConsent == false)
            let result = try await fixture.get(first.location)
            #expect(result.status == 200)
            #expect(result.body.contains("报好了 2 个岗位") && result.body.contains("姓名和电话不给这一家"))
            #expect(!result.body.contains("5678"))
            let figures = try await fixture.store.figures(of: fixture.catalogue.fair.id, now: fixture.clock.now)
            #expect(figures?.intentPeople == 1 && figures?.intentPairs == 2)
        }
    }

    @Test func aPageThatCameBackIsTakenWithItsNewTicks() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive(surname: nil)
            let post = String(repeating: "d3", count: 16)
            let first = try await fixture.state([fixture.assembly], name: "买买提", post: post)
            #expect(first.status == 303)
            let second = try await fixture.state([fixture.cleaning], name: "买买提", post: post)
            #expect(second.status == 303 && second.location != first.location)
            let stated = try await fixture.store.intents(of: FormFixture.recordID(1), digits: "5678")
            #expect(Set(stated.map(\.vacancyID)) == [fixture.assembly.id, fixture.cleaning.id])
            let withheld = try await fixture.state(
                [fixture.cleaning], withhold: [fixture.cleaning], name: "买买提", post: post)
            #expect(try await fixture.get(withheld.location).body.contains("姓名和电话不给这一家"))
            let repeated = try await fixture.state([fixture.assembly], name: "买买提", post: post)
            #expect(repeated.location == first.location)
        }
    }

    @Test func aDoubleTapAtTheSameMomentStatesOneIntent() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive()
            let statuses = try await withThrowingTaskGroup(of: UInt.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await fixture.state([fixture.assembly], post: String(repeating: "b", count: 32)).status
                    }
                }
                return try await group.reduce(into: Set<UInt>()) { $0.insert($1) }
            }
            #expect(statuses == [303])
            #expect(try await fixture.store.intents(of: FormFixture.recordID(1), digits: "5678").count == 1)
        }
    }

    struct BadPost: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var vacancies: [Int] = [0]
        var digits = "5678"
        var status: UInt
        var says: String
    }

    @Test(arguments: [
        BadPost(testDescription: "nothing chosen", vacancies: [], status: 422, says: "还没有选岗位"),
        BadPost(testDescription: "no digits", digits: "", status: 422, says: "请填手机号最后 4 位"),
        BadPost(testDescription: "three digits", digits: "567", status: 422, says: "正好 4 个"),
        BadPost(testDescription: "five digits", digits: "56789", status: 422, says: "正好 4 个"),
        BadPost(testDescription: "letters", digits: "56a8", status: 422, says: "正好 4 个"),
        BadPost(testDescription: "both wrong", vacancies: [], digits: "", status: 422, says: "请填手机号最后 4 位"),
        BadPost(testDescription: "wrong digits", digits: "1234", status: 403, says: "还可以换 4 次"),
        BadPost(testDescription: "too many", vacancies: Array(0..<21), status: 422, says: "最多报 20 个"),
    ])
    func aBadPostSaysWhatToDoAndStoresNothing(_ bad: BadPost) async throws {
        try await FormFixture.run(vacancies: 22) { fixture in
            try await fixture.arrive()
            let page = try await fixture.state(
                bad.vacancies.map { fixture.catalogue.vacancies[$0] }, digits: bad.digits)
            #expect(page.status == bad.status)
            #expect(page.body.contains(bad.says))
            if let chosen = bad.vacancies.first {
                #expect(page.body.contains(#"value="\#(fixture.catalogue.vacancies[chosen].id)" id="v1" checked"#))
            }
            #expect(bad.digits.isEmpty || !page.body.contains("value=\"\(bad.digits)\""))
            #expect(try await fixture.store.intents(of: FormFixture.recordID(1), digits: "5678").isEmpty)
        }
    }

    @Test func fiveDifferentDigitStringsLockTheSlip() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive()
            for digits in ["1111", "2222", "3333", "1111", "4444", "5555"] {
                #expect(try await fixture.state([fixture.assembly], digits: digits).status == 403)
            }
            let locked = try await fixture.state([fixture.assembly])
            #expect(locked.status == 429 && locked.body.contains("服务台"))
            #expect(try await fixture.post("/I/\(fixture.token())/mine", [("digits", "5678")]).status == 429)
        }
    }

    @Test func twentyVacanciesAreTheMostOfASlip() async throws {
        try await FormFixture.run(vacancies: 22) { fixture in
            try await fixture.arrive()
            let open = fixture.catalogue.vacancies
            #expect(try await fixture.state(Array(open[0..<20])).status == 303)
            let more = try await fixture.state([open[21]])
            #expect(more.status == 303)
            #expect(try await fixture.get(more.location).body.contains("没有报上：一张小票最多报 20 个"))
            #expect(try await fixture.store.intents(of: FormFixture.recordID(1), digits: "5678").count == 20)
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var age: AgeBand = .adult
        var allowsIntents = true
        var digits: String? = "5678"
        var purpose = 1
        var hasArrived = true
        var says: String
    }

    @Test(arguments: [
        Refusal(testDescription: "purpose 2", age: .from14to15, allowsIntents: false, purpose: 2, says: "请到服务台办理"),
        Refusal(
            testDescription: "purpose 2, age not known", age: .unknown, allowsIntents: false, purpose: 2,
            says: "请到服务台办理"),
        Refusal(testDescription: "purpose 2, not arrived", purpose: 2, hasArrived: false, says: "请到服务台办理"),
        Refusal(testDescription: "15 with a purpose 1 slip", age: .from14to15, says: "请到服务台办理"),
        Refusal(testDescription: "neither phone nor document", digits: nil, says: "请到服务台报名"),
    ])
    func whoMayNotStateIntentsIsSentToTheDeskKindly(_ refusal: Refusal) async throws {
        try await FormFixture.run { fixture in
            if refusal.hasArrived {
                try await fixture.arrive(
                    digits: refusal.digits, age: refusal.age, allowsIntents: refusal.allowsIntents)
            }
            let path = "/I/\(fixture.token(purpose: refusal.purpose))"
            let page = try await fixture.post(path, [("vacancy", fixture.assembly.id.description), ("digits", "5678")])
            #expect(page.status == 403)
            #expect(page.body.contains(refusal.says))
            // The stylesheet's name has a hash in it.
            let text = page.body.replacing(/\/assets\/[a-z]+-[0-9a-f]+/, with: "")
            for word in ["16", "14", "18", "年龄", "未成年", "周岁", "生日", "出生"] {
                #expect(!text.contains(word), "\(word)")
            }
            if refusal.purpose == 2 {
                let shown = try await fixture.get(path)
                #expect(shown.status == 200 && shown.body.contains(refusal.says) && !shown.body.contains("<form"))
            }
            #expect(try await fixture.store.intents(of: FormFixture.recordID(1), digits: "5678").isEmpty)
        }
    }

    @Test func aSeekerOf17IsToldWhichVacancyIsNotOpen() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive(age: .from16to17)
            let answer = try await fixture.state([fixture.assembly, fixture.welding])
            let page = try await fixture.get(answer.location)
            #expect(page.body.contains("报好了 1 个岗位") && page.body.contains("按规定须满 18 周岁，请看看别的岗位"))
        }
    }

    @Test func onlyTheRightDigitsHearThatSomebodyIsTooYoung() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive(1, age: .from14to15)
            try await fixture.arrive(2)
            func said(_ slip: UInt8) async throws -> [String] {
                let page = try await fixture.state([fixture.assembly], digits: "1111", slip: slip)
                return [String(page.status)]
                    + page.body.split(separator: "\n").filter { $0.contains("后四位对不上") }
                    .map(String.init)
            }
            let young = try await said(1)
            #expect(young.count == 2)
            #expect(young == (try await said(2)))
            #expect(try await fixture.state([fixture.assembly]).body.contains("请到服务台办理"))
        }
    }

    @Test func aClaimOfASeekerOf17ForAnAdultsVacancyIsVoidOnArrivalAndSaysWhy() async throws {
        try await FormFixture.run { fixture in
            let claimed = try await fixture.state([fixture.assembly, fixture.welding])
            #expect(try await fixture.get(claimed.location).body.contains("收到了，核对后生效"))
            _ = try await fixture.state([fixture.welding], digits: "1111")
            try await fixture.arrive(age: .from16to17)
            let page = try await fixture.get(claimed.location)
            #expect(page.body.contains("报好了 1 个岗位"))
            #expect(page.body.contains("焊工") && page.body.contains("按规定须满 18 周岁，请看看别的岗位"))
            let figures = try await fixture.store.figures(of: fixture.catalogue.fair.id, now: fixture.clock.now)
            #expect(figures?.intentPairs == 1)
        }
    }

    @Test func anIntentBeforeItsRecordIsAClaimThatArrivalDecides() async throws {
        try await FormFixture.run { fixture in
            let fair = fixture.catalogue.fair.id
            #expect(try await fixture.get("/I/\(fixture.token())").body.contains("登记还在路上"))
            let right = try await fixture.state([fixture.assembly])
            #expect(try await fixture.get(right.location).body.contains("已收到，核对后生效"))
            #expect(try await fixture.state([fixture.cleaning], digits: "9999").status == 303)
            #expect(try await fixture.store.figures(of: fair, now: fixture.clock.now)?.intentPairs == 0)
            try await fixture.arrive()
            #expect(try await fixture.store.figures(of: fair, now: fixture.clock.now)?.intentPairs == 1)
            let page = try await fixture.get(right.location)
            #expect(page.body.contains("已登记（初步意向）") && !page.body.contains("保洁员"))
        }
    }

    @Test func digitsCannotBeGuessedBeforeTheRecordArrives() async throws {
        try await FormFixture.run { fixture in
            #expect(try await fixture.state([fixture.assembly]).status == 303)
            let mine = "/I/\(fixture.token())/mine"
            var statuses: [UInt] = []
            for number in 0..<40 {
                let answer = try await fixture.post(mine, [("digits", String(1000 + number))])
                statuses.append(answer.status)
                if answer.status == 303 {
                    #expect(try await !fixture.get(answer.location).body.contains("电子装配工"))
                }
            }
            #expect(statuses == Array(repeating: 303, count: 4) + Array(repeating: 429, count: 36))
            #expect(try await fixture.state([fixture.cleaning], digits: "1040").status == 429)
            let own = try await fixture.post(mine, [("digits", "5678")])
            #expect(try await fixture.get(own.location).body.contains("电子装配工"))
        }
    }

    @Test func anEmployerThatIsNotVerifiedIsNotOnTheForm() async throws {
        try await FormFixture.run(change: { $0.employers[0].isVerified = false }) { fixture in
            try await fixture.arrive()
            let page = try await fixture.get("/I/\(fixture.token())")
            #expect(page.body.contains("保洁员") && page.body.contains("悦邻家政"))
            #expect(!page.body.contains("电子装配工") && !page.body.contains("青禾启明"))
            #expect(!page.body.contains(fixture.assembly.id.description))
            let answer = try await fixture.state([fixture.assembly, fixture.cleaning])
            let mine = try await fixture.get(answer.location)
            #expect(mine.body.contains("报好了 1 个岗位") && mine.body.contains("没有报上：这个岗位已经不招了"))
            #expect(
                try await fixture.store.intents(of: FormFixture.recordID(1), digits: "5678").map(\.vacancyID)
                    == [fixture.cleaning.id])
        }
    }

    @Test func aNameLeftOpenIsCompletedBeforeAnyIntent() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive(surname: nil)
            #expect(try await fixture.get("/I/\(fixture.token())").body.contains(#"name="name""#))
            let missing = try await fixture.state([fixture.assembly])
            #expect(missing.status == 422 && missing.body.contains("请填您的姓名"))
            let bad = try await fixture.state([fixture.assembly], name: "12345")
            #expect(bad.status == 422 && bad.body.contains("认不出的符号"))
            #expect(try await fixture.state([fixture.assembly], digits: "1111", name: "买买提·吐尔逊").status == 403)
            #expect(try await fixture.store.registration(FormFixture.recordID(1))?.isNameOpen == true)
            #expect(try await fixture.state([fixture.assembly], name: "买买提•吐尔逊").status == 303)
            #expect(try await fixture.store.registration(FormFixture.recordID(1))?.surname == "买")
            #expect(try await fixture.get("/I/\(fixture.token())").body.contains("买**"))
        }
    }

    @Test func consentAndIntentCanBeWithdrawn() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive()
            _ = try await fixture.state([fixture.assembly, fixture.cleaning])
            let visit = try await fixture.post("/I/\(fixture.token())/mine", [("digits", "５６７８")])
            #expect(visit.status == 303)
            let withheld = try await fixture.post(visit.location, [("withhold", fixture.assembly.id.description)])
            #expect(withheld.status == 303 && withheld.location == visit.location)
            #expect(try await fixture.get(visit.location).body.contains("已撤回同意"))
            _ = try await fixture.post(visit.location, [("withdraw", fixture.cleaning.id.description)])
            let stated = try await fixture.store.intents(of: FormFixture.recordID(1), digits: "5678")
            #expect(stated.map(\.vacancyID) == [fixture.assembly.id] && stated.map(\.passOnConsent) == [false])
            let other = try await fixture.get(
                "/I/\(fixture.token(2))/\(visit.location.split(separator: "/").last ?? "")")
            #expect(other.status == 303, "a visit belongs to its slip")
            fixture.clock.advance(minutes: 16)
            #expect(try await fixture.get(visit.location).location == "/I/\(fixture.token())")
        }
    }

    @Test(arguments: [VacancyChange.filled, .withdrawn])
    func thePhoneIsTakenBackFromAVacancyThatIsNotOpen(change: VacancyChange) async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive()
            let visit = try await fixture.state([fixture.assembly])
            let clerk = DeskAuthor(actor: .login(name: "li", role: .clerk), name: "li")
            try await fixture.store.change(fixture.assembly.id, change, by: clerk, at: fixture.clock.now)
            #expect(try await fixture.get(visit.location).body.contains("不给电话了"))
            _ = try await fixture.post(visit.location, [("withhold", fixture.assembly.id.description)])
            let page = try await fixture.get(visit.location).body
            #expect(page.contains("已撤回同意") && !page.contains("不给电话了"))
            let stated = try await fixture.store.intents(of: FormFixture.recordID(1), digits: "5678")
            #expect(stated.map(\.passOnConsent) == [false])
        }
    }

    @Test func aPostSentAgainAfterAWithdrawalDoesNotStateAnew() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive()
            let post = String(repeating: "c", count: 32)
            let visit = try await fixture.state([fixture.assembly], post: post)
            _ = try await fixture.post(visit.location, [("withdraw", fixture.assembly.id.description)])
            #expect(try await fixture.state([fixture.assembly], post: post).location == visit.location)
            #expect(try await fixture.store.intents(of: FormFixture.recordID(1), digits: "5678").isEmpty)
            fixture.clock.advance(minutes: 1)
            _ = try await fixture.state([fixture.assembly])
            #expect(try await fixture.store.intents(of: FormFixture.recordID(1), digits: "5678").count == 1)
        }
    }

    @Test func afterTheFairTheFormIsClosedButWithdrawalIsNot() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive()
            _ = try await fixture.state([fixture.assembly])
            fixture.clock.advance(days: 7)
            #expect(try await fixture.state([fixture.assembly]).status == 303)
            fixture.clock.advance(days: 1)
            #expect(try await fixture.get("/I/\(fixture.token())").body.contains("报名已经结束"))
            #expect(try await fixture.state([fixture.cleaning]).status == 410)
            let visit = try await fixture.post("/I/\(fixture.token())/mine", [("digits", "5678")])
            _ = try await fixture.post(visit.location, [("withdraw", fixture.assembly.id.description)])
            #expect(try await fixture.store.intents(of: FormFixture.recordID(1), digits: "5678").isEmpty)
        }
    }
}
