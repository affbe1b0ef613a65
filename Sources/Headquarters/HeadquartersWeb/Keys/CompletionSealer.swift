// Seals what is said on the phone, a completed name or wishes, to headquarters' own key, like every other record.

public import JobFair
public import SyncProtocol

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Makes the sealed part of a `NameCompletion` and of a `WishesStatement`.
public struct CompletionSealer: Sendable {
    private let sealer: any Sealer
    private let headquartersID: Data

    /// - Parameter headquartersID: 16 bytes; stands where a kiosk's records name the device.
    public init(sealer: any Sealer, headquartersID: Data) {
        self.sealer = sealer
        self.headquartersID = headquartersID
    }

    /// A serialised `RecordBody` without place and clock.
    public func seal(_ name: PersonName, for seeker: RecordID, at fair: FairID) throws -> Data {
        var payload = WirePayload()
        payload.completion.seekerRecordID = Data(seeker.bytes)
        payload.completion.name = name.normalised
        payload.completion.nameTyped = name.typed
        return try seal(payload, for: seeker, at: fair)
    }

    /// The same for a `WishesStatement`.
    public func seal(_ wishes: Wishes, digits: String, for seeker: RecordID, at fair: FairID) throws -> Data {
        var payload = WirePayload()
        payload.wishesChange.seekerRecordID = Data(seeker.bytes)
        payload.wishesChange.wishes = WireWishes(wishes)
        payload.wishesChange.digits = digits
        return try seal(payload, for: seeker, at: fair)
    }

    private func seal(_ payload: WirePayload, for seeker: RecordID, at fair: FairID) throws -> Data {
        let identity = RecordFrame.identity(
            recordID: Data(seeker.bytes), deviceID: headquartersID, fairID: Data(fair.bytes), keyID: sealer.keyID,
            suite: sealer.suite)
        let sealed = try sealer.seal(payload, identity: identity)
        var body = WireRecordBody()
        body.identity = identity
        body.encapsulatedKey = sealed.encapsulatedKey
        body.ciphertext = sealed.ciphertext
        return WireCoding.bytes(body)
    }
}
