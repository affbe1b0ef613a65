// Who this kiosk is to headquarters: keys, statement, key list and grants, as files in the state folder.

import DurableFiles
import Glibc
public import JobFair
public import KioskCore
public import SyncProtocol
import Synchronization

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// An enrolled kiosk.
public struct Enrolment: Sendable {
    public var device: SigningKey
    public var agreement: AgreementKey
    /// 16 bytes.
    public var deviceID: Data
    public var kioskLabel: String
    public var fairIDs: [FairID]
    /// `https://host:port` of headquarters' sync listener.
    public var address: String
    public var keyList: TrustedKeyList
    /// What headquarters signed at enrolment; shown to one that was restored to before it.
    var statement: WireSigned
}

/// What one fair's grant gives this kiosk.
public struct FairGrant: Sendable {
    public var fairID: FairID
    public var keyNumber: Int
    /// 32 bytes, secret.
    public var tokenKey: Data
    /// Two letters each.
    public var ticketPairs: [String]

    static func fairID(of grant: WireGrant) -> FairID? { FairID(bytes: grant.fairID) }
}

public struct EnrolmentStoreError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// The disk failed.
        case fileFailed
        /// A file is there and not what it should be.
        case damaged
    }
    public var code: Code
    /// File and reason, never content.
    public var detail: String

    public var description: String { "\(code.rawValue): \(detail)" }
}

/// `keys/` and `enrolment/` of the kiosk's state folder. Everything is written with mode 0600, synced and renamed; the
/// statement comes last, so a kiosk is enrolled wholly or not at all.
public final class EnrolmentStore: Sendable {
    private struct State {
        var enrolment: Enrolment?
        var grants: [FairID: FairGrant] = [:]
    }

    private let folder: String
    private let state: Mutex<State>

    /// Reads what is there. Throws `damaged` where a file is not what it should be: better no start than a kiosk that
    /// forgets who it is.
    public init(stateFolder: String) throws(EnrolmentStoreError) {
        folder = stateFolder
        let enrolment = try Self.load(stateFolder)
        let grants = try Self.loadGrants(stateFolder)
        state = Mutex(State(enrolment: enrolment, grants: grants))
    }

    /// Nil: not enrolled yet.
    public var enrolment: Enrolment? { state.withLock { $0.enrolment } }

    /// Seals records to headquarters; nil until the kiosk is enrolled.
    public var sealer: (any ContentSealer)? {
        guard let enrolment, let key = enrolment.keyList.currentSealingKey,
            let seal = try? HPKESealer(publicKey: key.publicKey)
        else { return nil }
        return RecordSealer(sealer: seal, deviceID: enrolment.deviceID) { [self] fair in grant(of: fair)?.tokenKey }
    }

    public func grant(of fair: FairID) -> FairGrant? { state.withLock { $0.grants[fair] } }

    /// Every fair this kiosk holds a grant of.
    public var grants: [FairGrant] { state.withLock { Array($0.grants.values) } }

    // MARK: - Writing

    /// The device's keys: the ones on disk, or new ones, written before anybody hears of them.
    public func loadOrMakeKeys() throws(EnrolmentStoreError) -> (SigningKey, AgreementKey) {
        let (device, agreement) = try Self.filing { () throws(DurableFileError) in
            try DurableFile.makeFolder(keys)
            return (
                try DurableFile.readOrCreateSecret(devicePath) { SigningKey().rawRepresentation },
                try DurableFile.readOrCreateSecret(agreementPath) { AgreementKey().rawRepresentation }
            )
        }
        do {
            return (try SigningKey(rawRepresentation: device), try AgreementKey(rawRepresentation: agreement))
        } catch {
            throw EnrolmentStoreError(code: .damaged, detail: "\(devicePath) or \(agreementPath)")
        }
    }

    func save(_ enrolment: Enrolment) throws(EnrolmentStoreError) {
        let list = WireCoding.bytes(enrolment.keyList.signed)
        try Self.filing { () throws(DurableFileError) in
            try DurableFile.makeFolder(folder + "/enrolment")
            try DurableFile.replace(Self.keyListPath(folder), with: list)
            try DurableFile.replace(Self.addressPath(folder), with: Data((enrolment.address + "\n").utf8))
            try DurableFile.replace(Self.statementPath(folder), with: WireCoding.bytes(enrolment.statement))
        }
        state.withLock { $0.enrolment = enrolment }
    }

