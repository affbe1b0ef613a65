// Catalogues for the tests of this room, and a signature that they can tell.

import CSQLite
import Foundation
import JobFair
import Logging
import Synchronization
import TestSupport

@testable import KioskStore

/// A folder for `catalogue.sqlite`, and a headquarters that signs.
struct CatalogueFixture: Sendable {
    let folder: TemporaryFolder
    let signatures = FakeSignatures()

    init(_ label: String = #function) throws { folder = try TemporaryFolder(label) }

    var path: String { folder.file("catalogue.sqlite") }

    var files: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() } }

    func open(_ log: LogLines = LogLines()) throws -> SQLiteCatalogueStore { try open(logger: log.logger) }

    func open(logger: Logger) throws -> SQLiteCatalogueStore {
        try SQLiteCatalogueStore(path: path, verified: signatures.verified, logger: logger)
    }

    /// Signs and saves.
    func save(_ catalogue: Catalogue, etag: String = "1", in store: SQLiteCatalogueStore) async throws {
        try await store.save(catalogue, etag: etag, signed: signatures.sign(catalogue))
    }

    func edit(_ sql: String) throws {
        var database: OpaquePointer?
        defer { sqlite3_close(database) }
        guard sqlite3_open(path, &database) == SQLITE_OK, sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else {
            throw CocoaError(.fileWriteUnknown)
        }
    }

    /// A blob in SQL.
    static func literal(_ bytes: some Sequence<UInt8>) -> String {
        "x'" + bytes.map { String(format: "%02x", $0) }.joined() + "'"
    }

    /// Fills the page with zeros in which `text` stands last, in place: an open file has it, too.
    func destroyPage(with text: String) throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        guard let place = bytes.range(of: Data(text.utf8), options: .backwards) else {
            throw CocoaError(.fileReadCorruptFile)
        }
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.seek(toOffset: UInt64(place.lowerBound / 4096 * 4096))
        try file.write(contentsOf: Data(count: 4096))
        try file.close()
    }

    static func catalogue(
        _ fair: FairID = StoreFixture.fair, day: String = "2026-02-03", vacancies: Int = 3, name: String = "春风行动"
    ) -> Catalogue {
        let employers = (0..<2).map { number in
            Employer(
                id: .random(), name: "企业\(number)", booth: "A\(number)", isVerified: number == 0,
                creditCode: "91990121MA9001017G")
        }
        return Catalogue(
            fair: Fair(
                id: fair, name: name, venue: "人民广场", organiser: "人社局", kind: .rehearsal,
                days: [day, "2026-03-01"].compactMap { CalendarDate($0) }, keyNumber: 16_777_215,
                formAddress: "HTTPS://FORM.EXAMPLE.CN", servicePhone: "12333", region: "990121",
                formOpenDaysAfter: 9),
            version: 4, employers: employers,
            vacancies: (0..<vacancies).map { number in
                Vacancy(
                    id: .random(), employerID: employers[number % 2].id, title: "焊工\(number)",
                    headcount: number % 3 == 0 ? nil : number,
                    pay: Pay(
                        lowestFen: 500_000, highestFen: 700_000, unit: number % 2 == 0 ? .month : nil,
                        text: "5000-7000元/月"),
                    booth: "A1", place: "本地", boardAndLodging: "包吃住", insurance: "五险", hours: "8小时",
                    isWithdrawn: number == 1, isNotUnder18: number == 2, isFilled: number == 0,
                    occupation: number == 1 ? .welder : nil, requirements: "持证", region: "990121",
                    workForm: number == 2 ? .byTheDay : nil, offersBoard: number == 0 ? nil : number == 1,
                    offersLodging: number == 1 ? nil : true, hasNightShifts: number == 2 ? false : nil)
            },
            notice: PrivacyNotice(version: "1", title: "告知", shortText: "短", fullText: "长"),
            keyGroups: [KeyGroup(code: "migrant", label: "农民工"), KeyGroup(code: "graduate", label: "毕业生")],
            regions: [Region(code: "990121", name: "青禾县"), Region(code: "990000", name: "禾川省")])
    }
}

/// Bytes that stand for a catalogue; a changed one is not recognised, nor is one whose key was taken off the list.
final class FakeSignatures: Sendable {
    struct KeyUnknown: Error, CustomStringConvertible {
        var description: String { "the key is not in the list" }
    }

    private let signed = Mutex<[Data: Catalogue]>([:])
    private let count = Atomic<Int>(0)

    /// As long as a real one of a few vacancies: it does not fit into one page.
    func sign(_ catalogue: Catalogue) -> Data {
        let number = count.add(1, ordering: .relaxed).newValue
        let bytes = Data("signed \(number) ".utf8) + Data((0..<9000).map { UInt8(truncatingIfNeeded: $0) })
        signed.withLock { $0[bytes] = catalogue }
        return bytes
    }

    func revoke(_ fair: FairID) { signed.withLock { signed in signed = signed.filter { $0.value.fair.id != fair } } }

    var verified: SignedCatalogueReading {
        { [self] bytes in
            guard let catalogue = signed.withLock({ $0[bytes] }) else { throw KeyUnknown() }
            return catalogue
        }
    }
}
