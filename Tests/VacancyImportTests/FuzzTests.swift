// Damaged files, by the thousand and the same every time: a reading or a reason, never a crash.

import Foundation
import JobFair
import Testing

@testable import VacancyImport

@Suite struct FuzzTests {
    private static let scraps: [[UInt8]] =
        [
            "\"", "\"\"", ",", "\n", "\r\n", "\t", ";", "=", "\u{FFFD}", "一", "千", "-", "万万", "9999999999999999999999",
            "E+99", "<", "&", "]]>",
            "<c>", "</row>", "<!DOCTYPE", "A1:XFD1048576", " r=\"A0\"", " r=\"ZZZ99999999\"", " s=\"-1\"", " t=\"s\"",
            "合计", "单位名称", "\u{0}", "薪薪", "\u{301}",
        ].map { Array($0.utf8) } + [[0xFF], [0x80], [0xE4, 0xB8], [0x81, 0x30, 0x81], [0xFF, 0xFE]]

    private static func mutated(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...40, using: &random)))
            case 2: bytes.insert(contentsOf: scraps.randomElement(using: &random) ?? [], at: place)
            case 3: bytes = Array(bytes.prefix(place))
            case 4:
                bytes.insert(
                    contentsOf: bytes[place..<min(bytes.count, place + 60)],
                    at: Int.random(in: 0...bytes.count, using: &random))
            default:
                let scrap = scraps.randomElement(using: &random) ?? []
                bytes.insert(contentsOf: Array(repeating: scrap, count: 50).joined(), at: place)
            }
        }
        return bytes
    }

    private static func read(_ bytes: [UInt8]) {
        do throws(SheetError) {
            let reading = try VacancyReader().read(bytes)
            for row in reading.rows {
                #expect(!row.vacancy.title.isEmpty && !row.employer.name.isEmpty && row.vacancy.headcount != 0)
            }
            let total = reading.rows.count + reading.refusedRows
            #expect(total <= SheetLimits.rowsMax)
        } catch {
            #expect(!error.zh.isEmpty)
        }
    }

    @Test(arguments: ["utf8.csv", "utf8-bom.csv", "gb18030.csv", "twenty-faults.csv", "merged.xlsx"])
    func damagedFiles(_ name: String) throws {
        let whole = try Array(Data(contentsOf: SampleSheetTests.folder.appendingPathComponent(name)))
        // The first lines hold header and every kind of cell; fewer rows, more tries.
        let bytes = name.hasSuffix(".xlsx") ? whole : Array(whole.prefix(1500))
        var random = SeededGenerator(seed: UInt64(name.utf8.reduce(0) { $0 + Int($1) }))
        for _ in 0..<100 { Self.read(Self.mutated(bytes, &random)) }
    }

    /// Sound ZIP, damaged XML: gets past the checksums.
    @Test(arguments: [
        FixtureTests.folder.appendingPathComponent("openpyxl.xlsx"),
        SampleSheetTests.folder.appendingPathComponent("merged.xlsx"),
    ])
    func damagedParts(_ file: URL) throws {
        let archive = try ZipArchive(Array(Data(contentsOf: file)))
        let names = [
            "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/sharedStrings.xml",
            "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml",
        ]
        let parts = try names.compactMap { name in
            try archive.bytes(name, bytesMax: 1_000_000).map { (name: name, bytes: $0) }
        }
        #expect(parts.count == 6)
        var random = SeededGenerator(seed: 3)
        for _ in 0..<100 {
            var damaged = parts
            let index = Int.random(in: 0..<parts.count, using: &random)
            damaged[index].bytes = Self.mutated(parts[index].bytes, &random)
            Self.read(WorkbookBytes.zip(damaged))
        }
    }

    /// Texts of the alphabet pay and headcounts are made of.
    @Test func cellsOfAnything() {
        let letters = Array("0123456789.,-~一至到千万百kw元/月天日小时年件薪+以上下起(){}%:五六十零两男女人名若干不限 \n\u{FFFD}¥")
        var random = SeededGenerator(seed: 5)
        for _ in 0..<4000 {
            let text = String(
                (0..<Int.random(in: 0...14, using: &random)).compactMap { _ in letters.randomElement(using: &random) })
            let pay = PayReader(columnTitle: "月薪（千元）").read(text).pay
            #expect(
                pay.lowestFen >= 0 && pay.highestFen >= 0 && (pay.highestFen == 0 || pay.lowestFen <= pay.highestFen))
            if case .count(let count) = HeadcountReader.read(text) {
                #expect((1...HeadcountReader.headcountMax).contains(count))
            }
            _ = FactsReader.nightShifts(hours: text)
            _ = FactsReader.lowestAge(text)
            _ = FactsReader.boardAndLodging(text, columnTitle: text)
            _ = HeaderNames.match(text)
            _ = LostDigits.isFloatingPoint(text)
        }
    }
}