    func save(_ keyList: TrustedKeyList) throws(EnrolmentStoreError) {
        try Self.filing { () throws(DurableFileError) in
            try DurableFile.replace(Self.keyListPath(folder), with: WireCoding.bytes(keyList.signed))
        }
        state.withLock { $0.enrolment?.keyList = keyList }
    }

    func save(_ grant: WireGrant) throws(EnrolmentStoreError) {
        let mapped = try Self.map(grant, "grant")
        try Self.filing { () throws(DurableFileError) in
            try DurableFile.replace("\(keys)/grant-\(mapped.fairID).key", with: WireCoding.bytes(grant))
        }
        state.withLock { $0.grants[mapped.fairID] = mapped }
    }

    /// Letters that came with the answer to hello. Nothing where there is no grant: they come with it then.
    func save(ticketPairs: [String], of fair: FairID) throws(EnrolmentStoreError) {
        let path = "\(keys)/grant-\(fair).key"
        guard let bytes = try Self.secret(path) else { return }
        guard
            var grant = try? WireCoding.message(
                WireGrant.self, from: bytes, bytesMax: SyncLimits.messageBytesMax, name: "grant")
        else { throw EnrolmentStoreError(code: .damaged, detail: path) }
        grant.ticketPairs = ticketPairs
        try save(grant)
    }

    // MARK: - Reading

    private var keys: String { folder + "/keys" }
    private var devicePath: String { folder + "/keys/device.key" }
    private var agreementPath: String { folder + "/keys/agreement.key" }
    private static func statementPath(_ folder: String) -> String { folder + "/enrolment/statement.pb" }
    private static func keyListPath(_ folder: String) -> String { folder + "/enrolment/key-list.pb" }
    private static func addressPath(_ folder: String) -> String { folder + "/enrolment/headquarters.txt" }

    /// As it is on disk; nil where it is not there or cannot be read. For a stick: headquarters checks it.
    public static func statement(stateFolder: String) -> Data? { try? read(statementPath(stateFolder)) }

    /// What headquarters signed at enrolment, for sticks; nil: not enrolled.
    public var statement: Data? { enrolment.map { WireCoding.bytes($0.statement) } }

    private static func load(_ folder: String) throws(EnrolmentStoreError) -> Enrolment? {
        guard let statementBytes = try read(statementPath(folder)) else { return nil }
        guard let listBytes = try read(keyListPath(folder)), let addressBytes = try read(addressPath(folder)),
            let deviceBytes = try key(folder + "/keys/device.key"),
            let agreementBytes = try key(folder + "/keys/agreement.key")
        else { throw EnrolmentStoreError(code: .damaged, detail: "\(folder): files of the enrolment are missing") }
        do {
            let signedList = try WireCoding.message(
                WireSigned.self, from: listBytes, bytesMax: SyncLimits.messageBytesMax, name: "key list")
            let unverified = try WireCoding.message(
                WireKeyList.self, from: signedList.body, bytesMax: SyncLimits.messageBytesMax, name: "key list")
            // The root was checked against the code at enrolment; this file is where it is kept since.
            let list = try TrustedKeyList(
                verifying: signedList, rootHash: SHA256Digest.of(unverified.rootPublicKey))
            let signed = try WireCoding.message(
                WireSigned.self, from: statementBytes, bytesMax: SyncLimits.messageBytesMax, name: "statement")
            return try VerifiedStatement.enrolment(
                signed, keyList: list, device: try SigningKey(rawRepresentation: deviceBytes),
                agreement: try AgreementKey(rawRepresentation: agreementBytes),
                address: String(decoding: addressBytes, as: UTF8.self).trimmingPrefixAndSuffix())
        } catch {
            throw EnrolmentStoreError(code: .damaged, detail: "\(folder)/enrolment: \(error)")
        }
    }

