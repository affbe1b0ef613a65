// Rules of the form: digits, standing, claims, the latest statement, times, persons.

import Foundation
import HeadquartersCore
import JobFair
import Testing

@Suite struct IntentRuleTests {
    private static let fair = FairID(milliseconds: 1, random: Array(repeating: 1, count: 10))

    private static func standing(
        band: AgeBand = .adult, allows: Bool = true, isNameOpen: Bool = false, digits: String? = "1234"
    ) -> SeekerStanding {
        SeekerStanding(
            fairID: fair, isNameOpen: isNameOpen, ageBand: band, allowsIntents: allows, slipDigits: digits)
    }

    @Test func fiveDifferentDigitStringsAreLookedAt() {
        let check = { (digits: String, tried: Set<String>) in
            IntentRule.checkDigits(digits, right: "1234", tried: tried)
        }
        #expect(check("0000", []) == .wrong(triesLeft: 4))
        #expect(check("0000", ["0000"]) == .wrong(triesLeft: 4))
        #expect(check("1234", ["0000", "0001", "0002", "0003"]) == .right)
        let five: Set = ["0000", "0001", "0002", "0003", "0004"]
        #expect(check("0004", five) == .wrong(triesLeft: 0))
        #expect(check("1234", five) == .tooManyTries)
        #expect(check("1234", ["1234", "0001", "0002", "0003", "0004"]) == .right)
        #expect(IntentRule.checkDigits("1234", right: nil, tried: []) == .clerkOnly)
    }

    @Test func whoMayStateAnIntent() {
        let objection = { (standing: SeekerStanding, notUnder18: Bool) in
            IntentRule.objection(standing: standing, fair: Self.fair, vacancyIsNotUnder18: notUnder18)
        }
        #expect(objection(Self.standing(), true) == nil)
        #expect(objection(Self.standing(band: .from16to17), false) == nil)
        #expect(objection(Self.standing(band: .from16to17), true) == .vacancyNotUnder18)
        #expect(objection(Self.standing(band: .from14to15), false) == .notAllowed)
        #expect(objection(Self.standing(band: .unknown), false) == .notAllowed)
        #expect(objection(Self.standing(allows: false), false) == .notAllowed)
        #expect(objection(Self.standing(digits: nil), false) == .clerkOnly)
        #expect(objection(Self.standing(isNameOpen: true), false) == .nameOpen)
        let other = FairID(milliseconds: 2, random: Array(repeating: 1, count: 10))
        #expect(IntentRule.objection(standing: Self.standing(), fair: other, vacancyIsNotUnder18: false) == .otherFair)
    }

    @Test func claimsSettleWhenTheRecordArrives() {
        func settle(_ digits: String, _ standing: SeekerStanding, takesBack: Bool = false) -> IntentState {
            IntentRule.settle(
                claimDigits: digits, standing: standing, fair: Self.fair, vacancyIsNotUnder18: true,
                takesBack: takesBack)
        }
        #expect(settle("1234", Self.standing()) == .confirmed)
        #expect(settle("9999", Self.standing()) == .void)
        #expect(settle("1234", Self.standing(band: .from14to15, allows: false)) == .void)
        #expect(settle("1234", Self.standing(isNameOpen: true)) == .claimed)
        let minor = Self.standing(band: .from16to17)
        #expect(settle("1234", minor) == .void)
        #expect(settle("1234", minor, takesBack: true) == .confirmed)
        #expect(settle("9999", minor, takesBack: true) == .void)
        var elsewhere = minor
        elsewhere.fairID = FairID(milliseconds: 2, random: Array(repeating: 1, count: 10))
        #expect(settle("1234", elsewhere, takesBack: true) == .void)
    }

    @Test func personsAreLinkedByKindAndNumberOnly() {
        let link = PersonLink(tokenMaster: Data(repeating: 5, count: 32))
        let number = "999999199001010015"
        #expect(link.personKey(documentNumber: number) == link.personKey(documentNumber: number))
        #expect(link.personKey(documentNumber: number) != link.personKey(documentNumber: "999999199001010023"))
        let other = PersonLink(tokenMaster: Data(repeating: 6, count: 32))
        #expect(link.personKey(documentNumber: number) != other.personKey(documentNumber: number))
        #expect(link.personKey(documentNumber: number).bytes.count == 32)
    }
}

@Suite struct TimeEstimateTests {
    private static let boot = Data(repeating: 9, count: 16)
    private static let received: Int64 = 1_800_000_000_000

    private static func sample(wall: Int64, boot milliseconds: Int64, _ quality: ClockSample.Quality) -> ClockSample {
        ClockSample(
            wallMilliseconds: wall, bootID: boot, bootCounter: 1, bootMilliseconds: milliseconds, quality: quality)
    }

