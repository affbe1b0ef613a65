// Settings of the kiosk: defaults, and errors that name file, line and key.

import KioskDaemon
import Testing

@Suite struct KioskSettingsTests {
    @Test func aLabelIsEnough() throws {
        let settings = try KioskSettings(yaml: "label: 入口1号机", file: "kiosk.yaml")
        #expect(settings.listen.host == "127.0.0.1")
        #expect(settings.listen.port == 7180)
        #expect(settings.stateFolder == "/var/lib/jobfair-kiosk")
        #expect(settings.controlSocket == "/run/jobfair-kiosk/control.sock")
        #expect(settings.printer.kind == .none)
        #expect(!settings.isDemonstration)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var yaml: String
        var problem: String
        var testDescription: String { problem }
    }

    static let rows = [
        Row(yaml: "listen: {port: 1}", problem: "k.yaml:1: label: is missing"),
        Row(
            yaml: "label: A\nlisten:\n  host: 0.0.0.0",
            problem: "k.yaml:3: listen.host: takes a loopback address (127.0.0.1, ::1, localhost)"),
        Row(yaml: "label: A\nlisten:\n  port: 0", problem: "k.yaml:3: listen.port: takes 1 to 65535, found 0"),
        Row(yaml: "label: A\nstateFolder: state", problem: "k.yaml:2: stateFolder: takes an absolute path"),
        Row(yaml: "label: A\nprinter:\n  kind: device", problem: "k.yaml:3: printer.path: is missing"),
        Row(yaml: "label: A\nprinter:\n  kind: network", problem: "k.yaml:3: printer.host: is missing"),
        Row(
            yaml: "label: A\nprinter:\n  kind: network\n  host: printer.example.cn",
            problem:
                "k.yaml:4: printer.host: takes an IP address such as 192.168.1.50: looking up a name can hang where "
                + "there is no network. Give the printer a fixed address"),
        Row(
            yaml: "label: A\nprinter:\n  kind: fax",
            problem: "k.yaml:3: printer.kind: takes one of folder, device, network, none"),
        Row(
            yaml: "label: A\nruntimeFolder: /" + String(repeating: "r", count: 95),
            problem: "k.yaml:2: runtimeFolder: is too long for a socket: at most 94 bytes (unix(7))"),
    ]

    @Test(arguments: rows) func aWrongValueIsNamed(row: Row) throws {
        do {
            _ = try KioskSettings(yaml: row.yaml, file: "k.yaml")
            Issue.record("was taken: \(row.yaml)")
        } catch {
            #expect("\(error)" == row.problem)
        }
    }
}
