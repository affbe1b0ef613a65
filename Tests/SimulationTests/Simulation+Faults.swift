// What strikes: power, disks, sticks, clocks, networks, headquarters.

import Foundation
import HeadquartersCore
import JobFair
import KioskCore

/// Something that strikes a kiosk, the roads or headquarters.
enum Fault: CaseIterable {
    case powerCut, networkLost, cardSaved, cardPutBack, cardCopied, cardDied, stickChanged, stickImported, clockSet,
        backup
    case headquartersStopped, restore, erasure, revocation, absurdClock, absurdHeadquarters

    /// Twice is twice as often.
    static let usual: [Fault] =
        Array(repeating: .powerCut, count: 4) + Array(repeating: .networkLost, count: 3) + [
            .cardSaved, .cardPutBack, .cardCopied, .cardDied, .stickChanged, .stickImported, .stickImported, .clockSet,
            .backup, .backup, .headquartersStopped, .restore, .erasure,
        ]
}

extension Simulation {
    mutating func strike() {
        guard let fault = weather.faults.randomElement(using: &random) else { return }
        let index = Int.random(in: kiosks.indices, using: &random)
        switch fault {
        case .powerCut: cutPower(at: index)
        case .networkLost: takeNetwork(at: index)
        case .cardSaved: kiosks[index].saved = kiosks[index].outbox
        case .cardPutBack: if let saved = kiosks[index].saved { putBack(saved, at: index) }
        case .cardCopied: copyCard(of: index)
        case .cardDied: kill(index)
        case .stickChanged: changeStick(at: index)
        case .stickImported: importStick(of: index)
        case .clockSet: setClock(at: index)
        case .backup: backUp()
        case .headquartersStopped: stopHeadquarters()
        case .restore: if random.chance(0.5) { restoreHeadquarters() }
        case .erasure: erase()
        case .revocation: revoke(index)
        case .absurdClock: setAbsurdClock(at: index)
        case .absurdHeadquarters: setAbsurdHeadquarters()
        }
    }

    // MARK: - Kiosks

