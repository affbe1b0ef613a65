// The tool of the disk's rows: `fault-disk ROW ...` runs cases in this process and prints what came of them as JSON.

import CFaultDisk
import Foundation
import KioskCore
import KioskStore
import Logging

/// What some cases of a row came to.
struct Tally: Codable {
    var cases = 0
    var hits: [String: Int] = [:]
    var violations: [String] = []

    mutating func hit(_ name: String, _ count: Int = 1) {
        if count > 0 { hits[name, default: 0] += count }
    }
}

/// Arguments are `--name value`.
struct Arguments {
    let row: String
    private let values: [String: String]

    init(_ words: [String]) throws {
        guard let row = words.first, words.count % 2 == 1 else {
            throw FaultDiskError("fault-disk ROW [--name value]...")
        }
        self.row = row
        var values: [String: String] = [:]
        for index in stride(from: 1, to: words.count, by: 2) { values[words[index]] = words[index + 1] }
        self.values = values
    }

    func text(_ name: String) throws -> String {
        guard let value = values["--\(name)"] else { throw FaultDiskError("--\(name) is missing") }
        return value
    }

    func number(_ name: String, default missing: Int? = nil) throws -> Int {
        if let value = values["--\(name)"].flatMap({ Int($0) }) { return value }
        guard let missing else { throw FaultDiskError("--\(name) takes a number") }
        return missing
    }
}

struct FaultDiskError: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// The same draws for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ parts: Int...) {
        state = 0x9E37_79B9_7F4A_7C15
        for part in parts {
            state ^= UInt64(truncatingIfNeeded: part) &* 0xBF58_476D_1CE4_E5B9
            _ = next()
        }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

@main
struct FaultDisk {
    static func main() async throws {
        let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
        if arguments.row == "memory", cfaultdisk_memory_install() != 0 {
            throw FaultDiskError("SQLite's allocator was not replaced")
        }
        guard cfaultdisk_install() == 0 else { throw FaultDiskError("the VFS was not installed") }
        // Before the first connection: SQLite's own error log would tell of every fault.
        SQLiteLibrary.logErrors(to: quiet)
        let tally = try await run(arguments)
        print(String(decoding: try JSONEncoder().encode(tally), as: UTF8.self))
    }

    private static func run(_ arguments: Arguments) async throws -> Tally {
        switch arguments.row {
        case "power-cuts":
            var row = try PowerCuts(arguments)
            return try await row.run()
        case "lost-names":
            var row = try LostNames(arguments)
            return try await row.run()
        case "io-errors":
            var row = try IOErrors(arguments)
            return try await row.run()
        case "memory":
            var row = try FailingMemory(arguments)
            return try await row.run()
        case "memory-left":
            return try await FailingMemory.left(arguments)
        case "damage":
            var row = try DamageAtRest(arguments)
            return try await row.run()
        case "exchange":
            var row = try ExchangedFiles(arguments)
            return try await row.run()
        default: throw FaultDiskError("no such row: \(arguments.row)")
        }
    }

    static let quiet = Logger(label: "fault-disk", factory: { _ in SwiftLogNoOpLogHandler() })
}
