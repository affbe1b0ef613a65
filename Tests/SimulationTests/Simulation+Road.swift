// The road between kiosk and headquarters: what is lost, late, twice, strange, or comes in the place of something else.

import Foundation
import HeadquartersCore
import JobFair
import KioskCore

extension Simulation {
    enum Request {
        /// Its number stands for the nonce.
        case hello(Int, HelloFacts, ClockSample)
        /// Digests of its records.
        case batch([Data], lineageID: Data, SyncMachine.SentBatch, session: Data?, at: Duration)
    }

    /// As headquarters signed it.
    enum Answer {
        case hello(Int, SimulatedHeadquarters.HelloReply)
        case receipt(of: Data, VerifiedReceipt, retryAfter: Duration)
    }

    /// A whole request takes this long at most; then the kiosk gives up.
    static let deadline = Duration.seconds(60)
    /// Answers that may come again.
    private static let givenMax = 60
    /// Of a kiosk in one hour; then the history need not go on.
    private static let triesMax = 10_000
    /// Of a request that nobody waits for any more: no kiosk lives it.
    private static let noLife = -1

    mutating func send(_ request: Request, from index: Int) {
        let hour = Int(now.components.seconds / 3600)
        kiosks[index].tries[hour, default: 0] += 1
        if kiosks[index].tries[hour] == Self.triesMax {
            violations.append("kiosk \(index) tries without end")
            kiosks[index].isDead = true
        }
        var wait = random.milliseconds(5...900)
        if !kiosks[index].hasNetwork {
            return fail(request, .unreachable, at: index, life: kiosks[index].life, after: .milliseconds(10))
        }
        if random.chance(weather.loss) {
            note("requests lost")
            return fail(request, .timedOut, at: index, life: kiosks[index].life, after: Self.deadline)
        }
        if weather.late > 0, random.chance(weather.late) {
            note("requests that came late")
            // Of a hello that comes later than that headquarters would believe the clock.
            var latest = Self.milliseconds(Self.deadline)
            if case .batch = request { latest *= 10 }
            wait = random.milliseconds(1000...latest)
            if wait > Self.deadline {
                fail(request, .timedOut, at: index, life: kiosks[index].life, after: Self.deadline)
            }
        }
        schedule(
            .request(request), for: index, life: wait > Self.deadline ? Self.noLife : kiosks[index].life, after: wait)
        if random.chance(weather.loss / 2), case .batch = request {
            // The network gave it twice; the kiosk hears one answer.
            note("requests that came twice")
            schedule(
                .request(request), for: index, life: Self.noLife, after: wait + random.milliseconds(1...600_000))
        }
    }

    private mutating func fail(
        _ request: Request, _ failure: SyncFailure, at index: Int, life: Int?, after wait: Duration
    ) {
        guard life == kiosks[index].life else { return }
        switch request {
        case .hello: schedule(.machine(.helloFailed(failure)), for: index, after: wait)
        case .batch(_, _, let sent, _, _):
            schedule(.machine(.uploadFailed(failure, sent: sent)), for: index, after: wait)
        }
    }

