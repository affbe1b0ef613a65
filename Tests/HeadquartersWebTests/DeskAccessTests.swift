// Where a post may come from, who may open what, and what the desk reads of a body.

import Foundation
import HeadquartersCore
import Hummingbird
import JobFair
import NIOCore
import TestSupport
import Testing

@testable import HeadquartersWeb

@Suite(.serialized) struct DeskAccessTests {
    struct Sender: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var headers: [String: String]
        var status: UInt
    }

    /// An empty value takes the header away.
    @Test(arguments: [
        Sender(testDescription: "our page", headers: ["sec-fetch-site": "same-origin"], status: 303),
        Sender(testDescription: "an older browser", headers: [:], status: 303),
        Sender(
            testDescription: "without Origin", headers: ["origin": "", "sec-fetch-site": "same-origin"], status: 303),
        Sender(testDescription: "neither header", headers: ["origin": ""], status: 403),
        Sender(testDescription: "no origin", headers: ["origin": "null"], status: 403),
        Sender(testDescription: "cross-site", headers: ["sec-fetch-site": "cross-site"], status: 403),
        Sender(testDescription: "another port of this machine", headers: ["sec-fetch-site": "same-site"], status: 403),
        Sender(testDescription: "another site", headers: ["origin": "https://evil.example"], status: 403),
        Sender(testDescription: "another port", headers: ["origin": "http://127.0.0.1:1"], status: 403),
        Sender(testDescription: "JSON", headers: ["content-type": "application/json"], status: 403),
    ])
    func onlyPagesOfTheDeskMayPost(_ sender: Sender) async throws {
        try await FormFixture.run { fixture in
            var browser = try await DeskBrowser.loggedIn(fixture)
            let held = browser.cookie
            let csrf = try await browser.csrf()
            #expect(
                try await browser.post("/desk/logout", [("csrf", csrf)], headers: sender.headers).status
                    == sender.status)
            browser.cookie = held
            #expect(try await browser.get("/desk").status == (sender.status == 303 ? 303 : 200))
            if sender.headers["content-type"] == nil {
                var other = DeskBrowser(fixture)
                #expect(try await other.logIn(headers: sender.headers).status == sender.status)
            }
        }
    }

    @Test func aPostNeedsTheTokenOfItsOwnSession() async throws {
        try await FormFixture.run { fixture in
            var browser = try await DeskBrowser.loggedIn(fixture)
            var other = DeskBrowser(fixture)
            _ = try await other.logIn()
            let own = try await browser.csrf()
            let foreign = try await other.csrf()
            #expect(own.count == 64 && foreign.count == 64 && own != foreign)
            for fields in [
                [], [("csrf", "")], [("csrf", foreign)], [("csrf", own + "0")],
                [("csrf", (own.hasPrefix("0") ? "1" : "0") + own.dropFirst())],
            ] {
                let page = try await browser.post("/desk/logout", fields)
                #expect(page.status == 403 && page.body.contains("没有执行"))
            }
            #expect(try await browser.get("/desk").status == 200)
            #expect(try await browser.get("/desk/logout").status == 404)
            #expect(try await browser.post("/desk/logout", [("csrf", own)]).status == 303)
        }
    }

    @Test func anEmployerOpensOnlyWhatIsForEmployers() async throws {
        try await FormFixture.run { fixture in
            let employer = fixture.catalogue.employers[0]
            let browser = try await DeskBrowser.loggedIn(
                fixture, name: "qinghe", role: .employer, employers: [employer.id])
            let home = try await browser.get("/desk")
            #expect(home.status == 200 && home.body.contains(employer.name) && home.body.contains("qinghe（用人单位）"))
            #expect(!home.body.contains("/desk/audit") && !home.body.contains(fixture.catalogue.employers[1].name))
            let audit = try await browser.get("/desk/audit")
            #expect(audit.status == 403 && audit.body.contains("这一页您不能打开"))
            let clerk = try await DeskBrowser.loggedIn(fixture)
            #expect(try await clerk.get("/desk/audit").status == 200)
            #expect(try await DeskBrowser(fixture).get("/desk/audit").status == 303)
            for path in ["/", "/fairs/\(fixture.catalogue.fair.id)", "/api/v1/fairs"] {
                #expect(try await DeskBrowser(fixture).get(path).status == 200)
            }
        }
    }

    @Test func anEmployersSessionIsForItsOwnEmployersOnly() throws {
        let catalogue = FormFixture.makeCatalogue(vacancies: 3, kind: .fair)
        let (own, other) = (catalogue.employers[0].id, catalogue.employers[1].id)
        let session = { (role: LoginRole) in
            DeskSession(
                name: "x1", role: role, employerIDs: role == .employer ? [own] : [], csrf: "", tokenDigest: Data())
        }
        try session(.employer).requireEmployer(own)
        #expect(throws: DeskRefusal.forbidden) { try session(.employer).requireEmployer(other) }
        try session(.clerk).requireEmployer(other)
    }

    @Test func theAuditIsShownByPages() async throws {
        try await FormFixture.run { fixture in
            let browser = try await DeskBrowser.loggedIn(fixture)
            for number in 0..<LoginLimits.auditPageLines {
                try await fixture.store.addAuditLine(
                    AuditLine(
                        at: fixture.clock.now, actor: .login(name: "li", role: .clerk), action: .passwordSet,
                        subject: "s-\(number)-e", fairID: fixture.catalogue.fair.id, reason: "<b>核对</b>", rows: 1234))
            }
            let first = try await browser.get("/desk/audit")
            for text in [
                "2026-02-01 10:00", "li（工作人员）", "设置密码", "s-49-e · 青禾县专场招聘会", "s-0-e", "&lt;b&gt;核对", "1,234",
            ] { #expect(first.body.contains(text), "\(text)") }
            #expect(!first.body.contains("服务器终端"))
            let link = try #require(first.body.firstMatch(of: /\/desk\/audit\?before=[0-9]+/)?.output)
            let second = try await browser.get(String(link))
            #expect(second.body.contains("服务器终端") && second.body.contains("新建帐号") && !second.body.contains("s-0-e"))
            #expect(second.body.contains("回到最新的") && !second.body.contains("更早的</a>"))
            #expect(try await browser.get("/desk/audit?before=x").status == 200)
        }
    }

    @Test func tooMuchIsRefusedWithAPage() async throws {
        try await FormFixture.run { fixture in
            var browser = try await DeskBrowser.loggedIn(fixture)
            let much = [("name", String(repeating: "x", count: DeskForm.bodyBytesMax))]
            #expect(try await browser.post("/desk/login", much).status == 413)
            #expect(try await browser.post("/desk/logout", much).status == 413)
        }
    }

    @Test func theDesksAddressIsThatOfAProxyWithTLS() throws {
        let set = "desk:\n  address: HTTPS://Desk.Example.CN:8443\n  clientHeader: x-real-ip\n"
        let settings = try HeadquartersSettings(yaml: set, file: "hq.yaml")
        #expect(settings.deskAddress == "https://desk.example.cn:8443" && settings.deskClientHeader == "x-real-ip")
        #expect(try HeadquartersSettings(yaml: "{}", file: "hq.yaml").deskAddress == nil)
        for bad in ["http://desk.example.cn", "https://", "https://desk.example.cn/desk", "desk.example.cn"] {
            #expect(throws: (any Error).self, "\(bad)") {
                try HeadquartersSettings(yaml: "desk:\n  address: \(bad)\n", file: "hq.yaml")
            }
        }
    }

    // MARK: Bodies

    private static func read(_ body: String, boundary: String = "B", bytesMax: Int = 4096) async throws -> DeskForm {
        let request = Request(
            head: .init(
                method: .post, scheme: "http", authority: "127.0.0.1", path: "/",
                headerFields: [.contentType: "multipart/form-data; boundary=\(boundary)"]),
            body: .init(buffer: ByteBuffer(string: body)))
        return try await DeskForm.read(request, bytesMax: bytesMax)
    }

    private static let file =
        "--B\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n"
        + "--B\r\nContent-Disposition: form-data; name=\"sheet\"; filename=\"岗位%22.csv\"\r\n"
        + "Content-Type: text/csv\r\n\r\na,b\r\n--C\r\n\r\n\r\n--B--\r\n"

    @Test func anUploadIsReadToTheByte() async throws {
        let form = try await Self.read(Self.file)
        #expect(form.fields.first("csrf") == "abc")
        #expect(form.upload?.fileName == "岗位\".csv")
        #expect(form.upload?.bytes == Array("a,b\r\n--C\r\n\r\n".utf8))
        let none = try await Self.read(
            "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n--B--\r\n", boundary: "\"B\"")
        #expect(none.upload == nil && none.fields.all("a") == [""])
    }

    @Test(arguments: [
        "", "--B", "--B--", "--B\r\n--B--", "--B\r\n\r\n--B--", "--Bx", String(file.dropLast(6)),
        file.replacing("form-data; name", with: "form-data; nam"), String(file.dropFirst(2)),
        "--B\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--B--",
    ])
    func aBrokenUploadIsRefused(_ body: String) async throws {
        if body == "--B--" {
            #expect(try await Self.read(body).upload == nil)
        } else {
            await #expect(throws: DeskRefusal.notOurPage) { try await Self.read(body) }
        }
    }

    @Test func anUploadHasALimit() async throws {
        await #expect(throws: NIOTooManyBytesError.self) { try await Self.read(Self.file, bytesMax: 40) }
    }
}
