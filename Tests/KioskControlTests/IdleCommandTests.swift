// `kioskctl export` and `import` on the files of a kiosk whose daemon does not run.

import ArgumentParser
import Foundation
import KioskCore
import KioskStore
import KioskSync
import Logging
import TestSupport
import Testing

@testable import KioskControl
@testable import KioskDaemon

@Suite struct IdleCommandTests {
    /// A kiosk with keys and an empty database, its settings, and a folder beside it on the same disk.
    private struct Bench {
        let folder: TemporaryFolder
        var configuration: String { folder.file("kiosk.yaml") }
        var database: String { folder.file("state/records.sqlite") }
        var target: String { folder.file("target") }

        init(_ name: String = #function) throws {
            folder = try TemporaryFolder(name)
            for name in ["state", "target"] {
                try FileManager.default.createDirectory(
                    atPath: folder.file(name), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700]
                )
            }
            let settings = """
                label: 测试机
                stateFolder: \(folder.file("state"))
                runtimeFolder: \(folder.file("run"))
                """
            try Data(settings.utf8).write(to: URL(fileURLWithPath: configuration))
            let (device, _) = try EnrolmentStore(stateFolder: folder.file("state")).loadOrMakeKeys()
            try SQLiteRecordStore(
                settings: RecordStoreSettings(path: database, pairFilePath: folder.file("state/lineage.pairs")),
                signer: device, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            ).close()
        }

        func change(at offset: UInt64, to bytes: [UInt8]) throws {
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: database))
            try file.seek(toOffset: offset)
            try file.write(contentsOf: Data(bytes))
            try file.close()
        }

        func export(_ words: String..., to target: String? = nil) async throws {
            try await ExportCommand.parse(
                ["--to", target ?? self.target, "--socket", folder.file("none"), "--config", configuration] + words
            ).run()
        }

        var written: [String] {
            (try? FileManager.default.contentsOfDirectory(atPath: target + "/JOBFAIR")) ?? []
        }
    }

    @Test func aFolderOnTheKiosksOwnDiskIsNoStickUnlessSomebodySaysSo() async throws {
        let bench = try Bench()
        let refusal = await #expect(throws: CommandFailure.self) { try await bench.export() }
        #expect(refusal?.description.contains("--same-disk") == true)
        #expect(refusal?.description.contains("safe to remove") == false)
        #expect(bench.written.isEmpty && !FileManager.default.fileExists(atPath: bench.target + "/JOBFAIR"))
        try await bench.export("--same-disk")
        #expect(bench.written.count == 1, "the kiosk names itself")
    }

    @Test func theDiskOfTheSystemIsNoStickEitherAndAnotherFileSystemIsNeither() throws {
        let bench = try Bench()
        #expect(IdleKiosk.isOwnDisk("/", configuration: bench.configuration))
        #expect(IdleKiosk.isOwnDisk("/", configuration: bench.folder.file("no.yaml")))
        #expect(!IdleKiosk.isOwnDisk("/proc", configuration: bench.configuration))
        #expect(!IdleKiosk.isOwnDisk("/nowhere", configuration: bench.configuration))
    }

    @Test func aDamagedDatabaseShowsInTheExitStatus() async throws {
        let bench = try Bench()
        // The first pages of tables.
        for page in 1..<6 { try bench.change(at: UInt64(page) * 4096, to: Array(repeating: 0, count: 64)) }
        let exit = await #expect(throws: ExitCode.self) { try await bench.export("--all", "--same-disk") }
        #expect(exit?.rawValue == 2)
    }

    @Test func whyTheDataCannotBeOpenedIsSaidAndNotThatKioskdShouldStop() async throws {
        let bench = try Bench()
        // `user_version` in the header (sqlite.org/fileformat2.html, 1.3).
        try bench.change(at: 60, to: [0, 0, 3, 0xE7])
        let error = await #expect(throws: IdleKioskError.self) {
            try await IdleKiosk(configuration: bench.configuration).receiving { _ in }
        }
        let text = error?.description ?? ""
        #expect(text.contains("新版程序") && text.contains("newerVersion"), "\(text)")
        #expect(!text.contains("systemctl stop"))
    }
}
