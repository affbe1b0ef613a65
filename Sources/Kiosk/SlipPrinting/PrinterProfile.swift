// What a printer can do, as data: kiosk-config/printers has one file each.

/// A printer's paper and commands. Width is data, not code: some 80 mm printers take 576 dots, some refuse more than
/// 512.
public struct PrinterProfile: Hashable, Sendable, Codable {
    public enum Cutter: String, Sendable, Codable, CaseIterable { case none, partial, full }

    public static let widthDotsRange = 320...832
    public static let feedLinesMax = 20
    /// Cheap printers buffer no more rows of one raster command.
    public static let bandRowsRange = 1...256

    /// For status and file names, e.g. `58mm`.
    public var name: String
    /// Printable dots in a row; a multiple of 8.
    public var widthDots: Int
    /// 8 at 203 dpi, 7.09 at 180 dpi.
    public var dotsPerMillimetre: Double
    public var cutter: Cutter
    /// Lines fed after the slip, so that it clears tear bar or knife.
    public var feedLines: Int
    /// Rows in one raster command.
    public var bandRowsMax: Int

    /// - Throws: `printerProfile`.
    public init(
        name: String, widthDots: Int, dotsPerMillimetre: Double, cutter: Cutter, feedLines: Int, bandRowsMax: Int
    ) throws(SlipPrintingError) {
        self.name = name
        self.widthDots = widthDots
        self.dotsPerMillimetre = dotsPerMillimetre
        self.cutter = cutter
        self.feedLines = feedLines
        self.bandRowsMax = bandRowsMax
        try check()
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case name, widthDots, dotsPerMillimetre, cutter, feedLines, bandRowsMax
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        widthDots = try container.decode(Int.self, forKey: .widthDots)
        dotsPerMillimetre = try container.decode(Double.self, forKey: .dotsPerMillimetre)
        cutter = try container.decode(Cutter.self, forKey: .cutter)
        feedLines = try container.decode(Int.self, forKey: .feedLines)
        bandRowsMax = try container.decode(Int.self, forKey: .bandRowsMax)
        try check()
    }

    /// The keys of a profile file, for a reader that refuses unknown ones.
    public static var keys: [String] { CodingKeys.allCases.map(\.rawValue) }

    private func check() throws(SlipPrintingError) {
        guard Self.widthDotsRange.contains(widthDots), widthDots % 8 == 0 else {
            throw SlipPrintingError(
                .printerProfile,
                "widthDots is \(widthDots): a multiple of 8 from \(Self.widthDotsRange.lowerBound) to "
                    + "\(Self.widthDotsRange.upperBound)"
            )
        }
        guard (4...16).contains(dotsPerMillimetre) else {
            throw SlipPrintingError(.printerProfile, "dotsPerMillimetre is \(dotsPerMillimetre): from 4 to 16")
        }
        guard (0...Self.feedLinesMax).contains(feedLines) else {
            throw SlipPrintingError(.printerProfile, "feedLines is \(feedLines): from 0 to \(Self.feedLinesMax)")
        }
        guard Self.bandRowsRange.contains(bandRowsMax) else {
            throw SlipPrintingError(
                .printerProfile, "bandRowsMax is \(bandRowsMax): from 1 to \(Self.bandRowsRange.upperBound)")
        }
    }
}
