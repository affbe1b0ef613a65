// The slip of one vacancy: the booth read while walking, the facts line by line.

import Foundation
import JobFair
import SlipPrinting
import TestSupport
import Testing

@Suite struct VacancySlipTests {
    let rasterizer: PangoTextRasterizer

    init() throws { rasterizer = try SlipSamples.rasterizer.get() }

    static func usual() throws -> VacancySlip {
        VacancySlip(
            fairName: "2026年春风行动大型招聘会", day: try #require(CalendarDate("2026-02-01")), employer: "青禾服饰有限公司",
            title: "缝纫工（平车、包缝）", booth: "A12", pay: "计件，4500-9000元/月，保底4000元", headcount: 60, place: "青禾县云溪镇",
            boardAndLodging: "包吃，免费宿舍，有夫妻房", insurance: "五险", hours: "每天 9 小时，周日休息",
            requirements: "熟手随到随做，新手免费教", isNotUnder18: false, servicePhone: "0532-12333", kioskLabel: "东门1号",
            isCopy: false)
    }

    /// Nothing said, everything long.
    static func straining() throws -> VacancySlip {
        var slip = try usual()
        slip.title = String(repeating: "超长岗位名称", count: 10)
        slip.employer = String(repeating: "很长的单位名称", count: 10)
        slip.booth = "国际会展中心三号馆二层西区A-1024号"
        slip.pay = String(repeating: "面议", count: 60)
        slip.headcount = nil
        (slip.place, slip.boardAndLodging, slip.insurance, slip.hours) = ("", " ", "", "\n")
        slip.requirements = "会说ئۇيغۇرچە和བོད་སྐད།"
        slip.isNotUnder18 = true
        slip.isCopy = true
        return slip
    }

    private func texts(_ layout: SlipLayout) -> String {
        layout.elements.map { element in
            if case .text(_, _, _, _, let lines) = element { lines.joined() } else { "" }
        }.joined(separator: "\n")
    }

    @Test func layoutStaysAsItIs() throws {
        for profile in ["58mm", "80mm", "80mm-180dpi"] {
            for (name, slip) in [("vacancy", try Self.usual()), ("vacancy-straining", try Self.straining())] {
                let layout = try SlipLayout(
                    slip, widthDots: SlipSamples.profile(profile).widthDots, rasterizer: rasterizer)
                try checkGolden("\(name)-\(profile).layout", layout.description)
            }
        }
        let picture = try SlipPicture(Self.usual(), profile: SlipSamples.profile("58mm"), rasterizer: rasterizer)
        try checkGolden("vacancy-58mm.png", try picture.png())
        #expect(picture.unknownScalars.isEmpty)
    }

    @Test func itSaysThatTheBoothAtTheFairCountsAndNamesNobody() throws {
        let text = texts(try SlipLayout(Self.usual(), widthDots: 384, rasterizer: rasterizer))
        for part in ["以现场展位为准", "A12", "60人", "五险", "青禾县云溪镇"] { #expect(text.contains(part), "\(part)") }
        #expect(!text.contains("您的号码") && !text.contains("副本"))
        #expect(text.contains("到展位问") == false)
        let strained = texts(try SlipLayout(Self.straining(), widthDots: 384, rasterizer: rasterizer))
        for part in ["到展位问", "若干", "要年满18周岁", "副本"] { #expect(strained.contains(part), "\(part)") }
    }

    /// The frame around the booth is white inside.
    @Test func theBoothIsDrawnIntoItsFrame() throws {
        let picture = try SlipPicture(Self.usual(), profile: SlipSamples.profile("58mm"), rasterizer: rasterizer)
        let elements = picture.layout.elements
        let frame = try #require(elements.firstIndex { if case .outline = $0 { true } else { false } })
        let booth = try #require(
            elements.firstIndex { if case .text("A12", _, _, _, _) = $0 { true } else { false } })
        #expect(frame < booth)
    }

    @Test func everythingStaysOnThePaper() throws {
        for width in [320, 384, 512, 576, 832] {
            for slip in [try Self.usual(), try Self.straining()] {
                let layout = try SlipLayout(slip, widthDots: width, rasterizer: rasterizer)
                for element in layout.elements {
                    guard case .text(_, _, let box, _, _) = element else { continue }
                    #expect(box.x >= 0 && box.maxX <= width && box.maxY <= layout.heightDots)
                }
            }
        }
    }
}
