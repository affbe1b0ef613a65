// A fair, its days, and what the bureau says to the seeker before anything is collected.

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
    /// The names of the regions that fair and vacancies name; what is not in it is shown as the vacancy's `place`.
    public var regions: [Region]

    public init(
        fair: Fair, version: Int, employers: [Employer], vacancies: [Vacancy], notice: PrivacyNotice,
        keyGroups: [KeyGroup], regions: [Region] = []
    ) {
        self.fair = fair
        self.version = version
        self.employers = employers
        self.vacancies = vacancies
        self.notice = notice
        self.keyGroups = keyGroups
        self.regions = regions
    }
}
