// Files of every kind a clerk may pick: what is read, and what is refused with which sentence.

import Foundation
import Testing

@testable import VacancyImport

@Suite struct SheetFileTests {
    static func text(_ bytes: [UInt8]) throws -> Sheet { try SheetFile(bytes).sheet("") }
    static func texts(_ text: String) throws -> [[String]] {
        try self.text(Array(text.utf8)).rows.map { $0.cells.map(\.text) }
    }

    // MARK: - CSV

    @Test(
        arguments: [
            ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]), ("a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
            ("a,b\r1,2\r", [["a", "b"], ["1", "2"]]),
            ("a;b\n1;2", [["a", "b"], ["1", "2"]]), ("a\tb\n1\t2", [["a", "b"], ["1", "2"]]),
            ("\"a,\"\"x\"\"\",b\n", [["a,\"x\"", "b"]]), ("\"a\nb\",c\n", [["a\nb", "c"]]),
            ("\"a\r\nb\",c", [["a\r\nb", "c"]]),
            ("a,b,\n,,\n1,2,3", [["a", "b", ""], ["1", "2", "3"]]), ("a, \"b,c\" ,d", [["a", "b,c", "d"]]),
            ("\"a\"x,b", [["ax", "b"]]),
            ("sep=;\na;b,c", [["a", "b,c"]]), ("a,\"b", [["a", "\"b"]]),
            ("一,二\n\"3\n4\",5", [["一", "二"], ["3\n4", "5"]]),
            ("5\"屏,x\n6\"屏,y", [["5\"屏", "x"], ["6\"屏", "y"]]), ("=\"0571\",a", [["0571", "a"]]),
            ("a,b\tc\nd,e\tf\ng,h", [["a", "b\tc"], ["d", "e\tf"], ["g", "h"]]),
        ] as [(String, [[String]])])
    func takesCSVApart(_ text: String, _ cells: [[String]]) throws {
        #expect(try Self.texts(text) == cells)
    }

    /// The mark before 普工 is never closed; taken as it stands it would swallow the rows up to the next one.
    @Test func strayQuotationMarkCostsOneRowOnly() throws {
        let rows = try Self.texts("岗位,单位\n\"普工,甲厂\n焊工,乙厂\n\"电工\",丙厂\n")
        #expect(rows == [["岗位", "单位"], ["\"普工", "甲厂"], ["焊工", "乙厂"], ["电工", "丙厂"]])
    }

    @Test func rowNumbersAreThoseOfTheSpreadsheet() throws {
        let sheet = try Self.text(Array("a,b\n\n\"x\ny\",1\n,\nz,2".utf8))
        #expect(sheet.rows.map(\.number) == [1, 3, 5])
    }

    @Test func formulasAreMarkedAndNotTrusted() throws {
        let cells = try Self.text(Array("=HYPERLINK(\"\"),a\n\"=1+1\",=\n".utf8)).rows.flatMap(\.cells)
        #expect(cells.map(\.kind) == [.formula, .text, .formula, .text])
    }

    // MARK: - Encodings

    @Test func encodingsAreTold() throws {
        let text = "岗位名称,单位名称\n焊工,㛃𫖯厂\n"
        let gb = try #require(text.data(using: String.Encoding(rawValue: 0x8000_0632)))
        let little = try #require(text.data(using: .utf16LittleEndian))
        let big = try #require(text.data(using: .utf16BigEndian))
        let files: [(String, [UInt8])] = [
            ("UTF-8", Array(text.utf8)), ("UTF-8 BOM", [0xEF, 0xBB, 0xBF] + text.utf8), ("GB18030", Array(gb)),
            ("UTF-16", [0xFF, 0xFE] + little), ("UTF-16", [0xFE, 0xFF] + big),
        ]
        for (name, bytes) in files {
            let sheet = try Self.text(bytes)
            #expect(sheet.source == .text(encoding: name, delimiter: ","))
            #expect(sheet.rows.map { $0.cells.map(\.text) } == [["岗位名称", "单位名称"], ["焊工", "㛃𫖯厂"]])
            #expect(sheet.brokenCharacters == 0)
        }
    }

    /// Half a letter must not make GB18030 of a whole file.
    @Test func oneBrokenLetterDoesNotChangeTheEncoding() throws {
        var bytes = Array(String(repeating: "岗位名称,单位名称\n", count: 20).utf8)
        bytes.remove(at: 1)
        let sheet = try Self.text(bytes)
        #expect(sheet.source == .text(encoding: "UTF-8", delimiter: ","))
        #expect(sheet.brokenCharacters > 0)
        #expect(sheet.rows[0].cells[0].text.contains("\u{FFFD}"))
        #expect(sheet.rows[1].cells[0].text == "岗位名称")
    }

    @Test func brokenLetterInGB18030IsMarkedAndCounted() throws {
        let text = String(repeating: "岗位名称,单位名称\n", count: 20)
        var bytes = Array(try #require(text.data(using: String.Encoding(rawValue: 0x8000_0632))))
        bytes[1] = 0xFF
        let sheet = try Self.text(bytes)
        #expect(sheet.source == .text(encoding: "GB18030", delimiter: ","))
        #expect(sheet.brokenCharacters >= 1)
        #expect(sheet.rows[1].cells[0].text == "岗位名称")
    }

    // MARK: - What is refused

    static let compound: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]
    static let refused: [(SheetError.Code, [UInt8])] = [
        (.fileEmpty, []), (.fileTooLarge, [UInt8](repeating: 65, count: SheetLimits.fileBytesMax + 1)),
        (.fileLegacyExcel, compound + [UInt8](repeating: 0, count: 600)),
        (.filePassword, compound + [0, 0] + "EncryptedPackage".utf8.flatMap { [$0, UInt8(0)] } + [0, 0]),
        (.fileWebPage, Array("\u{FEFF}\n<html><table><tr><td>岗位".utf8)),
        (.fileWebPage, Array("<?xml version=\"1.0\"?><Workbook".utf8)),
        (.fileNoSpreadsheet, Array("%PDF-1.7".utf8)), (.fileNoSpreadsheet, [0x89, 0x50, 0x4E, 0x47, 0, 0]),
        (.fileNoSpreadsheet, [65, 0, 66, 0]), (.encodingUnknown, [UInt8](repeating: 0xFF, count: 400)),
        (.fileDamaged, [0x50, 0x4B, 0x03, 0x04] + [UInt8](repeating: 7, count: 200)),
        (
            .fileOpenDocument,
            WorkbookBytes.zip([
                ("mimetype", Array("application/vnd.oasis.opendocument.spreadsheet".utf8)),
                ("content.xml", Array("<a/>".utf8)),
            ])
        ),
        (.fileBinaryWorkbook, WorkbookBytes.zip([("xl/workbook.bin", [1, 2, 3])])),
        (.fileNoSpreadsheet, WorkbookBytes.zip([("word/document.xml", Array("<a/>".utf8))])),
        (.filePassword, WorkbookBytes.zip([("xl/workbook.xml", Array("<workbook/>".utf8))], password: "secret")),
        (
            .quotesOpen,
            Array(String(repeating: "\"a,b\n", count: 1).utf8)
                + Array(String(repeating: "\"x\n\"y,\n", count: 400).utf8)
        ),
    ]

    @Test(arguments: refused.indices)
    func refusesWithASentence(_ index: Int) throws {
        let (code, bytes) = Self.refused[index]
        let error = #expect(throws: SheetError.self) {
            let file = try SheetFile(bytes)
            _ = try file.sheet(file.sheetNames.first ?? "")
        }
        #expect(error?.code == code)
    }

    @Test(arguments: SheetError.Code.allCases)
    func everyReasonHasItsOwnSentence(_ code: SheetError.Code) throws {
        let others = SheetError.Code.allCases.filter { $0 != code }
        let own = Self.sentence(code)
        #expect(own.zh.hasSuffix("。") || code == .mappingInvalid)
        #expect(!own.en.isEmpty)
        #expect(!others.contains { Self.sentence($0).zh == own.zh })
    }

    private static func sentence(_ code: SheetError.Code) -> (zh: String, en: String) {
        let error = SheetError(code)
        return (error.zh, error.en)
    }
}
