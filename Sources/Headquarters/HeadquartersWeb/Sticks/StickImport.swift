// Records that come on a stick: read, taken in as those of the network, and the answers that travel back.

import DurableFiles
import HeadquartersCore
import JobFair
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What an import of a stick came to; counts only.
struct StickReport {
    var files = 0
    /// By the code of the receipt's line.
    var results: [IngestCode: Int] = [:]
    /// Frames whose kiosk is not enrolled here, and whose stick does not show that it was.
    var foreign = 0
    /// Frames that no longer are what was written.
    var malformed = 0
    var damage = StickDamage()
    /// Files that could not be opened.
    var unreadableFiles = 0
    /// Names of files that could not be opened, or hold something damaged.
    var damagedFiles: [String] = []
    /// Records that manifests speak of and that are not there.
    var missing = 0
    var erasures = 0
    /// That did not fit into the answers: kiosk and how many. They come with hello.
    var erasuresLeft: [(label: String, count: Int)] = []
    /// Answers that were written and read back: file and kiosk.
    var answers: [(file: String, label: String)] = []
    var devices: Set<Data> = []
}

/// Takes in the files of one `JOBFAIR` folder. Records go through `SyncExchange.receive`, like those of the network; nothing
/// on a stick is believed but by its signature.
struct StickImport {
    /// Bytes of frames that are gathered before they are taken in, whatever their kiosks.
    private static let gatheredBytesMax = 16 << 20
    let exchange: SyncExchange
    let folder: StickFolder
    /// Erasures that travel to one kiosk at once, and that are learnt in one step: 4096 of 200 bytes.
    var erasuresMax = 4096

    /// Device and lineage.
    private struct Sender: Hashable {
        var deviceID: Data
        var lineageID: Data
    }

    /// What gathers while files are read.
    private struct Gathering {
        var frames: [Sender: [(sequence: UInt64, frame: Data)]] = [:]
        var bytes = 0
        var erasures: [WireSigned] = []
        /// By kiosk.
        var receipts: [Data: [WireSigned]] = [:]
        var found: [Sender: Set<UInt64>] = [:]
        var meant: [Sender: [ClosedRange<UInt64>]] = [:]
    }

    /// - Parameter only: the one file to read; nil: all of the folder.
    func run(only: String? = nil) async throws -> StickReport {
        var report = StickReport()
        var gathering = Gathering()
        for name in try folder.names() where only == nil || name == only {
            let entries: [StickEntry]
            let damageBefore = report.malformed + report.damage.skippedBytes
            do {
                entries = try read(name, &report)
            } catch is DurableFileError {
                report.unreadableFiles += 1
                report.damagedFiles.append(name)
                continue
            }
            report.files += 1
            // What headquarters wrote itself names no kiosk that was here.
            let isFromKiosk = !name.hasPrefix(StickFile.Role.answer.rawValue)
            for entry in entries where isFromKiosk || entry.kind != .manifest {
                try await note(entry, &gathering, &report)
                if gathering.bytes >= Self.gatheredBytesMax { try await flush(&gathering, &report) }
            }
            if report.malformed + report.damage.skippedBytes > damageBefore { report.damagedFiles.append(name) }
        }
        // Erasures first would be the same: what is stored is wiped, what comes is not stored.
        try await learn(&gathering, &report)
        try await flush(&gathering, &report)
        report.missing = Self.missing(gathering)
        try await answer(gathering, &report)
        return report
    }

    /// One piece at a time is in memory: 64 MiB and an entry.
    private func read(_ name: String, _ report: inout StickReport) throws -> [StickEntry] {
        var entries: [StickEntry] = []
        let damage = try folder.read(name) { entry in
            switch entry.kind {
            case .manifest, .frame, .erasure: entries.append(entry)
            case .receipt, .catalogue, .grant, .keyList, .orders: break
            }
        }
        report.damage = report.damage + damage
        return entries
    }

    private func note(_ entry: StickEntry, _ gathering: inout Gathering, _ report: inout StickReport) async throws {
        switch entry.kind {
        case .frame: try await note(frame: entry.bytes, &gathering, &report)
        case .erasure:
            let signed = try? WireCoding.message(
                WireSigned.self, from: entry.bytes, bytesMax: ErasureJournalContent.directiveBytesMax, name: "erasure")
            if let signed { gathering.erasures.append(signed) }
            if gathering.erasures.count >= erasuresMax { try await learn(&gathering, &report) }
        case .manifest:
            let manifest = try? WireCoding.message(
                WireStickManifest.self, from: entry.bytes, bytesMax: SyncLimits.messageBytesMax, name: "manifest")
            if let manifest { try await note(manifest, &report) }
            for range in manifest?.ranges ?? [] where range.first >= 1 && range.first <= range.last {
                let sender = Sender(deviceID: manifest?.deviceID ?? Data(), lineageID: range.lineageID)
                gathering.meant[sender, default: []].append(range.first...range.last)
            }
        case .receipt, .catalogue, .grant, .keyList, .orders: break
        }
    }

    /// A kiosk that was enrolled after the backup that headquarters was restored from is taken in by its statement.
    private func note(_ manifest: WireStickManifest, _ report: inout StickReport) async throws {
        if try await isEnrolled(manifest.deviceID, &report) { return }
        guard let statement = exchange.verified(manifest.statement, of: manifest.deviceID) else { return }
        _ = try await exchange.takeIn(statement, softwareVersion: manifest.softwareVersion)
        report.devices.insert(manifest.deviceID)
    }

    private func learn(_ gathering: inout Gathering, _ report: inout StickReport) async throws {
        report.erasures += try await exchange.erasures.learn(gathering.erasures).directives
        gathering.erasures = []
    }

