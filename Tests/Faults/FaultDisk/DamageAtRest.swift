// B1: bits that flip while nobody looks. B2: files that are exchanged, missing, or of another kiosk. P5: lost names.

import Foundation
import KioskCore
import KioskStore
import SyncProtocol

/// A folder as a running kiosk leaves it when it is cut off: a database, and a WAL with the newest commits.
struct CutOffFolder {
    let path: String
    let workload: FaultWorkload

    /// - Parameter newer: what happened after the folder was copied; only the newer one has it.
    static func make(_ path: String, seed: Int, signer: SigningKey = SigningKey(), steps: Int = 24) async throws -> Self
    {
        let live = try Folder.fresh(path + "-live")
        let workload = FaultWorkload(folder: live, signer: signer)
        try await workload.play(seed: seed, steps: steps)
        try await FaultWorkload.withStore(live, signer: signer) { store in
            if try await store.openFair() == nil { try await workload.change(store, day: FaultWorkload.days[0]) }
            for _ in 0..<4 { try await workload.add(workload.registration(), store) }
            try Folder.copy(live, to: path)
        }
        return Self(path: path, workload: workload)
    }

    var acknowledged: [Acknowledged] { workload.acknowledged }
}

/// What a kiosk made of damage.
struct Verdict {
    var problems: [String] = []
    var hits: [String] = []

    /// Whatever was done to the folder: the store opens (or says that the file belongs to others), what it has is whole,
    /// and either it knows that something is wrong or the records are the first of the chain, without a hole.
    static func of(_ folder: String, workload: FaultWorkload, acknowledged: [Acknowledged]) async -> Verdict {
        var verdict = Verdict()
        do {
            let check = try ImageCheck(folder, signer: workload.signer)
            let missing = check.missing(of: acknowledged)
            let isKnown = check.opening.setAside != nil || check.opening.chainProblem != nil
            if let aside = check.opening.setAside {
                verdict.hits.append("set aside")
                if aside.salvagedCount > 0 { verdict.hits.append("salvaged") }
                if missing.isEmpty { verdict.hits.append("salvaged everything") }
                let hasEvidence =
                    FileManager.default.fileExists(atPath: "\(folder)/\(aside.name)")
                    || FileManager.default.fileExists(atPath: "\(folder)/\(aside.name)-wal")
                if !hasEvidence { verdict.problems.append("I7: the damaged file is gone") }
            } else if check.opening.chainProblem != nil {
                verdict.hits.append("left the lineage")
            }
            // Frames are checked against their digests when headquarters gets them: a damaged one is refused, not believed.
            let damagedFrames = check.problems.filter { $0.contains("is not its digest") }
            if !damagedFrames.isEmpty { verdict.hits.append("damaged frame, caught by its digest") }
            verdict.problems += check.problems.filter { !$0.contains("is not its digest") }
            if !missing.isEmpty, !isKnown {
                let there = acknowledged.count - missing.count
                let isPrefix =
                    Set(missing.map(\.record.recordID))
                    == Set(acknowledged.sorted { $0.calls < $1.calls }.dropFirst(there).map(\.record.recordID))
                verdict.hits.append("tail lost: headquarters tells")
                if !isPrefix { verdict.problems.append("I7: records are missing from the middle and nobody noticed") }
            }
            if missing.isEmpty, !isKnown, damagedFrames.isEmpty { verdict.hits.append("no harm") }
            _ = try await ImageCheck.goOn(folder, workload: workload, acknowledged: [])
        } catch {
            let text = "\(error)"
            if text.contains("newerVersion") || text.contains("notOurs") {
                verdict.hits.append("refused, file untouched")
            } else {
                verdict.problems.append(text)
            }
        }
        return verdict
    }
}

/// `damage --seed S --first I --cases N --work DIR --keep DIR`
struct DamageAtRest {
    let seed, first, cases: Int
    let work, keep: String
    var tally = Tally()

    init(_ arguments: Arguments) throws {
        seed = try arguments.number("seed")
        first = try arguments.number("first")
        cases = try arguments.number("cases")
        work = try arguments.text("work")
        keep = try arguments.text("keep")
    }

    mutating func run() async throws -> Tally {
        var prepared = try await CutOffFolder.make(work + "/prepared", seed: seed &* 1000 &+ first)
        for index in first..<first + cases where tally.violations.count < 5 {
            if index % 100 == 99 {
                prepared = try await CutOffFolder.make(work + "/prepared", seed: seed &* 1000 &+ index)
            }
            var generator = SeededGenerator(seed, index, 3)
            let folder = work + "/damaged"
            try Folder.copy(prepared.path, to: folder)
            let what = try Self.damage(folder, &generator)
            tally.cases += 1
            tally.hit(what)
            let copy = work + "/damaged-as-built"
            try Folder.copy(folder, to: copy)
            let verdict = await Verdict.of(folder, workload: prepared.workload, acknowledged: prepared.acknowledged)
            for hit in verdict.hits { tally.hit(hit) }
            guard !verdict.problems.isEmpty else { continue }
            let kept = "\(keep)/damage-\(seed)-\(index)"
            try Folder.copy(copy, to: kept)
            tally.violations += verdict.problems.map { "case \(index) (\(what)): \($0) (kept in \(kept))" }
        }
        return tally
    }

