// Who is on an employer's list: a pure rule over everything that was said.

import JobFair

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What the seeker with one slip said about one vacancy of the employer.
public struct EmployerIntent: Hashable, Sendable {
    /// The same for all slips of one person: person key, else the record id.
    public var person: Data
    public var words: IntentWords
    public var signing: IntentSigning?
    /// As it would be listed; standing, signing and what may be shown are decided here.
    public var line: EmployerListLine

    public init(person: Data, words: IntentWords, signing: IntentSigning?, line: EmployerListLine) {
        self.person = person
        self.words = words
        self.signing = signing
        self.line = line
    }
}

/// A word about consent for the employer as a whole.
public struct EmployerConsent: Hashable, Sendable {
    public var person: Data
    public var isGiven: Bool
    public var occurred: OccurredAt
    /// The kiosk that took it down made the slip, too, and could check the digits. Without that a consent does not count;
    /// a word against it always does: nobody is harmed by being kept off a list.
    public var isVouched: Bool

    public init(person: Data, isGiven: Bool, occurred: OccurredAt, isVouched: Bool) {
        self.person = person
        self.isGiven = isGiven
        self.occurred = occurred
        self.isVouched = isVouched
    }
}

public enum EmployerListRule {
    private struct Place: Hashable {
        var person: Data
        var vacancy: VacancyID
    }

    /// One line per person and vacancy, in the order of `intents`. Of a person with two slips the one whose consent is
    /// the latest is listed, and a withdrawal with either counts.
    public static func lines(
        _ intents: [EmployerIntent], consents: [EmployerConsent]
    ) -> (lines: [EmployerListLine], people: Int) {
        let said = Dictionary(grouping: consents.filter { $0.isVouched || !$0.isGiven }, by: \.person)
        let together = Dictionary(grouping: intents) { Place(person: $0.person, vacancy: $0.line.vacancyID) }
        var done: Set<Place> = []
        var lines: [EmployerListLine] = []
        var people: Set<Data> = []
        for intent in intents {
            let place = Place(person: intent.person, vacancy: intent.line.vacancyID)
            guard done.insert(place).inserted, let slips = together[place],
                let line = line(slips, consents: said[intent.person] ?? [])
            else { continue }
            lines.append(line)
            if line.standing == .open { people.insert(intent.person) }
        }
        return (lines, people.count)
    }

    /// Nil: not on the list.
    private static func line(_ slips: [EmployerIntent], consents: [EmployerConsent]) -> EmployerListLine? {
        var words = IntentWords()
        for slip in slips { words.join(slip.words) }
        for consent in consents { words.note(consent.occurred, isConsentGiven: consent.isGiven) }
        let signing = slips.compactMap(\.signing).max { $0.at < $1.at }
        guard var line = slips.max(by: { rank($0) < rank($1) })?.line else { return nil }
        line.signing = signing
        if words.isStanding, words.isConsented {
            line.standing = .open
            // A mark that a withdrawal has overtaken does not come back with a new intent.
            if let signing, !words.isInForce(markedAt: signing.at) { line.signing = nil }
            return line
        }
        guard signing != nil else { return nil }
        line.standing = words.isStanding ? .consentWithdrawn : .withdrawn
        line.surname = nil
        line.isMinor = false
        line.sealed = nil
        return line
    }

    private static func rank(_ slip: EmployerIntent) -> (Int64, Int64) {
        (slip.words.consentLower ?? -1, slip.words.statedLower ?? -1)
    }
}
