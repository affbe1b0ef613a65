// The daemon's side of the control socket: status from what the parts know, commands to the part that can do them.

import JobFair
import KioskCore
import Logging
import Observability
import SyncProtocol

struct KioskControlDesk: ControlDesk {
    let label: @Sendable () -> String
    let deviceID: String
    let store: any RecordStore
    let fairs: CurrentFair
    let fairControl: FairControl
    let clock: any ClockSource
    let printer: (any PrinterPort)?
    let composeTest: @Sendable () throws -> PrintableSlip
    /// A test print came through: slips that wait need not wait longer.
    let printerAnswered: @Sendable () -> Void
    let isEnrolled: @Sendable () -> Bool
    let performEnrolment: @Sendable (EnrolRequest) async throws(ControlError) -> Void
    let syncStatus: @Sendable () async -> ControlStatus.SyncStatus?
    let problems: @Sendable () async -> [HealthProblem]
    let outboxListing: @Sendable () async throws(RecordStoreError) -> OutboxListing
    let retryQuarantined: @Sendable () async throws(RecordStoreError) -> Int
    let sticks: StickDesk
    let logger: Logger

    func status() async throws(ControlError) -> ControlStatus {
        do {
            let open = try await store.openFair()
            let known = try await fairs.fairs()
            return ControlStatus(
                version: ProgramVersion.text, label: label(), deviceID: deviceID, isEnrolled: isEnrolled(),
                open: open.map { open in
                    known.first { $0.id == open.fairID }.map { Self.status(of: $0, open: open) }
                        ?? Self.status(of: open)
                },
                fairs: known.map { Self.status(of: $0, open: open?.fairID == $0.id ? open : nil) },
                clockQuality: "\(clock.read().quality)", printer: printer?.name ?? "none",
                counts: try await store.counts(), sync: await syncStatus(), stick: sticks.status,
                problems: await problems())
        } catch {
            throw Self.storeFailed
        }
    }

    func outbox() async throws(ControlError) -> OutboxListing {
        do { return try await outboxListing() } catch { throw Self.storeFailed }
    }

    func retryOutbox() async throws(ControlError) -> OutboxRetry {
        let records: Int
        do { records = try await retryQuarantined() } catch { throw Self.storeFailed }
        logger.notice("quarantined records are sent again", metadata: ["sync.records": "\(records)"])
        return OutboxRetry(records: records)
    }

    func frames(_ scope: FrameScope, after: Int64) async throws(ControlError) -> FramePage {
        do { return try await sticks.frames(scope, after: after) } catch { throw Self.storeFailed }
    }

    func take(_ entry: StickEntry) async throws(ControlError) -> StickIntake {
        await sticks.take(entry)
    }

    func openFair(_ request: FairRequest) async throws(ControlError) {
        try await fairControl.open(request)
        logger.notice("fair opened")
    }

    func changeDay(_ request: FairRequest) async throws(ControlError) {
        try await fairControl.changeDay(request)
        logger.notice("fair day changed")
    }

    func closeFair() async throws(ControlError) {
        try await fairControl.close()
        logger.notice("fair closed")
    }

    func enrol(_ request: EnrolRequest) async throws(ControlError) {
        try await performEnrolment(request)
        logger.notice("enrolled")
    }

    func printTest() async throws(ControlError) {
        guard let printer else {
            throw ControlError(
                code: "printer.none", zh: "没有设置打印机（kiosk.yaml 的 printer.kind）。",
                en: "No printer is set (printer.kind in kiosk.yaml).")
        }
        let slip: PrintableSlip
        do {
            slip = try composeTest()
        } catch {
            throw ControlError(
                code: "slip.undrawable", zh: "小票画不出来，请检查字体：\(error)",
                en: "The slip cannot be drawn; check the fonts: \(error)")
        }
        do {
            try await printer.send(slip)
        } catch {
            throw ControlError(
                code: "printer.\(error.code.rawValue)", zh: "打印机没有响应：\(error.detail)",
                en: "The printer does not answer: \(error.detail)")
        }
        printerAnswered()
    }

    private static let storeFailed = ControlError(
        code: "store.failed", zh: "数据存储出错。请看 journalctl -u kioskd。",
        en: "The store failed. See journalctl -u kioskd.")

    /// An open fair whose catalogue is missing.
    private static func status(of open: OpenFair) -> ControlStatus.FairStatus {
        ControlStatus.FairStatus(
            id: open.fairID, name: "\(open.fairID)", kind: .fair, days: [], openDay: open.day,
            isDayConfirmed: open.isDayConfirmed)
    }

    private static func status(of fair: Fair, open: OpenFair?) -> ControlStatus.FairStatus {
        ControlStatus.FairStatus(
            id: fair.id, name: fair.name, kind: fair.kind, days: fair.days, openDay: open?.day,
            isDayConfirmed: open?.isDayConfirmed ?? false)
    }
}