    mutating func reachHeadquarters(_ request: Request, of index: Int, life: Int?) {
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
        case .hello(let question, let facts, let clock):
            let reply = headquarters.hello(
                facts, of: kiosks[index].deviceID, clock: clock, content: erased, at: headquartersNow, random: &random)
            reachKiosk(index, life, .hello(question, reply), request, after: wait)
        case .batch(let digests, _, _, let session, _):
            let deviceID = kiosks[index].deviceID
            guard headquarters.sessions[deviceID] == session, session != nil else {
                return fail(request, .sessionUnknown, at: index, life: life, after: wait)
            }
            guard headquarters.gate != nil else { return finish(request, of: index, life: life) }
            switch headquarters.enter(deviceID, records: digests.count, at: now) {
            case .turnedAway(let seconds):
                note("batches turned away")
                fail(request, .busy(retryAfter: seconds), at: index, life: life, after: wait)
            case .done(let done):
                note("most batches at once", headquarters.gate?.underWay ?? 0)
                schedule(.taken(request), for: index, life: life, after: done - now)
            }
        }
    }

    /// A batch is taken in and receipted.
    mutating func finish(_ request: Request, of index: Int, life: Int?) {
        guard case .batch(let digests, let lineageID, _, _, let sentAt) = request else { return }
        headquarters.leave()
        let wait = random.milliseconds(5...900)
        if random.chance(weather.strange / 2) {
            note("headquarters killed before its commit")
            headquarters.restart()
            return fail(request, .unreachable, at: index, life: life, after: wait)
        }
        var records = digests.compactMap(arrived)
        if weather.strange > 0 { records = records.map { random.chance(0.03) ? postponed($0) : $0 } }
        let deviceID = kiosks[index].deviceID
        let receipt = headquarters.take(
            records, of: deviceID, lineageID: lineageID, at: headquartersNow, random: &random)
        checkTimes(digests)
        note("duplicates answered", receipt.lines.count { $0.outcome == .duplicate })
        note("erased records answered", receipt.lines.count { $0.outcome == .duplicateErased })
        note("records held", receipt.lines.count { $0.outcome == .held })
        if random.chance(weather.strange / 2) {
            note("headquarters killed after its commit")
            headquarters.restart()
            return fail(request, .unreachable, at: index, life: life, after: wait)
        }
        if now + wait - sentAt > Self.deadline, headquarters.gate != nil {
            note("batches that waited beyond the deadline")
            return fail(request, .timedOut, at: index, life: life, after: .zero)
        }
        reachKiosk(index, life, .receipt(of: deviceID, receipt, retryAfter: .seconds(60)), request, after: wait)
    }

    private mutating func postponed(_ arrived: ArrivedRecord) -> ArrivedRecord {
        guard case .opened(let envelope, _) = arrived else { return arrived }
        note("records put off")
        return .postponed(
            recordID: Data(envelope.recordID.bytes), digest: envelope.digest, reason: .fairUnknown)
    }

    private mutating func reachKiosk(
        _ index: Int, _ life: Int?, _ answer: Answer, _ request: Request, after wait: Duration
    ) {
        var (answer, wait) = (answer, wait)
        if weather.exchanged > 0 {
            given.append(answer)
            if given.count > Self.givenMax { given.removeFirst() }
            if random.chance(weather.exchanged), let other = given.randomElement(using: &random) { answer = other }
        }
        if random.chance(weather.loss) || isCutOff(index) {
            note("answers lost")
            if case .receipt(_, let receipt, _) = answer, random.chance(0.5) {
                schedule(.lateReceipt(receipt), for: index, after: random.milliseconds(1...7_200_000), anyLife: true)
            }
            return fail(request, .timedOut, at: index, life: life, after: Self.deadline)
        }
        if weather.late > 0, random.chance(weather.late) {
            note("answers that came late")
            wait = random.milliseconds(1000...600_000)
            if wait > Self.deadline {
                return fail(request, .timedOut, at: index, life: life, after: Self.deadline)
            }
        }
        guard life == kiosks[index].life else { return }
        schedule(.answer(answer, request), for: index, after: wait)
    }

    /// Where the network flaps: what is under way while it is down comes again, or does not.
    private mutating func isCutOff(_ index: Int) -> Bool {
        weather.flap != nil && !kiosks[index].hasNetwork && random.chance(0.5)
    }

    /// The estimate of headquarters has to hold the truth, whatever the kiosk's clocks say.
    mutating func checkTimes(_ digests: [Data]) {
        for digest in digests {
            guard let frame = headquarters.disk.records.frames[digest], let id = byDigest[digest],
                let happened = truth[id]?.occurredAt
            else { continue }
            let boot = frame.envelope.clock.bootID
            if headquarters.spoiled.contains(boot) {
                note("estimates that an absurd headquarters spoiled")
                continue
            }
            let isPaired = headquarters.paired.contains(boot)
            if frame.envelope.clock.quality == .hand, !isPaired { continue }
            if frame.envelope.isDayConfirmed, !isPaired { note("records dated by their fair day") }
            if isPaired { note("records dated by the boot clock") }
            if happened < frame.occurred.lower || happened > frame.occurred.upper {
                violations.append("\(id) happened outside its bounds")
            }
        }
    }
}
