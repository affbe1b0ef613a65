// The folder `keys/` of headquarters and the marker that its backup was verified.

import DurableFiles
import SyncProtocol

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
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

    /// The keys. Throws `keysMissing` where there are none, with the command that makes them.
    public func load() throws -> KeyRing {
        guard let secrets = try readSecrets() else {
            throw HeadquartersError(
                .keysMissing, "there are no keys in \(folder)",
                hint: "had this headquarters keys before, then headquartersd keys restore --passphrase-file FILE "
                    + "--from FILE brings them back from the backup: new keys open nothing that was sealed to the old "
                    + "ones. Only for a new headquarters headquartersd keys backup --passphrase-file FILE --to FILE "
                    + "makes keys and backs them up")
        }
        return try KeyRing(secrets)
    }

    /// Whether exactly these keys were backed up and read back. No kiosk is enrolled before.
    public func isBackedUp() throws -> Bool {
        guard let secrets = try readSecrets(), let text = try DurableFile.read(marker) else { return false }
        return String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(String.init)
            == secrets.fingerprint
    }

    /// Makes the keys where there are none, writes them encrypted to `path`, reads that file back, opens it with the
    /// passphrase, compares, and only then sets the marker. A file that is there is replaced only where the passphrase
    /// opens it and it holds these very keys: it may be the only copy of others.
    public func backUp(passphrase: Data, to path: String) throws {
        let present = try readSecrets()
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

    /// Brings back the keys of a backup. Refuses to replace other keys.
    public func restore(passphrase: Data, from path: String) throws {
        guard let content = try DurableFile.read(path) else {
            throw HeadquartersError(.fileFailed, "there is no file \(path)")
        }
        let secrets = try KeyBackup.decode(content, passphrase: passphrase)
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
