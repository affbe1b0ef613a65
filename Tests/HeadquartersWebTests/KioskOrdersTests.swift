// Orders to kiosks over real TLS, and what desk, JSON and list say of kiosks.

import Foundation
import HeadquartersCore
import HeadquartersStore
import JobFair
import Logging
import NIOHTTP1
import SwiftProtobuf
import SyncProtocol
import TestSupport
import Testing

@testable import HeadquartersWeb

@Suite(.serialized) struct KioskOrdersTests {
    private static func id(_ number: UInt8) -> RecordID {
        RecordID(milliseconds: 1, random: Array(repeating: number, count: 10))
    }

    @Test func aRevokedKioskIsToldBySignatureAndLosesNothing() async throws {
        try await SyncTests().withKiosk { fixture, kiosk, keys, code in
            #expect(try await kiosk.enrol(code).status == 200)
            let hello = try await kiosk.hello(keys: keys)
            let fair = try #require(hello.catalogues.first?.fairID)
            #expect(hello.directives.isEmpty)
            let sealer = try HPKESealer(publicKey: keys.currentSealingKey?.publicKey ?? Data())
            #expect(try await fixture.commands.revokeKiosk("1号机", reason: "被盗").contains("is revoked"))
            #expect(try await fixture.commands.revokeKiosk("1号机", reason: "被盗").contains("already"))
            let told = try await kiosk.hello(keys: keys)
            #expect(told.directives.map(\.revoked) == [true] && told.catalogues.isEmpty)
            for part in ["catalogue", "grant"] {
                let path = "/sync/v1/fairs/\(Hexadecimal.encode(fair))/\(part)"
                #expect(try await kiosk.sendInSession(.GET, path).problem == "fair.notGranted")
            }
            let frame = try kiosk.frame(FakeKiosk.entry, recordID: Self.id(1), fair: fair, sealer: sealer)
            let held = try await kiosk.upload([frame], keys: keys).receipt.results.first
            #expect(held?.code == .held && held?.reason == "device.revoked")
            let listed = try await fixture.commands.listKiosks()
            #expect(listed.contains("headquartersd kiosk reinstate"))
            // Once, and by the clock on the wall.
            let day = try #require(BeijingTime(milliseconds: HeadquartersCommands.now())?.day)
            #expect(listed.contains("    revoked: its records are kept and not counted, since \(day)"), "\(listed)")
            #expect(!listed.contains("revoked: revoked"))
            _ = try await fixture.commands.reinstateKiosk("1号机", reason: "找到了")
            #expect(try await kiosk.hello(keys: keys).directives.isEmpty)
            let store = try SQLiteHeadquartersStore(stateFolder: fixture.settings.stateFolder)
            let ring = try fixture.keyFolder.load()
            let service = HeldRecordsService(
                store: store, reader: RecordReader(opener: ring.opener, personLink: ring.personLink),
                now: HeadquartersCommands.now, logger: .init(label: "test"))
            #expect(try await service.takeAll(HeldRecordsService.later) == 1)
            let audit = try await store.auditEntries(before: nil, limit: 9).map(\.line)
            #expect(audit.map(\.action).prefix(2) == [.kioskReinstated, .kioskRevoked])
            #expect(audit.last?.subject == "1号机" && audit.last?.reason?.hasPrefix("被盗 (terminal:") == true)
        }
    }

