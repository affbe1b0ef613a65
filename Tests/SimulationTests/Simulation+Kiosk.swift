// What a kiosk of the simulation does: registers, carries out what the machine decides, believes answers or not.

import Foundation
import HeadquartersCore
import JobFair
import KioskCore

extension Simulation {
    mutating func register(at index: Int) {
        if kiosks[index].outbox.isRevoked { return note("registrations refused after a revocation") }
        let place = kiosks[index].outbox.nextPlace
        if kiosks[index].leftLineages.contains(place.lineageID) {
            violations.append("kiosk \(index) registers in a lineage that it has left")
        }
        let recordID = RecordID(milliseconds: trueNow, random: Array(random.bytes(10)))
        let digest = random.bytes(32)
        let today = BeijingTime(milliseconds: trueNow)?.day
        let isConfirmed = kiosks[index].fairDay != nil && kiosks[index].fairDay == today
        let envelope = RecordEnvelope(
            recordID: recordID, deviceID: kiosks[index].deviceID, fairID: Self.fairID, lineageID: place.lineageID,
            sequence: place.sequence, previousDigest: place.previousDigest, fairDay: isConfirmed ? today : nil,
            isDayConfirmed: isConfirmed, ticket: nil, clock: kiosks[index].sample(now), digest: digest, frame: digest)
        let content = content()
        truth[recordID] = Truth(envelope: envelope, content: content, occurredAt: trueNow)
        if case .registration = content { registrations.append(recordID) }
        byDigest[digest] = recordID
        kiosks[index].outbox.commit(recordID, digest: digest, frame: digest)
        kiosks[index].stick?.append(digest)
        if kiosks[index].stuckSince == nil { kiosks[index].stuckSince = now }
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
        arm(index)
    }

    private mutating func perform(_ action: SyncMachine.Action, at index: Int) {
        switch action {
        case .sayHello:
            questions += 1
            send(.hello(questions, kiosks[index].outbox.helloFacts(), kiosks[index].sample(now)), from: index)
        case .upload(let window):
            let records = kiosks[index].outbox.pending(
                after: window.after, countMax: window.countMax, bytesMax: window.bytesMax)
            guard let first = records.first, let last = records.last, let place = envelope(first.digest) else {
                kiosks[index].stuckSince = nil
                return schedule(.machine(.nothingPending), for: index, after: .milliseconds(1))
            }
            let sent = SyncMachine.SentBatch(count: records.count, lastPosition: last.position)
            send(
                .batch(
                    records.map(\.digest), lineageID: place.lineageID, sent, session: kiosks[index].session, at: now),
                from: index)
        case .settle(let news):
            let effect = kiosks[index].outbox.settle(news)
            if effect.isNewGeneration { note("generations that kiosks noticed") }
            note("records offered again for a gap", effect.offeredAgain)
            note("records missing on both sides", effect.unavailable)
            handle(.settled(effect), at: index)
        case .startNewLineage(let reason):
            note("lineages left: \(reason)")
            kiosks[index].leftLineages.insert(kiosks[index].outbox.lineageID)
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
            for (old, new) in zip(before, kiosks[index].outbox.entries) where records > 0 && old.state != new.state {
                let isSafe = headquarters.backups.contains {
                    $0.records.holds(new.record.recordID, digest: new.record.digest)
                }
                if !isSafe { violations.append("purged \(new.record.recordID), which is in no backup") }
            }
        }
        schedule(.machine(.choreDone(chore, records: records)), for: index, after: .milliseconds(20))
    }

    // MARK: - Answers

    /// As `SyncErrands` and `ReceiptCheck` read them: an answer counts for its own question, a receipt for this device, this
    /// lineage and the records that were sent.
    mutating func hear(_ answer: Answer, to request: Request, at index: Int) {
        switch (request, answer) {
        case (.hello(let question, let facts, _), .hello(let answered, let reply)) where question == answered:
            hear(reply, asked: facts, at: index)
        case (.hello, _):
            note("hellos answered with something else")
            handle(.helloFailed(.untrusted), at: index)
        case (.batch(let digests, let lineageID, let sent, _, _), .receipt(let deviceID, var receipt, let retryAfter)):
            guard deviceID == kiosks[index].deviceID, lineageID == receipt.lineageID else {
                note(deviceID == kiosks[index].deviceID ? "receipts of another lineage" : "receipts of another kiosk")
                return handle(.uploadFailed(.untrusted, sent: sent), at: index)
            }
            let all = receipt.lines.count
            receipt.lines = receipt.lines.filter { digests.contains($0.digest) }
            if receipt.lines.count < all { note("receipts of another batch") }
            let effect = apply(receipt, at: index)
            if effect.isOtherGeneration {
                handle(.uploadFailed(.otherGeneration, sent: sent), at: index)
            } else {
                let asksToWait = receipt.lines.contains { $0.outcome == .retryLater }
                handle(
                    .uploaded(.init(sent: sent, moved: effect.moved, retryAfter: asksToWait ? retryAfter : .zero)),
                    at: index)
            }
        case (.batch(_, _, let sent, _, _), .hello):
            note("batches answered with something else")
            handle(.uploadFailed(.untrusted, sent: sent), at: index)
        }
    }

    /// Nothing may leave `pending` but what a receipt of the generation that counts names with these bytes.
    mutating func apply(_ receipt: VerifiedReceipt, at index: Int) -> ReceiptEffect {
        let before = kiosks[index].outbox.entries
        let effect = kiosks[index].outbox.apply(receipt)
        if effect.isOtherGeneration { note("receipts of another generation") }
        if effect.moved > 0, let today = kiosks[index].generation, today != receipt.headquartersGeneration {
            violations.append("kiosk \(index) believes a receipt of another generation")
        }
        var changed = 0
        for (old, new) in zip(before, kiosks[index].outbox.entries) where old.state != new.state {
            changed += 1
            let line = SimulatedHeadquarters.Line(
                generation: receipt.headquartersGeneration, digest: new.record.digest)
            if !headquarters.acknowledged.contains(line) {
                violations.append("\(new.record.recordID) is \(new.state) and was never receipted")
            }
        }
        if changed > effect.moved { violations.append("\(changed) records moved, the receipt says \(effect.moved)") }
        if effect.moved > 0, let since = kiosks[index].stuckSince {
            note("most seconds without progress", Int((now - since).components.seconds))
            kiosks[index].stuckSince = now
        }
        return effect
    }

    private mutating func hear(_ reply: SimulatedHeadquarters.HelloReply, asked: HelloFacts, at index: Int) {
        kiosks[index].session = reply.session
        kiosks[index].generation = reply.generation
        let own = kiosks[index].outbox.digest(lineageID: asked.head.lineageID, sequence: reply.knownThrough)
        handle(
            .helloAnswered(
                HelloAnswer(
                    knownThrough: reply.knownThrough, digestAtKnownThrough: reply.digestAtKnownThrough,
                    durableThrough: reply.durableThrough, digestAtDurable: reply.digestAtDurable, gaps: reply.gaps,
                    otherLineages: reply.others, headquartersGeneration: reply.generation,
                    lineagesToLeave: reply.lineagesToLeave, isRevoked: reply.isRevoked, erasures: reply.erasures,
                    asked: asked, ownDigestAtKnownThrough: own)), at: index)
    }

    func envelope(_ digest: Data) -> RecordEnvelope? { byDigest[digest].flatMap { truth[$0] }?.envelope }

    func arrived(_ digest: Data) -> ArrivedRecord? {
        byDigest[digest].flatMap { truth[$0] }.map { .opened($0.envelope, $0.content) }
    }
}
