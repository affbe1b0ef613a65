// A kiosk of the simulation: what is on its disk, what is in its memory, its clock, and the stick in its slot.

import Foundation
import HeadquartersCore
import JobFair
import KioskCore

/// The disk is `outbox`; all else is lost when the power goes.
struct SimulatedKiosk {
    let deviceID: Data
    /// A crystal's error, millionths.
    let driftMillionths: Int64

    // On the disk.
    var outbox: OutboxModel
    /// An older copy of the disk, for the day somebody puts it back.
    var saved: OutboxModel?
    /// Lineages that it has left, and the generation of the last answer to hello: for the judges; nil: not known.
    var leftLineages: Set<Data> = []
    var generation: Data?

    // In memory.
    var machine = SyncMachine(batch: .standard)
    var isUp = true
    var bootedAt: Duration
    var bootID: Data
    var bootCounter: Int64 = 1
    /// Counts boots of the simulation, so that answers to a question of before the power cut reach nobody.
    var life = 0
    var session: Data?
    /// The timer that is set, by the simulation's clock.
    var armedFor: Duration?
    /// The day that somebody confirmed since the start.
    var fairDay: CalendarDate?

    // Around it.
    var hasNetwork = true
    var isDead = false
    /// How far its wall clock is from the truth; quality says what it claims.
    var wallError: Duration = .zero
    var clockQuality = ClockSample.Quality.none
    /// Digests on the resident stick, in the order they were appended; nil: no stick.
    var stick: [Data]?
    /// Tries to reach headquarters, by hour of the simulation.
    var tries: [Int: Int] = [:]
    /// Since when it has had records to send and got rid of none.
    var stuckSince: Duration?

    init(deviceID: Data, lineageID: Data, bootID: Data, driftMillionths: Int64, at now: Duration, hasStick: Bool) {
        self.deviceID = deviceID
        self.driftMillionths = driftMillionths
        outbox = OutboxModel(lineageID: lineageID)
        self.bootID = bootID
        bootedAt = now
        stick = hasStick ? [] : nil
    }

    /// The clock since boot, as the machine is told it.
    func bootClock(_ now: Duration) -> Duration { now - bootedAt }

    func sample(_ now: Duration) -> ClockSample {
        let boot = Simulation.milliseconds(bootClock(now))
        let wall = Simulation.epoch + Simulation.milliseconds(now + wallError)
        return ClockSample(
            wallMilliseconds: wall, bootID: bootID, bootCounter: bootCounter,
            bootMilliseconds: boot + boot * driftMillionths / 1_000_000, quality: clockQuality)
    }

    /// When the machine wants to be woken, by the simulation's clock.
    var wakeAt: Duration? {
        guard isUp, !isDead else { return nil }
        return machine.wakeAt.map { $0 + bootedAt }
    }
}
