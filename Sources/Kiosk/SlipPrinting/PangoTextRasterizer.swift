// Pango and Cairo: the only code that touches fonts, by a fontconfig file of ours.

import CPangoCairo
import Synchronization

/// Sets text with Pango from the fonts that one fontconfig file names, whatever else the machine has or its user set.
///
/// Pango's font maps are not made for several threads at once; a lock lets one text through at a time (1 to 5 ms a
/// slip).
public final class PangoTextRasterizer: TextRasterizer {
    /// The family of every slip.
    public static let family = "Noto Sans CJK SC"
    /// A dot is black from this coverage on (of 255). Below one half: thin strokes of a dense character must not
    /// vanish.
    private static let blackFrom: UInt8 = 112
    /// One sample of every script a slip must be able to print; drawn once at start, because the first use of a font
    /// takes up to 600 ms where fontconfig has no cache.
    private static let warmUpText = "欢迎 AB0123 㛃𫖯䶮 ئۇيغۇر བོད་ཡིག"

    private let fonts: Mutex<Fonts>

    /// Opens the fonts and draws one sample.
    ///
    /// - Parameter fontconfigFile: path of `fonts.conf`.
    /// - Throws: `fontConfiguration`, `fontMissing`.
    public init(fontconfigFile: String) throws(SlipPrintingError) {
        fonts = Mutex(try Fonts(fontconfigFile: fontconfigFile))
        try checkFamily()
    }

    /// Draws one sample of every script. Returns the code points that cannot be drawn: fonts are missing.
    public func warmUp() throws(SlipPrintingError) -> [Unicode.Scalar] {
        for weight in [TextStyle.Weight.regular, .bold] {
            var bitmap = Bitmap(widthDots: 8, heightDots: 8)
            try draw(
                Self.warmUpText, style: TextStyle(sizeDots: 24, weight: weight, linesMax: 4), widthDots: 384, x: 0,
                y: 0,
                black: true, into: &bitmap)
        }
        return try unknownScalars(in: Self.warmUpText)
    }

    public func measure(_ text: String, style: TextStyle, widthDots: Int) throws(SlipPrintingError) -> TextMeasure {
        try withLayout(text, style: style, widthDots: widthDots) { layout throws(SlipPrintingError) in
            let lines = layout.lines(of: style)
            return TextMeasure(
                lines: lines.map(\.text), isCut: layout.isCut, widthDots: lines.map(\.widthDots).max() ?? 0,
                heightDots: lines.last.map(\.bottom) ?? 0)
        }
    }

    public func draw(
        _ text: String, style: TextStyle, widthDots: Int, x: Int, y: Int, black: Bool, into bitmap: inout Bitmap
    ) throws(SlipPrintingError) {
        let coverage = try withLayout(text, style: style, widthDots: widthDots) { layout throws(SlipPrintingError) in
            try layout.coverage(of: style, widthDots: widthDots)
        }
        for row in 0..<coverage.height {
            for column in 0..<coverage.width where coverage.bytes[row * coverage.stride + column] >= Self.blackFrom {
                bitmap[x + column - coverage.margin, y + row - coverage.margin] = black
            }
        }
    }

    public func unknownScalars(in text: String) throws(SlipPrintingError) -> [Unicode.Scalar] {
        try withLayout(text, style: TextStyle(sizeDots: 24, linesMax: 100), widthDots: 4096) {
            layout throws(SlipPrintingError) in layout.unknownScalars()
        }
    }

    private func withLayout<Value: Sendable>(
        _ text: String, style: TextStyle, widthDots: Int,
        _ body: (borrowing PangoText) throws(SlipPrintingError) -> Value
    ) throws(SlipPrintingError) -> Value {
        let result = fonts.withLock { fonts -> Result<Value, SlipPrintingError> in
            do throws(SlipPrintingError) {
                return .success(
                    try body(try PangoText(text, style: style, widthDots: widthDots, context: fonts.context)))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Fontconfig never says no, it gives the nearest font: so ask which one it gave.
    private func checkFamily() throws(SlipPrintingError) {
        let found = fonts.withLock { $0.loadedFamily(Self.family) }
        guard found == Self.family else {
            throw SlipPrintingError(
                .fontMissing,
                "font \(Self.family) is not installed (Debian package fonts-noto-cjk); found: \(found ?? "none")")
        }
    }
}

/// The font map of one fontconfig file; released with the value.
private struct Fonts: ~Copyable {
    let map: UnsafeMutablePointer<PangoFontMap>
    let context: OpaquePointer

    init(fontconfigFile: String) throws(SlipPrintingError) {
        guard let config = FcConfigCreate() else {
            throw SlipPrintingError(.fontConfiguration, "fontconfig could not start")
        }
        defer { FcConfigDestroy(config) }
        guard FcConfigParseAndLoad(config, fontconfigFile, 1) != 0, FcConfigBuildFonts(config) != 0 else {
            throw SlipPrintingError(.fontConfiguration, "cannot read the font configuration \(fontconfigFile)")
        }
        guard let map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT),
            let context = pango_font_map_create_context(map)
        else { throw SlipPrintingError(.fontConfiguration, "Pango has no FreeType fonts") }
        // PangoFcFontMap is the class behind every FreeType font map (pangofc-fontmap.h); it keeps its own reference.
        pango_fc_font_map_set_config(OpaquePointer(map), config)
        self.map = map
        self.context = context
        // Chinese forms of the characters that Japan and Korea write otherwise.
        pango_context_set_language(context, pango_language_from_string("zh-cn"))
        let options = cairo_font_options_create()
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_ON)
        cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
        pango_cairo_context_set_font_options(context, options)
        cairo_font_options_destroy(options)
    }

    deinit {
        g_object_unref(UnsafeMutableRawPointer(context))
        g_object_unref(map)
    }

    func loadedFamily(_ family: String) -> String? {
        let wanted = pango_font_description_from_string(family)
        defer { pango_font_description_free(wanted) }
        guard let font = pango_font_map_load_font(map, context, wanted) else { return nil }
        defer { g_object_unref(font) }
        guard let found = pango_font_describe(font) else { return nil }
        defer { pango_font_description_free(found) }
        return pango_font_description_get_family(found).map { String(cString: $0) }
    }
}
