// The page in a real browser: Tests/Browser/drive-kiosk-page.py plays the people.

import Foundation
import KioskWeb
import Testing

/// Needs Chromium and python3-selenium, so it runs only where `KIOSK_BROWSER=1` says they are there.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["KIOSK_BROWSER"] == "1"))
struct BrowserTests {
    @Test func peopleUseThePage() async throws {
        let desk = FakeDesk()
        let environment = ProcessInfo.processInfo.environment
        let pictures = environment["KIOSK_SCREENSHOTS"] ?? NSTemporaryDirectory() + "kiosk-screenshots"
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Browser/drive-kiosk-page.py").path
        try await withKiosk(desk) { port in
            let status = try await run(
                "/usr/bin/env",
                ["python3", script, "--base", "http://127.0.0.1:\(port)", "--screenshots", pictures, "--fake-desk"])
            #expect(status == 0, "the script says what was wrong")
        }
        #expect(await desk.calls.registrations >= 2)
        #expect(await desk.calls.entries == 2, "one per screen size")
        #expect(await desk.calls.checkIns >= 1)
    }

    /// For trying the page by hand: `KIOSK_SERVE_PORT=7180` serves it with the fake desk until the test is stopped.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["KIOSK_SERVE_PORT"] != nil))
    func serveForTrying() async throws {
        let port = try #require(Int(ProcessInfo.processInfo.environment["KIOSK_SERVE_PORT"] ?? ""))
        try await withKiosk(FakeDesk(), settings: .init(port: port)) { _ in try await Task.sleep(for: .seconds(3600)) }
    }

    private func run(_ program: String, _ arguments: [String]) async throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        return try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
    }
}
