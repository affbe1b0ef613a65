// Log lines for the journal: one line each, the priority in front, nothing in it that could break the line.

public import Logging

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Writes `<N>label: message key=value ...` with the priorities of syslog (sd-daemon(3)), metadata in the order of its
/// keys. Messages are constants; what varies is metadata with dotted keys, and never personal data.
public struct JournalLogHandler: LogHandler {
    public enum Style: Sendable {
        /// `<6>` in front: the journal takes it as the priority and removes it.
        case journal
        /// The level as a word, for a terminal.
        case terminal
    }

    /// Longest line in bytes, its end included; the journal splits lines only at 48 KiB, but nobody reads that much.
    public static let lineBytesMax = 2048
    /// Longest metadata value in bytes.
    public static let valueBytesMax = 400

    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    public var logLevel: Logger.Level = .info
    private let label: String
    private let style: Style
    private let sink: @Sendable ([UInt8]) -> Void

    /// - Parameter write: takes one whole line with its line feed; standard error when left out.
    public init(
        label: String, style: Style = .journal,
        write: @escaping @Sendable ([UInt8]) -> Void = JournalLogHandler.writeToStandardError
    ) {
        self.label = label
        self.style = style
        sink = write
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        var line = front(event.level) + "\(Self.escaped(label)): \(Self.escaped("\(event.message)"))"
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            line += " \(Self.escaped(key))=\(Self.rendered(value))"
        }
        sink(Array(Self.cut(line, bytesMax: Self.lineBytesMax - 1).utf8) + [UInt8(ascii: "\n")])
    }

    private func front(_ level: Logger.Level) -> String {
        switch style {
        case .journal: "<\(Self.priority(of: level))>"
        case .terminal: "\(level.rawValue) "
        }
    }

    static func priority(of level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    /// One `write(2)` per line, so that lines of several threads do not mix. What cannot be written is dropped: a
    /// log never stops the work.
    public static func writeToStandardError(_ line: [UInt8]) {
        var rest = line[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}

// MARK: - Text

extension JournalLogHandler {
    static func rendered(_ value: Logger.Metadata.Value) -> String {
        let text = cut(escaped(plain(value)), bytesMax: valueBytesMax)
        let isBare = !text.isEmpty && !text.contains { $0 == " " || $0 == "=" || $0 == "\"" }
        return isBare
            ? text : "\"\(text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\""))\""
    }

    private static func plain(_ value: Logger.Metadata.Value) -> String {
        switch value {
        case .string(let text): text
        case .stringConvertible(let value): value.description
        case .array(let values): "[\(values.map(plain).joined(separator: ","))]"
        case .dictionary(let values):
            "{\(values.sorted { $0.key < $1.key }.map { "\($0.key):\(plain($0.value))" }.joined(separator: ","))}"
        }
    }

    /// Line feeds as `\n`, other control characters and line separators as `\u{1b}`, the backslash doubled.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case _ where scalar == "\n": result += "\\n"
            case _ where scalar == "\r": result += "\\r"
            case _ where scalar == "\t": result += "\\t"
            case _ where scalar == "\\": result += "\\\\"
            case .control, .lineSeparator, .paragraphSeparator:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Cut between code points; `…` says that something is missing.
    static func cut(_ text: String, bytesMax: Int) -> String {
        guard text.utf8.count > bytesMax else { return text }
        let mark = "…"
        var length = 0
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            length += UTF8.width(scalar)
            if length > bytesMax - mark.utf8.count { break }
            kept.append(scalar)
        }
        return String(kept) + mark
    }
}
