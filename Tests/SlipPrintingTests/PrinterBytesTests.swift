// Printer bytes, read back by a printer of our own and by two readers of QR codes that others wrote.

import Foundation
import JobFair
import SlipPrinting
import TestSupport
import Testing

@Suite struct PrinterBytesTests {
    let rasterizer: PangoTextRasterizer

    init() throws { rasterizer = try SlipSamples.rasterizer.get() }

    @Test(arguments: ["58mm", "80mm", "80mm-180dpi"])
    func printerPutsOutTheSamePictureInBands(profile name: String) throws {
        let profile = try SlipSamples.profile(name)
        let picture = try SlipPicture(SlipSamples.usual(), profile: profile, rasterizer: rasterizer)
        let printer = try PrinterInterpreter(picture.printerBytes())

        #expect(printer.initialisations == 1)
        #expect(printer.paper.count == picture.bitmap.heightDots)
        #expect(printer.bandRows.allSatisfy { (1...profile.bandRowsMax).contains($0) })
        #expect(printer.bandRows.dropLast().allSatisfy { $0 == profile.bandRowsMax })
        #expect(printer.fedLines == profile.feedLines)
        #expect(printer.cuts == (profile.cutter == .none ? [] : [profile.cutter.rawValue]))
        for (y, row) in printer.paper.enumerated() {
            #expect(row.count == profile.widthDots)
            #expect(row == (0..<profile.widthDots).map { picture.bitmap[$0, y] }, "row \(y)")
        }
    }

    @Test(arguments: ["58mm", "80mm", "80mm-180dpi"])
    func bothReadersReadTheCodeOnPaperAndOnTheScreen(profile name: String) throws {
        let folder = try TemporaryFolder()
        for slip in [try SlipSamples.usual(), try SlipSamples.straining(), try SlipSamples.withoutIntents()] {
            let picture = try SlipPicture(slip, profile: SlipSamples.profile(name), rasterizer: rasterizer)
            let paper = folder.file("paper.pgm")
            try Data(PrinterInterpreter(picture.printerBytes()).greyMap()).write(to: URL(fileURLWithPath: paper))
            #expect(try CommandLineTool.zbar(paper) == slip.codeAddress)
            #expect(try CommandLineTool.zxing(paper) == slip.codeAddress)
            let screen = folder.file("screen.png")
            try Data(picture.png()).write(to: URL(fileURLWithPath: screen))
            #expect(try CommandLineTool.zbar(screen) == slip.codeAddress)
            #expect(try CommandLineTool.zxing(screen) == slip.codeAddress)
        }
    }

    @Test func commandsAreTheBytesOfTheManual() throws {
        var bitmap = Bitmap(widthDots: 384, heightDots: 3)
        bitmap[0, 0] = true
        bitmap[383, 2] = true
        let profile = try PrinterProfile(
            name: "small bands", widthDots: 384, dotsPerMillimetre: 8, cutter: .partial, feedLines: 3, bandRowsMax: 2)
        let blank = [UInt8](repeating: 0, count: 47)
        #expect(
            ESCPOSEncoder.encode(bitmap, profile: profile)
                == [0x1B, 0x40] + [0x1D, 0x76, 0x30, 0, 48, 0, 2, 0, 0x80] + blank + [0] + blank
                + [0x1D, 0x76, 0x30, 0, 48, 0, 1, 0] + blank + [0x01] + [0x1B, 0x64, 3] + [0x1D, 0x56, 1])
    }

    @Test func bitmapClipsWhatSticksOut() {
        var bitmap = Bitmap(widthDots: 10, heightDots: 2)
        bitmap.fill(DotRectangle(x: -5, y: -5, width: 100, height: 100))
        #expect(bitmap.bytes == [0xFF, 0xC0, 0xFF, 0xC0])
        bitmap[10, 0] = true
        bitmap[0, 2] = true
        bitmap[-1, 0] = true
        #expect(bitmap.bytes == [0xFF, 0xC0, 0xFF, 0xC0])
        #expect(!bitmap[10, 0] && !bitmap[0, 2])
    }
}
