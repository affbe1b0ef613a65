// `kioskctl import`: receipts, orders, catalogues, grants, keys and erasures from a stick, with the daemon or without.

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
            Receipts, orders, catalogues, grants, keys and erasures, each checked as if it had come by network; a receipt \
            moves the records it names. Answers that are wholly in this kiosk are removed from the stick. Works while kioskd runs, and when it does not. 从U盘读入总部的回执、命令、招聘会资料和授权。
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
            let readings = Dictionary(
                uniqueKeysWithValues: names.map { name in (name, try? StickReading(name, of: folder) { _ in true }) })
            tally = try await IdleKiosk(configuration: config).receiving { kiosk in
                var tally = ImportTally()
                try await tally.take(
                    names,
                    reading: { name, isWanted in
                        guard var reading = readings[name] ?? nil else { throw CommandFailure(name) }
                        reading.entries.removeAll { !isWanted($0.kind) }
                        return reading
                    }, handingOver: { await kiosk.take($0) })
                return tally
            }
        }
        tally.removeApplied(from: folder)
        print(tally.text, terminator: "")
        if tally.hasFailed { throw ExitCode(2) }
    }
}

/// What one file of a stick holds.
struct StickReading {
    var entries: [StickEntry] = []
    /// Kinds of entries that are for headquarters, counted and left.
    var headquarters: [StickEntryKind] = []
    var damage = StickDamage()

    /// - Parameter isWanted: of kinds that are for kiosks.
    init(_ name: String, of folder: StickFolder, _ isWanted: (StickEntryKind) -> Bool) throws {
        var found = StickReading()
        found.damage = try folder.read(name) { entry in
            switch entry.kind {
            case .frame, .manifest: found.headquarters.append(entry.kind)
            default: if isWanted(entry.kind) { found.entries.append(entry) }
            }
        }
        self = found
    }

    private init() {}
}

/// What was on a stick, and what became of it.
struct ImportTally {
    /// What became of one file.
    private struct File {
        /// Intact, and nothing in it is for headquarters or of a newer program.
        var isAnswer = true
        var outcomes: [StickEntryKind: Set<StickIntake.Outcome>] = [:]

        /// Everything in it is in this kiosk, or older than what is: then the stick need not carry it any more. Orders name
        /// the kiosk; all else in a file may be as right for another one.
        var isApplied: Bool {
            guard isAnswer, let orders = outcomes[.orders], orders.isSubset(of: [.taken, .known]) else { return false }
            return outcomes.values.allSatisfy { $0.isSubset(of: [.taken, .known, .otherGeneration]) }
        }
    }

    var damage = StickDamage()
    var unreadable: [String] = []
    private var outcomes: [StickEntryKind: [StickIntake.Outcome: Int]] = [:]
    private(set) var records = 0
    private(set) var orders = 0
    private var files: [String: File] = [:]
    private var removed = 0
    private var notRemoved: String?

    mutating func read(
        _ names: [String], of folder: StickFolder, _ take: (StickEntry) async throws -> StickIntake
    ) async throws {
        try await self.take(
            names, reading: { try StickReading($0, of: folder, $1) }, handingOver: take)
    }

    /// Key lists first, for the others may be signed with a newer key; then orders, the newest first, for they say which
    /// state of headquarters counts; at the end those orders again that waited for a catalogue or grant of this stick.
    mutating func take(
        _ names: [String], reading read: (String, (StickEntryKind) -> Bool) throws -> StickReading,
        handingOver take: (StickEntry) async throws -> StickIntake
    ) async throws {
        var orders: [(name: String, entry: StickEntry)] = []
        for name in names {
            guard let reading = try? read(name, { [.keyList, .orders].contains($0) }) else {
                unreadable.append(name)
                continue
            }
            note(reading, of: name)
            for entry in reading.entries {
                if entry.kind == .orders { orders.append((name, entry)) } else { try await hand(entry, name, take) }
            }
        }
        orders.sort { StickReception.said($0.entry) > StickReception.said($1.entry) }
        var waiting: [(name: String, entry: StickEntry)] = []
        for (name, entry) in orders {
            let intake = try await take(entry)
            if intake.outcome == .waiting {
                waiting.append((name, entry))
            } else {
                count(intake, of: .orders, in: name)
            }
        }
        for name in names where files[name] != nil {
            for entry in (try? read(name, { ![.keyList, .orders].contains($0) }))?.entries ?? [] {
                try await hand(entry, name, take)
            }
        }
        for (name, entry) in waiting { try await hand(entry, name, take) }
    }

