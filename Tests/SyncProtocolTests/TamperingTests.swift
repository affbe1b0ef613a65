// Bytes changed on the way are refused, whichever they are.

import Foundation
import SyncProtocol
import Testing

@Suite struct TamperingTests {
    @Test("every flipped byte of a frame is refused")
    func flippedFrame() throws {
        let frame = try Samples.frame()
        let key = try Samples.signer().publicKey
        for index in frame.indices {
            for bit: UInt8 in [0x01, 0x80] {
                var changed = frame
                changed[index] ^= bit
                let isTaken = (try? RecordFrame.decode(changed))?.isSigned(by: key) ?? false
                #expect(!isTaken, "byte \(index), bit \(bit)")
            }
        }
    }

    @Test("a frame has one form: nothing may be added to it or cut off")
    func oneForm() throws {
        let frame = try Samples.frame()
        #expect(code { try RecordFrame.decode(frame + Data([0x18, 0x01])) } == .malformed)
        #expect(code { try RecordFrame.decode(frame + frame) } == .malformed)
        for length in stride(from: 0, to: frame.count, by: 7) {
            #expect(code { try RecordFrame.decode(frame.prefix(length)) } != nil)
        }
    }

    @Test("a frame signed by another device's key is not this device's")
    func otherDevice() throws {
        let decoded = try RecordFrame.decode(try Samples.frame())
        #expect(decoded.isSigned(by: try Samples.signer().publicKey))
        #expect(!decoded.isSigned(by: SigningKey().publicKey))
        #expect(!decoded.isSigned(by: Data()))
    }

    @Test("the identity is under the seal")
    func identityUnderTheSeal() throws {
        let opener = HPKEOpener(key: try Samples.opener())
        var body = try RecordFrame.decode(try Samples.frame()).body
        let original = body.identity
        for index in original.indices {
            body.identity = original
            body.identity[index] ^= 1
            #expect(code { try opener.open(body) } != nil, "byte \(index)")
        }
        body.identity = original
        body.ciphertext[body.ciphertext.count / 2] ^= 1
        #expect(code { try opener.open(body) } == .sealInvalid)
        body.encapsulatedKey = Data(count: 32)
        #expect(code { try opener.open(body) } == .sealInvalid)
        #expect(code { try HPKEOpener(key: AgreementKey()).open(body) } == .keyUnknown)
    }

    @Test("a signature counts for its own domain only")
    func domains() throws {
        let key = SigningKey()
        let body = Data("body".utf8)
        for made in SigningDomain.allCases {
            let signature = key.sign(body, domain: made)
            for asked in SigningDomain.allCases {
                let isValid = SignatureCheck.isValid(signature, over: body, domain: asked, publicKey: key.publicKey)
                #expect(isValid == (made == asked))
            }
        }
    }

