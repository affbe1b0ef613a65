// What the control socket does with sticks: frames out, entries in.

import KioskCore
import KioskStore
import KioskSync
import SyncProtocol

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct StickDesk: Sendable {
    let store: SQLiteRecordStore
    let devicePublicKey: Data
    /// Nil: not enrolled.
    let statement: @Sendable () -> Data?
    /// Nil: none is configured.
    let resident: ResidentStickService?
    let reception: StickReception

    func frames(_ scope: FrameScope, after: Int64) async throws(RecordStoreError) -> FramePage {
        FramePage(
            frames: try await store.frames(
                scope, after: after, countMax: FramePage.recordsMax, bytesMax: FramePage.bytesMax),
            devicePublicKey: devicePublicKey, statement: statement())
    }

    var status: StickStatus? { resident?.status }

    func take(_ entry: StickEntry) async -> StickIntake { await reception.take(entry) }
}
