// What the API and the page answer when all is well, and what the listener does with time and connections.

import Foundation
import JobFair
import KioskCore
import KioskWeb
import Logging
import NIOCore
import Synchronization
import TestSupport
import Testing

@Suite(.serialized) struct KioskApplicationTests {
    @Test func aRegistrationIsAnsweredAndEveryRepeatGetsTheSameBytes() async throws {
        let desk = FakeDesk()
        try await withKiosk(desk) { port in
            let extra = """
                ,"keyGroups":["lowIncome"],"keyGroupConsent":true,"proxy":{"name":"李四","relation":"父子","phone":"13900001111"},\
                "wishes":{"occupations":["电焊工"],"lowestPayYuanMonth":6000,"places":["省内"]},"language":"zh"
                """
            let body = Sample.registration(1, extra: extra)
            let first = try await RawHTTP.post("/api/v1/registrations", body, port: port)
            #expect(first.status == 201)
            #expect(first.header("content-type") == "application/json")
            try checkGolden("registration.golden", first.body)
            let second = try await RawHTTP.post("/api/v1/registrations", body, port: port)
            #expect(second.status == 201)
            #expect(second.body == first.body)
            let form = try #require(await desk.forms.first)
            #expect(form.keyGroups == ["lowIncome"])
            #expect(form.proxyName == "李四")
            #expect(form.wishes.lowestPayYuanMonth == 6000)
            let state = try await RawHTTP.request(
                "GET", "/api/v1/registrations/\(Sample.id(1))/print-state", port: port)
            #expect(state.text == #"{"state":"printed"}"#)
        }
        #expect(await desk.calls.registrations == 1)
    }

    @Test func anotherRequestWithAKnownIDIsAConflictThatShowsNothing() async throws {
        try await withKiosk(FakeDesk()) { port in
            _ = try await RawHTTP.post("/api/v1/registrations", Sample.registration(1), port: port)
            let other = Sample.registration(1, name: "李四")
            let answer = try await RawHTTP.post("/api/v1/registrations", other, port: port)
            #expect(answer.status == 409)
            #expect(answer.code == "record.conflict")
            #expect(!answer.text.contains("AB0237"))
        }
    }

    @Test func nothingThatWasTypedIsLogged() async throws {
        let log = RecordedLog()
        try await withKiosk(FakeDesk(), logger: log.logger) { port in
            let name = "欧阳样例"
            for (body, status) in [
                (Sample.registration(1, name: name), 201), (Sample.registration(1, name: name + "甲"), 409),
                (Sample.registration(2, name: name, document: "1"), 422),
                (Sample.registration(3, name: name, extra: ","), 400),
            ] {
                let answer = try await RawHTTP.post("/api/v1/registrations", body, port: port)
                #expect(answer.status == status, "\(answer.text)")
            }
            for typed in [name, "001122197503080011", "13900005678", Sample.formKey] {
                #expect(!log.text.contains(typed))
            }
        }
    }

    @Test func rareNamesAndEscapesArriveAsTheyAre() async throws {
        let desk = FakeDesk()
        try await withKiosk(desk) { port in
            for (index, name) in ["买买提·吐尔逊", "㛃𫖯䶮𠅤", "Nguyễn Văn A", "\\ud86d\\udcaf"].enumerated() {
                let answer = try await RawHTTP.post(
                    "/api/v1/registrations", Sample.registration(index, name: name), port: port)
                #expect(answer.status == 201, "\(answer.text)")
            }
        }
        #expect(await desk.forms.map(\.name) == ["买买提·吐尔逊", "㛃𫖯䶮𠅤", "Nguyễn Văn A", "\u{2B4AF}"])
    }