    private static func loadGrants(_ folder: String) throws(EnrolmentStoreError) -> [FairID: FairGrant] {
        var grants: [FairID: FairGrant] = [:]
        for name in grantNames(in: folder + "/keys") {
            let path = "\(folder)/keys/\(name)"
            guard let bytes = try secret(path) else { continue }
            let grant: WireGrant
            do {
                grant = try WireCoding.message(
                    WireGrant.self, from: bytes, bytesMax: SyncLimits.grantBytesMax, name: "grant")
            } catch {
                throw EnrolmentStoreError(code: .damaged, detail: path)
            }
            let mapped = try map(grant, path)
            grants[mapped.fairID] = mapped
        }
        return grants
    }

    private static func map(_ grant: WireGrant, _ name: String) throws(EnrolmentStoreError) -> FairGrant {
        guard let fairID = FairID(bytes: grant.fairID), grant.tokenKey.count == 32 else {
            throw EnrolmentStoreError(code: .damaged, detail: name)
        }
        return FairGrant(
            fairID: fairID, keyNumber: Int(grant.fairKeyNumber), tokenKey: grant.tokenKey,
            ticketPairs: grant.ticketPairs)
    }

    private static func key(_ path: String) throws(EnrolmentStoreError) -> Data? {
        guard let bytes = try secret(path) else { return nil }
        guard bytes.count == 32 else {
            throw EnrolmentStoreError(code: .damaged, detail: "\(path) has \(bytes.count) bytes, not 32")
        }
        return bytes
    }

    private static func read(_ path: String) throws(EnrolmentStoreError) -> Data? {
        try filing { () throws(DurableFileError) in try DurableFile.read(path) }
    }

    private static func secret(_ path: String) throws(EnrolmentStoreError) -> Data? {
        try filing { () throws(DurableFileError) in try DurableFile.readSecret(path) }
    }

    private static func grantNames(in folder: String) -> [String] {
        guard let handle = opendir(folder) else { return [] }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix("grant-"), name.hasSuffix(".key") { names.append(name) }
        }
        return names.sorted()
    }

    private static func filing<Value>(
        _ work: () throws(DurableFileError) -> Value
    ) throws(EnrolmentStoreError) -> Value {
        do {
            return try work()
        } catch {
            throw EnrolmentStoreError(code: .fileFailed, detail: error.description)
        }
    }
}

extension String {
    fileprivate func trimmingPrefixAndSuffix() -> String {
        split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
    }
}

/// A statement is believed once its signature and every name in it fit.
enum VerifiedStatement {
    static func enrolment(
        _ signed: WireSigned, keyList: TrustedKeyList, device: SigningKey, agreement: AgreementKey, address: String
    ) throws(SyncProtocolError) -> Enrolment {
        let body = try keyList.verify(signed, domain: .statement, purpose: .directive)
        let statement = try WireCoding.message(
            WireStatement.self, from: body, bytesMax: SyncLimits.messageBytesMax, name: "statement")
        guard statement.deviceID == device.deviceID, statement.devicePublicKey == device.publicKey,
            statement.agreementPublicKey == agreement.publicKey, statement.headquartersID == keyList.headquartersID
        else { throw SyncProtocolError(.identityMismatch, "statement for another device or headquarters") }
        guard statement.fairIds.count <= SyncLimits.fairsMax,
            statement.kioskLabel.utf8.count <= SyncLimits.labelCharactersMax
        else { throw SyncProtocolError(.tooLarge, "statement") }
        return Enrolment(
            device: device, agreement: agreement, deviceID: device.deviceID, kioskLabel: statement.kioskLabel,
            fairIDs: statement.fairIds.compactMap { FairID(bytes: $0) }, address: address, keyList: keyList,
            statement: signed)
    }
}

extension WireSigned {
    /// Bytes of a statement, unverified: whoever reads the stick verifies it. Nil where they are none.
    init?(statement bytes: Data?) {
        guard let bytes,
            let signed = try? WireCoding.message(
                WireSigned.self, from: bytes, bytesMax: SyncLimits.messageBytesMax, name: "statement")
        else { return nil }
        self = signed
    }
}
