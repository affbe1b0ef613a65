// What can go wrong between a slip and its printer bytes.

/// The one error of this room. `detail` is for the technician and never holds a name or a slip token.
public struct SlipPrintingError: Error, Hashable, Sendable {
    public enum Code: String, Sendable {
        /// The fontconfig file is missing or wrong.
        case fontConfiguration
        /// The font family of the slip is not installed.
        case fontMissing
        /// Pango, Cairo or memory failed.
        case drawingFailed
        /// The address does not fit a QR code at all, or is not the plain upper-case kind.
        case codeAddress
        /// The modules would be smaller than 6 dots: a worn print would not be read.
        case codeTooDense
        /// A number of the printer profile is outside its limits.
        case printerProfile
        /// A slip says more than it may, e.g. six vacancies.
        case slip
    }

    public var code: Code
    public var detail: String

    public init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }
}

extension SlipPrintingError: CustomStringConvertible {
    public var description: String { "\(code.rawValue): \(detail)" }
}
