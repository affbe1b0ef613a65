// A slip drawn: one layout, one bitmap, and from it both the PNG and the printer bytes.

/// A slip as dots for one printer.
public struct SlipPicture: Hashable, Sendable {
    public let layout: SlipLayout
    public let bitmap: Bitmap
    public let profile: PrinterProfile
    /// Code points that no font can draw, replaced by 〓: a problem of this kiosk's fonts, to be shown as such.
    public var unknownScalars: [Unicode.Scalar] { layout.unknownScalars }

    /// Lays out and draws. 1 to 5 ms with warm fonts.
    ///
    /// - Throws: what `SlipLayout` throws; `drawingFailed`.
    public init(
        _ slip: Slip, profile: PrinterProfile, rasterizer: some TextRasterizer
    ) throws(SlipPrintingError) {
        try self.init(
            SlipLayout(slip, widthDots: profile.widthDots, rasterizer: rasterizer), profile: profile,
            rasterizer: rasterizer)
    }

    /// As above, for one vacancy.
    public init(
        _ slip: VacancySlip, profile: PrinterProfile, rasterizer: some TextRasterizer
    ) throws(SlipPrintingError) {
        try self.init(
            SlipLayout(slip, widthDots: profile.widthDots, rasterizer: rasterizer), profile: profile,
            rasterizer: rasterizer)
    }

    private init(
        _ layout: SlipLayout, profile: PrinterProfile, rasterizer: some TextRasterizer
    ) throws(SlipPrintingError) {
        self.layout = layout
        var bitmap = Bitmap(widthDots: layout.widthDots, heightDots: layout.heightDots)
        for element in layout.elements {
            switch element {
            case .text(let text, let style, let box, let isWhite, _):
                try rasterizer.draw(
                    text, style: style, widthDots: box.width, x: box.x, y: box.y, black: !isWhite, into: &bitmap)
            case .filled(let box): bitmap.fill(box)
            case .outline(let box, let stroke):
                bitmap.fill(box)
                bitmap.fill(
                    DotRectangle(
                        x: box.x + stroke, y: box.y + stroke, width: box.width - 2 * stroke,
                        height: box.height - 2 * stroke), black: false)
            case .code(let code, let x, let y, let moduleDots):
                Self.draw(code, x: x, y: y, moduleDots: moduleDots, into: &bitmap)
            }
        }
        self.bitmap = bitmap
        self.profile = profile
    }

    /// - Throws: `drawingFailed`.
    public func png() throws(SlipPrintingError) -> [UInt8] { try PNGEncoder.encode(bitmap) }

    /// ESC/POS, complete with initialisation, feed and cut.
    public func printerBytes() -> [UInt8] { ESCPOSEncoder.encode(bitmap, profile: profile) }

    private static func draw(_ code: QRCode, x: Int, y: Int, moduleDots: Int, into bitmap: inout Bitmap) {
        for row in 0..<code.size {
            for column in 0..<code.size where code[row, column] {
                bitmap.fill(
                    DotRectangle(
                        x: x + (column + QRCode.quietZone) * moduleDots, y: y + (row + QRCode.quietZone) * moduleDots,
                        width: moduleDots, height: moduleDots))
            }
        }
    }
}