    @Test func entriesCheckInsAndCopiesAreAnswered() async throws {
        let desk = FakeDesk()
        try await withKiosk(desk) { port in
            let id = Sample.id(5)
            let entry = try await RawHTTP.post("/api/v1/entries", #"{"recordId":"\#(id)","way":"tap"}"#, port: port)
            #expect(entry.status == 201)
            #expect(entry.text == #"{"fairOpen":true,"recordId":"\#(id)"}"#)
            let scan = FakeDesk.code.address
            let checkIn = try await RawHTTP.post(
                "/api/v1/check-ins", #"{"recordId":"\#(id)","scanned":"\#(scan)"}"#, port: port)
            #expect(checkIn.status == 201)
            #expect(checkIn.text == #"{"fairOpen":true,"intentsAllowed":true,"maskedName":"李*","ticket":"AB0237"}"#)
            let copy = try await RawHTTP.post(
                "/api/v1/slip-copies",
                #"""
                {"recordId":"\#(id)","formKey":"\#(Sample.formKey)","documentNumber":"001122197503080011",\#
                "phoneDigits":"5678"}
                """#, port: port)
            #expect(copy.status == 202)
            #expect(copy.text == "{}")
            await desk.closeFair()
            let late = try await RawHTTP.post(
                "/api/v1/entries", #"{"recordId":"\#(Sample.id(6))","way":"tap"}"#, port: port)
            #expect(late.status == 201)
            #expect(late.text == #"{"fairOpen":false,"recordId":"\#(Sample.id(6))"}"#)
        }
        #expect(await desk.calls == FakeDesk.Calls(registrations: 0, entries: 2, checkIns: 1, slipCopies: 1))
    }

    @Test func statusSaysEverythingThePageNeeds() async throws {
        let desk = FakeDesk()
        await desk.set(problems: [
            HealthProblem(code: .printerFailing, severity: .warning, zh: "打印机没有应答", en: "no answer", detail: "lp0")
        ])
        try await withKiosk(desk) { port in
            for host in ["127.0.0.1:\(port)", "localhost:\(port)", "LOCALHOST:\(port)", "[::1]:\(port)"] {
                let answer = try await RawHTTP.request("GET", "/api/v1/status", port: port, host: host)
                #expect(answer.status == 200, "\(host)")
                if host.hasPrefix("127") { try checkGolden("status.golden", answer.body) }
            }
            await desk.set(problems: [], hasFair: false)
            let closed = try await RawHTTP.request("GET", "/api/v1/status", port: port)
            try checkGolden("status-closed.golden", closed.body)
        }
    }

    @Test func thePageAndItsFilesAreServedAndNeverKept() async throws {
        let desk = FakeDesk()
        try await withKiosk(desk) { port in
            let page = try await RawHTTP.request("GET", "/", port: port)
            #expect(page.status == 200)
            #expect(page.text.contains(FakeDesk.fair.name))
            #expect(!page.text.contains("{{"))
            let policy = try #require(page.header("content-security-policy"))
            #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
            for (name, value) in [
                ("cache-control", "no-store"), ("x-frame-options", "DENY"), ("referrer-policy", "no-referrer"),
                ("x-content-type-options", "nosniff"),
            ] { #expect(page.header(name) == value) }
            let files = page.text.matches(of: #/"(\/assets\/[a-z.]+)"/#).map { String($0.1) }
            #expect(files.count == 2)
            let modules = [
                "flow", "intents", "keypad", "registration", "requests", "screens", "stage", "status", "tiles",
                "vacancies",
                "wedge", "wishes",
            ]
            let all = files + modules.map { "/assets/\($0).js" } + ["/assets/strings.json"]
            for file in all {
                let answer = try await RawHTTP.request("GET", file, port: port)
                #expect(answer.status == 200, "\(file)")
                #expect(answer.body.count > 100, "\(file)")
                #expect(answer.header("cache-control") == "no-store")
            }
            let head = try await RawHTTP.request("HEAD", "/", port: port)
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
            #expect(head.header("content-length") == "\(page.body.count)")
            let none = try await RawHTTP.request("GET", "/demonstration/last-slip.png", port: port)
            #expect(none.status == 404)
            _ = try await RawHTTP.post("/api/v1/registrations", Sample.registration(1), port: port)
            let slip = try await RawHTTP.request("GET", "/demonstration/last-slip.png?n=1", port: port)
            #expect(slip.header("content-type") == "image/png")
        }
    }

    /// Texts in the scripts stand in one place.
    @Test func everyTextThePageShowsComesFromOneFile() throws {
        let pages = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/Kiosk/KioskWeb/Pages")
        for name in ["kiosk.js", "flow.js", "requests.js", "screens.js", "status.js", "wedge.js", "page.mustache"] {
            let text = try String(contentsOf: pages.appendingPathComponent(name), encoding: .utf8)
            let han = text.unicodeScalars.first { (0x4E00...0x9FFF).contains($0.value) }
            #expect(han == nil, "\(name) holds Chinese text")
        }
    }

    @Test(.timeLimit(.minutes(1))) func aConnectionOnWhichNothingHappensIsClosed() async throws {
        let settings = KioskWebSettings(port: 0, idleTimeout: .milliseconds(300))
        try await withKiosk(FakeDesk(), settings: settings) { port in
            let half =
                "POST /api/v1/entries HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
            _ = try? await RawHTTP.send(Array(half.utf8), port: port)
            let answer = try await RawHTTP.request("GET", "/api/v1/status", port: port)
            #expect(answer.status == 200)
        }
    }

    @Test func manyAtOnceAreAllAnswered() async throws {
        let desk = FakeDesk()
        try await withKiosk(desk) { port in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<64 {
                    group.addTask {
                        try await RawHTTP.post("/api/v1/registrations", Sample.registration(index), port: port).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.allSatisfy { $0 == 201 })
        }
        #expect(await desk.calls.registrations == 64)
    }
}

/// Everything that was logged, as text.
private final class RecordedLog: Sendable {
    private let lines = Mutex<[String]>([])

    var text: String { lines.withLock { $0.joined(separator: "\n") } }
    var logger: Logger { Logger(label: "recorded") { _ in RecordedLogHandler(recorded: self) } }

    private struct RecordedLogHandler: LogHandler {
        let recorded: RecordedLog
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        init(recorded: RecordedLog) { self.recorded = recorded }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let line = "\(event.message) \(event.metadata ?? [:])"
            recorded.lines.withLock { $0.append(line) }
        }
    }
}
