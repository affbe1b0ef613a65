// The files an employer takes away, read back by another reader, and what people typed into them.

import Foundation
import HeadquartersCore
import HeadquartersSheets
import JobFair
import SyncProtocol
import TestSupport
import Testing
import VacancyImport

@testable import HeadquartersWeb

@Suite(.serialized) struct EmployerListExportTests {
    static let formula = "=HYPERLINK(\"http://x\",\"点我\")"
    static let columns = ["号码", "姓名", "电话", "岗位", "意向", "报名时间", "备注"]
    static let line = ["AB0001", "䶮测试", "13900001111", "电子装配工", "初步", "2026-02-01 10:00"]

    /// A seeker with a rare character, an employer and a vacancy whose names are formulas.
    private static func run(_ test: @escaping @Sendable (FormFixture, String, DeskBrowser) async throws -> Void)
        async throws
    {
        try await FormFixture.run(change: {
            $0.employers[0].name = "@SUM(A1)启明"
        }) { fixture in
            try await fixture.arrive(SealedSeeker(number: 1, name: "䶮测试", phone: "13900001111"))
            _ = try await fixture.state([fixture.assembly], digits: "1111", slip: 1)
            let employer = fixture.catalogue.employers[0].id
            let browser = try await DeskBrowser.loggedIn(
                fixture, name: "qiming", role: .employer, employers: [employer])
            let path = "/desk/fairs/\(fixture.catalogue.fair.id)/employers/\(employer)/list"
            try await test(fixture, path, browser)
        }
    }

    @Test func theWorkbookIsReadBackAsText() async throws {
        try await Self.run { fixture, path, browser in
            let answer = try await browser.get(path + ".xlsx")
            #expect(answer.status == 200)
            #expect(
                answer.headers["content-type"]
                    == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
            let named = answer.headers["content-disposition"] ?? ""
            #expect(named.hasPrefix("attachment; filename=\"list.xlsx\"; filename*=UTF-8''%E6%B1%82"))
            #expect(!named.contains("@") && !named.contains("1390000"))
            let file = try SheetFile(answer.bytes)
            #expect(file.sheetNames == ["求职者名单"])
            let sheet = try file.sheet("求职者名单")
            #expect(sheet.rows.flatMap(\.cells).allSatisfy { $0.kind == .text })
            let rows = sheet.rows.map { $0.cells.map(\.text) }
            #expect(rows[0][0] == "@SUM(A1)启明　求职者名单")
            #expect(rows[3] == Self.columns)
            #expect(rows[4].prefix(6) == Self.line[...])
            #expect(rows[5].prefix(2) == ["合计", "1 人，1 人次，其中签约 0 人次"])
            let beneath = rows[6...].joined().joined(separator: "\n")
            for text in ["口径", "制表人：qiming（用人单位）", "制表时间：2026-02-01 10:00（北京时间）", "仅限招聘使用"] {
                #expect(beneath.contains(text), "\(text)")
            }
            let audit = try await fixture.store.auditEntries(before: nil, limit: 1).first?.line
            #expect(audit?.action == .listExported && audit?.subject == "XLSX" && audit?.rows == 1)
        }
    }

