// A whole headquarters in a folder of its own: keys, sample fair, three listeners over real sockets.

import Foundation
import JobFair
import Logging
import SyncProtocol
import Synchronization
import TestSupport
import Testing

@testable import HeadquartersWeb

#if canImport(Glibc)
import Glibc
#endif

struct HeadquartersFixture {
    let folder: TemporaryFolder
    let settings: HeadquartersSettings
    var commands: HeadquartersCommands { HeadquartersCommands(settings: settings) }
    var keyFolder: KeyFolder { KeyFolder(stateFolder: settings.stateFolder) }
    var syncAddress: String { "https://127.0.0.1:\(settings.sync.port)" }

    init(_ label: String = #function) throws {
        folder = try TemporaryFolder(label)
        try Data("eine lange Losung\n".utf8).write(to: URL(fileURLWithPath: folder.file("pass")))
        let ports = Self.freePorts(3)
        settings = HeadquartersSettings(
            name: "测试总部", stateFolder: folder.file("state"), sync: .init(host: "127.0.0.1", port: ports[0]),
            form: .init(host: "127.0.0.1", port: ports[1]), formAddress: "HTTP://127.0.0.1:\(ports[1])",
            desk: .init(host: "127.0.0.1", port: ports[2]), logLevel: "critical")
    }

    /// Another machine with the keys of that one, and no database.
    init(_ label: String, keysOf other: HeadquartersFixture) throws {
        try self.init(label)
        try FileManager.default.createDirectory(
            atPath: settings.stateFolder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try FileManager.default.copyItem(
            atPath: other.settings.stateFolder + "/keys", toPath: settings.stateFolder + "/keys")
    }

    func backUp() throws {
        _ = try commands.backUpKeys(passphraseFile: folder.file("pass"), to: folder.file("keys.backup"))
    }

    static var sampleFair: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("kiosk-config/sample-fair.yaml").path
    }

    /// The sample fair, or another text, as `fair create` would read it on 1 February 2026; new ids each time.
    static func sampleCatalogue(yaml: String? = nil) throws -> Catalogue {
        try FairFile.catalogue(
            yaml: yaml ?? String(contentsOfFile: sampleFair, encoding: .utf8), file: "fair.yaml",
            context: FairFile.Context(
                today: #require(CalendarDate("2026-02-01")), formAddress: "HTTP://127.0.0.1:7280", kind: nil,
                now: 1_769_900_000_000,
                random: { [UInt8](Randomness.bytes($0)) }))
    }

    func addKiosk() async throws -> String {
        let printed = try await commands.addKiosk(label: "1号机", fairs: [])
        return String(printed.split(separator: "\n").first ?? "")
    }

    /// Serves while `body` runs, then stops.
    func serving(_ body: () async throws -> Void) async throws {
        let service = HeadquartersService(settings: settings, logger: Logger(label: "test"))
        try await TestSupport.serving(service.run) {
            for port in [settings.sync.port, settings.form.port, settings.desk.port] { try await Self.await(port) }
            try await body()
        }
    }

    private static func await(_ port: Int) async throws {
        for _ in 0..<200 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            if connect(descriptor, port) == 0 { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw HeadquartersError(.listenFailed, "nothing listens on \(port)")
    }

    /// A connection on which nothing is said; to be closed by the caller.
    func connectToDesk() -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        _ = Self.connect(descriptor, settings.desk.port)
        return descriptor
    }

    private static func connect(_ descriptor: Int32, _ port: Int) -> Int32 {
        withAddress(port) { Glibc.connect(descriptor, $0, $1) }
    }

    private static func withAddress(
        _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Below Linux's ephemeral ports (32768 and more, ip(7)): no outgoing connection takes them before they are bound.
    private static let ports = 20_000..<32_768
    private static let lastPort = Mutex(ports.lowerBound + Int(getpid()) * 61 % ports.count)

    /// Ports nobody listens on at this moment; each is given once.
    private static func freePorts(_ count: Int) -> [Int] {
        lastPort.withLock { last in
            var found: [Int] = []
            while found.count < count {
                last = ports.contains(last + 1) ? last + 1 : ports.lowerBound
                let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
                if withAddress(last, { bind(descriptor, $0, $1) }) == 0 { found.append(last) }
                close(descriptor)
            }
            return found
        }
    }
}
