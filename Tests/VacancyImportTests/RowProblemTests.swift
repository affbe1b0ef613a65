// Each fault and each warning, with a row that has it.

import JobFair
import Testing

@testable import VacancyImport

@Suite struct RowProblemTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        var code: RowProblem.Code
        var cells: [String: String]

        init(_ code: RowProblem.Code, _ cells: [String: String]) { (self.code, self.cells) = (code, cells) }

        var testDescription: String { "\(code.rawValue) \(cells.keys.sorted())" }
    }

    static let faults = [
        Sample(.titleMissing, ["岗位名称": " "]), Sample(.titleWithoutLetter, ["岗位名称": "12"]),
        Sample(.employerMissing, ["单位名称": ""]),
        Sample(.employerWithoutLetter, ["单位名称": "001"]), Sample(.creditCodeFloatingPoint, ["信用代码": "9.1330100E+17"]),
        Sample(.creditCodeFloatingPoint, ["信用代码": "9.13301E17"]),
        Sample(.creditCodeFloatingPoint, ["信用代码": "913301001234567000"]),
        Sample(.creditCodeLength, ["信用代码": "91990121MA9006010"]),
        Sample(.creditCodeCharacters, ["信用代码": "91990121MA9006010中"]),
        Sample(.creditCodeCheck, ["信用代码": "91990121MA9006010X"]), Sample(.phoneFloatingPoint, ["联系电话": "1.38E+10"]),
        Sample(.headcountZero, ["人数": "0"]), Sample(.headcountZero, ["人数": "0人"]),
        Sample(.headcountInvalid, ["人数": "-3"]),
        Sample(.headcountInvalid, ["人数": "2.5"]), Sample(.headcountInvalid, ["人数": "十几个"]),
        Sample(.headcountTooLarge, ["人数": "200000"]),
        Sample(.payReversed, ["工资待遇": "9000-5000元/月"]), Sample(.payZero, ["工资待遇": "0元/月"]),
        Sample(.payImplausible, ["工资待遇": "50元/月"]),
        Sample(.workFormUnknown, ["用工形式": "看情况"]), Sample(.textBroken, ["岗位名称": "普\u{FFFD}工"]),
        Sample(.textBroken, ["工资待遇": "5\u{FFFD}千"]),
        Sample(.textBroken, ["单位名称": "锟斤拷厂"]), Sample(.textControls, ["工作地点": "青\u{7}禾"]),
        Sample(.textControls, ["岗位名称": "普\u{1}工"]),
        Sample(.textTooLong, ["岗位名称": String(repeating: "工", count: 61)]),
        Sample(.textTooLong, ["单位名称": String(repeating: "厂", count: 101)]),
        Sample(.textTooLong, ["展位号": String(repeating: "A", count: 21)]),
        Sample(.textTooLong, ["工作地点": String(repeating: "路", count: 101)]),
        Sample(.cellFormula, ["岗位名称": "=HYPERLINK(\"http://example.invalid\",\"普工\")"]),
        Sample(.cellFormula, ["工资待遇": "=A1"]),
        Sample(.cellOverlong, ["岗位要求": String(repeating: "长", count: 32_768)]),
        Sample(.cellOverlong, ["岗位要求": String(repeating: "长", count: 6000)]),
    ]

    @Test(arguments: faults)
    func faultKeepsTheRowOut(_ sample: Sample) throws {
        let reading = try VacancyReaderTests.row(sample.cells)
        #expect(reading.rows.isEmpty)
        #expect(reading.faults.map(\.code) == [sample.code])
        #expect(reading.faults.map(\.row) == [2])
        #expect(reading.faults[0].column != "")
    }

    static let warnings = [
        Sample(.phoneUnreadable, ["联系电话": "见摊位"]), Sample(.headcountRange, ["人数": "5-8人"]),
        Sample(.headcountSplit, ["人数": "男5女3"]),
        Sample(.payMissing, ["工资待遇": ""]), Sample(.payUnreadable, ["工资待遇": "看能力"]),
        Sample(.payUnitMissing, ["工资待遇": "200"]),
        Sample(.payUnitUnknown, ["工资待遇": "1500元/周"]), Sample(.textBrokenCharacters, ["岗位要求": "能吃\u{FFFD}"]),
        Sample(.textControlsRemoved, ["岗位要求": "能吃\u{7}苦"]),
        Sample(.textShortened, ["岗位要求": String(repeating: "长", count: 501)]),
        Sample(.cellLeftOut, ["岗位要求": "=A1"]),
    ]

    @Test(arguments: warnings)
    func warningLetsTheRowIn(_ sample: Sample) throws {
        let reading = try VacancyReaderTests.row(sample.cells)
        #expect(reading.faults.isEmpty)
        #expect(reading.rows.count == 1)
        #expect(reading.warnings.map(\.code) == [sample.code])
    }

    @Test func unquotedCommaShiftsTheRow() throws {
        let reading = try VacancyReaderTests.read("单位名称,岗位名称,工资\n甲厂,普工,5,000-6,000\n乙厂,焊工,6000\n")
        #expect(reading.faults.map(\.code) == [.rowShifted])
        #expect(reading.rows.map(\.number) == [3])
    }

    @Test func spreadsheetsDatesErrorsAndLostDigitsAreRefused() throws {
        let strings = ["单位名称", "岗位名称", "招聘人数", "信用代码", "联系电话", "甲厂", "普工"]
            .map { "<si><t>\($0)</t></si>" }.joined()
        func row(_ number: Int, _ headcount: String, _ code: String, _ phone: String) -> String {
            "<row r=\"\(number)\"><c t=\"s\"><v>5</v></c><c t=\"s\"><v>6</v></c>\(headcount)\(code)\(phone)</row>"
        }
        let header = "<row r=\"1\">\((0..<5).map { "<c t=\"s\"><v>\($0)</v></c>" }.joined())</row>"
        let none = "<c/>"
        let xml =
            header
            + row(2, "<c s=\"1\"><v>46150</v></c>", none, none)
            + row(3, "<c t=\"e\"><v>#N/A</v></c>", none, none)
            + row(4, none, "<c><v>9.1330100123456794E+17</v></c>", none)
            + row(5, none, none, "<c><v>19900000001</v></c>")
            + row(6, "<c><f>SUM(A1)</f></c>", none, none)
        let bytes = WorkbookBytes.workbook(
            [.init(name: "Sheet1", xml: "<sheetData>\(xml)</sheetData>")], sharedStrings: strings,
            styles: "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"58\"/></cellXfs>")
        let reading = try VacancyReader().read(bytes)
        #expect(reading.faults.map(\.code) == [.cellDate, .cellError, .creditCodeFloatingPoint, .cellFormula])
        #expect(reading.rows.map(\.number) == [5])
        // A number of eleven digits lost nothing.
        #expect(reading.rows[0].employer.phone == "19900000001")
    }

    @Test func allFaultsOfARowAreNamedAtOnce() throws {
        let reading = try VacancyReaderTests.row(["人数": "0", "信用代码": "123", "工资待遇": "0"])
        #expect(Set(reading.faults.map(\.code)) == [.headcountZero, .creditCodeLength, .payZero])
        #expect(reading.refusedRows == 1)
    }

    @Test(arguments: RowProblem.Code.allCases)
    func everyCodeHasItsOwnSentence(_ code: RowProblem.Code) {
        let problem = RowProblem(row: 7, column: "C", field: .title, code: code, otherRow: 5)
        #expect(problem.zh.hasSuffix("。"))
        #expect(problem.en.hasSuffix(".") || problem.en.hasSuffix("?"))
        let others = RowProblem.Code.allCases.filter { $0 != code }
            .map { RowProblem(row: 7, column: "C", field: .title, code: $0, otherRow: 5).zh }
        #expect(!others.contains(problem.zh))
    }

    @Test func sentencesNeverRepeatTheCell() throws {
        let reading = try VacancyReaderTests.row(["岗位名称": "张三19900000009=", "信用代码": "19900000009"])
        #expect(!reading.faults.contains { $0.zh.contains("1990") || $0.en.contains("1990") })
    }
}
