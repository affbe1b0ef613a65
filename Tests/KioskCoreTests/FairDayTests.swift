// The wall clock decides nothing unless it can be trusted.

import Foundation
import JobFair
import KioskCore
import Testing

@Suite struct FairDayTests {
    private static func day(_ text: String) -> CalendarDate { CalendarDate(text) ?? CalendarDate.distantPast }

    private static let fair = Fair(
        id: FairID(milliseconds: 0, random: Array(repeating: 0, count: 10)), name: "f", venue: "v", organiser: "o",
        kind: .fair, days: [day("2026-02-03"), day("2026-02-04")], keyNumber: 1, formAddress: "HTTPS://A",
        servicePhone: "")

    private static func clock(_ quality: ClockReading.Quality, _ milliseconds: Int64 = 0) -> ClockReading {
        ClockReading(
            wallMilliseconds: milliseconds, bootID: Data(), bootCounter: 1, bootMilliseconds: 0, quality: quality)
    }

    /// 2026-02-03 23:59:59.999 and 2026-02-04 00:00 in Beijing.
    private static let beforeMidnight: Int64 = 1_770_134_399_999
    private static let midnight: Int64 = 1_770_134_400_000

    @Test func theDayTurnsAtBeijingMidnight() {
        #expect(FairDay.beijingDay(wallMilliseconds: Self.beforeMidnight)?.description == "2026-02-03")
        #expect(FairDay.beijingDay(wallMilliseconds: Self.midnight)?.description == "2026-02-04")
        #expect(FairDay.beijingDay(wallMilliseconds: 0)?.description == "1970-01-01")
        #expect(FairDay.beijingDay(wallMilliseconds: -8 * 3_600_000 - 1)?.description == "1969-12-31")
        #expect(FairDay.beijingDay(wallMilliseconds: 951_782_400_000)?.description == "2000-02-29")
        #expect(FairDay.beijingDay(wallMilliseconds: .max / 2) == nil)
    }

    @Test func onlyATrustedClockChoosesTheDay() throws {
        let trusted = try FairDay.choose(asked: nil, of: Self.fair, clock: Self.clock(.ntp, Self.midnight))
        #expect(trusted == Self.day("2026-02-04"))
        let asked = try FairDay.choose(asked: "2026-02-03", of: Self.fair, clock: Self.clock(.ntp, Self.midnight))
        #expect(asked == Self.day("2026-02-03"))
        #expect(throws: ControlError.self) {
            try FairDay.choose(asked: nil, of: Self.fair, clock: Self.clock(.none, Self.midnight))
        }
        #expect(throws: ControlError.self) {
            try FairDay.choose(asked: "2026-02-05", of: Self.fair, clock: Self.clock(.ntp))
        }
        var oneDay = Self.fair
        oneDay.days = [Self.day("2026-02-03")]
        #expect(try FairDay.choose(asked: nil, of: oneDay, clock: Self.clock(.none)) == Self.day("2026-02-03"))
    }

    @Test func anotherBootWithoutATrustedClockUnconfirmsTheDay() {
        let open = OpenFair(fairID: Self.fair.id, day: Self.day("2026-02-03"), isDayConfirmed: true)
        let days = Self.fair.days
        let after = FairDay.afterStart(open: open, days: days, isNewBoot: true, clock: Self.clock(.none))
        #expect(after?.0.isDayConfirmed == false)
        #expect(after?.0.day == open.day)
        #expect(after?.1 == .dayUnconfirmed)
        #expect(FairDay.afterStart(open: open, days: days, isNewBoot: false, clock: Self.clock(.none)) == nil)
        let moved = FairDay.afterStart(open: open, days: days, isNewBoot: true, clock: Self.clock(.ntp, Self.midnight))
        #expect(moved?.0.day == Self.day("2026-02-04"))
        #expect(moved?.1 == .dayOpened)
    }

    @Test func timeNeverGoesBackADay() {
        let open = OpenFair(fairID: Self.fair.id, day: Self.day("2026-02-04"), isDayConfirmed: true)
        #expect(FairDay.byClock(open: open, days: Self.fair.days, today: Self.day("2026-02-03")) == nil)
        #expect(FairDay.byClock(open: open, days: Self.fair.days, today: Self.day("2026-02-05")) == nil)
        var unconfirmed = open
        unconfirmed.isDayConfirmed = false
        #expect(FairDay.byClock(open: unconfirmed, days: Self.fair.days, today: open.day)?.1 == .dayConfirmed)
    }
}

extension CalendarDate {
    fileprivate static var distantPast: CalendarDate {
        guard let date = CalendarDate(year: 1800, month: 1, day: 1) else { preconditionFailure("1800 has days") }
        return date
    }
}
