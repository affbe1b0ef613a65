// Plays the seekers and counts what came of each.

import JobFair
import KioskCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One rehearsal. Seeker n goes to kiosk n modulo the number of kiosks.
struct Rehearsal: Sendable {
    struct Tally: Sendable {
        var acknowledged = 0
        /// Acknowledged on a second or later try: the answer is a repeat, or the first of several requests to arrive.
        var repeated = 0
        /// Requests that were sent and never answered.
        var lost = 0
        var refused = 0
        /// Statuses of answers that a healthy kiosk never gives.
        var failures: [Int] = []
        var givenUp = 0
        var firstAnswers: [Duration] = []

        mutating func add(_ other: Tally) {
            acknowledged += other.acknowledged
            repeated += other.repeated
            lost += other.lost
            refused += other.refused
            failures += other.failures
            givenUp += other.givenUp
            firstAnswers += other.firstAnswers
        }

        func milliseconds(_ quantile: Double) -> Int {
            guard !firstAnswers.isEmpty else { return 0 }
            let sorted = firstAnswers.sorted()
            let duration = sorted[min(sorted.count - 1, Int(quantile * Double(sorted.count)))]
            return Int(duration / .milliseconds(1))
        }
    }

    /// A seeker, ready to be sent.
    private struct Person: Sendable {
        var form: RegistrationForm
        var recordID: RecordID
        var formKey: String
        var kiosk: KioskClient
    }

    /// A line of progress every so many seekers.
    static let progressEvery = 100

    let kiosks: [KioskClient]
    let seekersCount: Int
    let seed: UInt64
    let patience: Duration
    let log: AcknowledgementLog

    /// Every kiosk has its own people waiting: a slow one does not draw the clients of the others.
    func closedLoop(clients: Int) async throws -> Tally {
        let people = try await makePeople()
        return try await withThrowingTaskGroup(of: Tally.self) { group in
            for index in kiosks.indices {
                let own = people.enumerated().filter { $0.offset % kiosks.count == index }.map(\.element)
                let share = clients / kiosks.count + (index < clients % kiosks.count ? 1 : 0)
                group.addTask { try await queue(own, clients: share) }
            }
            return try await group.reduce(into: Tally()) { $0.add($1) }
        }
    }

    private func queue(_ people: [Person], clients: Int) async throws -> Tally {
        var waiting = people.makeIterator()
        return try await withThrowingTaskGroup(of: Step.self) { group in
            for _ in 0..<max(1, clients) {
                guard let person = waiting.next() else { break }
                group.addTask { try await play(person) }
            }
            var tally = Tally()
            while let step = try await group.next() {
                count(step, in: &tally)
                if let person = waiting.next() { group.addTask { try await play(person) } }
            }
            return tally
        }
    }

    /// - Parameter offsets: seconds after the start, ascending, one for each seeker.
    func openLoop(offsets: [Double]) async throws -> Tally {
        let people = try await makePeople()
        let start = ContinuousClock.now
        return try await withThrowingTaskGroup(of: Step.self) { group in
            for (person, offset) in zip(people, offsets) {
                group.addTask {
                    try await Task.sleep(until: start + .seconds(offset), clock: .continuous)
                    return try await play(person)
                }
            }
            var tally = Tally()
            while let step = try await group.next() { count(step, in: &tally) }
            return tally
        }
    }

    // MARK: Parts

    private struct Step: Sendable {
        var outcome: KioskClient.Outcome
        var duration: Duration
    }

    private func makePeople() async throws -> [Person] {
        var random = SystemRandomNumberGenerator()
        let terms = try await withThrowingTaskGroup(of: (Int, KioskClient.Terms).self) { group in
            for (index, kiosk) in kiosks.enumerated() { group.addTask { (index, try await kiosk.terms()) } }
            return try await group.reduce(into: [Int: KioskClient.Terms]()) { $0[$1.0] = $1.1 }
        }
        // The kiosks of one rehearsal have the same fair open.
        var seekers = RehearsalSeekers(seed: seed)
        if let first = terms[0], let day = first.day {
            seekers = RehearsalSeekers(
                seed: seed, day: day, noticeVersion: first.noticeVersion, keyGroups: first.keyGroups)
        }
        return (0..<seekersCount).map { index in
            var form = seekers.next()
            form.noticeVersion = terms[index % kiosks.count]?.noticeVersion
            let milliseconds = Int64(Date().timeIntervalSince1970 * 1000)
            let key = (0..<16).map { _ in String(UInt8.random(in: 0...255, using: &random), radix: 16).leftPadded(2) }
            return Person(
                form: form,
                recordID: RecordID(
                    milliseconds: milliseconds, random: (0..<10).map { _ in .random(in: 0...255, using: &random) }),
                formKey: key.joined(), kiosk: kiosks[index % kiosks.count])
        }
    }

    private func play(_ person: Person) async throws -> Step {
        let start = ContinuousClock.now
        let outcome = try await person.kiosk.register(
            person.form, recordID: person.recordID, formKey: person.formKey, patience: patience)
        let duration = ContinuousClock.now - start
        if case .acknowledged(let ticket, let tries, let lost) = outcome {
            try await log.append("\(person.recordID) \(ticket) \(person.kiosk.address) \(tries) \(lost)")
        }
        return Step(outcome: outcome, duration: duration)
    }

    private func count(_ step: Step, in tally: inout Tally) {
        switch step.outcome {
        case .acknowledged(_, let tries, let lost):
            tally.acknowledged += 1
            tally.lost += lost
            if tries > 1 { tally.repeated += 1 } else { tally.firstAnswers.append(step.duration) }
        case .refused: tally.refused += 1
        case .failed(let status): tally.failures.append(status)
        case .givenUp(let lost):
            tally.givenUp += 1
            tally.lost += lost
        }
        let done = tally.acknowledged + tally.refused + tally.failures.count + tally.givenUp
        if done.isMultiple(of: Self.progressEvery) { print("\(done) of \(seekersCount)") }
    }
}
