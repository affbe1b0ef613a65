// `kioskctl import`: receipts, catalogues, grants, keys and erasures from a stick, with the daemon or without.

import ArgumentParser
import DurableFiles
import KioskCore
import KioskDaemon
import KioskSync
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Takes what headquarters has put on a stick for this kiosk.",
        discussion: """
            Receipts, catalogues, grants, keys and erasures, each checked as if it had come by network; a receipt moves the \
            records it names. Works while kioskd runs, and when it does not. 从U盘读入总部的回执、招聘会资料和授权。
            """)

    @OptionGroup var socket: SocketOption
    @Option(help: "The stick's top folder, or its JOBFAIR folder.") var from: String
    @Option(help: "The settings file; used where kioskd does not answer.") var config = "/etc/jobfair-kiosk/kiosk.yaml"

    func run() async throws {
        let folder = StickFolder(stick: from)
        let names: [String]
        do {
            names = try folder.names()
        } catch {
            throw CommandFailure(
                "\(folder.path): 读不到（\(error)）；U盘挂载了吗？ It cannot be read; is the stick mounted?")
        }
        let client = socket.client
        var tally = ImportTally()
        do {
            _ = try await client.status()
            try await tally.read(names, of: folder) { try await client.take($0) }
        } catch is NoDaemon {
            // Read before this process becomes the kiosk's user, who may not be able to open the stick.
            var entries: [StickEntry] = []
            tally = ImportTally()
            try await tally.read(names, of: folder) { entry in
                entries.append(entry)
                return StickIntake(.known)
            }
            let (damage, unreadable) = (tally.damage, tally.unreadable)
            tally = ImportTally()
            (tally.damage, tally.unreadable) = (damage, unreadable)
            let kiosk: IdleReception
            do { kiosk = try IdleKiosk(configuration: config).reception() } catch { throw CommandFailure("\(error)") }
            for entry in entries { tally.count(await kiosk.take(entry), of: entry.kind) }
            try kiosk.close()
        }
        print(tally.text, terminator: "")
        if tally.hasFailed { throw ExitCode(2) }
    }
}

/// What was on a stick, and what became of it.
struct ImportTally {
    /// Entries that are held in memory where there is no daemon; catalogues have up to 16 MiB each.
    static let passes: [@Sendable (StickEntryKind) -> Bool] = [{ $0 == .keyList }, { $0 != .keyList }]

    var damage = StickDamage()
    var unreadable: [String] = []
    private var outcomes: [StickEntryKind: [StickIntake.Outcome: Int]] = [:]
    private(set) var records = 0

    /// Twice over: key lists first, for the others may be signed with a newer key. Frames are headquarters' and not even
    /// handed over.
    mutating func read(
        _ names: [String], of folder: StickFolder, _ take: (StickEntry) async throws -> StickIntake
    ) async throws {
        for (number, isWanted) in Self.passes.enumerated() {
            for name in names {
                var entries: [StickEntry] = []
                do {
                    let found = try folder.read(name) { entry in
                        if entry.kind == .frame || entry.kind == .manifest {
                            if number == 0 { count(StickIntake(.headquarters), of: entry.kind) }
                        } else if isWanted(entry.kind) {
                            entries.append(entry)
                        }
                    }
                    if number == 0 { damage = damage + found }
                } catch {
                    if number == 0 { unreadable.append(name) }
                }
                for entry in entries { count(try await take(entry), of: entry.kind) }
            }
        }
    }

    mutating func count(_ intake: StickIntake, of kind: StickEntryKind) {
        outcomes[kind, default: [:]][intake.outcome, default: 0] += 1
        records += intake.records
    }

    func count(_ kind: StickEntryKind, _ outcome: StickIntake.Outcome) -> Int { outcomes[kind]?[outcome] ?? 0 }

    var hasFailed: Bool {
        outcomes.values.contains { $0.keys.contains { $0 == .failed || $0 == .notEnrolled } }
    }

    var text: String {
        var lines: [String] = []
        let words: [(StickEntryKind, String)] = [
            (.receipt, "回执 receipts"), (.catalogue, "招聘会资料 catalogues"), (.grant, "授权 grants"),
            (.keyList, "密钥表 key lists"), (.erasure, "删除指令 erasures"),
        ]
        for (kind, word) in words {
            guard let found = outcomes[kind], !found.isEmpty else { continue }
            let parts = StickIntake.Outcome.allCases.compactMap { outcome in
                found[outcome].map { "\(Self.word(outcome)) \($0)" }
            }
            lines.append("\(word): " + parts.joined(separator: ", "))
        }
        if records > 0 { lines.append("\(records) 条记录已由总部收到。 \(records) records are receipted by headquarters.") }
        let frames = count(.frame, .headquarters)
        if frames > 0 {
            lines.append("\(frames) 条记录是给总部的，未读。 \(frames) records are for headquarters and were not read.")
        }
        if damage.skippedBytes > 0 {
            lines.append("损坏、跳过 damaged and skipped: \(damage.skippedBytes) 字节 bytes")
        }
        if damage.unknownEntries > 0 {
            lines.append("新版程序的内容，未读 of a newer program, not read: \(damage.unknownEntries)")
        }
        for name in unreadable { lines.append("\(name): 打不开 cannot be opened") }
        if lines.isEmpty { lines.append("U盘上没有给本机的内容。 Nothing for this kiosk is on the stick.") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func word(_ outcome: StickIntake.Outcome) -> String {
        switch outcome {
        case .taken: "已读入 taken"
        case .known: "已有 known"
        case .others: "给别的机器 for others"
        case .headquarters: "给总部 for headquarters"
        case .untrusted: "签名不对，未用 not trusted"
        case .otherGeneration: "总部换过数据，未用 of another state of headquarters"
        case .notEnrolled: "本机未登记，未用 this kiosk is not enrolled"
        case .failed: "存储出错，请再试 store failed, try again"
        }
    }
}
