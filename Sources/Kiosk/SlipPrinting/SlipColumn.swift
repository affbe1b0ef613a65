// Sets a slip from top to bottom: the design of the paper.

import JobFair

/// The growing column of a slip's elements. The sizes are those of 58 mm paper (384 dots); wider paper takes them an
/// eighth larger and sets the sentence beside the code. A reader of fifty without glasses: nothing under 22 dots
/// (2.75 mm), and what is looked for from a distance (number, booths) is the largest.
struct SlipColumn<Rasterizer: TextRasterizer> {
    let widthDots: Int
    let rasterizer: Rasterizer
    private(set) var y = 0
    private(set) var elements: [SlipLayout.Element] = []
    private(set) var unknownScalars: [Unicode.Scalar] = []

    init(widthDots: Int, rasterizer: Rasterizer) {
        self.widthDots = widthDots
        self.rasterizer = rasterizer
    }

    /// Where a text stands: the whole width where nothing is said.
    private struct Span {
        var x: Int
        var width: Int
    }

    private var margin: Int { scaled(8) }
    private var whole: Span { Span(x: margin, width: widthDots - 2 * margin) }
    private var isWide: Bool { widthDots >= 480 }

    private func scaled(_ dots: Int) -> Int { isWide ? (dots * 9 + 4) / 8 : dots }

    private func style(
        _ size: Int, _ weight: TextStyle.Weight = .regular, _ alignment: TextStyle.Alignment = .center, lines: Int = 1
    ) -> TextStyle {
        TextStyle(sizeDots: scaled(size), weight: weight, alignment: alignment, linesMax: lines)
    }

    // MARK: Sections, from top to bottom

    mutating func addHead(fairName: String, day: CalendarDate, isCopy: Bool) throws(SlipPrintingError) {
        gap(8)
        if isCopy { addBar("副本") }
        try addText(fairName, fitted(fairName, style(32, .bold, lines: 3), downTo: 27, in: whole))
        gap(2)
        try addText(Self.text(of: day), style(26))
        gap(10)
        addRule()
    }

    mutating func addNumber(_ slip: Slip) throws(SlipPrintingError) {
        gap(12)
        try addText("您的号码", style(26))
        let number = slip.ticket.description
        let large = try fitted(number, style(132, .bold), downTo: 60, in: whole)
        // Digits have no descent and leave a fifth of their line empty above: take it back.
        y -= large.sizeDots / 6
        try addText(number, large)
        y -= large.sizeDots / 8
        if slip.maskedName.isEmpty {
            try addText("姓名待补", style(28))
        } else {
            try addText(slip.maskedName, fitted(slip.maskedName, style(40, .bold, lines: 2), downTo: 28, in: whole))
        }
        gap(12)
    }

    mutating func addCode(_ code: QRCode, plan: QRCodePlan, slip: Slip) throws(SlipPrintingError) {
        addRule()
        let title = slip.allowsIntents ? ["手机扫码", "填用工意向"] : ["签到二维码"]
        let besideX = plan.sideDots + scaled(4)
        let beside = Span(x: besideX, width: widthDots - margin - besideX)
        guard beside.width < scaled(160) else {
            let top = y
            elements.append(.code(code, x: 0, y: top, moduleDots: plan.moduleDots))
            // The quiet zone is white: the text begins level with the code's ink.
            y = top + QRCode.quietZone * plan.moduleDots
            for line in title { try addText(line, style(32, .bold, .start, lines: 2), in: beside) }
            gap(10)
            try addText(slip.sentence, style(26, .regular, .start, lines: 12), in: beside)
            try addText(slip.handSentence, style(22, .regular, .start, lines: 6), in: beside)
            y = max(y + scaled(12), top + plan.sideDots)
            return
        }
        gap(10)
        try addText(title.joined(separator: " "), style(32, .bold, lines: 2))
        elements.append(.code(code, x: (widthDots - plan.sideDots) / 2, y: y, moduleDots: plan.moduleDots))
        y += plan.sideDots
        try addText(slip.sentence, style(26, .regular, .start, lines: 6))
        try addText(slip.handSentence, style(22, .regular, .start, lines: 4))
        gap(12)
    }

