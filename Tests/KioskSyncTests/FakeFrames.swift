// A store of frames in memory, with real signatures: what sticks are filled from.

import Foundation
import KioskCore
import SyncProtocol
import Synchronization

final class FakeFrames: FrameStore {
    let device = SigningKey()
    private let stored = Mutex<[StoredFrame]>([])

    var frames: [Data] { stored.withLock { $0.map(\.frame) } }

    func add(_ count: Int, lineage: UInt8 = 1, ciphertextBytes: Int = 272) {
        stored.withLock { stored in
            for _ in 0..<count {
                let number = stored.count + 1
                stored.append(
                    StoredFrame(
                        position: Int64(number),
                        frame: Self.frame(number, lineage: lineage, ciphertextBytes: ciphertextBytes, device: device)))
            }
        }
    }

    func purge(_ count: Int) { stored.withLock { $0.removeFirst(count) } }

    func frames(
        _ scope: FrameScope, after: Int64, countMax: Int, bytesMax: Int
    ) async throws(RecordStoreError) -> [StoredFrame] {
        stored.withLock { Array($0.filter { $0.position > after }.prefix(countMax)) }
    }

    static func frame(_ number: Int, lineage: UInt8, ciphertextBytes: Int = 272, device: SigningKey) -> Data {
        func random(_ count: Int) -> Data { Data((0..<count).map { _ in UInt8.random(in: 0...255) }) }
        let identity = RecordFrame.identity(
            recordID: random(16), deviceID: device.deviceID, fairID: Data(repeating: 7, count: 16),
            keyID: Data(repeating: 8, count: 8), suite: .x25519Sha256Aes256Gcm)
        var place = WirePlace()
        place.lineageID = Data(repeating: lineage, count: 16)
        place.sequence = UInt64(number)
        if number > 1 { place.previousDigest = random(32) }
        return RecordFrame.encode(
            identity: identity,
            sealed: SealedPayload(encapsulatedKey: random(32), ciphertext: random(ciphertextBytes)), place: place,
            clock: WireClockEvidence(), signer: device)
    }
}
