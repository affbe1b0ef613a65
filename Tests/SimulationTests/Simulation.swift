// Kiosks, headquarters, roads, clocks, disks and sticks in virtual time: one seed, one history.

import Foundation
import HeadquartersCore
import JobFair
import KioskCore

/// Drives the real sync machine and the real rules of both outboxes through faults; nothing in here decides for them.
struct Simulation {
    /// A record as it was when its success was shown.
    struct Truth {
        var envelope: RecordEnvelope
        var content: HeadquartersCore.RecordContent
        var occurredAt: Int64
    }

    /// How bad the world is. All zero: a calm one.
    struct Weather {
        /// Of a request, that it does not arrive; of an answer, the same.
        var loss = 0.0
        /// Of a request, that headquarters or somebody else answers something that is no receipt.
        var strange = 0.0
        /// Of a request and of an answer, that it is up to ten minutes under way.
        var late = 0.0
        /// Of an answer, that an older one comes in its place: of this kiosk or of another.
        var exchanged = 0.0
        /// Mean minutes between two faults of the world; nil: none.
        var minutesBetweenFaults: Double?
        /// Drawn evenly.
        var faults = Fault.usual
        /// A restore takes an older backup than the newest.
        var restoresOlder = false
        /// Milliseconds that the network stays up, and stays down; nil: it does not flap.
        var flap: ClosedRange<Double>?
        static let calm = Weather()
    }

    enum Event {
        /// Something reaches the machine of a kiosk that still lives the same life.
        case machine(SyncMachine.Event)
        /// The timer that the machine asked for.
        case wake(Duration)
        case answer(Answer, Request)
        /// By another road: a stick, or an answer that was long under way.
        case lateReceipt(VerifiedReceipt)
        case request(Request)
        /// Headquarters has taken the batch in, or not yet.
        case taken(Request)
        case register
        case bootUp
        case networkBack
        case flap
        case putBack(OutboxModel)
        case strike(phase: Int)
        case headquartersBack
    }

    struct Due {
        var kiosk: Int
        /// Nil: reaches the kiosk in whatever life.
        var life: Int?
        var event: Event
    }

    /// Midnight in China, 2027-01-15.
    static let epoch: Int64 = 1_799_942_400_000
    static let fairID = FairID(milliseconds: 7, random: Array(repeating: 7, count: 10))
    /// Timers of one kiosk at one moment; more are a busy loop.
    private static let timersAtOnceMax = 100

    let seed: UInt64
    var weather: Weather
    var now = Duration.seconds(0)
    var random: SeededGenerator
    var kiosks: [SimulatedKiosk] = []
    var headquarters: SimulatedHeadquarters
    var truth: [RecordID: Truth] = [:]
    var byDigest: [Data: RecordID] = [:]
    var registrations: [RecordID] = []
    /// Records that a disk took with it before headquarters or a stick had them: nothing can bring these back.
    var destroyed: Set<RecordID> = []
    var erased: [Data: SimulatedHeadquarters.Erased] = [:]
    var violations: [String] = []
    /// What this history has seen; a simulation that never sees a fault proves nothing about it. Of what begins with
    /// "most" the greatest counts.
    var seen: [String: Int] = [:]
    var questions = 0
    /// Answers that were given, the newest last: what may come again in the place of another.
    var given: [Answer] = []

    private var queue = EventQueue<Due>()
    private var phase = 0
    private var timersAtOnce = (at: Duration.zero, kiosk: 0, count: 0)

    init(seed: UInt64, kiosks count: Int, weather: Weather) {
        self.seed = seed
        self.weather = weather
        random = SeededGenerator(seed: seed)
        headquarters = SimulatedHeadquarters(generationID: random.bytes(16))
        for index in 0..<count {
            kiosks.append(
                SimulatedKiosk(
                    deviceID: random.bytes(16), lineageID: random.bytes(16), bootID: random.bytes(16),
                    driftMillionths: Int64.random(in: -100...100, using: &random), at: now, hasStick: index % 2 == 0))
            schedule(.machine(.started), for: index, after: .zero)
        }
    }