    mutating func cutPower(at index: Int) {
        guard kiosks[index].isUp, !kiosks[index].isDead else { return }
        note("power cuts")
        kiosks[index].life += 1
        kiosks[index].isUp = false
        kiosks[index].session = nil
        kiosks[index].armedFor = nil
        kiosks[index].fairDay = nil
        kiosks[index].machine = SyncMachine(batch: .standard)
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

    mutating func bringNetwork(to index: Int) {
        guard !kiosks[index].hasNetwork else { return }
        kiosks[index].hasNetwork = true
        handle(.networkUp, at: index)
    }

    /// The carrier comes and goes; how long it stays so is drawn evenly over the orders of magnitude.
    mutating func flap(_ index: Int) {
        guard let flap = weather.flap else { return bringNetwork(to: index) }
        if kiosks[index].hasNetwork {
            note("carriers lost")
            kiosks[index].hasNetwork = false
        } else {
            bringNetwork(to: index)
        }
        let exponent = Double.random(in: log(flap.lowerBound)...log(flap.upperBound), using: &random)
        schedule(.flap, for: index, after: .milliseconds(Int64(exp(exponent))), anyLife: true)
    }

    /// An older copy of the card is put back: what came later is gone, unless headquarters or a stick has it.
    mutating func putBack(_ saved: OutboxModel, at index: Int) {
        guard !kiosks[index].isDead, kiosks[index].isUp else { return }
        let lost = kiosks[index].outbox.entries.dropFirst(saved.entries.count)
        if !lost.isEmpty { note("databases put back") }
        kiosks[index].outbox = saved
        kiosks[index].leftLineages = []
        kiosks[index].generation = nil
        destroy(lost.compactMap { envelope($0.record.digest) })
        cutPower(at: index)
    }

    /// Two cards with one identity go on side by side.
    mutating func copyCard(of index: Int) {
        guard kiosks.count < 8, !kiosks[index].isDead, kiosks[index].isUp else { return }
        note("cards copied")
        var copy = kiosks[index]
        copy.stick = nil
        copy.life = 0
        copy.saved = nil
        kiosks.append(copy)
        cutPower(at: kiosks.count - 1)
    }

    /// The card dies; the stick in the slot, if there is one, is brought to headquarters.
    private mutating func kill(_ index: Int) {
        guard kiosks.count(where: { !$0.isDead }) > 2, !kiosks[index].isDead else { return }
        note("cards that died")
        kiosks[index].isDead = true
        destroy(kiosks[index].outbox.entries.compactMap { envelope($0.record.digest) })
    }

    /// These were on a disk or a stick that is gone. Nothing can bring back what is nowhere else at this moment.
    private mutating func destroy(_ candidates: some Sequence<RecordEnvelope>) {
        let onDisks = Set(
            kiosks.filter { !$0.isDead }.flatMap(\.outbox.entries).filter { $0.state != .purged }.map(\.record.digest))
        let onSticks = Set(kiosks.compactMap(\.stick).joined())
        let records = headquarters.disk.records
        for record in candidates where !onDisks.contains(record.digest) && !onSticks.contains(record.digest) {
            if !records.holds(record.recordID, digest: record.digest) { destroyed.insert(record.recordID) }
        }
    }

    // MARK: - Sticks

    private mutating func changeStick(at index: Int) {
        guard !kiosks[index].isDead else { return }
        if kiosks[index].stick == nil {
            note("sticks put in")
            // A new stick gets everything that is still here.
            kiosks[index].stick = kiosks[index].outbox.entries.filter { $0.state != .purged }.map(\.record.digest)
        } else if random.chance(0.3) {
            note("sticks lost")
            let lost = kiosks[index].stick ?? []
            kiosks[index].stick = nil
            destroy(lost.compactMap(envelope))
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

    // MARK: - Clocks

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

    /// Somebody sets a year that never was, or the clock says so by itself.
    private mutating func setAbsurdClock(at index: Int) {
        note("absurd clocks of kiosks")
        let years = [-10_000, -57, -1, 11, 79, 7000, 200_000].randomElement(using: &random) ?? 79
        kiosks[index].clockQuality = random.chance(0.5) ? .hand : .none
        kiosks[index].wallError = .seconds(31_557_600 * years)
    }

    /// Every second time it is put right again.
    private mutating func setAbsurdHeadquarters() {
        if headquarters.wallError == 0 { note("absurd clocks of headquarters") }
        let years: [Int64] = [-57, -1, 1, 79, 7000]
        headquarters.wallError =
            headquarters.wallError == 0 ? 31_557_600_000 * (years.randomElement(using: &random) ?? 1) : 0
    }

    // MARK: - Headquarters

    mutating func backUp() {
        note("backups")
        headquarters.backUp()
    }

    private mutating func stopHeadquarters() {
        guard headquarters.isUp else { return }
        note("headquarters stopped")
        headquarters.restart()
        headquarters.isUp = false
        schedule(.headquartersBack, for: 0, after: random.milliseconds(5000...3_600_000), anyLife: true)
    }

    mutating func restoreHeadquarters() {
        guard let newest = headquarters.backups.indices.last else { return }
        let index = weather.restoresOlder ? Int.random(in: headquarters.backups.indices, using: &random) : newest
        note(index == newest ? "restores" : "restores of an older backup")
        // Headquarters was the only holder of what disks that are gone had, and of what was purged by a newer backup than
        // this one. By the newest nothing may be missing that a kiosk has purged.
        let before = headquarters.disk.records
        headquarters.restore(index)
        let alive = Set(
            kiosks.filter { !$0.isDead }.flatMap(\.outbox.entries).filter { $0.state != .purged || index == newest }
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

    /// Revoked, or taken back where it was: what is held is read again then.
    mutating func revoke(_ index: Int) {
        let deviceID = kiosks[index].deviceID
        guard headquarters.disk.revoked.remove(deviceID) != nil else {
            note("revoked while \(kiosks[index].machine.phase.rawValue)")
            headquarters.disk.revoked.insert(deviceID)
            return
        }
        note("kiosks reinstated")
        let held = headquarters.disk.records.frames.values.filter { $0.isHeld && $0.envelope.deviceID == deviceID }
        note("held records read again", held.count)
        let inOrder = held.map(\.envelope).sorted { $0.recordID.bytes.lexicographicallyPrecedes($1.recordID.bytes) }
        for envelope in inOrder {
            _ = headquarters.take(
                [envelope.digest].compactMap(arrived), of: deviceID, lineageID: envelope.lineageID, at: headquartersNow,
                random: &random)
        }
    }

    /// Faults end, the power is back, networks are there, and what is on sticks of dead kiosks is brought in.
    mutating func calmDown() {
        weather = .calm
        headquarters.isUp = true
        headquarters.wallError = 0
        for index in kiosks.indices where !kiosks[index].isDead { bringNetwork(to: index) }
        for index in kiosks.indices { importStick(of: index) }
    }
}