    private mutating func hand(
        _ entry: StickEntry, _ name: String, _ take: (StickEntry) async throws -> StickIntake
    ) async throws {
        count(try await take(entry), of: entry.kind, in: name)
    }

    private mutating func note(_ reading: StickReading, of name: String) {
        damage = damage + reading.damage
        for kind in reading.headquarters { count(StickIntake(.headquarters), of: kind) }
        files[name] = File(isAnswer: reading.damage == StickDamage() && !reading.headquarters.contains(.frame))
    }

    /// The kiosk's stores have committed all of them.
    mutating func removeApplied(from folder: StickFolder) {
        let names = files.filter(\.value.isApplied).map(\.key).sorted()
        if names.isEmpty { return }
        do {
            try folder.remove(names)
            removed = names.count
        } catch {
            notRemoved = "\(error)"
        }
    }

    private mutating func count(_ intake: StickIntake, of kind: StickEntryKind, in name: String) {
        files[name, default: File()].outcomes[kind, default: []].insert(intake.outcome)
        count(intake, of: kind)
    }

    mutating func count(_ intake: StickIntake, of kind: StickEntryKind) {
        outcomes[kind, default: [:]][intake.outcome, default: 0] += 1
        records += intake.records
        orders += intake.orders
    }

    func count(_ kind: StickEntryKind, _ outcome: StickIntake.Outcome) -> Int { outcomes[kind]?[outcome] ?? 0 }

    var hasFailed: Bool {
        outcomes.values.contains { $0.keys.contains { $0 == .failed || $0 == .notEnrolled } }
    }

    var text: String {
        var lines: [String] = []
        let words: [(StickEntryKind, String)] = [
            (.receipt, "回执 receipts"), (.catalogue, "招聘会资料 catalogues"), (.grant, "授权 grants"),
            (.keyList, "密钥表 key lists"), (.erasure, "删除指令 erasures"), (.orders, "总部答复 answers"),
        ]
        for (kind, word) in words {
            guard let found = outcomes[kind], !found.isEmpty else { continue }
            let parts = StickIntake.Outcome.allCases.compactMap { outcome in
                found[outcome].map { "\(Self.word(outcome)) \($0)" }
            }
            lines.append("\(word): " + parts.joined(separator: ", "))
        }
        if records > 0 {
            let what = counted(records, "record is", "records are")
            lines.append("\(records) 条记录已由总部收到。 \(what) receipted by headquarters.")
        }
        if orders > 0 {
            lines.append("总部的命令执行了 \(orders) 条。 \(counted(orders, "order", "orders")) of headquarters carried out.")
        }
        let frames = count(.frame, .headquarters)
        if frames > 0 {
            let what = counted(frames, "record is", "records are")
            lines.append("\(frames) 条记录是给总部的，未读。 \(what) for headquarters, not read.")
        }
        if damage.skippedBytes > 0 {
            lines.append("损坏、跳过 damaged and skipped: \(damage.skippedBytes) 字节 bytes")
        }
        if damage.unknownEntries > 0 {
            lines.append("新版程序的内容，未读 of a newer program, not read: \(damage.unknownEntries)")
        }
        if removed > 0 {
            let what = counted(removed, "answer is", "answers are")
            lines.append("\(removed) 个答复文件已读入本机，从U盘删除。 \(what) in this kiosk and went from the stick.")
        }
        if let notRemoved {
            lines.append("已读入的答复没能从U盘删除，不碍事 answers could not be removed, no harm done: \(notRemoved)")
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
        case .waiting: "还缺招聘会资料或授权，下次再试 waits for a catalogue or grant"
        case .untrusted: "签名不对，未用 not trusted"
        case .otherGeneration: "总部换过数据，未用 of another state of headquarters"
        case .notEnrolled: "本机未登记，未用 this kiosk is not enrolled"
        case .failed: "存储出错，请再试 store failed, try again"
        }
    }
}