    /// Whoever is named on a stick is answered, with records on it or without: what the answer holds is for that kiosk
    /// alone, and sealed where it is secret.
    private func isEnrolled(_ deviceID: Data, _ report: inout StickReport) async throws -> Bool {
        if report.devices.contains(deviceID) { return true }
        guard try await exchange.store.device(deviceID) != nil else { return false }
        report.devices.insert(deviceID)
        return true
    }

    private func note(
        frame: Data, _ gathering: inout Gathering, _ report: inout StickReport
    ) async throws {
        guard let decoded = try? RecordFrame.decode(frame) else {
            report.malformed += 1
            return
        }
        let sender = Sender(deviceID: decoded.identity.deviceID, lineageID: decoded.body.place.lineageID)
        let sequence = decoded.body.place.sequence
        let isFirst = gathering.found[sender, default: []].insert(sequence).inserted
        guard try await isEnrolled(sender.deviceID, &report) else {
            report.foreign += 1
            return
        }
        guard isFirst || gathering.frames[sender]?.contains(where: { $0.frame == frame }) != true else { return }
        gathering.frames[sender, default: []].append((sequence, frame))
        gathering.bytes += frame.count
    }

    // MARK: Taking in

    private func flush(_ gathering: inout Gathering, _ report: inout StickReport) async throws {
        let frames = gathering.frames
        gathering.frames = [:]
        gathering.bytes = 0
        for (sender, list) in frames {
            let sorted = list.sorted { $0.sequence < $1.sequence }.map(\.frame)
            for batch in Self.batches(sorted) {
                let taken = try await exchange.receive(
                    batch, batchID: Randomness.bytes(16), from: (sender.deviceID, sender.lineageID))
                gathering.receipts[sender.deviceID, default: []].append(taken.signed)
                for result in taken.report.results { report.results[result.code, default: 0] += 1 }
            }
        }
    }

    /// As large as those of the network.
    static func batches(_ frames: [Data]) -> [[Data]] {
        var batches: [[Data]] = []
        var batch: [Data] = []
        var bytes = 0
        for frame in frames {
            if batch.count == SyncLimits.batchRecordsMax || bytes + frame.count > SyncLimits.batchBytesMax,
                !batch.isEmpty
            {
                batches.append(batch)
                batch = []
                bytes = 0
            }
            batch.append(frame)
            bytes += frame.count
        }
        return batch.isEmpty ? batches : batches + [batch]
    }

    /// Records that a manifest promises and no file held.
    private static func missing(_ gathering: Gathering) -> Int {
        gathering.meant.reduce(0) { sum, entry in
            let found = gathering.found[entry.key] ?? []
            let meant = entry.value.map { Int(clamping: $0.upperBound - $0.lowerBound) + 1 }.max() ?? 0
            let there = entry.value.map { range in found.count { range.contains($0) } }.max() ?? 0
            return sum + max(0, meant - there)
        }
    }

    // MARK: Answers

    private func answer(_ gathering: Gathering, _ report: inout StickReport) async throws {
        try folder.make()
        for deviceID in report.devices.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            guard let device = try await exchange.store.device(deviceID) else { continue }
            let entries = try await entries(for: device, gathering, &report)
            let file = try folder.begin(.answer, device: deviceID, lineage: Data())
            do {
                for entry in entries { try file.append(StickFile.encode(entry)) }
                try file.finish()
            } catch {
                file.abandon()
                throw error
            }
            report.answers.append((file.path, device.kioskLabel))
        }
    }

    /// Receipts first: where the stick is cut off, they are what matters.
    private func entries(
        for device: EnrolledDevice, _ gathering: Gathering, _ report: inout StickReport
    ) async throws -> [StickEntry] {
        var entries = [StickEntry(.manifest, WireCoding.bytes(Self.manifest(device)))]
        entries += (gathering.receipts[device.deviceID] ?? []).map { StickEntry(.receipt, WireCoding.bytes($0)) }
        entries.append(StickEntry(.keyList, WireCoding.bytes(exchange.keyList())))
        entries.append(StickEntry(.orders, WireCoding.bytes(try await exchange.stickOrders(for: device))))
        entries += try await erasures(for: device, &report)
        if device.isRevoked { return entries }
        for offer in try await exchange.offers(device) {
            guard let fair = FairID(bytes: offer.fairID) else { continue }
            let catalogue = try await exchange.catalogue(of: fair, for: device)
            var wire = WireStickCatalogue()
            wire.signed = catalogue.signed
            wire.etag = catalogue.etag
            entries.append(StickEntry(.catalogue, WireCoding.bytes(wire)))
            do {
                entries.append(StickEntry(.grant, WireCoding.bytes(try await exchange.grant(of: fair, for: device))))
            } catch let error as HeadquartersStoreError where error.code == .pairsExhausted {
                continue
            }
        }
        return entries
    }

    private func erasures(for device: EnrolledDevice, _ report: inout StickReport) async throws -> [StickEntry] {
        let lineageID = try await exchange.store.standingOrders(of: device.deviceID, at: exchange.now()).lineageID
        let signed = try await exchange.store.erasures(
            unconfirmedBy: device.deviceID, lineageID: lineageID, limit: erasuresMax)
        let count = try await exchange.store.erasureCount(unconfirmedBy: device.deviceID, lineageID: lineageID)
        if count > signed.count { report.erasuresLeft.append((device.kioskLabel, count - signed.count)) }
        return signed.map { StickEntry(.erasure, $0) }
    }

    private static func manifest(_ device: EnrolledDevice) -> WireStickManifest {
        var manifest = WireStickManifest()
        manifest.deviceID = device.deviceID
        manifest.softwareVersion = "headquarters"
        return manifest
    }
}