    static func milliseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }

    var trueNow: Int64 { Self.epoch + Self.milliseconds(now) }
    var headquartersNow: Int64 { trueNow + headquarters.wallError }

    mutating func note(_ what: String, _ count: Int = 1) {
        seen[what] = what.hasPrefix("most") ? max(seen[what] ?? 0, count) : seen[what, default: 0] + count
    }

    // MARK: - Time

    mutating func schedule(_ event: Event, for kiosk: Int, after wait: Duration, anyLife: Bool = false) {
        schedule(event, for: kiosk, life: anyLife ? nil : kiosks[kiosk].life, after: wait)
    }

    mutating func schedule(_ event: Event, for kiosk: Int, life: Int?, after wait: Duration) {
        queue.add(Due(kiosk: kiosk, life: life, event: event), at: now + wait)
    }

    /// Runs until then; `records` are registered at random times in between.
    mutating func run(for duration: Duration, records: Int) {
        let end = now + duration
        for _ in 0..<records {
            let wait = random.milliseconds(0...max(1, Self.milliseconds(duration)))
            schedule(.register, for: 0, after: wait, anyLife: true)
        }
        phase += 1
        nextStrike()
        while let next = queue.next, next < end, violations.count < 100 {
            now = max(now, next)
            guard let due = queue.takeFirst() else { break }
            arrive(due.event, at: due.kiosk, life: due.life)
            arm(due.kiosk)
        }
        now = end
    }

    private mutating func nextStrike() {
        guard let minutes = weather.minutesBetweenFaults else { return }
        let wait = Double.random(in: 0.1...2, using: &random) * minutes * 60_000
        schedule(.strike(phase: phase), for: 0, after: .milliseconds(Int64(wait)), anyLife: true)
    }

    /// As the sync service does: one timer, set anew where the machine asks for an earlier one.
    mutating func arm(_ index: Int) {
        guard let wake = kiosks[index].wakeAt.map({ max($0, now) }) else { return }
        if let armed = kiosks[index].armedFor, armed <= wake { return }
        kiosks[index].armedFor = wake
        queue.add(Due(kiosk: index, life: kiosks[index].life, event: .wake(wake)), at: wake)
    }

    private mutating func registerSomewhere() {
        let index = Int.random(in: kiosks.indices, using: &random)
        if kiosks[index].isUp, !kiosks[index].isDead { register(at: index) }
    }

    private mutating func wake(_ index: Int, _ set: Duration) {
        if kiosks[index].armedFor == set { kiosks[index].armedFor = nil }
        let isSame = timersAtOnce.at == now && timersAtOnce.kiosk == index
        timersAtOnce = (now, index, isSame ? timersAtOnce.count + 1 : 1)
        if timersAtOnce.count > Self.timersAtOnceMax {
            violations.append("kiosk \(index) is in a busy loop")
            kiosks[index].isDead = true
        }
        handle(.timer, at: index)
    }

    private mutating func arrive(_ event: Event, at index: Int, life: Int?) {
        switch event {
        // What is on the wire arrives whatever became of the sender.
        case .request(let request): return reachHeadquarters(request, of: index, life: life)
        case .taken(let request): return finish(request, of: index, life: life)
        case .strike(let phase):
            guard phase == self.phase else { return }
            strike()
            return nextStrike()
        case .headquartersBack: headquarters.isUp = true
        // Drawn now, so that copied cards register, too.
        case .register: return registerSomewhere()
        default: break
        }
        guard !kiosks[index].isDead, life == nil || life == kiosks[index].life else { return }
        switch event {
        case .bootUp:
            kiosks[index].isUp = true
            handle(.started, at: index)
        case .networkBack: bringNetwork(to: index)
        case .flap: flap(index)
        case .putBack(let saved): putBack(saved, at: index)
        case .machine(let event): handle(event, at: index)
        case .wake(let set): wake(index, set)
        case .answer(let answer, let request): hear(answer, to: request, at: index)
        case .lateReceipt(let receipt):
            let effect = apply(receipt, at: index)
            note("receipts by another road", effect.moved)
        case .register, .request, .taken, .strike, .headquartersBack: break
        }
    }
}
