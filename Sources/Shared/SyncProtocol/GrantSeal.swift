// A grant, sealed to the X25519 key of the one kiosk that may read it.

import Crypto

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

public enum GrantSeal {
    /// HPKE with AES-256-GCM; info "jobfair grant v1", associated data fair id and device id.
    public static func seal(
        _ grant: WireGrant, to agreementPublicKey: Data
    ) throws(SyncProtocolError) -> WireSealedGrant {
        try check(grant)
        let key: Curve25519.KeyAgreement.PublicKey
        do {
            key = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: agreementPublicKey)
        } catch {
            throw SyncProtocolError(.keyInvalid, "an X25519 public key has 32 bytes")
        }
        let sealed = try SingleShot.seal(
            try grant.bytes(), to: key, suite: .x25519Sha256Aes256Gcm, purpose: .grant,
            associatedData: grant.fairID + grant.deviceID)
        var message = WireSealedGrant()
        message.fairID = grant.fairID
        message.deviceID = grant.deviceID
        message.encapsulatedKey = sealed.encapsulatedKey
        message.ciphertext = sealed.ciphertext
        return message
    }

    public static func open(_ sealed: WireSealedGrant, key: AgreementKey) throws(SyncProtocolError) -> WireGrant {
        guard sealed.ciphertext.count <= SyncLimits.grantBytesMax else {
            throw SyncProtocolError(.tooLarge, "grant")
        }
        let plain = try SingleShot.open(
            SealedPayload(encapsulatedKey: sealed.encapsulatedKey, ciphertext: sealed.ciphertext), with: key,
            suite: .x25519Sha256Aes256Gcm, purpose: .grant, associatedData: sealed.fairID + sealed.deviceID)
        let grant: WireGrant = try parse(plain, "grant")
        try check(grant)
        guard grant.fairID == sealed.fairID, grant.deviceID == sealed.deviceID else {
            throw SyncProtocolError(.identityMismatch, "grant of another fair or device")
        }
        return grant
    }

    private static func check(_ grant: WireGrant) throws(SyncProtocolError) {
        try require(grant.fairID, count: 16, "fair_id")
        try require(grant.deviceID, count: 16, "device_id")
        try require(grant.tokenKey, count: 32, "token_key")
        guard (1...SlipToken.fairKeyNumberMax).contains(Int(grant.fairKeyNumber)) else {
            throw SyncProtocolError(.malformed, "fair_key_number")
        }
        guard grant.ticketPairs.count <= SyncLimits.ticketPairsMax, grant.ticketPairs.allSatisfy({ $0.utf8.count == 2 })
        else {
            throw SyncProtocolError(.malformed, "ticket_pairs")
        }
    }
}
