// Printers of every kind, against a real folder, pipe, terminal and socket.

import Foundation
import Glibc
import KioskCore
import KioskDevices
import TestSupport
import Testing

/// 1 MB of every byte value: more than any pipe or socket buffers by itself.
private let large = Data((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
private let small = Data("\u{1B}@ a slip \n\r\u{4}\u{11}\u{13}\u{7F}".utf8)

private func slip(_ bytes: Data, name: String = "AB0237") -> PrintableSlip {
    PrintableSlip(name: name, png: Data("png ".utf8) + bytes, printerBytes: bytes)
}

/// The error of a print that must fail, and how long it took.
private func failure(
    _ printer: some PrinterPort, _ slip: PrintableSlip, at location: SourceLocation = #_sourceLocation
) async -> (error: PrinterError?, took: Duration) {
    let start = ContinuousClock.now
    let error = await #expect(throws: PrinterError.self, sourceLocation: location) { try await printer.send(slip) }
    return (error, .now - start)
}

private let quick = PrinterDeadlines(
    connect: .milliseconds(500), send: .milliseconds(500), farewell: .milliseconds(200))

@Suite struct FolderPrinterTests {
    @Test func writesWholeFilesAndNothingElse() async throws {
        let folder = try TemporaryFolder()
        let printer = FolderPrinter(folder: folder.file("slips"))
        #expect(printer.name == "folder \(folder.file("slips"))")
        try await printer.send(slip(small))
        try await printer.send(slip(large, name: "AB0237-copy-7"))
        try await printer.send(slip(large))
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.file("slips")).sorted()
        #expect(files == ["AB0237-copy-7.png", "AB0237.png"])
        let path = folder.file("slips/AB0237.png")
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == slip(large).png)
        var status = stat()
        #expect(lstat(path, &status) == 0)
        #expect(status.st_mode & 0o007 == 0)
    }

    @Test(arguments: ["../escape", "", "a/b", "号码", "a.png", "a b"])
    func otherNamesAreRefused(name: String) async throws {
        let folder = try TemporaryFolder()
        let error = await failure(FolderPrinter(folder: folder.path), slip(small, name: name)).error
        #expect(error?.code == .notWritable)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func folderThatCannotBeMadeIsAnError() async throws {
        let folder = try TemporaryFolder()
        try small.write(to: URL(fileURLWithPath: folder.file("file")))
        for path in [folder.file("file/slips"), folder.file("no/such/slips"), folder.file("file")] {
            let error = await failure(FolderPrinter(folder: path), slip(small)).error
            #expect(error?.code == .notWritable)
            #expect(error?.detail.contains(path) == true)
        }
    }

    @Test func fullDiskLeavesNoHalfSlip() async throws {
        // /dev/full cannot be a folder; a limit on file size fails a write in the same way, but for the whole process.
        // So: a name that is taken by a folder fails at the last step, and nothing is left behind.
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.file("AB0237.png"), withIntermediateDirectories: true)
        let error = await failure(FolderPrinter(folder: folder.path), slip(small)).error
        #expect(error?.code == .notWritable)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["AB0237.png"])
    }
}

