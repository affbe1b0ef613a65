// Records onto a stick that is carried away, as real files.

import DurableFiles
import Foundation
import KioskCore
import SyncProtocol
import TestSupport
import Testing

@testable import KioskSync

@Suite struct StickExporterTests {
    private func entries(_ stick: String) throws -> [(file: String, entries: [StickEntry])] {
        let folder = StickFolder(stick: stick)
        return try folder.names().map { name in
            var found: [StickEntry] = []
            let damage = try folder.read(name) { found.append($0) }
            #expect(damage == StickDamage())
            return (name, found)
        }
    }

    private func export(
        _ frames: [Data], of device: SigningKey, statement: Data? = nil, to stick: String
    ) throws -> StickExportReport {
        var exporter = try StickExporter(
            stick: stick, publicKey: device.publicKey, statement: statement, softwareVersion: "test")
        for frame in frames { try exporter.add(frame) }
        return try exporter.finish()
    }

    @Test("one file for each lineage, the manifest first, every frame as it was, once")
    func exports() throws {
        let folder = try TemporaryFolder()
        let store = FakeFrames()
        store.add(20, lineage: 1)
        store.add(7, lineage: 2)
        let statement = SignedMessage.sign(Data("statement".utf8), domain: .statement, key: store.device)
        let report = try export(
            store.frames + store.frames.prefix(3), of: store.device, statement: WireCoding.bytes(statement),
            to: folder.path)
        #expect(report.records == 27 && report.files.count == 2 && report.damaged == 0)
        let files = try entries(folder.path)
        #expect(files.map(\.file) == report.files)
        #expect(files.flatMap(\.entries).filter { $0.kind == .frame }.map(\.bytes) == store.frames)
        let manifest = try WireCoding.message(
            WireStickManifest.self, from: try #require(files.last?.entries.first).bytes, bytesMax: 4096,
            name: "manifest")
        #expect(manifest.deviceID == store.device.deviceID)
        #expect(manifest.statement == statement)
        #expect(manifest.ranges.map(\.first) == [21] && manifest.ranges.map(\.last) == [27])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("JOBFAIR")).count == 2)
    }

    @Test("a kiosk without records names itself, once; one with records on the stick need not")
    func namesItself() throws {
        let folder = try TemporaryFolder()
        let store = FakeFrames()
        let report = try export([], of: store.device, to: folder.path)
        #expect(report.records == 0 && report.files.count == 1)
        let files = try entries(folder.path)
        #expect(files.map { $0.entries.map(\.kind) } == [[.manifest]])
        let manifest = try WireCoding.message(
            WireStickManifest.self, from: try #require(files.first?.entries.first).bytes, bytesMax: 4096,
            name: "manifest")
        #expect(manifest.deviceID == store.device.deviceID && manifest.ranges.isEmpty)
        #expect(try export([], of: store.device, to: folder.path).files.isEmpty)
        let other = FakeFrames()
        other.add(1)
        _ = try export(other.frames, of: other.device, to: folder.path)
        #expect(try export([], of: other.device, to: folder.path).files.isEmpty)
    }

    @Test("a second export stands beside the first; an unfinished one is left alone")
    func neverReplaces() throws {
        let folder = try TemporaryFolder()
        let store = FakeFrames()
        store.add(3)
        let first = try export(store.frames, of: store.device, to: folder.path)
        let name = try #require(first.files.first)
        let unfinished = folder.file("JOBFAIR/\(name.replacingOccurrences(of: "-0001", with: "-0002"))")
        try Data("half".utf8).write(to: URL(fileURLWithPath: unfinished + VerifiedFile.temporarySuffix))
        store.add(2)
        let second = try export(store.frames, of: store.device, to: folder.path)
        #expect(second.files == [name.replacingOccurrences(of: "-0001", with: "-0003")])
        #expect(try entries(folder.path).map { $0.entries.count } == [4, 6])
    }

    @Test("what does not bear this kiosk's signature is counted and left out")
    func damagedFrames() throws {
        let folder = try TemporaryFolder()
        let store = FakeFrames()
        store.add(4)
        var broken = store.frames[1]
        broken[broken.count - 1] ^= 1
        let foreign = FakeFrames.frame(1, lineage: 1, device: SigningKey())
        let report = try export(
            [store.frames[0], broken, foreign, Data("no frame".utf8)], of: store.device, to: folder.path)
        #expect(report.records == 1 && report.damaged == 3)
    }

    @Test("more than one file's worth goes into several, each below its limit")
    func pieces() throws {
        let folder = try TemporaryFolder()
        let store = FakeFrames()
        store.add(100)
        var exporter = try StickExporter(
            stick: folder.path, publicKey: store.device.publicKey, softwareVersion: "test", pieceBytesMax: 20_000)
        for frame in store.frames { try exporter.add(frame) }
        let report = try exporter.finish()
        #expect(report.records == 100 && report.files.count > 2)
        for file in report.files {
            #expect(try DurableFile.size(folder.file("JOBFAIR/\(file)")) <= 20_000)
        }
        #expect(try entries(folder.path).flatMap(\.entries).count { $0.kind == .frame } == 100)
    }

    @Test("what a stick does not give back is not called written, and does not stay")
    func lyingMedium() throws {
        let folder = try TemporaryFolder()
        let file = try VerifiedFile(folder: folder.path, name: "whole")
        try file.append(Data("what was written".utf8))
        try Data("something else !".utf8).write(
            to: URL(fileURLWithPath: file.path + VerifiedFile.temporarySuffix))
        let error = #expect(throws: DurableFileError.self) { try file.finish() }
        #expect(error?.isDiskFailing == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test("a stick that is not there, or that is a file, is an error in words")
    func noStick() throws {
        let folder = try TemporaryFolder()
        #expect(throws: StickExportError.self) {
            try StickExporter(
                stick: folder.file("none"), publicKey: Data(count: 32), statement: nil, softwareVersion: "")
        }
        let file = try VerifiedFile(folder: folder.path, name: "taken")
        #expect(throws: DurableFileError.self) { try VerifiedFile(folder: folder.path, name: "taken") }
        try file.append(Data("whole".utf8))
        try file.finish()
        #expect(try DurableFile.read(folder.file("taken")) == Data("whole".utf8))
        #expect(throws: DurableFileError.self) { try VerifiedFile(folder: folder.path, name: "taken") }
    }
}
