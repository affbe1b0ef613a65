// Reads and lints a spreadsheet, one at a time and away from the threads that serve.

import Dispatch
import HeadquartersCore
import JobFair
import VacancyImport

/// What a sheet is read with.
struct ImportRequest: Sendable {
    var bytes: [UInt8]
    /// As `ColumnMapping` reads it; empty: columns are recognised by their headers.
    var mapping = ""
    /// Empty: the first visible sheet that has a header.
    var sheet = ""
    /// Names of regions, to tell a workplace's code by.
    var regions: [Region] = []
}

/// A sheet that was read: good rows, and what is wrong with the others.
struct ImportedSheet: Sendable {
    var reading: ImportReading
    var batch: ImportBatch
}

/// The queue is serial: 20,000 rows take seconds of one core and some hundred megabytes, whoever sends them.
final class ImportReader: Sendable {
    private let queue = DispatchQueue(label: "jobfair.headquarters.imports")

    /// Throws `SheetError` where the file as a whole is refused.
    func read(_ request: ImportRequest) async throws -> ImportedSheet {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try Self.sheet(request) }) }
        }
    }

    private static func sheet(_ request: ImportRequest) throws(SheetError) -> ImportedSheet {
        let mapping: ColumnMapping? = request.mapping.isEmpty ? nil : try ColumnMapping(parsing: request.mapping)
        let reader = VacancyReader(
            mapping: mapping, sheetName: request.sheet.isEmpty ? nil : request.sheet,
            regions: RegionFinder(request.regions), occupation: { OccupationWords.classify(title: $0) })
        let reading = try reader.read(request.bytes)
        return ImportedSheet(reading: reading, batch: ImportBatch(reading, regions: request.regions))
    }
}
