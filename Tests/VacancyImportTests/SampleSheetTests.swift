// The five sample sheets of kiosk-config/sheets, as a clerk would send them.

import Foundation
import JobFair
import Testing

@testable import VacancyImport

@Suite struct SampleSheetTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("kiosk-config/sheets")

    static func read(_ name: String) throws -> ImportReading {
        try VacancyReader().read(Array(Data(contentsOf: folder.appendingPathComponent(name))))
    }

    @Test(arguments: [
        ("utf8.csv", 30, Sheet.Source.text(encoding: "UTF-8", delimiter: ","), [ImportReading.Skipped.header: 1]),
        ("utf8-bom.csv", 26, .text(encoding: "UTF-8 BOM", delimiter: ","), [.title: 1, .header: 1, .total: 1]),
        ("gb18030.csv", 28, .text(encoding: "GB18030", delimiter: "tab"), [.header: 1]),
        ("merged.xlsx", 35, .workbook, [.title: 2, .header: 1, .total: 1, .footer: 1]),
    ])
    func goodSheetsGoInWhole(
        _ name: String, _ count: Int, _ source: Sheet.Source, _ skipped: [ImportReading.Skipped: Int]
    ) throws {
        let reading = try Self.read(name)
        #expect(reading.rows.count == count)
        #expect(reading.faults.isEmpty)
        // 100元/半天 is shown as written.
        #expect(reading.warnings.map(\.code) == (name == "gb18030.csv" ? [.payUnitUnknown] : []))
        #expect(reading.source == source)
        #expect(reading.skipped == skipped)
        #expect(Set(reading.rows.map(\.employer.name)).count == 8)
        for row in reading.rows {
            #expect(!row.vacancy.booth.isEmpty)
            // Whatever is no 面议 has bounds and a unit.
            #expect(
                ["面议", "100元/半天"].contains(row.vacancy.pay.text)
                    || (row.vacancy.pay.unit != nil && row.vacancy.pay.lowestFen > 0), "row \(row.number)")
        }
    }

    @Test func rareCharactersArrive() throws {
        let names = Set(try Self.read("gb18030.csv").rows.map(\.employer.name))
        #expect(names.isSuperset(of: ["明湖㛃玉首饰有限公司", "明湖市𫖯仰文具厂", "䶮达电动车（明湖）有限公司"]))
    }

    @Test func mergedEmployersAreOnEveryRow() throws {
        let rows = try Self.read("merged.xlsx").rows
        #expect(rows.map(\.number) == Array(4...38))
        #expect(rows.allSatisfy { $0.employer.creditCode.count == 18 && !$0.employer.phone.isEmpty })
        #expect(rows[9].employer.name == "青禾县恒达机械制造有限公司")
        #expect(rows[3].vacancy.pay == Pay(lowestFen: 550_000, highestFen: 550_000, unit: .month, text: "5500"))
        #expect(rows[4].vacancy.headcount == nil)
        #expect(rows[1].vacancy.offersLodging == true)
        #expect(rows[19].vacancy.hasNightShifts == true)
    }

    @Test func twentyFaultsOfTwentyKinds() throws {
        let reading = try Self.read("twenty-faults.csv")
        #expect(reading.rows.count == 6)
        #expect(reading.refusedRows == 20)
        let expected: [(Int, String, RowProblem.Code)] = [
            (2, "A", .employerMissing), (4, "D", .titleMissing), (5, "B", .creditCodeFloatingPoint),
            (6, "B", .creditCodeCheck),
            (7, "E", .headcountZero), (8, "E", .headcountInvalid), (9, "E", .headcountInvalid), (11, "F", .payReversed),
            (12, "F", .payZero),
            (13, "F", .payImplausible), (15, "L", .phoneFloatingPoint), (16, "D", .textBroken), (17, "D", .textTooLong),
            (18, "D", .cellFormula), (20, "", .rowDuplicate), (21, "K", .workFormUnknown), (22, "C", .textTooLong),
            (23, "G", .textControls), (24, "G", .textTooLong), (25, "A", .textTooLong),
        ]
        #expect(
            reading.faults.map { "\($0.row)\($0.column) \($0.code.rawValue)" }
                == expected.map { "\($0.0)\($0.1) \($0.2.rawValue)" })
        #expect(reading.faults.first { $0.code == .rowDuplicate }?.otherRow == 19)
        // The sheet's own last column says 好 for the rows that go in.
        #expect(reading.rows.map(\.number) == [3, 10, 14, 19, 26, 27])
    }

    /// Rows of the second reading are the vacancies of the first.
    @Test(arguments: ["utf8.csv", "utf8-bom.csv", "gb18030.csv", "merged.xlsx", "twenty-faults.csv"])
    func importingAgainDoublesNothing(_ name: String) throws {
        let keys = try Self.read(name).rows.map(\.key)
        let pairing = ImportPairing(rows: keys, existing: keys)
        #expect(pairing.existing == Array(keys.indices).map(Optional.some))
        #expect(pairing.untouched.isEmpty)
    }
}
