// Fixed keys and ids: every golden of this room is made from these.

import Foundation
import SyncProtocol
import Testing

enum Samples {
    static let device = Data((0..<32).map { UInt8($0) })
    static let root = Data((0..<32).map { UInt8(0x40 + $0) })
    static let receipt = Data((0..<32).map { UInt8(0x60 + $0) })
    static let sealing = Data((0..<32).map { UInt8(0x80 + $0) })
    static let agreement = Data((0..<32).map { UInt8(0xA0 + $0) })
    static let master = Data((0..<32).map { UInt8(0xC0 + $0) })
    static let recordID = Data([1, 0x8F, 0xA0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 42])
    static let fairID = Data(repeating: 0xFA, count: 16)
    static let lineageID = Data(repeating: 0x11, count: 16)
    static let nonce = Data(repeating: 0x22, count: 16)

    static func signer(_ raw: Data = device) throws -> SigningKey { try SigningKey(rawRepresentation: raw) }
    static func opener() throws -> AgreementKey { try AgreementKey(rawRepresentation: sealing) }

    /// A registration of nobody: the region prefix 999999 was never issued.
    static var payload: WirePayload {
        var payload = WirePayload()
        payload.registration.document.kind = "residentID"
        payload.registration.document.number = "999999199001010018"
        payload.registration.name = "测试·样例"
        payload.registration.phone = "13900000000"
        payload.registration.ageBand = "adult"
        payload.registration.slipPurpose = 1
        return payload
    }

    static func frame(
        suite: WireSuite = .x25519Sha256Aes256Gcm, sequence: UInt64 = 1, payload: WirePayload = payload
    ) throws -> Data {
        let sealer = try HPKESealer(publicKey: try opener().publicKey, suite: suite)
        let signer = try signer()
        let identity = RecordFrame.identity(
            recordID: recordID, deviceID: signer.deviceID, fairID: fairID, keyID: sealer.keyID, suite: suite)
        var place = WirePlace()
        place.lineageID = lineageID
        place.sequence = sequence
        if sequence > 1 { place.previousDigest = Data(repeating: 0x33, count: 32) }
        place.fairDay = "2026-02-28"
        place.dayConfirmed = true
        place.ticket = "AB0237"
        var clock = WireClockEvidence()
        clock.wallMilliseconds = 1_772_236_800_000
        clock.bootID = Data(repeating: 0x44, count: 16)
        clock.bootCounter = 7
        clock.bootMilliseconds = 123_456
        clock.quality = .hand
        return RecordFrame.encode(
            identity: identity, sealed: try sealer.seal(payload, identity: identity), place: place, clock: clock,
            signer: signer)
    }

    static func keyList(version: UInt64 = 1, tamper: (inout WireKeyList) -> Void = { _ in }) throws -> WireSigned {
        let root = try signer(root)
        var list = WireKeyList()
        list.version = version
        list.rootPublicKey = root.publicKey
        list.syncCaDer = Data([0x30, 0])
        list.headquartersName = "样例总部"
        var receipt = WireKey()
        receipt.purpose = .receipt
        receipt.publicKey = try signer(self.receipt).publicKey
        receipt.keyID = try signer(self.receipt).keyID
        receipt.current = true
        var sealing = WireKey()
        sealing.purpose = .sealing
        sealing.publicKey = try opener().publicKey
        sealing.keyID = try opener().keyID
        sealing.current = true
        list.keys = [receipt, sealing]
        tamper(&list)
        return SignedMessage.sign(WireCoding.bytes(list), domain: .keyList, key: root)
    }

    static var grant: WireGrant {
        get throws {
            var grant = WireGrant()
            grant.fairID = fairID
            grant.deviceID = try signer().deviceID
            grant.fairKeyNumber = 4711
            grant.tokenKey = try TokenMaster(rawRepresentation: master).tokenKey(fairID: fairID)
            grant.ticketPairs = ["AB", "AC", "AD", "AE"]
            return grant
        }
    }
}

/// Bytes that were made once, with randomness in them, and are opened ever since. `UPDATE_GOLDENS=1` makes the ones
/// that are missing.
func fixedBytes(_ name: String, file: String = #filePath, make: () throws -> Data) throws -> Data {
    let url = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Goldens/\(name)")
    if let text = try? String(contentsOf: url, encoding: .utf8) {
        return try #require(Hexadecimal.decode(text.filter { !$0.isWhitespace }))
    }
    try #require(
        ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1",
        "\(name) is missing; make it with UPDATE_GOLDENS=1")
    let bytes = try make()
    let digits = Hexadecimal.encode(bytes)
    var lines = ""
    var rest = Substring(digits)
    while !rest.isEmpty {
        lines += rest.prefix(96) + "\n"
        rest = rest.dropFirst(96)
    }
    try lines.write(to: url, atomically: true, encoding: .utf8)
    return bytes
}

func code<Value>(of work: () throws -> Value) -> SyncProtocolError.Code? {
    do {
        _ = try work()
        return nil
    } catch {
        return (error as? SyncProtocolError)?.code
    }
}
