// What is wrong with a row, or worth a look: a closed list, each with a sentence that says what to do.

/// A fault keeps its row out; a warning lets it in. The sentences never repeat what the cell holds.
public struct RowProblem: Hashable, Sendable {
    public enum Code: String, Sendable, CaseIterable {
        case titleMissing = "title.missing"
        case titleWithoutLetter = "title.withoutLetter"
        case employerMissing = "employer.missing"
        case employerWithoutLetter = "employer.withoutLetter"
        case employerRefusedAbove = "employer.refusedAbove"
        case employerCodeDiffers = "employer.codeDiffers"
        case creditCodeFloatingPoint = "creditCode.floatingPoint"
        case creditCodeLength = "creditCode.length"
        case creditCodeCharacters = "creditCode.characters"
        case creditCodeCheck = "creditCode.check"
        case phoneFloatingPoint = "phone.floatingPoint"
        case phoneUnreadable = "phone.unreadable"
        case headcountZero = "headcount.zero"
        case headcountInvalid = "headcount.invalid"
        case headcountTooLarge = "headcount.tooLarge"
        case headcountRange = "headcount.range"
        case headcountSplit = "headcount.split"
        case headcountMerged = "headcount.merged"
        case payMissing = "pay.missing"
        case payReversed = "pay.reversed"
        case payZero = "pay.zero"
        case payImplausible = "pay.implausible"
        case payUnreadable = "pay.unreadable"
        case payUnitMissing = "pay.unitMissing"
        case payUnitUnknown = "pay.unitUnknown"
        case workFormUnknown = "workForm.unknown"
        case textBroken = "text.broken"
        case textBrokenCharacters = "text.brokenCharacters"
        case textControls = "text.controls"
        case textControlsRemoved = "text.controlsRemoved"
        case textTooLong = "text.tooLong"
        case textShortened = "text.shortened"
        case cellFormula = "cell.formula"
        case cellError = "cell.error"
        case cellDate = "cell.date"
        case cellOverlong = "cell.overlong"
        case cellLeftOut = "cell.leftOut"
        case rowDuplicate = "row.duplicate"
        case rowSimilar = "row.similar"
        case rowShifted = "row.shifted"
    }

    /// As the spreadsheet shows it.
    public var row: Int
    /// `A`, `B`; empty where no column is to blame.
    public var column: String
    public var field: VacancyField?
    public var code: Code
    /// The row it is about besides, for duplicates.
    public var otherRow: Int?

    private var label: String { field?.zh ?? "单元格" }
    private var name: String { field?.rawValue ?? "cell" }
    private var other: String { otherRow.map(String.init) ?? "" }
    private var limit: String { String(field?.lengthMax ?? 0) }

    public var zh: String {
        switch code {
        case .titleMissing: "没有岗位名称，请补上。"
        case .titleWithoutLetter: "岗位名称里没有文字，请检查是不是填错了列。"
        case .employerMissing: "没有单位名称，上面的行里也没有，请补上。"
        case .employerWithoutLetter: "单位名称里没有文字，请检查是不是填错了列。"
        case .employerRefusedAbove: "单位名称写在第 \(other) 行，那一行有问题没有导入。请先改好那一行。"
        case .employerCodeDiffers: "和第 \(other) 行是同一个单位，信用代码却不一样，请核对。"
        case .creditCodeFloatingPoint:
            "统一社会信用代码被表格软件改成了数字，后几位已经丢失，不能还原。请把这一列设为“文本”格式，对照执照重新填写。"
        case .creditCodeLength: "统一社会信用代码应是 18 位，请对照执照检查。"
        case .creditCodeCharacters: "统一社会信用代码只有数字和大写字母，请对照执照检查。"
        case .creditCodeCheck: "统一社会信用代码校验不对，可能输错了一位，请对照执照检查。"
        case .phoneFloatingPoint: "电话被表格软件改成了科学计数，后几位已经丢失。请把这一列设为“文本”格式，重新填写。"
        case .phoneUnreadable: "没有认出电话号码，没有保存电话。手机 11 位，座机要带区号。"
        case .headcountZero: "招聘人数是 0。不招的岗位请删掉；说不准的请填“若干”。"
        case .headcountInvalid: "招聘人数认不出来，请填整数；说不准的请填“若干”。"
        case .headcountTooLarge: "招聘人数超过 10 万，请检查。"
        case .headcountRange: "招聘人数写的是一个范围，按较小的数计。"
        case .headcountSplit: "招聘人数按性别分开写，已合计。请确认没有限定性别。"
        case .headcountMerged: "招聘人数和上面的岗位合并在一格，只计在第一个岗位上，这里按“若干”。"
        case .payMissing: "没有写工资待遇，按“面议”显示。"
        case .payReversed: "工资的最低数比最高数大，请检查哪个写错了。"
        case .payZero: "工资写的是 0。请填实际工资；不便写的请填“面议”。"
        case .payImplausible: "工资数额不合常理，请检查是不是多写或少写了零、单位对不对。"
        case .payUnreadable: "没有认出工资数额，只显示原文，不能按工资筛选。"
        case .payUnitMissing: "工资没有写按月、按天还是按小时，只显示原文。请写成如“200元/天”。"
        case .payUnitUnknown: "工资按周、按半天等计算，不能和别的岗位比较，只显示原文。"
        case .workFormUnknown: "用工形式认不出来，请填全职、短期或日结，也可以不填。"
        case .textBroken: "“\(label)”里有乱码（�），文件在导出时已经损坏。请用原来的表格重新导出，或改好这一格。"
        case .textBrokenCharacters: "“\(label)”里有乱码，用 □ 代替，请改好。"
        case .textControls: "“\(label)”里有看不见的控制字符，请删掉重新填写。"
        case .textControlsRemoved: "“\(label)”里有看不见的控制字符，已去掉。"
        case .textTooLong: "“\(label)”超过 \(limit) 个字，请缩短。"
        case .textShortened: "“\(label)”超过 \(limit) 个字，后面的没有保存。"
        case .cellFormula: "“\(label)”是公式，没有结果。请改成直接填写的文字。"
        case .cellError: "“\(label)”是公式错误（如 #N/A），请改成正确的内容。"
        case .cellDate: "“\(label)”被表格软件改成了日期。请把这一格设为“文本”格式，重新填写。"
        case .cellOverlong: "“\(label)”太长，一格最多五千个字。请缩短，并检查引号是否成对。"
        case .cellLeftOut: "“\(label)”是公式、错误或日期，没有保存。"
        case .rowDuplicate: "和第 \(other) 行完全重复，没有再导入。"
        case .rowSimilar: "和第 \(other) 行的单位、岗位、地点、工资都一样，请确认不是重复。"
        case .rowShifted: "这一行的格子比表头多，可能某一格里有没加引号的逗号，请检查。"
        }
    }

