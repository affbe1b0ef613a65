// A fair, its days, who offers work there, and what the bureau says to the seeker before anything is collected.

/// What a fair is for. A rehearsal is left out of every figure.
public enum FairKind: String, Codable, Sendable {
    case fair
    case rehearsal
}

/// One event at one venue, with its days.
public struct Fair: Hashable, Sendable {
    public var id: FairID
    public var name: String
    public var venue: String
    public var organiser: String
    public var kind: FairKind
    /// The fair's days (场次), ascending, 1 to 60.
    public var days: [CalendarDate]
    /// 1 to 16,777,215 (24 bits): in every slip token, and typed by hand with a ticket number.
    public var keyNumber: Int
    /// Scheme and host of the job-intent form, upper case, e.g. `HTTPS://FORM.EXAMPLE.CN`.
    public var formAddress: String
    public var servicePhone: String
    /// GB/T 2260 code of the venue; empty where nobody said.
    public var region: String
    /// Days after the last fair day on which the form still takes intents.
    public var formOpenDaysAfter: Int

    public init(
        id: FairID, name: String, venue: String, organiser: String, kind: FairKind, days: [CalendarDate],
        keyNumber: Int, formAddress: String, servicePhone: String, region: String = "", formOpenDaysAfter: Int = 7
    ) {
        self.id = id
        self.name = name
        self.venue = venue
        self.organiser = organiser
        self.kind = kind
        self.days = days
        self.keyNumber = keyNumber
        self.formAddress = formAddress
        self.servicePhone = servicePhone
        self.region = region
        self.formOpenDaysAfter = formOpenDaysAfter
    }
}

public struct Employer: Hashable, Sendable, Codable {
    public var id: EmployerID
    public var name: String
    public var booth: String
    /// A clerk has checked code and licence.
    public var isVerified: Bool

    public init(id: EmployerID, name: String, booth: String, isVerified: Bool) {
        self.id = id
        self.name = name
        self.booth = booth
        self.isVerified = isVerified
    }
}

/// What a vacancy pays: bounds in fen per unit, or only the text the employer wrote (面议).
public struct Pay: Hashable, Sendable, Codable {
    public enum Unit: String, Codable, Sendable { case hour, day, month, year, piece }
    /// 0: not stated.
    public var lowestFen: Int
    public var highestFen: Int
    public var unit: Unit?
    /// As the employer wrote it, e.g. `5000-7000元/月`; shown wherever it is not empty.
    public var text: String

    public init(lowestFen: Int, highestFen: Int, unit: Unit?, text: String) {
        self.lowestFen = lowestFen
        self.highestFen = highestFen
        self.unit = unit
        self.text = text
    }
}

public struct Vacancy: Hashable, Sendable, Codable {
    public var id: VacancyID
    public var employerID: EmployerID
    public var title: String
    /// How many are sought; nil where the employer did not say (若干).
    public var headcount: Int?
    public var pay: Pay
    public var booth: String
    public var place: String
    public var boardAndLodging: String
    public var insurance: String
    public var hours: String
    public var isWithdrawn: Bool
    /// 16 and 17 are not to be sent there (未成年工).
    public var isNotUnder18: Bool

    public init(
        id: VacancyID, employerID: EmployerID, title: String, headcount: Int?, pay: Pay, booth: String, place: String,
        boardAndLodging: String, insurance: String, hours: String, isWithdrawn: Bool = false, isNotUnder18: Bool = false
    ) {
        self.id = id
        self.employerID = employerID
        self.title = title
        self.headcount = headcount
        self.pay = pay
        self.booth = booth
        self.place = place
        self.boardAndLodging = boardAndLodging
        self.insurance = insurance
        self.hours = hours
        self.isWithdrawn = isWithdrawn
        self.isNotUnder18 = isNotUnder18
    }
}

/// The notice of PIPL article 17, in the layers that screen and paper need.
public struct PrivacyNotice: Hashable, Sendable, Codable {
    public var version: String
    public var title: String
    public var shortText: String
    public var fullText: String

    public init(version: String, title: String, shortText: String, fullText: String) {
        self.version = version
        self.title = title
        self.shortText = shortText
        self.fullText = fullText
    }
}

/// A key group (重点群体) a seeker may declare; the list differs from province to province.
public struct KeyGroup: Hashable, Sendable, Codable {
    public var code: String
    public var label: String

    public init(code: String, label: String) {
        self.code = code
        self.label = label
    }
}

/// Everything public about a fair, as headquarters signed it: one version, swapped at once.
public struct Catalogue: Hashable, Sendable {
    public var fair: Fair
    public var version: Int
    public var employers: [Employer]
    public var vacancies: [Vacancy]
    public var notice: PrivacyNotice
    public var keyGroups: [KeyGroup]

    public init(
        fair: Fair, version: Int, employers: [Employer], vacancies: [Vacancy], notice: PrivacyNotice,
        keyGroups: [KeyGroup]
    ) {
        self.fair = fair
        self.version = version
        self.employers = employers
        self.vacancies = vacancies
        self.notice = notice
        self.keyGroups = keyGroups
    }
}
