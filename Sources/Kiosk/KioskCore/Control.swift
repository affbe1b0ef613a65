// What the technician's terminal asks of the daemon: messages over the control socket, and who answers them.

public import JobFair
public import SyncProtocol

/// Everything `kioskctl status` shows. Holds no personal data.
public struct ControlStatus: Sendable, Codable {
    public struct FairStatus: Sendable, Codable {
        public var id: FairID
        public var name: String
        public var kind: FairKind
        public var days: [CalendarDate]
        public var openDay: CalendarDate?
        public var isDayConfirmed: Bool

        public init(
            id: FairID, name: String, kind: FairKind, days: [CalendarDate], openDay: CalendarDate?, isDayConfirmed: Bool
        ) {
            self.id = id
            self.name = name
            self.kind = kind
            self.days = days
            self.openDay = openDay
            self.isDayConfirmed = isDayConfirmed
        }
    }
    public struct SyncStatus: Sendable, Codable {
        public var headquarters: String
        public var pending: Int
        /// Seconds since headquarters answered; nil: not since this daemon started.
        public var secondsSinceContact: Int?
        /// Why the last try failed, in a closed set of words; nil: it did not.
        public var lastError: String?
        /// `SyncMachine.Phase`.
        public var phase: String
        /// Until hello is said or records are sent; nil: now under way.
        public var secondsToNextTry: Int?

        public init(
            headquarters: String, pending: Int, secondsSinceContact: Int?, lastError: String?, phase: String,
            secondsToNextTry: Int?
        ) {
            self.headquarters = headquarters
            self.pending = pending
            self.secondsSinceContact = secondsSinceContact
            self.lastError = lastError
            self.phase = phase
            self.secondsToNextTry = secondsToNextTry
        }
    }
    public var version: String
    public var label: String
    public var deviceID: String
    /// Nil: nobody can tell, for the store is not open.
    public var isEnrolled: Bool?
    public var open: FairStatus?
    public var fairs: [FairStatus]
    public var clockQuality: String
    public var printer: String
    /// Nil: nobody can tell, for the store is not open.
    public var counts: StoreCounts?
    public var sync: SyncStatus?
    /// Of the stick that stays in the kiosk; nil: none is configured.
    public var stick: StickStatus?
    public var problems: [HealthProblem]

    public init(
        version: String, label: String, deviceID: String, isEnrolled: Bool?, open: FairStatus?, fairs: [FairStatus],
        clockQuality: String, printer: String, counts: StoreCounts?, sync: SyncStatus?, stick: StickStatus? = nil,
        problems: [HealthProblem]
    ) {
        self.version = version
        self.label = label
        self.deviceID = deviceID
        self.isEnrolled = isEnrolled
        self.open = open
        self.fairs = fairs
        self.clockQuality = clockQuality
        self.printer = printer
        self.counts = counts
        self.sync = sync
        self.stick = stick
        self.problems = problems
    }
}

/// `fair open` and `fair day`.
public struct FairRequest: Sendable, Codable {
    /// Fair id or number; nil: the only one there is.
    public var fair: String?
    /// `YYYY-MM-DD`; nil: today, where the clock can be trusted, or the only day there is.
    public var day: String?

    public init(fair: String?, day: String?) {
        self.fair = fair
        self.day = day
    }
}

public struct EnrolRequest: Sendable, Codable {
    /// `https://host:port` of headquarters' sync listener.
    public var address: String
    public var code: String

    public init(address: String, code: String) {
        self.address = address
        self.code = code
    }
}

/// Why a control request was refused, in a sentence for the technician: what, where, what to do.
public struct ControlError: Error, Sendable, Codable, CustomStringConvertible {
    public var code: String
    public var zh: String
    public var en: String

    public init(code: String, zh: String, en: String) {
        self.code = code
        self.zh = zh
        self.en = en
    }

    public var description: String { "\(zh)\n\(en)" }
}

/// The daemon's side of the control socket.
public protocol ControlDesk: Sendable {
    func status() async throws(ControlError) -> ControlStatus
    func openFair(_ request: FairRequest) async throws(ControlError)
    func changeDay(_ request: FairRequest) async throws(ControlError)
    func closeFair() async throws(ControlError)
    func enrol(_ request: EnrolRequest) async throws(ControlError)
    func printTest() async throws(ControlError)
    func outbox() async throws(ControlError) -> OutboxListing
    /// Sends once more what headquarters refused.
    func retryOutbox() async throws(ControlError) -> OutboxRetry
    /// A page of frames for a stick. Changes no record's state.
    func frames(_ scope: FrameScope, after: Int64) async throws(ControlError) -> FramePage
    /// Takes in one entry of a stick.
    func take(_ entry: StickEntry) async throws(ControlError) -> StickIntake
}
