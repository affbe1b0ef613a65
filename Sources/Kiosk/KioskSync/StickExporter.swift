// Writes records to a stick that is carried away: nothing is said to be on it before it was read back.

import DurableFiles
import SyncProtocol

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

public enum StickExportError: Error, Sendable, Hashable {
    /// Bytes that are needed, and that are free.
    case noRoom(needed: Int64, free: Int64)
    /// What the system said of the stick: no rights, read-only, pulled out, holds something else than was written.
    case stick(String)
}

public struct StickExportReport: Sendable, Hashable {
    public var records = 0
    /// Names in `JOBFAIR/`, in the order they were written; every one was read back.
    public var files: [String] = []
    public var bytes: Int64 = 0
    /// Frames of the store that are no frames, or do not bear this kiosk's signature; they were left out.
    public var damaged = 0

    /// Nothing was written.
    public init() {}
}

/// Gathers frames up to one file's worth and writes them, one file for each lineage. Changes no record's state: only a
/// receipt does, whatever a stick says. Never replaces a file.
public struct StickExporter {
    /// Kept free, so that a stick that is carried on can still take answers.
    static let marginBytes: Int64 = 1 << 20

    /// Kept free in a file for magic line and manifest, which names one range, beside the statement.
    private static let manifestRoomBytes = 1024
    private let manifestRoom: Int

    private let folder: StickFolder
    private let publicKey: Data
    private let statement: WireSigned?
    private let softwareVersion: String
    private let pieceBytesMax: Int
    private var gathered: [(lineage: Data, frames: [DecodedPlace])] = []
    private var gatheredBytes = 0
    private var report = StickExportReport()
    private var digests: Set<Data> = []

    private struct DecodedPlace {
        var sequence: UInt64
        var entry: Data
    }

    /// Makes `JOBFAIR/` where it is not there.
    ///
    /// - Parameters:
    ///   - stick: the stick's top folder.
    ///   - publicKey: the device's.
    ///   - statement: what headquarters signed at enrolment, in bytes; nil: not enrolled.
    public init(
        stick: String, publicKey: Data, statement: Data?, softwareVersion: String
    ) throws(StickExportError) {
        try self.init(
            stick: stick, publicKey: publicKey, statement: statement, softwareVersion: softwareVersion,
            pieceBytesMax: StickFile.pieceBytesMax)
    }

    init(
        stick: String, publicKey: Data, statement: Data? = nil, softwareVersion: String, pieceBytesMax: Int
    ) throws(StickExportError) {
        folder = StickFolder(stick: stick)
        self.statement = WireSigned(statement: statement)
        manifestRoom = Self.manifestRoomBytes + (statement?.count ?? 0)
        self.pieceBytesMax = pieceBytesMax
        self.publicKey = publicKey
        self.softwareVersion = softwareVersion
        do { try folder.make() } catch { throw .stick(error.description) }
    }

    /// The same frame twice is written once.
    public mutating func add(_ frame: Data) throws(StickExportError) {
        guard let decoded = try? RecordFrame.decode(frame), decoded.isSigned(by: publicKey),
            let entry = try? StickFile.encode(StickEntry(.frame, frame))
        else {
            report.damaged += 1
            return
        }
        guard digests.insert(decoded.digest.prefix(16)).inserted else { return }
        if gatheredBytes + entry.count > pieceBytesMax - manifestRoom { try write() }
        let place = decoded.body.place
        let item = DecodedPlace(sequence: place.sequence, entry: entry)
        if let index = gathered.lastIndex(where: { $0.lineage == place.lineageID }) {
            gathered[index].frames.append(item)
        } else {
            gathered.append((place.lineageID, [item]))
        }
        gatheredBytes += entry.count
    }

    /// What stands on the stick now, read back.
    public mutating func finish() throws(StickExportError) -> StickExportReport {
        try write()
        if report.files.isEmpty, try !isNamed() { try write([], of: Data()) }
        return report
    }

    /// A kiosk without records to carry names itself, so that headquarters answers it all the same; once.
    private func isNamed() throws(StickExportError) -> Bool {
        let device = KeyName.deviceID(publicKey: publicKey)
        let own = [StickFile.Role.export, .resident].map { StickFile.prefix($0, device: device) }
        do {
            return try folder.names().contains { name in own.contains { name.hasPrefix($0) } }
        } catch {
            throw .stick(error.description)
        }
    }

    private mutating func write() throws(StickExportError) {
        for (lineage, frames) in gathered { try write(frames, of: lineage) }
        gathered = []
        gatheredBytes = 0
    }

    private mutating func write(_ frames: [DecodedPlace], of lineage: Data) throws(StickExportError) {
        do {
            let manifest = try StickFile.encode(StickEntry(.manifest, manifest(frames, lineage)))
            let bytes = Int64(StickFile.magic.count + manifest.count + frames.reduce(0) { $0 + $1.entry.count })
            if let free = DiskSpace.freeBytes(folder.path), free < bytes + Self.marginBytes {
                throw StickExportError.noRoom(needed: bytes + Self.marginBytes, free: free)
            }
            let file = try folder.begin(.export, device: KeyName.deviceID(publicKey: publicKey), lineage: lineage)
            do {
                try file.append(manifest)
                for frame in frames { try file.append(frame.entry) }
                try file.finish()
            } catch {
                file.abandon()
                throw error
            }
            report.records += frames.count
            report.bytes += file.byteCount
            report.files.append(String(file.path.dropFirst(folder.path.count + 1)))
        } catch let error as StickExportError {
            throw error
        } catch let error as DurableFileError where error.isDiskFull {
            throw .noRoom(needed: 0, free: DiskSpace.freeBytes(folder.path) ?? 0)
        } catch {
            throw .stick("\(error)")
        }
    }

    private func manifest(_ frames: [DecodedPlace], _ lineage: Data) -> Data {
        var manifest = WireStickManifest()
        manifest.deviceID = KeyName.deviceID(publicKey: publicKey)
        manifest.softwareVersion = softwareVersion
        if let statement { manifest.statement = statement }
        if frames.isEmpty { return WireCoding.bytes(manifest) }
        var range = WireStickRange()
        range.lineageID = lineage
        range.first = frames.map(\.sequence).min() ?? 0
        range.last = frames.map(\.sequence).max() ?? 0
        range.records = UInt32(clamping: frames.count)
        manifest.ranges = [range]
        return WireCoding.bytes(manifest)
    }
}
