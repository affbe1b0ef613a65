// Whole sheets: headers in every variant, rows that carry on, rows that are none, faults with their reasons.

import Foundation
import JobFair
import Testing

@testable import VacancyImport

@Suite struct VacancyReaderTests {
    static func read(_ text: String, mapping: String? = nil) throws -> ImportReading {
        try VacancyReader(mapping: mapping.map { try ColumnMapping(parsing: $0) }).read(Array(text.utf8))
    }

    /// One row under a usual header; returns its reading.
    static func row(_ cells: [String: String]) throws -> ImportReading {
        var columns = [("单位名称", "甲厂"), ("岗位名称", "普工"), ("工资待遇", "5000元/月")]
        for (header, text) in cells.sorted(by: { $0.key < $1.key }) {
            columns.removeAll { $0.0 == header }
            columns.append((header, text))
        }
        func line(_ cells: [String]) -> String {
            cells.map { "\"\($0.replacingOccurrences(of: "\"", with: "\"\""))\"" }.joined(separator: ",")
        }
        return try read(line(columns.map(\.0)) + "\n" + line(columns.map(\.1)) + "\n")
    }

    // MARK: - Headers

    static let headers: [(VacancyField, [String])] = [
        (
            .title,
            ["岗位名称", "岗位", "招聘岗位", "职位", "工种", "岗位（工种）", "招聘岗位\n（工种）", "*岗位名称", "岗位名称(必填)", "职 位 名 称", "需求岗位", "招聘工种"]
        ),
        (.employer, ["单位名称", "企业名称", "用人单位", "招聘单位", "公司名称", "单位名称（全称）", "★企业名称", "参会企业", "用工企业名称"]),
        (.creditCode, ["统一社会信用代码", "信用代码", "统一社会\n信用代码", "社会信用代码", "统一社会信用代码（18位）", "企业统一社会信用代码"]),
        (.headcount, ["招聘人数", "需求人数", "人数", "需求数(人)", "需求\n人数", "招聘人数（人）", "拟招人数", "用工人数", "招聘数量", "岗位数"]),
        (.pay, ["薪资待遇", "工资待遇", "月薪", "薪酬", "综合工资", "薪资", "月薪（元）", "工资（元/月）", "薪资待遇(元/月)", "薪资福利", "待遇"]),
        (.place, ["工作地点", "工作地址", "工作地", "上班地点", "工作地点（详细）", "用工地点", "工作区域"]),
        (.education, ["学历", "文化程度", "学历要求", "最低学历"]), (.booth, ["展位", "展位号", "摊位号", "展台号", "摊位", "展位编号"]),
        (.boardAndLodging, ["食宿", "是否包吃住", "食宿情况", "包吃住", "是否提供食宿", "食宿条件"]),
        (.insurance, ["五险一金", "社保", "保险", "社会保险", "是否缴纳社保", "社保缴纳情况"]),
        (.hours, ["工作时间", "班次", "上班时间", "工作时间及班次", "工时", "作息时间"]), (.contact, ["联系人", "联系人姓名", "招聘联系人"]),
        (.phone, ["联系电话", "联系方式", "手机号", "电话", "联系电话（手机）", "联系人电话"]),
        (.requirements, ["任职要求", "岗位要求", "备注", "招聘要求", "技能要求", "应聘条件", "其他要求"]),
        (.age, ["年龄", "年龄要求", "年龄段"]), (.workForm, ["用工形式", "工作性质", "用工方式", "用工性质"]),
        (.experience, ["工作经验", "经验要求", "工作年限"]), (.sex, ["性别", "性别要求"]),
        (.benefits, ["福利待遇", "福利", "其他福利"]), (.payLowest, ["最低工资", "薪资下限"]), (.payHighest, ["最高工资", "薪资上限"]),
        (.ignored, ["序号", "编号", "企业性质", "企业规模", "所属行业", "发布时间", "截止时间", "单位性质", "岗位编号"]),
    ]

    @Test(arguments: headers.flatMap { field, names in names.map { (field, $0) } })
    func knowsHeader(_ field: VacancyField, _ name: String) {
        #expect(HeaderNames.match(name)?.field == field)
        #expect(HeaderNames.match(" \(name)　：")?.field == field)
    }

    @Test(arguments: ["普工", "青禾县某某厂", "5000元/月", "包吃住、五险一金、带薪年假、节日福利，入职即缴纳社会保险，多劳多得上不封顶", ""])
    func contentIsNoHeader(_ text: String) { #expect(HeaderNames.match(text) == nil) }

    @Test func titlesAboveAndTotalsBelowAreCountedApart() throws {
        let reading = try Self.read(
            """
            2026年春风行动岗位汇总,,,
            填报单位：某某局,,,
            序号,单位名称,岗位名称,人数
            一、制造业,,,
            1,甲厂,普工,20
            示例,某某公司,操作工,5
            序号,单位名称,岗位名称,人数
            2,,焊工,若干
            ,,小计,20
            ,,,
            二、服务业,,,
            3,乙店,服务员,5
            合计,,3个岗位,25
            ,,,25
            填表人：某某,,联系电话：略,
            注：以现场为准,,,
            """)
        #expect(reading.rows.map(\.number) == [5, 8, 12])
        #expect(reading.rows.map(\.employer.name) == ["甲厂", "甲厂", "乙店"])
        #expect(reading.rows.map(\.vacancy.headcount) == [20, nil, 5])
        #expect(reading.faults.isEmpty)
        #expect(reading.skipped == [.title: 2, .header: 2, .section: 3, .total: 3, .empty: 1, .footer: 2])
    }

    @Test func headerOfTwoRows() throws {
        let rows = [
            ["岗位汇总表"], ["单位名称", "招聘岗位", "招聘人数", "", "", "薪资待遇（元/月）", "", "工作地点"],
            ["", "", "男", "女", "不限", "最低", "最高", ""], ["甲厂", "普工", "10", "5", "0", "5000", "7000", "青禾县"],
            ["乙厂", "焊工", "", "", "", "6000", "", ""],
        ]
        let merges = """
            <mergeCells><mergeCell ref="A1:H1"/><mergeCell ref="A2:A3"/><mergeCell ref="B2:B3"/>\
            <mergeCell ref="C2:E2"/>\
            <mergeCell ref="F2:G2"/><mergeCell ref="H2:H3"/></mergeCells>
            """
        let reading = try VacancyReader().read(WorkbookBytes.workbook(rows: rows, after: merges))
        #expect(reading.faults.isEmpty)
        #expect(reading.rows.map(\.vacancy.headcount) == [15, nil])
        #expect(
            reading.rows.map(\.vacancy.pay) == [
                Pay(lowestFen: 500_000, highestFen: 700_000, unit: .month, text: ""),
                Pay(lowestFen: 600_000, highestFen: 0, unit: .month, text: ""),
            ])
        #expect(reading.skipped == [.title: 1, .header: 2])
    }

    @Test func oneEmployersFormNamesItAboveTheHeader() throws {
        let reading = try Self.read(
            """
            企业用工需求表,,
            单位名称：甲厂  联系电话：19900000001,,
            统一社会信用代码,91990121MA9006010Y,
            展位号：,A12,
            岗位名称,人数,工资
            普工,10,5000元/月
            焊工,5,6-8千
            """)
        #expect(reading.rows.map(\.employer.name) == ["甲厂", "甲厂"])
        #expect(reading.rows.map(\.employer.creditCode) == ["91990121MA9006010Y", "91990121MA9006010Y"])
        #expect(reading.rows.map(\.vacancy.booth) == ["A12", "A12"])
    }

    @Test(arguments: [
        ("姓名,年龄\n甲,20\n", SheetError.Code.headerMissing), ("岗位名称,人数\n普工,5\n", .headerWithoutEmployer),
        (" \n,,\n", .sheetEmpty),
        (String(repeating: "说明\n", count: 10) + "单位名称,岗位名称\n甲厂,普工", .headerMissing),
    ])
    func refusesSheetsWithoutHeader(_ text: String, _ code: SheetError.Code) {
        #expect(throws: SheetError(code)) { try Self.read(text) }
    }

    // MARK: - Explicit mapping

    @Test func mappingByHeaderLettersAndNumbers() throws {
        let text = "jobName,x,who,money\n普工,初中,甲厂,5000元/月\n"
        for mapping in [
            "title=jobName,employer=who,pay=money", "title=A，employer=c；pay=4", "岗位名称=jobName,单位名称=3,工资待遇=D",
        ] {
            let reading = try Self.read(text, mapping: mapping)
            #expect(reading.rows.map(\.vacancy.title).last == "普工")
            #expect(reading.rows.last?.employer.name == "甲厂")
            #expect(reading.rows.last?.vacancy.headcount == nil)
        }
        #expect(
            try Self.read(text, mapping: "title=jobName,employer=who,requirements=x+money").rows[0].vacancy.requirements
                == "初中；5000元/月")
    }

    @Test func mappingWithoutHeader() throws {
        let reading = try Self.read("普工,甲厂,5000元/月\n焊工,甲厂,6000元/月\n", mapping: "title=A,employer=B,pay=C,header=none")
        #expect(reading.rows.map(\.number) == [1, 2])
        #expect(reading.skipped.isEmpty)
    }

    @Test func mappingLeavesTheRestToTheHeader() throws {
        let reading = try Self.read("招谁,单位名称,人数,备注\n普工,甲厂,5,略\n", mapping: "title=招谁,ignored=备注")
        #expect(reading.rows.map(\.vacancy.headcount) == [5])
        #expect(reading.rows.map(\.vacancy.requirements) == [""])
    }

    @Test(arguments: ["", "title", "title=", "=A", "job=A", "header=x", "title=A,,employer=B,pay"])
    func mappingThatIsNoneIsRefused(_ text: String) {
        let error = #expect(throws: SheetError.self) { try ColumnMapping(parsing: text) }
        #expect(error?.code == .mappingInvalid)
    }

    @Test func mappedColumnMustBeThere() {
        #expect(throws: SheetError(.mappingColumnMissing, "没有这列")) {
            try Self.read("岗位名称,单位名称\n普工,甲厂\n", mapping: "pay=没有这列")
        }
    }

    // MARK: - Employers carry on

    @Test func blankEmployerCellsCarryOnDownwards() throws {
        let reading = try Self.read(
            """
            单位名称,信用代码,展位,岗位名称,联系电话
            甲厂,91990121MA9006010Y,A1,普工,19900000001
            ,,,焊工,
            ,,A2,电工,
            乙厂,,B1,保安,
            ,,,保洁,
            """)
        #expect(reading.rows.map(\.employer.name) == ["甲厂", "甲厂", "甲厂", "乙厂", "乙厂"])
        #expect(reading.rows.map(\.vacancy.booth) == ["A1", "A1", "A2", "B1", "B1"])
        #expect(reading.rows.map(\.employer.creditCode.isEmpty) == [false, false, false, true, true])
        #expect(reading.rows.map(\.employer.phone) == ["19900000001", "19900000001", "19900000001", "", ""])
    }

    /// Its vacancies must not go to the employer further up.
    @Test func refusedEmployerHandsNothingDown() throws {
        let reading = try Self.read("单位名称,信用代码,岗位名称\n甲厂,,普工\n乙\u{FFFD}厂,,焊工\n,,电工\n丙厂,9.1E+17,钳工\n,,车工\n丁厂,,保安\n")
        #expect(reading.rows.map(\.number) == [2, 6, 7])
        #expect(reading.rows.map(\.employer.name) == ["甲厂", "丙厂", "丁厂"])
        #expect(reading.faults.map(\.code) == [.textBroken, .employerRefusedAbove, .creditCodeFloatingPoint])
        #expect(reading.faults.map(\.row) == [3, 4, 5])
        #expect(reading.faults[1].otherRow == 3)
    }

    @Test func totalEndsAnEmployersBlock() throws {
        let reading = try Self.read("单位名称,岗位名称,人数\n甲厂,普工,5\n小计,,5\n,焊工,3\n")
        #expect(reading.faults.map(\.code) == [.employerMissing])
    }

    @Test func headcountMergedOverVacanciesCountsOnce() throws {
        let rows = [["单位名称", "岗位名称", "人数"], ["甲厂", "普工", "50"], ["", "焊工", ""], ["", "电工", ""]]
        let merges = "<mergeCells><mergeCell ref=\"A2:A4\"/><mergeCell ref=\"C2:C4\"/></mergeCells>"
        let reading = try VacancyReader().read(WorkbookBytes.workbook(rows: rows, after: merges))
        #expect(reading.rows.map(\.vacancy.headcount) == [50, nil, nil])
        #expect(reading.warnings.map(\.code).filter { $0 == .headcountMerged }.count == 2)
        #expect(reading.rows.map(\.employer.name) == ["甲厂", "甲厂", "甲厂"])
    }

    // MARK: - Same vacancy twice

    @Test func duplicatesNameTheOtherRowAndNeighboursSurvive() throws {
        let reading = try Self.read(
            """
            单位名称,岗位名称,工资,工作地点,人数
            甲厂,普工,5000元/月,城东,5
            甲厂,普工,5000元/月,城东,5
            甲厂,普工,6000元/月,城东,5
            甲厂,普工,5000元/月,城西,5
            甲 厂,普 工,５０００元／月,城东,9
            """)
        #expect(reading.rows.map(\.number) == [2, 4, 5, 6])
        #expect(reading.faults.map(\.code) == [.rowDuplicate])
        #expect(reading.faults.map(\.otherRow) == [2])
        #expect(reading.rows[3].warnings.map(\.code) == [.rowSimilar])
        #expect(reading.rows[3].warnings.map(\.otherRow) == [2])
    }

    @Test func employerWithTwoCodesIsPointedOut() throws {
        let reading = try Self.read(
            "单位名称,信用代码,岗位名称\n甲厂,91990121MA9006010Y,普工\n乙厂,,保安\n甲厂,91990121MA9006029U,焊工\n甲厂,,电工\n")
        #expect(reading.rows.count == 4)
        #expect(reading.rows[2].warnings.contains { $0.code == .employerCodeDiffers && $0.otherRow == 2 })
        #expect(reading.rows[3].employer.creditCode == "91990121MA9006029U")
    }
}
