// Collects the facts that the list of problems is made from.

import Glibc
import KioskCore
import KioskDevices
import KioskStore
import KioskSync
import Synchronization

/// Sync from the parts that sync itself needs: health is told to headquarters and has sync's state in it, and every
/// commit nudges sync. Connected once, at the start.
final class SyncLink: Sendable {
    private let service = Mutex<SyncService?>(nil)

    var snapshot: SyncSnapshot { service.withLock { $0?.snapshot } ?? SyncSnapshot() }

    func recordCommitted() { service.withLock { $0 }?.recordCommitted() }

    func connect(_ sync: SyncService) { service.withLock { $0 = sync } }
}

struct HealthSource: Sendable {
    let settings: KioskSettings
    let enrolments: EnrolmentStore
    let store: SQLiteRecordStore
    let fairs: CurrentFair
    let clock: SystemClock
    let printer: PrinterState
    let sync: SyncLink
    let dayState: DayState

    func problems() async -> [HealthProblem] {
        var facts = HealthFacts()
        facts.isDaySettled = dayState.isReady
        facts.isEnrolled = enrolments.enrolment != nil
        facts.clockQuality = clock.read().quality
        facts.printerFailure = printer.lastFailure
        facts.unknownPrintsCount = printer.unknownPrintsCount
        facts.slipsWithMissingGlyphsCount = printer.slipsWithMissingGlyphsCount
        let snapshot = sync.snapshot
        facts.syncFailure = snapshot.lastFailure
        facts.isRefusedByHeadquarters = snapshot.isRefused
        facts.lineageLeft = snapshot.lineageLeft
        facts.chainProblem = store.opening.chainProblem
        facts.freeBytes = freeBytes()
        facts.isRuntimeFolderThere = access(settings.runtimeFolder + "/desk.key", F_OK) == 0
        do {
            facts.open = try await store.openFair()
            facts.quarantinedCount = try await store.counts().quarantined
            if let open = facts.open {
                facts.hasCatalogue = try await fairs.catalogue(of: open.fairID) != nil
                facts.hasGrant = enrolments.grant(of: open.fairID) != nil
                facts.ticketsLeft = try await store.ticketsLeft(at: open.fairID)
            }
        } catch {
            return [HealthProblem(.storeFailed)] + facts.problems
        }
        return facts.problems
    }

    private func freeBytes() -> Int64 {
        var status = statvfs()
        guard statvfs(settings.stateFolder, &status) == 0 else { return .max }
        return Int64(status.f_bavail) * Int64(status.f_frsize)
    }
}
