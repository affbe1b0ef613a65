// Collects the facts that the list of problems is made from.

import Glibc
import KioskCore
import KioskDevices
import KioskStore
import KioskSync

struct HealthSource: Sendable {
    let settings: KioskSettings
    let enrolments: EnrolmentStore
    let store: SQLiteRecordStore
    let fairs: CurrentFair
    let clock: SystemClock
    let printer: PrinterState
    let sync: @Sendable () -> SyncSnapshot

    func problems() async -> [HealthProblem] {
        var facts = HealthFacts()
        facts.isEnrolled = enrolments.enrolment != nil
        facts.clockQuality = clock.read().quality
        facts.printerFailure = printer.lastFailure
        facts.unknownPrintsCount = printer.unknownPrintsCount
        facts.slipsWithMissingGlyphsCount = printer.slipsWithMissingGlyphsCount
        let snapshot = sync()
        facts.syncFailure = snapshot.lastFailure
        facts.isRefusedByHeadquarters = snapshot.isRefused
        facts.lineageLeft = snapshot.lineageLeft
        facts.freeBytes = freeBytes()
        facts.isRuntimeFolderThere = access(settings.runtimeFolder + "/desk.key", F_OK) == 0
        do {
            facts.open = try await store.openFair()
            facts.quarantinedCount = try await store.counts().quarantined
            if let open = facts.open {
                facts.hasCatalogue = try await fairs.catalogue(of: open.fairID) != nil
                facts.hasGrant = enrolments.grant(of: open.fairID) != nil
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
