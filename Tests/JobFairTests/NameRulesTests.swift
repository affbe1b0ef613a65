// Names as people have them, and how little of them is shown.

import JobFair
import Testing

private struct Row: CustomTestStringConvertible, Sendable {
    var typed: String
    var normalised: String?
    var masked = ""
    var problem: ProblemCode?

    init(_ typed: String, _ normalised: String, _ masked: String) {
        (self.typed, self.normalised, self.masked) = (typed, normalised, masked)
    }

    init(_ typed: String, _ problem: ProblemCode) {
        (self.typed, self.problem) = (typed, problem)
    }

    var testDescription: String { typed.unicodeScalars.map { $0.escaped(asASCII: false) }.joined() }
}

@Suite struct NameRulesTests {
    @Test(arguments: accepted + refused)
    private func name(_ row: Row) {
        switch NameRules.check(row.typed) {
        case .success(let name):
            #expect(row.problem == nil)
            #expect(Array(name.normalised.unicodeScalars) == Array((row.normalised ?? "").unicodeScalars))
            #expect(name.typed == row.typed)
            #expect(NameRules.masked(name) == row.masked)
        case .failure(let problem):
            #expect(problem == row.problem)
        }
    }

    private static let accepted = [
        Row("张三", "张三", "张*"),
        Row("王", "王", "王*"),
        Row("欧阳修竹", "欧阳修竹", "欧阳*"),
        Row("欧阳竹", "欧阳竹", "欧阳*"),
        Row("欧阳", "欧阳", "欧*"),
        Row("歐陽修竹", "歐陽修竹", "歐陽*"),
        Row("  张三  ", "张三", "张*"),
        Row("\t张三\n", "张三", "张*"),
        Row("张\u{3000}三", "张 三", "张*"),
        Row("张   三", "张 三", "张*"),
        // Rare characters: outside GBK, outside the first plane, younger than Unicode 16.
        Row("样㛃", "样㛃", "样*"),
        Row("𫖯试", "𫖯试", "𫖯*"),
        Row("𬭎演", "𬭎演", "𬭎*"),
        Row("𠅤", "𠅤", "𠅤*"),
        Row("练䶮", "练䶮", "练*"),
        Row("练\u{E863}", "练䶮", "练*"),
        Row("\u{323C0}三", "\u{323C0}三", "\u{323C0}*"),
        Row("刘〇", "刘〇", "刘*"),
        Row("葛\u{E0100}三", "葛三", "葛*"),
        // The dot in its variants.
        Row("买样提·试江", "买样提·试江", "买**"),
        Row("买样提•试江", "买样提·试江", "买**"),
        Row("买样提‧试江", "买样提·试江", "买**"),
        Row("买样提・试江", "买样提·试江", "买**"),
        Row("买样提･试江", "买样提·试江", "买**"),
        Row("买样提．试江", "买样提·试江", "买**"),
        Row("买样提.试江", "买样提·试江", "买**"),
        Row("买样提 · 试江", "买样提·试江", "买**"),
        Row("买样提··试江", "买样提·试江", "买**"),
        Row("欧阳·试江", "欧阳·试江", "欧**"),
        Row("阿.卜.杜", "阿·卜·杜", "阿**"),
        Row("·张三·", "张三", "张*"),
        // Latin and other scripts.
        Row("Test Sample", "Test Sample", "T*"),
        Row("J. R. Sample", "J. R. Sample", "J*"),
        Row("J.R. Sample", "J.R. Sample", "J*"),
        Row("Ｊｏｈｎ", "John", "J*"),
        Row("José Ñandú", "José Ñandú", "J*"),
        Row("O'Brien-Smith", "O'Brien-Smith", "O*"),
        Row("d’Arc", "d’Arc", "d*"),
        Row("Mary–Ann", "Mary-Ann", "M*"),
        Row("Nguyễn Văn A", "Nguyễn Văn A", "N*"),
        Row("ئالىم ئابدۇللا", "ئالىم ئابدۇللا", "ئ*"),
        Row("བཀྲ་ཤིས", "བཀྲ་ཤིས", "བ*"),
        Row("ꆀꑭ", "ꆀꑭ", "ꆀ*"),
        Row("김철수", "김철수", "김*"),
        Row("李（小）", "李(小)", "李*"),
        Row("张三2", "张三2", "张*"),
        Row(String(repeating: "张", count: 50), String(repeating: "张", count: 50), "张*"),
        Row(String(repeating: "𫖯", count: 50), String(repeating: "𫖯", count: 50), "𫖯*"),
    ]

    private static let refused = [
        Row("", .nameWithoutLetter),
        Row("   ", .nameWithoutLetter),
        Row("·", .nameWithoutLetter),
        Row("12345", .nameWithoutLetter),
        Row("１２３", .nameWithoutLetter),
        Row("-.-", .nameWithoutLetter),
        Row(String(repeating: "张", count: 51), .nameTooLong),
        Row(String(repeating: " ", count: 201), .nameTooLong),
        Row("张\n三", .nameInvisible),
        Row("张\u{0}三", .nameInvisible),
        Row("张\u{7F}三", .nameInvisible),
        Row("张\u{9B}三", .nameInvisible),
        Row("张\u{200B}三", .nameInvisible),
        Row("张\u{200D}三", .nameInvisible),
        Row("张\u{2060}三", .nameInvisible),
        Row("\u{FEFF}张三", .nameInvisible),
        Row("张\u{202E}三", .nameInvisible),
        Row("张\u{2066}三\u{2069}", .nameInvisible),
        Row("张\u{200F}三", .nameInvisible),
        Row("张\u{AD}三", .nameInvisible),
        Row("张\u{3164}三", .nameInvisible),
        Row("张\u{2028}三", .nameInvisible),
        Row("张\u{E000}", .nameUnencoded),
        Row("\u{F0000}三", .nameUnencoded),
        Row("张三=1", .nameCharacters),
        Row("=cmd", .nameCharacters),
        Row("+张三", .nameCharacters),
        Row("@张三", .nameCharacters),
        Row("＝张三", .nameCharacters),
        Row("<b>张", .nameCharacters),
        Row("张😀", .nameCharacters),
        Row("张\u{FFFD}", .nameCharacters),
        Row("张/三", .nameCharacters),
        Row("张*", .nameCharacters),
    ]
}
