// A record as it is stored and travels: sealed payload, place, clock evidence, signature.

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

public enum RecordFrame {
    /// The schema of `Payload` this program writes.
    public static let schemaVersion: UInt32 = 1

    /// The associated data of the seal, serialised. Fixed before the transaction that gives the record its place.
    public static func identity(
        recordID: Data, deviceID: Data, fairID: Data, keyID: Data, suite: WireSuite
    ) -> Data {
        precondition(recordID.count == 16 && deviceID.count == 16 && fairID.count == 16, "ids have 16 bytes")
        precondition(keyID.count == 8, "a key id has 8 bytes")
        var identity = WireIdentity()
        identity.recordID = recordID
        identity.deviceID = deviceID
        identity.fairID = fairID
        identity.schemaVersion = schemaVersion
        identity.keyID = keyID
        identity.suite = suite
        return WireCoding.bytes(identity)
    }

    /// The exact bytes of the frame. Never encode a record twice: keep these.
    public static func encode(
        identity: Data, sealed: SealedPayload, place: WirePlace, clock: WireClockEvidence, signer: SigningKey
    ) -> Data {
        var body = WireRecordBody()
        body.identity = identity
        body.encapsulatedKey = sealed.encapsulatedKey
        body.ciphertext = sealed.ciphertext
        body.place = place
        body.clock = clock
        let bytes = WireCoding.bytes(body)
        return frame(body: bytes, signature: signer.sign(bytes, domain: .record))
    }

    /// Reads a frame within its bounds. Says nothing about the signature: ask `DecodedFrame.isSigned(by:)`.
    public static func decode(_ frame: Data) throws(SyncProtocolError) -> DecodedFrame {
        guard frame.count <= SyncLimits.frameBytesMax else {
            throw SyncProtocolError(.tooLarge, "frame of \(frame.count) bytes")
        }
        let outer: WireFrame = try parse(frame, "frame")
        // Exactly one way to write a frame: else the same record could arrive with two digests.
        guard self.frame(body: outer.body, signature: outer.signature) == frame else {
            throw SyncProtocolError(.malformed, "frame is not in its one form")
        }
        try require(outer.signature, count: 64, "signature")
        let body: WireRecordBody = try parse(outer.body, "record body")
        let identity: WireIdentity = try parse(body.identity, "identity")
        try check(identity)
        try check(body)
        return DecodedFrame(
            identity: identity, body: body, bodyBytes: outer.body, signature: outer.signature, digest: digest(frame))
    }

    /// SHA-256 of the exact frame.
    public static func digest(_ frame: Data) -> Data {
        SHA256Digest.of(frame)
    }

    private static func frame(body: Data, signature: Data) -> Data {
        var frame = WireFrame()
        frame.body = body
        frame.signature = signature
        return WireCoding.bytes(frame)
    }

    private static func check(_ identity: WireIdentity) throws(SyncProtocolError) {
        try require(identity.recordID, count: 16, "record_id")
        try require(identity.deviceID, count: 16, "device_id")
        try require(identity.fairID, count: 16, "fair_id")
        try require(identity.keyID, count: 8, "key_id")
        guard identity.schemaVersion > 0 else { throw SyncProtocolError(.malformed, "schema_version") }
    }

    private static func check(_ body: WireRecordBody) throws(SyncProtocolError) {
        guard body.encapsulatedKey.count <= 2048, !body.ciphertext.isEmpty else {
            throw SyncProtocolError(.malformed, "sealed parts")
        }
        let place = body.place
        try require(place.lineageID, count: 16, "lineage_id")
        // SQLite's integers have 63 bits: a larger sequence could not be stored.
        guard place.sequence > 0, place.sequence < UInt64(Int64.max) else {
            throw SyncProtocolError(.malformed, "sequence")
        }
        try require(place.previousDigest, count: place.sequence == 1 ? 0 : 32, "previous_digest")
        guard place.fairDay.utf8.count <= 10, place.ticket.utf8.count <= 16 else {
            throw SyncProtocolError(.malformed, "fair_day or ticket")
        }
        guard body.clock.bootID.isEmpty || body.clock.bootID.count == 16 else {
            throw SyncProtocolError(.malformed, "boot_id")
        }
    }
}

/// A frame whose form and bounds are right.
public struct DecodedFrame: Sendable {
    public let identity: WireIdentity
    public let body: WireRecordBody
    /// The exact bytes under the signature.
    public let bodyBytes: Data
    public let signature: Data
    /// SHA-256 of the exact frame.
    public let digest: Data

    /// The key must also be the one that the device id in the identity is derived from.
    public func isSigned(by publicKey: Data) -> Bool {
        identity.deviceID == KeyName.deviceID(publicKey: publicKey)
            && SignatureCheck.isValid(signature, over: bodyBytes, domain: .record, publicKey: publicKey)
    }
}
