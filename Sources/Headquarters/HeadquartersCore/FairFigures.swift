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
    /// 用工意向 by people (人) and by pairs of person and vacancy (人次), signed ones among them.
    public var intentPeople: Int
    public var intentPairs: Int
    /// 签约: as above, marked as signed by a clerk or the employer and not withdrawn since. What is left of the pairs is
    /// preliminary (初步); neither is employment.
    public var signedPeople: Int
    public var signedPairs: Int
    /// 岗位 as postings (条) and as headcount (人数); withdrawn ones left out.
    public var vacancyPostings: Int
    public var vacancyHeadcount: Int
    /// Postings whose employer did not say how many (若干): not in the headcount.
    public var vacanciesWithoutHeadcount: Int
    /// Verified ones.
    public var employers: Int
    /// The kinds of work with the highest headcounts, at most `occupationsMax`; none is `other`.
    public var occupations: [Occupation]
    /// Verified employers, in the order of the catalogue. An employer that lost its verification is not among them, while
    /// intents for it still count above.
    public var byEmployer: [EmployerFigures]
    /// Records stored but not understood, and records that show a fork or a conflict, at this fair.
    public var heldRecords: Int
    public var forks: Int
    /// 待查: records that are one or both of these; at most the sum.
    public var recordsToCheck: Int
    public var kiosks: [KioskState]
    /// When the figures were counted.
    public var countedAt: Int64

    /// A sentence names three and says 等.
    public static let occupationsMax = 3

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
        recordsToCheck: Int = 0, kiosks: [KioskState], countedAt: Int64, signedPeople: Int = 0, signedPairs: Int = 0,
        occupations: [Occupation] = [], byEmployer: [EmployerFigures] = []
    ) {
        self.fair = fair
        self.entries = entries
        self.registrations = registrations
        self.unlinkedRegistrations = unlinkedRegistrations
        self.checkIns = checkIns
        self.checkInsWithoutDay = checkInsWithoutDay
        self.intentPeople = intentPeople
        self.intentPairs = intentPairs
        self.signedPeople = signedPeople
        self.signedPairs = signedPairs
        self.vacancyPostings = vacancyPostings
        self.vacancyHeadcount = vacancyHeadcount
        self.vacanciesWithoutHeadcount = vacanciesWithoutHeadcount
        self.employers = employers
        self.occupations = occupations
        self.byEmployer = byEmployer
        self.heldRecords = heldRecords
        self.forks = forks
        self.recordsToCheck = recordsToCheck
        self.kiosks = kiosks
        self.countedAt = countedAt
    }
}

/// Intents that stand, of a fair or of one employer.
public struct IntentFigures: Hashable, Sendable {
    /// 人: each counts once, however many vacancies.
    public var people: Int
    /// 人次: pairs of person and vacancy.
    public var pairs: Int
    public var signedPeople: Int
    public var signedPairs: Int
    /// 初步: pairs that are not signed. A pair is one or the other.
    public var preliminaryPairs: Int { pairs - signedPairs }

    public init(people: Int = 0, pairs: Int = 0, signedPeople: Int = 0, signedPairs: Int = 0) {
        self.people = people
        self.pairs = pairs
        self.signedPeople = signedPeople
        self.signedPairs = signedPairs
    }
}

/// Counts of one employer at one fair. Small ones are not left out: an intent for a vacancy is no sensitive group, and who
/// stands behind a count is not told.
public struct EmployerFigures: Hashable, Sendable {
    public var employerID: EmployerID
    public var name: String
    public var booth: String
    /// 条, 人数, and those without a number (若干), as in `FairFigures`.
    public var postings: Int
    public var headcount: Int
    public var withoutHeadcount: Int
    public var intents: IntentFigures

    public init(
        employerID: EmployerID, name: String, booth: String, postings: Int, headcount: Int, withoutHeadcount: Int,
        intents: IntentFigures
    ) {
        self.employerID = employerID
        self.name = name
        self.booth = booth
        self.postings = postings
        self.headcount = headcount
        self.withoutHeadcount = withoutHeadcount
        self.intents = intents
    }
}

/// Shares that a bureau reports. Tenths of a per cent (72 is 7.2 %), rounded half up; nil where there is nothing to divide
/// by, and where the part is larger than the whole: then the whole was not counted.
public struct IntentConversion: Hashable, Sendable {
    /// 意向人数 / 进场人次.
    public var ofEntries: Int?
    /// 意向人数 / 登记人数, people both.
    public var ofRegistrations: Int?
    /// 签约人数 / 意向人数.
    public var signed: Int?
    /// 意向人次 / 意向人数: vacancies per person, in tenths (15 is 1.5).
    public var pairsPerPerson: Int?

    public init(_ figures: FairFigures) {
        ofEntries = Self.permille(figures.intentPeople, of: figures.entries)
        ofRegistrations = Self.permille(figures.intentPeople, of: figures.registrations)
        signed = Self.permille(figures.signedPeople, of: figures.intentPeople)
        pairsPerPerson = Self.rounded(figures.intentPairs * 10, by: figures.intentPeople)
    }

    static func permille(_ part: Int, of whole: Int) -> Int? {
        part <= whole ? rounded(part * 1000, by: whole) : nil
    }

    private static func rounded(_ number: Int, by divisor: Int) -> Int? {
        divisor > 0 ? (number * 2 + divisor) / (divisor * 2) : nil
    }
}