    @Test("a signed message: body, key id and signature")
    func signedMessage() throws {
        let key = SigningKey()
        let signed = SignedMessage.sign(Data("receipt".utf8), domain: .receipt, key: key)
        #expect(try SignedMessage.verify(signed, domain: .receipt, publicKey: key.publicKey) == signed.body)
        var changed = signed
        changed.body[0] ^= 1
        #expect(
            code { try SignedMessage.verify(changed, domain: .receipt, publicKey: key.publicKey) }
                == .signatureInvalid)
        changed = signed
        changed.signature.removeLast()
        #expect(
            code { try SignedMessage.verify(changed, domain: .receipt, publicKey: key.publicKey) }
                == .signatureInvalid)
        #expect(
            code { try SignedMessage.verify(signed, domain: .receipt, publicKey: SigningKey().publicKey) }
                == .keyUnknown)
    }

    @Test("a key list: root, signature, names of keys")
    func keyList() throws {
        let signed = try Samples.keyList()
        let rootKey = try Samples.signer(Samples.root).publicKey
        let list = try TrustedKeyList(verifying: signed, rootHash: SHA256Digest.of(rootKey))
        #expect(list.currentSealingKey?.publicKey == (try Samples.opener().publicKey))
        #expect(list.publicKey(.receipt, keyID: try Samples.signer(Samples.receipt).keyID) != nil)
        #expect(list.publicKey(.directive, keyID: try Samples.signer(Samples.receipt).keyID) == nil)
        #expect(
            code { try TrustedKeyList(verifying: signed, rootHash: Data(count: 32)) } == .rootMismatch)
        let other = EnrolmentCode(random: Data(count: 5), rootPublicKey: SigningKey().publicKey)
        #expect(code { try TrustedKeyList(verifying: signed, code: other) } == .rootMismatch)
        let right = EnrolmentCode(random: Data(count: 5), rootPublicKey: rootKey)
        #expect(code { try TrustedKeyList(verifying: signed, code: right) } == nil)
        var changed = signed
        changed.body[changed.body.count - 1] ^= 1
        #expect(code { try TrustedKeyList(verifying: changed, code: right) } != nil)
        let misnamed = try Samples.keyList { $0.keys[0].keyID = Data(count: 8) }
        #expect(code { try TrustedKeyList(verifying: misnamed, code: right) } == .malformed)
        let crowded = try Samples.keyList { list in
            list.keys = Array(repeating: list.keys[0], count: SyncLimits.keysMax + 1)
        }
        #expect(code { try TrustedKeyList(verifying: crowded, code: right) } == .tooLarge)
    }

    @Test("a grant opens for its kiosk, fair and key only")
    func grant() throws {
        let key = AgreementKey()
        let sealed = try GrantSeal.seal(try Samples.grant, to: key.publicKey)
        #expect(code { try GrantSeal.open(sealed, key: AgreementKey()) } == .sealInvalid)
        var changed = sealed
        changed.fairID = Data(repeating: 1, count: 16)
        #expect(code { try GrantSeal.open(changed, key: key) } == .sealInvalid)
        changed = sealed
        changed.deviceID = Data(repeating: 1, count: 16)
        #expect(code { try GrantSeal.open(changed, key: key) } == .sealInvalid)
    }

    @Test("a request signature binds method, path, body, nonce and counter")
    func requestSignature() throws {
        let key = SigningKey()
        let body = SHA256Digest.of(Data("body".utf8))
        let signature = RequestSigner.signature(
            method: "POST", path: "/sync/v1/batches", bodyDigest: body, nonce: Samples.nonce, counter: 3, key: key)
        func isValid(
            _ method: String = "POST", _ path: String = "/sync/v1/batches", _ digest: Data? = nil,
            _ nonce: Data = Samples.nonce, _ counter: UInt64 = 3, _ publicKey: Data? = nil
        ) -> Bool {
            RequestSigner.isValid(
                signature, method: method, path: path, bodyDigest: digest ?? body, nonce: nonce, counter: counter,
                publicKey: publicKey ?? key.publicKey)
        }
        #expect(isValid())
        #expect(!isValid("GET"))
        #expect(!isValid("POST", "/sync/v1/hello"))
        #expect(!isValid("POST", "/sync/v1/batches", Data(count: 32)))
        #expect(!isValid("POST", "/sync/v1/batches", nil, Data(count: 16)))
        #expect(!isValid("POST", "/sync/v1/batches", nil, Samples.nonce, 4))
        #expect(!isValid("POST", "/sync/v1/batches", nil, Samples.nonce, 3, SigningKey().publicKey))
    }

    @Test("a proof of enrolment binds code and keys")
    func enrolmentProof() throws {
        let device = SigningKey()
        let agreement = AgreementKey().publicKey
        let code = EnrolmentCode(random: Data([9, 9, 9, 9, 9]), rootPublicKey: device.publicKey)
        let other = EnrolmentCode(random: Data([9, 9, 9, 9, 8]), rootPublicKey: device.publicKey)
        let proof = EnrolmentProof.make(code: code, agreementPublicKey: agreement, device: device)
        func isValid(_ code: EnrolmentCode, _ agreement: Data, _ key: Data) -> Bool {
            EnrolmentProof.isValid(proof, code: code, agreementPublicKey: agreement, devicePublicKey: key)
        }
        #expect(isValid(code, agreement, device.publicKey))
        #expect(!isValid(other, agreement, device.publicKey))
        #expect(!isValid(code, AgreementKey().publicKey, device.publicKey))
        #expect(!isValid(code, agreement, SigningKey().publicKey))
    }
}
