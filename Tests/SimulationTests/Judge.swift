// The invariants, once the faults have ended and the queues had their time.

import Foundation
import HeadquartersCore
import JobFair
import KioskCore

extension Simulation {
    mutating func judge() {
        judgeQueues()
        judgeSets()
        judgeOrder()
        judgeForks()
        judgeErasures()
    }

    private mutating func judgeQueues() {
        for (index, kiosk) in kiosks.enumerated() where !kiosk.isDead {
            let (pending, quarantined) = (kiosk.outbox.count(.pending), kiosk.outbox.count(.quarantined))
            if pending > 0 { violations.append("kiosk \(index) still has \(pending) records to send") }
            if quarantined > 0 { violations.append("kiosk \(index) has \(quarantined) records in quarantine") }
        }
    }

    private mutating func judgeSets() {
        let records = headquarters.disk.records
        for (id, record) in truth where !records.holds(id, digest: record.envelope.digest) {
            if !destroyed.contains(id) { violations.append("\(id) was acknowledged and is lost") }
        }
        var accepted: Set<RecordID> = []
        for frame in records.frames.values {
            let id = frame.envelope.recordID
            if truth[id] == nil { violations.append("\(id) was never acknowledged") }
            if !frame.isHeld, !accepted.insert(id).inserted { violations.append("\(id) was taken in twice") }
            if frame.isHeld, !headquarters.disk.revoked.contains(frame.envelope.deviceID) {
                violations.append("\(id) is held")
            }
        }
    }

    /// Whatever the clocks said: along a chain each record happened after the one it names.
    private mutating func judgeOrder() {
        for record in truth.values {
            guard let before = byDigest[record.envelope.previousDigest].flatMap({ truth[$0] }) else { continue }
            let isNext =
                before.envelope.sequence + 1 == record.envelope.sequence
                && before.envelope.lineageID == record.envelope.lineageID
            if !isNext || before.occurredAt > record.occurredAt {
                violations.append("\(record.envelope.recordID) does not follow the record that it names")
            }
        }
    }

    private mutating func judgeForks() {
        struct Place: Hashable {
            var device: Data
            var lineage: Data
            var sequence: Int64
        }
        let records = headquarters.disk.records
        let groups = Dictionary(grouping: records.frames.values) {
            Place(device: $0.envelope.deviceID, lineage: $0.envelope.lineageID, sequence: $0.envelope.sequence)
        }
        for (place, frames) in groups where frames.count > 1 {
            note("places with two records")
            if !frames.contains(where: { records.forks.contains($0.envelope.digest) }) {
                violations.append("two records at \(place.sequence) and no alarm")
            }
        }
    }

    private mutating func judgeErasures() {
        let records = headquarters.disk.records
        for erased in headquarters.disk.directives.values {
            for frame in records.frames.values where frame.person == erased.person && !frame.isErased {
                if frame.occurred.upper <= erased.before { violations.append("an erased person came back") }
            }
        }
        // Whoever was erased stays erased, also at a headquarters that was restored from before.
        let living = kiosks.contains { !$0.isDead }
        for (id, _) in erased where living && headquarters.disk.directives[id] == nil {
            note("erasures that no kiosk had heard of before the restore")
        }
    }

    /// Where no card was copied and none put back: neither headquarters nor a kiosk may believe it.
    mutating func judgeNoAlarm() {
        let forks = headquarters.disk.records.forks.count
        if forks > 0 { violations.append("\(forks) forks, and there is one card") }
        for (what, count) in seen where what.hasPrefix("lineages left") {
            violations.append("\(count) \(what), and there is one card")
        }
    }

    /// After a backup nothing stays on a disk; for histories in which nothing was destroyed.
    mutating func judgePurged() {
        for (index, kiosk) in kiosks.enumerated() where !kiosk.isDead && destroyed.isEmpty {
            let left = kiosk.outbox.entries.count - kiosk.outbox.count(.purged)
            if left > 0 { violations.append("kiosk \(index) still has \(left) records that are backed up") }
        }
    }

    /// No busy loop: so many tries to reach headquarters in an hour at most.
    mutating func judgeTries(atMost bound: Int) {
        for (index, kiosk) in kiosks.enumerated() {
            let most = kiosk.tries.values.max() ?? 0
            note("most tries in an hour", most)
            if most > bound { violations.append("kiosk \(index) tried \(most) times in an hour") }
        }
    }
}
