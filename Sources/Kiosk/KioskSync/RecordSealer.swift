// Maps what a record says to the wire and seals it to headquarters' key.

import JobFair
import KioskCore
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The sealer of an enrolled kiosk.
struct RecordSealer: ContentSealer {
    private let sealer: any Sealer
    private let deviceID: Data
    private let tokenKeyOfFair: @Sendable (FairID) -> Data?

    init(sealer: any Sealer, deviceID: Data, tokenKey: @escaping @Sendable (FairID) -> Data?) {
        self.sealer = sealer
        self.deviceID = deviceID
        tokenKeyOfFair = tokenKey
    }

    func seal(_ content: RecordContent, recordID: RecordID, fairID: FairID) throws -> SealedContent {
        let identity = RecordFrame.identity(
            recordID: Data(recordID.bytes), deviceID: deviceID, fairID: Data(fairID.bytes), keyID: sealer.keyID,
            suite: sealer.suite)
        let sealed = try sealer.seal(PayloadMapping.payload(of: content), identity: identity)
        return SealedContent(
            identity: identity, encapsulatedKey: sealed.encapsulatedKey, ciphertext: sealed.ciphertext)
    }

    func tokenKey(of fair: FairID) -> Data? { tokenKeyOfFair(fair) }
}
