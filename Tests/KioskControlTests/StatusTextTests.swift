// What a technician reads of the kiosk at one look, and that what nobody knows is not stated.

import Foundation
import KioskCore
import Testing

@testable import KioskControl

@Suite struct StatusTextTests {
    private static func status(_ sync: ControlStatus.SyncStatus?) -> ControlStatus {
        ControlStatus(
            version: "1", label: "入口1号机", deviceID: "00112233", isEnrolled: true, open: nil, fairs: [],
            clockQuality: "ntp", printer: "none",
            counts: StoreCounts(
                records: 12, pending: 3, quarantined: 0, registrationsToday: 5, entriesToday: 1, checkInsToday: 0,
                printJobsWaiting: 0, printJobsFailed: 0),
            sync: sync, problems: [])
    }

    @Test func whileTheDiskStopsTheKioskNothingIsStatedThatNobodyKnows() throws {
        var status = Self.status(nil)
        status.isEnrolled = nil
        status.counts = nil
        status.problems = [HealthProblem(.diskReadOnly)]
        let text = StatusText.make(status)
        for row in ["headquarters  不明", "fair          不明", "outbox        不明", "today         不明", "print jobs    不明"]
        {
            #expect(text.contains(row), "\(row) in \(text)")
        }
        #expect(!text.contains("not enrolled") && !text.contains("0 of 0"))
        let json = try JSONDecoder().decode(ControlStatus.self, from: JSONEncoder().encode(status))
        #expect(json.isEnrolled == nil && json.counts == nil)
    }

    @Test func theTalkWithHeadquartersIsSaidInWordsAndWhenItGoesOn() {
        var sync = ControlStatus.SyncStatus(
            headquarters: "https://hq.test:7443", pending: 3, secondsSinceContact: nil, lastError: "unreachable",
            phase: "backingOff", secondsToNextTry: 41)
        let waiting = StatusText.make(Self.status(sync))
        for part in [
            "等待重试 failed, waits to try again", "no contact since start", "41 s 后再联系", "[unreachable]", "3 of 12",
        ] {
            #expect(waiting.contains(part), "\(part) in \(waiting)")
        }
        sync.phase = "idle"
        sync.secondsSinceContact = 4
        sync.secondsToNextTry = nil
        sync.lastError = nil
        #expect(StatusText.make(Self.status(sync)).contains("联系正常 in touch, 4 s 前联系过 ago\n"))
        for phase in [SyncMachine.Phase.offline, .hello, .uploading, .idle, .backingOff] {
            let text = SyncText.make(phase: phase.rawValue, sinceContact: 1, toNextTry: nil, lastError: nil)
            #expect(!text.contains("backingOff") && !text.hasPrefix(phase.rawValue), "\(text)")
        }
    }
}
