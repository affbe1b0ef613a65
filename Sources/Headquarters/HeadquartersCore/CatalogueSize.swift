// How large a fair may grow, checked before anything goes in: no kiosk takes more.

public import JobFair
import SyncProtocol

/// Limits of one fair's catalogue. They count everything the fair has, shown or not: whatever a clerk releases or
/// verifies later, the catalogue stays within them.
public enum CatalogueSize {
    /// As the largest fair that is known has, four times over; a kiosk matches and searches them in memory.
    public static let vacanciesMax = 20_000
    /// The largest fair that is known had 600 employers; a whole job portal's extract has some 2,200.
    public static let employersMax = 5000
    /// Of the catalogue as it travels.
    public static let bytesMax = SyncLimits.catalogueBytesMax

    /// Ids, numbers, tags and lengths of one vacancy; its texts come on top.
    private static let vacancyFramingBytes = 256
    private static let employerFramingBytes = 64
    /// Dates, numbers, tags and lengths of the rest.
    private static let fairFramingBytes = 4096

    /// Never less than the catalogue has when it is encoded.
    public static func bytesAtMost(_ vacancy: Vacancy) -> Int {
        vacancyFramingBytes + vacancy.title.utf8.count + vacancy.pay.text.utf8.count + vacancy.booth.utf8.count
            + vacancy.place.utf8.count + vacancy.boardAndLodging.utf8.count + vacancy.insurance.utf8.count
            + vacancy.hours.utf8.count + vacancy.requirements.utf8.count
    }

    public static func bytesAtMost(_ employer: Employer) -> Int {
        employerFramingBytes + employer.name.utf8.count + employer.booth.utf8.count
    }

    /// Without employers, vacancies and regions.
    public static func bytesAtMost(_ fair: Fair, notice: PrivacyNotice, keyGroups: [KeyGroup]) -> Int {
        let texts = [
            fair.name, fair.venue, fair.organiser, fair.formAddress, fair.servicePhone, fair.region, notice.version,
            notice.title, notice.shortText, notice.fullText,
        ]
        return fairFramingBytes + texts.reduce(0) { $0 + $1.utf8.count }
            + keyGroups.reduce(0) { $0 + $1.code.utf8.count + $1.label.utf8.count + 16 }
    }

    public static func bytesAtMost(_ region: Region) -> Int { region.name.utf8.count + 32 }
}