    @Test(arguments: [("", "UTF-8 BOM"), ("?encoding=gb18030", "GB18030"), ("?encoding=utf-8", "UTF-8 BOM")])
    func theDelimitedFileIsReadBack(_ query: String, _ encoding: String) async throws {
        try await Self.run { _, path, browser in
            let answer = try await browser.get(path + ".csv" + query)
            #expect(answer.status == 200)
            let file = try SheetFile(answer.bytes)
            let sheet = try file.sheet(try #require(file.sheetNames.first))
            #expect(sheet.source == .text(encoding: encoding, delimiter: ",") && sheet.brokenCharacters == 0)
            let rows = sheet.rows.map { $0.cells.map(\.text) }
            #expect(rows[0] == Self.columns)
            #expect(rows[1].prefix(6) == Self.line[...])
            #expect(try await browser.get(path + ".csv?encoding=gbk").status == 422)
        }
    }

    // MARK: Cells

    private static let typed: [(String, String)] = [
        ("=1+1", "'=1+1"), ("+8613900001111", "'+8613900001111"), ("-在家", "'-在家"), ("@x", "'@x"), ("\tx", "' x"),
        ("\r=1", "' =1"), ("＝1", "'＝1"), ("＋1", "'＋1"), ("－1", "'－1"), ("＠x", "'＠x"), ("  =1", "'  =1"),
        ("\u{3000}=1", "'\u{3000}=1"), ("\u{202E}=1", "'=1"), ("\u{FEFF}=1", "'=1"), ("13900001111", "13900001111"),
        ("057188000000", "'057188000000"), ("1064812345678", "'1064812345678"), ("0", "0"), ("AB0237", "AB0237"),
        ("a=b", "a=b"), ("王·测试", "王·测试"), ("", ""), ("a\u{1}b\u{7F}c\u{FFFE}d", "abcd"), ("一\n二", "一 二"),
    ]

    @Test func whatLooksLikeAFormulaIsText() {
        for (typed, cell) in Self.typed {
            #expect(SafeCell.guarded(typed) == cell)
            #expect(SafeCell.plain(typed).unicodeScalars.allSatisfy { $0.value >= 0x20 })
        }
    }

    @Test func longTextIsCutBetweenCharacters() {
        #expect(SafeCell.plain(String(repeating: "字", count: 40_000)).utf16.count == 32_767)
        #expect(SafeCell.plain(String(repeating: "𫖯", count: 20_000)).utf16.count == 32_766)
        #expect(SafeCell.guarded("=" + String(repeating: "字", count: 40_000)).utf16.count == 32_767)
    }

    private static func sheet(_ rows: [[String]]) -> ExportSheet {
        ExportSheet(
            name: "a[b]:c", heading: ["标题"], columns: [.init("甲", width: 8), .init("乙", width: 8)], rows: rows,
            totals: ["合计", ""], notes: ["口径"], pageHeading: "仅限 & 招聘")
    }

    @Test func formulasInAWorkbookAreStrings() throws {
        let typed = [
            Self.formula, "＝1+1", "+1", "-1", "@x", "{=1}", "057188000000", "\u{202E}=1\u{1}\u{FFFF}",
            "http://x.example",
            String(repeating: "长", count: 40_000),
        ]
        let bytes = try WorkbookEncoder.encode(Self.sheet(typed.map { [$0, "x"] }))
        let file = try SheetFile(bytes)
        let rows = try file.sheet(try #require(file.sheetNames.first)).rows
        #expect(file.sheetNames == ["abc"])
        for (text, row) in zip(typed, rows[2...]) {
            #expect(row.cells[0].kind == .text || text.count > 32_767)
            #expect(row.cells[0].text.prefix(500) == SafeCell.plain(text).prefix(500))
        }
    }

    @Test func nothingIsLeftInTheScratchFolder() throws {
        let folder = try TemporaryFolder()
        _ = try WorkbookEncoder.encode(Self.sheet([["a", "b"]]), scratchFolder: folder.path)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        #expect(throws: SheetExportError.self) {
            try WorkbookEncoder.encode(Self.sheet([]), scratchFolder: folder.file("missing"))
        }
    }

    // MARK: Times

    private static let times: [(Int64, Int64, String)] = [
        (0, 0, "2026-02-01 10:00"), (-120_000, 2_000, "2026-02-01 10:00"),
        (-600_000, 600_000, "2026-02-01 约10:00"), (-18_000_000, 0, "2026-02-01 时间不详"), (-72_000_000, 0, "时间不详"),
    ]

    @Test(arguments: times)
    func aTimeSaysHowWellItIsKnown(_ before: Int64, _ after: Int64, _ text: String) {
        let now = FormFixture.opening
        #expect(
            EmployerListWords.time(OccurredAt(lower: now + before, estimate: now, upper: now + after)) == text)
    }
}
