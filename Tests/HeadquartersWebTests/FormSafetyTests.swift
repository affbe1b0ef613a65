// Foreign pages, odd bodies and numbers typed by hand, over real HTTP.

import Foundation
import HeadquartersCore
import JobFair
import TestSupport
import Testing

@testable import HeadquartersWeb

@Suite(.serialized) struct FormSafetyTests {
    struct Sender: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var headers: [String: String]
        var status: UInt
    }

    @Test(arguments: [
        Sender(
            testDescription: "new browser, our page", headers: ["sec-fetch-site": "same-origin", "origin": "null"],
            status: 303),
        Sender(testDescription: "old browser under no-referrer", headers: ["origin": "null"], status: 303),
        Sender(testDescription: "no header at all", headers: [:], status: 303),
        Sender(testDescription: "cross-site", headers: ["sec-fetch-site": "cross-site"], status: 403),
        Sender(testDescription: "same-site", headers: ["sec-fetch-site": "same-site"], status: 403),
        Sender(testDescription: "foreign origin", headers: ["origin": "https://evil.example"], status: 403),
        Sender(
            testDescription: "our host as a prefix", headers: ["origin": "http://127.0.0.1.evil.example"], status: 403),
        Sender(testDescription: "JSON", headers: ["content-type": "application/json"], status: 403),
        Sender(testDescription: "multipart", headers: ["content-type": "multipart/form-data; boundary=x"], status: 403),
    ])
    func onlyOurPagesMayPost(_ sender: Sender) async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive()
            let fields = [("vacancy", fixture.assembly.id.description), ("digits", "5678")]
            let page = try await fixture.post("/I/\(fixture.token())", fields, headers: sender.headers)
            #expect(page.status == sender.status)
            let stated = try await fixture.store.intents(of: FormFixture.recordID(1), digits: "5678")
            #expect(stated.isEmpty == (sender.status != 303))
        }
    }

    @Test func ourOwnOriginMayPost() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive()
            let fields = [("vacancy", fixture.assembly.id.description), ("digits", "5678")]
            let origin = ["origin": "http://127.0.0.1:\(fixture.formPort)"]
            #expect(try await fixture.post("/I/\(fixture.token())", fields, headers: origin).status == 303)
        }
    }

    @Test func oddBodiesGetAKindPage() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive()
            let type = ["content-type": "application/x-www-form-urlencoded"]
            for (body, status) in [
                ("digits=%F0%28", UInt(403)), ("digits=%4", 403), ("vacancy=x&digits=5678", 422), ("", 422),
                (String(repeating: "a=1&", count: 600), 403), (String(repeating: "x", count: 17_000), 413),
            ] {
                let page = try await fixture.send("POST", "/I/\(fixture.token())", body, desk: false, type)
                #expect(page.status == status, "\(body.prefix(20))")
                #expect(page.body.contains("<h1>"))
            }
            #expect(try await fixture.send("PUT", "/I/\(fixture.token())", "", desk: false, [:]).status >= 404)
        }
    }

    @Test func aNumberTypedByHandLeadsToTheSameForm() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive(digits: "123X")
            let page = try await fixture.get("/")
            #expect(page.status == 200 && page.body.contains("招聘会编号"))
            let number = String(fixture.catalogue.fair.keyNumber)
            let found = try await fixture.post("/", [("fair", number), ("ticket", " ab 0001"), ("digits", "123ｘ")])
            #expect(found.status == 303)
            #expect(found.location == "/I/\(fixture.token())")
            #expect(try await fixture.get(found.location).status == 200)
        }
    }

    @Test func aWrongNumberTellsNothingAndRunsOutOfTries() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive()
            let number = String(fixture.catalogue.fair.keyNumber)
            func find(_ ticket: String, _ digits: String, fair: String? = nil, from client: String) async throws
                -> FormAnswerSeen
            {
                try await fixture.post(
                    "/", [("fair", fair ?? number), ("ticket", ticket), ("digits", digits)],
                    headers: ["x-forwarded-for": "10.0.0.9, \(client)"])
            }
            #expect(try await find("AB0001", "", from: "1.1.1.1").status == 422)
            let wrong = try await find("AB0001", "0000", from: "1.1.1.1")
            let absent = try await find("AB0777", "0000", from: "1.1.1.2")
            let otherFair = try await find("AB0001", "5678", fair: "77", from: "1.1.1.3")
            #expect([wrong.status, absent.status, otherFair.status] == [404, 404, 404])
            #expect(wrong.body.contains("没有找到，或者后四位对不上"))
            for _ in 0..<4 { #expect(try await find("AB0778", "0000", from: "1.1.1.1").status == 404) }
            #expect(try await find("AB0001", "5678", from: "1.1.1.1").status == 429, "five failures of one client")
            for client in ["2.1.1.1", "2.1.1.2", "2.1.1.3"] {
                #expect(try await find("AB0001", "0000", from: client).status == 404)
            }
            #expect(try await find("AB0001", "5678", from: "2.1.1.4").status == 303)
            #expect(try await find("AB0001", "5678", from: "2.1.1.5").status == 429, "five tries of one number")
            fixture.clock.advance(minutes: 61)
            #expect(try await find("AB0001", "5678", from: "1.1.1.1").status == 303)
        }
    }

    @Test func filesAreKeptByPhonesAndEverythingElseIsNot() async throws {
        try await FormFixture.run { fixture in
            let page = try await fixture.get("/")
            let assets = page.body.split(separator: "\"").map(String.init).filter { $0.hasPrefix("/assets/") }
            #expect(assets.count == 2)
            for path in assets {
                let asset = try await fixture.get(path)
                #expect(asset.status == 200)
                #expect(asset.headers["cache-control"]?.contains("immutable") == true)
                #expect(!asset.body.isEmpty)
            }
            #expect(try await fixture.get("/assets/other.css").status == 404)
        }
    }
}
