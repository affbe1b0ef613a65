// Wishes on the phone over real HTTP, and what an employer gets to see of them.

import Foundation
import HeadquartersCore
import JobFair
import SyncProtocol
import TestSupport
import Testing

@testable import HeadquartersWeb

@Suite(.serialized) struct FormWishesTests {
    private static let wang = SealedSeeker(number: 1, name: "王测试", phone: "13900005678")
    private static let fields = [
        ("occupation", "sewing"), ("occupation", "welder"), ("pay", "5000"), ("skills", "叉车证、会修车"), ("places", "城东"),
        ("form", "byTheDay"), ("board", "1"), ("night", "no"), ("travel", "1"), ("digits", "5678"),
    ]

    private static func list(_ fixture: FormFixture) async throws -> String {
        let employer = fixture.catalogue.employers[0].id
        var browser = DeskBrowser(fixture)
        if try await browser.logIn("unit").status != 303 {
            browser = try await DeskBrowser.loggedIn(fixture, name: "unit", role: .employer, employers: [employer])
        }
        return try await browser.get("/desk/fairs/\(fixture.catalogue.fair.id)/employers/\(employer)/list").body
    }

    @Test func thePageAsksAndChangesNothing() async throws {
        try await FormFixture.run(change: {
            $0.regions = [Region(code: "990121", name: "青禾县"), Region(code: "990122", name: "云溪县")]
            $0.vacancies[0].region = "990121"
        }) { fixture in
            try await fixture.arrive()
            let list = try await fixture.get("/I/\(fixture.token())").body
            #expect(list.contains(#"href="/I/\#(fixture.token())/wishes""#))
            let page = try await fixture.get("/i/\(fixture.token().lowercased())/wishes")
            #expect(page.status == 200 && page.headers["cache-control"] == "no-store")
            for text in [
                "欧阳**", "想找什么工作", "缝纫", "至少 5000 元", "青禾县", "日结", "要包吃住", "专车", "不上夜班", "叉车证", "手机号最后 4 位",
            ] { #expect(page.body.contains(text), "\(text)") }
            #expect(!page.body.contains("云溪县") && !page.body.contains("5678"))
        }
    }

    @Test func whatWasStatedIsOnTheListOfWhoMayCall() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive(Self.wang)
            _ = try await fixture.state([fixture.assembly])
            #expect(try await !Self.list(fixture).contains("想做缝纫"))
            let sent = try await fixture.post("/I/\(fixture.token())/wishes", Self.fields)
            #expect(sent.status == 303 && !sent.location.contains("5678"))
            let shown = try await fixture.get(sent.location).body
            #expect(shown.contains("想找什么工作，记下了") && shown.contains("报好了 1 个岗位"))
            let list = try await Self.list(fixture)
            #expect(list.contains("想做缝纫、焊工；每月至少 5000 元；会叉车证、会修车"))
            for text in ["城东", "夜班", "专车"] { #expect(!list.contains(text), "\(text)") }
            let clerk = try await DeskBrowser.loggedIn(fixture)
            let employer = fixture.catalogue.employers[0].id
            let masked = try await clerk.get("/desk/fairs/\(fixture.catalogue.fair.id)/employers/\(employer)/list").body
            #expect(masked.contains("王**") && !masked.contains("缝纫"))
            // The next ones take their place, and nothing is left of what is taken back.
            _ = try await fixture.post("/I/\(fixture.token())/wishes", [("occupation", "cook"), ("digits", "5678")])
            let next = try await Self.list(fixture)
            #expect(next.contains("想做厨师") && !next.contains("会叉车证"))
            let gone = try await fixture.post("/I/\(fixture.token())/wishes", [("clear", "1"), ("digits", "5678")])
            #expect(try await fixture.get(gone.location).body.contains("已经删掉了"))
            #expect(try await !Self.list(fixture).contains("想做厨师"))
        }
    }

    @Test func aKiosksRecordCountsLikeThePhone() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive(Self.wang)
            _ = try await fixture.state([fixture.assembly])
            var change = WirePayload()
            change.wishesChange.seekerRecordID = Data(FormFixture.recordID(1).bytes)
            change.wishesChange.wishes = WireWishes(Wishes(occupations: ["driver"], skills: ["C1驾照"]))
            change.wishesChange.digits = "5678"
            try await fixture.arrive(change, FormFixture.recordID(9), number: 9)
            #expect(try await Self.list(fixture).contains("想做司机；会C1驾照"))
            fixture.clock.advance(minutes: 1)
            _ = try await fixture.post("/I/\(fixture.token())/wishes", [("occupation", "cook"), ("digits", "5678")])
            #expect(try await Self.list(fixture).contains("想做厨师"))
            // Somebody else's digits at another kiosk change nothing.
            change.wishesChange.digits = "0000"
            fixture.clock.advance(minutes: 1)
            try await fixture.arrive(change, FormFixture.recordID(10), number: 10)
            #expect(try await Self.list(fixture).contains("想做厨师"))
        }
    }

    @Test func whatIsWrongIsSaidAndWhatWasChosenStays() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive()
            let path = "/I/\(fixture.token())/wishes"
            let empty = try await fixture.post(path, [("digits", "5678")])
            #expect(empty.status == 422 && empty.body.contains("至少选一样"))
            let many = try await fixture.post(
                path,
                ["sewing", "welder", "cook", "driver"].map { ("occupation", $0) }
                    + [("skills", "电话13000000001"), ("night", "yes"), ("pay", "6000")])
            #expect(many.status == 422)
            for text in [
                "想做的活最多选 3 样", "不要写电话和证件号码", "请填手机号最后 4 位", #"value="welder" checked"#, #"value="6000" selected"#,
                #"value="yes" checked"#,
            ] { #expect(many.body.contains(text), "\(text)") }
            let wrong = try await fixture.post(path, [("board", "1"), ("digits", "0907")])
            #expect(wrong.status == 403 && wrong.body.contains("还可以换 4 次") && wrong.body.contains("想找什么工作"))
            #expect(wrong.body.contains(#"name="board" value="1" checked"#) && !wrong.body.contains("0907"))
            #expect(try await fixture.post(path, [("occupation", "x"), ("digits", "5678")]).status == 422)
        }
    }

    @Test func theSlipIsGuardedAsWithIntents() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive()
            let fields = [("board", "1"), ("digits", "5678")]
            let second = try await fixture.get("/I/\(fixture.token(purpose: 2))/wishes")
            #expect(second.body.contains("请到服务台办理"))
            #expect(try await fixture.post("/I/\(fixture.token(purpose: 2))/wishes", fields).status == 403)
            let flipped = fixture.token().dropLast() + (fixture.token().hasSuffix("A") ? "B" : "A")
            for path in ["/I/X/wishes", "/I/\(flipped)/wishes"] {
                #expect(try await fixture.get(path).status == 404, "\(path)")
                #expect(try await fixture.post(path, fields).status == 404, "\(path)")
            }
            let path = "/I/\(fixture.token())/wishes"
            let foreign = ["sec-fetch-site": "cross-site"]
            #expect(try await fixture.post(path, fields, headers: foreign).status == 403)
            #expect(try await fixture.post("/I/\(fixture.token(7))/wishes", fields).status == 303, "not arrived yet")
            for number in 0..<5 { _ = try await fixture.post(path, [("board", "1"), ("digits", "000\(number)")]) }
            #expect(try await fixture.post(path, fields).status == 429)
            fixture.clock.advance(days: 30)
            #expect(try await fixture.get(path).body.contains("报名已经结束"))
            #expect(try await fixture.post(path, fields).status == 410)
        }
    }
}
