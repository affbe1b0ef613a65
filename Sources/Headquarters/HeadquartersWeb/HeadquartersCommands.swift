// The commands of headquartersd as functions: settings in, text out.

import DurableFiles
import HeadquartersCore
import HeadquartersStore
import JobFair
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#endif

/// What `headquartersd` does besides serving. The commands work while `serve` runs: they open the same store for a few
/// short transactions (`SQLiteHeadquartersStore` says how the processes keep out of each other's way).
public struct HeadquartersCommands: Sendable {
    /// A code works this long after it was made.
    public static let codeHours = 24
    /// Characters of a kiosk's label: it stands on the kiosk, in lists and in the figures.
    public static let labelCharactersMax = 40
    /// Bytes of it in UTF-8; a kiosk takes `SyncLimits.labelCharactersMax` and not one more.
    public static let labelBytesMax = 120
    private static let hourMilliseconds: Int64 = 3_600_000

    let settings: HeadquartersSettings

    public init(settings: HeadquartersSettings) {
        self.settings = settings
    }

    var keyFolder: KeyFolder { KeyFolder(stateFolder: settings.stateFolder) }

    func openStore() throws -> SQLiteHeadquartersStore {
        try DurableFile.makeFolder(settings.stateFolder)
        return try SQLiteHeadquartersStore(stateFolder: settings.stateFolder)
    }

    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    // MARK: Keys

    /// Makes the keys where there are none, backs them up and reads the backup back.
    public func backUpKeys(passphraseFile: String, to path: String) throws -> String {
        try DurableFile.makeFolder(settings.stateFolder)
        try keyFolder.backUp(passphrase: try Self.passphrase(passphraseFile), to: path)
        return """
            The keys of this headquarters are in \(path), encrypted by your passphrase; the file was read back and compared.
            Keep it and the passphrase apart, and both away from this machine: without them every record is lost.
            """
    }

    public func restoreKeys(passphraseFile: String, from path: String) throws -> String {
        try DurableFile.makeFolder(settings.stateFolder)
        try keyFolder.restore(passphrase: try Self.passphrase(passphraseFile), from: path)
        return "The keys of \(path) are in place."
    }

    /// The first line of the file, without its line feed.
    private static func passphrase(_ path: String) throws -> Data {
        guard let content = try DurableFile.read(path) else {
            throw HeadquartersError(.passphraseUnsuitable, "there is no file \(path)")
        }
        return Data(content.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") })
    }

    // MARK: Fairs

    /// - Parameter kind: `fair` or `rehearsal`; overrides the file's.
    public func createFair(from path: String, kind: String?) async throws -> String {
        guard let content = try DurableFile.read(path) else {
            throw HeadquartersError(.fairFileInvalid, "\(path): there is no such file")
        }
        guard let today = BeijingTime(milliseconds: Self.now())?.day else {
            throw HeadquartersError(.fairFileInvalid, "the clock of this machine stands before 1970")
        }
        let catalogue = try FairFile.catalogue(
            yaml: String(decoding: content, as: UTF8.self), file: path,
            context: FairFile.Context(
                today: today, formAddress: settings.formAddress, kind: kind.flatMap(FairKind.init(rawValue:)),
                now: Self.now(),
                random: { [UInt8](Randomness.bytes($0)) }))
        let store = try openStore()
        let stored = try await store.createFair(catalogue, at: Self.now())
        let backlog = try await store.backlog(of: stored.fair.id)
        let next =
            backlog.vacancies == 0
            ? "\nno vacancies yet: headquartersd import --fair \(stored.fair.keyNumber) FILE" : ""
        return """
            \(Self.line(of: stored.fair))
            \(backlog.employers) employers, \(backlog.vacancies) vacancies
            """ + next + Self.waiting(backlog, at: stored.fair)
    }

    public func listFairs() async throws -> String {
        let fairs = try await openStore().fairs()
        return fairs.isEmpty ? "no fairs yet" : fairs.map(Self.line).joined(separator: "\n")
    }

    private static func line(of fair: Fair) -> String {
        let days = fair.days.map(\.description).joined(separator: " ")
        return "\(fair.id)  number \(fair.keyNumber)  \(fair.kind.rawValue)  \(days)  \(fair.name)"
    }

    // MARK: Kiosks

    /// - Parameter fairs: ids or key numbers; empty: every fair there is.
    public func addKiosk(label: String, fairs names: [String]) async throws -> String {
        try Self.check(label: label)
        let keys = try keyFolder.load()
        guard try keyFolder.isBackedUp() else {
            throw HeadquartersError(
                .backupMissing, "the keys are not backed up: no kiosk can be enrolled",
                hint: "headquartersd keys backup --passphrase-file FILE --to FILE")
        }
        let store = try openStore()
        let chosen = try Self.choose(names, of: try await store.fairs())
        guard chosen.count <= SyncLimits.fairsMax else {
            throw HeadquartersError(
                .settingsInvalid, "a kiosk is added for at most \(SyncLimits.fairsMax) fairs, here are \(chosen.count)",
                hint: "name the fairs with --fair")
        }
        let code = EnrolmentCode(random: Randomness.bytes(5), rootPublicKey: keys.root.publicKey)
        let at = Self.now()
        try await store.addEnrolmentCode(
            NewEnrolmentCode(
                hash: code.secretHash, kioskLabel: label, fairIDs: chosen.map(\.id), createdAt: at,
                expiresAt: at + Int64(Self.codeHours) * Self.hourMilliseconds))
        return """
            \(code.text)
            One time, within \(Self.codeHours) hours, for \(label) at: \(chosen.map(\.name).joined(separator: ", "))
            """
    }

    private static func check(label: String) throws {
        guard !label.allSatisfy(\.isWhitespace), label.count <= labelCharactersMax,
            label.utf8.count <= labelBytesMax
        else {
            throw HeadquartersError(
                .settingsInvalid,
                "a label has 1 to \(labelCharactersMax) characters and at most \(labelBytesMax) bytes in UTF-8; "
                    + "this one has \(label.count) and \(label.utf8.count)",
                hint: "a Chinese character takes 3 bytes, rare ones 4: choose a shorter label")
        }
    }

    /// Gives an enrolled kiosk one more fair.
    ///
    /// - Parameters:
    ///   - name: device id as `kiosk list` shows it, or a label that only one kiosk has.
    ///   - fair: id or key number.
    public func grantFair(kiosk name: String, fair fairName: String) async throws -> String {
        let store = try openStore()
        let device = try await Self.kiosk(name, in: store)
        guard let fair = try Self.choose([fairName], of: try await store.fairs()).first else {
            throw HeadquartersError(.fairUnknown, "there is no fair \(fairName)")
        }
        let isNew = try await store.grantFair(fair.id, to: device.deviceID)
        return isNew
            ? "\(device.kioskLabel) has \(fair.name) from its next contact on"
            : "\(device.kioskLabel) had \(fair.name) already"
    }

    static func choose(_ names: [String], of fairs: [Fair]) throws -> [Fair] {
        if names.isEmpty { return fairs }
        return try names.map { name in
            guard
                let fair = fairs.first(where: { $0.id.description == name.lowercased() || String($0.keyNumber) == name }
                )
            else {
                throw HeadquartersError(
                    .fairUnknown, "there is no fair \(name)", hint: "headquartersd fair list shows ids and numbers")
            }
            return fair
        }
    }
}
