// The bytes of the contract: what was sealed, signed and derived once must be read and made the same for ever.

import Foundation
import SyncProtocol
import TestSupport
import Testing

@Suite struct GoldenTests {
    @Test("fixed envelopes open", arguments: [WireSuite.x25519Sha256Aes256Gcm, .x25519Sha256Chacha20Poly1305])
    func openFixedEnvelope(suite: WireSuite) throws {
        let frame = try fixedBytes("record-frame-suite\(suite.rawValue).hex") { try Samples.frame(suite: suite) }
        let decoded = try RecordFrame.decode(frame)
        #expect(decoded.isSigned(by: try Samples.signer().publicKey))
        #expect(decoded.identity.recordID == Samples.recordID)
        #expect(decoded.identity.suite == suite)
        #expect(decoded.body.place.ticket == "AB0237")
        #expect(decoded.body.clock.quality == .hand)
        #expect(decoded.body.ciphertext.count == 256 + 16)
        #expect(try HPKEOpener(key: try Samples.opener()).open(decoded.body) == Samples.payload)
        try checkGolden("record-frame-suite\(suite.rawValue)-digest.golden", Hexadecimal.encode(decoded.digest) + "\n")
    }

    @Test("a fixed grant opens")
    func openFixedGrant() throws {
        let key = try AgreementKey(rawRepresentation: Samples.agreement)
        let bytes = try fixedBytes("sealed-grant.hex") {
            WireCoding.bytes(try GrantSeal.seal(try Samples.grant, to: key.publicKey))
        }
        let sealed = try WireCoding.message(WireSealedGrant.self, from: bytes, bytesMax: 8192, name: "grant")
        #expect(try GrantSeal.open(sealed, key: key) == Samples.grant)
    }

    @Test("derived values")
    func derivedValues() throws {
        let device = try Samples.signer()
        let root = try Samples.signer(Samples.root)
        let master = try TokenMaster(rawRepresentation: Samples.master)
        let tokenKey = master.tokenKey(fairID: Samples.fairID)
        let token = SlipToken.make(
            purpose: 1, fairKeyNumber: 4711, recordID: Samples.recordID, tokenKey: tokenKey)
        let code = EnrolmentCode(random: Data([1, 2, 3, 4, 5]), rootPublicKey: root.publicKey)
        var receipt = WireReceipt()
        receipt.deviceID = device.deviceID
        receipt.lineageID = Samples.lineageID
        receipt.serial = 9
        var result = WireRecordResult()
        result.recordID = Samples.recordID
        result.digest = Data(repeating: 0x55, count: 32)
        result.code = .accepted
        receipt.results = [result]
        let signed = SignedMessage.sign(
            WireCoding.bytes(receipt), domain: .receipt, key: try Samples.signer(Samples.receipt))
        let request = RequestSigner.signature(
            method: "POST", path: "/sync/v1/batches", bodyDigest: SHA256Digest.of(Data("body".utf8)),
            nonce: Samples.nonce, counter: 5, key: device)
        let proof = EnrolmentProof.make(
            code: code, agreementPublicKey: Data(repeating: 0x66, count: 32), device: device)
        let lines = [
            ("device id", Hexadecimal.encode(device.deviceID)),
            ("device key id", Hexadecimal.encode(device.keyID)),
            ("sealing key id", Hexadecimal.encode(try Samples.opener().keyID)),
            ("headquarters id", Hexadecimal.encode(KeyName.headquartersID(rootPublicKey: root.publicKey))),
            ("fair token key", Hexadecimal.encode(tokenKey)),
            ("slip token", token.text),
            ("slip address", token.address(form: "https://form.example.cn/")),
            (
                "slip token without intents",
                SlipToken.make(purpose: 2, fairKeyNumber: 4711, recordID: Samples.recordID, tokenKey: tokenKey).text
            ),
            ("enrolment code", code.text),
            ("enrolment code hash", Hexadecimal.encode(code.secretHash)),
            ("enrolment proof", Hexadecimal.encode(proof)),
            ("request signature", Hexadecimal.encode(request)),
            ("receipt body", Hexadecimal.encode(signed.body)),
            ("receipt signature", Hexadecimal.encode(signed.signature)),
            ("key list", Hexadecimal.encode(WireCoding.bytes(try Samples.keyList()))),
        ]
        try checkGolden("derived-values.golden", lines.map { "\($0.0): \($0.1)\n" }.joined())
    }
}
