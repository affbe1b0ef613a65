// What the page and the API ask of the kiosk: the seam between KioskWeb and the rest.

public import JobFair

/// Sixteen random bytes the form makes; never stored. The fingerprint of a request is HMAC(form key, request).
public struct FormKey: Sendable {
    public let bytes: [UInt8]
    /// 32 hexadecimal digits; nil for anything else.
    public init?(hex: some StringProtocol) {
        let digits = hex.compactMap(\.hexDigitValue)
        guard hex.utf8.count == 32, digits.count == 32 else { return nil }
        bytes = stride(from: 0, to: 32, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}

/// What the page shows before anybody touches it.
public struct DeskContext: Sendable {
    public var kioskLabel: String
    public var fair: Fair?
    public var day: CalendarDate?
    public var isDayConfirmed: Bool
    public var notice: PrivacyNotice?
    public var keyGroups: [KeyGroup]
    public var problems: [HealthProblem]
    /// Only in `make run`: the page shows the last slip.
    public var isDemonstration: Bool

    public init(
        kioskLabel: String, fair: Fair?, day: CalendarDate?, isDayConfirmed: Bool, notice: PrivacyNotice?,
        keyGroups: [KeyGroup], problems: [HealthProblem], isDemonstration: Bool
    ) {
        self.kioskLabel = kioskLabel
        self.fair = fair
        self.day = day
        self.isDayConfirmed = isDayConfirmed
        self.notice = notice
        self.keyGroups = keyGroups
        self.problems = problems
        self.isDemonstration = isDemonstration
    }
}

/// The QR code of the job-intent form as modules, for the screen: a dead printer never stops registration.
public struct ScreenCode: Hashable, Sendable, Codable {
    public var address: String
    /// Modules per side, without quiet zone.
    public var size: Int
    /// One string of `0` and `1` per row, `1` is dark.
    public var rows: [String]

    public init(address: String, size: Int, rows: [String]) {
        self.address = address
        self.size = size
        self.rows = rows
    }
}

/// The answer to a registration; the same for every repeat of the same request.
public struct RegistrationAnswer: Hashable, Sendable {
    public var recordID: RecordID
    public var ticket: TicketNumber
    public var maskedName: String
    public var fairName: String
    public var fairDay: CalendarDate
    /// False under 16 or where the age is not known.
    public var allowsIntents: Bool
    public var code: ScreenCode

    public init(
        recordID: RecordID, ticket: TicketNumber, maskedName: String, fairName: String, fairDay: CalendarDate,
        allowsIntents: Bool, code: ScreenCode
    ) {
        self.recordID = recordID
        self.ticket = ticket
        self.maskedName = maskedName
        self.fairName = fairName
        self.fairDay = fairDay
        self.allowsIntents = allowsIntents
        self.code = code
    }
}

public struct EntryAnswer: Hashable, Sendable {
    /// False: counted under the fair that was open last; headquarters decides whether it counts.
    public var isFairOpen: Bool

    public init(isFairOpen: Bool) {
        self.isFairOpen = isFairOpen
    }
}

public struct CheckInAnswer: Hashable, Sendable {
    /// Known only where this kiosk made the slip.
    public var ticket: TicketNumber?
    public var maskedName: String?
    /// False: recorded under the fair that was open last; headquarters decides whether it counts.
    public var isFairOpen: Bool
    /// False: a slip of somebody under 16, or whose age is not known; nobody is led to vacancies with it.
    public var allowsIntents: Bool

    public init(ticket: TicketNumber?, maskedName: String?, isFairOpen: Bool, allowsIntents: Bool) {
        self.ticket = ticket
        self.maskedName = maskedName
        self.isFairOpen = isFairOpen
        self.allowsIntents = allowsIntents
    }
}

public enum DeskError: Error, Sendable {
    /// All problems of the request at once.
    case invalid([FieldProblem])
    /// `record.conflict`: the page takes a new id and keeps what was typed.
    case conflict
    /// `fair.notOpen`: a technician has to open fair and day.
    case noFairOpen
    /// `kiosk.notEnrolled`.
    case notEnrolled
    /// `kiosk.revoked`: headquarters wants no registrations of this kiosk.
    case revoked
    /// `slip.notFound`: unknown and wrong answer alike.
    case slipNotFound
    /// `slip.otherFair`: a slip of another fair.
    case slipOfOtherFair
    /// `slip.invalid`: not a slip of ours.
    case slipInvalid
    /// `slip.noIntents`: under 16 or age not known; which of the two is not told.
    case slipWithoutIntents
    /// `slip.digitsWrong`.
    case digitsWrong(triesLeft: Int)
    /// `slip.digitsExhausted`: five different strings were tried with this slip.
    case digitsExhausted
    /// `slip.clerkOnly`: the registration has no digits that its holder could say.
    case clerkOnly
    /// `vacancy.notFound`: not of this fair, or not open; where the call says so, not of this fair only.
    case vacancyNotFound
    /// `vacancy.unavailable`: filled, withdrawn, or of an employer whom no clerk has verified.
    case vacancyUnavailable
    /// `intents.tooMany`: 20 vacancies with this slip.
    case tooManyVacancies
    /// `request.invalid`: all problems of a request that is no registration.
    case request([FieldProblem])
    /// `tickets.exhausted`.
    case ticketsExhausted
    /// `slip.tooManyTries`: wait, in seconds.
    case tooManyTries(retryAfterSeconds: Int)
    /// `vacancySlips.tooMany`: wait, in seconds.
    case tooManyVacancySlips(retryAfterSeconds: Int)
    /// `printer.unavailable`: there is no printer, or it fails; nothing was queued.
    case printerUnavailable
    /// `kiosk.busy`: nothing was stored; the same request may be sent again.
    case busy
    /// `disk.full`: nothing was stored.
    case diskFull
    /// `record.checking`: the outcome is unknown; repeat the same request, it resolves.
    case checking
    /// `kiosk.internal`.
    case failed
}

public protocol Desk: VacancyDesk, IntentDesk {
    func context() async -> DeskContext
    func register(
        _ form: RegistrationForm, recordID: RecordID, formKey: FormKey
    ) async throws(DeskError) -> RegistrationAnswer
    /// Counts one person who walked in; repeats of the same id count once. Also while no fair is open, where one was.
    func countEntry(recordID: RecordID, way: String) async throws(DeskError) -> EntryAnswer
    /// `scanned` is what the scanner typed: an address, or the bare token. Also while no fair is open, where one was.
    func checkIn(scanned: String, recordID: RecordID) async throws(DeskError) -> CheckInAnswer
    /// Document number and the last four digits of the phone print a copy.
    func copySlip(
        documentNumber: String, phoneDigits: String, recordID: RecordID, formKey: FormKey
    ) async throws(DeskError)
    /// Of the newest print job of a registration, or of the slip of a vacancy.
    func printState(of recordID: RecordID) async -> PrintState?
    /// PNG of the newest slip, in a demonstration only.
    func lastSlipPNG() async -> [UInt8]?
}
