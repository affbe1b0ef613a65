// The desk's login over real HTTP with the real store: who gets in, who does not, and how it ends.

import Foundation
import GRDB
import HeadquartersCore
import JobFair
import Logging
import Synchronization
import TestSupport
import Testing

@testable import HeadquartersWeb

@Suite(.serialized) struct DeskLoginTests {
    @Test func aClerkLogsInWorksAndLogsOut() async throws {
        try await FormFixture.run { fixture in
            try await DeskBrowser.addLogin(fixture)
            var browser = DeskBrowser(fixture)
            let stranger = try await browser.get("/desk")
            #expect(stranger.status == 303 && stranger.location == "/desk/login")
            let page = try await browser.get("/desk/login")
            #expect(page.status == 200 && page.headers["cache-control"] == "no-store")
            #expect(page.body.contains(#"<label for="password">密码</label>"#))
            #expect(
                page.body.contains(#"autocomplete="current-password""#)
                    && page.body.contains(#"autocomplete="username""#))
            let opened = try await browser.logIn(" Zhang.Min ")
            #expect(opened.status == 303 && opened.location == "/desk")
            let home = try await browser.get("/desk")
            #expect(home.status == 200)
            for text in ["zhang.min（工作人员）", "青禾县专场招聘会", "/fairs/\(fixture.catalogue.fair.id)", "/desk/audit"] {
                #expect(home.body.contains(text), "\(text)")
            }
            let held = browser.cookie
            let out = try await browser.post("/desk/logout", [("csrf", browser.csrf())])
            #expect(out.status == 303 && out.location == "/desk/login" && browser.cookie == nil)
            browser.cookie = held
            #expect(try await browser.get("/desk").status == 303)
            let audit = try await fixture.store.auditEntries(before: nil, limit: 9).map(\.line)
            #expect(audit.map(\.action) == [.loggedOut, .loggedIn, .loginAdded])
            #expect(audit[0].actor == .login(name: "zhang.min", role: .clerk))
        }
    }

    @Test func theCookieIsOutOfReach() async throws {
        try await FormFixture.run { fixture in
            try await DeskBrowser.addLogin(fixture)
            var browser = DeskBrowser(fixture)
            let cookie = try #require(try await browser.logIn().headers["set-cookie"])
            let parts = cookie.components(separatedBy: "; ")
            #expect(parts.dropFirst() == ["Path=/", "HttpOnly", "SameSite=Strict"])
            #expect(parts[0].hasPrefix("jobfair-desk=") && parts[0].utf8.count == "jobfair-desk=".utf8.count + 64)
        }
        let proxied = DeskSettings(address: "https://desk.example.cn", clientHeader: "x-forwarded-for")
        try await FormFixture.run(deskSettings: proxied) { fixture in
            try await DeskBrowser.addLogin(fixture)
            var browser = DeskBrowser(fixture)
            let host = ["host": "desk.example.cn", "origin": "https://desk.example.cn"]
            let cookie = try await browser.logIn(headers: host).headers["set-cookie"]
            #expect(cookie?.hasSuffix("; Path=/; HttpOnly; SameSite=Strict; Secure") == true)
            #expect(try await browser.get("/desk", headers: host).status == 200)
            for (name, status) in [("desk.example.cn:443", UInt(200)), ("other.example.cn", 421)] {
                let seen = try await browser.get("/", headers: ["host": name]).status
                #expect(seen == status, "\(name)")
            }
            let foreign = ["host": "desk.example.cn", "origin": "https://other.example.cn"]
            #expect(try await browser.logIn(headers: foreign).status == 403)
        }
    }

    @Test func wrongAndUnknownAreAnsweredAlikeAndNoTypedNameIsKept() async throws {
        try await FormFixture.run { fixture in
            try await DeskBrowser.addLogin(fixture)
            try await DeskBrowser.addLogin(fixture, name: "gone")
            try await fixture.store.disableLogin("gone", by: .terminal, at: fixture.clock.now)
            var browser = DeskBrowser(fixture)
            var pages: Set<String> = []
            for (name, password) in [
                ("zhang.min", "wrong wrong"), ("nobody", "wrong wrong"), ("gone", DeskBrowser.password),
                (DeskBrowser.password, "zhang.min"),
            ] {
                let page = try await browser.logIn(name, password: password)
                #expect(page.status == 403 && page.body.contains("帐号或密码不对。") && browser.cookie == nil)
                #expect(!page.body.contains("wrong") && !page.body.contains(name))
                pages.insert(page.body)
            }
            #expect(pages.count == 1)
            // The second name that nobody has waits for the next line of its kind.
            let failed = try await fixture.store.auditEntries(before: nil, limit: 3).map(\.line)
            #expect(failed.map(\.action) == Array(repeating: .loginFailed, count: 3))
            #expect(failed.map(\.subject) == ["gone", nil, "zhang.min"])
            for fields in [[("name", "zhang.min")], [("name", "zhang.min"), ("password", "")], []] {
                #expect(try await browser.post("/desk/login", fields).status == 422)
            }
        }
    }

    @Test func namesThatNobodyHasGetOneLineAMinuteWithTheirNumber() async throws {
        try await FormFixture.run { fixture in
            var browser = DeskBrowser(fixture)
            for number in 0..<7 {
                #expect(try await browser.logIn("nobody\(number)", password: "wrong wrong").status == 403)
            }
            #expect(try await fixture.store.auditEntries(before: nil, limit: 9).map(\.line.rows) == [1])
            fixture.clock.advance(minutes: 1)
            let clerk = try await DeskBrowser.loggedIn(fixture)
            #expect(try await clerk.get("/desk/audit").body.contains("不存在的帐号"))
            let lines = try await fixture.store.auditEntries(before: nil, limit: 9).map(\.line)
            let failed = lines.filter { $0.action == .loginFailed }
            #expect(failed.map(\.rows) == [6, 1])
            #expect(failed.allSatisfy { $0.subject == nil && $0.actor == .unknown })
        }
    }

    @Test func guessingIsSlowedDownAndNobodyIsLockedOutForGood() async throws {
        try await FormFixture.run { fixture in
            try await DeskBrowser.addLogin(fixture)
            var browser = DeskBrowser(fixture)
            for _ in 0..<LoginThrottle.nameTries {
                #expect(try await browser.logIn(password: "wrong wrong").status == 403)
            }
            let throttled = try await browser.logIn()
            #expect(throttled.status == 429 && throttled.headers["retry-after"] == "15" && browser.cookie == nil)
            #expect(throttled.body.contains("15 秒"))
            for _ in 0..<LoginThrottle.nameTries { _ = try await browser.logIn("nobody", password: "wrong wrong") }
            #expect(try await browser.logIn("nobody", password: "wrong wrong").status == 429)
            fixture.clock.advance(minutes: 1)
            #expect(try await browser.logIn().status == 303)
            #expect(try await browser.logIn(password: "wrong wrong").status == 403)
        }
    }

    @Test func aSessionEndsByItself() async throws {
        try await FormFixture.run { fixture in
            var browser = try await DeskBrowser.loggedIn(fixture)
            fixture.clock.advance(minutes: 29)
            #expect(try await browser.get("/desk").status == 200)
            fixture.clock.advance(minutes: 29)
            #expect(try await browser.get("/desk").status == 200)
            fixture.clock.advance(minutes: 30)
            #expect(try await browser.get("/desk").location == "/desk/login?ended")
            #expect(try await browser.get("/desk/login?ended").body.contains("登录已经结束"))
            _ = try await browser.logIn()
            for _ in 0..<23 {
                fixture.clock.advance(minutes: 20)
                #expect(try await browser.get("/desk").status == 200)
            }
            fixture.clock.advance(minutes: 20)
            let ended = try await browser.post("/desk/password", [("csrf", "x")])
            #expect(ended.status == 303 && ended.headers["set-cookie"]?.contains("Max-Age=0") == true)
        }
    }

    @Test func loggingInTakesANewSessionAndEndsTheOldOne() async throws {
        try await FormFixture.run { fixture in
            var browser = try await DeskBrowser.loggedIn(fixture)
            let first = browser.cookie
            _ = try await browser.logIn()
            #expect(browser.cookie != nil && browser.cookie != first)
            #expect(try await browser.get("/desk").status == 200)
            browser.cookie = first
            #expect(try await browser.get("/desk").status == 303)
            browser.cookie = "jobfair-desk=" + String(repeating: "ab", count: 32)
            let planted = browser.cookie
            #expect(try await browser.logIn().status == 303 && browser.cookie != planted)
        }
    }

    @Test func disablingALoginEndsItsSessionsAtOnce() async throws {
        try await FormFixture.run { fixture in
            let browser = try await DeskBrowser.loggedIn(fixture)
            #expect(try await browser.get("/desk").status == 200)
            try await fixture.store.disableLogin("zhang.min", by: .terminal, at: fixture.clock.now)
            #expect(try await browser.get("/desk").status == 303)
        }
    }

    @Test func aNewPasswordOfOnesOwnEndsEveryOtherSession() async throws {
        try await FormFixture.run { fixture in
            var browser = try await DeskBrowser.loggedIn(fixture)
            var other = DeskBrowser(fixture)
            _ = try await other.logIn()
            let new = "雨伞放在门后面的桶里"
            let csrf = try await browser.csrf(on: "/desk/password")
            for (old, first, second, status) in [
                ("wrong wrong", new, new, UInt(403)), (DeskBrowser.password, new, "雨伞", 422),
                (DeskBrowser.password, "太短了", "太短了", 422), (DeskBrowser.password, "1234567890", "1234567890", 422),
                (DeskBrowser.password, new, new, 303),
            ] {
                let page = try await browser.post(
                    "/desk/password", [("csrf", csrf), ("old", old), ("new", first), ("again", second)])
                #expect(page.status == status, "\(status)")
                #expect(!page.body.contains("雨伞"))
                if status == 303 { #expect(page.location == "/desk?password") }
            }
            #expect(try await browser.get("/desk?password").body.contains("密码已修改"))
            #expect(try await browser.get("/desk").status == 200)
            #expect(try await other.get("/desk").status == 303)
            #expect(try await other.logIn().status == 403)
            #expect(try await other.logIn(password: new).status == 303)
        }
    }

    @Test func nothingTypedReachesLogsOrDisk() async throws {
        let lines = Mutex<[String]>([])
        let logger = Logger(label: "test") { _ in LineLogHandler { line in lines.withLock { $0.append(line) } } }
        try await FormFixture.run(logger: logger) { fixture in
            try await DeskBrowser.addLogin(fixture)
            var browser = DeskBrowser(fixture)
            for (name, password) in [
                ("zhang.min", "canary-wrong-1"), ("canary-name-2", "canary-wrong-3"),
                ("zhang.min", DeskBrowser.password),
            ] { _ = try await browser.logIn(name, password: password) }
            for _ in 0..<7 { _ = try await browser.logIn("zhang.min", password: "canary-wrong-1") }
            let token = try #require(browser.cookie?.split(separator: "=").last.map(String.init))
            let csrf = try await browser.csrf()
            _ = try await browser.get("/desk/audit")
            var seen = lines.withLock { $0 }.map { Data($0.utf8) }
            for file in try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path) {
                seen.append(try Data(contentsOf: URL(fileURLWithPath: fixture.folder.file(file))))
            }
            #expect(seen.contains { $0.range(of: Data("login.failed".utf8)) != nil })
            for secret in [
                "canary-wrong-1", "canary-name-2", "canary-wrong-3", DeskBrowser.password, token, csrf,
            ] {
                #expect(!seen.contains { $0.range(of: Data(secret.utf8)) != nil }, "\(secret)")
            }
        }
    }
}

/// Hands every line to a closure, metadata included.
private struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .trace
    let write: @Sendable (String) -> Void

    init(write: @escaping @Sendable (String) -> Void) { self.write = write }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { write("\(event.message) \(event.metadata ?? [:]) \(metadata)") }
}
