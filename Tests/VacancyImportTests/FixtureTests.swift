// A workbook that another library wrote (Fixtures/make-fixtures.py).

import Foundation
import JobFair
import Testing

@testable import VacancyImport

@Suite struct FixtureTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")

    @Test func workbookOfOpenpyxl() throws {
        let bytes = try Data(contentsOf: Self.folder.appendingPathComponent("openpyxl.xlsx"))
        let reading = try VacancyReader().read(Array(bytes))
        #expect(reading.sheetName == "岗位")
        #expect(reading.otherSheets == ["填表说明"])
        #expect(reading.rows.map(\.number) == [3, 4, 10])
        #expect(reading.rows.map(\.employer.name) == ["甲厂", "甲厂", "丁店"])
        #expect(reading.rows.map(\.vacancy.place) == ["青禾县", "青禾县", "城东"])
        #expect(reading.rows.map(\.vacancy.headcount) == [20, nil, 2])
        #expect(
            reading.faults.map { "\($0.row)\($0.column) \($0.code.rawValue)" } == [
                "5C cell.date", "6B cell.formula", "7F creditCode.floatingPoint", "8C headcount.invalid",
                "9D pay.implausible",
            ])
        #expect(reading.hiddenRows == 1)
        #expect(reading.skipped == [.title: 1, .header: 1, .total: 1])
    }
}