/// Whoever hangs is ended by the limit; how soon a deadline acts on a loaded machine is not asserted.
@Suite(.timeLimit(.minutes(1))) struct DeviceFilePrinterTests {
    /// Reads a descriptor to its end on a thread of its own, `pause` between two reads.
    private func reader(_ descriptor: Int32, count: Int? = nil, pause: useconds_t = 0) -> Task<Data, Never> {
        Task.detached {
            var all = Data()
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while all.count < count ?? .max {
                let got = read(descriptor, &buffer, buffer.count)
                if got < 0, errno == EINTR || errno == EAGAIN { continue }
                if got <= 0 { break }
                all += buffer[..<got]
                if pause > 0 { usleep(pause) }
            }
            return all
        }
    }

    private func pipe() throws -> (folder: TemporaryFolder, path: String) {
        let folder = try TemporaryFolder()
        let path = folder.file("lp0")
        #expect(mkfifo(path, 0o600) == 0)
        return (folder, path)
    }

    @Test func slowReaderGetsEveryByte() async throws {
        let (folder, path) = try pipe()
        let descriptor = open(path, O_RDONLY | O_NONBLOCK)
        defer { close(descriptor) }
        _ = fcntl(descriptor, F_SETFL, 0)
        let received = reader(descriptor, count: large.count, pause: 2_000)
        let printer = DeviceFilePrinter(path: path)
        #expect(printer.name == "device \(path)")
        try await printer.send(slip(large))
        #expect(await received.value == large)
        withExtendedLifetime(folder) {}
    }

    @Test func terminalPassesEveryByteUnchanged() async throws {
        let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        defer { close(master) }
        // TIOCSPTLCK and TIOCGPTN (ioctl_tty(2)): Swift's Glibc module leaves out unlockpt and ptsname.
        var (lock, number) = (Int32(0), Int32(0))
        #expect(ioctl(master, 0x4004_5431, &lock) == 0 && ioctl(master, 0x8004_5430, &number) == 0)
        let path = "/dev/pts/\(number)"
        // Kept open, so that the master does not see the end between two slips.
        let keep = open(path, O_RDWR | O_NOCTTY)
        defer { close(keep) }
        let bytes = small + Data((0..<20_000).map { UInt8(truncatingIfNeeded: $0) })
        let received = reader(master, count: bytes.count)
        try await DeviceFilePrinter(path: path).send(slip(bytes))
        #expect(await received.value == bytes)
    }

    @Test func nobodyReadsEndsAtTheDeadline() async throws {
        let (folder, path) = try pipe()
        let descriptor = open(path, O_RDONLY | O_NONBLOCK)
        defer { close(descriptor) }
        let (error, took) = await failure(DeviceFilePrinter(path: path, deadlines: quick), slip(large))
        #expect(error?.code == .timedOut)
        #expect(took >= .milliseconds(500))
        withExtendedLifetime(folder) {}
    }

    @Test func cancelledTaskDoesNotWaitForTheDeadline() async throws {
        let (folder, path) = try pipe()
        let descriptor = open(path, O_RDONLY | O_NONBLOCK)
        defer { close(descriptor) }
        let patient = PrinterDeadlines(send: .seconds(600))
        let printing = Task { try await DeviceFilePrinter(path: path, deadlines: patient).send(slip(large)) }
        try await Task.sleep(for: .milliseconds(100))
        printing.cancel()
        await #expect(throws: PrinterError.self) { try await printing.value }
        withExtendedLifetime(folder) {}
    }

    @Test func printerPulledOutHalfWayIsDisconnectedAndTheProgramLives() async throws {
        let (folder, path) = try pipe()
        let descriptor = open(path, O_RDONLY | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFL, 0)
        let some = reader(descriptor, count: 200_000)
        let leaving = Task.detached {
            let count = await some.value.count
            close(descriptor)
            return count
        }
        let error = await failure(DeviceFilePrinter(path: path), slip(large)).error
        #expect(error?.code == .disconnected)
        #expect(await leaving.value >= 200_000)
        withExtendedLifetime(folder) {}
    }

    @Test func absentDevicesAreNamed() async throws {
        let (folder, path) = try pipe()
        let missing = await failure(DeviceFilePrinter(path: folder.file("lp9")), slip(small)).error
        #expect(missing?.code == .unreachable)
        #expect(missing?.detail == "device \(folder.file("lp9")): open: No such file or directory")
        // A pipe nobody has open for reading: the driver would say ENXIO or ENODEV in the same way.
        #expect(await failure(DeviceFilePrinter(path: path), slip(small)).error?.code == .disconnected)
        // A folder cannot be written.
        #expect(await failure(DeviceFilePrinter(path: folder.path), slip(small)).error?.code == .unreachable)
        // Always full.
        #expect(await failure(DeviceFilePrinter(path: "/dev/full"), slip(small)).error?.code == .paperOut)
    }

    @Test func deviceThatComesBackPrintsAgain() async throws {
        let (folder, path) = try pipe()
        let printer = DeviceFilePrinter(path: path, deadlines: quick)
        _ = await failure(printer, slip(small))
        let descriptor = open(path, O_RDONLY | O_NONBLOCK)
        defer { close(descriptor) }
        _ = fcntl(descriptor, F_SETFL, 0)
        let received = reader(descriptor, count: small.count)
        try await printer.send(slip(small))
        #expect(await received.value == small)
        withExtendedLifetime(folder) {}
    }
}