    @Test func theBootClockAgainstHelloBeatsAWrongWallClock() {
        let pair = ClockPair(
            bootID: Self.boot, bootMilliseconds: 5_000_000, headquartersMilliseconds: Self.received - 1000,
            roundTripMilliseconds: 100)
        let at = TimeEstimate.occurredAt(
            Self.sample(wall: 0, boot: 2_000_000, .none), fairDay: nil, receivedAt: Self.received, pairs: [pair])
        #expect(at.estimate == Self.received - 3_001_000)
        #expect(at.upper - at.lower < 10_000)
    }

    @Test func aClockOf1970OrOf2099IsNotBelieved() {
        let day = CalendarDate(year: 2027, month: 1, day: 15)
        for wall in [Int64(0), 4_100_000_000_000, .max, .min] {
            let at = TimeEstimate.occurredAt(
                Self.sample(wall: wall, boot: 1, .none), fairDay: day, receivedAt: Self.received, pairs: [])
            // 2027-01-15 in Beijing begins at 2027-01-14T16:00:00Z.
            #expect(at.lower == 1_799_942_400_000)
            #expect(at.lower <= at.estimate && at.estimate <= at.upper && at.upper <= Self.received)
        }
    }

    @Test func nothingHappenedAfterItWasReceived() {
        for quality in [ClockSample.Quality.hand, .ntp, .headquarters] {
            let at = TimeEstimate.occurredAt(
                Self.sample(wall: Self.received + 3_600_000, boot: 1, quality), fairDay: nil,
                receivedAt: Self.received, pairs: [])
            #expect(at.estimate == Self.received)
            #expect(at.upper == Self.received)
        }
    }

    @Test func theLeastDoubtfulPairCountsNotTheNearest() {
        func pair(_ boot: Int64, said: Int64, roundTrip: Int64) -> ClockPair {
            ClockPair(
                bootID: Self.boot, bootMilliseconds: boot, headquartersMilliseconds: said,
                roundTripMilliseconds: roundTrip)
        }
        let hello = pair(5_000_000, said: Self.received - 1000, roundTrip: TimeEstimate.helloDoubtMilliseconds)
        let anchor = pair(3_000_000, said: Self.received - 2_031_000, roundTrip: 40)
        for pairs in [[hello, anchor], [anchor, hello]] {
            let at = TimeEstimate.occurredAt(
                Self.sample(wall: 0, boot: 5_000_000, .none), fairDay: nil, receivedAt: Self.received, pairs: pairs)
            #expect(at.estimate == Self.received - 31_000)
            #expect(at.upper - at.lower == 2 * (400 + 1040))
        }
        let only = TimeEstimate.occurredAt(
            Self.sample(wall: 0, boot: 5_000_000, .none), fairDay: nil, receivedAt: Self.received, pairs: [hello])
        #expect(only.lower == Self.received - 62_000)
    }

    @Test(
        "pairs of a time at which headquarters' own clock was wrong do not count once it is right",
        arguments: [
            Int64(0), 4_070_908_800_000,
        ])
    func headquartersClockWasWrong(wrong: Int64) {
        func pair(_ boot: Int64, said: Int64, roundTrip: Int64) -> ClockPair {
            ClockPair(
                bootID: Self.boot, bootMilliseconds: boot, headquartersMilliseconds: said,
                roundTripMilliseconds: roundTrip)
        }
        let early = pair(1_000_000, said: Self.received - 4_000_000, roundTrip: 90)
        let anchor = pair(2_000_000, said: wrong, roundTrip: 40)
        let hello = pair(
            5_000_000, said: Self.received, roundTrip: TimeEstimate.helloDoubtMilliseconds)
        let at = TimeEstimate.occurredAt(
            Self.sample(wall: 0, boot: 2_500_000, .none), fairDay: nil, receivedAt: Self.received,
            pairs: [early, anchor, hello])
        #expect(at.estimate == Self.received - 2_500_000)
        #expect(at.upper - at.lower < 5_000)
    }

    @Test func bootClocksOfNonsenseDoNotTrap() {
        for (pairBoot, sampleBoot) in [(Int64.max, Int64.min), (0, .min), (.min, .max), (.min, 0), (1, .max)] {
            for headquarters in [Int64.max, .min, 0] {
                for roundTrip in [Int64.max, .min, 0] {
                    let pair = ClockPair(
                        bootID: Self.boot, bootMilliseconds: pairBoot, headquartersMilliseconds: headquarters,
                        roundTripMilliseconds: roundTrip)
                    let at = TimeEstimate.occurredAt(
                        Self.sample(wall: 5, boot: sampleBoot, .none), fairDay: nil, receivedAt: Self.received,
                        pairs: [pair])
                    #expect(at.lower <= at.estimate && at.estimate <= at.upper)
                }
            }
        }
    }
}
