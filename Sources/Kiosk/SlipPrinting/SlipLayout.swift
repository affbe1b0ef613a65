// Where everything on a slip stands: positions and line breaks, no dots yet.

/// A slip laid out for one width.
public struct SlipLayout: Hashable, Sendable {
    public enum Element: Hashable, Sendable {
        /// `lines` are how the text was broken, for goldens and eyes; drawing breaks the same text the same way.
        case text(String, style: TextStyle, box: DotRectangle, isWhite: Bool, lines: [String])
        /// Black.
        case filled(DotRectangle)
        /// An outline of `stroke` dots, inside the rectangle.
        case outline(DotRectangle, stroke: Int)
        /// `origin` is the corner of the quiet zone.
        case code(QRCode, x: Int, y: Int, moduleDots: Int)
    }

    /// A slip this long has gone wrong: 75 cm.
    static let heightDotsMax = 6_000

    public let widthDots: Int
    public let heightDots: Int
    public let elements: [Element]
    /// Code points that no font can draw; each was replaced by 〓 so that the slip still prints.
    public let unknownScalars: [Unicode.Scalar]

    /// - Throws: `slip` for more than five vacancies, `codeAddress` and `codeTooDense` for the address, and what the
    ///   rasterizer throws.
    public init(
        _ slip: Slip, widthDots: Int, rasterizer: some TextRasterizer
    ) throws(SlipPrintingError) {
        guard slip.vacancies.count <= Slip.vacanciesMax else {
            throw SlipPrintingError(.slip, "\(slip.vacancies.count) vacancies; \(Slip.vacanciesMax) fit")
        }
        let code = try QRCode(address: slip.codeAddress)
        let plan = try QRCodePlan(version: code.version, modules: code.size, widthDots: widthDots)
        var column = SlipColumn(widthDots: widthDots, rasterizer: rasterizer)
        try column.addHead(fairName: slip.fairName, day: slip.day, isCopy: slip.isCopy)
        try column.addNumber(slip)
        try column.addCode(code, plan: plan, slip: slip)
        try column.addVacancies(slip.vacancies)
        try column.addFoot("凭小票进场签到，请保管好", servicePhone: slip.servicePhone, kioskLabel: slip.kioskLabel)
        try self.init(column)
    }

    /// - Throws: what the rasterizer throws.
    public init(
        _ slip: VacancySlip, widthDots: Int, rasterizer: some TextRasterizer
    ) throws(SlipPrintingError) {
        var column = SlipColumn(widthDots: widthDots, rasterizer: rasterizer)
        try column.addHead(fairName: slip.fairName, day: slip.day, isCopy: slip.isCopy)
        try column.addVacancy(slip)
        try column.addFoot(
            VacancySlip.sentence, servicePhone: slip.servicePhone, kioskLabel: slip.kioskLabel)
        try self.init(column)
    }

    private init(_ column: SlipColumn<some TextRasterizer>) throws(SlipPrintingError) {
        guard column.y <= Self.heightDotsMax else {
            throw SlipPrintingError(.slip, "\(column.y) dots long; \(Self.heightDotsMax) are the limit")
        }
        widthDots = column.widthDots
        heightDots = column.y
        elements = column.elements
        unknownScalars = column.unknownScalars
    }
}

extension SlipLayout: CustomStringConvertible {
    /// One line per element: what the goldens hold.
    public var description: String {
        var text = "slip \(widthDots) x \(heightDots)\n"
        for element in elements {
            switch element {
            case .text(_, let style, let box, let isWhite, let lines):
                text += "text \(box) \(style.sizeDots) \(style.weight.rawValue) \(style.alignment.rawValue)"
                text += (isWhite ? " white" : "") + " |" + lines.joined(separator: "|") + "|\n"
            case .filled(let box): text += "filled \(box)\n"
            case .outline(let box, let stroke): text += "outline \(box) stroke \(stroke)\n"
            case .code(let code, let x, let y, let moduleDots):
                text += "code \(x),\(y) version \(code.version) modules \(code.size) dots \(moduleDots)\n"
            }
        }
        return text
    }
}

extension DotRectangle: CustomStringConvertible {
    public var description: String { "\(x),\(y) \(width)x\(height)" }
}
