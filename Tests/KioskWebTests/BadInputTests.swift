// Everything that must not get in, over real HTTP: status and answer are golden, and nothing reaches the desk.

import Foundation
import JobFair
import KioskCore
import KioskWeb
import TestSupport
import Testing

struct BadRow: Sendable {
    var name: String
    var method = "POST"
    var path = "/api/v1/registrations"
    var headers: [(String, String)] = [("Content-Type", "application/json")]
    var body: [UInt8]?
    var host: String?

    init(_ name: String, _ body: String) { (self.name, self.body) = (name, Array(body.utf8)) }
    init(_ name: String, bytes: [UInt8]) { (self.name, self.body) = (name, bytes) }
    init(_ name: String, _ method: String, _ path: String) {
        (self.name, self.method, self.path, self.headers) = (name, method, path, [])
    }

    func with(_ headers: [(String, String)]) -> BadRow {
        var row = self
        row.headers = headers
        return row
    }

    func at(_ path: String) -> BadRow {
        var row = self
        row.path = path
        return row
    }

    func host(_ host: String) -> BadRow {
        var row = self
        row.host = host
        return row
    }
}

@Suite(.serialized) struct BadInputTests {
    private static let good = Sample.registration(1)

    private static func changed(_ name: String, _ what: String, _ to: String) -> BadRow {
        precondition(good.contains(what), "the sample has no \(what)")
        return BadRow(name, good.replacingOccurrences(of: what, with: to))
    }

    private static let json: [BadRow] = [
        BadRow("empty body", ""),
        BadRow("only spaces", "  \n "),
        BadRow("not JSON", "hello"),
        BadRow("a form of the web", "name=%E5%BC%A0%E4%B8%89"),
        BadRow("cut off", String(good.dropLast())),
        BadRow("cut off in a string", String(good.prefix(60))),
        BadRow("something after the end", good + "{}"),
        BadRow("a comma too many", good.dropLast() + ",}"),
        BadRow("single quotes", "{'recordId':1}"),
        BadRow("a comment", "/* x */" + good),
        BadRow("an array", "[]"),
        BadRow("a string", "\"x\""),
        BadRow("null", "null"),
        BadRow("an empty object", "{}"),
        BadRow("the same name twice", good.dropLast() + ",\"name\":\"李四\"}"),
        BadRow("the same name twice, one escaped", good.dropLast() + ",\"n\\u0061me\":\"李四\"}"),
        BadRow("nested too deeply", String(repeating: "[", count: 5000)),
        BadRow("too many members", "{" + (0..<70).map { "\"k\($0)\":1" }.joined(separator: ",") + "}"),
        BadRow("leading zero", good.dropLast() + ",\"wishes\":{\"lowestPayYuanMonth\":0123}}"),
        BadRow("NaN", good.dropLast() + ",\"wishes\":{\"lowestPayYuanMonth\":NaN}}"),
        BadRow("raw control character", good.replacingOccurrences(of: "张三", with: "张\u{1}三")),
        BadRow("bad escape", good.replacingOccurrences(of: "张三", with: "\\x41")),
        BadRow("lone surrogate", good.replacingOccurrences(of: "张三", with: "\\ud840")),
        BadRow("surrogates in the wrong order", good.replacingOccurrences(of: "张三", with: "\\udc00\\ud840")),
    ]

    private static let encodings: [BadRow] = [
        BadRow("UTF-16 little endian", bytes: Array(good.data(using: .utf16LittleEndian) ?? Data())),
        BadRow("UTF-16 big endian", bytes: Array(good.data(using: .utf16BigEndian) ?? Data())),
        BadRow("UTF-16 with mark", bytes: [0xFF, 0xFE] + Array(good.data(using: .utf16LittleEndian) ?? Data())),
        BadRow("UTF-8 with byte order mark", bytes: [0xEF, 0xBB, 0xBF] + Array(good.utf8)),
        BadRow("GBK bytes", bytes: replaced([0xD5, 0xC5, 0xC8, 0xFD])),
        BadRow("overlong slash", bytes: replaced([0xC0, 0xAF])),
        BadRow("overlong NUL", bytes: replaced([0xC0, 0x80])),
        BadRow("surrogate in UTF-8", bytes: replaced([0xED, 0xA0, 0x80])),
        BadRow("above U+10FFFF", bytes: replaced([0xF4, 0x90, 0x80, 0x80])),
        BadRow("cut sequence", bytes: replaced([0xE5, 0xBC])),
        BadRow("escaped NUL", good.replacingOccurrences(of: "张三", with: "张\\u0000三")),
        BadRow("escaped line feed", good.replacingOccurrences(of: "张三", with: "张\\n三")),
        BadRow("delete character", good.replacingOccurrences(of: "张三", with: "张\u{7F}三")),
    ]

