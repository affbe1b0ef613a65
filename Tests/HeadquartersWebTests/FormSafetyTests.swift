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
            #expect(try await fixture.find("AB0001", "", from: "1.1.1.1").status == 422)
            let wrong = try await fixture.find("AB0001", "0000", from: "1.1.1.1")
            let absent = try await fixture.find("AB0777", "0000", from: "1.1.1.2")
            let otherFair = try await fixture.find("AB0001", "5678", fair: "77", from: "1.1.1.3")
            #expect([wrong.status, absent.status, otherFair.status] == [404, 404, 404])
            #expect(wrong.body.contains("没有找到，或者后四位对不上"))
            for number in 1..<FormLimits.handTriesPerClientHourMax {
                #expect(try await fixture.find("AB\(1000 + number)", "0000", from: "1.1.1.1").status == 404)
            }
            #expect(try await fixture.find("AB0001", "5678", from: "1.1.1.1").status == 429, "failures of one client")
            for client in ["2.1.1.1", "2.1.1.2", "2.1.1.3"] {
                #expect(try await fixture.find("AB0001", "0000", from: client).status == 404)
            }
            #expect(try await fixture.find("AB0001", "5678", from: "2.1.1.4").status == 303)
            #expect(
                try await fixture.find("AB0001", "5678", from: "2.1.1.5").status == 429, "five tries of one number")
            fixture.clock.advance(minutes: 61)
            #expect(try await fixture.find("AB0001", "5678", from: "1.1.1.1").status == 303)
        }
    }

    @Test func postsAtTheSameMomentShareTheLimitOfTheirClient() async throws {
        try await FormFixture.run { fixture in
            let limit = FormLimits.handTriesPerClientHourMax
            let statuses = try await withThrowingTaskGroup(of: UInt.self) { group in
                for number in 0..<(limit + 20) {
                    group.addTask { try await fixture.find("AB\(1000 + number)", "0000", from: "1.1.1.1").status }
                }
                return try await group.reduce(into: [UInt: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(statuses == [404: limit, 429: 20])
        }
    }

    @Test func rightDigitsCostAClientNothing() async throws {
        try await FormFixture.run { fixture in
            for number in 1...UInt8(FormLimits.handTriesPerClientHourMax + 1) {
                try await fixture.arrive(number)
                let ticket = number < 10 ? "AB000\(number)" : "AB00\(number)"
                #expect(try await fixture.find(ticket, "5678", from: "1.1.1.1").status == 303)
            }
        }
    }

    @Test func wrongDigitsTypedByHandDoNotLockTheSlip() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive()
            for number in 0..<FormLimits.handTriesPerHourMax {
                #expect(try await fixture.find("AB0001", "000\(number)", from: "6.6.6.6").status == 404)
            }
            #expect(try await fixture.find("AB0001", "5678").status == 429)
            #expect(try await fixture.state([fixture.assembly]).status == 303, "whoever has the slip goes on")
            fixture.clock.advance(minutes: 61)
            #expect(try await fixture.find("AB0001", "5678").status == 303)
        }
    }

    @Test func behindAProxyThatNamesNobodyOnlyNumbersAreCounted() async throws {
        try await FormFixture.run(clientHeader: nil) { fixture in
            try await fixture.arrive()
            for number in 0...FormLimits.handTriesPerClientHourMax {
                #expect(try await fixture.find("AB\(1000 + number)", "0000", from: "1.1.1.1").status == 404)
            }
            for _ in 1..<FormLimits.handTriesPerHourMax {
                #expect(try await fixture.find("AB1000", "0000").status == 404)
            }
            #expect(try await fixture.find("AB1000", "0000").status == 429)
        }
    }

    @Test func aForgedTokenDoesNotReadTheCatalogue() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive()
            try damageCatalogues(stateFolder: fixture.folder.path)
            let token = fixture.token()
            let forged = String(token.dropLast()) + (token.hasSuffix("A") ? "B" : "A")
            #expect(try await fixture.get("/I/\(forged)").status == 404)
            #expect(try await fixture.post("/I/\(forged)", [("digits", "5678")]).status == 404)
            #expect(try await fixture.find("AB0001", "0000").status == 404)
            #expect(try await fixture.get("/I/\(token)").status == 503, "a token of ours does")
        }
    }

    @Test func theCatalogueIsReadOncePerVersion() async throws {
        try await FormFixture.run { fixture in
            let path = "/I/\(fixture.token())"
            let first = try await fixture.get(path)
            try damageCatalogues(stateFolder: fixture.folder.path)
            let second = try await fixture.get(path)
            #expect([first.status, second.status] == [200, 200])
            #expect(second.body.contains("电子装配工"))
            try renewCatalogueVersions(stateFolder: fixture.folder.path)
            #expect(try await fixture.get(path).status == 503)
        }
    }

    @Test func theSampleSettingsShowTheHeaderOfAProxy() throws {
        let sample = URL(fileURLWithPath: HeadquartersFixture.sampleFair).deletingLastPathComponent()
            .appendingPathComponent("headquarters.yaml")
        let yaml = try String(contentsOf: sample, encoding: .utf8)
        #expect(try HeadquartersSettings(yaml: yaml, file: "sample").formClientHeader == nil)
        let chosen = yaml.replacing("# clientHeader:", with: "clientHeader:")
        #expect(try HeadquartersSettings(yaml: chosen, file: "sample").formClientHeader == "x-forwarded-for")
        #expect(throws: (any Error).self) {
            try HeadquartersSettings(yaml: chosen.replacing("x-forwarded-for", with: "no header"), file: "sample")
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
