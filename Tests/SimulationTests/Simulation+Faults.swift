// What strikes: power, disks, sticks, clocks, networks, headquarters.

import Foundation
import HeadquartersCore
import JobFair
import KioskCore

extension Simulation {
    mutating func strike() {
        let index = Int.random(in: kiosks.indices, using: &random)
        switch Int.random(in: 0..<20, using: &random) {
        case 0...3: cutPower(at: index)
        case 4...6: takeNetwork(at: index)
        case 7: kiosks[index].saved = kiosks[index].outbox
        case 8: putBack(at: index)
        case 9: copyCard(of: index)
        case 10: kill(index)
        case 11: changeStick(at: index)
        case 12, 13: importStick(of: index)
        case 14: setClock(at: index)
        case 15, 16:
            note("backups")
            headquarters.backUp()
        case 17: stopHeadquarters()
        case 18: restoreHeadquarters()
        default: erase()
        }
    }

    private mutating func cutPower(at index: Int) {
        guard kiosks[index].isUp, !kiosks[index].isDead else { return }
        note("power cuts")
        kiosks[index].life += 1
        kiosks[index].isUp = false
        kiosks[index].session = nil
        kiosks[index].machine = SyncMachine(batch: .init(first: 32, most: 256, bytes: 524_288))
        let wait = random.milliseconds(10_000...600_000)
        kiosks[index].bootedAt = now + wait
        kiosks[index].bootID = random.bytes(16)
        kiosks[index].bootCounter += 1
        kiosks[index].clockQuality = .none
        kiosks[index].wallError = random.milliseconds(-3_000_000_000_000...3_000_000_000_000)
        schedule(.bootUp, for: index, after: wait)
    }

    private mutating func takeNetwork(at index: Int) {
        guard kiosks[index].hasNetwork else { return }
        note("networks lost")
        kiosks[index].hasNetwork = false
        schedule(.networkBack, for: index, after: random.milliseconds(1000...14_400_000), anyLife: true)
    }

    /// An older copy of the card is put back: what came later is gone, unless headquarters or a stick has it.
    private mutating func putBack(at index: Int) {
        guard let saved = kiosks[index].saved, !kiosks[index].isDead, kiosks[index].isUp else { return }
        let lost = kiosks[index].outbox.entries.dropFirst(saved.entries.count)
        if !lost.isEmpty { note("databases put back") }
        destroy(lost.filter { $0.record.digest.isEmpty == false }, stick: kiosks[index].stick)
        kiosks[index].outbox = saved
        cutPower(at: index)
    }

    /// Two cards with one identity go on side by side.
    private mutating func copyCard(of index: Int) {
        guard kiosks.count < 8, !kiosks[index].isDead, kiosks[index].isUp else { return }
        note("cards copied")
        var copy = kiosks[index]
        copy.stick = nil
        copy.life = 0
        kiosks.append(copy)
        cutPower(at: kiosks.count - 1)
    }

    /// The card dies; the stick in the slot, if there is one, is brought to headquarters.
    private mutating func kill(_ index: Int) {
        guard kiosks.count(where: { !$0.isDead }) > 2, !kiosks[index].isDead else { return }
        note("cards that died")
        destroy(kiosks[index].outbox.entries, stick: kiosks[index].stick)
        kiosks[index].isDead = true
    }

    /// `entries` are gone from this disk. What is neither at headquarters nor on a stick nor on another kiosk's disk is lost.
    private mutating func destroy(_ entries: some Sequence<OutboxModel.Entry>, stick: [Data]?) {
        let onStick = Set(stick ?? [])
        for entry in entries where !onStick.contains(entry.record.digest) { destroyed.insert(entry.record.recordID) }
    }

    private mutating func changeStick(at index: Int) {
        guard !kiosks[index].isDead else { return }
        if kiosks[index].stick == nil {
            note("sticks put in")
            // A new stick gets everything that is still here.
            kiosks[index].stick = kiosks[index].outbox.entries.filter { $0.state != .purged }.map(\.record.digest)
        } else if random.chance(0.3) {
            note("sticks lost")
            kiosks[index].stick = nil
        }
    }

    /// The same frames by another road; the receipts find their way back in time, or never.
    mutating func importStick(of index: Int) {
        guard let stick = kiosks[index].stick, headquarters.isUp else { return }
        note("sticks imported")
        let byLineage = Dictionary(grouping: stick.filter { envelope($0) != nil }) { envelope($0)?.lineageID ?? Data() }
        for (lineageID, digests) in byLineage.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let receipt = headquarters.take(
                digests.compactMap(arrived), of: kiosks[index].deviceID, lineageID: lineageID, at: headquartersNow,
                random: &random)
            checkTimes(digests)
            guard random.chance(0.7) else { continue }
            schedule(.lateReceipt(receipt), for: index, after: random.milliseconds(1...7_200_000), anyLife: true)
        }
    }

    private mutating func setClock(at index: Int) {
        note("clocks set")
        if random.chance(0.5) {
            kiosks[index].clockQuality = .ntp
            kiosks[index].wallError = random.milliseconds(-1000...1000)
        } else {
            kiosks[index].clockQuality = .none
            kiosks[index].wallError = random.milliseconds(-3_000_000_000_000...3_000_000_000_000)
        }
    }

    private mutating func stopHeadquarters() {
        guard headquarters.isUp else { return }
        note("headquarters stopped")
        headquarters.restart()
        headquarters.isUp = false
        headquartersBackAt = now + random.milliseconds(5000...3_600_000)
    }

    private mutating func restoreHeadquarters() {
        guard let newest = headquarters.backups.indices.last, random.chance(0.5) else { return }
        let index = weather.restoresOlder ? Int.random(in: headquarters.backups.indices, using: &random) : newest
        note(index == newest ? "restores" : "restores of an older backup")
        if index != newest {
            // Kiosks have purged by the newer backups: those records are gone, and have to show as missing.
            for entry in kiosks.flatMap(\.outbox.entries) where entry.state == .purged {
                destroyed.insert(entry.record.recordID)
            }
        }
        // Of disks that are gone headquarters was the only holder.
        let before = headquarters.disk.records
        headquarters.restore(index)
        let alive = Set(
            kiosks.filter { !$0.isDead }.flatMap(\.outbox.entries).filter { $0.state != .purged }
                .map(\.record.recordID))
        let onSticks = Set(kiosks.compactMap(\.stick).joined())
        for frame in before.frames.values {
            let (id, digest) = (frame.envelope.recordID, frame.envelope.digest)
            if !headquarters.disk.records.holds(id, digest: digest), !alive.contains(id), !onSticks.contains(digest) {
                destroyed.insert(id)
            }
        }
    }

    private mutating func erase() {
        note("persons erased")
        let person = PersonKey(bytes: Data([UInt8.random(in: 0..<8, using: &random)]))
        let id = random.bytes(16)
        erased[id] = SimulatedHeadquarters.Erased(person: person, before: headquartersNow)
        headquarters.learn(id, erased[id])
    }

    /// Faults end, the power is back, networks are there, and what is on sticks of dead kiosks is brought in.
    mutating func calmDown() {
        weather = .calm
        headquarters.isUp = true
        headquartersBackAt = nil
        for index in kiosks.indices where !kiosks[index].isDead {
            if !kiosks[index].hasNetwork {
                kiosks[index].hasNetwork = true
                handle(.networkUp, at: index)
            }
        }
        for index in kiosks.indices { importStick(of: index) }
    }
}
