// Which fair and day a kiosk works for: decided by people and signed days, never by an untrusted clock.

public import JobFair

/// The pure part of opening, changing and closing (`protocol.md`, Day).
public enum FairDay {
    /// China has one time zone and, since 1991, no daylight saving: today at UTC+8 (GB/T 7408).
    public static func beijingDay(wallMilliseconds: Int64) -> CalendarDate? {
        let days = (wallMilliseconds + 8 * 3_600_000).quotientFloor(86_400_000)
        return CalendarDate(daysSince1970: days)
    }

    /// The clock's day, but only where its quality is NTP or headquarters.
    public static func trustedToday(_ clock: ClockReading) -> CalendarDate? {
        clock.quality >= .ntp ? beijingDay(wallMilliseconds: clock.wallMilliseconds) : nil
    }

    /// The day to open: the one that was asked for, if it is a day of the fair; else today, by a trusted clock; else
    /// the only day there is. Otherwise the technician has to say.
    public static func choose(asked: String?, of fair: Fair, clock: ClockReading) throws(ControlError) -> CalendarDate {
        let days = fair.days.map(\.description).joined(separator: ", ")
        if let asked {
            guard let day = CalendarDate(asked), fair.days.contains(day) else {
                throw ControlError(
                    code: "day.notOfFair", zh: "“\(asked)”不是本场招聘会的日期。可选：\(days)",
                    en: "'\(asked)' is not a day of this fair. Its days: \(days)")
            }
            return day
        }
        if let today = trustedToday(clock), fair.days.contains(today) { return today }
        if fair.days.count == 1, let only = fair.days.first { return only }
        throw ControlError(
            code: "day.needed", zh: "本机时钟不可信，请指明日期：--day，可选：\(days)",
            en: "The clock of this kiosk cannot be trusted; say the day: --day, one of \(days)")
    }

    /// What a start of the daemon does to the open day: after another boot without a trusted clock it has to be
    /// confirmed again; a trusted clock confirms it, or moves on to today.
    public static func afterStart(
        open: OpenFair, days: [CalendarDate], isNewBoot: Bool, clock: ClockReading
    ) -> (OpenFair, DayChange.Change)? {
        if let today = trustedToday(clock) {
            return byClock(open: open, days: days, today: today)
        }
        guard isNewBoot, open.isDayConfirmed else { return nil }
        return (OpenFair(fairID: open.fairID, day: open.day, isDayConfirmed: false), .dayUnconfirmed)
    }

    /// Whether the fair closes by itself. That wipes what its slips are printed from and cannot be undone: only
    /// headquarters' own time is good enough for it.
    public static func isOver(_ fair: Fair, today: CalendarDate, quality: ClockReading.Quality) -> Bool {
        guard quality == .headquarters, let last = fair.days.max() else { return false }
        return today > last
    }

    /// What the passing of time does, with a trusted clock only: the next day opens by itself, never an earlier one.
    public static func byClock(
        open: OpenFair, days: [CalendarDate], today: CalendarDate
    ) -> (OpenFair, DayChange.Change)? {
        if today > open.day, days.contains(today) {
            return (OpenFair(fairID: open.fairID, day: today, isDayConfirmed: true), .dayOpened)
        }
        if today == open.day, !open.isDayConfirmed {
            return (OpenFair(fairID: open.fairID, day: today, isDayConfirmed: true), .dayConfirmed)
        }
        return nil
    }
}

extension CalendarDate {
    /// Days since 1 January 1970, by the civil calendar (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    init?(daysSince1970 days: Int64) {
        guard (-62_091...2_932_896).contains(days) else { return nil }
        let shifted = days + 719_468
        let era = shifted.quotientFloor(146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        self.init(
            year: Int(yearOfEra + era * 400 + (month <= 2 ? 1 : 0)), month: Int(month),
            day: Int(dayOfYear - (153 * marchMonth + 2) / 5 + 1))
    }
}

extension Int64 {
    fileprivate func quotientFloor(_ divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