    public var en: String {
        switch code {
        case .titleMissing: "The vacancy has no title."
        case .titleWithoutLetter: "The title holds no letter; was the wrong column filled?"
        case .employerMissing: "No employer is named here or above."
        case .employerWithoutLetter: "The employer's name holds no letter; was the wrong column filled?"
        case .employerRefusedAbove:
            "The employer is named in row \(other), which was refused; please mend that row first."
        case .employerCodeDiffers: "Row \(other) names the same employer with another credit code; please check."
        case .creditCodeFloatingPoint:
            "A spreadsheet turned the credit code into a number, its last digits are lost; format as text, type again."
        case .creditCodeLength: "A credit code has 18 characters; please compare it with the licence."
        case .creditCodeCharacters: "A credit code has digits and capital letters only."
        case .creditCodeCheck: "The check character of the credit code is wrong; one may be mistyped."
        case .phoneFloatingPoint:
            "A spreadsheet turned the phone number into a number with exponent; format as text, type again."
        case .phoneUnreadable: "No phone number was recognised; none was kept."
        case .headcountZero: "The headcount is 0; delete the row, or write 若干 if it is open."
        case .headcountInvalid: "The headcount is not understood; write a whole number, or 若干 if it is open."
        case .headcountTooLarge: "The headcount is above 100,000."
        case .headcountRange: "The headcount is a range; the lower figure counts."
        case .headcountSplit: "The headcount is split by sex and was added up."
        case .headcountMerged: "The headcount is merged with the vacancy above and counts only there."
        case .payMissing: "No pay is stated; 面议 is shown."
        case .payReversed: "The lower pay is above the higher; one of them is wrong."
        case .payZero: "The pay is 0; write the pay, or 面议."
        case .payImplausible: "The pay is beyond reason; please check zeros and unit."
        case .payUnreadable: "No amount was recognised in the pay; only the text is shown."
        case .payUnitMissing: "The pay has no unit (month, day, hour); only the text is shown."
        case .payUnitUnknown: "The pay is per week or half a day and cannot be compared; only the text is shown."
        case .workFormUnknown: "The form of work is not understood; write 全职, 短期 or 日结, or nothing."
        case .textBroken: "The \(name) holds U+FFFD: the file was damaged before it came; please export it again."
        case .textBrokenCharacters: "The \(name) holds broken characters, shown as □."
        case .textControls: "The \(name) holds control characters; please type it again."
        case .textControlsRemoved: "The \(name) held control characters, which were removed."
        case .textTooLong: "The \(name) is longer than \(limit) characters."
        case .textShortened: "The \(name) was cut off after \(limit) characters."
        case .cellFormula: "The \(name) is a formula without result; please type the text."
        case .cellError: "The \(name) is a formula error (#N/A); please correct it."
        case .cellDate: "A spreadsheet turned the \(name) into a date; format as text, type again."
        case .cellOverlong: "The \(name) is longer than 16 KiB; are quotation marks closed?"
        case .cellLeftOut: "The \(name) is a formula, an error or a date and was left out."
        case .rowDuplicate: "The row repeats row \(other) and was left out."
        case .rowSimilar: "Employer, title, place and pay are those of row \(other); is it meant twice?"
        case .rowShifted: "The row has more cells than the header; is a comma without quotation marks in one?"
        }
    }
}
