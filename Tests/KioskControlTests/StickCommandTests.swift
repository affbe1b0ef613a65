// What `kioskctl export` and `import` say, and that they say no more than is true.

import DurableFiles
import Foundation
import KioskCore
import KioskSync
import SyncProtocol
import TestSupport
import Testing

@testable import KioskControl

@Suite struct StickCommandTests {
    @Test("safe to remove, with counts, stands at the end of an export, and never in an error")
    func exportTexts() {
        var report = StickExportReport()
        let none = ExportText.make(report, scope: .waiting, isWhole: true)
        #expect(none.contains("There are no waiting records") && none.hasSuffix("可以拔出 safe to remove\n"))
        let lost = ExportText.make(report, scope: .waiting, isWhole: false)
        #expect(lost.contains("there may have been some") && !lost.contains("There are no"))
        report.records = 12
        report.bytes = 3456
        report.files = ["export-a-b-0001.jobfair"]
        report.damaged = 1
        let text = ExportText.make(report, scope: .unpurged, isWhole: false)
        for part in ["12 records", "3456", "JOBFAIR/export-a-b-0001.jobfair", "损坏", "1 条读不懂"] {
            #expect(text.contains(part), "\(part)")
        }
        #expect(text.hasSuffix("可以拔出 safe to remove\n"))
        for error in [StickExportError.noRoom(needed: 5 << 20, free: 1 << 20), .stick("write: I/O error")] {
            let text = ExportText.make(error, stick: "/media/stick")
            #expect(text.contains("/media/stick") && !text.contains("safe to remove"))
        }
    }

    @Test("a stick is read twice over, key lists first; frames are not handed over; damage and other names are said")
    func importOrder() async throws {
        let folder = try TemporaryFolder()
        let stick = StickFolder(stick: folder.path)
        try stick.make()
        for (role, kinds) in [
            (StickFile.Role.export, [StickEntryKind.manifest, .frame, .frame]),
            (.answer, [.receipt, .catalogue, .keyList, .grant]),
        ] {
            let file = try stick.begin(role, device: Data(count: 16), lineage: Data())
            for kind in kinds { try file.append(try StickFile.encode(StickEntry(kind, Data([kind.rawValue])))) }
            if role == .answer { try file.append(Data(repeating: 0xEE, count: 33)) }
            try file.finish()
        }
        try Data("note".utf8).write(to: URL(fileURLWithPath: stick.path + "/readme.txt"))
        try FileManager.default.createSymbolicLink(
            atPath: stick.path + "/answer-link.jobfair", withDestinationPath: "/etc/hostname")
        var tally = ImportTally()
        var taken: [StickEntryKind] = []
        try await tally.read(try stick.names(), of: stick) { entry in
            taken.append(entry.kind)
            return entry.kind == .receipt ? StickIntake(.taken, records: 7) : StickIntake(.others)
        }
        #expect(taken == [.keyList, .receipt, .catalogue, .grant])
        #expect(tally.damage.skippedBytes == 33)
        #expect(tally.unreadable == ["answer-link.jobfair"])
        #expect(tally.records == 7 && !tally.hasFailed)
        for part in ["回执 receipts: 已读入 taken 1", "7 records", "2 records are for headquarters", "33", "answer-link"] {
            #expect(tally.text.contains(part), "\(part)")
        }
    }

