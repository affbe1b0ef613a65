// The sources of the repository in memory, so that a rule can be tried on a tree that was never written.

import Foundation

struct SourceTree: Sendable {
    private(set) var files: [String: SourceFile]
    /// Package.swift.
    var manifest: String

    /// Everything under `Sources` and `Tests` that ends in `.swift`.
    static func load() throws -> SourceTree {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        var files: [String: SourceFile] = [:]
        for top in ["Sources", "Tests"] {
            let names = try FileManager.default.subpathsOfDirectory(atPath: root.appendingPathComponent(top).path)
            for name in names where name.hasSuffix(".swift") {
                let path = "\(top)/\(name)"
                let text = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
                files[path] = SourceFile(path: path, text: text)
            }
        }
        let manifest = try String(contentsOf: root.appendingPathComponent("Package.swift"), encoding: .utf8)
        return SourceTree(files: files, manifest: manifest)
    }

    /// A copy with the files of the programs, which are judged together, and with those of `paths`.
    func keepingPrograms(and paths: [String]) -> SourceTree {
        var copy = self
        copy.files = files.filter { $0.key.hasPrefix("Sources/Programs/") || paths.contains($0.key) }
        return copy
    }

    /// A copy with one more file, or with text added to the end of one that is there.
    func planting(_ text: String, in path: String) -> SourceTree {
        var copy = self
        let before = files[path].map { $0.lines.joined(separator: "\n") } ?? ""
        copy.files[path] = SourceFile(path: path, text: before + text)
        return copy
    }

    var sorted: [SourceFile] { files.values.sorted { $0.path < $1.path } }
}
