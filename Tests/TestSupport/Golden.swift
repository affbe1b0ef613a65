// Golden files: what the bytes were is committed beside the test, and updating needs an explicit switch.

import Foundation
public import Testing

/// Compares `actual` with `Goldens/<name>` beside the test file. `UPDATE_GOLDENS=1` writes it instead, and fails the
/// test so that nobody forgets the switch.
public func checkGolden(
    _ name: String, _ actual: [UInt8], file: String = #filePath, at location: SourceLocation = #_sourceLocation
) throws {
    let url = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Goldens/\(name)")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" {
        try Data(actual).write(to: url)
        Issue.record("golden \(name) was written; run again without UPDATE_GOLDENS", sourceLocation: location)
        return
    }
    let expected = try? [UInt8](Data(contentsOf: url))
    guard let expected else {
        Issue.record("golden \(name) is missing; write it with UPDATE_GOLDENS=1", sourceLocation: location)
        return
    }
    if expected != actual {
        let first =
            zip(expected, actual).enumerated().first { $1.0 != $1.1 }?.offset ?? min(expected.count, actual.count)
        Issue.record(
            "golden \(name) differs at byte \(first) (expected \(expected.count) bytes, got \(actual.count))",
            sourceLocation: location)
    }
}

public func checkGolden(
    _ name: String, _ actual: String, file: String = #filePath, at location: SourceLocation = #_sourceLocation
) throws {
    try checkGolden(name, Array(actual.utf8), file: file, at: location)
}
