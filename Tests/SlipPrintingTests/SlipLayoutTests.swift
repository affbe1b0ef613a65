// What must hold for every slip, whatever names and vacancies it carries.

import Foundation
import JobFair
import SlipPrinting
import TestSupport
import Testing

@Suite struct SlipLayoutTests {
    let rasterizer: PangoTextRasterizer

    init() throws { rasterizer = try SlipSamples.rasterizer.get() }

    /// Everything stays on the paper and nothing stands on anything else, but text in its frame or on its bar.
    private func check(_ layout: SlipLayout, at location: SourceLocation = #_sourceLocation) {
        var texts: [DotRectangle] = []
        for element in layout.elements {
            let box: DotRectangle
            switch element {
            case .text(_, _, let textBox, let isWhite, let lines):
                box = textBox
                #expect(!lines.isEmpty, sourceLocation: location)
                if !isWhite { texts.append(box) }
            case .filled(let rectangle), .outline(let rectangle, _): box = rectangle
            case .code(let code, let x, let y, let dots):
                let side = (code.size + 2 * QRCode.quietZone) * dots
                box = DotRectangle(x: x, y: y, width: side, height: side)
                texts.append(box)
            }
            #expect(
                box.x >= 0 && box.maxX <= layout.widthDots && box.y >= 0 && box.maxY <= layout.heightDots,
                "\(box) is off the paper", sourceLocation: location)
        }
        for (index, first) in texts.enumerated() {
            for second in texts.dropFirst(index + 1) {
                let across = min(first.maxX, second.maxX) - max(first.x, second.x)
                let down = min(first.maxY, second.maxY) - max(first.y, second.y)
                // The number's empty leading is taken back on purpose: at most a quarter of its line.
                #expect(
                    across <= 0 || down <= max(first.height, second.height) / 4, "\(first) meets \(second)",
                    sourceLocation: location)
            }
        }
    }

    private func lines(_ layout: SlipLayout) -> [String] {
        layout.elements.flatMap { element in
            if case .text(_, _, _, _, let lines) = element { lines } else { [String]() }
        }
    }

    @Test(arguments: [
        "李*", "欧阳*", "阿*", "Abdurehim*", "㛃*", "𫖯*", "䶮*", "ئابدۇ*", "བསོད་ནམས*", "ꆈꌠ*", "김*", "ᠮᠣᠩᠭᠣᠯ*",
        String(repeating: "赵", count: 49) + "*", String(repeating: "W", count: 49) + "*",
        String(repeating: "བསྒྲུབས་", count: 7).prefix(49) + "*", "",
    ])
    func namesOfEveryKindPrint(name: String) throws {
        var slip = try SlipSamples.usual()
        slip.maskedName = name
        for profile in ["58mm", "80mm", "80mm-180dpi"] {
            let picture = try SlipPicture(slip, profile: SlipSamples.profile(profile), rasterizer: rasterizer)
            check(picture.layout)
            #expect(picture.unknownScalars.isEmpty, "\(name): \(picture.unknownScalars)")
            let shown = lines(picture.layout).map { $0.trimmingCharacters(in: .whitespaces) }.joined()
            #expect(shown.contains(name.isEmpty ? "姓名待补" : name))
        }
    }

    @Test func rareCharactersAreDrawnAndDiffer() throws {
        var pictures: Set<[UInt8]> = []
        for name in ["㛃", "𫖯", "䶮", "〓"] {
            var bitmap = Bitmap(widthDots: 64, heightDots: 64)
            try rasterizer.draw(
                name, style: TextStyle(sizeDots: 40), widthDots: 64, x: 0, y: 0, black: true, into: &bitmap)
            #expect(bitmap.bytes.contains { $0 != 0 })
            pictures.insert(bitmap.bytes)
        }
        #expect(pictures.count == 4)
        #expect(try rasterizer.warmUp().isEmpty)
    }

    @Test func unknownGlyphIsNamedAndTheSlipStillPrints() throws {
        var slip = try SlipSamples.usual()
        slip.maskedName = "𓀀*"
        slip.vacancies[0].title = "缝\u{13001}工"
        let picture = try SlipPicture(slip, profile: SlipSamples.profile("58mm"), rasterizer: rasterizer)
        #expect(picture.unknownScalars == ["\u{13000}", "\u{13001}"])
        #expect(lines(picture.layout).contains("〓*"))
        #expect(lines(picture.layout).contains("缝〓工"))
        check(picture.layout)
    }

    @Test func controlsAndLineBreaksBecomeSpaces() throws {
        var slip = try SlipSamples.usual()
        slip.fairName = " 春风\u{0}行动\r\n\n\u{1B}招聘会\t"
        let layout = try SlipLayout(slip, widthDots: 384, rasterizer: rasterizer)
        #expect(lines(layout)[0] == "春风 行动 招聘会")
    }

    @Test func copyIsMarked() throws {
        #expect(!lines(try SlipLayout(SlipSamples.usual(), widthDots: 384, rasterizer: rasterizer)).contains("副本"))
        #expect(
            lines(try SlipLayout(SlipSamples.usual(isCopy: true), widthDots: 384, rasterizer: rasterizer)).contains(
                "副本"))
    }

    /// Before the list: who reads the first booth walks off.
    @Test func itSaysThatTheBoothAtTheFairCountsWhereBoothsStand() throws {
        let shown = lines(try SlipLayout(SlipSamples.usual(), widthDots: 384, rasterizer: rasterizer))
        let sentence = try #require(shown.firstIndex(of: "以现场展位为准"))
        let firstBooth = try #require(shown.firstIndex(of: "展位"))
        #expect(sentence < firstBooth)
        let without = lines(try SlipLayout(SlipSamples.withoutIntents(), widthDots: 384, rasterizer: rasterizer))
        #expect(!without.contains("以现场展位为准"))
    }

    @Test func withoutIntentsNoVacanciesAndTheKindSentence() throws {
        let layout = try SlipLayout(SlipSamples.withoutIntents(), widthDots: 384, rasterizer: rasterizer)
        check(layout)
        let text = lines(layout).joined()
        #expect(text.contains("欢迎您来"))
        #expect(!text.contains("展位A"))
        #expect(!text.contains("填用工意向"))
    }

    @Test func strainedSlipStaysOnThePaper() throws {
        for width in [320, 384, 512, 576, 832] {
            check(try SlipLayout(SlipSamples.straining(), widthDots: width, rasterizer: rasterizer))
        }
    }

    @Test func sixVacanciesAreRefused() throws {
        var slip = try SlipSamples.usual()
        slip.vacancies.append(slip.vacancies[0])
        let error = #expect(throws: SlipPrintingError.self) {
            try SlipLayout(slip, widthDots: 384, rasterizer: rasterizer)
        }
        #expect(error?.code == .slip)
    }

    @Test func weekdaysAreRight() throws {
        for (day, weekday) in [
            ("2026-02-01", "星期日"), ("2024-02-29", "星期四"), ("2000-01-01", "星期六"), ("2099-12-31", "星期四"),
        ] {
            var slip = try SlipSamples.usual()
            slip.day = try #require(CalendarDate(day))
            let layout = try SlipLayout(slip, widthDots: 384, rasterizer: rasterizer)
            #expect(lines(layout).contains { $0.hasSuffix(weekday) }, "\(day)")
        }
    }

    @Test func manySlipsAtOnceComeOutAlike() async throws {
        let slip = try SlipSamples.usual()
        let profile = try SlipSamples.profile("58mm")
        let expected = try SlipPicture(slip, profile: profile, rasterizer: rasterizer).bitmap
        try await withThrowingTaskGroup(of: Bitmap.self) { group in
            for _ in 0..<8 {
                group.addTask { try SlipPicture(slip, profile: profile, rasterizer: rasterizer).bitmap }
            }
            for try await bitmap in group { #expect(bitmap == expected) }
        }
    }
}

