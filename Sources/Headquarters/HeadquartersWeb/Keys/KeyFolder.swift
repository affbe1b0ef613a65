// The folder `keys/` of headquarters and the marker that its backup was verified.

import DurableFiles
import HeadquartersStore
import SyncProtocol

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
#if canImport(Glibc)
import Glibc
#endif

/// `keys/` and `backup.done` in the state folder.
public struct KeyFolder: Sendable {
    private let state: String

    /// - Parameter stateFolder: e.g. `/var/lib/jobfair-headquarters`; made where it is missing.
    public init(stateFolder: String) {
        state = stateFolder
    }

    private var folder: String { state + "/keys" }
    private var marker: String { state + "/backup.done" }

    /// The keys. Throws `keysMissing` where there are none, with the command that makes them or brings them back, and
    /// `keysForeign` where they are not those of the database beside them.
    public func load() throws -> KeyRing {
        let content = try SQLiteHeadquartersStore.keyedContent(stateFolder: state)
        guard let secrets = try readSecrets() else {
            if let content, !content.isEmpty { throw missing(content) }
            throw HeadquartersError(
                .keysMissing, "there are no keys in \(folder)",
                hint: "这个总部以前有密钥的，用密钥备份恢复：headquartersd keys restore。只有新建的总部才用 headquartersd keys backup "
                    + "做新密钥\n  had this headquarters keys before, then headquartersd keys restore --passphrase-file FILE "
                    + "--from FILE brings them back from the backup: new keys open nothing that was sealed to the old "
                    + "ones. Only for a new headquarters headquartersd keys backup --passphrase-file FILE --to FILE "
                    + "makes keys and backs them up")
        }
        return try matching(secrets, content)
    }

    /// New keys would open none of the records, and no kiosk would take them.
    private func missing(_ content: KeyedContent) -> HeadquartersError {
        HeadquartersError(
            .keysMissing,
            "there are no keys in \(folder), and the database has \(content.kiosks) kiosks and \(content.records) "
                + "records that only its own keys open",
            hint: "请用密钥备份恢复：headquartersd keys restore --passphrase-file 文件 --from 文件。不能另做新密钥\n  "
                + "headquartersd keys restore --passphrase-file FILE --from FILE brings them back; none are made anew")
    }

    /// The keys, where they are those of the database. Of a database that wrote down no owner the record that was opened
    /// last says it; one without kiosks and records needs none.
    private func matching(_ secrets: KeySecrets, _ content: KeyedContent?) throws -> KeyRing {
        let keys = try KeyRing(secrets)
        guard let content, !content.isEmpty else { return keys }
        let isOurs =
            content.headquartersID.map { $0 == keys.headquartersID }
            ?? content.sealingKeyID.map { $0 == keys.sealing.keyID } ?? true
        guard isOurs else {
            throw HeadquartersError(
                .keysForeign,
                "these keys are not those of the database, with its \(content.kiosks) kiosks and \(content.records) "
                    + "records",
                hint: "密钥和数据库不是一套：把 \(folder) 改名移开，再用这个总部的密钥备份恢复 headquartersd keys restore\n  "
                    + "move \(folder) away, then headquartersd keys restore from the key backup of this headquarters")
        }
        return keys
    }

    /// Whether exactly these keys were backed up and read back. No kiosk is enrolled before.
    public func isBackedUp() throws -> Bool {
        guard let secrets = try readSecrets(), let text = try DurableFile.read(marker) else { return false }
        return String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(String.init)
            == secrets.fingerprint
    }

