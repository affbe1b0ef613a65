// Keys, their backup, and the settings and fair files.

import Foundation
import HeadquartersCore
import SettingsFile
import SyncProtocol
import TestSupport
import Testing

@testable import HeadquartersWeb

@Suite struct KeyFolderTests {
    private func check(
        _ code: HeadquartersError.Code, at location: SourceLocation = #_sourceLocation, _ body: () throws -> Void
    ) {
        #expect(sourceLocation: location) {
            try body()
        } throws: {
            ($0 as? HeadquartersError)?.code == code
        }
    }

    @Test func newKeysNeverReplaceAnOldBackup() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("keys.backup")
        try Data("the only copy".utf8).write(to: URL(fileURLWithPath: path))
        let keys = KeyFolder(stateFolder: folder.file("state"))
        let error = #expect(throws: HeadquartersError.self) {
            try keys.backUp(passphrase: Data("a long passphrase".utf8), to: path)
        }
        #expect(error?.code == .keysExist)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "the only copy")
        #expect(throws: HeadquartersError.self) { try keys.load() }
    }

    @Test func aBackupOfOtherKeysIsNeverReplaced() throws {
        let right = Data("eine lange Losung".utf8)
        let other = try HeadquartersFixture()
        try other.backUp()
        let path = other.folder.file("keys.backup")
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        let fixture = try HeadquartersFixture()
        try fixture.backUp()
        for passphrase in [right, Data("eine andere Losung".utf8)] {
            let error = #expect(throws: HeadquartersError.self) {
                try fixture.keyFolder.backUp(passphrase: passphrase, to: path)
            }
            #expect(error?.code == .backupDiffers)
            #expect(error?.hint.contains("another file") == true)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        // Its own backup may be written once more.
        try other.keyFolder.backUp(passphrase: right, to: path)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) != before)
    }

    @Test func whoLostTheKeysIsSentToTheBackupFirst() throws {
        let error = #expect(throws: HeadquartersError.self) { try HeadquartersFixture().keyFolder.load() }
        let hint = try #require(error?.hint)
        let restore = try #require(hint.range(of: "keys restore"))
        let backup = try #require(hint.range(of: "keys backup"))
        #expect(restore.lowerBound < backup.lowerBound)
    }

    @Test func backupRoundTrip() async throws {
        let fixture = try HeadquartersFixture()
        check(.keysMissing) { _ = try fixture.keyFolder.load() }
        await #expect(throws: HeadquartersError.self) { try await fixture.addKiosk() }
        try fixture.backUp()
        let made = try fixture.keyFolder.load()
        #expect(try fixture.keyFolder.isBackedUp())
        let right = Data("eine lange Losung".utf8)
        let path = fixture.folder.file("keys.backup")
        check(.passphraseWrong) {
            try KeyFolder(stateFolder: fixture.folder.path).restore(passphrase: right + right, from: path)
        }
        // Twelve characters, of whatever script: four of Chinese have twelve bytes.
        for short in ["kurz", "四个汉字"] {
            check(.passphraseUnsuitable) { try fixture.keyFolder.backUp(passphrase: Data(short.utf8), to: path) }
        }
        check(.fileFailed) { try fixture.keyFolder.backUp(passphrase: right, to: fixture.folder.file("no/keys")) }
        var damaged = try Data(contentsOf: URL(fileURLWithPath: path))
        damaged[damaged.count - 20] ^= 1
        try damaged.write(to: URL(fileURLWithPath: fixture.folder.file("damaged")))
        let elsewhere = try HeadquartersFixture()
        check(.passphraseWrong) {
            try elsewhere.keyFolder.restore(passphrase: right, from: fixture.folder.file("damaged"))
        }
        try FileManager.default.createDirectory(
            atPath: elsewhere.settings.stateFolder, withIntermediateDirectories: true)
        try elsewhere.keyFolder.restore(passphrase: right, from: path)
        let restored = try elsewhere.keyFolder.load()
        #expect(restored.root.publicKey == made.root.publicKey)
        #expect(restored.sealing.publicKey == made.sealing.publicKey)
        #expect(restored.syncCA.certificateDER == made.syncCA.certificateDER)
        #expect(
            restored.personLink.personKey(documentNumber: "1") == made.personLink.personKey(documentNumber: "1"))
        #expect(try elsewhere.keyFolder.isBackedUp())
        // Other keys are never replaced.
        let third = try HeadquartersFixture()
        try third.backUp()
        check(.keysExist) { try third.keyFolder.restore(passphrase: right, from: path) }
    }

    @Test func secretsAreTheOwnersAlone() throws {
        let fixture = try HeadquartersFixture()
        try fixture.backUp()
        let keys = fixture.settings.stateFolder + "/keys"
        for name in try FileManager.default.contentsOfDirectory(atPath: keys) where name.hasSuffix(".key") {
            let mode = try FileManager.default.attributesOfItem(atPath: keys + "/" + name)[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(name)")
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: keys + "/root.key")
        #expect(throws: (any Error).self) { try fixture.keyFolder.load() }
        try FileManager.default.removeItem(atPath: keys + "/root.key")
        check(.keysMissing) { _ = try fixture.keyFolder.load() }
    }

    @Test func noKioskBeforeTheBackup() async throws {
        let fixture = try HeadquartersFixture()
        try fixture.backUp()
        try FileManager.default.removeItem(atPath: fixture.settings.stateFolder + "/backup.done")
        await #expect(throws: HeadquartersError.self) { try await fixture.addKiosk() }
    }

    @Test func settingsNameFileLineAndKey() throws {
        let text = """
            name: x
            sync:
              port: 70000
              colour: blue
            desk: {host: 0.0.0.0}
            form: {address: ftp://x}
            """
        #expect {
            try HeadquartersSettings(yaml: text, file: "hq.yaml")
        } throws: { error in
            let lines = (error as? SettingsError)?.lines ?? []
            return lines.contains { $0.hasPrefix("hq.yaml:3: sync.port:") }
                && lines.contains { $0.hasPrefix("hq.yaml:4: sync.colour: is not a known key") }
                && lines.contains { $0.hasPrefix("hq.yaml:5: desk.host:") }
                && lines.contains { $0.hasPrefix("hq.yaml:6: form.address:") }
        }
        #expect(try HeadquartersSettings(yaml: "", file: "hq.yaml").desk.port == 7281)
        #expect(try HeadquartersSettings(yaml: "", file: "hq.yaml").daysAhead == 30)
        #expect(try HeadquartersSettings(yaml: "fairs:\n  daysAhead: 0\n", file: "hq.yaml").daysAhead == 0)
    }

    @Test func aBadFairFileNamesLineAndKey() async throws {
        let fixture = try HeadquartersFixture()
        let path = fixture.folder.file("fair.yaml")
        try Data("name: x\nkind: feast\ndays: [tomorrow]\nemployer: []\n".utf8).write(to: URL(fileURLWithPath: path))
        do {
            _ = try await fixture.commands.createFair(from: path, kind: nil)
            Issue.record("the file was taken")
        } catch let error as SettingsError {
            #expect(error.lines.contains("\(path):2: kind: takes fair or rehearsal"))
            #expect(error.lines.contains { $0.hasPrefix("\(path):3: days:") })
            #expect(error.lines.contains { $0.hasPrefix("\(path):4: employer: is not a known key") })
        }
    }
}
