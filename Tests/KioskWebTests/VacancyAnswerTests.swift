// The calls about vacancies as the page makes them, over real HTTP; answers are golden.

import Foundation
import JobFair
import KioskCore
import TestSupport
import Testing

@Suite(.serialized) struct VacancyAnswerTests {
    private static let slip = "HTTP://127.0.0.1:7280/I/" + String(repeating: "A", count: 48)

    private static func body(_ more: String, id: Int = 1) -> String {
        """
        {"recordId":"\(Sample.id(id))","formKey":"\(Sample.formKey)","scanned":"\(slip)","digits":"5678",\(more)}
        """
    }

    @Test func answersAreAsTheGoldenSays() async throws {
        let desk = FakeDesk()
        var lines: [String] = []
        try await withKiosk(desk) { port in
            func note(_ name: String, _ answer: RawAnswer) {
                lines.append("\(name)\n    \(answer.status)\n    \(answer.text)")
                #expect(answer.header("cache-control") == "no-store")
            }
            for path in [
                "/api/v1/vacancies", "/api/v1/vacancies?q=%E5%8F%89%E8%BD%A6",
                "/api/v1/vacancies?occupation=sewing&occupation=welder&lowestPay=6000&region=990121&board=true"
                    + "&lodging=true&noNightShifts=true&workForm=fullTime&order=pay&turn=3&offset=0&limit=5",
                "/api/v1/vacancies?q=&limit=1&offset=1", "/api/v1/vacancies/\(FakeDesk.forklift.id)",
                "/api/v1/occupations", "/api/v1/regions",
            ] {
                note("GET \(path)", try await RawHTTP.request("GET", path, port: port))
            }
            let posts: [(String, String)] = [
                ("matches", "{}"), ("matches", "{\"scanned\":null,\"wishes\":null,\"limit\":null}"),
                (
                    "matches",
                    """
                    {"limit":2,"wishes":{"occupations":["cook"],"lowestPayYuanMonth":8000,"places":["990200"],\
                    "home":"990121","workForms":["byTheDay"],"board":true,"nightShifts":false,"skills":["平车"],\
                    "travel":true}}
                    """
                ), ("vacancy-slips", "{\"recordId\":\"\(Sample.id(2))\",\"vacancyId\":\"\(FakeDesk.sewing.id)\"}"),
                ("intents", Self.body("\"vacancyId\":\"\(FakeDesk.sewing.id)\",\"passOnConsent\":true")),
                (
                    "intents",
                    Self.body(
                        "\"vacancyId\":\"\(FakeDesk.sewing.id)\",\"passOnConsent\":null,\"withdrawn\":true", id: 2)
                ), ("slip-intents", "{\"scanned\":\"\(Self.slip)\",\"digits\":\"5678\"}"),
                ("wishes", Self.body("\"wishes\":{}", id: 3)),
            ]
            for (path, body) in posts {
                note("POST \(path)", try await RawHTTP.post("/api/v1/\(path)", body, port: port))
            }
        }
        #expect(await desk.calls == FakeDesk.Calls(vacancySlips: 1, intents: 2, wishes: 1))
        try checkGolden("vacancies.golden", lines.joined(separator: "\n") + "\n")
    }

    @Test func registrationsTakeEveryWish() async throws {
        let desk = FakeDesk()
        try await withKiosk(desk) { port in
            let wishes = """
                ,"wishes":{"occupations":["sewing"],"home":"青禾县","workForms":["byTheDay","fullTime"],"board":true,\
                "nightShifts":false,"skills":["叉车证"],"travel":true}
                """
            let answer = try await RawHTTP.post(
                "/api/v1/registrations", Sample.registration(1, extra: wishes), port: port)
            #expect(answer.status == 201)
        }
        let form = try #require(await desk.forms.first)
        #expect(
            form.wishes
                == Wishes(
                    occupations: ["sewing"], home: "青禾县", workForms: [.byTheDay, .fullTime], board: true,
                    nightShifts: false, skills: ["叉车证"], travel: true))
    }
}
