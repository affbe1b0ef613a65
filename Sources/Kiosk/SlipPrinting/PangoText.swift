// One text laid out by Pango: its lines, its ink, and the glyphs that are missing.

import CPangoCairo

/// A `PangoLayout` of its own. Pango breaks lines and shapes; where each line stands is decided here, from the size
/// alone, so that a fallback font with taller lines does not move everything below it.
struct PangoText: ~Copyable {
    private let layout: OpaquePointer

    /// One line, in dots from the upper left corner of the text's box.
    struct Line {
        var text: String
        var widthDots: Int
        /// Where the ink's origin stands.
        var x: Double
        var baseline: Int
        var bottom: Int
    }

    /// A grey picture of the ink, with a margin for what sticks out of the box.
    struct Coverage: Sendable {
        var bytes: [UInt8]
        var width: Int
        var height: Int
        var stride: Int
        var margin: Int
    }

    init(_ text: String, style: TextStyle, widthDots: Int, context: OpaquePointer) throws(SlipPrintingError) {
        guard let layout = pango_layout_new(context) else {
            throw SlipPrintingError(.drawingFailed, "Pango could not lay out text")
        }
        self.layout = layout
        let font = pango_font_description_from_string(PangoTextRasterizer.family)
        pango_font_description_set_absolute_size(font, Double(style.sizeDots) * Self.unitsPerDot)
        pango_font_description_set_weight(font, style.weight == .bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL)
        pango_layout_set_font_description(layout, font)
        pango_font_description_free(font)
        pango_layout_set_width(layout, Int32(widthDots) * Int32(Self.unitsPerDot))
        pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR)
        // A negative height is a number of lines (pango_layout_set_height).
        pango_layout_set_height(layout, -Int32(style.linesMax))
        pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END)
        let alignment =
            switch style.alignment {
            case .start: PANGO_ALIGN_LEFT
            case .center: PANGO_ALIGN_CENTER
            case .end: PANGO_ALIGN_RIGHT
            }
        pango_layout_set_alignment(layout, alignment)
        var text = text
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                pango_layout_set_text(layout, $0.baseAddress, Int32($0.count))
            }
        }
    }

    deinit { g_object_unref(UnsafeMutableRawPointer(layout)) }

    var isCut: Bool { pango_layout_is_ellipsized(layout) != 0 }

    func lines(of style: TextStyle) -> [Line] {
        guard let iterator = pango_layout_get_iter(layout), let start = pango_layout_get_text(layout) else { return [] }
        defer { pango_layout_iter_free(iterator) }
        let isCut = isCut
        let count = Int(pango_layout_get_line_count(layout))
        var lines: [Line] = []
        var top = 0
        repeat {
            guard let line = pango_layout_iter_get_line_readonly(iterator) else { break }
            var ink = PangoRectangle()
            var logical = PangoRectangle()
            pango_layout_iter_get_line_extents(iterator, &ink, &logical)
            let baseline = Int(pango_layout_iter_get_baseline(iterator))
            let above = ink.height > 0 ? Self.dotsUp(baseline - Int(ink.y)) : 0
            let below = ink.height > 0 ? Self.dotsUp(Int(ink.y) + Int(ink.height) - baseline) : 0
            // The ideographic box of Noto Sans CJK: 0.88 em above the baseline, 0.12 below; half the leading on top.
            let usual = (style.pitchDots - style.sizeDots) / 2 + (style.sizeDots * 88 + 50) / 100
            let ascent = max(usual, above)
            let descent = max(style.pitchDots - usual, below)
            let text = UnsafeRawBufferPointer(
                start: start + Int(line.pointee.start_index), count: Int(line.pointee.length))
            lines.append(
                Line(
                    text: String(decoding: text, as: UTF8.self) + (isCut && lines.count == count - 1 ? "…" : ""),
                    widthDots: Self.dotsUp(Int(logical.width)), x: Double(logical.x) / Self.unitsPerDot,
                    baseline: top + ascent, bottom: top + ascent + descent))
            top += ascent + descent
        } while pango_layout_iter_next_line(iterator) != 0
        return lines
    }

    func coverage(of style: TextStyle, widthDots: Int) throws(SlipPrintingError) -> Coverage {
        let lines = lines(of: style)
        let margin = style.sizeDots / 2
        let width = widthDots + 2 * margin
        let height = (lines.last?.bottom ?? 0) + 2 * margin
        let surface = cairo_image_surface_create(CAIRO_FORMAT_A8, Int32(width), Int32(height))
        defer { cairo_surface_destroy(surface) }
        let context = cairo_create(surface)
        defer { cairo_destroy(context) }
        for (index, line) in lines.enumerated() {
            guard let drawn = pango_layout_get_line_readonly(layout, Int32(index)) else { continue }
            cairo_move_to(context, Double(margin) + line.x.rounded(), Double(margin + line.baseline))
            pango_cairo_show_layout_line(context, drawn)
        }
        cairo_surface_flush(surface)
        guard cairo_status(context) == CAIRO_STATUS_SUCCESS, let bytes = cairo_image_surface_get_data(surface) else {
            throw SlipPrintingError(.drawingFailed, String(cString: cairo_status_to_string(cairo_status(context))))
        }
        let stride = Int(cairo_image_surface_get_stride(surface))
        return Coverage(
            bytes: Array(UnsafeBufferPointer(start: bytes, count: stride * height)), width: width, height: height,
            stride: stride, margin: margin)
    }

    /// Pango marks a glyph that no font has with a flag and keeps the code point below it (pango-font.h,
    /// `PANGO_GLYPH_UNKNOWN_FLAG`).
    func unknownScalars() -> [Unicode.Scalar] {
        let unknownFlag: UInt32 = 0x1000_0000
        let invalidInput: UInt32 = 0xFFFF_FFFF
        var found: [Unicode.Scalar] = []
        for index in 0..<pango_layout_get_line_count(layout) {
            var run = pango_layout_get_line_readonly(layout, index)?.pointee.runs
            while let node = run {
                if let glyphs = node.pointee.data?.assumingMemoryBound(to: PangoGlyphItem.self).pointee.glyphs {
                    for position in 0..<Int(glyphs.pointee.num_glyphs) {
                        let glyph = glyphs.pointee.glyphs[position].glyph
                        guard glyph != invalidInput, glyph & unknownFlag != 0,
                            let scalar = Unicode.Scalar(glyph & ~unknownFlag), !found.contains(scalar)
                        else { continue }
                        found.append(scalar)
                    }
                }
                run = node.pointee.next
            }
        }
        return found
    }

    /// `PANGO_SCALE`.
    private static let unitsPerDot = 1024.0

    private static func dotsUp(_ units: Int) -> Int { (units + 1023) / 1024 }
}
