// The one error of this room.

/// Bytes that cannot be trusted, understood or made. `detail` says where, never what was in them.
public struct SyncProtocolError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        /// Not the message it should be, or a field of the wrong length.
        case malformed
        /// A limit of `SyncLimits` was passed.
        case tooLarge
        /// The signature does not fit body, domain and key.
        case signatureInvalid
        /// Not a key of this algorithm.
        case keyInvalid
        /// Signed or sealed with a key that is not known here.
        case keyUnknown
        /// An algorithm this program does not have.
        case suiteUnknown
        /// The seal does not open: wrong key, or changed bytes.
        case sealInvalid
        /// Not an enrolment code.
        case codeInvalid
        /// The key list is not of the root that the code names.
        case rootMismatch
        /// Not a slip token.
        case tokenInvalid
        /// An identity in the message is not the one it is used for.
        case identityMismatch
    }

    public var code: Code
    public var detail: String

    public init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    public var description: String { "\(code.rawValue): \(detail)" }
}
