// What headquarters gives a kiosk is believed once its signature and every name in it fit, by whichever road it came.

import KioskCore
import SyncProtocol

enum VerifiedDownload {
    /// A list of the same root, newer than `held`, with which this kiosk could work.
    static func keyList(
        _ signed: WireSigned, newerThan held: TrustedKeyList
    ) throws(SyncProtocolError) -> TrustedKeyList {
        let list = try TrustedKeyList(verifying: signed, rootHash: held.rootHash)
        guard list.list.version > held.list.version, list.currentSealingKey != nil else {
            throw SyncProtocolError(.identityMismatch, "key list is not newer")
        }
        guard HTTPHeadquartersClient.canTrust(list.list.syncCaDer) else {
            throw SyncProtocolError(.keyInvalid, "the CA in the key list is not a certificate")
        }
        return list
    }

    /// Throws `identityMismatch` for the grant of another device.
    static func grant(
        _ signed: WireSigned, keyList: TrustedKeyList, enrolment: Enrolment
    ) throws(SyncProtocolError) -> WireGrant {
        let body = try keyList.verify(signed, domain: .grant, purpose: .directive)
        let sealed = try WireCoding.message(
            WireSealedGrant.self, from: body, bytesMax: SyncLimits.grantBytesMax, name: "sealed grant")
        guard sealed.deviceID == enrolment.deviceID else {
            throw SyncProtocolError(.identityMismatch, "grant of another device")
        }
        let grant = try GrantSeal.open(sealed, key: enrolment.agreement)
        guard grant.fairID == sealed.fairID, grant.deviceID == enrolment.deviceID else {
            throw SyncProtocolError(.identityMismatch, "grant of another fair or device")
        }
        return grant
    }
}
