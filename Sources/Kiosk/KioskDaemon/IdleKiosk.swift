// The kiosk's files while no daemon runs: what `kioskctl export` and `import` work on then.

import DurableFiles
import Glibc
public import KioskCore
import KioskDevices
import KioskStore
public import KioskSync
import Logging
import SyncProtocol

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Why the files cannot be worked on, in a sentence for the technician.
public struct IdleKioskError: Error, CustomStringConvertible, Sendable {
    public let description: String
}

public struct IdleKiosk {
    private let settings: KioskSettings
    private let logger = Logger(label: "kioskctl") { _ in SwiftLogNoOpLogHandler() }

    /// - Parameter configuration: path of kiosk.yaml.
    public init(configuration: String) throws {
        settings = try KioskDaemon.loadSettings(configuration)
    }

    // MARK: Export

    /// Whether a folder lies on the disk of this kiosk's data, or on that of the system: then it is no stick, most likely
    /// the empty folder of one that is not mounted.
    ///
    /// - Parameter configuration: path of kiosk.yaml; where it cannot be read the data are where they are by default.
    public static func isOwnDisk(_ folder: String, configuration: String) -> Bool {
        let settings = try? KioskDaemon.loadSettings(configuration)
        guard let device = device(folder) else { return false }
        return [settings?.stateFolder ?? KioskSettings.stateFolderDefault, "/"].contains { self.device($0) == device }
    }

    private static func device(_ path: String) -> UInt64? {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(status.st_dev) : nil
    }

    /// Gives `take` the device's public key and every frame of the scope; changes nothing, on whatever disk.
    ///
    /// - Returns: false where the database is damaged; then these are all frames that could be found in it.
    public func frames(
        _ scope: FrameScope, _ take: (_ devicePublicKey: Data, _ frame: Data) throws -> Void
    ) throws -> Bool {
        let publicKey = try devicePublicKey()
        let records = IdleRecords(path: settings.recordsFile, publicKey: publicKey, logger: logger)
        do {
            return try records.read(scope) { try take(publicKey, $0) } == .tables
        } catch let failure as IdleRecords.Failure {
            throw error(failure)
        }
    }

    public func devicePublicKey() throws -> Data {
        let path = settings.stateFolder + "/keys/device.key"
        guard let bytes = try? DurableFile.read(path), let key = try? SigningKey(rawRepresentation: bytes) else {
            throw IdleKioskError(
                description: """
                    \(path): 读不到本机密钥。请用 root 运行；state 目录对吗？
                    The device key cannot be read. Run as root; is this the state folder?
                    """)
        }
        return key.publicKey
    }

    /// What headquarters signed at enrolment; nil: not enrolled, or it cannot be read.
    public var statement: Data? { EnrolmentStore.statement(stateFolder: settings.stateFolder) }

    private func error(_ failure: IdleRecords.Failure) -> IdleKioskError {
        let file = settings.recordsFile
        switch failure {
        case .inUse:
            return IdleKioskError(
                description: """
                    \(file): 正被 kioskd 使用，但它没有应答。请先停止：systemctl stop kioskd，再试一次。
                    kioskd holds the file and does not answer. Stop it first: systemctl stop kioskd, then try again.
                    """)
        case .absent:
            return IdleKioskError(
                description: "\(file): 没有这个文件；本机没有记录。 There is no such file; this kiosk has no records.")
        case .unreadable:
            return IdleKioskError(
                description: """
                    \(file): 无法读取或复制到内存。请用 root 运行。
                    It cannot be read, or not copied into memory. Run as root.
                    """)
        }
    }

    // MARK: Import

    /// Opens the stores as the daemon would, and as the user who owns them: files of root would stop the daemon later. While
    /// `work` hands entries over records are committed; afterwards the stores are closed.
    public func receiving<Value>(_ work: (StickReception) async throws -> Value) async throws -> Value {
        try becomeOwner()
        let (store, reception) = try open()
        let value: Value
        do {
            value = try await store.committing { try await work(reception) }
        } catch {
            try? store.close()
            throw error
        }
        try store.close()
        return value
    }

    private func open() throws -> (SQLiteRecordStore, StickReception) {
        do {
            let enrolments = try EnrolmentStore(stateFolder: settings.stateFolder)
            let (device, _) = try enrolments.loadOrMakeKeys()
            let store = try SQLiteRecordStore(settings: settings.recordStore, signer: device, logger: logger)
            let catalogues = try SQLiteCatalogueStore(
                path: settings.catalogueFile,
                verified: { signed in
                    try CatalogueMapping.catalogue(signed: signed, keyList: enrolments.enrolment?.keyList)
                }, logger: logger)
            let fairControl = FairControl(
                store: store, fairs: CurrentFair(store: catalogues), sealer: { enrolments.sealer },
                clock: try SystemClock(counterFile: settings.stateFolder + "/boot.counter"),
                makeRecordID: Wiring.makeRecordID, committed: {},
                closed: { [settings] in unlink(settings.slipTriesFile) })
            return (
                store,
                StickReception(
                    enrolments: enrolments, catalogues: catalogues, outbox: store,
                    keepErasures: { erasures async throws(RecordStoreError) in try await store.keep(erasures) },
                    downloaded: { _ in },
                    follow: Wiring.following(fairControl, deviceID: device.deviceID, logger: logger),
                    leftLineage: { _ in }, logger: logger)
            )
        } catch let error as KioskStoreError where error.code == .inUse {
            throw self.error(.inUse)
        } catch {
            throw IdleKioskError(
                description: """
                    \(settings.stateFolder): 打不开本机数据。\(Self.remedy(error))
                    This kiosk's data cannot be opened: \(error).
                    """)
        }
    }

    private static func remedy(_ error: any Error) -> String {
        switch (error as? KioskStoreError)?.code {
        case .newerVersion: "它是新版程序写的：请安装新版程序。记录可以照常用 kioskctl export 导出。"
        case .diskFull: "磁盘已满：请在本机数据目录以外腾出空间。"
        case .diskFailing: "磁盘读写出错：请保留这张卡，用 kioskctl export 导出记录。"
        default: "请看下面的原因；记录可以用 kioskctl export 导出。"
        }
    }

    private func becomeOwner() throws {
        var status = stat()
        guard stat(settings.stateFolder, &status) == 0 else {
            throw IdleKioskError(
                description: "\(settings.stateFolder): 没有这个目录。 There is no such folder.")
        }
        guard geteuid() == 0, status.st_uid != 0 else { return }
        umask(0o077)
        guard setgroups(0, nil) == 0, setgid(status.st_gid) == 0, setuid(status.st_uid) == 0 else {
            throw IdleKioskError(description: "setuid: errno \(errno)")
        }
    }
}