    private static func replaced(_ bytes: [UInt8]) -> [UInt8] {
        let parts = good.components(separatedBy: "张三")
        return Array(parts[0].utf8) + bytes + Array(parts[1].utf8)
    }

    private static let shapes: [BadRow] = [
        changed("recordId is no UUID", Sample.id(1), "0237"),
        changed("recordId without hyphens", Sample.id(1), Sample.id(1).replacingOccurrences(of: "-", with: "")),
        changed("recordId in braces", Sample.id(1), "{\(Sample.id(1))}"),
        changed("recordId is all zero", Sample.id(1), "00000000-0000-0000-0000-000000000000"),
        changed("recordId is a number", "\"\(Sample.id(1))\"", "7"),
        changed("recordId is null", "\"\(Sample.id(1))\"", "null"),
        changed("formKey too short", Sample.formKey, "00112233"),
        changed("formKey not hexadecimal", Sample.formKey, "zz112233445566778899aabbccddeeff"),
        changed("formKey in full width", Sample.formKey, "００112233445566778899aabbccddeeff"),
        changed("document is a string", "{\"number\":\"001122197503080011\"}", "\"001122197503080011\""),
        changed("document number is a number", "\"001122197503080011\"", "001122197503080011"),
        changed("document without number", "\"number\":\"001122197503080011\"", "\"kind\":\"residentID\""),
        changed("unknown names, one of them personal", "\"name\":", "\"nmae\":1,\"13900005678\":1,\"name\":"),
        BadRow(
            "unknown name inside the document", good.replacingOccurrences(of: "\"number\"", with: "\"nr\":1,\"number\"")
        ),
        BadRow("name is a list", good.replacingOccurrences(of: "\"张三\"", with: "[\"张三\"]")),
        BadRow("name far too long", good.replacingOccurrences(of: "张三", with: String(repeating: "张", count: 500))),
        BadRow("noPhone is a string", good.dropLast() + ",\"noPhone\":\"yes\"}"),
        BadRow("key groups are a string", good.dropLast() + ",\"keyGroups\":\"lowIncome\"}"),
        BadRow("a key group is a number", good.dropLast() + ",\"keyGroups\":[\"lowIncome\",7]}"),
        BadRow("pay is a fraction", good.dropLast() + ",\"wishes\":{\"lowestPayYuanMonth\":4500.5}}"),
        BadRow("pay is huge", good.dropLast() + ",\"wishes\":{\"lowestPayYuanMonth\":99999999999999999999}}"),
        BadRow("pay is negative", good.dropLast() + ",\"wishes\":{\"lowestPayYuanMonth\":-1}}"),
        BadRow(
            "many problems at once", "{\"recordId\":1,\"formKey\":2,\"document\":[],\"phone\":true,\"x\":0,\"y\":0}"),
        BadRow("entry without way", "{\"recordId\":\"\(Sample.id(1))\"}").at("/api/v1/entries"),
        BadRow("entry by an unknown way", "{\"recordId\":\"\(Sample.id(1))\",\"way\":\"jump\"}").at("/api/v1/entries"),
        BadRow("check-in without a scan", "{\"recordId\":\"\(Sample.id(1))\"}").at("/api/v1/check-ins"),
        BadRow("check-in with something else", "{\"recordId\":\"\(Sample.id(1))\",\"scanned\":\"6901234567892\"}")
            .at("/api/v1/check-ins"),
        BadRow(
            "slip copy without digits",
            "{\"recordId\":\"\(Sample.id(1))\",\"formKey\":\"\(Sample.formKey)\",\"documentNumber\":\"1\"}"
        ).at("/api/v1/slip-copies"),
        BadRow(
            "slip copy without a form key",
            "{\"recordId\":\"\(Sample.id(1))\",\"documentNumber\":\"1\",\"phoneDigits\":\"0000\"}"
        ).at("/api/v1/slip-copies"),
        BadRow(
            "slip copy of a stranger",
            "{\"recordId\":\"\(Sample.id(1))\",\"formKey\":\"\(Sample.formKey)\","
                + "\"documentNumber\":\"001122197503080011\",\"phoneDigits\":\"0000\"}"
        ).at("/api/v1/slip-copies"),
    ]

