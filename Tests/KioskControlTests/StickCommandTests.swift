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
        #expect(ExportText.make(report, scope: .waiting, isWhole: true).hasSuffix("可以拔出 safe to remove\n"))
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

    @Test("an empty stick says so; a store that failed, or no enrolment, is a failure")
    func importOutcomes() {
        var tally = ImportTally()
        #expect(tally.text.contains("没有给本机的内容"))
        tally.count(StickIntake(.notEnrolled), of: .receipt)
        #expect(tally.hasFailed)
    }

    @Test("a socket nobody listens on is an answer at once, not a wait", .timeLimit(.minutes(1)))
    func noDaemon() async throws {
        let folder = try TemporaryFolder()
        for path in [folder.file("none.sock"), folder.file(String(repeating: "long", count: 40))] {
            await #expect(throws: NoDaemon.self) { _ = try await ControlClient(socket: path).status() }
        }
    }
}