    @Test("an answer that is wholly in this kiosk goes from the stick, and no other file does")
    func removesWhatIsApplied() async throws {
        let folder = try TemporaryFolder()
        let stick = StickFolder(stick: folder.path)
        try stick.make()
        func write(_ device: UInt8, _ entries: [(StickEntryKind, UInt8)], damaged: Bool = false) throws -> String {
            let file = try stick.begin(.answer, device: Data(repeating: device, count: 16), lineage: Data())
            for (kind, byte) in entries { try file.append(try StickFile.encode(StickEntry(kind, Data([byte])))) }
            if damaged { try file.append(Data(repeating: 0xEE, count: 9)) }
            try file.finish()
            return String(file.path.dropFirst(stick.path.count + 1))
        }
        // Byte 1: taken, 2: known, 3: others, 4: waiting, 5: waiting at first, 6: failed.
        let whole: [(StickEntryKind, UInt8)] = [
            (.manifest, 0), (.receipt, 1), (.keyList, 2), (.orders, 1), (.grant, 2),
        ]
        let applied = [
            try write(1, whole), try write(1, [(.orders, 2), (.catalogue, 1)]),
            try write(1, [(.orders, 5), (.grant, 1)]),
        ]
        let kept = [
            try write(2, [(.orders, 3), (.catalogue, 1), (.keyList, 2)]),
            try write(1, [(.catalogue, 1), (.keyList, 2)]),
            try write(1, [(.orders, 4), (.catalogue, 1)]), try write(1, [(.orders, 1), (.grant, 6)]),
            try write(1, whole, damaged: true), try write(1, [(.orders, 1), (.frame, 1)]),
        ]
        var tally = ImportTally()
        var order: [StickEntryKind] = []
        var isSecond = false
        try await tally.read(try stick.names(), of: stick) { entry in
            if order.last != entry.kind { order.append(entry.kind) }
            switch entry.bytes.first {
            case 1: return StickIntake(.taken)
            case 2: return StickIntake(.known)
            case 3: return StickIntake(.others)
            case 5:
                defer { isSecond = true }
                return StickIntake(isSecond ? .taken : .waiting)
            case 6: return StickIntake(.failed)
            default: return StickIntake(.waiting)
            }
        }
        #expect(order.prefix(2) == [.keyList, .orders] && order.last == .orders)
        tally.removeApplied(from: stick)
        #expect(try Set(stick.names()) == Set(kept), "\(applied)")
        #expect(tally.text.contains("3 answers are in this kiosk and went from the stick"))
        #expect(tally.text.contains("waits for a catalogue or grant"))
    }

    @Test("of several orders the newest goes first")
    func newestOrdersFirst() async throws {
        let folder = try TemporaryFolder()
        let stick = StickFolder(stick: folder.path)
        try stick.make()
        for said in [Int64(5), 9, 7] {
            var orders = WireStickOrders()
            orders.answer.answeredMilliseconds = said
            let signed = SignedMessage.sign(WireCoding.bytes(orders), domain: .stickOrders, key: SigningKey())
            let file = try stick.begin(.answer, device: Data(count: 16), lineage: Data())
            try file.append(try StickFile.encode(StickEntry(.orders, WireCoding.bytes(signed))))
            try file.finish()
        }
        var said: [Int64] = []
        var tally = ImportTally()
        try await tally.read(try stick.names(), of: stick) { entry in
            let signed = try WireCoding.message(
                WireSigned.self, from: entry.bytes, bytesMax: 4096, name: "orders")
            let orders = try WireCoding.message(
                WireStickOrders.self, from: signed.body, bytesMax: 4096, name: "orders")
            said.append(orders.answer.answeredMilliseconds)
            return StickIntake(.known)
        }
        #expect(said == [9, 7, 5])
    }

    @Test("an empty stick says so; a store that failed, or no enrolment, is a failure")
    func importOutcomes() {
        var tally = ImportTally()
        #expect(tally.text.contains("没有给本机的内容"))
        tally.count(StickIntake(.taken), of: .orders)
        #expect(tally.text == "总部答复 answers: 已读入 taken 1\n")
        tally.count(StickIntake(.taken, orders: 1), of: .orders)
        #expect(tally.text.contains("1 order of headquarters carried out"))
        tally.count(StickIntake(.notEnrolled), of: .receipt)
        #expect(tally.hasFailed)
    }

    @Test("a socket nobody listens on is an answer at once, not a wait", .timeLimit(.minutes(1)))
    func noDaemon() async throws {
        let folder = try TemporaryFolder()
        for path in [folder.file("none.sock"), folder.file(String(repeating: "long", count: 40))] {
            let client = ControlClient(socket: path)
            await #expect(throws: NoDaemon.self) { _ = try await client.status() }
            // Whoever wanted to look at records hears what works without a daemon.
            let failure = await #expect(throws: CommandFailure.self) {
                try await client.looking { try await $0.outbox() }
            }
            #expect(failure?.description.contains("kioskctl export --to") == true)
        }
    }
}
