// XLSX (ECMA-376): which sheets there are, their strings and formats, and the way to one sheet.

/// An XLSX file whose list of sheets has been read. Each sheet is read when asked for.
struct Workbook: Sendable {
    struct SheetEntry: Hashable, Sendable {
        var name: String
        var path: String
        var isVisible: Bool
    }

    private let bytes: [UInt8]
    private let sheets: [SheetEntry]
    private let countsFrom1904: Bool
    private let sharedStringsPath: String?
    private let stylesPath: String?

    /// Lists and formats are small; 16 MiB is a thousand times what Excel writes.
    private static let listBytesMax = 16 * 1_048_576

    init(_ bytes: [UInt8]) throws(SheetError) {
        let archive = try ZipArchive(bytes)
        let path = try Self.workbookPath(archive)
        let parser = WorkbookParser()
        guard let part = try archive.part(path, bytesMax: Self.listBytesMax) else { throw SheetError(.fileDamaged) }
        try parser.parse(part)
        let relations = try Self.relations(archive, of: path)
        let targets = Dictionary(relations.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        sheets = parser.sheets.prefix(SheetLimits.sheetsMax).compactMap { sheet in
            guard let target = targets[sheet.relation], target.kind == "worksheet" else { return nil }
            return SheetEntry(name: sheet.name, path: target.path, isVisible: sheet.isVisible)
        }
        guard !sheets.isEmpty else { throw SheetError(.sheetEmpty) }
        self.bytes = bytes
        countsFrom1904 = parser.countsFrom1904
        sharedStringsPath = relations.first { $0.kind == "sharedStrings" }?.path
        stylesPath = relations.first { $0.kind == "styles" }?.path
    }

    /// All, where a program forgot to leave one visible.
    var visibleSheets: [SheetEntry] {
        let visible = sheets.filter(\.isVisible)
        return visible.isEmpty ? sheets : visible
    }

    func sheet(_ name: String) throws(SheetError) -> Sheet {
        guard let entry = sheets.first(where: { $0.name == name }) else { throw SheetError(.sheetMissing, name) }
        let archive = try ZipArchive(bytes)
        let strings = SharedStringsParser()
        if let path = sharedStringsPath,
            let part = try archive.part(path, bytesMax: SheetLimits.sharedStringsBytesMax)
        {
            try strings.parse(part)
        }
        let styles = StylesParser()
        if let path = stylesPath, let part = try archive.part(path, bytesMax: Self.listBytesMax) {
            try styles.parse(part)
        }
        let parser = WorksheetParser(
            strings: strings.strings, formats: styles.cellFormats, countsFrom1904: countsFrom1904)
        guard let part = try archive.part(entry.path, bytesMax: SheetLimits.partBytesMax) else {
            throw SheetError(.fileDamaged)
        }
        try parser.parse(part)
        var sheet = Sheet(source: .workbook, name: name, rows: parser.rows, merges: parser.merges)
        sheet.hiddenRows = parser.hiddenRows
        try sheet.fillMergesDownwards()
        return sheet
    }

    // MARK: - Parts and the paths between them

    private static func workbookPath(_ archive: ZipArchive) throws(SheetError) -> String {
        if let office = try relations(archive, of: "").first(where: { $0.kind == "officeDocument" })?.path {
            if office.lowercased().hasSuffix(".bin") { throw SheetError(.fileBinaryWorkbook) }
            if archive.contains(office) {
                guard office.lowercased().hasPrefix("word/") || office.lowercased().hasPrefix("ppt/") else {
                    return office
                }
                throw SheetError(.fileNoSpreadsheet)
            }
        }
        if archive.contains("xl/workbook.xml") { return "xl/workbook.xml" }
        if archive.contains("xl/workbook.bin") { throw SheetError(.fileBinaryWorkbook) }
        let kind = try archive.bytes("mimetype", bytesMax: 128) ?? []
        if String(decoding: kind, as: UTF8.self).contains("opendocument") { throw SheetError(.fileOpenDocument) }
        throw SheetError(.fileNoSpreadsheet)
    }

    private static func relations(
        _ archive: ZipArchive, of path: String
    ) throws(SheetError) -> [RelationsParser.Relation] {
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        let file = path.split(separator: "/").last.map(String.init) ?? ""
        let name = (folder.isEmpty ? "" : folder + "/") + "_rels/\(file).rels"
        let parser = RelationsParser(folder: folder)
        guard let part = try archive.part(name, bytesMax: listBytesMax) else { return [] }
        try parser.parse(part)
        return parser.relations
    }
}

extension Sheet {
    /// A cell merged over several rows is meant for each of them. Sideways nothing is copied: a title over the whole
    /// width is said once.
    mutating func fillMergesDownwards() throws(SheetError) {
        var filled = 0
        for merge in merges where merge.rows.count > 1 {
            let column = merge.columns.lowerBound
            guard column < SheetLimits.columnsMax else { continue }
            var index = rows.partitioningIndex { $0.number >= merge.rows.lowerBound }
            guard index < rows.count, rows[index].number == merge.rows.lowerBound else { continue }
            var cell = rows[index][column]
            guard !cell.isBlank else { continue }
            cell.isCarried = true
            index += 1
            while index < rows.count, rows[index].number <= merge.rows.upperBound {
                filled += 1
                if filled > SheetLimits.mergedCellsMax { throw SheetError(.sheetTooManyMerges) }
                if rows[index][column].isBlank {
                    while rows[index].cells.count <= column { rows[index].cells.append(.empty) }
                    rows[index].cells[column] = cell
                }
                index += 1
            }
        }
    }
}

extension Array {
    /// The first place where `isAfter` holds, in an array where it holds from some place on.
    func partitioningIndex(where isAfter: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