    private static let rules: [BadRow] = [
        BadRow("wrong check digit", Sample.registration(1, document: "001122197503080012")),
        BadRow("a day that does not exist", Sample.registration(1, document: "001122197502300019")),
        BadRow("seventeen digits", Sample.registration(1, document: "00112219750308001")),
        BadRow("phone too short", Sample.registration(1, phone: "1390000567")),
        BadRow("a name with signs", Sample.registration(1, name: "；DROP TABLE")),
        changed("an old notice", "2026-1", "2025-9"),
        BadRow("key groups without consent", good.dropLast() + ",\"keyGroups\":[\"lowIncome\"]}"),
        BadRow("everything wrong", Sample.registration(1, name: "<b>", document: "12", phone: "12")),
        BadRow(
            "neither document nor phone",
            "{\"recordId\":\"\(Sample.id(1))\",\"formKey\":\"\(Sample.formKey)\",\"noticeVersion\":\"2026-1\"}"),
        BadRow("thirteen years old", Sample.registration(1, document: "001122201205060011")),
    ]

    private static let outside: [BadRow] = [
        BadRow("no content type", good).with([]),
        BadRow("text/plain", good).with([("Content-Type", "text/plain")]),
        BadRow("a form", good).with([("Content-Type", "application/x-www-form-urlencoded")]),
        BadRow("another charset", good).with([("Content-Type", "application/json; charset=gbk")]),
        BadRow("two content types", good).with([("Content-Type", "application/json"), ("Content-Type", "text/plain")]),
        BadRow("compressed", good).with([("Content-Type", "application/json"), ("Content-Encoding", "gzip")]),
        BadRow("a name of the internet in Host", good).host("evil.example"),
        BadRow("a name of the internet with our port", good).host("evil.example:PORT"),
        BadRow("loopback with another port", good).host("127.0.0.1:1"),
        BadRow("loopback without port", good).host("127.0.0.1"),
        BadRow("all addresses", good).host("0.0.0.0:PORT"),
        BadRow("loopback as a prefix", good).host("127.0.0.1.evil.example:PORT"),
        BadRow("somebody in Host", good).host("user@127.0.0.1:PORT"),
        BadRow("empty Host", good).host(""),
        BadRow("two Hosts", good).with([("Content-Type", "application/json"), ("Host", "evil.example")]),
        BadRow("Origin of another page", good).with([
            ("Content-Type", "application/json"), ("Origin", "https://evil.example"),
        ]),
        BadRow("Origin null", good).with([("Content-Type", "application/json"), ("Origin", "null")]),
        BadRow("Origin with another port", good).with([
            ("Content-Type", "application/json"), ("Origin", "http://127.0.0.1:1"),
        ]),
        BadRow("Origin with TLS", good).with([
            ("Content-Type", "application/json"), ("Origin", "https://127.0.0.1:PORT"),
        ]),
        BadRow("sent by another site", good).with([
            ("Content-Type", "application/json"), ("Sec-Fetch-Site", "cross-site"),
        ]
        ),
        BadRow("no such address", "GET", "/api/v2/status"),
        BadRow("outside the assets", "GET", "/assets/..%2Fpage.mustache"),
        BadRow("no such asset", "GET", "/assets/page.mustache"),
        BadRow("registrations are not listed", "GET", "/api/v1/registrations"),
        BadRow("a registration is not deleted", "DELETE", "/api/v1/registrations"),
        BadRow("status is not written", "PUT", "/api/v1/status"),
        BadRow("TRACE", "TRACE", "/"),
        BadRow("OPTIONS", "OPTIONS", "/api/v1/registrations"),
        BadRow("PATCH", "PATCH", "/api/v1/entries"),
        BadRow("print state of nobody", "GET", "/api/v1/registrations/\(Sample.id(99))/print-state"),
        BadRow("print state of no UUID", "GET", "/api/v1/registrations/1/print-state"),
        BadRow("17 KiB", "{\"name\":\"" + String(repeating: "a", count: 17 * 1024) + "\"}"),
    ]

