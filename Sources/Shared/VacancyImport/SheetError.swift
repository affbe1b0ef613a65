// Why a file is not read at all, each reason with what to do about it.

/// A whole file is refused. The sentences are for the clerk who sent it; they never repeat what the file holds.
public struct SheetError: Error, Hashable, Sendable {
    public enum Code: String, Sendable, CaseIterable {
        case fileEmpty = "file.empty"
        case fileTooLarge = "file.tooLarge"
        case fileLegacyExcel = "file.legacyExcel"
        case filePassword = "file.password"
        case fileOpenDocument = "file.openDocument"
        case fileBinaryWorkbook = "file.binaryWorkbook"
        case fileWebPage = "file.webPage"
        case fileNoSpreadsheet = "file.noSpreadsheet"
        case fileDamaged = "file.damaged"
        case fileUnsafe = "file.unsafe"
        case encodingUnknown = "file.encodingUnknown"
        case quotesOpen = "file.quotesOpen"
        case sheetMissing = "sheet.missing"
        case sheetEmpty = "sheet.empty"
        case sheetTooManyRows = "sheet.tooManyRows"
        case sheetTooMuchText = "sheet.tooMuchText"
        case sheetTooManyMerges = "sheet.tooManyMerges"
        case headerMissing = "header.missing"
        case headerWithoutEmployer = "header.withoutEmployer"
        case mappingInvalid = "mapping.invalid"
        case mappingColumnMissing = "mapping.columnMissing"
    }

    public var code: Code
    /// What the sentence is about where it names something: a sheet's name, an entry of the mapping.
    public var subject: String

    init(_ code: Code, _ subject: String = "") {
        self.code = code
        self.subject = subject
    }

    public var zh: String {
        switch code {
        case .fileEmpty: "文件是空的，请检查是否选错了文件。"
        case .fileTooLarge: "文件太大，最大 20 MB。请删掉图片，或者分成几个文件。"
        case .fileLegacyExcel: "这是旧版 Excel 文件（.xls）。请用 Excel 或 WPS 打开，另存为 .xlsx 再上传。"
        case .filePassword: "文件设了打开密码。请去掉密码，另存为 .xlsx 再上传。"
        case .fileOpenDocument: "这是 .ods 文件。请另存为 .xlsx 再上传。"
        case .fileBinaryWorkbook: "这是 .xlsb 文件。请另存为 .xlsx 再上传。"
        case .fileWebPage: "这其实是一个网页文件，只是名字像表格。请用 Excel 或 WPS 打开，另存为 .xlsx 再上传。"
        case .fileNoSpreadsheet: "这不是表格文件。请上传 .xlsx 或 .csv。"
        case .fileDamaged: "文件已损坏，读不出来。请用 Excel 或 WPS 打开看看，另存为新的 .xlsx 再上传。"
        case .fileUnsafe: "文件里有表格不该有的内容，没有读取。请用 Excel 或 WPS 另存为新的 .xlsx 再上传。"
        case .encodingUnknown: "认不出文件的文字编码。请用 Excel 或 WPS 另存为 .xlsx 再上传。"
        case .quotesOpen: "文件里的引号不成对，分不清单元格。请用 Excel 或 WPS 另存为 .xlsx 再上传。"
        case .sheetMissing: "没有找到名为“\(subject)”的工作表。"
        case .sheetEmpty: "表里没有内容。"
        case .sheetTooManyRows: "表里超过十万行，请分成几个文件。"
        case .sheetTooMuchText: "表里的文字太多，请分成几个文件。"
        case .sheetTooManyMerges: "表里合并的单元格太多，请取消合并后再上传。"
        case .headerMissing: "前十行里没有找到表头。表头至少要有“岗位名称”和“单位名称”，也可以指定各列的对应关系。"
        case .headerWithoutEmployer: "表里没有“单位名称”一列，表头上方也没有写单位名称。"
        case .mappingInvalid: "列的对应关系写得不对：“\(subject)”。写法如：title=岗位,employer=公司,pay=D"
        case .mappingColumnMissing: "对应关系里的列“\(subject)”在表里没有找到。"
        }
    }

    public var en: String {
        switch code {
        case .fileEmpty: "The file is empty; please check that it is the right one."
        case .fileTooLarge: "The file is larger than 20 MB; please remove pictures or split it."
        case .fileLegacyExcel: "This is a legacy Excel file (.xls); please open it and save it as .xlsx."
        case .filePassword: "The file is locked by a password; please remove it and save as .xlsx."
        case .fileOpenDocument: "This is an .ods file; please save it as .xlsx."
        case .fileBinaryWorkbook: "This is an .xlsb file; please save it as .xlsx."
        case .fileWebPage: "This is a web page named like a spreadsheet; please open it and save it as .xlsx."
        case .fileNoSpreadsheet: "This is no spreadsheet; please send .xlsx or .csv."
        case .fileDamaged: "The file is damaged; please open it and save it as a new .xlsx."
        case .fileUnsafe: "The file holds what no spreadsheet needs and was not read; please save it as a new .xlsx."
        case .encodingUnknown: "The text encoding is not known; please save the file as .xlsx."
        case .quotesOpen: "Quotation marks are not closed, cells cannot be told apart; please save the file as .xlsx."
        case .sheetMissing: "There is no sheet named \"\(subject)\"."
        case .sheetEmpty: "The sheet is empty."
        case .sheetTooManyRows: "The sheet has more than 100,000 rows; please split it."
        case .sheetTooMuchText: "The sheet holds more than 64 MB of text; please split it."
        case .sheetTooManyMerges: "Too many cells are merged; please unmerge them."
        case .headerMissing:
            "No header was found in the first ten rows; it needs 岗位名称 and 单位名称, or a mapping of the columns."
        case .headerWithoutEmployer: "There is no column for the employer, and none is named above the header."
        case .mappingInvalid:
            "The mapping of columns is not understood: \"\(subject)\". Write title=Position,employer=Company,pay=D"
        case .mappingColumnMissing: "The column \"\(subject)\" of the mapping is not in the sheet."
        }
    }
}
