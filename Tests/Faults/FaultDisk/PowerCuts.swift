// P1 to P4: whatever a power cut can leave of unsynced, damaged, or falsely synced writes is opened by the real store.

import CFaultDisk
import Foundation
import KioskStore
import SyncProtocol

/// `power-cuts --mode honest|blast|lying-in-order|lying --seed S --first W --workloads N --images M --work DIR --keep DIR`
///
/// Each workload is recorded once; each image is one power cut of it. `--image I` builds one again and leaves it in
/// `--keep`.
struct PowerCuts {
    enum Mode: String {
        case honest, blast, lyingInOrder = "lying-in-order", lying

        var number: Int32 {
            switch self {
            case .honest: Int32(CFAULTDISK_HONEST)
            case .blast: Int32(CFAULTDISK_BLAST)
            case .lyingInOrder: Int32(CFAULTDISK_LYING_IN_ORDER)
            case .lying: Int32(CFAULTDISK_LYING)
            }
        }
    }

    /// Steps of a day; about 300 calls to the disk.
    private static let steps = 30
    /// Calls that a lying disk has not written: up to about ten commits with their sync.
    private static let windowMax = 40
    /// Every so many images the kiosk also goes on.
    private static let goOnEvery = 8
    private static let violationsMax = 5

    let mode: Mode
    let seed, first, workloads, images: Int
    let work, keep: String
    var tally = Tally()

    init(_ arguments: Arguments) throws {
        guard let mode = Mode(rawValue: try arguments.text("mode")) else { throw FaultDiskError("--mode") }
        self.mode = mode
        seed = try arguments.number("seed")
        first = try arguments.number("first")
        workloads = try arguments.number("workloads")
        images = try arguments.number("images")
        work = try arguments.text("work")
        keep = try arguments.text("keep")
    }

    mutating func run() async throws -> Tally {
        for number in first..<first + workloads where tally.violations.count < Self.violationsMax {
            let folder = try Folder.fresh(work + "/recorded")
            let workload = FaultWorkload(folder: folder, signer: SigningKey())
            cfaultdisk_record(folder + "/records.sqlite")
            try await workload.play(seed: seed &* 1000 &+ number, steps: Self.steps)
            cfaultdisk_stop()
            tally.violations += workload.violations
            for (name, count) in workload.hits { tally.hit(name, count) }
            for index in 0..<images where tally.violations.count < Self.violationsMax {
                try await cut(workload, number: number, index: index)
            }
        }
        return tally
    }

    private mutating func cut(_ workload: FaultWorkload, number: Int, index: Int) async throws {
        var generator = SeededGenerator(seed, number, index, 2)
        let calls = cfaultdisk_count()
        // Every call in turn, and then again with other draws.
        let cut = 1 + index % calls
        let window = Int.random(in: 1...Self.windowMax, using: &generator)
        let folder = try Folder.fresh(work + "/image")
        var image = cfaultdisk_image()
        let result = cfaultdisk_build(cut, mode.number, window, generator.next(), folder, &image)
        guard result == 0 else { throw FaultDiskError("the image was not built: errno \(result)") }
        for (name, bytes) in workload.files(before: cut) {
            try bytes.write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
        tally.cases += 1
        count(image, cut: cut)
        let copy = work + "/image-as-built"
        try Folder.copy(folder, to: copy)
        let acknowledged = workload.acknowledged.filter { $0.calls <= cut }
        var problems: [String]
        do {
            problems = try await check(
                folder, workload: workload, acknowledged: acknowledged, cut: cut, window: window,
                goesOn: index % Self.goOnEvery == 0)
        } catch {
            problems = ["\(error)"]
        }
        guard !problems.isEmpty else { return }
        let kept = "\(keep)/\(mode.rawValue)-\(seed)-\(number)-\(index)"
        try Folder.copy(copy, to: kept)
        tally.violations += problems.map {
            "workload \(number) image \(index), cut before call \(cut) of \(calls), window \(window): \($0) (kept in \(kept))"
        }
    }

    private mutating func check(
        _ folder: String, workload: FaultWorkload, acknowledged: [Acknowledged], cut: Int, window: Int, goesOn: Bool
    ) async throws -> [String] {
        let check = try ImageCheck(folder, signer: workload.signer)
        var problems = check.problems
        let missing = check.missing(of: acknowledged)
        if check.opening.wasUnclean { tally.hit("WAL recovered") }
        if check.opening.chainProblem != nil { tally.hit("left the lineage") }
        if let aside = check.opening.setAside {
            tally.hit("set aside")
            tally.hit("salvaged", aside.salvagedCount)
        }
        if !missing.isEmpty {
            tally.hit("acknowledged lost", missing.count)
            tally.hit("images with loss")
        }
        switch mode {
        case .honest:
            if !missing.isEmpty { problems.append("I1: \(missing.count) acknowledged records are not there") }
            if check.opening.setAside != nil { problems.append("I7: the file was set aside after an honest power cut") }
            if let left = check.opening.chainProblem { problems.append("I2: the lineage was left: \(left)") }
        case .lyingInOrder:
            // Only what the disk lied about may be gone.
            if missing.contains(where: { $0.calls + window <= cut }) {
                problems.append("P3: more is lost than the disk had not written")
            }
            if check.opening.setAside != nil { problems.append("I7: an older state of the file is no damage") }
        case .blast, .lying: break
        }
        guard goesOn, problems.isEmpty else { return problems }
        let (others, isTwice) = try await ImageCheck.goOn(
            folder, workload: workload, acknowledged: mode == .honest ? acknowledged : [])
        tally.hit("went on")
        if isTwice { problems.append("I6: a ticket number was given twice") }
        return problems + others
    }

    private mutating func count(_ image: cfaultdisk_image, cut: Int) {
        tally.hit("writes kept", Int(image.written))
        tally.hit("writes dropped", Int(image.dropped))
        tally.hit("writes torn", Int(image.torn))
        tally.hit("reordered", Int(image.reordered))
        tally.hit("writes lost", Int(image.lost))
        tally.hit("WAL without a name", Int(image.missing_wal))
        tally.hit("in a checkpoint", Int(image.in_checkpoint))
    }
}

/// Folders of images.
enum Folder {
    static func fresh(_ path: String) throws -> String {
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    static func copy(_ from: String, to: String) throws {
        _ = try fresh(to)
        for name in try FileManager.default.contentsOfDirectory(atPath: from) {
            try FileManager.default.copyItem(atPath: "\(from)/\(name)", toPath: "\(to)/\(name)")
        }
    }
}
