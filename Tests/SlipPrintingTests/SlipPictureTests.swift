// The slip as the seeker holds it: positions, line breaks and every dot.

import Foundation
import JobFair
import SlipPrinting
import TestSupport
import Testing

@Suite struct SlipPictureTests {
    let rasterizer: PangoTextRasterizer

    init() throws { rasterizer = try SlipSamples.rasterizer.get() }

    @Test(arguments: ["58mm", "80mm", "80mm-180dpi"])
    func layoutStaysAsItIs(profile: String) throws {
        let width = try SlipSamples.profile(profile).widthDots
        for (name, slip) in [
            ("usual", try SlipSamples.usual()), ("straining", try SlipSamples.straining()),
            ("without-intents", try SlipSamples.withoutIntents()),
        ] {
            let layout = try SlipLayout(slip, widthDots: width, rasterizer: rasterizer)
            try checkGolden("\(name)-\(profile).layout", layout.description)
        }
    }

    @Test(arguments: ["58mm", "80mm", "80mm-180dpi"])
    func everyDotStaysAsItIs(profile: String) throws {
        for (name, slip) in [
            ("usual", try SlipSamples.usual()), ("straining", try SlipSamples.straining()),
            ("without-intents", try SlipSamples.withoutIntents()),
        ] where name == "usual" || profile == "58mm" {
            let picture = try SlipPicture(slip, profile: SlipSamples.profile(profile), rasterizer: rasterizer)
            try checkGolden("\(name)-\(profile).png", try picture.png())
        }
    }
}
