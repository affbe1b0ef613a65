// Beijing days and times from milliseconds, without a time zone database: UTC+8, no summer time.

public import JobFair

/// A moment as a clock in China shows it.
public struct BeijingTime: Hashable, Sendable {
    public let day: CalendarDate
    /// 0 to 23.
    public let hour: Int
    /// 0 to 59.
    public let minute: Int

    /// Ahead of UTC.
    public static let offsetMilliseconds: Int64 = 8 * 3_600_000

    /// Milliseconds since 1970 (UTC); nil outside the years 1970 to 9999.
    public init?(milliseconds: Int64) {
        guard milliseconds >= 0 else { return nil }
        let minutes = milliseconds / 60_000 + Self.offsetMilliseconds / 60_000
        guard let day = CalendarDate(daysSince1970: Int(minutes / 1440)) else { return nil }
        self.day = day
        self.hour = Int(minutes % 1440) / 60
        self.minute = Int(minutes % 60)
    }

    /// `HH:MM`.
    public var clock: String {
        "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }
}

extension CalendarDate {
    /// Days since 1970-01-01 to a civil date (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    init?(daysSince1970 days: Int) {
        guard (0...2_932_896).contains(days) else { return nil }
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        self.init(year: year, month: month, day: dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// Days since 1970-01-01; negative before.
    var daysSince1970: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

/// Whether the form of a fair still takes intents.
public enum IntentPeriod {
    /// Open until `openDaysAfter` days after the last fair day, that day included. Before the first day it is open:
    /// nobody has a slip yet.
    public static func isOpen(fairDays: [CalendarDate], openDaysAfter: Int, today: CalendarDate) -> Bool {
        guard let last = fairDays.max() else { return false }
        return today.daysSince1970 - last.daysSince1970 <= openDaysAfter
    }
}

/// Times in JSON: RFC 3339, UTC, milliseconds.
public enum UTCText {
    /// `2026-02-01T06:05:00.000Z`; nil outside the years 1970 to 9999.
    public static func text(milliseconds: Int64) -> String? {
        guard milliseconds >= 0, let day = CalendarDate(daysSince1970: Int(milliseconds / 86_400_000)) else {
            return nil
        }
        func padded(_ number: Int64, _ width: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let rest = milliseconds % 86_400_000
        let clock = [rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60].map { padded($0, 2) }.joined(
            separator: ":")
        return "\(day)T\(clock).\(padded(rest % 1000, 3))Z"
    }
}