    mutating func addVacancies(_ vacancies: [SlipVacancy]) throws(SlipPrintingError) {
        guard !vacancies.isEmpty else { return }
        addRule()
        gap(10)
        try addText("可以去看的岗位", style(32, .bold))
        try addText(VacancySlip.boothSentence, style(26))
        gap(4)
        for vacancy in vacancies {
            gap(6)
            try addVacancy(vacancy)
            gap(6)
        }
        gap(8)
    }

    /// Employer and work, the booth so large that it is read while walking, then the facts line by line.
    mutating func addVacancy(_ slip: VacancySlip) throws(SlipPrintingError) {
        gap(10)
        try addText(slip.title, fitted(slip.title, style(40, .bold, lines: 3), downTo: 30, in: whole))
        gap(4)
        try addText(slip.employer, fitted(slip.employer, style(28, lines: 3), downTo: 24, in: whole))
        gap(10)
        let top = y
        // An outline is white inside: it comes before what stands in it.
        let frame = elements.count
        let booth = slip.booth.isEmpty ? "—" : slip.booth
        let inner = Span(x: whole.x + scaled(8), width: whole.width - scaled(16))
        gap(8)
        try addText("展位", style(26), in: inner)
        try addText(booth, fitted(booth, style(96, .bold, lines: 3), downTo: 40, in: inner), in: inner)
        gap(8)
        let box = DotRectangle(x: whole.x, y: top, width: whole.width, height: y - top)
        elements.insert(.outline(box, stroke: 4), at: frame)
        gap(10)
        let labels = Span(x: margin, width: scaled(112))
        let texts = Span(x: labels.x + labels.width + scaled(8), width: whole.width - labels.width - scaled(8))
        for fact in slip.facts {
            let top = y
            try addText(fact.label, style(26, .regular, .start), in: labels)
            let bottom = y
            y = top
            try addText(fact.text, style(26, .bold, .start, lines: 4), in: texts)
            y = max(y, bottom)
            gap(4)
        }
        gap(6)
    }

    mutating func addFoot(
        _ sentence: String, servicePhone: String, kioskLabel: String
    ) throws(SlipPrintingError) {
        addRule()
        gap(10)
        try addText(sentence, style(26, lines: 2))
        if !servicePhone.isEmpty {
            let phone = "服务电话 \(servicePhone)"
            try addText(phone, fitted(phone, style(30, .bold, lines: 2), downTo: 26, in: whole))
        }
        try addText("自助机 \(kioskLabel)", style(22))
        gap(8)
    }

    // MARK: Parts

    /// The booth in a frame on the left; beside it what is done there, what it pays and who pays it.
    private mutating func addVacancy(_ vacancy: SlipVacancy) throws(SlipPrintingError) {
        let top = y
        let frame = Span(x: margin, width: scaled(108))
        let besideX = frame.x + frame.width + scaled(12)
        let beside = Span(x: besideX, width: widthDots - margin - besideX)
        try addText(
            vacancy.title, fitted(vacancy.title, style(30, .bold, .start, lines: 2), downTo: 27, in: beside), in: beside
        )
        try addText(
            vacancy.pay, fitted(vacancy.pay, style(28, .bold, .start, lines: 2), downTo: 25, in: beside), in: beside)
        try addText(vacancy.employer, style(22, .regular, .start, lines: 2), in: beside)

        let booth = vacancy.booth.isEmpty ? "—" : vacancy.booth
        let inner = Span(x: frame.x + scaled(6), width: frame.width - scaled(12))
        let number = try fitted(booth, style(48, .bold, lines: 3), downTo: 26, in: inner)
        let label = style(22)
        let numberHeight = try rasterizer.measure(try clean(booth), style: number, widthDots: inner.width).heightDots
        let boothHeight = label.pitchDots + numberHeight
        let bottom = max(y, top + boothHeight + scaled(12))
        elements.append(
            .outline(DotRectangle(x: frame.x, y: top, width: frame.width, height: bottom - top), stroke: 3))
        y = top + (bottom - top - boothHeight) / 2
        try addText("展位", label, in: inner)
        try addText(booth, number, in: inner)
        y = bottom
    }

