// XLSX: what programs write, what none should, and what must not blow up.

import Foundation
import Testing

@testable import VacancyImport

@Suite struct WorkbookTests {
    static func sheet(_ bytes: [UInt8], _ name: String = "Sheet1") throws -> Sheet { try SheetFile(bytes).sheet(name) }

    static func cells(_ xml: String, strings: String? = nil, styles: String? = nil, from1904: Bool = false) throws
        -> [SheetCell]
    {
        let part = WorkbookBytes.SheetPart(name: "Sheet1", xml: "<sheetData><row r=\"1\">\(xml)</row></sheetData>")
        let bytes = WorkbookBytes.workbook([part], sharedStrings: strings, styles: styles, countsFrom1904: from1904)
        return try sheet(bytes).rows.flatMap(\.cells)
    }

    @Test func readsEveryKindOfCell() throws {
        let cells = try Self.cells(
            """
            <c r="A1" t="s"><v>0</v></c>
            <c r="B1" t="inlineStr"><is><r><t>普</t></r><r><t xml:space="preserve"> 工</t></r></is></c>
            <c r="C1"><v>5000</v></c><c r="D1" t="b"><v>1</v></c><c r="E1" t="e"><v>#N/A</v></c>
            <c r="F1" t="str"><f>A1&amp;""</f><v>焊工</v></c><c r="G1"><f>SUM(A1)</f></c>
            <c r="H1"><v>0.30000000000000004</v></c>
            <c r="I1"><v>9.1330100000000003E17</v></c><c r="J1"><v>13800000000</v></c>
            """, strings: "<si><r><t>电</t></r><r><rPr/><t>工</t></r><rPh sb=\"0\" eb=\"1\"><t>diàn</t></rPh></si>")
        #expect(
            cells.map(\.text) == [
                "电工", "普 工", "5000", "TRUE", "#N/A", "焊工", "=", "0.3", "913301000000000000", "13800000000",
            ])
        #expect(
            cells.map(\.kind) == [
                .text, .text, .number, .boolean, .error, .text, .formula, .number, .number, .number,
            ])
    }

    @Test func cellsAndRowsWithoutReferencesFollowEachOther() throws {
        let part = WorkbookBytes.SheetPart(
            name: "Sheet1",
            xml:
                "<sheetData><row><c><v>1</v></c><c><v>2</v></c></row><row/><row><c r=\"C3\"><v>3</v></c></row>"
                + "</sheetData>"
        )
        let rows = try Self.sheet(WorkbookBytes.workbook([part])).rows
        #expect(rows.map(\.number) == [1, 3])
        #expect(rows[0].cells.map(\.text) == ["1", "2"])
        #expect(rows[1].cells.map(\.text) == ["", "", "3"])
    }

    /// The row after the largest number there is.
    @Test func aRowNumberBeyondAllRowsIsNoRow() throws {
        let part = WorkbookBytes.SheetPart(
            name: "Sheet1",
            xml: "<sheetData><row r=\"1\"><c><v>1</v></c></row><row r=\"9223372036854775807\"><c><v>2</v></c></row>"
                + "<row><c><v>3</v></c></row></sheetData>")
        #expect(try Self.sheet(WorkbookBytes.workbook([part])).rows.map(\.number) == [1])
    }

    /// A row of one cell in the last column takes memory for all before it.
    @Test func emptyCellsCountToo() throws {
        let rows = String(repeating: "<row><c r=\"IV1\"><v>1</v></c></row>", count: 20_000)
        let part = WorkbookBytes.SheetPart(name: "Sheet1", xml: "<sheetData>\(rows)</sheetData>")
        let error = #expect(throws: SheetError.self) { try Self.sheet(WorkbookBytes.workbook([part])) }
        #expect(error?.code == .sheetTooMuchText)
    }

    @Test func prefixesOfNamesDoNotMatter() throws {
        let bytes = WorkbookBytes.workbook([
            WorkbookBytes.SheetPart(
                name: "Sheet1",
                xml: "<x:sheetData xmlns:x=\"a\"><x:row r=\"1\"><x:c r=\"A1\"><x:v>7</x:v></x:c></x:row></x:sheetData>")
        ])
        #expect(try Self.sheet(bytes).rows.flatMap(\.cells).map(\.text) == ["7"])
    }

    @Test func daysAndTimesAreShownAsSuch() throws {
        let styles = """
            <numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>\
            <numFmt numFmtId="165" formatCode="#,##0&quot;元/月&quot;"/><numFmt numFmtId="166" formatCode="[$-804]h:mm"/>\
            <numFmt numFmtId="167" formatCode="General"/></numFmts>\
            <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>\
            <cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/>\
            <xf numFmtId="22"/><xf numFmtId="58"/><xf numFmtId="167"/></cellXfs>
            """
        let cells = try Self.cells(
            """
            <c s="0"><v>46054</v></c><c s="1"><v>46054</v></c><c s="2"><v>46054</v></c><c s="3"><v>5000</v></c>
            <c s="4"><v>0.354166666666667</v></c><c s="5"><v>46054.5</v></c><c s="6"><v>46150</v></c>
            <c s="7"><v>5</v></c>
            <c s="1"><v>60</v></c><c s="1"><v>1</v></c><c s="99"><v>8</v></c>
            """, styles: styles)
        #expect(
            cells.map(\.text) == [
                "46054", "2026-02-01", "2026-02-01", "5000", "08:30", "2026-02-01 12:00", "2026-05-08", "5",
                "1900-02-28",
                "1900-01-01", "8",
            ])
        #expect(
            cells.map(\.kind) == [
                .number, .date, .date, .number, .date, .date, .date, .number, .date, .date, .number,
            ])
        let old = try Self.cells("<c s=\"1\"><v>44592</v></c>", styles: styles, from1904: true)
        #expect(old.map(\.text) == ["2026-02-01"])
    }

    @Test func escapedCharactersAreUndone() throws {
        let cells = try Self.cells("<c t=\"inlineStr\"><is><t>甲_x000D_\n乙_x005F_x 丙_xZZZZ_</t></is></c>")
        #expect(cells[0].text == "甲\r\n乙_x 丙_xZZZZ_")
    }

    @Test func mergedCellsFillDownwardsOnly() throws {
        let rows = [["标题"], ["甲厂", "普工"], ["", "焊工"], ["", "电工"], ["乙厂", "保安"]]
        let merges =
            "<mergeCells><mergeCell ref=\"A1:C1\"/><mergeCell ref=\"A2:A4\"/><mergeCell ref=\"B9:A2\"/></mergeCells>"
        let sheet = try Self.sheet(WorkbookBytes.workbook(rows: rows, after: merges))
        #expect(sheet.rows.map { $0.cells.first?.text } == ["标题", "甲厂", "甲厂", "甲厂", "乙厂"])
        #expect(sheet.rows.map { $0.cells.first?.isCarried } == [false, false, true, true, false])
        #expect(sheet.rows[0].cells.count == 1)
    }

    @Test func firstVisibleSheetWithAHeaderIsRead() throws {
        let cover = "<sheetData>\(WorkbookBytes.xml(rows: [["填表说明"]]))</sheetData>"
        let table = "<sheetData>\(WorkbookBytes.xml(rows: [["单位名称", "岗位名称"], ["甲厂", "普工"]]))</sheetData>"
        let hidden = "<sheetData>\(WorkbookBytes.xml(rows: [["单位名称", "岗位名称"], ["旧厂", "旧岗"]]))</sheetData>"
        let bytes = WorkbookBytes.workbook([
            .init(name: "旧表", xml: hidden, state: "hidden"), .init(name: "说明", xml: cover),
            .init(name: "岗位", xml: table),
        ])
        let reading = try VacancyReader().read(bytes)
        #expect(reading.sheetName == "岗位")
        #expect(reading.otherSheets == ["说明"])
        #expect(reading.rows.map(\.vacancy.title) == ["普工"])
        #expect(try VacancyReader(sheetName: "旧表").read(bytes).rows.map(\.vacancy.title) == ["旧岗"])
        #expect(throws: SheetError(.sheetMissing, "没有")) { try VacancyReader(sheetName: "没有").read(bytes) }
    }

    @Test func hiddenRowsAreReadAndCounted() throws {
        let xml = """
            <sheetData><row r="1"><c t="inlineStr"><is><t>甲</t></is></c></row>\
            <row r="2" hidden="1"><c t="inlineStr"><is><t>乙</t></is></c></row></sheetData>
            """
        let sheet = try Self.sheet(WorkbookBytes.workbook([.init(name: "Sheet1", xml: xml)]))
        #expect(sheet.rows.count == 2)
        #expect(sheet.hiddenRows == 1)
    }

    // MARK: - Hostile files

    private static let entities = (1...9).map {
        "<!ENTITY l\($0) \"\(String(repeating: "&l\($0 - 1);", count: 10))\">"
    }.joined()

    /// Nine lines that would grow to gigabytes.
    static let laughs = """
        <?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "haha">\(entities)]>
        """

    @Test func documentTypesAreRefused() throws {
        let sheet = WorkbookBytes.SheetPart(name: "Sheet1", xml: "<sheetData><row><c><v>&l9;</v></c></row></sheetData>")
        for before in [
            Self.laughs, WorkbookBytes.types + "<!--\(String(repeating: "x", count: 5_000_000))--><!DOCTYPE a>",
        ] {
            #expect(throws: SheetError(.fileUnsafe)) { try Self.sheet(WorkbookBytes.workbook([sheet], before: before)) }
        }
    }

    /// Read as UTF-8 whatever it says of itself, so that no document type hides in another encoding.
    @Test(arguments: ["UTF-16", "UTF-7", "EBCDIC-CP-US", "GB18030"])
    func declaredEncodingIsNotFollowed(_ encoding: String) throws {
        let xml = "<sheetData><row><c t=\"inlineStr\"><is><t>+ADw-普工</t></is></c></row></sheetData>"
        let before = "<?xml version=\"1.0\" encoding=\"\(encoding)\"?>"
        let bytes = WorkbookBytes.workbook([.init(name: "Sheet1", xml: xml)], before: before)
        #expect(try Self.sheet(bytes).rows.flatMap(\.cells).map(\.text) == ["+ADw-普工"])
    }

    /// Foundation's parser ends the whole program at such a byte.
    @Test func brokenByteInAnAttributeIsDamage() throws {
        let whole = WorkbookBytes.workbook(rows: [["甲"]])
        let archive = try ZipArchive(whole)
        let names = ["_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"]
        var parts = try names.map { (name: $0, bytes: try #require(try archive.bytes($0, bytesMax: 100_000))) }
        let place = try #require(parts[3].bytes.firstIndex(of: UInt8(ascii: "A")))
        parts[3].bytes[place] = 0xFE
        #expect(throws: SheetError(.fileDamaged)) { try Self.sheet(WorkbookBytes.zip(parts)) }
    }

    @Test func bombsAreRefusedWhileTheyGrow() throws {
        let part = [UInt8]("<a>".utf8) + [UInt8](repeating: 32, count: SheetLimits.sharedStringsBytesMax + 1)
        let strings = String(decoding: part, as: UTF8.self)
        let sheet = WorkbookBytes.SheetPart(name: "Sheet1", xml: "<sheetData/>")
        let bytes = WorkbookBytes.workbook([sheet], sharedStrings: strings)
        #expect(bytes.count < 1_000_000)
        #expect(throws: SheetError(.fileUnsafe)) { try Self.sheet(bytes) }
    }

    @Test func mergedRangesCannotMultiply() throws {
        let rows = [["a"]] + (0..<2000).map { _ in ["", "b"] }
        let merges = "<mergeCells>\(String(repeating: "<mergeCell ref=\"A1:XFD1048576\"/>", count: 600))</mergeCells>"
        let bytes = WorkbookBytes.workbook(rows: rows, after: merges)
        #expect(throws: SheetError(.sheetTooManyMerges)) { try Self.sheet(bytes) }
    }

    @Test func tooManyRowsAreRefused() throws {
        let xml = String(repeating: "<row><c><v>1</v></c></row>", count: SheetLimits.rowsMax + 1)
        let bytes = WorkbookBytes.workbook([.init(name: "Sheet1", xml: "<sheetData>\(xml)</sheetData>")])
        #expect(throws: SheetError(.sheetTooManyRows)) { try Self.sheet(bytes) }
    }

    @Test func sharedStringsCannotMultiply() throws {
        let xml = String(repeating: "<row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>0</v></c></row>", count: 1100)
        let bytes = WorkbookBytes.workbook(
            [.init(name: "Sheet1", xml: "<sheetData>\(xml)</sheetData>")],
            sharedStrings: "<si><t>\(String(repeating: "x", count: 32_000))</t></si>")
        #expect(throws: SheetError(.sheetTooMuchText)) { try Self.sheet(bytes) }
    }

    /// Formatted but empty rows down to the last of a worksheet are no rows.
    @Test func emptyRowsDoNotCount() throws {
        let xml =
            "<row r=\"1\"><c><v>1</v></c></row>"
            + String(repeating: "<row><c s=\"1\"/></row>", count: SheetLimits.rowsMax + 10)
        let sheet = try Self.sheet(
            WorkbookBytes.workbook([.init(name: "Sheet1", xml: "<sheetData>\(xml)</sheetData>")]))
        #expect(sheet.rows.count == 1)
    }

    @Test(arguments: ["<sheetData><row>", "<sheetData></row></sheetData>", "&nbsp;"])
    func brokenXMLIsDamage(_ xml: String) throws {
        let bytes = WorkbookBytes.workbook([.init(name: "Sheet1", xml: xml)])
        #expect(throws: SheetError(.fileDamaged)) { try Self.sheet(bytes) }
    }
}
