// The small parts of an XLSX: relations, the list of sheets, number formats, shared strings.

/// `*.rels`: which part stands where.
final class RelationsParser: PartParser {
    struct Relation: Hashable {
        var id: String
        /// Last word of the type's address: `worksheet`, `styles`.
        var kind: String
        var path: String
    }

    private let folder: String
    private(set) var relations: [Relation] = []

    init(folder: String) {
        self.folder = folder
    }

    override func opened(_ name: String, _ attributes: Attributes) {
        guard name == "Relationship", let id = attributes["Id"], let target = attributes["Target"],
            attributes["TargetMode"] != "External"
        else { return }
        let kind = attributes["Type"]?.split(separator: "/").last.map(String.init) ?? ""
        relations.append(Relation(id: id, kind: kind, path: path(target)))
        if relations.count > SheetLimits.partsMax { stop(SheetError(.fileUnsafe)) }
    }

    /// `/xl/a.xml` from the root, else from the folder of the part the relations belong to.
    private func path(_ target: String) -> String {
        var parts = target.hasPrefix("/") ? [] : folder.split(separator: "/").map(String.init)
        for part in target.split(whereSeparator: { $0 == "/" || $0 == "\\" }) {
            switch part {
            case ".": continue
            case "..": _ = parts.popLast()
            default: parts.append(String(part))
            }
        }
        return parts.joined(separator: "/")
    }
}

/// `workbook.xml`: sheets in their order.
final class WorkbookParser: PartParser {
    private(set) var sheets: [(name: String, relation: String, isVisible: Bool)] = []
    /// Days are counted from 1904, as on old Macintoshes.
    private(set) var countsFrom1904 = false

    override func opened(_ name: String, _ attributes: Attributes) {
        switch name {
        case "sheet":
            let relation = attributes.first { $0.hasSuffix(":id") }
            let state = attributes["state"] ?? "visible"
            sheets.append((attributes["name"] ?? "", relation ?? "", state == "visible"))
            if sheets.count > SheetLimits.partsMax { stop(SheetError(.fileUnsafe)) }
        case "workbookPr":
            countsFrom1904 = ["1", "true"].contains(attributes["date1904"])
        default: break
        }
    }
}

/// How a number is shown, as far as it changes what it means.
enum CellFormat: Hashable {
    case plain
    case day
    case time
    case dayAndTime
}

/// `styles.xml`: which cell formats show a day or a time.
final class StylesParser: PartParser {
    private var codes: [Int: String] = [:]
    private var numbers: [Int] = []
    private var isInCellFormats = false

    /// By the `s` of a cell.
    var cellFormats: [CellFormat] { numbers.map { Self.format(number: $0, code: codes[$0]) } }

    override func opened(_ name: String, _ attributes: Attributes) {
        switch name {
        case "numFmt":
            if let id = attributes["numFmtId"].flatMap({ Int($0) }) { codes[id] = attributes["formatCode"] ?? "" }
        case "cellXfs": isInCellFormats = true
        case "xf" where isInCellFormats: numbers.append(attributes["numFmtId"].flatMap { Int($0) } ?? 0)
        default: break
        }
    }

    override func closed(_ name: String) {
        if name == "cellXfs" { isInCellFormats = false }
    }

    /// ECMA-376 18.8.30; 27 to 36 and 50 to 58 are days in Chinese editions.
    static func format(number: Int, code: String?) -> CellFormat {
        if let code { return format(code: code) }
        switch number {
        case 14...17, 27...31, 36, 50...54, 57, 58: return .day
        case 18...21, 32...35, 45...47, 55, 56: return .time
        case 22: return .dayAndTime
        default: return .plain
        }
    }

    /// Letters of days and times outside quotation marks, brackets and escapes. `m` is a month beside `y` or `d`, else
    /// minutes.
    private static func format(code: String) -> CellFormat {
        var letters: Set<Unicode.Scalar> = []
        var scalars = code.lowercased().unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            switch scalar {
            case "\"": while let next = scalars.next(), next != "\"" {}
            case "[":
                var inside = ""
                while let next = scalars.next(), next != "]" { inside.unicodeScalars.append(next) }
                if ["h", "hh", "m", "mm", "s", "ss"].contains(inside) { letters.insert("h") }
            case "\\", "_", "*": _ = scalars.next()
            case ";": return kind(letters)
            case "0", "#", "?": if letters.isEmpty { return .plain }
            default: letters.insert(scalar)
            }
        }
        return kind(letters)
    }

    private static func kind(_ letters: Set<Unicode.Scalar>) -> CellFormat {
        // "General" and its Chinese name hold no format letters that count.
        if letters.contains("g"), letters.contains("n") { return .plain }
        let isDay = letters.contains("y") || letters.contains("d") || letters == ["m"]
        let isTime = letters.contains("h") || letters.contains("s")
        return isDay && isTime ? .dayAndTime : isDay ? .day : isTime ? .time : .plain
    }
}

/// `sharedStrings.xml`: texts that cells name by number. Runs of rich text are joined, readings (拼音) left out.
final class SharedStringsParser: PartParser {
    private(set) var strings: [String] = []
    private var text = ""
    private var isInText = false
    private var isInReading = false

    override func opened(_ name: String, _ attributes: Attributes) {
        switch name {
        case "si": text = ""
        case "rPh": isInReading = true
        case "t": isInText = !isInReading
        default: break
        }
    }

    override func closed(_ name: String) {
        switch name {
        case "si": strings.append(CellEscapes.plain(text))
        case "rPh": isInReading = false
        case "t": isInText = false
        default: break
        }
    }

    override func found(text piece: String) {
        if isInText { text += piece }
    }
}

/// `_x000D_`: how XLSX writes characters that XML forbids.
enum CellEscapes {
    static func plain(_ text: String) -> String {
        guard text.utf8.count >= 7, text.contains("_x") else { return text }
        let bytes = Array(text.utf8)
        var plain: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "_"), index + 6 < bytes.count, bytes[index + 1] == UInt8(ascii: "x"),
                bytes[index + 6] == UInt8(ascii: "_"),
                let value = UInt32(String(decoding: bytes[(index + 2)..<(index + 6)], as: UTF8.self), radix: 16),
                let scalar = Unicode.Scalar(value)
            {
                plain += Array(String(scalar).utf8)
                index += 7
            } else {
                plain.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: plain, as: UTF8.self)
    }
}