    @Test func everyBadRequestIsRefusedWithItsAnswerAndReachesNothing() async throws {
        let desk = FakeDesk()
        var lines: [String] = []
        let rows =
            Self.json + Self.encodings + Self.shapes + Self.rules + Self.outside + Self.intents + Self.changedWishes
            + Self.vacancies
        #expect(Set(rows.map(\.name)).count == rows.count, "every row has its own name")
        #expect(rows.count >= 60)
        try await withKiosk(desk) { port in
            for row in rows {
                let headers = row.headers.map { ($0.0, $0.1.replacingOccurrences(of: "PORT", with: "\(port)")) }
                let answer = try await RawHTTP.request(
                    row.method, row.path, port: port, headers: headers, body: row.body,
                    host: row.host?.replacingOccurrences(of: "PORT", with: "\(port)"))
                #expect((400...499).contains(answer.status), "\(row.name)")
                #expect(answer.header("cache-control") == "no-store", "\(row.name)")
                #expect(answer.header("content-type") == "application/problem+json", "\(row.name)")
                for personal in ["张三", "001122197503080011", "13900005678"] {
                    #expect(!answer.text.contains(personal), "\(row.name) repeats what was typed")
                }
                let allow = answer.header("allow").map { " allow \($0)" } ?? ""
                lines.append("\(row.name)\n    \(answer.status)\(allow)\n    \(answer.text)")
            }
        }
        #expect(await desk.calls == FakeDesk.Calls())
        try checkGolden("bad-input.golden", lines.joined(separator: "\n") + "\n")
    }

    @Test func everyRefusalOfTheDeskHasItsAnswer() async throws {
        let refusals: [(String, DeskError)] = [
            ("conflict", .conflict), ("noFairOpen", .noFairOpen), ("notEnrolled", .notEnrolled),
            ("revoked", .revoked),
            ("slipNotFound", .slipNotFound), ("slipOfOtherFair", .slipOfOtherFair), ("slipInvalid", .slipInvalid),
            ("ticketsExhausted", .ticketsExhausted), ("tooManyTries", .tooManyTries(retryAfterSeconds: 42)),
            ("busy", .busy), ("diskFull", .diskFull), ("checking", .checking), ("failed", .failed),
            ("slipWithoutIntents", .slipWithoutIntents), ("digitsWrong", .digitsWrong(triesLeft: 3)),
            ("digitsWrong, the last", .digitsWrong(triesLeft: 0)), ("digitsExhausted", .digitsExhausted),
            ("clerkOnly", .clerkOnly), ("vacancyNotFound", .vacancyNotFound),
            ("vacancyUnavailable", .vacancyUnavailable), ("tooManyVacancies", .tooManyVacancies),
            ("tooManyVacancySlips", .tooManyVacancySlips(retryAfterSeconds: 7)),
            ("printerUnavailable", .printerUnavailable),
        ]
        let desk = FakeDesk()
        var lines: [String] = []
        try await withKiosk(desk) { port in
            for (name, refusal) in refusals {
                await desk.refuse(refusal)
                let answer = try await RawHTTP.post("/api/v1/registrations", Self.good, port: port)
                let retry = answer.header("retry-after").map { " retry-after \($0)" } ?? ""
                lines.append("\(name)\n    \(answer.status)\(retry)\n    \(answer.text)")
            }
        }
        #expect(await desk.calls == FakeDesk.Calls())
        try checkGolden("desk-errors.golden", lines.joined(separator: "\n") + "\n")
    }

    @Test func aChunkedBodyIsLimitedToo() async throws {
        let desk = FakeDesk()
        try await withKiosk(desk) { port in
            let chunk = String(repeating: " ", count: 4096)
            let head =
                "POST /api/v1/registrations HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nContent-Type: application/json\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n"
            let body = String(repeating: "1000\r\n\(chunk)\r\n", count: 5) + "0\r\n\r\n"
            let answer = try await RawHTTP.send(Array((head + body).utf8), port: port)
            #expect(answer.status == 413)
            #expect(answer.code == "body.tooLarge")
        }
        #expect(await desk.calls == FakeDesk.Calls())
    }

    @Test func bytesThatAreNoHTTPAreRefused() async throws {
        try await withKiosk(FakeDesk()) { port in
            let answer = try await RawHTTP.send(Array("\u{16}\u{3}\u{1} hello\r\n\r\n".utf8), port: port)
            #expect(answer.status == 400)
            let unknown = "BREW / HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\r\n"
            #expect(try await RawHTTP.send(Array(unknown.utf8), port: port).status == 400)
            let huge =
                "GET / HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nX: \(String(repeating: "a", count: 20_000))\r\n\r\n"
            let refused = try? await RawHTTP.send(Array(huge.utf8), port: port)
            #expect(refused == nil || refused?.status == 400 || refused?.status == 431)
        }
    }
}