@Suite struct FontAndProfileTests {
    @Test func missingFontConfigurationIsAnError() throws {
        let error = #expect(throws: SlipPrintingError.self) {
            try PangoTextRasterizer(fontconfigFile: "/nonexistent/fonts.conf")
        }
        #expect(error?.code == .fontConfiguration)
    }

    @Test func missingFontIsAnErrorThatNamesThePackage() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("fonts.conf")
        let text = """
            <?xml version="1.0"?><fontconfig><dir>/usr/share/fonts/truetype/noto</dir>
            <cachedir>/var/cache/fontconfig</cachedir></fontconfig>
            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        let error = #expect(throws: SlipPrintingError.self) { try PangoTextRasterizer(fontconfigFile: file) }
        #expect(error?.code == .fontMissing)
        #expect(error?.detail.contains("fonts-noto-cjk") == true)
    }

    @Test(arguments: ["58mm", "80mm", "80mm-180dpi"])
    func committedProfilesAreValid(name: String) throws {
        let path = URL(fileURLWithPath: SlipSamples.fontconfigFile).deletingLastPathComponent()
            .appendingPathComponent("printers/\(name).yaml")
        var fields: [String: Any] = [:]
        for line in try String(contentsOf: path, encoding: .utf8).split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: "#")[0].split(separator: ":").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            fields[parts[0]] = Double(parts[1]) ?? parts[1] as Any
        }
        #expect(Set(fields.keys) == Set(PrinterProfile.keys))
        let profile = try JSONDecoder().decode(
            PrinterProfile.self, from: JSONSerialization.data(withJSONObject: fields))
        #expect(profile.name == name)
        #expect(
            try QRCodePlan.check(formAddress: "HTTPS://FORM.EXAMPLE.CN", widthDots: profile.widthDots).moduleDots == 8)
    }

    @Test(arguments: [
        (383, 4, 256), (312, 4, 256), (840, 4, 256), (384, 21, 256), (384, -1, 256), (384, 4, 257), (384, 4, 0),
    ])
    func impossibleProfilesAreRefused(width: Int, feed: Int, band: Int) throws {
        let error = #expect(throws: SlipPrintingError.self) {
            try PrinterProfile(
                name: "x", widthDots: width, dotsPerMillimetre: 8, cutter: .none, feedLines: feed, bandRowsMax: band)
        }
        #expect(error?.code == .printerProfile)
    }
}
