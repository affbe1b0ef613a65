// Runs the independent readers of QR codes; a reader that is not installed is a failed test, not a skipped one.

import Foundation

enum CommandLineTool {
    struct Failed: Error, CustomStringConvertible {
        var description: String
    }

    /// Standard output of a command found in `PATH`.
    static func output(_ command: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(
                description:
                    "\(command[0]) ended with \(process.terminationStatus): is it installed, and could it read?")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What zbarimg reads in a picture.
    static func zbar(_ path: String) throws -> String {
        try output(["zbarimg", "--nodbus", "--quiet", "--raw", path]).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// What ZXing's C++ port reads in a picture.
    static func zxing(_ path: String) throws -> String {
        let lines = try output(["ZXingReader", path]).split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix("Text:") }) else {
            throw Failed(description: "ZXingReader found no code")
        }
        return line.dropFirst(5).trimmingCharacters(in: CharacterSet(charactersIn: " \""))
    }
}