    private static func damage(_ folder: String, _ generator: inout SeededGenerator) throws -> String {
        let isWAL = Int.random(in: 0..<3, using: &generator) == 0
        let path = folder + "/records.sqlite" + (isWAL ? "-wal" : "")
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let (name, count): (String, Int) =
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: ("one bit", 1)
            case 1: ("64 bytes", 64)
            case 2: ("a sector", 4096)
            default: ("a sector of zeros", 4096)
            }
        var at = Int.random(in: 0..<bytes.count, using: &generator)
        if count == 4096 { at = at / 4096 * 4096 }
        for place in at..<min(at + count, bytes.count) {
            switch name {
            case "one bit": bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case "a sector of zeros": bytes[place] = 0
            default: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            }
        }
        try bytes.write(to: URL(fileURLWithPath: path))
        return name + (isWAL ? " of the WAL" : " of the database")
    }
}

/// `exchange --seed S --work DIR`: every way to mix up the files, once.
struct ExchangedFiles {
    let seed: Int
    let work: String
    var tally = Tally()

    init(_ arguments: Arguments) throws {
        seed = try arguments.number("seed")
        work = try arguments.text("work")
    }

    mutating func run() async throws -> Tally {
        let own = try await CutOffFolder.make(work + "/own", seed: seed)
        // The same kiosk, later; and another kiosk.
        let later = try await Self.later(own, to: work + "/later", seed: seed + 1)
        let other = try await CutOffFolder.make(work + "/other", seed: seed + 2)
        let database = "records.sqlite", wal = "records.sqlite-wal"
        let cases: [(String, [(from: CutOffFolder, name: String, as: String)], CutOffFolder)] = [
            ("WAL missing", [(later, database, database)], later),
            ("old WAL on a newer database", [(later, database, database), (own, wal, wal)], later),
            ("newer WAL on an old database", [(own, database, database), (later, wal, wal)], later),
            ("WAL of another kiosk", [(later, database, database), (other, wal, wal)], later),
            ("both files of another kiosk", [(other, database, database), (other, wal, wal)], later),
            ("database of another kiosk under the own WAL", [(other, database, database), (later, wal, wal)], later),
            ("database missing, WAL there", [(later, wal, wal)], later),
            ("everything missing but the small files", [], later),
            ("an older copy of both", [(own, database, database), (own, wal, wal)], later),
            ("the WAL in place of the database", [(later, wal, database)], later),
        ]
        for (name, files, owner) in cases {
            let folder = try Folder.fresh(work + "/mixed")
            for name in FaultWorkload.smallFiles {
                try? FileManager.default.copyItem(atPath: "\(later.path)/\(name)", toPath: "\(folder)/\(name)")
            }
            for file in files {
                try FileManager.default.copyItem(
                    atPath: "\(file.from.path)/\(file.name)", toPath: "\(folder)/\(file.as)")
            }
            let verdict = await Verdict.of(folder, workload: owner.workload, acknowledged: owner.acknowledged)
            tally.cases += 1
            for hit in verdict.hits { tally.hit(hit) }
            tally.violations += verdict.problems.map { "\(name): \($0)" }
            // SQLite by itself would have deleted it.
            if name == "database missing, WAL there", !verdict.hits.contains("salvaged") {
                tally.violations.append("\(name): nothing of the WAL was salvaged")
            }
        }
        return tally
    }

    /// The same kiosk after more registrations and a checkpoint.
    private static func later(_ own: CutOffFolder, to path: String, seed: Int) async throws -> CutOffFolder {
        let live = own.workload.folder
        let workload = own.workload
        try await FaultWorkload.withStore(live, signer: workload.signer) { store in
            try await workload.change(store, day: FaultWorkload.days[1])
            for _ in 0..<12 { try await workload.add(workload.registration(), store) }
            try Folder.copy(live, to: path)
        }
        return CutOffFolder(path: path, workload: workload)
    }
}

/// `lost-names --seed S --first I --cases N --work DIR`: folder entries that a power cut has lost, and files cut to
/// nothing, in every combination.
struct LostNames {
    private static let names = ["records.sqlite", "records.sqlite-wal", "lineage.pairs", "open.fair"]
    /// Gone or empty, for each of the four: 3 to the power of 4, less the whole one.
    static let combinations = 80

    let seed, first, cases: Int
    let work: String
    var tally = Tally()

    init(_ arguments: Arguments) throws {
        seed = try arguments.number("seed")
        first = try arguments.number("first")
        cases = try arguments.number("cases")
        work = try arguments.text("work")
    }

    mutating func run() async throws -> Tally {
        let prepared = try await CutOffFolder.make(work + "/prepared", seed: seed &* 1000 &+ first)
        for index in first..<first + cases where tally.violations.count < 5 {
            let folder = work + "/lost"
            try Folder.copy(prepared.path, to: folder)
            var rest = 1 + index % Self.combinations
            var what: [String] = []
            for name in Self.names {
                let path = "\(folder)/\(name)"
                if rest % 3 == 1 {
                    try FileManager.default.removeItem(atPath: path)
                    what.append("\(name) gone")
                } else if rest % 3 == 2 {
                    try Data().write(to: URL(fileURLWithPath: path))
                    what.append("\(name) empty")
                }
                rest /= 3
            }
            let verdict = await Verdict.of(folder, workload: prepared.workload, acknowledged: prepared.acknowledged)
            tally.cases += 1
            for hit in verdict.hits { tally.hit(hit) }
            tally.violations += verdict.problems.map { "case \(index) (\(what.joined(separator: ", "))): \($0)" }
        }
        return tally
    }
}
