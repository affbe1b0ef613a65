// How long a printer may keep us waiting.

/// Deadlines of one print, on the monotonic clock. A slip is about 90 KB; a printer takes it in one to four seconds.
public struct PrinterDeadlines: Hashable, Sendable {
    /// A printer on the same switch answers in milliseconds; three seconds allow two lost SYN packets.
    public static let connectDefault = Duration.seconds(3)
    /// From the first byte to the last. Slow paper: 25 cm at 50 mm/s are 5 s; a serial adapter needs three times that.
    public static let sendDefault = Duration.seconds(20)
    /// For the printer to close its side after ours; many never do, and the slip is out by then.
    public static let farewellDefault = Duration.seconds(1)

    public var connect: Duration
    public var send: Duration
    public var farewell: Duration

    public init(
        connect: Duration = connectDefault, send: Duration = sendDefault, farewell: Duration = farewellDefault
    ) {
        self.connect = connect
        self.send = send
        self.farewell = farewell
    }
}
