// What holds of a vacancy, in whichever order the words arrive; and who therefore is on an employer's list.

import Foundation
import HeadquartersCore
import JobFair
import Testing

struct IntentWordsTests {
    private struct Word: Sendable {
        var occurred: OccurredAt
        var isWithdrawal = false
        var isConsented = true

        init(_ lower: Int64, _ upper: Int64, isWithdrawal: Bool = false, isConsented: Bool = true) {
            occurred = OccurredAt(lower: lower, estimate: upper, upper: upper)
            self.isWithdrawal = isWithdrawal
            self.isConsented = isConsented
        }
    }

    /// The words in every order.
    private static func orders(_ words: [Word]) -> [[Word]] {
        guard words.count > 1 else { return [words] }
        return words.indices.flatMap { index in
            var rest = words
            let first = rest.remove(at: index)
            return orders(rest).map { [first] + $0 }
        }
    }

    private static func check(
        _ words: [Word], stands: Bool, consents: Bool, at location: SourceLocation = #_sourceLocation
    ) {
        for order in orders(words) {
            var held = IntentWords()
            for word in order {
                held.note(word.occurred, isWithdrawal: word.isWithdrawal, passOnConsent: word.isConsented)
            }
            #expect(held.isStanding == stands && held.isConsented == consents, sourceLocation: location)
        }
    }

    @Test func theLatestHoldsAndWhatIsTakenBackWinsWhereBoundsOverlap() {
        Self.check([Word(10, 10)], stands: true, consents: true)
        Self.check([Word(10, 10, isConsented: false)], stands: true, consents: false)
        Self.check([Word(10, 10), Word(20, 20, isWithdrawal: true)], stands: false, consents: false)
        Self.check([Word(10, 10), Word(20, 20, isWithdrawal: true), Word(30, 30)], stands: true, consents: true)
        Self.check([Word(0, 20, isWithdrawal: true), Word(15, 35)], stands: false, consents: false)
        Self.check([Word(0, 20, isWithdrawal: true), Word(21, 35)], stands: true, consents: true)
        Self.check([Word(10, 10), Word(10, 10, isWithdrawal: true)], stands: false, consents: false)
        Self.check([Word(10, 10), Word(5, 15, isConsented: false)], stands: true, consents: false)
        Self.check([Word(10, 10, isConsented: false), Word(11, 11)], stands: true, consents: true)
    }

    /// Folded pairwise, the answer depended on which of the three came last: the vague one hid the clear one.
    @Test func aVagueStatementDoesNotHideAClearOne() {
        Self.check([Word(0, 100), Word(50, 50, isWithdrawal: true), Word(60, 60)], stands: true, consents: true)
    }

    // MARK: The list

    private static func intent(
        person: UInt8, slip: UInt8, vacancy: UInt8 = 1, _ words: [Word], signedAt: Int64? = nil
    ) -> EmployerIntent {
        var held = IntentWords()
        for word in words {
            held.note(word.occurred, isWithdrawal: word.isWithdrawal, passOnConsent: word.isConsented)
        }
        let signing = signedAt.map { IntentSigning(at: $0, by: "clerk") }
        return EmployerIntent(
            person: Data([person]), words: held, signing: signing,
            line: EmployerListLine(
                seeker: id(slip), ticket: nil, surname: "张", vacancyID: id(vacancy), vacancyTitle: "焊工",
                standing: .open, signing: signing, occurred: .exactly(0), isMinor: true))
    }

    private static func id<Scope>(_ number: UInt8) -> Identifier<Scope> {
        Identifier(milliseconds: 1, random: Array(repeating: number, count: 10))
    }

    private static func consent(
        _ isGiven: Bool, at: Int64, person: UInt8 = 1, isVouched: Bool = true
    ) -> EmployerConsent {
        EmployerConsent(
            person: Data([person]), isGiven: isGiven, occurred: .exactly(at), isVouched: isVouched)
    }

    private static func standings(
        _ intents: [EmployerIntent], _ consents: [EmployerConsent] = []
    ) -> [EmployerListLine.Standing] {
        EmployerListRule.lines(intents, consents: consents).lines.map(\.standing)
    }

    @Test func onlyWhoConsentedIsListed() {
        let one = Self.intent(person: 1, slip: 1, [Word(10, 10)])
        #expect(Self.standings([one]) == [.open])
        #expect(Self.standings([Self.intent(person: 1, slip: 1, [Word(10, 10, isConsented: false)])]) == [])
        #expect(Self.standings([one], [Self.consent(false, at: 11)]) == [])
        #expect(Self.standings([one], [Self.consent(false, at: 10)]) == [])
        #expect(Self.standings([one], [Self.consent(false, at: 9)]) == [.open])
        #expect(Self.standings([one], [Self.consent(false, at: 11, person: 2)]) == [.open])
        #expect(Self.standings([one], [Self.consent(false, at: 11), Self.consent(true, at: 12)]) == [.open])
        #expect(Self.standings([one], [Self.consent(true, at: 12), Self.consent(false, at: 12)]) == [])
    }

    @Test func aConsentWithoutDigitsCountsOnlyWhereTheSlipWasMade() {
        let withheld = Self.intent(person: 1, slip: 1, [Word(10, 10, isConsented: false)])
        #expect(Self.standings([withheld], [Self.consent(true, at: 11)]) == [.open])
        #expect(Self.standings([withheld], [Self.consent(true, at: 11, isVouched: false)]) == [])
        let given = Self.intent(person: 1, slip: 1, [Word(10, 10)])
        #expect(Self.standings([given], [Self.consent(false, at: 11, isVouched: false)]) == [])
    }

    @Test func aPersonWithTwoSlipsHasOneLineAndTakesBackWithEither() {
        let first = Self.intent(person: 1, slip: 1, [Word(10, 10)])
        let second = Self.intent(person: 1, slip: 2, [Word(20, 20)])
        let (lines, people) = EmployerListRule.lines([first, second], consents: [])
        #expect(lines.map(\.seeker) == [Self.id(2)] && people == 1)
        let back = Self.intent(person: 1, slip: 2, [Word(30, 30, isWithdrawal: true)])
        #expect(Self.standings([first, back]) == [])
        let other = Self.intent(person: 1, slip: 1, vacancy: 2, [Word(10, 10)])
        #expect(Self.standings([first, back, other]) == [.open])
    }

    @Test func whoTakesBackAfterSigningIsShownWithoutAName() {
        let withdrawn = Self.intent(
            person: 1, slip: 1, [Word(10, 10), Word(30, 30, isWithdrawal: true)], signedAt: 20)
        let lines = EmployerListRule.lines([withdrawn], consents: [])
        #expect(lines.lines.map(\.standing) == [.withdrawn] && lines.people == 0)
        #expect(lines.lines.first?.surname == nil && lines.lines.first?.isMinor == false)
        let signed = Self.intent(person: 1, slip: 1, [Word(10, 10)], signedAt: 20)
        #expect(Self.standings([signed], [Self.consent(false, at: 30)]) == [.consentWithdrawn])
        let again = Self.intent(
            person: 1, slip: 1, [Word(10, 10), Word(30, 30, isWithdrawal: true), Word(40, 40)], signedAt: 20)
        let restated = EmployerListRule.lines([again], consents: []).lines
        #expect(restated.map(\.standing) == [.open] && restated.first?.signing == nil)
    }
}
