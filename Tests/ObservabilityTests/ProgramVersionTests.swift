// All programs carry one version.

import Foundation
import Observability
import Testing

struct ProgramVersionTests {
    @Test("the version stands once in the sources: in ProgramVersion")
    func standsOnce() throws {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources")
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        var found: [String] = []
        for case let file as URL in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            if text.contains("\"\(ProgramVersion.text)\"") { found.append(file.lastPathComponent) }
        }
        #expect(found == ["ProgramVersion.swift"])
        #expect(ProgramVersion.text.split(separator: ".").compactMap { Int($0) }.count == 3)
    }
}
