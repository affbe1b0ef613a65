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
        /// Mean minutes between two faults of the world (power, disks, sticks, headquarters); nil: none.
        var minutesBetweenFaults: Double?
        /// A restore takes an older backup than the newest.
        var restoresOlder = false
        static let calm = Weather()
    }

    enum Request {
        case hello(HelloFacts, ClockSample)
        case batch([OutboxRecord], lineageID: Data, SyncMachine.SentBatch, session: Data?)
    }

    enum Event {
        /// Something reaches the machine of a kiosk that still lives the same life.
        case machine(SyncMachine.Event)
        case helloReply(HelloFacts, SimulatedHeadquarters.HelloReply)
        case receipt(VerifiedReceipt, SyncMachine.SentBatch)
        /// By another road: a stick, or an answer that was long under way.
        case lateReceipt(VerifiedReceipt)
        case request(Request)
        case register
        case bootUp
        case networkBack
    }

    /// Midnight in China, 2027-01-15.
    static let epoch: Int64 = 1_799_942_400_000
    static let fairID = FairID(milliseconds: 7, random: Array(repeating: 7, count: 10))

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
    /// What this history has seen; a simulation that never sees a fault proves nothing about it.
    var seen: [String: Int] = [:]
    var headquartersBackAt: Duration?

    private var queue: [(at: Duration, order: Int, kiosk: Int, life: Int?, event: Event)] = []
    private var order = 0

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

    var headquartersNow: Int64 { Self.epoch + Self.milliseconds(now) }

    mutating func note(_ what: String, _ count: Int = 1) { seen[what, default: 0] += count }

    // MARK: - Time

    mutating func schedule(_ event: Event, for kiosk: Int, after wait: Duration, anyLife: Bool = false) {
        order += 1
        queue.append((now + wait, order, kiosk, anyLife ? nil : kiosks[kiosk].life, event))
    }

    /// Runs until then; `records` are registered at random times in between.
    mutating func run(for duration: Duration, records: Int) {
        let end = now + duration
        for _ in 0..<records {
            let wait = random.milliseconds(0...max(1, Self.milliseconds(duration)))
            schedule(.register, for: Int.random(in: kiosks.indices, using: &random), after: wait, anyLife: true)
        }
        var nextFault = weather.minutesBetweenFaults.map { now + fault(after: $0) }
        while true {
            let first = queue.min { ($0.at, $0.order) < ($1.at, $1.order) }
            let wake = kiosks.compactMap(\.wakeAt).map { max($0, now) }.min()
            let next = [first?.at, wake, nextFault, headquartersBackAt].compactMap(\.self).min() ?? end
            guard next < end else { break }
            now = next
            if let back = headquartersBackAt, back <= now {
                headquartersBackAt = nil
                headquarters.isUp = true
            } else if let fault = nextFault, fault <= now {
                strike()
                nextFault = weather.minutesBetweenFaults.map { now + self.fault(after: $0) }
            } else if let first, first.at <= now, let index = queue.firstIndex(where: { $0.order == first.order }) {
                queue.remove(at: index)
                arrive(first.event, at: first.kiosk, life: first.life)
            } else if let index = kiosks.firstIndex(where: { $0.wakeAt.map { $0 <= now } ?? false }) {
                handle(.timer, at: index)
            }
        }
        now = end
    }

    private mutating func fault(after minutes: Double) -> Duration {
        .milliseconds(Int64(Double.random(in: 0.1...2, using: &random) * minutes * 60_000))
    }

    private mutating func arrive(_ event: Event, at index: Int, life: Int?) {
        let kiosk = kiosks[index]
        if case .request(let request) = event {
            // What is on the wire arrives whatever became of the sender.
            return answer(request, of: index, life: life)
        }
        guard !kiosk.isDead, life == nil || life == kiosk.life else { return }
        switch event {
        case .register: if kiosk.isUp { register(at: index) }
        case .bootUp:
            kiosks[index].isUp = true
            handle(.started, at: index)
        case .networkBack:
            kiosks[index].hasNetwork = true
            handle(.networkUp, at: index)
        case .machine(let event): handle(event, at: index)
        case .helloReply(let asked, let reply): hear(reply, asked: asked, at: index)
        case .receipt(let receipt, let sent):
            let effect = kiosks[index].outbox.apply(receipt)
            if effect.isOtherGeneration {
                note("receipts of another generation")
                handle(.uploadFailed(.otherGeneration, sent: sent), at: index)
            } else {
                handle(.uploaded(.init(sent: sent, moved: effect.moved, retryAfter: .zero)), at: index)
            }
        case .lateReceipt(let receipt):
            let effect = kiosks[index].outbox.apply(receipt)
            note("receipts by another road", effect.moved)
            if effect.isOtherGeneration { note("receipts of another generation") }
        case .request: break
        }
    }

    // MARK: - A kiosk

    private mutating func register(at index: Int) {
        let kiosk = kiosks[index]
        let place = kiosk.outbox.nextPlace
        let recordID = RecordID(milliseconds: headquartersNow, random: Array(random.bytes(10)))
        let digest = random.bytes(32)
        let envelope = RecordEnvelope(
            recordID: recordID, deviceID: kiosk.deviceID, fairID: Self.fairID, lineageID: place.lineageID,
            sequence: place.sequence, previousDigest: place.previousDigest, fairDay: nil, isDayConfirmed: false,
            ticket: nil, clock: kiosk.sample(now), digest: digest, frame: digest)
        let content = content()
        truth[recordID] = Truth(envelope: envelope, content: content, occurredAt: headquartersNow)
        if case .registration = content { registrations.append(recordID) }
        byDigest[digest] = recordID
        kiosks[index].outbox.commit(recordID, digest: digest, frame: digest)
        kiosks[index].stick?.append(digest)
        // One nudge in three is lost.
        if !random.chance(0.33) { handle(.recordCommitted, at: index) }
    }

    private mutating func content() -> HeadquartersCore.RecordContent {
        if random.chance(0.2), let seeker = registrations.randomElement(using: &random) {
            return .checkIn(seeker: seeker)
        }
        // Eight people who come again and again, so that erasures find some.
        let person = random.chance(0.8) ? PersonKey(bytes: Data([UInt8.random(in: 0..<8, using: &random)])) : nil
        return .registration(
            OpenedRegistration(
                person: person, surname: nil, slipDigits: nil, ageBand: .adult, hasBirthDate: true,
                allowsIntents: true, isRehearsal: false))
    }

    mutating func handle(_ event: SyncMachine.Event, at index: Int) {
        guard kiosks[index].isUp, !kiosks[index].isDead else { return }
        let clock = kiosks[index].bootClock(now)
        for action in kiosks[index].machine.handle(event, at: clock, random: &random) { perform(action, at: index) }
    }

    private mutating func perform(_ action: SyncMachine.Action, at index: Int) {
        switch action {
        case .sayHello: send(.hello(kiosks[index].outbox.helloFacts(), kiosks[index].sample(now)), from: index)
        case .upload(let window):
            let records = kiosks[index].outbox.pending(
                after: window.after, countMax: window.countMax, bytesMax: window.bytesMax)
            guard let first = records.first, let last = records.last, let place = envelope(first.digest) else {
                return schedule(.machine(.nothingPending), for: index, after: .milliseconds(1))
            }
            let sent = SyncMachine.SentBatch(count: records.count, lastPosition: last.position)
            send(
                .batch(records, lineageID: place.lineageID, sent, session: kiosks[index].session), from: index)
        case .settle(let news):
            let effect = kiosks[index].outbox.settle(news)
            if effect.isNewGeneration { note("generations that kiosks noticed") }
            note("records offered again for a gap", effect.offeredAgain)
            note("records missing on both sides", effect.unavailable)
            handle(.settled(effect), at: index)
        case .startNewLineage(let reason):
            note("lineages left: \(reason)")
            kiosks[index].outbox.startNewLineage(random.bytes(16))
        case .chore(let chore): perform(chore, at: index)
        case .follow, .download: break
        }
    }

    private mutating func perform(_ chore: SyncMachine.Chore, at index: Int) {
        let records: Int
        switch chore {
        case .offerAgain:
            records = kiosks[index].outbox.offerAgain()
            note("records offered again after a restore", records)
        case .purge:
            let before = kiosks[index].outbox.entries
            records = kiosks[index].outbox.purge()
            note("records purged", records)
            for (old, new) in zip(before, kiosks[index].outbox.entries) where old.state != new.state {
                let isSafe = headquarters.backups.contains {
                    $0.records.holds(new.record.recordID, digest: new.record.digest)
                }
                if !isSafe { violations.append("purged \(new.record.recordID), which is in no backup") }
            }
        }
        schedule(.machine(.choreDone(chore, records: records)), for: index, after: .milliseconds(20))
    }

    private mutating func hear(
        _ reply: SimulatedHeadquarters.HelloReply, asked: HelloFacts, at index: Int
    ) {
        kiosks[index].session = reply.session
        let own = kiosks[index].outbox.digest(lineageID: asked.head.lineageID, sequence: reply.knownThrough)
        handle(
            .helloAnswered(
                HelloAnswer(
                    knownThrough: reply.knownThrough, digestAtKnownThrough: reply.digestAtKnownThrough,
                    durableThrough: reply.durableThrough, digestAtDurable: reply.digestAtDurable, gaps: reply.gaps,
                    otherLineages: reply.others,
                    headquartersGeneration: reply.generation, lineagesToLeave: reply.lineagesToLeave,
                    erasures: reply.erasures, asked: asked, ownDigestAtKnownThrough: own)), at: index)
    }

    func envelope(_ digest: Data) -> RecordEnvelope? { byDigest[digest].flatMap { truth[$0] }?.envelope }

    func arrived(_ digest: Data) -> ArrivedRecord? {
        byDigest[digest].flatMap { truth[$0] }.map { .opened($0.envelope, $0.content) }
    }

    // MARK: - The road

    private mutating func send(_ request: Request, from index: Int) {
        let wait = random.milliseconds(5...900)
        if !kiosks[index].hasNetwork {
            return fail(request, .unreachable, at: index, life: kiosks[index].life, after: .milliseconds(10))
        }
        if random.chance(weather.loss) {
            note("requests lost")
            return fail(request, .timedOut, at: index, life: kiosks[index].life, after: .seconds(60))
        }
        schedule(.request(request), for: index, after: wait)
        if random.chance(weather.loss / 2), case .batch = request {
            // The network gave it twice; the kiosk hears one answer.
            note("requests that came twice")
            schedule(.request(request), for: index, after: wait + random.milliseconds(1...600_000))
        }
    }

    private mutating func fail(
        _ request: Request, _ failure: SyncFailure, at index: Int, life: Int?, after wait: Duration
    ) {
        guard life == kiosks[index].life else { return }
        switch request {
        case .hello: schedule(.machine(.helloFailed(failure)), for: index, after: wait)
        case .batch(_, _, let sent, _): schedule(.machine(.uploadFailed(failure, sent: sent)), for: index, after: wait)
        }
    }

    private mutating func answer(_ request: Request, of index: Int, life: Int?) {
        let wait = random.milliseconds(5...900)
        guard headquarters.isUp else { return fail(request, .unreachable, at: index, life: life, after: wait) }
        if random.chance(weather.strange) {
            let failures: [SyncFailure] = [
                .notHeadquarters, .busy(retryAfter: .seconds(20)), .serverFailed, .untrusted, .sessionUnknown,
                .refused(code: "device.unknown"), .tooLarge,
            ]
            note("strange answers")
            return fail(
                request, failures.randomElement(using: &random) ?? .serverFailed, at: index, life: life, after: wait)
        }
        switch request {
        case .hello(let facts, let clock):
            let reply = headquarters.hello(
                facts, of: kiosks[index].deviceID, clock: clock, content: erased, at: headquartersNow, random: &random)
            reach(index, life, .helloReply(facts, reply), request, after: wait)
        case .batch(let records, let lineageID, let sent, let session):
            guard headquarters.sessions[kiosks[index].deviceID] == session, session != nil else {
                return fail(request, .sessionUnknown, at: index, life: life, after: wait)
            }
            if random.chance(weather.strange / 2) {
                note("headquarters killed before its commit")
                headquarters.restart()
                return fail(request, .unreachable, at: index, life: life, after: wait)
            }
            let receipt = headquarters.take(
                records.compactMap { arrived($0.digest) }, of: kiosks[index].deviceID, lineageID: lineageID,
                at: headquartersNow, random: &random)
            checkTimes(records.map(\.digest))
            note("duplicates answered", receipt.lines.count { $0.outcome == .duplicate })
            note("erased records answered", receipt.lines.count { $0.outcome == .duplicateErased })
            if random.chance(weather.strange / 2) {
                note("headquarters killed after its commit")
                headquarters.restart()
                return fail(request, .unreachable, at: index, life: life, after: wait)
            }
            reach(index, life, .receipt(receipt, sent), request, after: wait)
        }
    }

    private mutating func reach(_ index: Int, _ life: Int?, _ event: Event, _ request: Request, after wait: Duration) {
        if random.chance(weather.loss) {
            note("answers lost")
            if case .receipt(let receipt, _) = event, random.chance(0.5) {
                schedule(.lateReceipt(receipt), for: index, after: random.milliseconds(1...7_200_000), anyLife: true)
            }
            return fail(request, .timedOut, at: index, life: life, after: .seconds(60))
        }
        guard life == kiosks[index].life else { return }
        schedule(event, for: index, after: wait)
    }

    /// The estimate of headquarters has to hold the truth, whatever the kiosk's clocks say.
    mutating func checkTimes(_ digests: [Data]) {
        for digest in digests {
            guard let bounds = headquarters.disk.records.frames[digest]?.occurred, let id = byDigest[digest],
                let happened = truth[id]?.occurredAt
            else { continue }
            if happened < bounds.lower || happened > bounds.upper {
                violations.append("\(id) happened outside its bounds")
            }
        }
    }
}
