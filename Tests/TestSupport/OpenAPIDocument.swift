// docs/openapi.yaml, as far as tests compare it with routes: which calls there are, and under which tag.

import Foundation

public enum OpenAPIDocument {
    public struct Call: Hashable, Sendable, CustomStringConvertible {
        public var method: String
        /// Parameters as `*`.
        public var path: String

        public init(_ method: String, _ path: String) {
            self.method = method
            self.path = path.split(separator: "/").map { $0.hasPrefix(":") || $0.hasPrefix("{") ? "/*" : "/\($0)" }
                .joined()
        }

        public var description: String { "\(method) \(path.isEmpty ? "/" : path)" }
    }

    /// Calls by their one tag. The document is written by hand, two spaces a level; that is all that is read of YAML.
    public static func calls() throws -> [String: Set<Call>] {
        var calls: [String: Set<Call>] = [:]
        var path = ""
        var method = ""
        for line in try text().split(separator: "\n") {
            if let match = line.wholeMatch(of: /\ {2}(\/\S*):/) { path = String(match.1) }
            if let match = line.wholeMatch(of: /\ {4}(get|put|post|delete|patch):/) { method = match.1.uppercased() }
            if let match = line.wholeMatch(of: /\ {6}tags: \[(\w+)\]/) {
                calls[String(match.1), default: []].insert(Call(method, path))
            }
        }
        return calls
    }

    public static func text() throws -> String {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return try String(
            contentsOf: tests.deletingLastPathComponent().appendingPathComponent("docs/openapi.yaml"), encoding: .utf8)
    }
}