    @Test func aKioskThatWasPutBackIsToldToLeaveItsLineage() async throws {
        try await SyncTests().withKiosk { fixture, kiosk, keys, code in
            #expect(try await kiosk.enrol(code).status == 200)
            let fair = try #require(try await kiosk.hello(keys: keys).catalogues.first?.fairID)
            let sealer = try HPKESealer(publicKey: keys.currentSealingKey?.publicKey ?? Data())
            let frames = try (1...3).map {
                try kiosk.frame(FakeKiosk.entry, recordID: Self.id($0), fair: fair, sealer: sealer)
            }
            _ = try await kiosk.upload(frames, keys: keys)
            let back = try await kiosk.hello(keys: keys) {
                $0.lastSequence = 1
                $0.lastDigest = RecordFrame.digest(frames[0])
            }
            #expect(back.directives.map(\.newLineage) == [kiosk.lineageID])
            let fresh = try await kiosk.hello(keys: keys, problems: ["printerFailing"]) {
                $0.lineageID = Data(repeating: 0x77, count: 16)
                $0.lastSequence = 0
            }
            #expect(fresh.directives.isEmpty)
            let listed = try await fixture.commands.listKiosks()
            #expect(listed.contains("problems printerFailing 打印机没有响应"), "\(listed)")
            #expect(listed.contains("rollback: it knows 2 records less") && listed.contains("它已经另起一本账"))
            // By hand, of the lineage it lives in now.
            _ = try await fixture.commands.orderNewLineage(kiosk: "1号机", reason: "试")
            let ordered = try await kiosk.hello(keys: keys) {
                $0.lineageID = Data(repeating: 0x77, count: 16)
                $0.lastSequence = 0
            }
            #expect(ordered.directives.map(\.newLineage) == [Data(repeating: 0x77, count: 16)])
            await #expect(throws: HeadquartersError.self) {
                try await fixture.commands.orderNewLineage(kiosk: "1号机", reason: "试")
            }
        }
    }

    @Test func fairAndDayAreChangedFromAfar() async throws {
        try await SyncTests().withKiosk { fixture, kiosk, keys, code in
            #expect(try await kiosk.enrol(code).status == 200)
            let fair = try #require(try await kiosk.hello(keys: keys).catalogues.first?.fairID)
            let store = try SQLiteHeadquartersStore(stateFolder: fixture.settings.stateFolder)
            let day = try #require(try await store.fairs().first?.days.last)
            let sealer = try HPKESealer(publicKey: keys.currentSealingKey?.publicKey ?? Data())
            let printed = try await fixture.commands.orderDay(
                .open, kiosk: "1号机", fair: "1", day: day.description)
            #expect(printed.contains("fairOpened \(day)"))
            let told = try #require(try await kiosk.hello(keys: keys).directives.first)
            #expect(told.dayChange.change == "fairOpened" && told.dayChange.fairDay == day.description)
            #expect(told.dayChange.by == "headquarters" && told.directiveID.count == 16)
            var payload = WirePayload()
            payload.dayChange = told.dayChange
            let frame = try kiosk.frame(payload, recordID: Self.id(1), fair: fair, sealer: sealer)
            _ = try await kiosk.upload([frame], keys: keys)
            #expect(try await kiosk.hello(keys: keys).directives.isEmpty)
            // A close is moot where hello says that nothing is open.
            _ = try await fixture.commands.orderDay(.close, kiosk: "1号机", fair: "1", day: nil)
            #expect(try await kiosk.hello(keys: keys, openFair: fair).directives.count == 1)
            #expect(try await kiosk.hello(keys: keys).directives.isEmpty)
            for (fair, day) in [("1", "1999-01-01"), ("7", day.description), (nil, "1999-01-01")] {
                await #expect(throws: HeadquartersError.self) {
                    try await fixture.commands.orderDay(.day, kiosk: "1号机", fair: fair, day: day)
                }
            }
        }
    }

    @Test func anOrderNamesItsFairSoTwoOnOneDayAreToldApart() async throws {
        try await SyncTests().withKiosk { fixture, kiosk, keys, code in
            #expect(try await kiosk.enrol(code).status == 200)
            _ = try await fixture.commands.createFair(from: HeadquartersFixture.sampleFair, kind: "rehearsal")
            _ = try await fixture.commands.grantFair(kiosk: "1号机", fair: "2")
            let store = try SQLiteHeadquartersStore(stateFolder: fixture.settings.stateFolder)
            let fairs = try await store.fairs()
            let day = try #require(fairs.first?.days.last)
            await #expect(throws: HeadquartersError.self, "which of the two?") {
                try await fixture.commands.orderDay(.open, kiosk: "1号机", fair: nil, day: day.description)
            }
            for (number, fair) in [("1", fairs[0]), ("2", fairs[1])] {
                _ = try await fixture.commands.orderDay(.open, kiosk: "1号机", fair: number, day: day.description)
                let told = try #require(try await kiosk.hello(keys: keys).directives.first)
                #expect(told.dayChange.fairID == Data(fair.id.bytes) && told.dayChange.fairDay == day.description)
            }
        }
    }

    @Test func deskAndJSONSayWhatToDo() async throws {
        try await FormFixture.run { fixture in
            let clerk = try await DeskBrowser.loggedIn(fixture)
            let page = try await clerk.get("/desk/kiosks")
            #expect(page.status == 200 && page.body.contains("从来没有联系过，而招聘会正在进行"))
            #expect(page.body.contains("kioskctl export"))
            #expect(try await DeskBrowser(fixture).get("/desk/kiosks").status == 303)
            struct Answer: Decodable {
                struct Words: Decodable { var zh, en: String }
                struct Finding: Decodable {
                    var kind: String
                    var todo: Words
                }
                struct Kiosk: Decodable { var findings: [Finding] }
                var kiosks: [Kiosk]
            }
            let json = try await fixture.get("/api/v1/kiosks", desk: true)
            #expect(json.status == 200)
            let answer = try JSONDecoder().decode(Answer.self, from: Data(json.body.utf8))
            #expect(answer.kiosks.first?.findings.map(\.kind) == ["silent"])
            #expect(answer.kiosks.first?.findings.first?.todo.en.contains("kioskctl export") == true)
        }
    }

    @Test func anAlarmThatAClerkHasSeenGoesFromTheList() async throws {
        try await FormFixture.run { fixture in
            try await fixture.arrive(1)
            try await fixture.conflict(with: 1)
            var clerk = try await DeskBrowser.loggedIn(fixture)
            let page = try await clerk.get("/desk/kiosks").body
            #expect(page.contains("编号相同、内容不同") && page.contains("看过了</button>"))
            func field(_ name: String) -> String {
                guard let start = page.firstRange(of: "name=\"\(name)\" value=\"") else { return "" }
                return String(page[start.upperBound...].prefix { $0 != "\"" })
            }
            let path = "/desk/kiosks/\(Hexadecimal.encode(fixture.signer.deviceID))/seen"
            #expect(page.contains("action=\"\(path)\""))
            let alarm = ["kind", "lineage", "mark"].map { ($0, field($0)) }
            #expect(try await clerk.post(path, alarm).status == 403, "no token")
            let csrf = try await clerk.csrf()
            #expect(
                try await clerk.post(path, [("csrf", csrf), ("kind", "pending")] + alarm.dropFirst()).status == 403)
            let stranger = "/desk/kiosks/\(String(repeating: "0", count: 32))/seen"
            #expect(try await clerk.post(stranger, [("csrf", csrf)] + alarm).status == 404)
            // The conflict, and the fork that it is.
            func alarms() async throws -> Int {
                try await clerk.get("/desk/kiosks").body.components(separatedBy: "看过了</button>").count - 1
            }
            #expect(try await alarms() == 2, "nothing is seen yet")
            let done = try await clerk.post(path, [("csrf", csrf)] + alarm)
            #expect(done.status == 303 && done.location.hasPrefix("/desk/kiosks#k-"))
            let after = try await clerk.get("/desk/kiosks").body
            #expect(after.contains("看过的警报（1）") && after.contains("zhang.min 在 "))
            #expect(try await alarms() == 1)
            #expect(try await clerk.get("/desk/audit").body.contains("看过自助机的警报"))
            let json = try await fixture.get("/api/v1/kiosks", desk: true).body
            #expect(json.contains("\"seenBy\":\"zhang.min\"") && json.contains("\"seenAt\":\"20"))
        }
    }

    @Test(arguments: KioskFinding.Kind.allCases, [true, false])
    func everyFindingSaysWhatToDoInBothLanguages(_ kind: KioskFinding.Kind, _ hasLeft: Bool) {
        let reasons: [String?] = kind == .held ? IngestReason.allCases.map(\.rawValue) + ["neu"] : [nil]
        for reason in reasons {
            let words = KioskFindingWords(
                KioskFinding(kind, since: 1, ranges: [3...4, 6...6], count: 3, reason: reason, hasLeft: hasLeft))
            for text in [words.zh, words.en, words.doZh, words.doEn] { #expect(text.count >= 6, "\(text)") }
            if kind == .gap, !hasLeft { #expect(words.doZh.contains("restore") && words.doEn.contains("restore")) }
            #expect(words.en.allSatisfy(\.isASCII) && words.doEn.allSatisfy(\.isASCII), "\(words.en) \(words.doEn)")
        }
    }
}
