// Where the kiosk's page listens, and the limits of that listener.

/// Settings of the page and its JSON API. It listens on loopback only: the screen is a browser on the same machine.
public struct KioskWebSettings: Sendable {
    /// A loopback address: `127.0.0.1` or `::1`.
    public var host: String
    /// 1 to 65535; 0 takes a free port, for tests.
    public var port: Int
    /// A connection on which nothing is read or answered for so long is closed.
    public var idleTimeout: Duration
    /// Connections open at once; more wait in the backlog. One browser takes about six, a rehearsal 64 and more.
    public var connectionsMax: Int
    /// Shown in `status`; the version of the program.
    public var version: String

    public init(
        host: String = "127.0.0.1", port: Int = 7180, idleTimeout: Duration = .seconds(30), connectionsMax: Int = 256,
        version: String = "development"
    ) {
        self.host = host
        self.port = port
        self.idleTimeout = idleTimeout
        self.connectionsMax = connectionsMax
        self.version = version
    }
}

/// Limits of one request, with unit and reason.
enum WebLimits {
    /// A registration with every field filled takes about 2 KiB.
    static let bodyBytesMax = 16 * 1024
    /// One header field; ours are below 200 bytes.
    static let headerFieldBytesMax = 4 * 1024
    /// All header fields together.
    static let headerBytesMax = 16 * 1024
    static let headerFieldsMax = 64
    /// The query of an address: thirty tiles take 700.
    static let queryBytesMax = 2 * 1024
    /// Objects and arrays within each other; ours need three.
    static let jsonDepthMax = 8
    /// Members of one object or array: the key groups are the longest list.
    static let jsonMembersMax = 64
    /// One text, in code points; the rules behind set the tighter limit of each field.
    static let textCodePointsMax = 400
    /// Problems named in one answer.
    static let problemsMax = 32
    /// `Retry-After` of answers that resolve by themselves, in seconds.
    static let retrySeconds = 1
}
