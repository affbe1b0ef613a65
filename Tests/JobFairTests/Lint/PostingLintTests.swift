// How much the lint finds, how often it cries wolf, and that it marks the right words.

import JobFair
import Testing

@Suite struct PostingLintTests {
    /// The floors of the labelled set. Held kinds stop a posting, so they must hardly ever be wrong or missing.
    @Test func labelledPostings() throws {
        let figures = try LintFigures(table: LabelledPostings.tuned)
        print(figures.report(title: "labelled postings"))
        #expect(figures.postings >= 80)
        #expect(figures.harmless * 2 >= figures.postings)
        #expect(figures.held.precision >= 0.95)
        #expect(figures.held.recall >= 0.95)
        #expect(figures.flagged.precision >= 0.9)
        #expect(figures.flagged.recall >= 0.9)
    }

    /// Not tuned against: the floors only catch a collapse; the printed figures are what counts.
    @Test func heldOutPostings() throws {
        let figures = try LintFigures(table: LabelledPostings.heldOut)
        print(figures.report(title: "held-out postings"))
        #expect(figures.postings >= 40)
        #expect(figures.held.precision >= 0.8)
        #expect(figures.held.recall >= 0.7)
    }

    // MARK: - Marks

    /// Ranges count characters of the text as written, whatever was skipped or joined to read it.
    @Test(arguments: [
        ("限男性", "男性"),
        ("👷‍♀️ 限 男 性，包住", "男 性"),
        ("要求：\u{200B}女\u{200B}性", "女\u{200B}性"),
        ("不限户籍\r\n（男）", "男"),
        ("保安：４５周岁以下男性", "男性"),
    ])
    func marksTheWords(text: String, quote: String) throws {
        let finding = try #require(findings(text).first { $0.kind == .sex })
        #expect(finding.field == .requirements)
        #expect(finding.quote == quote)
        #expect(String(Array(text)[finding.range]) == quote)
        #expect(finding.severity == .hold)
    }

    @Test func listsAreOneFinding() {
        #expect(findings("无色盲、色弱").map(\.quote) == ["色盲、色弱"])
        #expect(findings("无色盲色弱").map(\.quote) == ["色盲色弱"])
        #expect(findings("限男性，不要女工").map(\.quote) == ["男性", "女工"])
    }

    @Test func columnsOfASheet() {
        #expect(kinds(Posting([.sex: "男"])) == [.sex])
        #expect(kinds(Posting([.sex: "不限"])) == [])
        #expect(kinds(Posting([.sex: "男女不限"])) == [])
        #expect(kinds(Posting([.age: "18-45"])) == [.ageCap])
        #expect(kinds(Posting([.age: "18以上"])) == [])
        #expect(kinds(Posting([.age: "不限"])) == [])
        #expect(kinds(Posting([.headcount: "男5女3"])) == [.sex])
        #expect(kinds(Posting([.headcount: "20人"])) == [])
        #expect(kinds(Posting([.pay: "6000一9000"])) == [])
        #expect(kinds(Posting([.pay: "13000一18000元/月"])) == [])
        #expect(kinds(Posting([:])) == [])
    }

    // MARK: - Denials

    @Test(arguments: [
        "不收押金", "不收取押金、保证金、服装费", "无需缴纳任何押金", "无任何形式的押金", "入职押金全免", "培训费公司承担", "0押金", "绝不扣押身份证",
        "严禁招用童工", "拒绝刷单", "谨防刷单、裸贷", "不限男女", "男、女不限", "户口不限", "年龄不限", "不查乙肝", "纹身不限",
    ])
    func denied(text: String) {
        #expect(findings(text).isEmpty)
    }

    @Test(arguments: [
        ("不交押金不能上岗", PostingFinding.Kind.moneyAsked), ("无经验，交押金500", .moneyAsked), ("即可入职 限男性", .sex),
        ("不收男工", .sex), ("限女 宿舍免费", .sex), ("男 性 优 先", .sex), ("非本地户籍勿扰", .origin), ("招童工", .under16),
        ("未满16岁也可", .under16),
    ])
    func notDenied(text: String, kind: PostingFinding.Kind) {
        #expect(findings(text).map(\.kind).contains(kind))
    }

    @Test func latinWordsStandAlone() {
        #expect(findings("熟悉Hive、HBase").isEmpty)
        #expect(findings("HIV携带者不录用").map(\.kind) == [.health])
    }

    // MARK: - Ages

    @Test(arguments: [
        ("18-45岁", 18), ("年满18周岁", 18), ("16周岁（含）以上", 16), ("16一45岁", 16), ("十八至四十五岁", 18), ("未满18周岁勿扰", 18),
        ("年龄18—30", 18), ("满15就行", 15),
    ])
    func lowestAge(text: String, years: Int) {
        #expect(PostingLint.lowestAge(in: Posting([.requirements: text])) == years)
    }

    @Test(arguments: ["45岁以下", "5年以上经验", "照看3岁以上儿童", "工龄满3年", "底薪3500", "包吃住"])
    func noLowestAge(text: String) {
        #expect(PostingLint.lowestAge(in: Posting([.requirements: text])) == nil)
    }

    // MARK: - The clerk's side

    @Test func everyKindExplainsItself() {
        for kind in PostingFinding.Kind.allCases {
            #expect(!kind.zh.isEmpty && !kind.en.isEmpty)
            #expect(kind.law.isEmpty == (kind == .phoneInText))
        }
    }

    /// The longest cell a spreadsheet can hold, without a comma: words look at a bounded company only.
    @Test(arguments: ["男", "押金", "少数民族、", "18-", "一", "微信", "1"])
    func hostileCells(word: String) {
        let cell = String(repeating: word, count: 32_767 / word.count)
        #expect(findings(cell).count <= 32_767)
    }

    private func findings(_ requirements: String) -> [PostingFinding] {
        PostingLint.check(Posting([.title: "普工", .requirements: requirements]))
    }

    private func kinds(_ posting: Posting) -> Set<PostingFinding.Kind> {
        Set(PostingLint.check(posting).map(\.kind))
    }
}
