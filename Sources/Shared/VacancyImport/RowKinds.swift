// Tells vacancies from totals, section headings, footers and headers that are printed again.

struct RowKinds {
    let sheet: Sheet
    let layout: SheetLayout

    private static let totals = ["合计", "总计", "小计", "共计", "总人数", "累计"]
    private static let footers = [
        "填表人", "制表人", "制表", "审核人", "审核", "填报人", "填报单位", "填报日期", "填表日期", "经办人", "负责人", "日期", "备注", "注",
        "说明", "填表说明", "填报说明", "联系人", "联系电话", "咨询电话", "报名电话", "单位盖章", "盖章", "数据来源", "制表单位", "温馨提示",
        "特别说明", "主办单位", "承办单位", "报名方式", "招聘时间", "招聘地点", "地址", "监督电话", "单位负责人", "截至",
    ]
    private static let examples = ["示例", "例:", "例如", "样例", "(例)", "填写示例", "举例"]
    /// A cell merged over so many columns is a heading.
    private static let headingColumns = 3

    /// Nil for a vacancy, good or bad.
    func skipped(_ row: SheetRow) -> ImportReading.Skipped? {
        let filled = row.cells.indices.filter { !row[$0].isBlank && !row[$0].isCarried }
        guard let first = filled.first else { return .empty }
        // Its beginning says it all.
        let key = CellText.key(String(row[first].text.unicodeScalars.prefix(100)))
        let titleColumn = layout.places[.title]?.first ?? 0
        let hasTitle = !row[titleColumn].isBlank && first != titleColumn
        if isTotal(key) || isNumbersOnly(row, filled) { return .total }
        if isFooter(key), !hasTitle || key.contains(":") { return .footer }
        if Self.examples.contains(where: key.hasPrefix) { return .section }
        if isHeader(row, filled) { return .header }
        if filled.count == 1, isHeading(row, column: first) { return .section }
        // Only a running number, or marks such as ——: an empty line of the form.
        let hasContent = filled.contains { column in
            layout.columns.contains { $0.column == column && $0.field != .ignored && $0.field != nil }
        }
        return hasContent ? nil : .empty
    }

    private func isTotal(_ key: String) -> Bool {
        CellText.length(key) <= 12 && Self.totals.contains(where: key.hasPrefix)
    }

    /// Sums under a table that nobody labelled: no title, no employer, nothing but numbers.
    private func isNumbersOnly(_ row: SheetRow, _ filled: [Int]) -> Bool {
        let read = [VacancyField.title, .employer].compactMap { layout.places[$0]?.first }
        guard read.allSatisfy({ row[$0].isBlank || row[$0].isCarried }) else { return false }
        let counts = Set((layout.places[.headcount] ?? []) + (layout.places[.headcountPart] ?? []))
        return filled.contains(where: counts.contains)
            && filled.allSatisfy { column in
                row[column].text.unicodeScalars.allSatisfy { ("0"..."9").contains($0) || $0 == "." || $0 == " " }
            }
    }

    private func isFooter(_ key: String) -> Bool {
        Self.footers.contains { word in
            guard key.hasPrefix(word) else { return false }
            let next = key.unicodeScalars.dropFirst(word.unicodeScalars.count).first
            return next.map { [":", "(", "1", "."].contains($0) } ?? true
        }
    }

    /// The header's words again, under another page's break.
    private func isHeader(_ row: SheetRow, _ filled: [Int]) -> Bool {
        guard let header = layout.headerRows.last, filled.count >= 2 else { return false }
        let same = filled.filter { row[$0].text == sheet.rows[header][$0].text }
        return same.count >= 2 && same.count * 2 > filled.count
    }

    private func isHeading(_ row: SheetRow, column: Int) -> Bool {
        let isWide = sheet.merges.contains {
            $0.rows.contains(row.number) && $0.columns.contains(column) && $0.columns.count >= Self.headingColumns
        }
        if isWide { return true }
        let field = layout.columns.first { $0.column == column }?.field
        return field != .title && field != .employer && row[column].kind != .number
            && row[column].text.unicodeScalars.contains { $0.properties.isIdeographic }
    }
}
