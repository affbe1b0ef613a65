// A browser at the desk, as tests drive it: one cookie, and the headers that browsers send with a post.

import Foundation
import HeadquartersCore
import JobFair

@testable import HeadquartersWeb

struct DeskBrowser {
    static let password = "今天下雨我没有带伞出门"

    let fixture: FormFixture
    var cookie: String?

    var origin: String { "http://127.0.0.1:\(fixture.deskPort)" }

    init(_ fixture: FormFixture) { self.fixture = fixture }

    /// Makes a login and logs in with it.
    static func loggedIn(
        _ fixture: FormFixture, name: String = "zhang.min", role: LoginRole = .clerk, employers: Set<EmployerID> = []
    ) async throws -> DeskBrowser {
        try await addLogin(fixture, name: name, role: role, employers: employers)
        var browser = DeskBrowser(fixture)
        _ = try await browser.logIn(name)
        return browser
    }

    static func addLogin(
        _ fixture: FormFixture, name: String = "zhang.min", role: LoginRole = .clerk, employers: Set<EmployerID> = []
    ) async throws {
        try await fixture.store.addLogin(
            Login(name: name, role: role, employerIDs: employers), password: try await PasswordScrypt().hash(password),
            by: .terminal, at: fixture.clock.now)
    }

    mutating func logIn(
        _ name: String = "zhang.min", password: String = password, headers: [String: String] = [:]
    ) async throws -> FormAnswerSeen {
        try await post("/desk/login", [("name", name), ("password", password)], headers: headers)
    }

    func get(_ path: String, headers: [String: String] = [:]) async throws -> FormAnswerSeen {
        try await fixture.get(path, desk: true, headers: cookieHeader.merging(headers) { $1 })
    }

    /// With the CSRF token of the first page, unless `fields` have one.
    mutating func post(
        _ path: String, _ fields: [(String, String)], headers: [String: String] = [:]
    ) async throws -> FormAnswerSeen {
        let body = fields.map { "\(Self.escape($0.0))=\(Self.escape($0.1))" }.joined(separator: "&")
        let standard = ["content-type": "application/x-www-form-urlencoded", "origin": origin]
        let all = cookieHeader.merging(standard) { $1 }.merging(headers) { $1 }.filter { !$0.value.isEmpty }
        let answer = try await fixture.send("POST", path, body, desk: true, all)
        if let set = answer.headers["set-cookie"], let pair = set.split(separator: ";").first {
            cookie = pair.hasSuffix("=") ? nil : String(pair)
        }
        return answer
    }

    /// As it stands in a form of the page.
    func csrf(on path: String = "/desk") async throws -> String {
        let page = try await get(path).body
        guard let start = page.firstRange(of: #"name="csrf" value=""#) else { return "" }
        return String(page[start.upperBound...].prefix { $0 != "\"" })
    }

    private var cookieHeader: [String: String] { cookie.map { ["cookie": $0] } ?? [:] }

    private static func escape(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}