    /// Makes the keys where there are none, writes them encrypted to `path`, reads that file back, opens it with the
    /// passphrase, compares, and only then sets the marker. A file that is there is replaced only where the passphrase
    /// opens it and it holds these very keys: it may be the only copy of others. Throws `keysMissing` where there are
    /// none and the database needs its own.
    public func backUp(passphrase: Data, to path: String) throws {
        let content = try SQLiteHeadquartersStore.keyedContent(stateFolder: state)
        let present = try readSecrets()
        if let present { _ = try matching(present, content) }
        if present == nil, let content, !content.isEmpty { throw missing(content) }
        guard access(DurableFile.folder(of: path), W_OK | X_OK) == 0 else {
            throw HeadquartersError(
                .fileFailed, "\(DurableFile.folder(of: path)): \(String(cString: strerror(errno)))",
                hint: "--to 所在的文件夹要先建好，并让 headquartersd 的用户能写\n  "
                    + "the folder of --to has to exist, and headquartersd's user has to be able to write there")
        }
        let old = try DurableFile.read(path)
        if present == nil, old != nil {
            throw HeadquartersError(
                .keysExist, "\(path) exists, and there are no keys in \(folder)",
                hint: "headquartersd keys restore brings back the keys of a backup; for new ones name another file")
        }
        let secrets = try present ?? makeSecrets()
        let backup = try KeyBackup.encode(secrets, passphrase: passphrase)
        if let old, (try? KeyBackup.decode(old, passphrase: passphrase)) != secrets {
            throw HeadquartersError(
                .backupDiffers, "\(path) exists, and is not a backup of these keys that this passphrase opens",
                hint: "it may be the only copy of other keys: name another file with --to")
        }
        try DurableFile.replace(path, with: backup)
        guard let written = try DurableFile.read(path) else {
            throw HeadquartersError(.backupDiffers, "\(path) is gone right after it was written")
        }
        guard try KeyBackup.decode(written, passphrase: passphrase) == secrets else {
            throw HeadquartersError(.backupDiffers, "\(path) does not hold the keys that were written to it")
        }
        try DurableFile.replace(marker, with: Data((secrets.fingerprint + "\n").utf8))
    }

    /// Brings back the keys of a backup. Refuses to replace other keys, and keys that are not those of the database.
    public func restore(passphrase: Data, from path: String) throws {
        guard let content = try DurableFile.read(path) else {
            throw HeadquartersError(.fileFailed, "there is no file \(path)")
        }
        let secrets = try KeyBackup.decode(content, passphrase: passphrase)
        _ = try matching(secrets, SQLiteHeadquartersStore.keyedContent(stateFolder: state))
        if let present = try readSecrets(), present != secrets {
            throw HeadquartersError(
                .keysExist, "\(folder) holds other keys",
                hint: "restoring would make every kiosk enrolled with them useless; move the folder away first")
        }
        try writeSecrets(secrets)
        try DurableFile.replace(marker, with: Data((secrets.fingerprint + "\n").utf8))
    }

    private func makeSecrets() throws -> KeySecrets {
        let secrets = try KeySecrets.generate()
        try writeSecrets(secrets)
        return secrets
    }

    /// Nil where no key file exists; an error where only some do.
    private func readSecrets() throws -> KeySecrets? {
        var secrets = KeySecrets(
            root: Data(), receipt: Data(), catalogue: Data(), directive: Data(), sealing: Data(), tokenMaster: Data(),
            syncCA: Data(), syncCACertificate: Data())
        var missing: [String] = []
        for file in KeySecrets.files {
            if let content = try DurableFile.readSecret("\(folder)/\(file.name)") {
                secrets[keyPath: file.path] = content
            } else {
                missing.append(file.name)
            }
        }
        if missing.count == KeySecrets.files.count { return nil }
        let certificate = try DurableFile.read("\(folder)/\(KeySecrets.certificateFile)")
        guard missing.isEmpty, let certificate else {
            let names = missing.isEmpty ? KeySecrets.certificateFile : missing.joined(separator: ", ")
            throw HeadquartersError(
                .keysMissing, "\(folder) is not whole: \(names) missing",
                hint: "move the folder away and bring the keys back with headquartersd keys restore")
        }
        secrets.syncCACertificate = try SyncCA.certificateDER(pem: String(decoding: certificate, as: UTF8.self))
        return secrets
    }

    private func writeSecrets(_ secrets: KeySecrets) throws {
        try DurableFile.makeFolder(folder)
        let ring = try KeyRing(secrets)
        for file in KeySecrets.files {
            try DurableFile.replace("\(folder)/\(file.name)", with: secrets[keyPath: file.path])
        }
        for (name, key) in [
            ("root.pub", ring.root.publicKey), ("receipt.pub", ring.receipt.publicKey),
            ("catalogue.pub", ring.catalogue.publicKey), ("directive.pub", ring.directive.publicKey),
            ("sealing.pub", ring.sealing.publicKey),
        ] {
            try DurableFile.replace(
                "\(folder)/\(name)", with: Data((key.base64EncodedString() + "\n").utf8), mode: 0o644)
        }
        let pem = try ring.syncCA.certificatePEM()
        try DurableFile.replace("\(folder)/\(KeySecrets.certificateFile)", with: Data(pem.utf8), mode: 0o644)
    }
}
