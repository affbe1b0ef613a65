// Between domain values and columns.

import GRDB
import HeadquartersCore
import JobFair

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Identifier {
    /// As stored: 16 bytes.
    var blob: Data { Data(bytes) }
}

/// A column that does not hold what this program wrote there.
func damaged(_ column: String) -> HeadquartersStoreError {
    HeadquartersStoreError(.unsuitable, "column \(column) holds something unreadable")
}

extension Row {
    func identifier<Scope>(_ column: String, as type: Identifier<Scope>.Type) throws -> Identifier<Scope> {
        guard let bytes = Data.fromDatabaseValue(self[column]), let value = Identifier<Scope>(bytes: bytes) else {
            throw damaged(column)
        }
        return value
    }

    func occurred() -> OccurredAt {
        OccurredAt(lower: self["occurredLower"], estimate: self["occurredAt"], upper: self["occurredUpper"])
    }
}

/// JSON in a TEXT column, for parts that no statement looks into.
enum JSONColumn {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func value<Value: Decodable>(_ type: Value.Type, _ text: String, column: String) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw damaged(column)
        }
    }
}
