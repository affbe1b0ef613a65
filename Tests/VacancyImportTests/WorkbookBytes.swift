// Makes XLSX files of any shape in memory, with real ZIP: also such as no program would write.

import CLibZip
import Foundation

enum WorkbookBytes {
    static let types = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>"
    private static let relationships = "http://schemas.openxmlformats.org/package/2006/relationships"
    private static let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

    /// A ZIP file of the parts in order.
    static func zip(_ parts: [(name: String, bytes: [UInt8])], password: String? = nil) -> [UInt8] {
        var error = zip_error_t()
        guard let target = zip_source_buffer_create(nil, 0, 0, &error) else { return [] }
        zip_source_keep(target)
        guard let archive = zip_open_from_source(target, Int32(ZIP_CREATE | ZIP_TRUNCATE), &error) else { return [] }
        var buffers: [UnsafeMutableRawBufferPointer] = []
        for part in parts {
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, part.bytes.count), alignment: 1)
            buffer.copyBytes(from: part.bytes)
            buffers.append(buffer)
            let source = zip_source_buffer(archive, buffer.baseAddress, UInt64(part.bytes.count), 0)
            let index = zip_file_add(archive, part.name, source, UInt32(ZIP_FL_OVERWRITE | ZIP_FL_ENC_UTF_8))
            if let password { zip_file_set_encryption(archive, UInt64(index), UInt16(ZIP_EM_AES_256), password) }
        }
        zip_close(archive)
        buffers.forEach { $0.deallocate() }
        var state = zip_stat_t()
        zip_stat_init(&state)
        zip_source_stat(target, &state)
        var bytes = [UInt8](repeating: 0, count: Int(state.size))
        zip_source_open(target)
        let count = bytes.withUnsafeMutableBytes { zip_source_read(target, $0.baseAddress, UInt64($0.count)) }
        zip_source_close(target)
        zip_source_free(target)
        return Array(bytes.prefix(Int(count)))
    }

    struct SheetPart {
        var name: String
        /// What stands within `<worksheet>`.
        var xml: String
        var state = "visible"
    }

    /// `before` stands at the start of the first sheet's part, before its root.
    static func workbook(
        _ sheets: [SheetPart], sharedStrings: String? = nil, styles: String? = nil, before: String = types,
        countsFrom1904: Bool = false
    ) -> [UInt8] {
        var parts: [(name: String, bytes: [UInt8])] = []
        func add(_ name: String, _ text: String) { parts.append((name, Array(text.utf8))) }
        add(
            "_rels/.rels",
            """
            \(types)<Relationships xmlns="\(relationships)"><Relationship Id="rId1" Type="\(office)/officeDocument" \
            Target="xl/workbook.xml"/></Relationships>
            """)
        let list = sheets.enumerated().map {
            "<sheet name=\"\($1.name)\" sheetId=\"\($0 + 1)\" state=\"\($1.state)\" r:id=\"rId\($0 + 1)\"/>"
        }.joined()
        add(
            "xl/workbook.xml",
            """
            \(types)<workbook xmlns:r="\(office)">\
            <workbookPr date1904="\(countsFrom1904 ? 1 : 0)"/><sheets>\(list)</sheets></workbook>
            """)
        var targets = sheets.indices.map {
            "<Relationship Id=\"rId\($0 + 1)\" Type=\"\(office)/worksheet\" Target=\"worksheets/sheet\($0 + 1).xml\"/>"
        }
        targets.append("<Relationship Id=\"s1\" Type=\"\(office)/sharedStrings\" Target=\"/xl/sharedStrings.xml\"/>")
        targets.append("<Relationship Id=\"s2\" Type=\"\(office)/styles\" Target=\"styles.xml\"/>")
        add(
            "xl/_rels/workbook.xml.rels",
            """
            \(types)<Relationships xmlns="\(relationships)">\(targets.joined())</Relationships>
            """)
        if let sharedStrings { add("xl/sharedStrings.xml", "\(types)<sst>\(sharedStrings)</sst>") }
        if let styles { add("xl/styles.xml", "\(types)<styleSheet>\(styles)</styleSheet>") }
        for (index, sheet) in sheets.enumerated() {
            add(
                "xl/worksheets/sheet\(index + 1).xml",
                "\(index == 0 ? before : types)<worksheet>\(sheet.xml)</worksheet>")
        }
        return zip(parts)
    }

    /// One sheet of inline texts, rows from 1. `after` follows the rows: merged ranges.
    static func workbook(rows: [[String]], after: String = "") -> [UInt8] {
        workbook([SheetPart(name: "Sheet1", xml: "<sheetData>\(xml(rows: rows))</sheetData>\(after)")])
    }

    static func xml(rows: [[String]]) -> String {
        rows.enumerated().map { number, cells in
            let xml = cells.enumerated().map { column, text in
                text.isEmpty
                    ? ""
                    : "<c r=\"\(letter(column))\(number + 1)\" t=\"inlineStr\"><is><t>\(escaped(text))</t></is></c>"
            }
            return "<row r=\"\(number + 1)\">\(xml.joined())</row>"
        }.joined()
    }

    static func letter(_ column: Int) -> String { String(UnicodeScalar(UInt8(65 + column))) }

    static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
    }
}
