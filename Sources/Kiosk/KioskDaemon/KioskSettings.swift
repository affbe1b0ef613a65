// The settings of one kiosk: kiosk.yaml, with defaults for everything but the label.

import KioskDevices
import SettingsFile

/// Checked settings of `kioskd`. Secrets are never in here; they are files of their own in `stateFolder/keys`.
public struct KioskSettings: Sendable, Equatable {
    public enum PrinterKind: String, Sendable, CaseIterable { case folder, device, network, none }

    public struct Listen: Sendable, Equatable {
        /// A loopback address: nothing personal goes over the fair's network before there is TLS on it.
        public var host = "127.0.0.1"
        public var port = 7180
    }

    public struct Printer: Sendable, Equatable {
        public var kind = PrinterKind.none
        /// Folder of PNG files, or device file such as `/dev/usb/lp0`.
        public var path = ""
        /// An IP address of a network printer.
        public var host = ""
        public var port = 9100
        /// File name in `printerProfilesFolder`, without `.yaml`.
        public var profile = "58mm"
    }

    /// The stick that stays in the kiosk.
    public struct Stick: Sendable, Equatable {
        /// Where it is mounted; empty: there is none.
        public var folder = ""
        /// Only a mount counts: else records would go to the kiosk's own disk. False for trying things.
        public var mustBeMounted = true
    }

    /// What is written on the kiosk, e.g. `入口1号机`; at most 40 characters.
    public var label: String
    public var listen: Listen
    public var stateFolder: String
    public var runtimeFolder: String
    /// Only in `make run`: the page shows the last slip.
    public var isDemonstration: Bool
    public var printer: Printer
    public var stick: Stick
    public var printerProfilesFolder: String
    public var fontsConfiguration: String

    static let stateFolderDefault = "/var/lib/jobfair-kiosk"
    static let loopbackHosts = ["127.0.0.1", "::1", "localhost"]

    /// - Parameters:
    ///   - yaml: the text of the file.
    ///   - file: its name, for error lines.
    /// - Throws: `SettingsError` with every problem of the file.
    public init(yaml: String, file: String) throws {
        let root = try SettingsSection(yaml: yaml, file: file)
        label = root.requiredString("label", max: 40)
        let listen = root.section("listen")
        self.listen = Listen(
            host: listen.string("host", default: "127.0.0.1"),
            port: listen.integer("port", default: 7180, in: 1...65535))
        if !Self.loopbackHosts.contains(self.listen.host) {
            listen.report("host", "takes a loopback address (\(Self.loopbackHosts.joined(separator: ", ")))")
        }
        stateFolder = root.string("stateFolder", default: Self.stateFolderDefault)
        runtimeFolder = root.string("runtimeFolder", default: "/run/jobfair-kiosk")
        isDemonstration = root.boolean("demonstration", default: false)
        let printer = root.section("printer")
        self.printer = Printer(
            kind: printer.choice("kind", default: PrinterKind.none), path: printer.string("path", default: ""),
            host: printer.string("host", default: ""), port: printer.integer("port", default: 9100, in: 1...65535),
            profile: printer.string("profile", default: "58mm"))
        let stick = root.section("stick")
        self.stick = Stick(
            folder: stick.string("folder", default: ""),
            mustBeMounted: stick.boolean("mustBeMounted", default: true))
        if !self.stick.folder.isEmpty, !self.stick.folder.hasPrefix("/") {
            stick.report("folder", "takes an absolute path")
        }
        printerProfilesFolder = root.string(
            "printerProfilesFolder", default: "/usr/share/jobfair-kiosk/printers")
        fontsConfiguration = root.string("fontsConfiguration", default: "/usr/share/jobfair-kiosk/fonts.conf")
        for (key, path) in [("stateFolder", stateFolder), ("runtimeFolder", runtimeFolder)] where !path.hasPrefix("/") {
            root.report(key, "takes an absolute path")
        }
        // The control socket's path has to fit sockaddr_un (108 bytes with its terminating zero, unix(7)).
        if runtimeFolder.utf8.count + "/control.sock".utf8.count > 107 {
            root.report("runtimeFolder", "is too long for a socket: at most 94 bytes (unix(7))")
        }
        switch self.printer.kind {
        case .folder, .device:
            if self.printer.path.isEmpty { printer.reportMissing("path") }
        case .network:
            if self.printer.host.isEmpty {
                printer.reportMissing("host")
            } else if !NetworkPrinter.isAddress(self.printer.host) {
                printer.report(
                    "host",
                    "takes an IP address such as 192.168.1.50: looking up a name can hang where there is no network. "
                        + "Give the printer a fixed address")
            }
        case .none: break
        }
        try root.finish()
    }

    public var controlSocket: String { runtimeFolder + "/control.sock" }
    public var recordsFile: String { stateFolder + "/records.sqlite" }
    public var catalogueFile: String { stateFolder + "/catalogue.sqlite" }
}
