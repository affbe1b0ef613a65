// Why a request to headquarters came to nothing: a closed list, for the machine and for status pages.

/// What went wrong with one request. Nothing but a valid signed answer counts as success, so everything else is here.
public enum SyncFailure: Error, Hashable, Sendable {
    /// No connection: no route, refused, DNS, TLS handshake.
    case unreachable
    /// A deadline passed.
    case timedOut
    /// Something answered that is not headquarters: a captive portal, a proxy, a page where a message should be.
    case notHeadquarters
    /// 401 with `session.unknown`: say hello again.
    case sessionUnknown
    /// Headquarters does not want this device or this request (other 4xx with its own problem).
    case refused(code: String)
    /// 413.
    case tooLarge
    /// 429 or 503, with how long to wait where headquarters said so.
    case busy(retryAfter: Duration?)
    /// Another 5xx.
    case serverFailed
    /// An answer whose signature, device, lineage or digests are not right.
    case untrusted
    /// This kiosk's own store or disk failed.
    case storeFailed
    /// The receipt is of another generation of headquarters than the one that answered hello: say hello again.
    case otherGeneration
    /// Headquarters' receipt moved none of the records it was given.
    case noProgress

    /// One of a closed set of words, without data.
    public var shortDescription: String {
        switch self {
        case .unreachable: "unreachable"
        case .timedOut: "timedOut"
        case .notHeadquarters: "notHeadquarters"
        case .sessionUnknown: "sessionUnknown"
        case .refused: "refused"
        case .tooLarge: "tooLarge"
        case .busy: "busy"
        case .serverFailed: "serverFailed"
        case .untrusted: "untrusted"
        case .storeFailed: "storeFailed"
        case .otherGeneration: "otherGeneration"
        case .noProgress: "noProgress"
        }
    }

    /// Whether another hello may help.
    var asksForHello: Bool {
        switch self {
        case .sessionUnknown, .otherGeneration: true
        default: false
        }
    }

    /// Whether a smaller batch may help.
    var mayBeSize: Bool {
        switch self {
        case .tooLarge, .timedOut, .serverFailed: true
        default: false
        }
    }
}
