// The figures of a fair: counts only, nobody's particulars.

public import JobFair

/// Live counts of one fair. What each counts: `docs/protocol.md`, Headquarters. Rehearsals have none.
public struct FairFigures: Hashable, Sendable {
    public var fair: Fair
    /// 进场: entry records.
    public var entries: Int
    /// 求职登记: people, linked by document; a registration without a document stands alone.
    public var registrations: Int
    /// Registrations without a document, which stand alone and may hide the same person twice.
    public var unlinkedRegistrations: Int
    /// 签到: people per fair day, ascending by day.
    public var checkIns: [DayCount]
    /// 签到, 日期待定: people whose check-in no day can be told for (the kiosk had not confirmed its day, and the bounds
    /// of the time do not lie in one day of the fair).
    public var checkInsWithoutDay: Int
    /// 用工意向 by people (人) and by pairs of person and vacancy (人次).
    public var intentPeople: Int
    public var intentPairs: Int
    /// 岗位 as postings (条) and as headcount (人数); withdrawn ones left out.
    public var vacancyPostings: Int
    public var vacancyHeadcount: Int
    /// Postings whose employer did not say how many (若干): not in the headcount.
    public var vacanciesWithoutHeadcount: Int
    public var employers: Int
    /// Records stored but not understood, and records that show a fork or a conflict, at this fair.
    public var heldRecords: Int
    public var forks: Int
    /// 待查: records that are one or both of these; at most the sum.
    public var recordsToCheck: Int
    public var kiosks: [KioskState]
    /// When the figures were counted.
    public var countedAt: Int64

    public struct DayCount: Hashable, Sendable {
        public var day: CalendarDate
        public var people: Int

        public init(day: CalendarDate, people: Int) {
            self.day = day
            self.people = people
        }
    }

    public init(
        fair: Fair, entries: Int, registrations: Int, unlinkedRegistrations: Int, checkIns: [DayCount],
        checkInsWithoutDay: Int = 0, intentPeople: Int, intentPairs: Int, vacancyPostings: Int, vacancyHeadcount: Int,
        vacanciesWithoutHeadcount: Int, employers: Int, heldRecords: Int, forks: Int,
        recordsToCheck: Int = 0, kiosks: [KioskState],
        countedAt: Int64
    ) {
        self.fair = fair
        self.entries = entries
        self.registrations = registrations
        self.unlinkedRegistrations = unlinkedRegistrations
        self.checkIns = checkIns
        self.checkInsWithoutDay = checkInsWithoutDay
        self.intentPeople = intentPeople
        self.intentPairs = intentPairs
        self.vacancyPostings = vacancyPostings
        self.vacancyHeadcount = vacancyHeadcount
        self.vacanciesWithoutHeadcount = vacanciesWithoutHeadcount
        self.employers = employers
        self.heldRecords = heldRecords
        self.forks = forks
        self.recordsToCheck = recordsToCheck
        self.kiosks = kiosks
        self.countedAt = countedAt
    }
}
