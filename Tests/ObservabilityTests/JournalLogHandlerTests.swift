// Log lines: one line per event whatever is in it, priorities as the journal reads them.

import Foundation
import Logging
import Observability
import Synchronization
import Testing

/// Keeps what the handler wrote.
private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ bytes: [UInt8]) { lines.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) } }
}

@Suite struct JournalLogHandlerTests {
    private func logged(
        style: JournalLogHandler.Style = .journal, _ log: (inout Logger) -> Void
    ) -> [String] {
        let lines = Lines()
        var logger = Logger(label: "kiosk.sync") { label in
            JournalLogHandler(label: label, style: style) { lines.add($0) }
        }
        logger.logLevel = .trace
        log(&logger)
        return lines.all
    }

    @Test(arguments: [
        (Logger.Level.trace, "<7>"), (.debug, "<7>"), (.info, "<6>"), (.notice, "<5>"), (.warning, "<4>"),
        (.error, "<3>"), (.critical, "<2>"),
    ])
    func priorities(level: Logger.Level, front: String) {
        #expect(logged { $0.log(level: level, "batch sent") } == ["\(front)kiosk.sync: batch sent\n"])
        #expect(
            logged(style: .terminal) { $0.log(level: level, "batch sent") } == ["\(level) kiosk.sync: batch sent\n"])
    }

    @Test func levelsBelowTheLimitAreSilent() {
        #expect(
            logged {
                $0.logLevel = .info
                $0.debug("nothing")
            }.isEmpty)
    }

    @Test func metadataStandsInTheOrderOfItsKeys() {
        let lines = logged {
            $0[metadataKey: "sync.batch.id"] = "b1"
            $0.info("batch sent", metadata: ["sync.records": "12", "a.list": ["x", "y"], "a.pairs": ["k": "v"]])
        }
        #expect(lines == ["<6>kiosk.sync: batch sent a.list=[x,y] a.pairs={k:v} sync.batch.id=b1 sync.records=12\n"])
    }

    @Test func metadataOfTheEventWins() {
        let lines = logged {
            $0[metadataKey: "a"] = "logger"
            $0.info("m", metadata: ["a": "event"])
        }
        #expect(lines == ["<6>kiosk.sync: m a=event\n"])
    }

    @Test(arguments: [
        ("a b", "\"a b\""), ("", "\"\""), ("a=b", "\"a=b\""), ("say \"no\"", "\"say \\\"no\\\"\""), ("a\nb", "a\\nb"),
        ("a\r\nb", "a\\r\\nb"), ("\u{1B}[2J", "\\u{1b}[2J"), ("a\u{2028}b", "a\\u{2028}b"), ("a\\b", "a\\\\b"),
        ("\u{0}", "\\u{0}"), ("小票", "小票"),
    ])
    func valuesStayOnTheirLine(value: String, shown: String) {
        #expect(logged { $0.info("m", metadata: ["k": "\(value)"]) } == ["<6>kiosk.sync: m k=\(shown)\n"])
    }

    @Test func aMessageCannotForgeALine() {
        #expect(logged { $0.info("a\n<0>forged") } == ["<6>kiosk.sync: a\\n<0>forged\n"])
    }

    @Test func valuesAndLinesHaveALimit() throws {
        let long = String(repeating: "票", count: 1000)
        let line = try #require(logged { $0.info("m", metadata: ["k": "\(long)"]) }.first)
        #expect(line.hasSuffix("票…\n"))
        #expect(line.utf8.count <= JournalLogHandler.valueBytesMax + 30)
        let many: Logger.Metadata = .init(
            uniqueKeysWithValues: (0..<100).map { ("key\($0)", .string(String(repeating: "v", count: 100))) })
        let whole = try #require(logged { $0.info("m", metadata: many) }.first)
        #expect(whole.utf8.count <= JournalLogHandler.lineBytesMax)
        #expect(whole.hasSuffix("…\n"))
    }

    @Test func providedMetadataIsThere() {
        let lines = Lines()
        var handler = JournalLogHandler(label: "l") { lines.add($0) }
        handler.metadataProvider = Logger.MetadataProvider { ["trace.id": "t"] }
        Logger(label: "l") { _ in handler }.info("m")
        #expect(lines.all == ["<6>l: m trace.id=t\n"])
    }
}
