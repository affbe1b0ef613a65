// Settings of headquartersd: YAML, strict, with defaults.

import DurableFiles
import HTTPTypes
import SettingsFile

/// `headquarters.yaml`. Every key is optional except where said; unknown keys and wrong types are errors that name
/// file, line and key. Secrets are never in it.
public struct HeadquartersSettings: Hashable, Sendable {
    public struct Listen: Hashable, Sendable {
        public var host: String
        public var port: Int

        public init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    /// Backups that `serve` makes by itself.
    public struct Backup: Hashable, Sendable {
        /// Has to exist, and lie on another disk than the database; nil: none are made by themselves.
        public var folder: String?
        public var everyMinutes: Int
        /// Verified ones kept in the folder.
        public var keep: Int
        /// A backup on the file system of the database lets kiosks purge, too.
        public var sameDiskCounts: Bool

        public init(folder: String? = nil, everyMinutes: Int = 60, keep: Int = 8, sameDiskCounts: Bool = false) {
            self.folder = folder
            self.everyMinutes = everyMinutes
            self.keep = keep
            self.sameDiskCounts = sameDiskCounts
        }
    }

    /// Shown to kiosks and on the form, e.g. the bureau's name.
    public var name: String
    public var stateFolder: String
    /// TLS by our own CA; kiosks only.
    public var sync: Listen
    /// Host names and addresses under which kiosks reach `sync`: in the server's certificate.
    public var syncHosts: [String]
    /// Job-intent form: plain HTTP behind a proxy, or on loopback.
    public var form: Listen
    /// Scheme and host that the QR codes carry, upper case, without a slash at the end.
    public var formAddress: String
    /// A header in which our own proxy names the phone, e.g. `x-forwarded-for`; nil: no proxy, or one that names none.
    public var formClientHeader: String?
    /// Figures and, behind a login, the desk: loopback only.
    public var desk: Listen
    /// `https://HOST[:PORT]` of a proxy with TLS before the desk, lower case; nil: there is none.
    public var deskAddress: String?
    /// As `formClientHeader`, for that proxy.
    public var deskClientHeader: String?
    /// Days before a real fair's first day from which every kiosk gets it by itself; 0: only kiosks that are given it.
    public var daysAhead: Int
    public var backup: Backup
    /// Days after a fair's last day from which its records are wiped; nil: never by themselves.
    public var retentionDays: Int?
    /// Less free space than this, in MiB, under the state folder or the backups is a warning.
    public var diskWarnMebibytes: Int
    /// `critical`, `error`, `warning`, `notice`, `info`, `debug`, `trace`.
    public var logLevel: String

    public init(
        name: String = "招聘会总部", stateFolder: String = "/var/lib/jobfair-headquarters",
        sync: Listen = Listen(host: "127.0.0.1", port: 7443), syncHosts: [String] = ["127.0.0.1", "localhost"],
        form: Listen = Listen(host: "127.0.0.1", port: 7280), formAddress: String = "HTTP://127.0.0.1:7280",
        formClientHeader: String? = nil, desk: Listen = Listen(host: "127.0.0.1", port: 7281),
        deskAddress: String? = nil, deskClientHeader: String? = nil, daysAhead: Int = 30,
        backup: Backup = Backup(), retentionDays: Int? = nil, diskWarnMebibytes: Int = 2048, logLevel: String = "info"
    ) {
        self.name = name
        self.stateFolder = stateFolder
        self.sync = sync
        self.syncHosts = syncHosts
        self.form = form
        self.formAddress = formAddress
        self.formClientHeader = formClientHeader
        self.desk = desk
        self.deskAddress = deskAddress
        self.deskClientHeader = deskClientHeader
        self.daysAhead = daysAhead
        self.backup = backup
        self.retentionDays = retentionDays
        self.diskWarnMebibytes = diskWarnMebibytes
        self.logLevel = logLevel
    }

    /// Reads a file; throws `SettingsError` with every problem, or `HeadquartersError` where it cannot be read.
    public static func load(_ path: String) throws -> HeadquartersSettings {
        guard let content = try DurableFile.read(path) else {
            throw HeadquartersError(.settingsInvalid, "\(path): there is no such file")
        }
        return try HeadquartersSettings(yaml: String(decoding: content, as: UTF8.self), file: path)
    }

