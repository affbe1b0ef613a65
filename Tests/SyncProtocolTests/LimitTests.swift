// Sizes and bounds: checked before anything is allocated, and refused on the right side of the line.

import Foundation
import SyncProtocol
import Testing

@Suite struct LimitTests {
    @Test("payloads are padded to size classes", arguments: [(10, 256), (200, 256), (300, 512), (30_000, 32_768)])
    func sizeClasses(typed: Int, padded: Int) throws {
        var payload = WirePayload()
        payload.withdrawal.reason = String(repeating: "a", count: typed)
        let decoded = try RecordFrame.decode(try Samples.frame(payload: payload))
        #expect(decoded.body.ciphertext.count == padded + 16)
        #expect(try HPKEOpener(key: try Samples.opener()).open(decoded.body) == payload)
    }

    @Test("the largest payload fits, one byte more does not")
    func largestPayload() throws {
        var payload = WirePayload()
        payload.withdrawal.reason = "a"
        let framing = WireCoding.bytes(payload).count + 4
        payload.withdrawal.reason = String(repeating: "a", count: SyncLimits.payloadBytesMax - framing - 1)
        var size = WireCoding.bytes(payload).count
        while size < SyncLimits.payloadBytesMax {
            payload.withdrawal.reason += "a"
            size = WireCoding.bytes(payload).count
        }
        #expect(size == SyncLimits.payloadBytesMax)
        let frame = try Samples.frame(payload: payload)
        #expect(frame.count <= SyncLimits.frameBytesMax)
        payload.withdrawal.reason += "a"
        #expect(code { try Samples.frame(payload: payload) } == .tooLarge)
    }

    @Test("a frame that is too large is refused before it is parsed")
    func largeFrame() {
        #expect(code { try RecordFrame.decode(Data(count: SyncLimits.frameBytesMax + 1)) } == .tooLarge)
        #expect(code { try RecordFrame.decode(Data(repeating: 0xFF, count: SyncLimits.frameBytesMax)) } == .malformed)
        #expect(code { try RecordFrame.decode(Data()) } == .malformed)
        // Says that two gigabytes follow.
        #expect(code { try RecordFrame.decode(Data([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07])) } == .malformed)
    }

    @Test("random bytes never crash the reader")
    func randomBytes() {
        var random = SeededGenerator(seed: 20_260_228)
        for length in 0..<2000 {
            let bytes = Data((0..<length % 300).map { _ in UInt8.random(in: .min ... .max, using: &random) })
            #expect(code { try RecordFrame.decode(bytes) } != nil)
            _ = try? SlipToken(String(decoding: bytes, as: UTF8.self))
            _ = try? EnrolmentCode(String(decoding: bytes, as: UTF8.self))
            _ = Base32.decode(String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test("ids of the wrong length are refused")
    func lengths() throws {
        let signer = try Samples.signer()
        var identity = WireIdentity()
        identity.recordID = Samples.recordID
        identity.deviceID = signer.deviceID
        identity.fairID = Samples.fairID
        identity.keyID = Data(count: 8)
        identity.schemaVersion = 1
        var place = WirePlace()
        place.lineageID = Samples.lineageID
        place.sequence = 1
        func frame(_ identity: WireIdentity, _ place: WirePlace) -> Data {
            RecordFrame.encode(
                identity: WireCoding.bytes(identity),
                sealed: SealedPayload(encapsulatedKey: Data(count: 32), ciphertext: Data(count: 272)), place: place,
                clock: WireClockEvidence(), signer: signer)
        }
        #expect(code { try RecordFrame.decode(frame(identity, place)) } == nil)
        for change: WritableKeyPath<WireIdentity, Data> in [\.recordID, \.deviceID, \.fairID, \.keyID] {
            var wrong = identity
            wrong[keyPath: change].append(0)
            #expect(code { try RecordFrame.decode(frame(wrong, place)) } == .malformed)
        }
        for sequence: UInt64 in [0, UInt64(Int64.max), .max] {
            var wrong = place
            wrong.sequence = sequence
            #expect(code { try RecordFrame.decode(frame(identity, wrong)) } == .malformed)
        }
        var second = place
        second.sequence = 2
        #expect(code { try RecordFrame.decode(frame(identity, second)) } == .malformed)
        second.previousDigest = Data(count: 32)
        #expect(code { try RecordFrame.decode(frame(identity, second)) } == nil)
    }

    @Test("suites that are not known here")
    func unknownSuite() throws {
        #expect(code { try HPKESealer(publicKey: Data(count: 32), suite: .UNRECOGNIZED(16)) } == .suiteUnknown)
        #expect(code { try HPKESealer(publicKey: Data(count: 31)) } == .keyInvalid)
    }
}

/// SplitMix64: the same numbers on every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
