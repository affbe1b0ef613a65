// Collects the facts that the list of problems is made from.

import Glibc
import KioskCore
import KioskDevices
import KioskStore
import KioskSync
import Synchronization

/// Sync and stick from the parts that they need themselves: health is told to headquarters and has their state in it, and
/// every commit nudges them. Connected once, at the start.
final class SyncLink: Sendable {
    private let service = Mutex<SyncService?>(nil)
    private let stick = Mutex<ResidentStickService?>(nil)

    var snapshot: SyncSnapshot { service.withLock { $0?.snapshot } ?? SyncSnapshot() }

    /// Nil: none is configured.
    var stickCondition: StickCondition? { stick.withLock { $0?.condition } }

    func recordCommitted() {
        service.withLock { $0 }?.recordCommitted()
        stick.withLock { $0 }?.recordCommitted()
    }

    func connect(_ sync: SyncService, stick resident: ResidentStickService?) {
        service.withLock { $0 = sync }
        stick.withLock { $0 = resident }
    }
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
        facts.isDayFailing = dayState.isFailing
        facts.isEnrolled = enrolments.enrolment != nil
        facts.clockQuality = clock.read().quality
        facts.printerFailure = printer.lastFailure
        facts.unknownPrintsCount = printer.unknownPrintsCount
        facts.slipsWithMissingGlyphsCount = printer.slipsWithMissingGlyphsCount
        let snapshot = sync.snapshot
        facts.syncFailure = snapshot.lastFailure
        facts.isRefusedByHeadquarters = snapshot.isRefused
        facts.missingCount = snapshot.recordsMissing
        facts.lineageLeft = snapshot.lineageLeft
        facts.chainProblem = store.opening.chainProblem
        facts.freeBytes = freeBytes()
        facts.isDiskFull = store.isDiskFull
        facts.setAside = DamagedRecords.names(in: settings.stateFolder)
        facts.stick = sync.stickCondition
        facts.isRuntimeFolderThere = access(settings.runtimeFolder + "/desk.key", F_OK) == 0
        do {
            facts.open = try await store.openFair()
            facts.quarantinedCount = try await store.counts().quarantined
            facts.isRevoked = try await store.isRevoked()
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