    /// - Parameter file: for messages only.
    public init(yaml: String, file: String) throws {
        let root = try SettingsSection(yaml: yaml, file: file)
        let standard = HeadquartersSettings()
        name = root.string("name", default: standard.name, max: 60)
        stateFolder = root.string("stateFolder", default: standard.stateFolder, max: 255)
        if !stateFolder.hasPrefix("/") { root.report("stateFolder", "takes an absolute path") }
        let syncSection = root.section("sync")
        sync = Self.listen(syncSection, standard: standard.sync)
        let hosts = syncSection.strings("names", max: 16)
        syncHosts = hosts.isEmpty ? standard.syncHosts : hosts
        for host in syncHosts where !Self.isHost(host) {
            syncSection.report("names", "holds something that is neither a host name nor an address")
        }
        let formSection = root.section("form")
        form = Self.listen(formSection, standard: standard.form)
        formAddress = formSection.string("address", default: standard.formAddress, max: 60).uppercased()
        if !Self.isFormAddress(formAddress) {
            formSection.report("address", "takes HTTP:// or HTTPS:// and a host (with a port), no path")
        }
        formClientHeader = Self.clientHeader(formSection)
        let deskSection = root.section("desk")
        desk = Self.listen(deskSection, standard: standard.desk)
        if !["127.0.0.1", "::1", "localhost"].contains(desk.host) {
            deskSection.report(
                "host", "is loopback only (127.0.0.1, ::1, localhost): passwords go through TLS, which a proxy has")
        }
        deskAddress = deskSection.optionalString("address", max: 255)?.lowercased()
        if let address = deskAddress, !address.hasPrefix("https://") || !Self.isHost(String(address.dropFirst(8))) {
            deskSection.report("address", "takes https:// and a host (with a port), no path")
        }
        deskClientHeader = Self.clientHeader(deskSection)
        daysAhead = root.section("fairs").integer("daysAhead", default: standard.daysAhead, in: 0...366)
        backup = Self.backup(root.section("backup"), standard: standard.backup)
        retentionDays = root.section("retention").optionalInteger("daysAfterFair", in: Self.retentionDaysRange)
        diskWarnMebibytes = root.section("disk").integer(
            "warnBelowMiB", default: standard.diskWarnMebibytes, in: 64...1_048_576)
        let level = root.section("log")
        logLevel = level.string("level", default: standard.logLevel, max: 16)
        if !["critical", "error", "warning", "notice", "info", "debug", "trace"].contains(logLevel) {
            level.report("level", "takes one of critical, error, warning, notice, info, debug, trace")
        }
        try root.finish()
    }

    /// A claimed intent waits 90 days for its record; ten years is what no law asks for.
    public static let retentionDaysRange = 90...3650

    private static func backup(_ section: SettingsSection, standard: Backup) -> Backup {
        let backup = Backup(
            folder: section.optionalString("folder", max: 255),
            everyMinutes: section.integer("everyMinutes", default: standard.everyMinutes, in: 5...1440),
            keep: section.integer("keep", default: standard.keep, in: 2...1000),
            sameDiskCounts: section.boolean("sameDiskCounts", default: standard.sameDiskCounts))
        if let folder = backup.folder, !folder.hasPrefix("/") { section.report("folder", "takes an absolute path") }
        return backup
    }

    private static func clientHeader(_ section: SettingsSection) -> String? {
        let header = section.optionalString("clientHeader", max: 60)
        if let header, HTTPField.Name(header) == nil {
            section.report("clientHeader", "takes the name of an HTTP header, e.g. x-forwarded-for")
        }
        return header
    }

    private static func listen(_ section: SettingsSection, standard: Listen) -> Listen {
        Listen(
            host: section.string("host", default: standard.host, max: 255),
            port: section.integer("port", default: standard.port, in: 1...65_535))
    }

    private static func isHost(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 255
            && text.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    || [45, 46, 58].contains($0)
            }
    }

    static func isFormAddress(_ text: String) -> Bool {
        for scheme in ["HTTP://", "HTTPS://"] where text.hasPrefix(scheme) {
            return isHost(String(text.dropFirst(scheme.count)))
        }
        return false
    }
}