/// Whoever hangs is ended by the limit; how soon a deadline acts on a loaded machine is not asserted.
@Suite(.timeLimit(.minutes(1))) struct NetworkPrinterTests {
    @Test func everyByteArrivesInOrderAndTheEndIsSeen() async throws {
        let server = try PrinterServer(.reads)
        let printer = NetworkPrinter(host: "127.0.0.1", port: server.port)
        #expect(printer.name == "tcp 127.0.0.1:\(server.port)")
        for bytes in [large, small] {
            try await printer.send(slip(bytes))
            #expect(await server.received() == bytes)
        }
    }

    @Test func printerThatTalksBackDoesNotDisturb() async throws {
        let server = try PrinterServer(.talksBack)
        try await NetworkPrinter(host: "127.0.0.1", port: server.port).send(slip(large))
        #expect(await server.received() == large)
    }

    @Test func printerThatNeverClosesCostsTheFarewellOnly() async throws {
        let server = try PrinterServer(.neverCloses)
        try await NetworkPrinter(host: "127.0.0.1", port: server.port, deadlines: quick).send(slip(small))
        #expect(await server.received() == small)
    }

    @Test func printerThatStopsReadingTimesOut() async throws {
        let server = try PrinterServer(.stopsReading)
        let many = slip(Data(repeating: 7, count: 16_000_000))
        let (error, took) = await failure(NetworkPrinter(host: "127.0.0.1", port: server.port, deadlines: quick), many)
        #expect(error?.code == .timedOut)
        #expect(took >= .milliseconds(500))
    }

    @Test func slipThatFitsOurBuffersButNotThePrintersIsNotDone() async throws {
        let server = try PrinterServer(.stopsReading)
        // Our side buffers some 2.5 MB on loopback; the printer's window is a few kilobytes.
        let (error, _) = await failure(
            NetworkPrinter(host: "127.0.0.1", port: server.port, deadlines: quick), slip(large.prefix(300_000)))
        #expect(error?.code == .timedOut)
    }

    @Test func resetHalfWayIsDisconnected() async throws {
        let server = try PrinterServer(.resets)
        let error = await failure(
            NetworkPrinter(host: "127.0.0.1", port: server.port), slip(Data(repeating: 7, count: 16_000_000))
        ).error
        #expect(error?.code == .disconnected)
    }

    @Test func refusedIsUnreachable() async throws {
        let port = try PrinterServer.unusedPort()
        let error = await failure(NetworkPrinter(host: "127.0.0.1", port: port), slip(small)).error
        #expect(error == PrinterError(code: .unreachable, detail: "tcp 127.0.0.1:\(port): connect: Connection refused"))
    }

    @Test func fullBacklogTimesOutAtTheConnectDeadline() async throws {
        let server = try PrinterServer(.neverAccepts)
        // Connections the kernel still takes by itself.
        let keep = (0..<8).map { _ in PrinterServer.connectWithoutWaiting(server.port) }
        defer { for descriptor in keep { close(descriptor) } }
        let error = await failure(
            NetworkPrinter(host: "127.0.0.1", port: server.port, deadlines: quick), slip(small)
        ).error
        #expect(error?.code == .timedOut)
        #expect(error?.detail.contains("connect") == true)
    }

    @Test func aNameIsNotLookedUp() async throws {
        let server = try PrinterServer(.reads)
        let error = await failure(NetworkPrinter(host: "localhost", port: server.port), slip(small)).error
        #expect(error?.code == .unreachable)
        #expect(["127.0.0.1", "::1", "fe80::1"].allSatisfy(NetworkPrinter.isAddress))
        #expect(
            !["", "localhost", "printer.local", "192.168.1", "192.168.1.300"].contains(where: NetworkPrinter.isAddress))
    }
}