    private mutating func addBar(_ text: String) {
        let style = style(32, .bold)
        let bar = DotRectangle(x: margin, y: y, width: whole.width, height: style.pitchDots)
        elements.append(.filled(bar))
        elements.append(.text(text, style: style, box: bar, isWhite: true, lines: [text]))
        y += bar.height + scaled(8)
    }

    private mutating func addRule() {
        elements.append(.filled(DotRectangle(x: margin, y: y, width: whole.width, height: 3)))
        y += 3
    }

    private mutating func gap(_ dots: Int) { y += scaled(dots) }

    private mutating func addText(
        _ text: String, _ style: TextStyle, in span: Span? = nil
    ) throws(SlipPrintingError) {
        let text = try clean(text)
        guard !text.isEmpty else { return }
        var span = span ?? whole
        var measure = try rasterizer.measure(text, style: style, widthDots: span.width)
        if style.alignment == .center, measure.lines.count > 1, !measure.isCut {
            (span, measure) = try balanced(text, style, in: span, measure)
        }
        let box = DotRectangle(x: span.x, y: y, width: span.width, height: measure.heightDots)
        elements.append(.text(text, style: style, box: box, isWhite: false, lines: measure.lines))
        y = box.maxY
    }

    /// Centred lines of about one length instead of a full one and a single character: the narrowest span that takes no
    /// more lines.
    private func balanced(
        _ text: String, _ style: TextStyle, in span: Span, _ measure: TextMeasure
    ) throws(SlipPrintingError) -> (Span, TextMeasure) {
        var best = (span, measure)
        var tooNarrow = span.width / (measure.lines.count + 1)
        while best.0.width - tooNarrow > 8 {
            let width = (best.0.width + tooNarrow) / 2
            let tried = try rasterizer.measure(text, style: style, widthDots: width)
            if tried.lines.count > measure.lines.count || tried.isCut || tried.widthDots > width {
                tooNarrow = width
            } else {
                best = (Span(x: span.x + (span.width - width) / 2, width: width), tried)
            }
        }
        return best
    }

    /// The largest size, down to `sizeMin`, at which a text stays on one line; where none does, the smallest.
    private mutating func fitted(
        _ text: String, _ style: TextStyle, downTo sizeMin: Int, in span: Span
    ) throws(SlipPrintingError) -> TextStyle {
        let text = try clean(text)
        var style = style
        let least = scaled(sizeMin)
        while style.sizeDots > least {
            let measure = try rasterizer.measure(text, style: style, widthDots: span.width)
            if measure.lines.count <= 1, !measure.isCut { break }
            style.sizeDots = max(least, min(style.sizeDots - 1, style.sizeDots * 31 / 32))
        }
        return style
    }

    /// Controls and line breaks become spaces; what no font can draw becomes 〓 (the mark printers set for a missing
    /// character), is remembered, and does not stop the slip.
    private mutating func clean(_ text: String) throws(SlipPrintingError) -> String {
        let isBlank = { (scalar: Unicode.Scalar) in
            scalar.properties.isWhitespace || scalar.value < 0x20 || scalar.value == 0x7F
        }
        let words = text.unicodeScalars.split(whereSeparator: isBlank).map { String(Substring($0)) }
        let plain = words.joined(separator: " ")
        guard !plain.isEmpty else { return plain }
        let unknown = try rasterizer.unknownScalars(in: plain)
        guard !unknown.isEmpty else { return plain }
        for scalar in unknown where !unknownScalars.contains(scalar) { unknownScalars.append(scalar) }
        return String(String.UnicodeScalarView(plain.unicodeScalars.map { unknown.contains($0) ? "〓" : $0 }))
    }

    /// `2026年2月1日 星期日`.
    static func text(of day: CalendarDate) -> String {
        // Sakamoto's method: the shift of each month's first day, and January and February belong to the year before.
        let shifts = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4]
        let year = day.month < 3 ? day.year - 1 : day.year
        let weekday = (year + year / 4 - year / 100 + year / 400 + shifts[day.month - 1] + day.day) % 7
        let names = ["日", "一", "二", "三", "四", "五", "六"]
        return "\(day.year)年\(day.month)月\(day.day)日 星期\(names[weekday])"
    }
}
